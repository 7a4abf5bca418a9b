"""Loudness as EBU R 128 and ITU-R BS.1770-4 have it: FFmpeg weights the sound, and the power of 50 ms is all that is kept of it.

FFmpeg's own filter for this, ``ebur128``, takes three times as long.
"""

from fractions import Fraction
from math import pi, tan
from typing import Final

import av
import av.filter
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.floating]
Samples = NDArray[np.float32]

#: LUFS that silence is given.
FLOOR: Final = -120.0
#: Parts of 50 ms in a tenth of a second, and in the spans whose loudness is called momentary (400 ms) and short-term (3 s).
_STEP: Final = 2
_MOMENTARY: Final = 8
_SHORT: Final = 60
#: LUFS below which nothing counts; LU below the mean, for the loudness and for its range.
_ABSOLUTE: Final = -70.0
_RELATIVE: Final = -10.0
_RANGE: Final = -20.0
#: Hertz; the shelf has no place in sound that is sampled more slowly.
_SLOWEST: Final = 4_000
#: What counts more, being behind the listener; what has LFE in its name does not count.
_BEHIND: Final = {"BL": 1.41, "BR": 1.41, "BC": 1.41, "SL": 1.41, "SR": 1.41}


class Loudness:
    """The loudness of what was fed so far, in 32 bits."""

    def __init__(self, layout: av.AudioLayout, rate: int, window: int) -> None:
        self._rate, self._window, self._fed = rate, window, 0
        names = [channel.name for channel in layout.channels]
        self._weights = np.array([0.0 if "LFE" in name else _BEHIND.get(name, 1.0) for name in names])
        # One for each channel: of channels whose places nobody told, FFmpeg would filter none.
        self._graphs = [_weighting(rate) for _ in names]
        self._power = list[Numbers]()

    def feed(self, sound: Samples) -> None:
        """Take whole windows in, (channels, samples); at the end, less than a window does not count."""
        power = [self._heard(graph, channel) for graph, channel in zip(self._graphs, sound, strict=True)]
        self._power.append(self._weights @ np.asarray(power, dtype=float) / self._window)
        self._fed += sound.shape[1]

    def _heard(self, graph: av.filter.Graph, channel: Samples) -> Samples:
        frame = av.AudioFrame(format="fltp", layout="mono", samples=len(channel))
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._fed, Fraction(1, self._rate)
        np.frombuffer(memoryview(frame.planes[0]), np.float32)[:] = channel
        graph.push(frame)
        heard = graph.pull()
        assert isinstance(heard, av.AudioFrame)  # noqa: S101 - for the type checker
        whole = heard.samples // self._window * self._window
        windows = np.frombuffer(memoryview(heard.planes[0]), np.float32, whole).reshape(-1, self._window)
        return np.asarray(np.einsum("wn,wn->w", windows, windows))

    def result(self) -> tuple[float | None, float, Numbers]:
        """Return the integrated loudness (None of silence), the range, and the momentary loudness, ten times a second."""
        power = np.concatenate(self._power)
        momentary, short = _spans(np.append(np.zeros(_MOMENTARY - _STEP), power), _MOMENTARY), _spans(power, _SHORT)
        loud = _gated(momentary[_MOMENTARY // _STEP - 1 :], _RELATIVE)
        whole = round(float(level(loud.mean())), 2) if len(loud) else None
        wide = level(_gated(short, _RANGE))
        low, high = np.percentile(wide, [10, 95]) if len(wide) else (0.0, 0.0)
        return whole, round(float(high - low), 2), level(momentary)


def level(power: Numbers) -> Numbers:
    """Return LUFS."""
    return np.maximum(-0.691 + 10 * np.log10(np.maximum(power, 1e-20)), FLOOR)


def _spans(power: Numbers, length: int) -> Numbers:
    """Return the mean power of so many parts, from each tenth of a second on."""
    if len(power) < length:
        return np.empty(0)
    return np.convolve(power, np.full(length, 1 / length), mode="valid")[::_STEP]


def _gated(power: Numbers, relative: float) -> Numbers:
    """Return what lies above -70 LUFS, and not too far below the mean of that."""
    heard = power[level(power) > _ABSOLUTE]
    return heard[level(heard) > level(heard.mean()) + relative] if len(heard) else heard


def _weighting(rate: int) -> av.filter.Graph:
    """Return the filters of BS.1770: a shelf for the head, then a high-pass."""
    graph = av.filter.Graph()
    graph.threads = 1
    source = graph.add_abuffer(sample_rate=rate, format="fltp", layout="mono", time_base=Fraction(1, rate))
    # Of the forms that a filter may have, the one that is exact to 0.01 dB at low frequencies, in 32 bits.
    filters = [
        graph.add("biquad", ":".join(f"{name}={value!r}" for name, value in numbers.items()) + ":transform=tdii")
        for numbers in (_shelf(max(rate, _SLOWEST)), _high_pass(rate))
    ]
    graph.link_nodes(source, *filters, graph.add("abuffersink")).configure()
    return graph


def _shelf(rate: int) -> dict[str, float]:
    """Return the shelf, whose coefficients the recommendation gives for 48 kHz alone, for any rate."""
    turn, slow, high = tan(pi * 1681.974450955533 / rate), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416 * turn / slow
    return _poles(turn, slow) | {"b0": high + middle + turn**2, "b1": 2 * (turn**2 - high), "b2": high - middle + turn**2}


def _high_pass(rate: int) -> dict[str, float]:
    poles = _poles(tan(pi * 38.13547087602444 / rate), 0.5003270373238773)
    return poles | {"b0": poles["a0"], "b1": -2 * poles["a0"], "b2": poles["a0"]}


def _poles(turn: float, slow: float) -> dict[str, float]:
    return {"a0": 1 + turn / slow + turn**2, "a1": 2 * (turn**2 - 1), "a2": 1 - turn / slow + turn**2}
