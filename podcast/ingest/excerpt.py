"""A span of an MP3, its frames taken as they are: nothing is decoded or encoded, only the gains at both ends are lowered. For the sandbox.

A frame may keep a part of its sound in the frames before it (the bit reservoir), so in front of the first one stands a silent
frame that carries what it needs of them; and before that a Xing header, by whose delays a player leaves out the silence.
"""

from mmap import ACCESS_READ, mmap
from typing import BinaryIO, Final, NamedTuple

import numpy as np

from . import mp3
from .gain import SIDE, Kind, Positions, kind_of, shift

#: Seconds. The ear takes the first for a clean cut, and the second for an end.
FADE_IN: Final = 0.05
FADE_OUT: Final = 0.3
#: Steps of 1.5 dB under which nothing is heard.
_SILENT: Final = -60
#: Frames of the lowest bitrate have 11 bytes of sound, and one may keep 255 before itself.
_BEFORE: Final = 32
#: Samples by which every decoder is late.
_LATE: Final = 529
#: A Xing header with table, and the encoder's part behind it, whose delays players heed only under a name that they know.
_TAG: Final = 156
_NAME: Final = b"LAME3.100"


class _Run(NamedTuple):
    """Where the frames of one kind begin that follow each other, and where the last ends."""

    starts: list[int]
    end: int
    kind: Kind


def excerpt(file: BinaryIO, *, media_type: str, start: float, length: float) -> bytes:
    """Return a span of an MP3 as one of its own, with soft ends; nothing where frames alone cannot make it."""
    if media_type != "audio/mpeg":
        return b""
    with mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        begin, _ = mp3.find_frames(data, mp3.skip_tags(data, 0), len(data))
        frame = mp3.parse_header(data[begin : begin + 4]) if begin is not None else None
        if begin is None or frame is None:
            return b""
        promise = mp3.read_promise(data, begin, frame)
        late = _LATE if promise and promise.trim else 0
        at = round(start * frame.rate) + (promise.delay + late if promise else 0)
        wanted = round(length * frame.rate)
        first, offset = divmod(at, frame.samples)
        count = first + -(-(offset + wanted + _LATE) // frame.samples)
        # The first may need what stands in some frames before it; what is before those is only counted.
        begin, over = mp3.leap(data, begin + frame.size if promise else begin, max(first - _BEFORE, 0))
        first, count, at = first - over, count - over, at - over * frame.samples
        run = _follow(data, begin, count)
        if len(run.starts) < count:
            if run.end < mp3.audio_end(data):
                return b""
            padding = promise.trim - promise.delay - late if promise else 0
            wanted = min(wanted, len(run.starts) * frame.samples - max(padding, 0) - at)
        # FFmpeg leaves out too little where beginning and end lie in one frame.
        if wanted < frame.samples:
            return b""
        sound = bytearray(data[run.starts[first] : run.end])
        starts = np.array(run.starts[first:]) - run.starts[first]
        carrier = _carrier(data, run, first)
    if not carrier:
        return b""
    halves = 2 if run.kind[0] else 1
    shift(np.frombuffer(sound, dtype=np.uint8), starts, run.kind, _envelope(len(starts), halves, offset, wanted, frame))
    return _header(carrier, starts, len(sound), run.kind, frame, offset, wanted) + carrier + bytes(sound)


def _follow(data: mp3.Data, position: int, count: int) -> _Run:
    """Return up to so many frames, as long as each is of the first one's kind and rate."""
    own = data[position : position + 4].ljust(4, b"\0")
    starts, sizes = list[int](), dict[bytes, int]()
    while len(starts) < count:
        header = data[position : position + 4]
        if header not in sizes:
            frame = mp3.parse_header(header)
            if frame is None or header[1] != own[1] or (header[2] ^ own[2]) & 0x0C or kind_of(header) != kind_of(own):
                break
            sizes[header] = frame.size
        starts.append(position)
        position += sizes[header]
    if position > len(data):
        position = starts.pop()
    return _Run(starts, position, kind_of(own))


def _carrier(data: mp3.Data, run: _Run, first: int) -> bytes:
    """Return a silent frame that ends in what the first one keeps before itself; nothing where that is not in the file."""
    of_mpeg_1, mono, protected = run.kind
    side, head = SIDE[of_mpeg_1, mono], 6 if protected else 4
    own = run.starts[first]
    word = int.from_bytes(data[own + head : own + head + 2], "big")
    wanted = word >> 7 if of_mpeg_1 else word >> 8
    kept = b""
    for number in range(first - 1, -1, -1):
        if len(kept) >= wanted:
            break
        kept = data[run.starts[number] + head + side : run.starts[number + 1]] + kept
    if len(kept) < wanted:
        return b""
    return _silence(data[own : own + 4], side, wanted)[: -wanted or None] + kept[len(kept) - wanted :]


def _silence(header: bytes, side: int, room: int) -> bytes:
    """Return the shortest frame of the kind of this header that has so many bytes free, and no sound."""
    for bits in range(1, 15):
        own = bytes([header[0], header[1] | 1, bits << 4 | header[2] & 0x0C, header[3]])
        frame = mp3.parse_header(own)
        if frame and frame.size >= 4 + side + room:
            break
    return own + bytes(frame.size - 4 if frame else 0)


def _envelope(count: int, halves: int, offset: int, wanted: int, frame: mp3.Frame) -> Positions:
    """Return the steps of each half frame, which is heard half in its own time and half in the next one's."""
    time = (np.arange(1, count * halves + 1) * (frame.samples // halves) - offset) / frame.rate
    length = wanted / frame.rate
    loud = np.minimum(time / min(FADE_IN, length / 2), (length - time) / min(FADE_OUT, length / 2)).clip(2.0**-15, 1)
    steps: Positions = np.maximum(np.rint(4 * np.log2(loud)), _SILENT).astype(np.int64)
    return steps.reshape(count, halves)


def _header(carrier: bytes, starts: Positions, length: int, kind: Kind, frame: mp3.Frame, offset: int, wanted: int) -> bytes:
    """Return the Xing header: frames, bytes, where each hundredth of the time stands, and the samples at both ends that are none."""
    side = SIDE[kind[:2]]
    own = _silence(carrier[:4], side, _TAG)
    frames, total = len(starts) + 1, len(own) + len(carrier) + length
    places = np.append(len(own), starts + len(own) + len(carrier))
    table = places[np.arange(100) * frames // 100] * 256 // total
    delay = frame.samples + offset - _LATE
    padding = frames * frame.samples - delay - wanted
    tag = b"Xing\0\0\0\x0f" + frames.to_bytes(4, "big") + total.to_bytes(4, "big") + bytes(table.tolist()) + bytes(4)
    tag += _NAME.ljust(21, b"\0") + (delay << 12 | max(padding, 0)).to_bytes(3, "big") + bytes(4) + total.to_bytes(4, "big") + bytes(2)
    head = own[: 4 + side] + tag
    return (head + _checksum(head).to_bytes(2, "big")).ljust(len(own), b"\0")


def _checksum(data: bytes) -> int:
    """Return the CRC-16 by which readers know that the encoder's part is whole."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
