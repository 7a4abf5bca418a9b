"""A clip to look at, square: cover, title, and a waveform that fills as it is heard. For the sandbox.

The words come drawn already: to draw them takes the system's fonts, and no file can be opened here.
"""

import io
from base64 import b64encode
from collections.abc import Callable
from fractions import Fraction
from typing import BinaryIO, Final
from xml.sax.saxutils import escape

import av
import av.audio.resampler
import av.video.reformatter
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageStat, JpegImagePlugin, PngImagePlugin  # noqa: F401 - nothing can be imported while a picture is read

from .snippet import RATE, decode, encode, soften

SIDE: Final = 1080
#: Left and top of the words.
_WORDS: Final = (80, 690)
_COVER, _COVER_TOP = 560, 90
_LEFT, _MIDDLE, _TALL = 80, 960, 120
_BAR, _STEP = 8, 12
_BARS: Final = (SIDE - 2 * _LEFT) // _STEP
_FRAMES: Final = 15
#: The first that is there; every device plays H.264.
_CODECS: Final = ("libx264", "libopenh264", "mpeg4")
_DIM, _LIT = (255, 255, 255, 90), (255, 255, 255, 255)


def film(
    file: BinaryIO, *, media_type: str, start: float, length: float, cover: bytes, words: bytes, progress: Callable[[int], None]
) -> bytes:
    """Return the span of a file as MP4; ``cover`` is a JPEG or PNG, ``words`` a PNG of white on black.

    ``progress`` gets the seconds that were made since its last call.
    """
    sound = soften(decode(file, media_type, start, length))
    ground, bars = _ground(cover, words), _bars(sound)
    picture, heard = (_in_yuv(_with_bars(ground, bars, colour)) for colour in (_DIM, _LIT))
    count = -(-len(sound) // 4 * _FRAMES // RATE)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as output:
        codec = next(name for name in _CODECS if name in av.codecs_available)
        video = output.add_stream(codec, rate=_FRAMES)
        video.width = video.height = SIDE
        video.pix_fmt = "yuv420p"
        video.bit_rate = 1_000_000
        video.options = {"preset": "veryfast", "tune": "stillimage"} if codec == "libx264" else {}
        audio = output.add_stream("aac", rate=RATE, layout="stereo")
        audio.bit_rate = 128_000
        for number in range(count):
            half = (_LEFT + round((SIDE - 2 * _LEFT) * number / count)) // 2
            picture[:SIDE, : 2 * half] = heard[:SIDE, : 2 * half]
            _colours(picture)[:, :, :half] = _colours(heard)[:, :, :half]
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, _FRAMES)
            output.mux(video.encode(frame))
            progress(int(number % _FRAMES == _FRAMES - 1))
        output.mux(video.encode(None))
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE, frame_size=1024)
        encode(output, audio, sound, resampler)
    return buffer.getvalue()


def drawing(file: BinaryIO, *, media_type: str, start: float, length: float, cover: bytes, words: bytes, title: str) -> bytes:
    """Return the same as SVG without the sound, whose waveform fills in the time that the clip takes."""
    sound = decode(file, media_type, start, length)
    bars = _bars(sound)
    out = io.BytesIO()
    _with_bars(_ground(cover, words), bars, _DIM).save(out, "JPEG", quality=85)
    lit = "".join(f"M{left} {_MIDDLE - half}h{_BAR}v{2 * half}h-{_BAR}z" for left, half in bars)
    seconds = len(sound) / 4 / RATE
    grow = f'<animate attributeName="width" from="0" to="{SIDE - 2 * _LEFT}" dur="{seconds:.2f}s" fill="freeze"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" role="img"><title>{escape(title)}</title>'
        f'<image width="{SIDE}" height="{SIDE}" href="data:image/jpeg;base64,{b64encode(out.getvalue()).decode()}"/>'
        f'<clipPath id="heard"><rect x="{_LEFT}" width="0" height="{SIDE}">{grow}</rect></clipPath>'
        f'<path clip-path="url(#heard)" fill="#fff" d="{lit}"/></svg>\n'
    ).encode()


def _ground(cover: bytes, words: bytes) -> Image.Image:
    """Return cover and words on a dark ground of the cover's colour."""
    with Image.open(io.BytesIO(cover), formats=("JPEG", "PNG")) as picture, Image.open(io.BytesIO(words), formats=("PNG",)) as text:
        picture.draft("RGB", (_COVER, _COVER))
        square = picture.convert("RGB")
        square.thumbnail((_COVER, _COVER), Image.Resampling.LANCZOS)
        mean = ImageStat.Stat(square).mean
        # Dark enough for white words on any cover.
        dark = min(1.0, 60 / max(*mean, 1.0))
        ground = Image.new("RGB", (SIDE, SIDE), tuple(round(part * dark) for part in mean))
        ground.paste(square, ((SIDE - square.width) // 2, _COVER_TOP + (_COVER - square.height) // 2))
        ground.paste("white", _WORDS, text.convert("L"))
    return ground


def _in_yuv(picture: Image.Image) -> NDArray[np.uint8]:
    """Return a picture as H.264 takes it: its brightness, then two planes of colour of half its size."""
    frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24").reformat(format="yuv420p")
    return np.ascontiguousarray(frame.to_ndarray(), dtype=np.uint8)


def _colours(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return picture[SIDE:].reshape(2, SIDE // 2, SIDE // 2)


def _bars(sound: bytearray) -> list[tuple[int, int]]:
    """Return the waveform: left edge of each bar, and half its height."""
    samples = np.abs(np.frombuffer(sound, np.int16).astype(np.int32))
    loud = np.array([part.max(initial=0) for part in np.array_split(samples, _BARS)]) / max(int(samples.max(initial=0)), 1)
    return [(_LEFT + number * _STEP, max(round(part * _TALL / 2), _BAR // 2)) for number, part in enumerate(loud.tolist())]


def _with_bars(ground: Image.Image, bars: list[tuple[int, int]], colour: tuple[int, int, int, int]) -> Image.Image:
    picture = ground.copy()
    draw = ImageDraw.Draw(picture, "RGBA")
    for left, half in bars:
        draw.rectangle((left, _MIDDLE - half, left + _BAR - 1, _MIDDLE + half - 1), colour)
    return picture
