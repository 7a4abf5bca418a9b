"""What an audio file sounds like, from one decode of all of it: loudness, peaks, silences, and what is wrong with its channels.

FFmpeg decodes, and weights the sound for its loudness; all is counted on 50 ms at a time, and for four seconds at once, so
that a file of hours takes as little memory as one of minutes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import log10
from mmap import ACCESS_READ, mmap
from typing import BinaryIO, Final

import av
import av.audio.fifo
import av.audio.resampler
import av.subtitles.stream  # PyAV imports it when it opens a file; in the sandbox it would be too late.
import numpy as np
from av.container import InputContainer

from podcast.model import Measured

from . import sniff
from .analyse import VERSION
from .demux import evened, open_audio
from .r128 import FLOOR, Loudness, Numbers
from .refusal import Refused
from .true_peak import Samples, TruePeak
from .waveform import PER_SECOND, to_dat

#: Windows that are looked at together: 4 s.
_TOGETHER: Final = 80
_LONGEST: Final = 24 * 3600
#: What 16 bits can hold: three samples of that in a row are a peak that was cut off.
_FULL: Final = 32767 / 32768
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
        loudness = peak = None
        told = 0
        for frame in self._blocks(container):
            loudness = loudness or Loudness(frame.layout, self.rate, self.window)
            peak = peak or TruePeak(len(frame.planes))
            sound = self._count(frame, peak)
            loudness.feed(sound[:, : frame.samples])
            self.samples += frame.samples
            now = self.samples // self.rate
            progress(now - told)
            told = now
        if peak is None or loudness is None:
            return self._nothing()
        peak.end()
        return self._result(peak.value, *loudness.result())

    def _nothing(self) -> Measured:
        """Return what is to be said of a file of which nothing could be decoded."""
        return Measured(
            version=VERSION,
            seconds=0.0,
            integrated_lufs=None,
            range_lu=0.0,
            true_peak_dbtp=FLOOR,
            channels=(),
            damaged=self.damaged,
            peaks=to_dat(bytes(2), rate=1, window=1),
        )

    def _blocks(self, container: InputContainer) -> Iterator[av.AudioFrame]:
        """Yield the sound, so many windows at a time; the last are what is left."""
        joined, unit, length, block = av.AudioFifo(), Fraction(1), 0, 0
        for frame in evened(self._decoded(container), "fltp"):
            if not self.rate:
                self.rate, unit = frame.sample_rate, Fraction(1, frame.sample_rate)
                block = _TOGETHER * self.window
            length += frame.samples
            if length > _LONGEST * self.rate:
                raise Refused(f"lasts more than {_LONGEST // 3600} hours, as no episode does", hint="Cut it into parts.")
            frame.pts, frame.time_base = None, unit
            joined.write(frame)
            while joined.samples >= block and (sound := joined.read(block)):
                yield sound
        if sound := joined.read(partial=True):
            yield sound

    def _decoded(self, container: InputContainer) -> Iterator[av.AudioFrame]:
        """Yield the frames; what cannot be decoded is counted."""
        stream = container.streams.audio[0]
        stream.codec_context.thread_count = 1
        packets = container.demux(stream)
        while True:
            try:
                yield from next(packets).decode()
            except StopIteration:
                return
            except av.InvalidDataError:
                self.damaged += 1

    def _count(self, frame: av.AudioFrame, peak: TruePeak) -> Samples:
        """Take whole windows in, and return them; the last one has silence behind it."""
        planes = [np.frombuffer(memoryview(plane), np.float32, frame.samples) for plane in frame.planes]
        sound = np.zeros((len(planes), -(-frame.samples // self.window) * self.window), dtype=np.float32)
        np.stack(planes, out=sound[:, : frame.samples])
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
        peak.feed(sound, float(peaks.max()))
        return sound

    def _count_clips(self, windows: Samples, peaks: Samples) -> None:
        channels, places = np.nonzero(peaks >= _FULL)
        if not len(places):
            return
        full = np.abs(windows[channels, places]) >= _FULL
        cut = np.unique(places[(full[:, :-2] & full[:, 1:-1] & full[:, 2:]).any(axis=-1)])
        self.clips += len(cut)
        if len(cut) and self.first_clip is None:
            self.first_clip = round((self.samples + int(cut[0]) * self.window) / self.rate, 2)

    def _result(self, peak: float, integrated: float | None, span: float, momentary: Numbers) -> Measured:
        energy, low, high = np.concatenate(self.energy, axis=1), np.concatenate(self.low), np.concatenate(self.high)
        whole = energy.astype(float).sum(axis=1)
        lead, tail, gaps = _silences(_decibel(energy.max(axis=0) / self.window), integrated, self.window / self.rate)
        step, loudness = _coarse(momentary)
        return Measured(
            version=VERSION,
            seconds=round(self.samples / self.rate, 3),
            integrated_lufs=integrated,
            range_lu=span,
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


def _waveform(low: Samples, high: Samples, rate: int, window: int) -> bytes:
    pairs = np.rint(np.stack([low, high], axis=1) * 128)
    return to_dat(bytes(np.clip(pairs, -128, 127).astype(np.int8).tobytes()), rate=rate, window=window)


def _decibel(power: Numbers) -> Numbers:
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (FLOOR / 10))))


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


def _coarse(momentary: Numbers) -> tuple[float, tuple[float, ...]]:
    """Return seconds a point, and the mean loudness of each."""
    together = max(10, -(-len(momentary) // _POINTS))
    power = 10 ** (momentary / 10)
    points = [10 * log10(power[at : at + together].mean()) for at in range(0, len(power), together)]
    return together / 10, tuple(round(point, 1) for point in points)
