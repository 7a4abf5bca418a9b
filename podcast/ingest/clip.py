"""A short clip of an episode, with soft ends: for a social post, or to hear where a chapter begins."""

import io
from pathlib import Path
from typing import Final

import av
from pydub import AudioSegment

from podcast.errors import MediaError, UsageError

from .demux import DEMUXERS

#: Seconds; pydub holds all of a clip in memory, 10 minutes being 106 MB.
LONGEST: Final = 600.0
_RATE: Final = 44_100
_FADE_IN, _FADE_OUT = 50, 300


def cut_clip(path: Path, media_type: str, start: float, length: float) -> bytes:
    """Return ``length`` seconds from ``start`` on as MP3 with soft ends; less where the audio ends before.

    UsageError for a span that makes no sense, MediaError where there is nothing to hear in it.
    """
    if not (0 < length <= LONGEST and start >= 0):
        raise UsageError(f"A clip of {length:g} s from {start:g} s on cannot be cut.", hint=f"Take up to {LONGEST:.0f} seconds.")
    try:
        sound = _decode(path, media_type, start, length)
        if not sound:
            raise MediaError(f"There is nothing to hear from {start:g} s on.", hint="The audio ends before: see `podcast view`.")
        segment = AudioSegment(sound, sample_width=2, frame_rate=_RATE, channels=2)
        return _encode(segment.fade_in(_FADE_IN).fade_out(_FADE_OUT).raw_data)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(
            f"The audio cannot be read: {error.strerror}.", hint="Give the file again: podcast replace EPISODE FILE"
        ) from error


def _decode(path: Path, media_type: str, start: float, length: float) -> bytes:
    """Return the span as 16-bit stereo; seeking lands before the start, so what comes too early is cut off."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=_RATE)
    wanted, first, sound = int(length * _RATE) * 4, None, bytearray()
    with path.open("rb") as file, av.open(file, "r", format=DEMUXERS[media_type], metadata_errors="ignore") as container:
        container.seek(int(start * av.time_base))
        for frame in container.decode(audio=0):
            first = frame.time if first is None else first
            early = int(max(start - (first or 0.0), 0.0) * _RATE) * 4
            for part in resampler.resample(frame):
                sound += part.to_ndarray().tobytes()
            if len(sound) >= early + wanted:
                break
    early = int(max(start - (first or 0.0), 0.0) * _RATE) * 4
    return bytes(sound[early : early + wanted])


def _encode(sound: bytes) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as output:
        stream = output.add_stream("libmp3lame", rate=_RATE, layout="stereo")
        stream.bit_rate = 128_000
        frame = av.AudioFrame(format="s16", layout="stereo", samples=len(sound) // 4)
        frame.sample_rate = _RATE
        frame.planes[0].update(sound)
        resampler = av.AudioResampler(format="s16p", layout="stereo", rate=_RATE, frame_size=1152)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return buffer.getvalue()
