"""Durations by PyAV: the packets of a file are read, none is decoded, and their durations added up.

The demuxer is named, never guessed, and sees an open file, never a name; reading ends at a deadline, since a header of
gigabytes of zeros keeps FFmpeg busy for minutes.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO, Final

import av
import av.subtitles.stream  # PyAV imports it when it opens a file; in the sandbox it would be too late.
from av.container import InputContainer
from av.stream import Disposition

from .refusal import Refused

DEMUXERS: Final = {
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/x-m4a": "mov",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/aiff": "aiff",
    "audio/aac": "aac",
}
#: ADTS has no header of the whole file; FFmpeg then makes up a duration from the first frames.
_HEADED: Final = {"audio/x-m4a", "audio/flac", "audio/aiff"}
_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Packets:
    """The sum of a file's packets, and what its header promises (None where it says nothing)."""

    seconds: float
    length: int
    rate: int
    channels: int
    promised: float | None


class _Hurried:
    """A file that seems to end at a deadline. (PyAV prints an exception that is raised here, and FFmpeg reads on.)"""

    def __init__(self, file: BinaryIO, clock: Callable[[], float]) -> None:
        self._file, self._clock, self._end = file, clock, clock() + _SECONDS
        self.seek, self.tell = file.seek, file.tell

    @property
    def late(self) -> bool:
        return self._clock() > self._end

    def read(self, size: int = -1) -> bytes:
        return b"" if self.late else self._file.read(size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


def read_packets(file: BinaryIO, media_type: str, clock: Callable[[], float] = time.monotonic) -> Packets:
    """Add up the packets of the one audio stream. Refused for video, no audio, or what FFmpeg cannot read."""
    hurried = _Hurried(file, clock)
    try:
        with av.open(hurried, "r", format=DEMUXERS[media_type], metadata_errors="ignore") as container:
            return _add_up(container, hurried, promises=media_type in _HEADED)
    except (av.FFmpegError, OSError, ValueError) as error:
        if hurried.late:
            raise _too_slow() from error
        reason = getattr(error, "strerror", None) or error
        hint = "It is damaged or was not copied whole: copy or export it anew."
        raise Refused(f"cannot be read as {media_type}: {reason}", hint=hint) from error


def _add_up(container: InputContainer, hurried: _Hurried, *, promises: bool) -> Packets:
    if any(not _is_cover(stream.disposition) for stream in container.streams.video):
        raise Refused("is a video", hint="Export its sound alone, as MP3 or M4A.")
    if not container.streams.audio:
        raise Refused("holds no audio", hint="Export it anew, as MP3 or M4A.")
    stream = container.streams.audio[0]
    ticks = length = 0
    try:
        for number, packet in enumerate(container.demux(stream)):
            ticks += packet.duration or 0
            length += packet.size
            if number % 4096 == 0 and hurried.late:
                break
    except (av.FFmpegError, OSError):
        pass  # The rest is damaged: what was read so far counts, and is compared with the promise.
    if hurried.late:
        raise _too_slow()
    unit = stream.time_base or Fraction(1)
    promised = float(stream.duration * unit) if promises and stream.duration else None
    return Packets(
        seconds=float(ticks * unit),
        length=length,
        rate=stream.codec_context.sample_rate,
        channels=stream.codec_context.channels,
        promised=promised,
    )


def _is_cover(disposition: Disposition) -> bool:
    return bool(disposition & (Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image))


def _too_slow() -> Refused:
    return Refused(f"takes longer than {_SECONDS:.0f} seconds to read, as no sound file does", hint="Export it anew, as MP3 or M4A.")
