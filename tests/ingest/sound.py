"""Real sound files, encoded and decoded with PyAV, and the pieces that odd files are made of."""

import struct
from pathlib import Path
from typing import Any

import av
import numpy as np

SECONDS = 12


def tone(seconds: float, rate: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return something like speech: a hum in syllables, with noise."""
    time = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(1).standard_normal(len(time))
    hum = 0.3 * np.sin(2 * np.pi * 220 * time) * (1 + np.sin(2 * np.pi * 3 * time))
    return np.asarray(hum + 0.05 * noise, dtype=np.float32)


def encode(
    path: Path,
    codec: str,
    container: str,
    *,
    seconds: float = SECONDS,
    rate: int = 44_100,
    layout: str = "mono",
    bitrate: int | None = 64_000,
    options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
    chapters: list[Any] | None = None,
) -> bytes:
    """Write a sound file of one stream and return its bytes."""
    with av.open(str(path), "w", format=container, options=options or {}) as out:
        if chapters:
            out.set_chapters(chapters)
        stream = out.add_stream(codec, rate=rate, options=codec_options or {})
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        if bitrate:
            stream.bit_rate = bitrate
        frame = av.AudioFrame.from_ndarray(tone(seconds, rate).reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = rate, 0
        context = stream.codec_context
        context.open()
        shaper = av.AudioResampler(format=context.format, layout=layout, rate=rate, frame_size=context.frame_size or 1024)
        for piece in [*shaper.resample(frame), *shaper.resample(None), None]:
            for packet in stream.encode(piece):
                out.mux(packet)
    return path.read_bytes()


def decode(path: Path, container: str) -> float:
    """Return the seconds of sound that a decoder gets out of a file, whatever is wrong with some of its packets."""
    seconds = 0.0
    with av.open(str(path), "r", format=container) as source:
        for packet in source.demux(source.streams.audio[0]):
            try:
                seconds += sum(frame.samples / frame.sample_rate for frame in packet.decode() if isinstance(frame, av.AudioFrame))
            except av.InvalidDataError:
                continue
    return seconds


def with_header(mp3: bytes, *, frames: float = 1, length: float = 1, flags: int | None = None) -> bytes:
    """Multiply what the Xing or Info header of an MP3 says of frames and bytes; ``flags`` hide them (3 is both)."""
    at = max(mp3[:4000].find(b"Xing"), mp3[:4000].find(b"Info"))
    said = struct.unpack(">III", mp3[at + 4 : at + 16])
    new = struct.pack(">III", said[0] if flags is None else flags, int(said[1] * frames), int(said[2] * length))
    return mp3[: at + 4] + new + mp3[at + 16 :]
