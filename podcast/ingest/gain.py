"""Louder or quieter without encoding anew: an MP3's global_gain, and the output gain in an Opus header. For the sandbox.

Each granule of a Layer III frame has a gain of eight bits, in steps of a quarter of a power of two (1.505 dB). All else of
the file stays as it is, to the byte, and the same number of steps back gives the very file again, but for granules that
are so near to nothing that they cannot become less.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from mmap import ACCESS_READ, ACCESS_WRITE, mmap
from typing import BinaryIO, Final

import numpy as np
from mutagen.ogg import OggPage
from numpy.typing import NDArray

from . import mp3, ogg
from .refusal import Refused

Bytes = NDArray[np.uint8]
Positions = NDArray[np.int64]
#: Of MPEG-1, of one channel, with a checksum.
Kind = tuple[bool, bool, bool]

#: Bits of side information in front of the granules, and in one; then bytes of all of it. By MPEG-1 or not, mono or not (ISO 11172-3
#: and 13818-3).
_BEFORE: Final = {(True, True): 18, (True, False): 20, (False, True): 9, (False, False): 10}
_GRANULE: Final = {True: 59, False: 63}
SIDE: Final = {(True, True): 17, (True, False): 32, (False, True): 9, (False, False): 17}
_GAIN_AT: Final = 21
_HINT: Final = "Give the recording that it was made of, as WAV or FLAC."


def shift_mp3(source: BinaryIO, target: BinaryIO, *, steps: int) -> int:
    """Write ``source`` into ``target``, an empty file, with its gain so many steps higher; return the number of frames.

    Refused where a gain would be more than its eight bits hold.
    """
    shutil.copyfileobj(source, target, 1 << 20)
    target.flush()
    with mmap(target.fileno(), 0, access=ACCESS_WRITE) as data:
        groups: dict[Kind, list[int]] = defaultdict(list)
        for position in frames(data):
            groups[kind_of(data[position : position + 4])].append(position)
        view = np.frombuffer(data, dtype=np.uint8)
        fits = all(shift(view, np.array(positions), kind, np.array([[steps, steps]])) for kind, positions in groups.items())
        del view  # While it lives, the map cannot be closed.
    if not fits:
        raise Refused("cannot be made louder or quieter by that much without encoding it again", hint=_HINT)
    return sum(map(len, groups.values()))


def frames(data: mp3.Data) -> Iterator[int]:
    """Yield where each whole frame begins, those of headers (Xing, Info) among them."""
    position, end = 0, len(data)
    while True:
        first, _ = mp3.find_frames(data, mp3.skip_tags(data, position), end)
        if first is None:
            return
        position, sizes = first, dict[bytes, int]()
        while position < end:
            header = data[position : position + 4]
            if header not in sizes:
                frame = mp3.parse_header(header)
                if frame is None:
                    break
                sizes[header] = frame.size
            if position + sizes[header] > end:
                return
            yield position
            position += sizes[header]


def kind_of(header: bytes) -> Kind:
    """Say of a frame whether it is of MPEG-1, of one channel, and has a checksum."""
    return header[1] >> 3 & 3 == 3, header[3] >> 6 == 3, not header[1] & 1


def shift(data: Bytes, positions: Positions, kind: Kind, steps: Positions) -> bool:
    """Shift the gains of frames of one kind; False where one would be more than eight bits hold.

    ``steps`` has a row for each frame, or one for all, and a column for each half of a frame (MPEG-2 has only the first). A granule
    of no bits, as in a header's frame, stays as it is, and so does a gain of zero or so near to it that it would come there: they
    are of silence, 100 dB and more below what anybody hears.
    """
    first_version, mono, protected = kind
    size = SIDE[first_version, mono]
    side = positions + (6 if protected else 4)
    sound = _checksums(data, positions, size) == _stored(data, positions) if protected else None
    channels = 1 if mono else 2
    for granule in range((2 if first_version else 1) * channels):
        half, start = granule // channels, _BEFORE[first_version, mono] + granule * _GRANULE[first_version]
        filled = _read(data, side, start, 12) > 0
        at = side[filled]
        gains = _read(data, at, start + _GAIN_AT, 8)
        wanted = gains + np.broadcast_to(steps[:, half], side.shape)[filled]
        heard = (gains > 0) & (wanted > 0)
        if (wanted[heard] > 255).any():
            return False
        _write(data, at[heard], start + _GAIN_AT, wanted[heard])
    if sound is not None:
        whole = positions[sound]
        fresh = _checksums(data, whole, size)
        data[whole + 4], data[whole + 5] = fresh >> 8, fresh & 0xFF
    return True


def _read(data: Bytes, starts: Positions, bit: int, width: int) -> Positions:
    """Return up to 16 bits that begin ``bit`` bits behind each start."""
    at, shift = starts + bit // 8, 24 - bit % 8 - width
    word = data[at].astype(np.int64) << 16 | data[at + 1].astype(np.int64) << 8 | data[at + 2]
    return word >> shift & ((1 << width) - 1)


def _write(data: Bytes, starts: Positions, bit: int, values: Positions) -> None:
    """Put eight bits ``bit`` bits behind each start."""
    at, shift = starts + bit // 8, 8 - bit % 8
    word = (data[at].astype(np.int64) << 8 | data[at + 1]) & ~(0xFF << shift) | values << shift
    data[at], data[at + 1] = word >> 8, word & 0xFF


def _stored(data: Bytes, positions: Positions) -> Positions:
    return data[positions + 4].astype(np.int64) << 8 | data[positions + 5]


def _checksums(data: Bytes, positions: Positions, side: int) -> Positions:
    """Return the CRC-16 of each frame: over the second half of its header, and its side information."""
    found = np.full(positions.shape, 0xFFFF, dtype=np.int64)
    for offset in (2, 3, *range(6, 6 + side)):
        found ^= data[positions + offset].astype(np.int64) << 8
        for _ in range(8):
            found = (found << 1 ^ np.where(found & 0x8000, 0x8005, 0)) & 0xFFFF
    return found


def shift_opus(source: BinaryIO, target: BinaryIO, *, gain: float) -> float:
    """Write ``source`` into ``target``, an empty file, with its header's gain so many dB higher; return that in dB."""
    with mmap(source.fileno(), 0, access=ACCESS_READ) as data:
        found = ogg.walk(data)
    if found is None or len(found.streams) != 1:
        raise Refused("was joined from several streams, each with a gain of its own", hint=_HINT)
    source.seek(0)
    page = OggPage(source)  # type: ignore[no-untyped-call]
    head = bytes(page.packets[0])
    if head[:8] != b"OpusHead" or len(head) < 19 or len(page.packets) != 1:
        raise Refused("is no Opus that we know", hint=_HINT)
    value = int.from_bytes(head[16:18], "little", signed=True) + round(gain * 256)
    if not -0x8000 <= value <= 0x7FFF:
        raise Refused("cannot be made louder or quieter by that much", hint=_HINT)
    page.packets = [head[:16] + value.to_bytes(2, "little", signed=True) + head[18:]]
    target.write(page.write())  # type: ignore[no-untyped-call]
    shutil.copyfileobj(source, target, 1 << 20)
    return value / 256
