"""Runs of a feed's items, compressed once each, and a gzip file put together of them.

The file is one stream that every reader of gzip takes: each run ends on a whole byte (a full flush of deflate), and the
checksum of the whole is reckoned from those of the runs, without the bytes.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from podcast.catalogue import Pack

#: Items of a pack, counted from the oldest, so that packs never shift.
SIZE = 64

#: No time, no name, no system: the same feed is the same file.
_HEADER: Final = b"\x1f\x8b\x08" + b"\0" * 6 + b"\xff"
#: A last block that is empty.
_END: Final = b"\x03\x00"
#: The polynomial of CRC-32, its lowest power in the highest bit (RFC 1952, 8).
_POLYNOMIAL: Final = 0xEDB88320


def deflate(data: bytes) -> Pack:
    """Compress a run."""
    compressor = zlib.compressobj(6, zlib.DEFLATED, -15)
    deflated = compressor.compress(data) + compressor.flush(zlib.Z_FULL_FLUSH)
    return Pack(deflated, zlib.crc32(data), len(data))


def gzip(runs: Iterable[Pack]) -> Iterator[bytes]:
    """Yield a gzip file of some runs."""
    crc = length = 0
    yield _HEADER
    for run in runs:
        crc, length = combined(crc, run.crc, run.length), length + run.length
        yield run.deflated
    yield _END + struct.pack("<LL", crc, length & 0xFFFFFFFF)


def combined(first: int, second: int, length: int) -> int:
    """Return the CRC-32 of two pieces joined, of those of the pieces and the length of the second one.

    The first moves on by so many bits of zero: it is multiplied by that power of x, and the second is added.
    """
    return _product(_power(8 * length), first) ^ second


def _product(one: int, other: int) -> int:
    """Multiply two polynomials, modulo that of CRC-32."""
    product, place = 0, 1 << 31
    while place:
        if one & place:
            product ^= other
        other = other >> 1 ^ _POLYNOMIAL if other & 1 else other >> 1
        place >>= 1
    return product


def _power(exponent: int) -> int:
    """Return x to this power, modulo the polynomial of CRC-32."""
    power = 1 << 31
    for place in range(exponent.bit_length()):
        if exponent >> place & 1:
            power = _product(_squared(place), power)
    return power


@cache
def _squared(times: int) -> int:
    """Return x, squared so many times."""
    return _product(_squared(times - 1), _squared(times - 1)) if times else 1 << 30
