"""What an audio file sounds like, from one decode of all of it: loudness, peaks, silences, and what is wrong with its channels.

FFmpeg decodes, and measures loudness as EBU R 128 wants it; all else is counted on 50 ms at a time, so that a file of
hours takes as little memory as one of minutes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite, log10
from mmap import ACCESS_READ, mmap
from typing import Any, BinaryIO, Final

import av
import av.filter
import av.subtitles.stream  # PyAV imports it when it opens a file; in the sandbox it would be too late.
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from podcast.model import Measured

from . import sniff
from .analyse import VERSION
from .demux import open_audio
from .refusal import Refused
from .true_peak import Samples, TruePeak
from .waveform import PER_SECOND, to_dat

Numbers = NDArray[np.floating]

#: Windows that are looked at together: 4 s.
_TOGETHER: Final = 80
_LONGEST: Final = 24 * 3600
#: Packets between two looks at what came out of the filters.
_BATCH: Final = 32
#: What 16 bits can hold: three samples of that in a row are a peak that was cut off.
_FULL: Final = 32767 / 32768
_FLOOR: Final = -120.0
#: Below this a window is silent, in dBFS; in a quiet file what lies so far below its loudness is.
_SILENT: Final = -50.0
_BELOW: Final = 25.0
#: Seconds of silence that are a gap, and the most gaps that are told.
_GAP: Final = 1.5
_GAPS: Final = 1_000
#: Points of the loudness over time.
_POINTS: Final = 600


def measure(file: BinaryIO, progress: Callable[[int], None]) -> Measured:
    """Measure a file, as ``analyse`` says. For the sandbox."""
    with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        media_type = sniff.media_type(data)
    try:
        with open_audio(file, media_type) as container:
            if not container.streams.audio:
                raise Refused("holds no audio", hint="Export it anew, as MP3 or M4A.")
            return _Pass().run(container, progress)
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Refused(f"cannot be measured: {reason}", hint="It is damaged: export it anew, as MP3 or M4A.") from error


@dataclass(slots=True)
class _Pass:
    """One way through a file. Arrays hold a column for each window, and a row for each channel where there are several."""

    rate: int = 0
    damaged: int = 0
    integrated: float = -70.0
    range: float = 0.0
    #: Momentary loudness, ten times a second.
    momentary: list[float] = field(default_factory=list)
    low: list[Samples] = field(default_factory=list)
    high: list[Samples] = field(default_factory=list)
    energy: list[Samples] = field(default_factory=list)
    together: float = 0.0
    clips: int = 0
    first_clip: float | None = None
    samples: int = 0

    @property
    def window(self) -> int:
        """Return the samples of a window."""
        return max(round(self.rate / PER_SECOND), 32)

    def run(self, container: InputContainer, progress: Callable[[int], None]) -> Measured:
        peak, told = None, 0
        for sound, count in self._filtered(container):
            peak = peak or TruePeak(len(sound))
            self._count(sound, peak)
            self.samples += count
            now = self.samples // self.rate
            progress(now - told)
            told = now
        if peak is None or not self.samples:
            raise Refused("holds no sound that can be decoded", hint="Export it anew, as MP3 or M4A.")
        return self._result(peak.value)

    def _decoded(self, container: InputContainer) -> Iterator[av.AudioFrame]:
        """Yield the frames, all in the format of the first; what cannot be decoded is counted."""
        stream = container.streams.audio[0]
        stream.codec_context.thread_count = 1
        form: tuple[Any, ...] | None = None
        shaper = None
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets)
                frames = packet.decode()
            except StopIteration:
                return
            except av.InvalidDataError:
                self.damaged += 1
                continue
            for frame in frames:
                shape = (frame.format.name, frame.layout.name, frame.sample_rate)
                form = form or shape
                if shape == form:
                    yield frame
                    continue
                if shaper is None or shaper[0] != shape:
                    shaper = shape, av.AudioResampler(*form)
                yield from shaper[1].resample(frame)

    def _filtered(self, container: InputContainer) -> Iterator[tuple[Samples, int]]:
        """Yield the sound as floating-point numbers, whole windows of it at a time, and note its loudness.

        With it goes the number of samples: the last part has silence behind it.
        """
        graph, unit, parts, pushed, length, channels = None, None, list[list[Samples]](), 0, 0, 0
        for number, frame in enumerate(self._decoded(container)):
            if graph is None:
                self.rate = frame.sample_rate
                graph, unit, channels = _graph(frame), Fraction(1, self.rate), frame.layout.nb_channels
            frame.pts, frame.time_base = pushed, unit
            pushed += frame.samples
            if pushed > _LONGEST * self.rate:
                raise Refused(f"lasts more than {_LONGEST // 3600} hours, as no episode does", hint="Cut it into parts.")
            graph.push(frame)
            if number % _BATCH:
                continue
            length += self._pull(graph, parts)
            if length >= _TOGETHER * self.window:
                sound, whole = _joined(parts), length // self.window * self.window
                parts[:] = [list(sound[:, whole:])]
                length -= whole
                yield sound[:, :whole], whole
        if graph is not None:
            graph.push(None)
            length += self._pull(graph, parts)
            silence = np.zeros(2 * self.window - length % self.window, dtype=np.float32)
            yield _joined([*parts, [silence] * channels]), length

    def _pull(self, graph: av.filter.Graph, parts: list[list[Samples]]) -> int:
        length = 0
        while True:
            try:
                frame = graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return length
            assert isinstance(frame, av.AudioFrame)  # noqa: S101 - for the type checker
            parts.append([np.frombuffer(memoryview(plane), np.float32, frame.samples) for plane in frame.planes])
            length += frame.samples
            # The last part of a tenth of a second has none.
            if facts := frame.metadata:
                self.integrated = _number(facts["lavfi.r128.I"])
                self.range = _number(facts["lavfi.r128.LRA"])
                self.momentary.append(_number(facts["lavfi.r128.M"]))

    def _count(self, sound: Samples, peak: TruePeak) -> None:
        """Take whole windows in."""
        if not sound.shape[1]:
            return
        windows = sound.reshape(len(sound), -1, self.window)
        energy = np.einsum("cwn,cwn->cw", windows, windows)
        if not np.isfinite(energy).all():
            sound = np.nan_to_num(sound, nan=0.0, posinf=1.0, neginf=-1.0).clip(-16, 16)
            windows = sound.reshape(windows.shape)
            energy = np.einsum("cwn,cwn->cw", windows, windows)
        low, high = windows.min(axis=-1), windows.max(axis=-1)
        peaks = np.maximum(high, -low)
        self._count_clips(windows, peaks)
        if len(sound) == 2:
            self.together += float(np.einsum("n,n->", *sound))
        self.low.append(low.min(axis=0))
        self.high.append(high.max(axis=0))
        self.energy.append(energy)
        peak.feed(sound, peaks)

    def _count_clips(self, windows: Samples, peaks: Samples) -> None:
        channels, places = np.nonzero(peaks >= _FULL)
        if not len(places):
            return
        full = np.abs(windows[channels, places]) >= _FULL
        cut = np.unique(places[(full[:, :-2] & full[:, 1:-1] & full[:, 2:]).any(axis=-1)])
        self.clips += len(cut)
        if len(cut) and self.first_clip is None:
            self.first_clip = round((self.samples + int(cut[0]) * self.window) / self.rate, 2)

    def _result(self, peak: float) -> Measured:
        count = -(-self.samples // self.window)
        energy = np.concatenate(self.energy, axis=1)[:, :count]
        low, high = np.concatenate(self.low)[:count], np.concatenate(self.high)[:count]
        whole = energy.astype(float).sum(axis=1)
        integrated = round(self.integrated, 2) if self.integrated > -70 else None
        lead, tail, gaps = _silences(_decibel(energy.max(axis=0) / self.window), integrated, self.window / self.rate)
        step, loudness = _coarse(self.momentary)
        return Measured(
            version=VERSION,
            seconds=round(self.samples / self.rate, 3),
            integrated_lufs=integrated,
            range_lu=round(max(self.range, 0.0), 2),
            true_peak_dbtp=round(20 * log10(max(peak, 1e-6)), 2),
            channels=tuple(round(float(level), 1) for level in _decibel(whole / self.samples)),
            correlation=_correlation(whole, self.together),
            side=_side(whole, self.together),
            clips=self.clips,
            first_clip=self.first_clip,
            lead=lead,
            tail=tail,
            gaps=gaps,
            damaged=self.damaged,
            loudness=loudness,
            loudness_step=step,
            peaks=_waveform(low, high, self.rate, self.window),
        )


def _joined(parts: list[list[Samples]]) -> Samples:
    """Return (channels, samples) of parts that have an array for each channel."""
    sound = np.empty((len(parts[0]), sum(len(part[0]) for part in parts)), dtype=np.float32)
    for row, channel in zip(sound, zip(*parts, strict=True), strict=True):
        np.concatenate(channel, out=row)
    return sound


def _graph(frame: av.AudioFrame) -> av.filter.Graph:
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_abuffer(
        sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=Fraction(1, frame.sample_rate)
    )
    nodes = [source, graph.add("ebur128", "metadata=1:framelog=quiet"), graph.add("aformat", "sample_fmts=fltp"), graph.add("abuffersink")]
    graph.link_nodes(*nodes).configure()
    return graph


def _number(text: str) -> float:
    """Read a level; sound of which a sample is no number, or endless, has none."""
    return value if isfinite(value := float(text)) else _FLOOR


def _waveform(low: Samples, high: Samples, rate: int, window: int) -> bytes:
    pairs = np.rint(np.stack([low, high], axis=1) * 128)
    return to_dat(bytes(np.clip(pairs, -128, 127).astype(np.int8).tobytes()), rate=rate, window=window)


def _decibel(power: Numbers) -> Numbers:
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (_FLOOR / 10))))


def _correlation(energy: Numbers, together: float) -> float | None:
    """Return how alike two channels are: 1 for the same, -1 for the same upside down; None where there are not two with sound."""
    if len(energy) != 2 or not energy.all():
        return None
    return round(together / float(np.sqrt(energy[0] * energy[1])), 3)


def _side(energy: Numbers, together: float) -> float | None:
    """Return by how many decibels the difference of two channels lies below (negative) what they have in common."""
    if len(energy) != 2 or not energy.any():
        return None
    total = float(energy.sum())
    middle, side = max(total + 2 * together, 0.0), max(total - 2 * together, 0.0)
    return round(10 * log10(max(side, 1e-12 * total) / max(middle, 1e-12 * total)), 1)


def _silences(levels: Numbers, integrated: float | None, step: float) -> tuple[float, float, tuple[tuple[float, float], ...]]:
    """Return the seconds of silence before and behind the sound, and the long ones between: from, to. ``levels`` in dBFS a window."""
    limit = min(_SILENT, integrated - _BELOW) if integrated is not None else _SILENT
    heard = np.flatnonzero(levels >= limit)
    if not len(heard):
        return round(len(levels) * step, 2), 0.0, ()
    pauses = np.flatnonzero(np.diff(heard) > _GAP / step + 1)[:_GAPS]
    gaps = tuple((round((int(heard[at]) + 1) * step, 2), round(int(heard[at + 1]) * step, 2)) for at in pauses)
    return round(int(heard[0]) * step, 2), round((len(levels) - 1 - int(heard[-1])) * step, 2), gaps


def _coarse(momentary: list[float]) -> tuple[float, tuple[float, ...]]:
    """Return seconds a point, and the mean loudness of each."""
    together = max(10, -(-len(momentary) // _POINTS))
    power = 10 ** (np.maximum(np.array(momentary), _FLOOR) / 10)
    points = [10 * log10(power[at : at + together].mean()) for at in range(0, len(power), together)]
    return together / 10, tuple(round(point, 1) for point in points)
