"""Chapters into an MP4 and out of it: a list and a track of chapters, as Apple's players read them. For the sandbox."""

from fractions import Fraction
from typing import Any, BinaryIO, Final

import av

from podcast.formats.chapters import is_position, spans
from podcast.formats.text import clean
from podcast.model import Chapter

from .demux import open_audio

_MOST: Final = 1000
_LONGEST: Final = 255


def read_track(file: BinaryIO) -> tuple[Chapter, ...]:
    """Return the chapters of an MP4 that has them in a track alone, as Apple's programs write it: mutagen reads only the list."""
    with open_audio(file, "audio/x-m4a") as container:
        marks = [
            (float(mark["start"] * (mark["time_base"] or 1)), mark["metadata"].get("title", "")) for mark in container.chapters()[:_MOST]
        ]
    found = [Chapter(start=round(start, 3), title=clean(title, limit=_LONGEST)) for start, title in marks if is_position(start)]
    return without_zero(tuple(sorted(found, key=lambda chapter: chapter.start)))


def remux(source: BinaryIO, target: BinaryIO, chapters: tuple[Chapter, ...], duration: int) -> None:
    """Copy the audio packets of an MP4, unchanged, into another one with these chapters; its index stands in front, to play at once."""
    with open_audio(source, "audio/x-m4a") as old:
        audio = old.streams.audio[0]
        # Four bytes of index for each packet, one more for odd ones; the muxer refuses where that is too little.
        room = 5 * (audio.frames or 1_000_000) + 512 * len(chapters) + 65_536
        with av.open(target, "w", format="ipod", options={"moov_size": str(room)}) as new:
            new.set_chapters([_mark(number, chapter, end) for number, (chapter, end) in enumerate(spans(chapters, duration))])
            stream = new.add_stream_from_template(audio)
            for packet in old.demux(audio):
                if packet.dts is not None:
                    packet.stream = stream
                    new.mux(packet)


def from_zero(chapters: tuple[Chapter, ...]) -> tuple[Chapter, ...]:
    """Return the chapters as a track holds them, which begins with the sound: with one that says nothing where none begins there."""
    return (Chapter(start=0.0), *chapters) if chapters and chapters[0].start else chapters


def without_zero(chapters: tuple[Chapter, ...]) -> tuple[Chapter, ...]:
    """Return the chapters without one that only fills the time before the first."""
    return chapters[1:] if chapters and not (chapters[0].start or chapters[0].title) else chapters


def _mark(number: int, chapter: Chapter, end: float) -> Any:  # noqa: ANN401 - a dictionary that PyAV names in its stubs alone
    return {
        "id": number,
        "start": round(chapter.start * 1000),
        "end": round(end * 1000),
        "time_base": Fraction(1, 1000),
        "metadata": {"title": chapter.title},
    }
