"""Durations by PyAV: the packets of a file are read, none is decoded, and their durations added up.

The demuxer is named, never guessed, sees an open file, never a name, and may open no other. A header of gigabytes of zeros
keeps FFmpeg busy for minutes: the sandbox has an end of that.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO, Final

import av
import av.audio.resampler
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Packets:
    """The sum of a file's packets, and what its header promises (None where it says nothing)."""

    seconds: float
    length: int
    rate: int
    channels: int
    promised: float | None


def open_audio(file: BinaryIO, media_type: str) -> InputContainer:
    """Open a file for its own demuxer; whatever names stand in it, FFmpeg has no protocol to follow them by."""
    return av.open(file, "r", format=DEMUXERS[media_type], options={"protocol_whitelist": "none"}, metadata_errors="ignore")


def evened(frames: Iterable[av.AudioFrame], sample: str | None = None) -> Iterator[av.AudioFrame]:
    """Yield sound with the rate and the channels of the first frame, in these samples or in its own: a file that was joined may change."""
    form: tuple[Any, ...] | None = None
    shaper = None
    for frame in frames:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        form = form or (sample or shape[0], *shape[1:])
        if shape == form:
            yield frame
            continue
        if shaper is None or shaper[0] != shape:
            shaper = shape, av.AudioResampler(*form)
        yield from shaper[1].resample(frame)


def read_packets(file: BinaryIO, media_type: str) -> Packets:
    """Add up the packets of the one audio stream. Refused for video, no audio, or what FFmpeg cannot read."""
    try:
        with open_audio(file, media_type) as container:
            return _add_up(container, promises=media_type in _HEADED)
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        hint = "It is damaged or was not copied whole: copy or export it anew."
        raise Refused(f"cannot be read as {media_type}: {reason}", hint=hint) from error


def _add_up(container: InputContainer, *, promises: bool) -> Packets:
    if any(not _is_cover(stream.disposition) for stream in container.streams.video):
        raise Refused("is a video", hint="Export its sound alone, as MP3 or M4A.")
    if not container.streams.audio:
        raise Refused("holds no audio", hint="Export it anew, as MP3 or M4A.")
    stream = container.streams.audio[0]
    # PyAV says otherwise, but there is none for a codec that FFmpeg does not know.
    if stream.codec_context is None:
        raise Refused("holds audio of a kind that nobody can decode", hint="Export it anew, as MP3 or M4A.")
    ticks = length = 0
    try:
        for packet in container.demux(stream):
            ticks += packet.duration or 0
            length += packet.size
    except (av.FFmpegError, OSError):
        pass  # The rest is damaged: what was read so far counts, and is compared with the promise.
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
