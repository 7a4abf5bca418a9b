"""An Ogg file's pages, walked one by one: each says how many samples lie behind it.

The last page of each stream gives its duration, whatever was chained to it; decoders that read one header and the end
of the file see one stream of several. Opus counts at 48 kHz always and leaves out the pre-skip (RFC 7845).
"""

from dataclasses import dataclass, field
from mmap import mmap
from typing import Final

from .refusal import Refused

Data = bytes | mmap

_PAGE: Final = 27
_CONTINUES, _BEGINS, _ENDS = 1, 2, 4
_NOTHING_ENDS: Final = 0xFFFF_FFFF_FFFF_FFFF
#: More false starts, or more streams, than any real file has.
_MAX_ODD: Final = 100_000
#: Bytes that are no page, behind which nothing is looked for.
_MAX_JUNK: Final = 64 << 20

_OTHER: Final = {
    b"\x80theora": "a video (Ogg Theora)",
    b"BBCD": "a video (Ogg Dirac)",
    b"Speex   ": "Speex",
}


@dataclass(slots=True, kw_only=True)
class Stream:
    """One logical stream; granules are samples at ``clock``, which Opus fixes at 48 kHz."""

    clock: int
    rate: int
    channels: int
    skip: int = 0
    first: int = 0
    last: int = 0
    pages: int = 0

    @property
    def seconds(self) -> float:
        """Return the duration. A stream that was cut out of a broadcast does not begin at zero."""
        samples = self.last - self.skip
        if self.pages > 2:
            step = (self.last - self.first) / (self.pages - 1)
            if self.first > 4 * step + self.clock:
                samples = round(self.last - self.first + step)
        return max(samples, 0) / self.clock


@dataclass(slots=True, kw_only=True)
class Walk:
    """What a walk found; more than one stream where files were chained."""

    streams: list[Stream] = field(default_factory=list)
    #: Bytes in whole pages.
    length: int = 0
    junk: int = 0
    #: The last page says that it is the last.
    ended: bool = False

    @property
    def seconds(self) -> float:
        """Return the duration of all streams."""
        return sum(stream.seconds for stream in self.streams)


def walk(data: Data, position: int = 0) -> Walk | None:
    """Walk all pages; None where there is no sound. Refused for video, codecs that nobody plays, and traps."""
    found, current = Walk(), dict[int, Stream]()
    odd, in_headers = 0, False
    while True:
        start = data.find(b"OggS", position, position + _MAX_JUNK)
        if start < 0:
            break
        found.junk += start - position
        head = data[start : start + _PAGE + 255]
        size = _page_size(head)
        if size is None or start + size > len(data):
            found.junk += 4
            position, odd = start + 4, odd + 1
        else:
            serial, kind = int.from_bytes(head[14:18], "little"), head[5]
            if kind & _BEGINS:
                body = start + _PAGE + head[26]
                # Streams that begin together play together: the first one counts.
                stream = _begin(data[body : body + 64])
                if stream and not (in_headers and current):
                    current = {serial: stream}
                    found.streams.append(stream)
            in_headers = bool(kind & _BEGINS)
            if serial in current:
                _count(current[serial], int.from_bytes(head[6:14], "little"))
                found.length += size
                found.ended = bool(kind & _ENDS)
            position = start + size
        if odd + len(found.streams) > _MAX_ODD:
            raise Refused("is too damaged to be read: nothing but the beginnings of Ogg pages", hint="Export the audio anew.")
    return found if found.length and found.streams else None


def _page_size(head: bytes) -> int | None:
    """Return the bytes of a page, or None where this is none."""
    if len(head) < _PAGE or head[4] or len(head) < _PAGE + head[26]:
        return None
    return _PAGE + head[26] + sum(head[_PAGE : _PAGE + head[26]])


def _count(stream: Stream, granule: int) -> None:
    if 0 < granule < 1 << 63:
        stream.first = stream.first or granule
        stream.last = max(stream.last, granule)
        stream.pages += 1


def _begin(packet: bytes) -> Stream | None:
    """Read the first packet of a stream; None for what is no sound and does no harm (Skeleton)."""
    if packet[:8] == b"OpusHead" and len(packet) >= 19:
        skip, rate = int.from_bytes(packet[10:12], "little"), int.from_bytes(packet[12:16], "little")
        return Stream(clock=48_000, rate=rate or 48_000, channels=packet[9], skip=skip)
    if packet[:7] == b"\x01vorbis" and len(packet) >= 16 and (rate := int.from_bytes(packet[12:16], "little")):
        return Stream(clock=rate, rate=rate, channels=packet[11])
    if packet[:5] == b"\x7fFLAC" and len(packet) >= 32 and (rate := int.from_bytes(packet[27:30], "big") >> 4):
        return Stream(clock=rate, rate=rate, channels=(packet[29] >> 1 & 7) + 1)
    for magic, what in _OTHER.items():
        if packet.startswith(magic):
            raise Refused(f"is {what}", hint="Publish Opus or Vorbis in Ogg, MP3 or M4A.")
    return None
