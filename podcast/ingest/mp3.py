"""An MP3's frames, walked one by one: the only way to its duration that never errs.

Each Layer III frame says in four bytes how long it is, so a walk over 35 minutes is a loop of 80,000 steps; nearly all are
taken many at once, and of the rest a dictionary answers most. What stands between frames (tags, junk, another file's tags
where files were joined) is stepped over; a Xing, Info or VBRI header is read as a promise, and never believed.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from mmap import mmap
from typing import Final, NamedTuple

from .refusal import Refused

Data = bytes | mmap

_KBIT: Final = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
#: Sync bits and version with Layer III; then a bitrate that is neither free nor forbidden and a rate that exists.
_SECOND: Final = bytes(value for value in range(0xE0, 0x100) if value >> 1 & 3 == 1 and value >> 3 & 3 != 1)
_THIRD: Final = bytes(value for value in range(0x100) if 0 < value >> 4 < 15 and value >> 2 & 3 != 3)
_HEADER: Final = re.compile(b"\xff(?=[" + re.escape(_SECOND) + b"][" + re.escape(_THIRD) + b"])")

#: So many frames in a row are no accident.
_CHAIN: Final = 4
#: Frames that a regular expression takes in one go.
_AT_ONCE: Final = 128
#: Bytes that it gets in one go; far more than so many of the longest frames have.
_BLOCK: Final = 1 << 19
#: Frames after which the lengths of one bitrate repeat: at 44,100 samples a second 49 have whole bytes, else fewer.
_ROUND: Final = 49
#: Bytes of such frames that are looked at in one go.
_REGULAR: Final = 4 << 20
#: The fourth byte of a header.
_STEREO: Final = bytes(range(0xC0))
_MONO: Final = bytes(range(0xC0, 0x100))
#: How often something may look like a frame and be none; a file that was made to keep us busy does more.
_MAX_FALSE: Final = 100_000
_MAX_PARTS: Final = 10_000
#: Bytes that are no frame, behind which nothing is looked for.
_MAX_JUNK: Final = 64 << 20


class Frame(NamedTuple):
    """What a header says: bytes in the frame, samples in it (of each channel), bit/s, samples a second."""

    size: int
    samples: int
    bitrate: int
    rate: int
    channels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What one Xing, Info or VBRI header says: audio frames, and bytes with its own frame; None where it is silent.

    ``trim`` is the number of samples that the encoder added and a player leaves out, ``delay`` how many of them it said are in front.
    """

    frames: int | None
    length: int | None
    delay: int
    trim: int
    frame: Frame

    @property
    def seconds(self) -> float | None:
        """Return the duration that is promised."""
        return (self.frames * self.frame.samples - self.trim) / self.frame.rate if self.frames else None


@dataclass(slots=True, kw_only=True)
class Walk:
    """What a walk found; more than one part where tags, junk or another stream stand between frames."""

    seconds: float = 0.0
    #: Bytes in frames, the headers' own frames among them.
    length: int = 0
    bitrate: int = 0
    constant: bool = True
    rate: int = 0
    channels: int = 0
    parts: int = 0
    junk_before: int = 0
    junk_between: int = 0
    promises: list[Promise] = field(default_factory=list)


@lru_cache(maxsize=1024)
def parse_header(header: bytes) -> Frame | None:
    """Read the four bytes of a Layer III header; None where they are none, or of the free format."""
    if len(header) < 4 or header[0] != 0xFF or header[1] not in _SECOND or header[2] not in _THIRD:
        return None
    version, bits = header[1] >> 3 & 3, header[2]
    kbit = _KBIT[1 if version == 3 else 2][bits >> 4]
    rate = _RATES[version][bits >> 2 & 3]
    samples = 1152 if version == 3 else 576
    size = samples // 8 * kbit * 1000 // rate + (bits >> 1 & 1)
    return Frame(size, samples, kbit * 1000, rate, 1 if header[3] >> 6 == 3 else 2)


def walk(data: Data) -> Walk | None:
    """Walk all frames; None where there is none. Refused where the file is a trap."""
    found, counts, false = Walk(), Counter[bytes](), 0
    position, end = 0, audio_end(data)
    while position < end and found.parts < _MAX_PARTS:
        position = skip_tags(data, position)
        first, tried = find_frames(data, position, min(end, position + _MAX_JUNK), _MAX_FALSE - false)
        false += tried
        if first is None:
            break
        if found.parts:
            found.junk_between += first - position
        else:
            found.junk_before = first - position
        found.parts += 1
        position = _walk_part(data, first, end, found, counts)
    if not found.parts:
        return None
    _sum_up(found, counts)
    return found


def find_frames(data: Data, position: int, end: int, budget: int = _MAX_FALSE) -> tuple[int | None, int]:
    """Return where a run of frames begins, from ``position`` on, and how often something only looked like one."""
    tried = 0
    for match in islice(_HEADER.finditer(data, position, end), budget + 1):
        if _is_run(data, match.start(), end):
            return match.start(), tried
        tried += 1
    if tried > budget:
        raise Refused("is too damaged to be read: nothing but the beginnings of MP3 frames", hint="Export the audio anew.")
    return None, tried


def skip_tags(data: Data, position: int) -> int:
    """Return where the tags that stand here end: ID3v2, APEv2; a file may begin with several."""
    while True:
        head = data[position : position + 32]
        if head[:3] == b"ID3" and len(head) >= 10 and max(head[6:10]) < 0x80:
            size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
            position += 10 + size + (10 if head[5] & 0x10 else 0)
        elif head[:8] == b"APETAGEX":
            position += 32 + int.from_bytes(head[12:16], "little")
        else:
            return position


def audio_end(data: Data) -> int:
    """Return where the tags at the end of the file begin: ID3v1, APEv2."""
    end = len(data)
    while True:
        footer = data[max(end - 32, 0) : end]
        if end >= 128 and data[end - 128 : end - 125] == b"TAG":
            end -= 128
        elif footer[:8] == b"APETAGEX" and len(footer) == 32:
            # The size leaves out a header, and the highest bit of the flags says whether there is one.
            size = int.from_bytes(footer[12:16], "little") + (32 if footer[23] & 0x80 else 0)
            end = max(end - max(size, 32), 0)
        else:
            return end


def _is_run(data: Data, position: int, end: int) -> bool:
    """Say whether frames of one kind follow each other here, four of them or up to the end."""
    first = parse_header(data[position : position + 4])
    frame, count = first, 0
    while first and frame and frame[1::2] == first[1::2] and count < _CHAIN and position + frame.size <= end:
        position, count = position + frame.size, count + 1
        frame = parse_header(data[position : position + 4])
    cut_off = bool(frame) and position + (frame.size if frame else 0) > end
    return count == _CHAIN or (count > 0 and position == end) or (count > 1 and cut_off)


def _walk_part(data: Data, position: int, end: int, found: Walk, counts: Counter[bytes]) -> int:
    """Count the frames of one stream, and return where something else stands."""
    begin, first = position, parse_header(data[position : position + 4])
    if first and (promise := read_promise(data, position, first)):
        found.promises.append(promise)
        position += first.size
    position = _skip_runs(data, position, end, found, counts)
    kind, sizes, last = first and first[1::2], dict[bytes, int](), position
    size_of = sizes.get
    while True:
        while size := size_of(header := data[position : position + 4]):
            counts[header] += 1
            last = position
            position += size
        frame = parse_header(header)
        if frame is None or (kind and kind != frame[1::2]) or position >= end:
            break
        kind, sizes[header] = frame[1::2], frame.size
    is_cut_off = position > end > last
    if is_cut_off:
        counts[data[last : last + 4]] -= 1
    found.length += (last if is_cut_off else position) - begin
    return min(position, end)


def _skip_runs(data: Data, position: int, end: int, found: Walk, counts: Counter[bytes]) -> int:
    """Count the frames of one kind that follow each other, and return where they end, or few are left.

    A regular expression walks them, in a fraction of the time: first those of one bitrate, as all of most files are, then of any.
    """
    header = data[position : position + 4]
    if parse_header(header) is None:
        return position
    position = _skip_regular(data, position, end, counts)
    for bitrates in ((header[2] >> 4,), _nearest(header)):
        run, block, at, runs = _frames_of(header, bitrates), b"", 0, 0
        while position < end and (at or not block):
            # From frame to frame is too far for the processor to look ahead, so each block is first brought near.
            block, at = data[position : min(position + _BLOCK, end)], 0
            while match := run.match(block, at):
                runs, at = runs + 1, match.end()
            position += at
        counts[header] += runs * _AT_ONCE
        found.constant &= len(bitrates) == 1 or not runs
    return position


def leap(data: Data, position: int, count: int) -> tuple[int, int]:
    """Step over up to so many frames of one kind, many at once; return where the next begins, and how many these were."""
    header, over = data[position : position + 4], 0
    if parse_header(header) is None:
        return position, over
    run = _frames_of(header, _nearest(header))
    while over + _AT_ONCE <= count and (match := run.match(data, position)):
        position, over = match.end(), over + _AT_ONCE
    return position, over


def _nearest(header: bytes) -> tuple[int, ...]:
    """Return the bits of all bitrates, those next to a frame's own in front."""
    return tuple(sorted(range(1, 15), key=lambda bits: abs(bits - (header[2] >> 4))))


def _skip_regular(data: Data, position: int, end: int, counts: Counter[bytes]) -> int:
    """Count the frames of one bitrate whose lengths repeat as encoders have it, and return where those end, or little is left.

    The first, second … of each round stand equally far apart, so that one slice has the same byte of all their headers.
    """
    if end - position < _REGULAR:
        return position
    first, at, starts = data[position : position + 4], position, list[int]()
    for _ in range(_ROUND):
        header = data[at : at + 4]
        frame = parse_header(header)
        if frame is None or not _is_like(header, first):
            return position
        starts.append(at - position)
        at += frame.size
    step = at - position
    rounds = max(_REGULAR // step, 1)
    length = rounds * step
    modes = _MONO if first[3] >= _MONO[0] else _STEREO
    wanted = [(start + byte, data[position + start + byte : position + start + byte + 1] * rounds) for start in starts for byte in range(3)]
    while (
        position + length <= end
        and all(data[position + start : position + length : step] == same for start, same in wanted)
        and not any(data[position + start + 3 : position + length : step].translate(None, modes) for start in starts)
    ):
        counts[first] += rounds * _ROUND
        position += length
    return position


def _is_like(header: bytes, first: bytes) -> bool:
    """Say whether two headers differ in padding and kind of stereo alone."""
    return header[:2] == first[:2] and header[2] | 2 == first[2] | 2 and (header[3] >= _MONO[0]) == (first[3] >= _MONO[0])


@lru_cache(maxsize=64)
def _frames_of(header: bytes, bitrates: tuple[int, ...]) -> re.Pattern[bytes]:
    """Return what matches 128 frames that differ from this one in their bitrate (tried in this order), padding and kind of stereo alone."""
    first = parse_header(header)
    # One just like this, as most are, comes first of all.
    either = [re.escape(header) + b".{%d}+" % (first.size - 4)] if first else []
    for bits in bitrates:
        for padding in (0, 2):
            one = bytes([*header[:2], bits << 4 | header[2] & 0b1101 | padding, header[3]])
            if frame := parse_header(one):
                modes = b"[\xc0-\xff]" if frame.channels == 1 else b"[\0-\xbf]"
                either.append(re.escape(one[:3]) + modes + b".{%d}+" % (frame.size - 4))
    # Possessive, so that no way back is kept: there is none. In fours, as each repetition costs as much as a frame.
    either_one = b"(?:%b)" % b"|".join(either)
    return re.compile(b"(?:%b){%d}+" % (either_one * 4, _AT_ONCE // 4), re.DOTALL)


def read_promise(data: Data, position: int, frame: Frame) -> Promise | None:
    """Read the Xing, Info or VBRI header, where this frame holds one instead of audio."""
    body = data[position : position + min(frame.size, 250)]
    mono = frame.channels == 1
    side = (17 if mono else 32) if frame.samples == 1152 else (9 if mono else 17)
    if body[36:40] == b"VBRI":
        return Promise(frames=_number(body, 50), length=_number(body, 46), delay=0, trim=0, frame=frame)
    if body[4 + side : 8 + side] not in {b"Xing", b"Info"}:
        return None
    flags, at = body[11 + side], 12 + side
    frames = _number(body, at) if flags & 1 else None
    at += 4 * (flags & 1)
    length = _number(body, at) if flags & 2 else None
    at += 2 * (flags & 2) + 25 * (flags & 4) + (flags & 8) // 2
    encoder, delays = body[at : at + 4], int.from_bytes(body[at + 21 : at + 24], "big")
    delay, padding = (delays >> 12, delays & 0xFFF) if encoder in {b"LAME", b"Lavc", b"Lavf"} else (0, 0)
    return Promise(frames=frames, length=length, delay=delay, trim=delay + padding, frame=frame)


def _number(body: bytes, at: int) -> int | None:
    """Return 32 bits; zero means not known."""
    return int.from_bytes(body[at : at + 4], "big") or None


def _sum_up(found: Walk, counts: Counter[bytes]) -> None:
    """Turn counted headers into seconds, and the rate, channels and bitrate that most of the file has."""
    time, bitrates = Counter[tuple[int, int]](), set[int]()
    for header, count in counts.items():
        frame = parse_header(header)
        if frame is None or not count:
            continue
        bitrates.add(frame.bitrate)
        time[frame.rate, frame.channels] += count * frame.samples
    audio = sum(samples / rate for (rate, _), samples in sorted(time.items()))
    trim = sum(promise.trim / promise.frame.rate for promise in found.promises)
    found.seconds = max(audio - trim, 0.0)
    found.constant &= len(bitrates) == 1
    if audio:
        bits = 8 * (found.length - sum(promise.frame.size for promise in found.promises))
        found.bitrate = bitrates.pop() if found.constant else round(bits / audio)
        found.rate, found.channels = max(time, key=time.__getitem__)
