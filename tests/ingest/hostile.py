"""Files that were made to do harm, and how good ones are spoilt at random."""

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

#: An opener to a file of others, should anything ever follow it.
DECOY = "/etc/hostname"

_FRAME = bytes.fromhex("fffb9064") + bytes(413)


def silence(seconds: float = 1) -> bytes:
    """Return an MP3 of empty frames at 128 kbit/s."""
    return _FRAME * int(seconds * 44_100 / 1152)


def syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3(body: bytes, version: int = 4) -> bytes:
    return b"ID3" + bytes([version, 0, 0]) + syncsafe(min(len(body), (1 << 28) - 1)) + body


def frame(name: bytes, body: bytes, flags: int = 0) -> bytes:
    return name + syncsafe(len(body)) + flags.to_bytes(2, "big") + body


def squeezed(name: bytes, body: bytes) -> bytes:
    """Return a frame whose body is compressed."""
    return frame(name, syncsafe(len(body) % (1 << 28)) + zlib.compress(body, 9), 0x0009)


def chapter(number: int, inside: bytes = b"") -> bytes:
    return frame(b"CHAP", b"c%d\0" % number + struct.pack(">IIII", number, number + 1, 0xFFFFFFFF, 0xFFFFFFFF) + inside)


def nested(depth: int) -> bytes:
    body = frame(b"TIT2", b"\3deep")
    for number in range(depth):
        body = chapter(number, body)
    return body


def box(name: bytes, body: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I", 8 + len(body) if size is None else size) + name + body


def boxes(depth: int, name: bytes = b"moov") -> bytes:
    body = b""
    for _ in range(depth):
        body = box(name, body)
    return box(b"ftyp", b"M4A \0\0\0\0") + body


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body


def wav(channels: int = 1, rate: int = 8000, bits: int = 16, codec: int = 1, data: bytes = bytes(8000), size: int | None = None) -> bytes:
    align = channels * bits // 8 % 65_536
    form = struct.pack("<HHIIHH", codec, channels, rate, rate * align % (1 << 32), align, bits)
    return b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVE" + chunk(b"fmt ", form) + chunk(b"data", data, size)


def aiff(rate: bytes, channels: int = 1, frames: int = 4000) -> bytes:
    common = struct.pack(">hIh", channels, frames, 16) + rate
    sound = bytes(8 + 8000)
    body = b"AIFF" + b"COMM" + struct.pack(">I", 18) + common + b"SSND" + struct.pack(">I", len(sound)) + sound
    return b"FORM" + struct.pack(">I", len(body)) + body


def page(serial: int, flags: int, granule: int, body: bytes, number: int = 0) -> bytes:
    lacing = bytes([255] * (len(body) // 255) + [len(body) % 255])
    return struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, serial, number, 0) + bytes([len(lacing)]) + lacing + body


OPUS_HEAD = b"OpusHead\1\1\x38\1\x80\xbb\0\0\0\0\0"


def opus_tags(count: int, length: int = 0, claimed: int | None = None) -> bytes:
    comments = b"".join(struct.pack("<I", 3 + length) + b"A=" + b"x" * (length + 1) for _ in range(count))
    return b"OpusTags" + struct.pack("<I", 0) + struct.pack("<I", count if claimed is None else claimed) + comments


def opus(tags: bytes, granule: int = 48_000) -> bytes:
    parts = [tags[at : at + 60_000] for at in range(0, len(tags), 60_000)] or [b""]
    pages = [page(1, 0 if number == 0 else 1, 0, part, number + 1) for number, part in enumerate(parts)]
    return page(1, 2, 0, OPUS_HEAD) + b"".join(pages) + page(1, 4, granule, b"\xfc\xff\xfe", len(parts) + 1)


def flac(samples: int = 8000, blocks: bytes = b"", rate: int = 8000) -> bytes:
    info = struct.pack(">HH", 4096, 4096) + bytes(6) + (rate << 44 | 15 << 36 | samples).to_bytes(8, "big") + bytes(16)
    return b"fLaC" + b"\x00" + len(info).to_bytes(3, "big") + info + blocks + b"\x81\0\0\0" + b"\xff\xf8\x69\x18" + bytes(2000)


def flac_block(kind: int, body: bytes, size: int | None = None) -> bytes:
    return bytes([kind]) + (len(body) if size is None else size).to_bytes(3, "big") + body


def picture_block(body: bytes, length: int | None = None) -> bytes:
    head = struct.pack(">II", 3, 9) + b"image/png" + struct.pack(">IIIII", 0, 1, 1, 24, 0)
    return head + struct.pack(">I", len(body) if length is None else length) + body


def png(width: int, height: int, *chunks: tuple[bytes, bytes], data: bytes | None = None) -> bytes:
    def part(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes((3 * width + 1) * height) if data is None else data, 9)
    more = b"".join(part(*one) for one in chunks)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + more + part(b"IDAT", body) + part(b"IEND", b"")


def apic(data: bytes) -> bytes:
    return frame(b"APIC", b"\0image/png\0\3\0" + data)


_LISTS: dict[str, bytes] = {
    "HLS": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{DECOY}\n#EXTINF:9,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n".encode(),
    "HLS key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{DECOY}"\n#EXTINF:9,\nx.ts\n'.encode(),
    "HLS behind a byte order mark": f"\ufeff#EXTM3U\n#EXTINF:9,\n{DECOY}\n".encode(),
    "ffconcat": f"ffconcat version 1.0\nfile {DECOY}\n".encode(),
    "ffconcat, spaced": b"\n\n  ffconcat version 1.0\nfile 'http://127.0.0.1:9/'\n",
    "concat:": f"concat:{DECOY}|{DECOY}".encode(),
    "subfile": f"subfile,,start,0,end,9,,:{DECOY}".encode(),
    "MPD": f'<?xml version="1.0"?><MPD type="static"><Period><BaseURL>file://{DECOY}</BaseURL></Period></MPD>'.encode(),
    "SDP": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n",
    "ASX": f'<asx version="3"><entry><ref href="file://{DECOY}"/></entry></asx>'.encode(),
    "PLS": f"[playlist]\nFile1={DECOY}\n".encode(),
    "SMIL": f'<?xml version="1.0"?><smil><body><audio src="{DECOY}"/></body></smil>'.encode(),
    "XML entity": f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file://{DECOY}">]><x>&e;</x>'.encode(),
    "AVI with a playlist in it": b"RIFF\0\0\1\0AVI LIST" + f"#EXTM3U\n{DECOY}".encode(),
    "MP4 with outside data": box(b"ftyp", b"qt  \0\0\0\0")
    + box(b"moov", box(b"rmra", box(b"rmda", box(b"rdrf", b"\0\0\0\0url " + DECOY.encode())))),
}


def hand_made() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield hostile audio files, each with what it is, made when asked for."""
    tone = silence()
    for name, body in _LISTS.items():
        yield f"playlist: {name}", lambda body=body: body  # type: ignore[misc]
        yield f"playlist behind a tag: {name}", lambda body=body: id3(frame(b"TIT2", b"\3x")) + body  # type: ignore[misc]
        yield f"playlist in front: {name}", lambda body=body: body.ljust(5000) + tone  # type: ignore[misc]
    yield from {
        "bomb: title": lambda: id3(squeezed(b"TIT2", b"\0" + b"A" * (300 << 20))) + tone,
        "bomb: many titles": lambda: id3(squeezed(b"TIT2", b"\0" + b"A" * (50 << 20)) * 20) + tone,
        "bomb: chapter": lambda: id3(squeezed(b"CHAP", chapter(1)[10:] + squeezed(b"TIT2", b"\0" + b"A" * (150 << 20)))) + tone,
        "frames: 400,000 unknown": lambda: id3(frame(b"TXXX", b"\0a\0b") * 400_000) + tone,
        "frames: 400,000 comments": lambda: id3(b"".join(frame(b"COMM", b"\0eng%d\0b" % n) for n in range(400_000))) + tone,
        "frames: 200,000 chapters": lambda: id3(b"".join(chapter(n) for n in range(200_000))) + tone,
        "frames: a chapter of 100,000": lambda: id3(chapter(1, frame(b"TIT2", b"\0ab") * 100_000)) + tone,
        "frames: chapters 20 deep": lambda: id3(nested(20)) + tone,
        "frames: chapters 3,000 deep": lambda: id3(nested(3000)) + tone,
        "frames: of nothing": lambda: id3(bytes(1 << 20)) + tone,
        "frames: unsynchronised": lambda: b"ID3\4\0\x80" + syncsafe(1 << 20) + b"\xff\0" * (1 << 19) + tone,
        "frames: v2.2": lambda: b"ID3\2\0\0" + syncsafe(600_000) + b"TT2\0\0\1\0" * 85_714 + tone,
        "tag: larger than the file": lambda: b"ID3\4\0\0\x7f\x7f\x7f\x7f" + tone,
        "tag: larger than we read": lambda: id3(bytes(17 << 20)) + tone,
        "tag: extended header of all": lambda: b"ID3\4\0\x40" + syncsafe(1000) + b"\x7f\x7f\x7f\x7f" + bytes(996) + tone,
        "tags: 100,000": lambda: id3(b"") * 100_000 + tone,
        "tags: APE of no size, 100,000": lambda: (b"APETAGEX" + bytes(24)) * 100_000 + tone,
        "tags: APE as large as it says": lambda: tone + b"APETAGEX" + struct.pack("<IIII", 2000, 0xFFFFFFFF, 0xFFFFFFFF, 0) + bytes(8),
        "MP3: beginnings of frames": lambda: b"\xff\xfb\x90\x64" * 500_000,
        "MP3: a part every other frame": lambda: (_FRAME * 4 + b"\0") * 12_000,
        "MP3: one second at each rate": lambda: b"".join(bytes([0xFF, 0xFB, 0x90 | bits, 0x64]) + bytes(1000) for bits in (0, 4, 8)) * 900,
        "MP3: header of 4 billion frames": lambda: b"\xff\xfb\x90\x64" + bytes(32) + b"Xing\0\0\0\3" + b"\xff" * 8 + bytes(365) + tone,
        "MP3: header of zeros": lambda: b"\xff\xfb\x90\x64" + bytes(32) + b"Xing\0\0\0\x0f" + bytes(373) + tone,
        "MP3: a day of silence": lambda: silence(10) * 600,
        "polyglot: HTML": lambda: tone + b"<html><script>alert(1)</script>" + bytes(1000),
        "polyglot: PHP in the tag": lambda: id3(frame(b"TIT2", b"\3<?php system($_GET[0]); ?>")) + tone,
        "polyglot: ZIP": lambda: tone + b"PK\x05\x06" + bytes(18),
        "polyglot: PDF in front": lambda: b"%PDF-1.7\n" + tone,
        "polyglot: MP3 in a WAV": lambda: wav() + tone,
        "polyglot: GIF in front": lambda: b"GIF89a/*" + tone,
        "MP4: index of nothing": lambda: boxes(1),
        "MP4: 5,000 deep": lambda: boxes(5000),
        "MP4: 5,000 deep in user data": lambda: boxes(5000, b"udta"),
        "MP4: 300,000 boxes": lambda: box(b"ftyp", b"M4A \0\0\0\0") + box(b"free") * 300_000,
        "MP4: a box of no size": lambda: box(b"ftyp", b"M4A \0\0\0\0") + box(b"moov", size=0),
        "MP4: a box of a huge size": lambda: box(b"ftyp", b"M4A \0\0\0\0") + b"\0\0\0\1moov" + b"\x7f" + b"\xff" * 7,
        "MP4: 4 billion samples": lambda: _mp4(b"stsz", b"\0" * 8 + b"\xff" * 4),
        "MP4: 4 billion times of one": lambda: _mp4(b"stts", b"\0\0\0\0\0\0\0\1" + b"\xff" * 8),
        "MP4: 4 billion chunks": lambda: _mp4(b"stco", b"\0\0\0\0\xff\xff\xff\xff"),
        "MP4: references that go round": lambda: _mp4(b"tref", box(b"chap", b"\0\0\0\1")),
        "MP4: 200,000 tags": lambda: boxes(0) + box(b"moov", box(b"udta", box(b"meta", b"\0\0\0\0" + box(b"ilst", _ATOM * 200_000)))),
        "WAV: 4 GB in a kilobyte": lambda: wav(size=0xFFFFFFF0),
        "WAV: 65,535 channels": lambda: wav(channels=65_535),
        "WAV: 4 billion a second": lambda: wav(rate=0xFFFFFFFF),
        "WAV: no bits": lambda: wav(bits=0),
        "WAV: each codec": lambda: wav(codec=0x0161),
        "WAV: 100 chunks of nothing": lambda: b"RIFF\xff\xff\xff\xffWAVE" + chunk(b"junk", b"") * 2000,
        "WAV: a tag of 200,000 frames": lambda: wav() + chunk(b"id3 ", id3(frame(b"TIT2", b"\0ab") * 200_000)),
        "RF64: nonsense": lambda: b"RF64\xff\xff\xff\xffWAVE" + chunk(b"ds64", b"\xff" * 28) + wav()[12:],
        "AIFF: infinitely fast": lambda: aiff(b"\x7f\xff" + bytes(8)),
        "AIFF: no time": lambda: aiff(bytes(10)),
        "AIFF: 4 billion frames": lambda: aiff(bytes.fromhex("400bfa00000000000000"), frames=0xFFFFFFFF),
        "Ogg: 100,000 streams": lambda: b"".join(page(n, 2, 0, OPUS_HEAD) for n in range(100_000)),
        "Ogg: beginnings of pages": lambda: b"OggS" * 500_000,
        "Ogg: pages of nothing": lambda: page(1, 2, 0, OPUS_HEAD) + page(1, 0, 5, b"") * 200_000,
        "Ogg: a page of all time": lambda: opus(opus_tags(1), (1 << 63) - 1),
        "Ogg: comments of 4 billion": lambda: opus(opus_tags(1, claimed=0xFFFFFFFF)),
        "Ogg: 300,000 comments": lambda: opus(opus_tags(300_000)),
        "Ogg: a packet without an end": lambda: page(1, 2, 0, OPUS_HEAD) + page(1, 0, 0, b"OpusTags" + bytes(64_000)) * 300,
        "FLAC: 2^36 samples": lambda: flac((1 << 36) - 1),
        "FLAC: no rate": lambda: flac(rate=0),
        "FLAC: blocks without an end": lambda: flac(blocks=flac_block(4, b"", 0xFFFFFF)),
        "FLAC: 200,000 blocks": lambda: flac(blocks=flac_block(1, b"") * 200_000),
        "FLAC: 4 billion comments": lambda: flac(blocks=flac_block(4, struct.pack("<II", 0, 0xFFFFFFFF))),
        "FLAC: a picture larger than all": lambda: flac(blocks=flac_block(6, picture_block(b"x", 0xFFFFFFFF))),
        "AAC: frames of nothing": lambda: b"\xff\xf1\x50\x80\0\xff\xfc" * 40_000,
    }.items()


_ATOM = box(b"\xa9nam", box(b"data", b"\0\0\0\1\0\0\0\0x"))


def _mp4(name: bytes, body: bytes) -> bytes:
    """Return an MP4 of one track, one of whose tables says what it should not."""
    entry = box(b"mp4a", bytes(6) + b"\0\1" + bytes(8) + b"\0\1\0\x10\0\0\0\0" + struct.pack(">I", 44_100 << 16))
    tables = {
        b"stsd": b"\0\0\0\0\0\0\0\1" + entry,
        b"stts": b"\0\0\0\0\0\0\0\1\0\0\0\1\0\0\4\0",
        b"stsc": b"\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1",
        b"stsz": b"\0\0\0\0\0\0\0\1\0\0\0\1",
        b"stco": b"\0\0\0\0\0\0\0\1\0\0\0\0",
    }
    inside = tables | ({name: body} if name in tables else {})
    stbl = box(b"stbl", b"".join(box(*one) for one in inside.items()))
    media = box(b"mdhd", bytes(12) + struct.pack(">IIHH", 44_100, 44_100, 0x55C4, 0)) + box(b"hdlr", bytes(8) + b"soun" + bytes(13))
    track = box(b"tkhd", b"\0\0\0\1" + bytes(8) + b"\0\0\0\1" + bytes(68)) + (b"" if name in tables else box(name, body))
    moov = box(b"mvhd", bytes(12) + struct.pack(">II", 1000, 1000) + bytes(80))
    return box(b"ftyp", b"M4A \0\0\0\0") + box(b"moov", moov + box(b"trak", track + box(b"mdia", media + box(b"minf", stbl))))


#: Beginnings of files of 4.4 GB that hold nothing else.
HOLLOW: dict[str, bytes] = {
    "WAV": b"RIFF\xff\xff\xff\xffWAVE",
    "RF64": b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0",
    "WAV with data": wav(size=0xFFFFFFF0),
    "FLAC": b"fLaC",
    "FLAC with a head": flac(),
    "Ogg": page(1, 2, 0, OPUS_HEAD),
    "MP4": box(b"ftyp", b"M4A \0\0\0\0"),
    "MP4 with an index": box(b"ftyp", b"M4A \0\0\0\0") + box(b"moov", size=0),
    "AIFF": b"FORM\xff\xff\xff\xffAIFF",
    "AAC": b"\xff\xf1\x50\x80\0\xff\xfc" * 5,
    "MP3": silence(),
    "MP3 with a tag": b"ID3\4\0\0\x7f\x7f\x7f\x7f",
    "zeros": b"",
}


def pictures() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield hostile covers, made when asked for."""
    bomb = zlib.compress(bytes(200 << 20), 9)
    yield from {
        "9,000 wide": lambda: png(9000, 9000, data=bytes(1000)),
        "13,000 wide": lambda: png(13_000, 13_000, data=bytes(1000)),
        "2^31 wide": lambda: png((1 << 31) - 1, (1 << 31) - 1, data=b""),
        "of no size": lambda: png(0, 0, data=b""),
        "data of 200 MB for a small one": lambda: png(10, 10, data=bytes(200 << 20)),
        "a compressed text": lambda: png(10, 10, (b"zTXt", b"a\0\0" + bomb)),
        "a compressed profile": lambda: png(10, 10, (b"iCCP", b"a\0\0" + bomb)),
        "an international text": lambda: png(10, 10, (b"iTXt", b"a\0\1\0\0\0" + bomb)),
        "100,000 chunks": lambda: png(10, 10, *[(b"tEXt", b"a\0b")] * 100_000),
        "an animation of 4 billion": lambda: png(10, 10, (b"acTL", b"\xff" * 8)),
        "EPS": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(" + DECOY.encode() + b") run\n",
        "SVG": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{DECOY}"/></svg>'.encode,
        "GIF": lambda: (
            b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\x80\0\0" + bytes(6) + (b"\x2c" + bytes(8) + b"\0\2\2\x4c\1\0") * 50_000
        ),
        "TIFF": lambda: b"II*\0\x08\0\0\0" + b"\xff" * 2000,
        "BMP": lambda: b"BM" + struct.pack("<IIIIiiHHI", 100, 0, 54, 40, 60_000, 60_000, 1, 24, 0) + bytes(100),
        "a web page": lambda: b"<html><script>alert(1)</script>",
        "nothing": lambda: b"",
    }.items()


_EXTREME = [
    bytes([0]),
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\0\0\0\0",
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\x80\0\0\0",
    b"\xff" * 8,
]


def mutant(seed: bytes, other: bytes, chance: random.Random) -> bytes:
    """Spoil a file at one to four places, mostly in its head and its tail."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 4)):
        at = _place(len(data), chance)
        deed = chance.randrange(8)
        if deed == 0 and data:
            data[at % len(data)] ^= 1 << chance.randrange(8)
        elif deed == 1:
            value = chance.choice(_EXTREME)
            data[at : at + len(value)] = value
        elif deed == 2:
            data[at : at + chance.randint(1, 64)] = chance.randbytes(chance.randint(1, 64))
        elif deed == 3:
            del data[at : at + chance.randint(1, 400)]
        elif deed == 4:
            data[at:at] = chance.choice(_EXTREME) * chance.randint(1, 100)
        elif deed == 5:
            start, length = _place(len(data), chance), chance.randint(1, 2000)
            data[at:at] = data[start : start + length] * chance.randint(1, 4)
        elif deed == 6:
            del data[max(at, 16) :]
        else:
            start = _place(len(other), chance)
            data[at:at] = other[start : start + chance.randint(1, 2000)]
    return bytes(data)


def _place(length: int, chance: random.Random) -> int:
    edge = min(length, 1500)
    return chance.choice(
        [chance.randrange(edge + 1), chance.randrange(edge + 1), length - chance.randrange(edge + 1), chance.randrange(length + 1)]
    )


def tagged(save: Callable[[Any], object], data: bytes) -> bytes:
    """Return a file after something was saved into it."""
    file = io.BytesIO(data)
    save(file)
    return file.getvalue()
