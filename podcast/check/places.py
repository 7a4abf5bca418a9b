"""Rules about what may stand in a channel and in an item alike, and about each element of the tables of Apple and Podcasting 2.0."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from podcast.formats import namespaces
from podcast.formats.feed_reader import Tag
from podcast.formats.namespaces import Element

from .rules import Finding, Level, Rule, Table, run_rule

_DATE: Final = re.compile(
    r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC|UT|Z|[ECMP][SD]T)",
    re.ASCII,
)
_MARKUP: Final = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,6});")
_PADDED: Final = ("title", "guid", "itunes:author", "language", "copyright")
_SOURCES: Final = {"itunes": ("apple", "Apple"), "podcast": ("podcasting20", "Podcasting 2.0")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel or an item, and the present."""

    tag: Tag
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenElement:
    """An element, the name of the one that it stands in, and whether another of its name stands before it there."""

    tag: Tag
    parent: str
    repeated: bool = False


PLACE: Final = Table[Place]("channel and item")


@PLACE.rule(
    "rss.title.html",
    Level.WARNING,
    "A title is text without HTML, escaped once",
    source="RSS 2.0, Apple",
    remedy="Write the title as plain text",
)
def _markup(place: Place) -> Iterator[str]:
    for name in ("title", "itunes:title"):
        found = _MARKUP.search(place.tag.value(name))
        if found:
            yield f"The {name} holds “{found[0][:40]}”, which apps show as it is"


@PLACE.rule(
    "rss.date.format",
    Level.ERROR,
    "Dates are of RFC 2822, with English names, a year of four digits and a zone",
    source="RSS 2.0",
    remedy='Write it like "Wed, 25 Nov 2026 09:00:00 +0000"',
)
def _dates(place: Place) -> Iterator[str]:
    for name in ("pubDate", "lastBuildDate"):
        value = place.tag.value(name)
        moment = date_of(value)
        match = _DATE.fullmatch(value)
        if value and (moment is None or match is None):
            yield f"{name} is “{value[:60]}”"
        elif moment and match and match[1] and match[1] != parsedate_to_datetime(value).strftime("%a"):
            yield f"{name} is “{value}”, which was another day of the week"


@PLACE.rule("psp1.space", Level.NOTICE, "Values have no white space around them", source="PSP-1", remedy="Take the white space out")
def _space(place: Place) -> Iterator[str]:
    for name in _PADDED:
        found = place.tag.first(name)
        if found and found.text.strip() != found.text:
            yield f"<{name}> has white space around its text"


def date_of(value: str) -> datetime | None:
    """Return the moment of a date of RFC 2822, roughly written as it may be; None where it is none."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def check_elements(tag: Tag, parent: str, where: str) -> Iterator[Finding]:
    """Yield what is wrong with the elements of a place, by the row of the table that each of them has."""
    seen: set[str] = set()
    for child in tag.children:
        rule = _BY_NAME.get(child.name)
        if rule:
            yield from run_rule(rule, SeenElement(tag=child, parent=parent, repeated=child.name in seen), where)
            seen.add(child.name)


def _faults(seen: SeenElement) -> Iterator[str]:
    tag, row = seen.tag, namespaces.RULES[seen.tag.name]
    if seen.parent not in row.parents:
        yield f"Line {tag.line}: <{tag.name}> has no place in <{seen.parent}>"
        return
    if seen.repeated and not row.many:
        yield f"Line {tag.line}: <{tag.name}> may stand there once"
    strange: list[str] = []
    element = _element(tag, strange)
    yield from (f"Line {tag.line}: {fault}" for fault in (*strange, *namespaces.faults(seen.parent, element)))


def _element(tag: Tag, strange: list[str]) -> Element:
    """Return the element with what the table knows of it; what else it holds is told in ``strange``."""
    row = namespaces.RULES[tag.name]
    known = {name: value.strip() for name, value in tag.attributes.items() if name in row.required or name in row.optional}
    strange += [f"{name} is no attribute of <{tag.name}>" for name in tag.attributes if name not in known and ":" not in name]
    children = [child for child in tag.children if child.name in namespaces.RULES and tag.name in namespaces.RULES[child.name].parents]
    strange += [
        f"<{child.name[:60]}> has no place in <{tag.name}>" for child in tag.children if child not in children and ":" in child.name
    ]
    return Element(tag.name, tag.text.strip(), known, tuple(_element(child, strange) for child in children))


def _row(name: str, row: namespaces.Rule) -> Rule[SeenElement]:
    prefix, _, local = name.partition(":")
    family, source = _SOURCES[prefix]
    parts = [f"<{name}> stands in {' or '.join(sorted(row.parents & {'channel', 'item'}))}", "any number of times" if row.many else "once"]
    parts += [f"with {', '.join(row.required)}"] if row.required else []
    parts += [f"perhaps with {', '.join(row.optional)}"] if row.optional else []
    parts += [f"holding {', '.join(need.replace('|', ' or ') for need in row.needs)}"] if row.needs else []
    return Rule(
        id=f"{family}.{local}",
        level=Level.WARNING,
        about=ELEMENT.about,
        text=", ".join(parts),
        source=source,
        remedy="Write it as the rule says; what does not fit is passed over by apps",
        check=_faults,
    )


ELEMENT: Final = Table[SeenElement]("element")
_BY_NAME: Final = {
    name: _row(name, row)
    for name, row in namespaces.RULES.items()
    if name.partition(":")[0] in _SOURCES and not row.parents.isdisjoint({"channel", "item"})
}
ELEMENT.rules += _BY_NAME.values()
