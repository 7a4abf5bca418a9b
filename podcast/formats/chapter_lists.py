"""The lists of chapters that other programs write: lines, Audacity's labels, cue sheets, Vorbis comments as text, Podlove's XML.

Each reader yields start, end, title, address and picture as they stand there; :mod:`podcast.formats.chapters` checks them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from podcast.errors import MediaError

from .namespaces import CHAPTERS
from .text import clean

HINT: Final = 'Write lines like "00:05:10 The letter", or JSON Chapters 1.2.'

_TIME: Final = r"(?:(\d{1,3}):(?=\d\d:))?(\d{1,3}):([0-5]\d(?:[.,]\d{1,9})?)"
_LINE: Final = re.compile(rf"(?P<time>{_TIME})(?:\s+(?P<title>.*))?", re.ASCII)
#: Producers put the time into brackets, behind a bullet, or a dash behind it.
_NOTE: Final = re.compile(rf"\s{{0,8}}(?:[-*+•]\s+)?[\[(]?(?P<time>{_TIME})[\])]?[ \t]*(?:[-–—:|][ \t]+)?(?P<title>\S.*)", re.ASCII)
_LABEL: Final = re.compile(r"(\d{1,9}(?:[.,]\d{1,9})?)\t(\d{1,9}(?:[.,]\d{1,9})?)(?:\t(.*))?", re.ASCII)
_COMMENT: Final = re.compile(r"CHAPTER(\d{1,3})(NAME|URL)?=(.*)", re.ASCII | re.IGNORECASE)
_CUE: Final = re.compile(r"\s*(TRACK|TITLE|INDEX)\s+(.*?)\s*", re.ASCII | re.IGNORECASE)
_INDEX: Final = re.compile(r"01\s+(\d{1,4}):([0-5]\d):([0-6]\d|7[0-4])", re.ASCII)
_FRAMES: Final = 75
#: Two times in notes may be of anything; fewer than these are no list.
_FEWEST: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A chapter as a list has it; a start that cannot be read is None."""

    start: float | None
    title: str = ""
    end: float | None = None
    url: str = ""
    image: str = ""
    toc: bool = True


def read(text: str) -> list[Mark]:
    """Return the chapters of a list of any of these kinds; MediaError, with the line, where it is of none."""
    start = text.lstrip()
    if start.startswith("<"):
        return _from_podlove(text)
    if re.search(r"(?m)^\s*TRACK\s+\d+\s", text):
        return _from_cue(text)
    if _COMMENT.match(start):
        return _from_comments(text)
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and _LABEL.fullmatch(lines[0].strip("\r\n ")):
        return _from_labels(text)
    return list(_from_lines(text))


def in_notes(notes: str) -> list[Mark]:
    """Return the chapters that show notes list, a time in front of each; none where these are fewer than three or do not begin at zero."""
    found = [
        Mark(start=seconds(match["time"]), title=_unlinked(match["title"])) for match in map(_NOTE.fullmatch, notes.splitlines()) if match
    ]
    starts = [mark.start for mark in found if mark.start is not None]
    rises = starts == sorted(set(starts)) and len(starts) == len(found)
    return found if len(found) >= _FEWEST and rises and not starts[0] else []


def seconds(time: str) -> float | None:
    """Return the seconds of 1:02:03.250, 62:03 or 3723.25; None for anything else."""
    if match := re.fullmatch(_TIME, time.strip(), re.ASCII):
        hours, minutes = int(match[1] or 0), int(match[2])
        if match[1] and minutes > 59:
            return None
        return hours * 3600 + minutes * 60 + float(match[3].replace(",", "."))
    return float(time) if re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", time, re.ASCII) else None


def _from_lines(text: str) -> Iterator[Mark]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.strip())
        start = seconds(match["time"]) if match else None
        if match is None or start is None:
            raise MediaError(f'Line {number} of the chapter file has no time in front: "{clean(line, limit=60)}"', hint=HINT)
        yield Mark(start=start, title=match["title"] or "")


def _from_labels(text: str) -> list[Mark]:
    """Read the labels of Audacity: start, end and title between tabs; a line that begins with a backslash is of frequencies."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("\\"):
            continue
        match = _LABEL.fullmatch(line.rstrip("\r\n"))
        if match is None:
            raise MediaError(f'Line {number} of the labels is no label: "{clean(line, limit=60)}"', hint="Export them from Audacity anew.")
        start, end = (float(part.replace(",", ".")) for part in match.groups()[:2])
        found.append(Mark(start=start, end=end, title=match[3] or ""))
    return found


def _from_cue(text: str) -> list[Mark]:
    """Read a cue sheet: a title and ``INDEX 01 minutes:seconds:frames`` for each track, 75 frames a second."""
    found, title, inside = list[Mark](), "", False
    for number, line in enumerate(text.splitlines(), 1):
        match = _CUE.fullmatch(line)
        word, rest = (match[1].upper(), match[2]) if match else ("", "")
        if word == "TRACK":
            inside, title = True, ""
        elif word == "TITLE" and inside:
            title = rest.strip('"')
        elif word == "INDEX" and rest.startswith("01"):
            index = _INDEX.fullmatch(rest)
            if index is None:
                raise MediaError(f'Line {number} of the cue sheet is no time: "{clean(rest, limit=60)}"', hint="Write INDEX 01 05:10:00.")
            minutes, second, frames = map(int, index.groups())
            found.append(Mark(start=minutes * 60 + second + frames / _FRAMES, title=title))
    return found


def _from_comments(text: str) -> list[Mark]:
    """Read CHAPTER01=00:00:00.000 and CHAPTER01NAME=Title, as OGM tools and mp4box write them."""
    found: dict[str, dict[str, str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _COMMENT.fullmatch(line.strip())
        if line.strip() and match is None:
            raise MediaError(f'Line {number} of the chapter file is no CHAPTER…=: "{clean(line, limit=60)}"', hint=HINT)
        if match:
            found.setdefault(match[1], {})[(match[2] or "").upper()] = match[3]
    return [Mark(start=seconds(one.get("", "")), title=one.get("NAME", ""), url=one.get("URL", "")) for one in found.values()]


def _from_podlove(text: str) -> list[Mark]:
    """Read Podlove Simple Chapters, the element by itself or somewhere in a file of XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(re.sub(r"\A\s*<\?xml[^>]*\?>", "", text).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise MediaError(f"The chapter file is no XML: {error.msg}", hint=HINT) from error
    return [
        Mark(start=seconds(one.get("start", "")), title=one.get("title", ""), url=one.get("href", ""), image=one.get("image", ""))
        for one in root.iter(f"{{{CHAPTERS}}}chapter")
    ]


def _unlinked(title: str) -> str:
    """Take Markdown's links and emphasis off a title."""
    words = re.sub(r"\[([^\[\]]*)\]\([^()\s]*\)", r"\1", title)
    return re.sub(r"(\*\*?)(?=\S)([^*]+)\1", r"\2", words)
