"""Chapters: JSON Chapters 1.2 of Podcasting 2.0, and the plain lines that producers and MP4Chaps write.

::

    00:00:00 Introduction
    00:05:10.500 The letter
"""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from podcast.errors import MediaError
from podcast.model import Chapter

from .text import clean, decode, safe_url

#: A chapter file that is larger is refused.
MAX_BYTES: Final = 1024 * 1024

_VERSION: Final = "1.2.0"
_MAX_TITLE: Final = 255
_HINT: Final = 'Write lines like "00:05:10 The letter", or JSON Chapters 1.2.'
_LINE: Final = re.compile(
    r"(?:(?P<hours>\d{1,3}):(?=\d\d:))?(?P<minutes>\d{1,3}):(?P<seconds>[0-5]\d(?:[.,]\d{1,3})?)(?:\s+(?P<title>.*))?", re.ASCII
)


class _Chapter(msgspec.Struct):
    start: float = msgspec.field(name="startTime")
    title: str | None = None
    end: float | None = msgspec.field(name="endTime", default=None)
    url: str | None = None
    img: str | None = None
    toc: bool | None = None


class _Chapters(msgspec.Struct):
    chapters: list[_Chapter]


def parse(data: bytes) -> tuple[Chapter, ...]:
    """Return the chapters of a file in the order of time; MediaError, with the place, where it is no chapter list."""
    if len(data) > MAX_BYTES:
        raise MediaError(f"The chapter file has {len(data)} bytes; more than {MAX_BYTES} is no list of chapters")
    text = decode(data, what="chapter file")
    found = _from_json(text) if text.lstrip().startswith("{") else _from_lines(text)
    if not found:
        raise MediaError("The chapter file holds no chapter", hint=_HINT)
    return tuple(sorted(found, key=lambda chapter: chapter.start))


def to_json(chapters: tuple[Chapter, ...], *, title: str) -> bytes:
    """Return the chapters as application/json+chapters; ``title`` is the episode's. Same values, same bytes."""
    document = {"version": _VERSION, "title": clean(title, limit=_MAX_TITLE), "chapters": [_as_json(chapter) for chapter in chapters]}
    return msgspec.json.encode(document)


def _as_json(chapter: Chapter) -> dict[str, object]:
    fields: dict[str, object] = {"startTime": _seconds(chapter.start)}
    if title := clean(chapter.title, limit=_MAX_TITLE):
        fields["title"] = title
    if chapter.end is not None:
        fields["endTime"] = _seconds(chapter.end)
    for name, address in (("url", chapter.url), ("img", chapter.image)):
        if address and (safe := safe_url(address)):
            fields[name] = safe
    if not chapter.toc:
        fields["toc"] = False
    return fields


def _seconds(position: float) -> float:
    """Round to milliseconds, and to an integer where it is one, which is how people write it."""
    rounded = round(position, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def _from_json(text: str) -> list[Chapter]:
    try:
        document = msgspec.json.decode(text, type=_Chapters, strict=False)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise MediaError(f"The chapter file is no JSON Chapters: {error}", hint=_HINT) from error
    return [_chapter(number, chapter) for number, chapter in enumerate(document.chapters, 1)]


def _chapter(number: int, found: _Chapter) -> Chapter:
    if not _is_position(found.start):
        raise MediaError(f"Chapter {number} begins at {found.start}, which is no position in seconds", hint=_HINT)
    start = round(found.start, 3)
    end = round(found.end, 3) if found.end is not None and _is_position(found.end) else None
    return Chapter(
        start=start,
        title=clean(found.title or "", limit=_MAX_TITLE),
        end=end if end is not None and end > start else None,
        url=safe_url(found.url) if found.url else None,
        image=safe_url(found.img) if found.img else None,
        toc=found.toc is not False,
    )


def spans(chapters: Sequence[Chapter], duration: float) -> Iterator[tuple[Chapter, float]]:
    """Yield each chapter with its end in seconds: its own, or where the next one begins, or the end of the audio."""
    for number, chapter in enumerate(chapters):
        following = chapters[number + 1].start if number + 1 < len(chapters) else max(duration, chapter.start)
        yield chapter, following if chapter.end is None else chapter.end


def clock(position: float) -> str:
    """Write a position as 01:02:03.250."""
    seconds, thousandths = divmod(round(position * 1000), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"


def _is_position(seconds: float) -> bool:
    return math.isfinite(seconds) and 0 <= seconds < 1_000 * 3_600


def _from_lines(text: str) -> list[Chapter]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or (match["hours"] and int(match["minutes"]) > 59):
            raise MediaError(f'Line {number} of the chapter file has no time in front: "{clean(line, limit=60)}"', hint=_HINT)
        minutes = int(match["hours"] or 0) * 60 + int(match["minutes"])
        start = round(minutes * 60 + float(match["seconds"].replace(",", ".")), 3)
        found.append(Chapter(start=start, title=clean(match["title"] or "", limit=_MAX_TITLE)))
    return found
