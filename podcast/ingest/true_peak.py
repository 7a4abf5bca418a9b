"""The true peak of a signal, as ITU-R BS.1770-4 describes it: between the samples, at four times their rate.

What lies between samples is a weighted sum of those around it, and so can be no more than _BOUND times as high as the
highest of them: where that cannot exceed the highest peak so far, nothing is worked out, which is most of a file.
"""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.float32]

#: Samples on either side that a point between two is made of, and points that are made at once.
_SIDE: Final = 16
_AT_ONCE: Final = 16
_LENGTH: Final = _AT_ONCE + 2 * _SIDE - 1
_DISTANCE: Final = np.arange(1 - _SIDE, _SIDE + 1)[:, None] - np.array([0.25, 0.5, 0.75])
_WINDOWED: Final = np.sinc(_DISTANCE) * np.i0(8 * np.sqrt(1 - (_DISTANCE / _SIDE) ** 2).clip(0)) / np.i0(8)
#: A windowed sinc: of 32 samples, the shares that they have in the three points behind the one in the middle.
TAPS: Final = _WINDOWED / _WINDOWED.sum(axis=0)
_BOUND: Final = float(np.abs(TAPS).sum(axis=0).max())


def _interpolator() -> Samples:
    """Return the matrix that takes 47 samples to the three points behind each of the 16 in the middle."""
    matrix = np.zeros((_LENGTH, 3 * _AT_ONCE))
    for point in range(_AT_ONCE):
        matrix[point : point + 2 * _SIDE, 3 * point : 3 * point + 3] = TAPS
    return matrix.astype(np.float32)


_MATRIX: Final = _interpolator()


class TruePeak:
    """The highest peak, linear, of what was fed so far."""

    def __init__(self, channels: int) -> None:
        self.value = 0.0
        self._tail: Samples = np.zeros((channels, 2 * _SIDE), dtype=np.float32)

    def feed(self, sound: Samples, peak: float) -> None:
        """Take (channels, samples) in, and their highest sample: what lies between two is known when enough of those behind came."""
        self.value = max(self.value, peak)
        data = np.concatenate([self._tail, sound], axis=1)
        count = (data.shape[1] - 2 * _SIDE) // _AT_ONCE
        self._tail = data[:, count * _AT_ONCE :]
        hot = np.abs(data[:, : (count + 2) * _AT_ONCE]) > self.value / _BOUND
        # Eight truth values are looked at as one number, sixteen as two. What is made at once comes of three stretches as long as it is.
        eight = hot.view(np.uint64)
        loud = (eight[:, ::2] | eight[:, 1::2]) != 0
        near = loud[:, :-2] | loud[:, 1:-1] | loud[:, 2:]
        if near.any():
            points = sliding_window_view(data, _LENGTH, axis=1)[:, : count * _AT_ONCE : _AT_ONCE][near] @ _MATRIX
            self.value = max(self.value, float(points.max()), -float(points.min()))

    def end(self) -> None:
        """Take in that silence follows."""
        self.feed(np.zeros((len(self._tail), 2 * _LENGTH), dtype=np.float32), 0.0)
