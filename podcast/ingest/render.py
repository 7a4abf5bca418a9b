"""The making of a file's sound: decoded, filtered, joined with what goes in front and behind, limited, encoded. For the sandbox.

All of it flows in blocks, so that hours take no more memory than minutes. Blocks are arrays of floats, channels by samples.
"""

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, BinaryIO, Final

import av
import av.filter
import msgspec
import numpy as np
from numpy.typing import NDArray

from .demux import open_audio
from .refusal import Refused

Block = NDArray[Any]

#: Frames that are pushed before any is pulled: to pull from an empty graph is an exception.
_PUSHES: Final = 32
#: Samples of a frame that goes into a graph.
_FRAME: Final = 4096
#: Seconds of sound between two reports.
_REPORT: Final = 10
_RATES: Final = (44_100, 48_000, 32_000)
#: Seconds of the longest file that we take.
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Codec:
    """How libav calls an encoder, its container and the samples that it takes, so many at once."""

    encoder: str
    container: str
    media_type: str
    samples: str
    frame: int
    options: dict[str, str] = field(default_factory=dict)


_CODECS: Final = {
    "mp3": _Codec(encoder="libmp3lame", container="mp3", media_type="audio/mpeg", samples="fltp", frame=1152),
    "aac": _Codec(encoder="aac", container="ipod", media_type="audio/x-m4a", samples="fltp", frame=1024),
    "opus": _Codec(encoder="libopus", container="ogg", media_type="audio/ogg", samples="flt", frame=960, options={"vbr": "constrained"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One of the files that are joined: seconds of it that are used, gain in dB, Hz below which nothing is kept."""

    media_type: str
    start: float = 0.0
    end: float | None = None
    gain: float = 0.0
    highpass: int | None = None
    denoise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is made of the pieces, in their order."""

    pieces: tuple[Piece, ...]
    rate: int
    channels: int
    #: Seconds by which neighbours overlap.
    crossfade: float = 0.0
    #: dB, on all of it.
    gain: float = 0.0
    #: dBTP that no peak may pass; None for no limiter.
    ceiling: float | None = None
    #: Bits per second; of a variable bitrate about so many.
    bitrate: int = 128_000
    constant: bool = True
    codec: str = "mp3"

    @property
    def media_type(self) -> str:
        """Return the type of what is encoded."""
        return _CODECS[self.codec].media_type

    @property
    def layout(self) -> str:
        """Return the layout as libav names it."""
        return "mono" if self.channels == 1 else "stereo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of a recipe: its loudness in LUFS where that was measured."""

    seconds: float
    loudness: float | None


def rate_for(rate: int) -> int:
    """Return the rate that MP3 has for a recording of some rate: the same, or the whole part of it.

    >>> rate_for(96_000), rate_for(44_100), rate_for(22_050), rate_for(11_025)
    (48000, 44100, 44100, 44100)
    """
    return rate if rate in _RATES else 48_000 if rate % 8000 == 0 else 44_100


def rehearse(*files: BinaryIO, recipe: Mapping[str, Any], progress: Callable[[int], None]) -> Made:
    """Go through a recipe without encoding, and measure how loud it becomes."""
    wanted = msgspec.convert(recipe, Recipe)
    seconds, loudness = 0.0, None
    for frame in _counted(_sounding(files, wanted, measured=True), progress):
        seconds += frame.samples / frame.sample_rate
        said = frame.metadata.get("lavfi.r128.I")
        loudness = float(said) if said else loudness
    return Made(seconds=seconds, loudness=loudness)


def encode(*files: BinaryIO, recipe: Mapping[str, Any], progress: Callable[[int], None]) -> Made:
    """Write a recipe, encoded, into the last of the files, an empty one."""
    *sources, target = files
    wanted = msgspec.convert(recipe, Recipe)
    sound = _sounding(tuple(sources), wanted, measured=False, after=_loss(wanted))
    return Made(seconds=_write(target, _counted(sound, progress), wanted), loudness=None)


def _write(target: BinaryIO, sound: Iterable[av.AudioFrame], recipe: Recipe) -> float:
    """Write a file with a header that says how long it is, and return its seconds."""
    samples, at, codec = 0, 0, _CODECS[recipe.codec]
    with av.open(target, "w", format=codec.container, options=_of_container(recipe)) as output:
        options = {"abr": "1"} if recipe.codec == "mp3" and not recipe.constant else codec.options
        stream = output.add_stream(codec.encoder, rate=recipe.rate, layout=recipe.layout, options=options)
        assert isinstance(stream, av.AudioStream)  # noqa: S101 - the types cannot know which encoder it is
        stream.bit_rate = recipe.bitrate
        shaper = av.AudioResampler(format=codec.samples, layout=recipe.layout, rate=recipe.rate, frame_size=codec.frame)
        for frame in chain(sound, (None,)):
            samples += frame.samples if frame else 0
            for part in shaper.resample(frame):
                # An MP4 tells by the times how much of its beginning is the encoder's and not the sound's.
                part.pts, at = at, at + part.samples
                output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return samples / recipe.rate


def _of_container(recipe: Recipe) -> dict[str, str]:
    if recipe.codec == "mp3":
        return {"id3v2_version": "0"}
    if recipe.codec == "opus":
        # Its streams have random numbers otherwise, and the same sound would be another file each time.
        return {"fflags": "+bitexact"}
    # The index of an MP4 stands in front, so that it plays at once: five bytes for each packet, as mp4_chapters has it.
    seconds = sum((_DAY if piece.end is None else piece.end) - piece.start for piece in recipe.pieces)
    return {"moov_size": str(round(5 * seconds * recipe.rate / _CODECS["aac"].frame) + 65_536)}


def _loss(recipe: Recipe) -> float:
    """Return by how many dB the encoder makes all quieter: LAME does, by a share that depends on bitrate and channels."""
    time = np.arange(recipe.rate, dtype=np.float32) / recipe.rate
    tone = np.tile(np.sin(2 * np.pi * 440 * time, dtype=np.float32) / 4, (recipe.channels, 1))
    with io.BytesIO() as buffer:
        _write(buffer, filtered([tone], [], recipe.rate, recipe.layout), recipe)
        buffer.seek(0)
        back = np.concatenate(list(decoded(buffer, recipe.media_type, recipe)), axis=1)
    middle = slice(recipe.rate // 4, recipe.rate * 3 // 4)
    return 10 * float(np.log10(np.square(tone[:, middle]).mean() / np.square(back[:, middle]).mean()))


def _sounding(files: tuple[BinaryIO, ...], recipe: Recipe, *, measured: bool, after: float = 0.0) -> Iterator[av.AudioFrame]:
    """Yield what listeners will hear, and with it how loud it is so far where that is ``measured``; ``after`` is gain behind all else."""
    parts = [_piece(file, piece, recipe) for file, piece in zip(files, recipe.pieces, strict=True)]
    sound = parts[0]
    for part in parts[1:]:
        sound = joined(sound, part, round(recipe.crossfade * recipe.rate))
    filters = [("volume", f"{recipe.gain}dB")]
    if recipe.ceiling is not None:
        # Between samples a peak is higher than the samples: at four times the rate it is seen, and held.
        limit = 10 ** (recipe.ceiling / 20)
        filters += [
            ("aresample", str(4 * recipe.rate)),
            ("alimiter", f"limit={limit:.6f}:level=0:attack=5:release=60:latency=1"),
            ("aresample", str(recipe.rate)),
        ]
    filters.append(("volume", f"{after}dB"))
    if measured:
        filters.append(("ebur128", "metadata=1:framelog=quiet"))
    return filtered(sound, filters, recipe.rate, recipe.layout)


def _piece(file: BinaryIO, piece: Piece, recipe: Recipe) -> Iterator[Block]:
    end = None if piece.end is None else round(piece.end * recipe.rate)
    sound = cut(decoded(file, piece.media_type, recipe), round(piece.start * recipe.rate), end)
    filters = [("volume", f"{piece.gain}dB")]
    if piece.highpass:
        filters.append(("highpass", f"f={piece.highpass}"))
    if not piece.denoise:
        return _arrays(filtered(sound, filters, recipe.rate, recipe.layout))
    # The filter gives out everything two of its steps too late.
    late = recipe.rate // 80 * 2
    filters.append(("afftdn", "nr=10:tn=1"))
    silence = np.zeros((recipe.channels, late), dtype=np.float32)
    return cut(_arrays(filtered(chain(sound, (silence,)), filters, recipe.rate, recipe.layout)), late, None)


def _arrays(frames: Iterable[av.AudioFrame]) -> Iterator[Block]:
    return (frame.to_ndarray() for frame in frames)


def decoded(file: BinaryIO, media_type: str, recipe: Recipe) -> Iterator[Block]:
    """Yield the sound of a file at the rate and in the channels of the recipe; packets that are damaged are left out."""
    shaper = av.AudioResampler(format="fltp", layout=recipe.layout, rate=recipe.rate)
    with open_audio(file, media_type) as container:
        stream = container.streams.audio[0]
        kind = None
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.InvalidDataError:
                continue
            for frame in frames:
                shape = (frame.format.name, frame.layout.name, frame.sample_rate)
                if kind not in (None, shape):
                    raise Refused("changes its rate or its channels in the middle", hint="Export it anew, as one recording.")
                kind = shape
                frame.pts = None
                yield from (part.to_ndarray() for part in shaper.resample(frame))
    if kind:
        yield from (part.to_ndarray() for part in shaper.resample(None))


def cut(sound: Iterable[Block], start: int, end: int | None) -> Iterator[Block]:
    """Yield the samples from ``start`` up to ``end``."""
    at = 0
    for block in sound:
        length = block.shape[1]
        part = block[:, max(start - at, 0) : length if end is None else max(end - at, 0)]
        at += length
        if part.size:
            yield part
        if end is not None and at >= end:
            return


def joined(first: Iterable[Block], second: Iterable[Block], overlap: int) -> Iterator[Block]:
    """Yield one sound and then another, which fades in while the first fades out, over so many samples at the most."""
    held, length = deque[Block](), 0
    for block in first:
        held.append(block)
        length += block.shape[1]
        while held and length - held[0].shape[1] >= overlap:
            length -= held[0].shape[1]
            yield held.popleft()
    rest = iter(second)
    if not held:
        yield from rest
        return
    tail = np.concatenate(held, axis=1)
    yield tail[:, : max(length - overlap, 0)]
    tail = tail[:, max(length - overlap, 0) :]
    begun, length = [tail[:, :0]], 0
    for block in rest:
        begun.append(block)
        length += block.shape[1]
        if length >= tail.shape[1]:
            break
    head = np.concatenate(begun, axis=1)
    length = min(tail.shape[1], head.shape[1])
    # Of equal power: what does not sound alike adds up to what it was.
    turn = np.sin(np.linspace(0, np.pi / 2, length, dtype=np.float32))
    yield tail[:, : tail.shape[1] - length]
    yield tail[:, tail.shape[1] - length :] * turn[::-1] + head[:, :length] * turn
    yield head[:, length:]
    yield from rest


def filtered(sound: Iterable[Block], filters: Iterable[tuple[str, str]], rate: int, layout: str) -> Iterator[av.AudioFrame]:
    """Yield the sound as it comes out of a chain of libav's filters."""
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_abuffer(sample_rate=rate, format="fltp", layout=layout)
    nodes = [graph.add(name, arguments) for name, arguments in filters]
    nodes.append(graph.add("aformat", f"sample_fmts=fltp:sample_rates={rate}:channel_layouts={layout}"))
    sink = graph.add("abuffersink")
    graph.link_nodes(source, *nodes, sink).configure()
    for number, block in enumerate(_in_frames(sound), 1):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block, dtype=np.float32), format="fltp", layout=layout)
        frame.sample_rate = rate
        source.push(frame)
        if not number % _PUSHES:
            yield from _pulled(sink)
    source.push(None)
    yield from _pulled(sink)


def _in_frames(sound: Iterable[Block]) -> Iterator[Block]:
    for block in sound:
        for start in range(0, block.shape[1], _FRAME):
            yield block[:, start : start + _FRAME]


def _pulled(sink: Any) -> Iterator[av.AudioFrame]:  # noqa: ANN401 - a filter's context, which PyAV does not name
    while True:
        try:
            yield sink.pull()
        except (av.BlockingIOError, av.EOFError):
            return


def _counted(frames: Iterator[av.AudioFrame], progress: Callable[[int], None]) -> Iterator[av.AudioFrame]:
    """Yield frames, and report the seconds that went by."""
    samples = 0
    for frame in frames:
        samples += frame.samples
        while samples >= _REPORT * frame.sample_rate:
            samples -= _REPORT * frame.sample_rate
            progress(_REPORT)
        yield frame
