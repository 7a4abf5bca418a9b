"""Waveforms in the two forms of audiowaveform, version 2: ``.dat`` of 8 bits, and JSON.

https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md
"""

import json
import struct
from typing import Final

#: Pairs of the lowest and the highest sample that are kept for each second: what an editor zooms into.
PER_SECOND: Final = 20
#: Of the waveform that is published: a screen is not wider.
POINTS: Final = 1800

_HEAD: Final = struct.Struct("<iIiiIi")
_VERSION: Final = 2
_IS_8_BIT: Final = 1


def to_dat(pairs: bytes, *, rate: int, window: int) -> bytes:
    """Return a waveform of one channel: ``pairs`` of signed bytes, each the lowest and highest sample of a ``window``."""
    return _HEAD.pack(_VERSION, _IS_8_BIT, rate, window, len(pairs) // 2, 1) + pairs


def to_json(dat: bytes, points: int = POINTS) -> bytes:
    """Return a waveform as JSON, of at most so many points."""
    _, _, rate, window, *_ = _HEAD.unpack_from(dat)
    together, pairs = condense(dat, points)
    head = {"version": _VERSION, "channels": 1, "sample_rate": rate, "samples_per_pixel": window * together, "bits": 8}
    data = [sample for pair in pairs for sample in pair]
    return json.dumps(head | {"length": len(pairs), "data": data}, separators=(",", ":")).encode()


def condense(dat: bytes, points: int) -> tuple[int, list[tuple[int, int]]]:
    """Return how many pairs are put together, and what comes of them: at most so many points, lowest and highest."""
    samples = memoryview(dat)[_HEAD.size :].cast("b").tolist()
    low, high = samples[::2], samples[1::2]
    together = max(1, -(-len(low) // points))
    starts = range(0, len(low), together)
    return together, [(min(low[at : at + together]), max(high[at : at + together])) for at in starts]
