"""Chapters into an MP4: its packets, unchanged, in a container with a list and a track of chapters, as Apple's players read them."""

from fractions import Fraction
from typing import Any, BinaryIO

import av

from podcast.formats.chapters import spans
from podcast.model import Chapter

from .demux import open_audio


def remux(source: BinaryIO, target: BinaryIO, chapters: tuple[Chapter, ...], duration: int) -> None:
    """Copy the audio packets of an MP4 into another one with these chapters; the index stands in front, so that it plays at once."""
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


def _mark(number: int, chapter: Chapter, end: float) -> Any:  # noqa: ANN401 - a dictionary that PyAV names in its stubs alone
    return {
        "id": number,
        "start": round(chapter.start * 1000),
        "end": round(end * 1000),
        "time_base": Fraction(1, 1000),
        "metadata": {"title": chapter.title},
    }
