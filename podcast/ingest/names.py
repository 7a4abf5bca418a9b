"""What a file's name says: date, season, number, title."""

import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from podcast.formats.text import clean

_DATE: Final = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<gap>[-_. ]?)(?P<month>\d\d)(?P=gap)(?P<day>\d\d)(?!\d)[-_.\s–—]*")
_SEASON: Final = re.compile(r"s(?P<season>\d{1,3})[-_. ]?(?:e|ep)(?P<number>\d{1,4})(?!\d)[-_.\s:–—]*", re.IGNORECASE)
# A bare number counts where it is set off like one: "012 Title", "12 - Title", "#12 Title", and not "12 Angry Men".
_NUMBER: Final = re.compile(
    r"(?:(?:episode|ep|e)[-_. ]*(?P<named>\d{1,4})|#(?P<hash>\d{1,4})|(?P<bare>0\d{1,2}(?=\s)|\d{1,3}(?=\s*[-_.–—)])))(?!\d)[-_.\s:)–—]*",
    re.IGNORECASE,
)
_LIMIT: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What the name of a file says; the title is never empty."""

    title: str
    day: date | None = None
    season: int | None = None
    number: int | None = None


def read_name(path: Path) -> Named:
    """Read ``2017-08-06 Title``, ``20170806_title``, ``s02e05-title``, ``S2E5 Title``, ``012 - Title``, ``ep12 Title``.

    Bytes that are not UTF-8 become U+FFFD; only the words of the title remain of odd white space and punctuation around it.
    """
    stem = os.fsencode(path.stem).decode("utf-8", "replace")
    rest, day, season, number = stem, None, None, None
    if (match := _DATE.match(rest)) and (day := _day(match)):
        rest = rest[match.end() :]
    if match := _SEASON.match(rest):
        season, number = int(match["season"]) or None, int(match["number"]) or None
        rest = rest[match.end() :]
    elif match := _NUMBER.match(rest):
        number = int(match[match.lastgroup or 0]) or None
        rest = rest[match.end() :]
    return Named(title=_title(rest) or clean(stem, limit=_LIMIT).strip(".") or "Untitled", day=day, season=season, number=number)


def _title(text: str) -> str:
    spaced = text.replace("_", " ")
    if " " not in spaced.strip():
        spaced = spaced.replace("-", " ")
    return clean(spaced.strip(" \t\r\n-.–—"), limit=_LIMIT)


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
