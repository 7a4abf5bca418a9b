"""The true peak of a signal, as ITU-R BS.1770-4 describes it: between the samples, at four times their rate.

Only where a sample comes within 6 dB of the highest peak so far can a higher one lie, in sound of any kind that is
published: the rest is passed over, which is most of it.
"""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.float32]

#: Samples on either side that a point between two is made of, and points that are made at once.
_SIDE: Final = 16
_AT_ONCE: Final = 32
_LENGTH: Final = _AT_ONCE + 2 * _SIDE - 1
_NEAR: Final = 0.5


def _interpolator() -> Samples:
    """Return the matrix that takes 63 samples to the three points behind each of the 32 in the middle: a windowed sinc."""
    distance = np.arange(1 - _SIDE, _SIDE + 1)[:, None] - np.array([0.25, 0.5, 0.75])
    taps = np.sinc(distance) * np.i0(8 * np.sqrt(1 - (distance / _SIDE) ** 2).clip(0)) / np.i0(8)
    matrix = np.zeros((_LENGTH, 3 * _AT_ONCE))
    for point in range(_AT_ONCE):
        matrix[point : point + 2 * _SIDE, 3 * point : 3 * point + 3] = taps / taps.sum(axis=0)
    return matrix.astype(np.float32)


_MATRIX: Final = _interpolator()


class TruePeak:
    """The highest peak, linear, of what was fed so far; feed silence of one window at the end to have it of everything."""

    def __init__(self, channels: int) -> None:
        self.value = 0.0
        self._tail: Samples = np.zeros((channels, 2 * _SIDE), dtype=np.float32)
        self._last: Samples = np.zeros((channels, 1), dtype=np.float32)

    def feed(self, sound: Samples, peaks: Samples) -> None:
        """Take whole windows in, (channels, samples), and the highest sample of each, (channels, windows).

        What lies between two samples is known when enough of those behind it came.
        """
        window = sound.shape[1] // peaks.shape[1]
        self.value = max(self.value, float(peaks.max()))
        data = np.concatenate([self._tail, sound], axis=1)
        rows = sliding_window_view(data, window + 2 * _SIDE, axis=1)[:, ::window]
        # Of a row, the first samples are of the window before.
        before = np.concatenate([self._last, peaks[:, :-1]], axis=1)
        self._look(rows[np.maximum(before, peaks) > self.value * _NEAR], window)
        self._tail, self._last = data[:, -2 * _SIDE :], peaks[:, -1:]

    def _look(self, rows: Samples, window: int) -> None:
        if not len(rows):
            return
        starts = np.append(np.arange(0, window - _AT_ONCE, _AT_ONCE), window - _AT_ONCE)
        near = np.maximum.reduceat(np.abs(rows[:, _SIDE - 1 : _SIDE + window]), starts, axis=1)
        near = np.maximum(near, np.roll(near, -1, axis=1))
        row, start = np.nonzero(near > self.value * _NEAR)
        points = sliding_window_view(rows, _LENGTH, axis=1)[row, starts[start]] @ _MATRIX
        if points.size:
            self.value = max(self.value, float(points.max()), -float(points.min()))
