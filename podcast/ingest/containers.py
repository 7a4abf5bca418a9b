"""A look at the outermost boxes of MP4, WAV and AIFF before FFmpeg sees them: whether what it needs is there.

FFmpeg says "invalid data" of an MP4 that was cut off before its index, and searches a header of zeros for hours.
"""

from mmap import mmap
from typing import Final, Literal

from .refusal import Refused

Data = bytes | mmap

#: More outermost boxes than any real file has. (A fragmented MP4 has two for every few seconds.)
_MAX_CHUNKS: Final = 100
_MAX_BOXES: Final = 200_000
#: What programs write that stream a WAV and do not know its size yet.
_UNKNOWN: Final = {0, 0xFFFF_FFFF, 0x7FFF_FFFF, 0x7FFF_F000}


def check(data: Data, media_type: str) -> int | None:
    """Refuse what lacks its index or its sound, and return the size that a WAV or AIFF gives for its sound, where it knows."""
    if media_type == "audio/x-m4a":
        _check_mp4(data)
    elif media_type == "audio/wav":
        return _sound_size(data, b"data", "little")
    elif media_type == "audio/aiff":
        return _sound_size(data, b"SSND", "big")
    return None


def _check_mp4(data: Data) -> None:
    position = 0
    for _ in range(_MAX_BOXES):
        head = data[position : position + 16]
        size = int.from_bytes(head[:4], "big")
        if head[4:8] == b"moov":
            return
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if size < 8 or len(head) < 8:
            break
        position += size
    hint = "Copy or export it again, whole."
    if position > len(data):
        raise Refused("is truncated: it ends before its index (moov), without which it cannot be played", hint=hint)
    raise Refused("lacks its index (moov), without which it cannot be played", hint=hint)


def _sound_size(data: Data, name: bytes, order: Literal["little", "big"]) -> int | None:
    position = 12
    for _ in range(_MAX_CHUNKS):
        head = data[position : position + 8]
        size = int.from_bytes(head[4:8], order)
        if head[:4] == name:
            return None if size in _UNKNOWN else size
        position += 8 + size + size % 2
    raise Refused("holds no audio", hint="Copy or export it again, whole.")
