"""The facts about an audio file, measured on all of it.

When is a file truncated, and when is only its header wrong? A header (Xing, Info or VBRI; MP4's index; FLAC's
STREAMINFO; WAV's and AIFF's chunk sizes) promises a duration; the walk finds one.

- It finds as much or more: the file is whole. Much more means that files were joined or edited behind the header's
  back, which deserves a warning, since players show what the header says.
- It finds less, by more than 2 % and 2 s: the file is truncated and refused, with one exception.
- The exception: an MP3's header also promises bytes. Where the file holds those, nothing is missing, and the number of
  frames is what is wrong; that is a warning too.
- An MP3 of several joined files has several headers; their promises are added up. A header of all zeros, one that says
  "not known" (a WAV that was streamed), and an MP3 without a header and ADTS promise nothing.
- Ogg promises nothing, but marks its last page; where the mark is missing there is a warning.
"""

import os
from collections.abc import Callable
from mmap import ACCESS_READ, mmap
from typing import BinaryIO, Final

from podcast.model import format_duration

from . import containers, mp3, ogg, sniff
from .demux import read_packets
from .media import Facts, Media, Tags
from .refusal import Refused
from .tags import read_tags

_SHARE: Final = 0.02
_SECONDS: Final = 2.0
_LONGEST: Final = 24 * 3600
#: More than a tag's padding that was counted wrongly.
_JUNK: Final = 4096


def probe(file: BinaryIO, *, tags: bool = True, progress: Callable[[int], None] = lambda _: None) -> Media:
    """Measure an audio file that nobody changes meanwhile, and read its tags; Refused for all else. For the sandbox.

    ``progress`` is called when the facts are there.
    """
    if not os.fstat(file.fileno()).st_size:
        raise Refused("is empty", hint="Export or copy it anew.")
    with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        media_type = sniff.media_type(data)
        facts = _MEASURES.get(media_type, _measure_packets)(data, file, media_type)
        if facts.seconds <= 0 or facts.sample_rate <= 0:
            raise Refused("holds no audio", hint="Export or copy it anew.")
        if facts.seconds > _LONGEST:
            raise Refused(f"says that it lasts {facts.seconds / 3600:,.0f} hours, as no episode does", hint="Cut it into parts.")
        progress(1)
        return Media(facts=facts, tags=read_tags(file, media_type) if tags else Tags())


def _measure_mp3(data: mmap, _file: BinaryIO, media_type: str) -> Facts:
    found = mp3.walk(data)
    if found is None:
        raise Refused("holds no MP3 frames", hint="Export it anew.")
    durations = [promise.seconds for promise in found.promises if promise.seconds]
    promised = sum(durations) if durations else None
    lengths = [promise.length for promise in found.promises if promise.length]
    is_whole = bool(lengths) and found.length >= sum(lengths) * (1 - _SHARE)
    if not is_whole:
        refuse_truncated(promised, found.seconds)
    return Facts(
        media_type=media_type,
        duration=round(found.seconds),
        seconds=found.seconds,
        bitrate=found.bitrate,
        sample_rate=found.rate,
        channels=found.channels,
        promised=promised,
        warnings=tuple(_doubts_of_mp3(found, promised)),
    )


def _doubts_of_mp3(found: mp3.Walk, promised: float | None) -> list[str]:
    doubts = []
    if promised and _differs(promised, found.seconds):
        said, held = format_duration(round(promised)), format_duration(round(found.seconds))
        doubts.append(f"its header says {said}, it holds {held}: players may show the wrong time")
    if not found.constant and not found.promises:
        doubts.append("it has a variable bitrate and no header to seek by: players will show a wrong time and seek wrongly; export it anew")
    elif not found.constant:
        doubts.append("it has a variable bitrate: many players seek imprecisely; a constant bitrate is better")
    if found.junk_before > _JUNK:
        doubts.append(f"{found.junk_before:,} bytes in front of the audio are no audio")
    if found.junk_between > _JUNK:
        doubts.append(f"{found.junk_between:,} bytes in mid-file are no audio")
    if found.parts > 1:
        doubts.append(f"it was joined from {found.parts} parts, or is damaged: some players stop at a join; export it anew")
    return doubts


def _measure_ogg(data: mmap, _file: BinaryIO, media_type: str) -> Facts:
    found = ogg.walk(data)
    if found is None:
        raise Refused("holds no Ogg audio", hint="Publish Opus or Vorbis in Ogg, MP3 or M4A.")
    longest = max(found.streams, key=lambda stream: stream.seconds)
    doubts = []
    if not found.ended:
        doubts.append("it ends without the mark of its last page: it may not have been copied whole")
    if len(found.streams) > 1:
        doubts.append(f"it was joined from {len(found.streams)} streams: some players stop at a join; export it anew")
    return _from_sum(media_type, found.seconds, found.length, longest.rate, longest.channels, None, doubts)


def _measure_packets(data: mmap, file: BinaryIO, media_type: str) -> Facts:
    size = containers.check(data, media_type)
    found = read_packets(file, media_type)
    promised = found.promised
    if media_type == "audio/wav":
        # FFmpeg cuts what a WAV's header says down to the size of the file.
        promised = found.seconds * size / found.length if size and found.length else None
    refuse_truncated(promised, found.seconds)
    return _from_sum(media_type, found.seconds, found.length, found.rate, found.channels, promised, [])


def _from_sum(media_type: str, seconds: float, length: int, rate: int, channels: int, promised: float | None, doubts: list[str]) -> Facts:
    return Facts(
        media_type=media_type,
        duration=round(seconds),
        seconds=seconds,
        bitrate=round(length * 8 / seconds) if seconds > 0 else 0,
        sample_rate=rate,
        channels=channels,
        promised=promised,
        warnings=tuple(doubts),
    )


def refuse_truncated(promised: float | None, found: float) -> None:
    """Refuse a file that holds less than its header promises."""
    if promised and promised > found and _differs(promised, found):
        raise Refused(
            f"is truncated: its header promises {format_duration(round(promised))}, the file holds {format_duration(round(found))}",
            hint="Copy or export it again, whole. Where it is all there is, remux it: ffmpeg -i IN -c copy OUT",
        )


def _differs(promised: float, found: float) -> bool:
    return abs(promised - found) > max(_SECONDS, promised * _SHARE)


_MEASURES: Final = {"audio/mpeg": _measure_mp3, "audio/ogg": _measure_ogg}
