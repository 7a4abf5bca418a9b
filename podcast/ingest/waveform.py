"""Waveforms in the two forms of audiowaveform, version 2: ``.dat`` of 8 bits, and JSON.

https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md
"""

import json
import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

#: Pairs of the lowest and the highest sample that are kept for each second: what an editor zooms into.
PER_SECOND: Final = 20
#: Of the waveform that is published: a screen is not wider.
POINTS: Final = 1800

_HEAD: Final = struct.Struct("<iIiiIi")
_VERSION: Final = 2
_IS_8_BIT: Final = 1


def to_dat(low: NDArray[np.float32], high: NDArray[np.float32], *, rate: int, window: int) -> bytes:
    """Return a waveform of one channel, from the lowest and highest sample (1.0 is full scale) of each ``window`` samples."""
    pairs = np.stack([low, high], axis=1)
    data = np.clip(np.rint(pairs * 128), -128, 127).astype(np.int8)
    return _HEAD.pack(_VERSION, _IS_8_BIT, rate, window, len(data), 1) + bytes(data.tobytes())


def to_json(dat: bytes, points: int = POINTS) -> bytes:
    """Return a waveform as JSON, of at most so many points."""
    _, _, rate, window, length, _ = _HEAD.unpack_from(dat)
    pairs = np.frombuffer(dat, dtype=np.int8, offset=_HEAD.size).reshape(length, 2)
    together = max(1, -(-length // points))
    starts = np.arange(0, length, together)
    low, high = np.minimum.reduceat(pairs[:, 0], starts), np.maximum.reduceat(pairs[:, 1], starts)
    head = {"version": _VERSION, "channels": 1, "sample_rate": rate, "samples_per_pixel": window * together, "bits": 8}
    return json.dumps(
        head | {"length": len(starts), "data": np.stack([low, high], axis=1).ravel().tolist()}, separators=(",", ":")
    ).encode()
