"""Whether this machine's FFmpeg can do what publishing asks of it, tried on a moment of silence."""

import io
from typing import Final

import av

#: Codec, the encoder that we try it with, the container, and a rate that the encoder takes.
_CODECS: Final = (("mp3", "libmp3lame", "mp3", 44_100), ("aac", "aac", "adts", 44_100), ("opus", "libopus", "ogg", 48_000))


def missing_codecs() -> list[str]:
    """Return the codecs, of mp3, aac and opus, that cannot be encoded and decoded here."""
    return [codec for codec, encoder, container, rate in _CODECS if not _works(encoder, container, rate)]


def _works(encoder: str, container: str, rate: int) -> bool:
    try:
        buffer = io.BytesIO()
        with av.open(buffer, "w", format=container) as output:
            stream = output.add_stream(encoder, rate=rate, layout="mono")
            assert isinstance(stream, av.AudioStream)  # noqa: S101 - the types cannot know which encoder it is
            resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or 1024)
            for part in (*resampler.resample(_silence(rate)), *resampler.resample(None)):
                output.mux(stream.encode(part))
            output.mux(stream.encode(None))
        buffer.seek(0)
        with av.open(buffer, "r") as written:
            return sum(frame.samples for frame in written.decode(audio=0)) > 0
    except (av.FFmpegError, ValueError):
        return False


def _silence(rate: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=rate // 10)
    frame.sample_rate = rate
    frame.planes[0].update(bytes(frame.planes[0].buffer_size))
    return frame
