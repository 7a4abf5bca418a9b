"""What other programs wrote into the tags of a recording, taken along into what is produced from it. For the sandbox."""

# mutagen is typed in part.
# mypy: allow-untyped-calls

from typing import Any, BinaryIO, Final

from mutagen import MutagenError
from mutagen.aiff import AIFF
from mutagen.id3 import ID3
from mutagen.oggopus import OggOpus
from mutagen.wave import WAVE

#: Frames that are about the sound as it was: its encoder, its length, its places.
_OF_THE_SOUND: Final = ("TSSE", "TENC", "TLEN", "TDEN", "MLLT", "SYLT", "ETCO", "ASPI", "CTOC")
_READERS: Final[dict[str, Any]] = {"audio/mpeg": ID3, "audio/wav": WAVE, "audio/aiff": AIFF, "audio/ogg": OggOpus}


def carry(source: BinaryIO, target: BinaryIO, *, media_type: str, shift: float, begins: float) -> bool:
    """Put the ID3 tag of a recording, be it an MP3, a WAV or an AIFF, into an MP3 that has none; False where there is none.

    Its chapters, which may have pictures, begin as :func:`podcast.ingest.timeline.move_chapters` has it.
    """
    found = _read(source, media_type)
    if not isinstance(found, ID3):
        return False
    tags = ID3()  # That of a WAV or AIFF would write a chunk.
    for frame in found.values():
        tags.add(frame)
    for name in (*_OF_THE_SOUND, *_of_loudness(tags)):
        tags.delall(name)
    marks = {}
    for mark in sorted(tags.getall("CHAP"), key=lambda frame: frame.start_time):
        mark.start_time = round(1000 * max(mark.start_time / 1000 + shift, begins))
        marks[mark.start_time] = mark
    tags.setall("CHAP", list(marks.values()))
    tags.save(target)
    return True


def forget_loudness(file: BinaryIO, *, media_type: str) -> bool:
    """Take out of the tags of an MP3 or Opus what they say of its loudness, which is another now; False where they say nothing."""
    tags = _read(file, media_type)
    old = _of_loudness(tags) if tags else []
    for key in old:
        del tags[key]
    file.seek(0)
    if old and isinstance(tags, ID3):
        is_old = tags.version[1] == 3
        if is_old:
            tags.update_to_v23()
        tags.save(file, v2_version=3 if is_old else 4)
    elif old:
        tags.save(file)
    return bool(old)


def _read(file: BinaryIO, media_type: str) -> Any:  # noqa: ANN401 - one of mutagen's kinds of tags
    if media_type not in _READERS:
        return None
    try:
        found = _READERS[media_type](file)
    except MutagenError:
        return None
    return found.tags if isinstance(found, WAVE | AIFF) else found


def _of_loudness(tags: Any) -> list[str]:  # noqa: ANN401
    return [key for key in tags if key.startswith("RVA2") or key.lower().removeprefix("txxx:").startswith(("replaygain_", "r128_"))]
