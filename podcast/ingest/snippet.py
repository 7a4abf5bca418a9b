"""A span of an audio file, decoded and with soft ends: for the sandbox."""

import io
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import chain
from typing import BinaryIO, Final

import av
import av.audio.resampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from pydub import AudioSegment

from .demux import evened, open_audio
from .excerpt import FADE_IN, FADE_OUT
from .refusal import Refused

RATE: Final = 44_100
_SPEECH: Final = 16_000
#: Bytes of a sample, left and right.
STEREO: Final = 4
#: Bytes that are encoded at once.
_BLOCK: Final = 1 << 20


def cut(file: BinaryIO, *, media_type: str, start: float, length: float) -> bytes:
    """Return ``length`` seconds from ``start`` on as MP3 with soft ends; less where the audio ends before."""
    sound = soften(decode(file, media_type, start, length))
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as output:
        stream = output.add_stream("libmp3lame", rate=RATE, layout="stereo")
        stream.bit_rate = 128_000
        resampler = av.AudioResampler(format="s16p", layout="stereo", rate=RATE, frame_size=1152)
        encode(output, stream, sound, resampler)
    return buffer.getvalue()


def speech(file: BinaryIO, target: BinaryIO, *, media_type: str) -> None:
    """Write the whole of a file as MP3 of one channel, 16 kHz and 32 kbit/s, which is all that a listener to words needs."""
    with (
        open_audio(file, media_type) as container,
        av.open(target, "w", format="mp3") as output,
    ):
        stream = output.add_stream("libmp3lame", rate=_SPEECH, layout="mono")
        stream.bit_rate = 32_000
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=_SPEECH, frame_size=576)
        for frame in chain(evened(_frames(container)), (None,)):
            for part in resampler.resample(frame):
                output.mux(stream.encode(part))
        output.mux(stream.encode(None))


def _frames(container: InputContainer) -> Iterator[av.AudioFrame]:
    """Decode all that can be; a damaged packet is left out."""
    for packet in container.demux(container.streams.audio[0]):
        with suppress(av.InvalidDataError):
            yield from packet.decode()


def decode(file: BinaryIO, media_type: str, start: float, length: float) -> bytearray:
    """Return the span as 16-bit stereo; Refused where there is nothing in it."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
    wanted, first, sound = int(length * RATE) * STEREO, None, bytearray()
    try:
        with open_audio(file, media_type) as container:
            # Seeking lands before the start, so what comes too early is cut off.
            container.seek(int(start * av.time_base))
            for frame in evened(_frames(container)):
                first = frame.time if first is None else first
                early = int(max(start - (first or 0.0), 0.0) * RATE) * STEREO
                for part in resampler.resample(frame):
                    sound += part.to_ndarray().tobytes()
                if len(sound) >= early + wanted:
                    break
    except av.FFmpegError as error:
        raise Refused(f"cannot be read there: {error.strerror}", hint="Give the file again: podcast replace EPISODE FILE") from error
    early = int(max(start - (first or 0.0), 0.0) * RATE) * STEREO
    del sound[:early], sound[wanted:]
    if not sound:
        raise Refused(f"holds nothing to hear from {start:g} s on", hint="It ends before: see `podcast view`.")
    return sound


def soften(sound: bytearray) -> bytearray:
    """Fade a sound in and out, in its place: ten minutes of it are 106 MB."""
    head, tail = round(FADE_IN * RATE) * STEREO, round(FADE_OUT * RATE) * STEREO
    sound[:head] = _segment(sound[:head]).fade_in(round(FADE_IN * 1000)).raw_data
    sound[-tail:] = _segment(sound[-tail:]).fade_out(round(FADE_OUT * 1000)).raw_data
    return sound


def _segment(sound: bytearray) -> AudioSegment:
    return AudioSegment(bytes(sound), sample_width=2, frame_rate=RATE, channels=2)


def _as_frames(sound: bytearray) -> Iterator[av.AudioFrame]:
    """Yield a sound as FFmpeg takes it."""
    for at in range(0, len(sound), _BLOCK):
        part = bytes(sound[at : at + _BLOCK])
        frame = av.AudioFrame(format="s16", layout="stereo", samples=len(part) // STEREO)
        frame.sample_rate, frame.pts, frame.time_base = RATE, at // STEREO, Fraction(1, RATE)
        frame.planes[0].update(part)
        yield frame


def encode(output: OutputContainer, stream: AudioStream, sound: bytearray, resampler: av.AudioResampler) -> None:
    """Write a sound into a stream, to its end."""
    for frame in chain(_as_frames(sound), (None,)):
        for part in resampler.resample(frame):
            output.mux(stream.encode(part))
    output.mux(stream.encode(None))
