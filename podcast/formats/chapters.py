"""Chapters: JSON Chapters 1.2 of Podcasting 2.0, and every list that producers and their programs write, to and from one model.

::

    00:00:00 Introduction
    00:05:10.500 The letter
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeGuard

import msgspec
from lxml import etree

from podcast.errors import MediaError
from podcast.model import Chapter

from . import chapter_lists
from .chapter_lists import HINT, Mark
from .namespaces import CHAPTERS
from .text import clean, decode, safe_url

#: A chapter file that is larger is refused.
MAX_BYTES: Final = 1024 * 1024

_VERSION: Final = "1.2.0"
_MAX_TITLE: Final = 255
#: A position as far as this is no position but a fault; the longest episodes last a day or two.
LAST: Final = 100 * 3_600


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
    found = _from_json(text) if text.lstrip().startswith("{") else chapter_lists.read(text)
    if not found:
        raise MediaError("The chapter file holds no chapter", hint=HINT)
    return _checked(found)


def in_notes(notes: str) -> tuple[Chapter, ...]:
    """Return the chapters that lines of show notes tell of ("05:10 The letter"); none where they are no list of chapters."""
    found = chapter_lists.in_notes(notes)
    return _checked(found) if all(is_position(mark.start) for mark in found) else ()


def to_json(chapters: tuple[Chapter, ...], *, title: str) -> bytes:
    """Return the chapters as application/json+chapters; ``title`` is the episode's. Same values, same bytes."""
    document = {
        "version": _VERSION,
        "title": clean(title, limit=_MAX_TITLE),
        "chapters": [_as_json(one) for one in chapters if is_position(one.start)],
    }
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


def to_text(chapters: Iterable[Chapter]) -> bytes:
    """Return lines of time and title, as mp4chaps reads them, of the chapters that listeners see."""
    return "".join(f"{clock(one.start)} {clean(one.title, limit=_MAX_TITLE)}".rstrip() + "\n" for one in chapters if one.toc).encode()


def to_podlove(chapters: Iterable[Chapter]) -> bytes:
    """Return Podlove Simple Chapters, of the chapters that listeners see."""
    root = etree.Element(f"{{{CHAPTERS}}}chapters", nsmap={"psc": CHAPTERS}, version="1.2")
    for one in chapters:
        if one.toc:
            chapter = etree.SubElement(root, f"{{{CHAPTERS}}}chapter", start=clock(one.start), title=clean(one.title, limit=_MAX_TITLE))
            for name, link in (("href", one.url), ("image", one.image)):
                if link and (safe := safe_url(link)):
                    chapter.set(name, safe)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _from_json(text: str) -> list[Mark]:
    try:
        document = msgspec.json.decode(text, type=_Chapters, strict=False)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise MediaError(f"The chapter file is no JSON Chapters: {error}", hint=HINT) from error
    return [
        Mark(start=one.start, end=one.end, title=one.title or "", url=one.url or "", image=one.img or "", toc=one.toc is not False)
        for one in document.chapters
    ]


def _checked(found: Iterable[Mark]) -> tuple[Chapter, ...]:
    chapters = (_chapter(number, mark) for number, mark in enumerate(found, 1))
    return tuple(sorted(chapters, key=lambda chapter: chapter.start))


def _chapter(number: int, found: Mark) -> Chapter:
    if not is_position(found.start):
        what = "a time that cannot be read" if found.start is None else f"{found.start}, which is no position in seconds"
        raise MediaError(f"Chapter {number} begins at {what}", hint=HINT)
    start = round(found.start, 3)
    end = round(found.end, 3) if is_position(found.end) else None
    return Chapter(
        start=start,
        title=clean(found.title, limit=_MAX_TITLE),
        end=end if end is not None and end > start else None,
        url=safe_url(found.url) if found.url else None,
        image=safe_url(found.image) if found.image else None,
        toc=found.toc,
    )


def is_position(seconds: float | None) -> TypeGuard[float]:
    """Tell whether a number can be a position in an episode: finite, not negative, below 100 hours."""
    return seconds is not None and math.isfinite(seconds) and 0 <= round(seconds, 3) < LAST


def spans(chapters: Sequence[Chapter], duration: float) -> Iterator[tuple[Chapter, float]]:
    """Yield each chapter with its end in seconds: its own, or where the next one begins, or the end of the audio."""
    for number, chapter in enumerate(chapters):
        following = chapters[number + 1].start if number + 1 < len(chapters) else max(duration, chapter.start)
        yield chapter, following if chapter.end is None else chapter.end


def clock(position: float) -> str:
    """Write a position as 01:02:03.250."""
    seconds, thousandths = divmod(round(position * 1000), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"
