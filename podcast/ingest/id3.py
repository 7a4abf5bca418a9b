"""An ID3 tag as nearly all are, read in a tenth of the time that mutagen takes.

That is one of version 2.3 or 2.4, with nothing packed, encrypted or escaped, and one frame right behind the other. What is
in any way odd is left to mutagen, which knows the faults of many programs, and so are dates.
"""

import re
import struct
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from podcast.model import Chapter

K = TypeVar("K")
V = TypeVar("V")

_FRAME: Final = struct.Struct(">4sIH")
_TIMES: Final = struct.Struct(">IIII")
_NAME: Final = re.compile(rb"[A-Z][A-Z0-9]{3}")
_ENCODINGS: Final = ("latin-1", "utf-16", "utf-16-be", "utf-8")
_NO_TIME: Final = 0xFFFF_FFFF
#: Of the kinds of pictures, the last; and names that are no media types, by which mutagen knows tags of version 2.2.
_LAST_KIND: Final = 20
_OLD: Final = {b"PNG", b"JPG"}
#: One text each; and those that have a language and a description before it.
_TEXTS: Final = frozenset({b"TALB", b"TDES", b"TIT2", b"TLAN", b"TPE1", b"TPE2", b"TPOS", b"TRCK"})
_DESCRIBED: Final = frozenset({b"COMM", b"USLT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """What a tag holds: pictures, by their kind and where they stand in it; chapters; texts.

    ``described`` are texts by the name of their frame, their language and their description. ``rest`` is a tag of the
    frames asked for that are none of these; empty where there are none.
    """

    rest: bytes
    pictures: list[tuple[int, tuple[int, int]]]
    chapters: list[Chapter]
    texts: dict[str, str]
    described: dict[tuple[str, str, str], str]


class _Odd(ValueError):
    """The tag is not as nearly all are."""


def length(head: bytes) -> int:
    """Return how many bytes of a tag follow the first ten of a file."""
    return _size(head[6:10]) if head[:3] == b"ID3" and len(head) == 10 and max(head[6:10]) < 0x80 else 0


def part(tag: bytes, wanted: Container[str]) -> Parted | None:
    """Take a whole tag apart; None where that is better left to mutagen. What is not ``wanted`` is left out."""
    if tag[:3] != b"ID3" or tag[3] not in {3, 4} or tag[5] or len(tag) <= 10 or len(tag) != 10 + length(tag[:10]):
        return None
    rest, pictures, listed = list[bytes](), list[tuple[int, tuple[int, int]]](), set[bytes]()
    chapters, texts, described = dict[bytes, Chapter](), dict[str, str](), dict[tuple[str, str, str], str]()
    try:
        for name, start, end in _frames(tag, 10, tag[3]):
            if name == b"APIC":
                pictures.append(_picture(tag, start, end))
            elif name == b"CHAP":
                _put(chapters, *_chapter(tag[start:end], tag[3]))
            elif name == b"CTOC":
                listed |= _listed(tag[start:end])
            elif name in _TEXTS and start < end:
                _put(texts, name.decode(), _text(tag[start + 1 : end], tag[start]))
            elif name in _DESCRIBED and start < end:
                text = _behind(tag, start + 4, end, tag[start])
                language, about = tag[start + 1 : start + 4].decode("ascii"), _text(tag[start + 4 : text], tag[start])
                _put(described, (name.decode(), language, about), _text(tag[text:end], tag[start]))
            elif name.decode() in wanted:
                rest.append(tag[start - 10 : end])
    except ValueError:
        return None
    body = b"".join(rest)
    made = tag[:6] + _safe(len(body)) + body if body else b""
    return Parted(rest=made, pictures=pictures, chapters=in_table(chapters, listed), texts=texts, described=described)


def in_table(chapters: Mapping[K, Chapter], listed: Container[K]) -> list[Chapter]:
    """Return chapters by their names; where tables of contents list some of them, the others are hidden."""
    if not any(name in listed for name in chapters):
        return list(chapters.values())
    return [chapter if name in listed else replace(chapter, toc=False) for name, chapter in chapters.items()]


def _put(found: dict[K, V], key: K, value: V) -> None:
    if key in found or not value:
        raise _Odd
    found[key] = value


def _frames(tag: bytes, at: int, version: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of the frames up to the padding."""
    while at + 10 <= len(tag):
        name, size, flags = _FRAME.unpack_from(tag, at)
        if name == b"\0\0\0\0":
            break
        if version == 4:
            size = _size(tag[at + 4 : at + 8])
        at += 10 + size
        if flags or not _NAME.fullmatch(name) or at > len(tag):
            raise _Odd
        yield name, at - size, at
    if tag.count(0, at) < len(tag) - at:
        raise _Odd


def _size(four: bytes) -> int:
    """Return a number of which each byte holds seven bits."""
    if max(four) >= 0x80:
        raise _Odd  # iTunes wrote plain numbers once.
    return four[0] << 21 | four[1] << 14 | four[2] << 7 | four[3]


def _safe(size: int) -> bytes:
    return bytes([size >> 21, size >> 14 & 127, size >> 7 & 127, size & 127])


def _picture(tag: bytes, start: int, end: int) -> tuple[int, tuple[int, int]]:
    mime = tag.find(b"\0", start + 1, end)
    if mime < 0 or mime + 2 > end or tag[start + 1 : mime] in _OLD or tag[mime + 1] > _LAST_KIND:
        raise _Odd
    return tag[mime + 1], (_behind(tag, mime + 2, end, tag[start]), end)


def _chapter(body: bytes, version: int) -> tuple[bytes, Chapter]:
    key, zero, _ = body.partition(b"\0")
    at = len(key) + 1
    if not zero or len(body) < at + _TIMES.size:
        raise _Odd
    start, end, _, _ = _TIMES.unpack_from(body, at)
    said: dict[bytes, str] = {}
    for name, first, last in _frames(body, at + _TIMES.size, version):
        if name in said or name in {b"CHAP", b"CTOC"}:
            raise _Odd
        if name == b"TIT2" and first < last:
            said[name] = _text(body[first + 1 : last], body[first])
        elif name == b"WXXX" and first < last:
            said[name] = body[_behind(body, first + 1, last, body[first]) : last].partition(b"\0")[0].decode("latin-1")
    return key, Chapter(
        start=start / 1000,
        title=said.get(b"TIT2", ""),
        end=end / 1000 if start < end < _NO_TIME else None,
        url=said.get(b"WXXX"),
    )


def _listed(body: bytes) -> set[bytes]:
    """Return what a table of contents lists."""
    _, _, table = body.partition(b"\0")
    if len(table) < 2 or table.count(b"\0", 2) < table[1]:
        raise _Odd
    return set(table[2:].split(b"\0", table[1])[: table[1]])


def _behind(data: bytes, start: int, end: int, encoding: int) -> int:
    """Return where that begins which stands behind a text and its zero."""
    width = 2 if encoding in {1, 2} else 1
    at = data.find(bytes(width), start, end)
    while width == 2 and at >= 0 and (at - start) % 2:
        at = data.find(bytes(width), at + 1, end)
    if at < 0:
        raise _Odd
    _text(data[start:at], encoding)
    return at + width


def _text(data: bytes, encoding: int) -> str:
    """Decode one text, without the zero at its end."""
    if encoding >= len(_ENCODINGS):
        raise _Odd
    text = data.decode(_ENCODINGS[encoding]).removesuffix("\0")
    if "\0" in text:
        raise _Odd  # These are several.
    return text
