"""Rules about what may stand in a channel and in an item alike, and about each element of the tables of Apple and Podcasting 2.0."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from podcast.errors import UsageError
from podcast.formats import kinds, namespaces, taxonomy
from podcast.formats.feed_reader import Tag
from podcast.formats.namespaces import Element

from .rules import Finding, Level, Rule, Table, run_rule

_DATE: Final = re.compile(kinds.RFC_2822, re.ASCII)
_MARKUP: Final = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,6});")
_PADDED: Final = ("title", "guid", "link", "pubDate", "itunes:author", "language", "copyright")
_SHORT: Final = ("title", "guid", "language", "copyright", "generator", "author", "category", "itunes:title", "itunes:author")
_LONGEST: Final = 255
_CLOCK: Final = re.compile(r"(?:\d{1,3}:)?\d{1,3}:[0-5]\d", re.ASCII)
#: Another word than "Yes" in these is the same as none.
_MILD: Final = frozenset({"itunes:block", "itunes:complete"})
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


@PLACE.rule("psp1.length", Level.NOTICE, "Values have at most 255 characters", source="PSP-1", remedy="Shorten it: apps cut it")
def _length(place: Place) -> Iterator[str]:
    for tag in place.tag.children:
        if tag.name in _SHORT and len(tag.text.strip()) > _LONGEST:
            yield f"<{tag.name}> has {len(tag.text.strip()):,} characters"


@PLACE.rule(
    "podcasting20.person.role",
    Level.NOTICE,
    "Roles and groups of persons are those of the taxonomy",
    source="Podcasting 2.0",
    remedy="Choose one of the taxonomy: apps show the others as they are, or not at all",
)
def _roles(place: Place) -> Iterator[str]:
    for tag in place.tag.all("podcast:person"):
        try:
            taxonomy.place(tag.attributes.get("role") or "host", tag.attributes.get("group") or "cast")
        except UsageError as error:
            yield f"Of “{tag.text.strip()[:60]}”: {error.message.rstrip('.')}"


@PLACE.rule(
    "podcasting20.comments.disabled",
    Level.WARNING,
    "Where comments are disabled, no place for them is named",
    source="Podcasting 2.0",
    remedy="Keep either the one with protocol=“disabled” or the others",
)
def _disabled(place: Place) -> Iterator[str]:
    protocols = [tag.attributes.get("protocol") for tag in place.tag.all("podcast:socialInteract")]
    if "disabled" in protocols and len(protocols) > 1:
        yield f"Comments are disabled, and there are {len(protocols)} podcast:socialInteract"


@PLACE.rule(
    "podcasting20.txt.ai",
    Level.WARNING,
    "What is said of content made by machines is true or false",
    source="Podcasting 2.0",
    remedy="Write true or false into the podcast:txt with purpose=“ai-content”",
)
def _machine(place: Place) -> Iterator[str]:
    for tag in place.tag.all("podcast:txt"):
        if tag.attributes.get("purpose") == "ai-content" and tag.text.strip() not in {"true", "false"}:
            yield f"The podcast:txt with purpose=“ai-content” is “{tag.text.strip()[:60]}”"


@PLACE.rule("psp1.space", Level.NOTICE, "Values have no white space around them", source="PSP-1", remedy="Take the white space out")
def _space(place: Place) -> Iterator[str]:
    for name in _PADDED:
        found = place.tag.first(name)
        if found and found.text.strip() != found.text:
            yield f"<{name}> has white space around its text"


def link(channel: Tag, rel: str) -> str:
    """Return where the atom:link with this relation leads; empty where there is none."""
    found = (tag.attributes.get("href", "").strip() for tag in channel.all("atom:link") if tag.attributes.get("rel") == rel)
    return next(found, "")


def is_clock(duration: str) -> bool:
    """Tell whether a duration is written as H:MM:SS or M:SS, which all apps read."""
    return _CLOCK.fullmatch(duration) is not None


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
    if tag.name == "itunes:duration" and is_clock(tag.text.strip()):
        return
    strange: list[str] = []
    element = _element(tag, strange)
    yield from (f"Line {tag.line}: {fault}" for fault in (*strange, *namespaces.faults(seen.parent, element)))


def _element(tag: Tag, strange: list[str]) -> Element:
    """Return the element with what the table knows of it; what else it holds is told in ``strange``."""
    row = namespaces.RULES[tag.name]
    known = {name: value.strip() for name, value in tag.attributes.items() if name in row.required or name in row.optional}
    strange += [f"{name} is no attribute of <{tag.name}>" for name in tag.attributes if name not in known and ":" not in name]
    children = [child for child in tag.children if child.name in namespaces.RULES and tag.name in namespaces.RULES[child.name].parents]
    # A live item may hold whatever an item may, of any namespace.
    others = () if tag.name == "podcast:liveItem" else tag.children
    strange += [f"<{child.name[:60]}> has no place in <{tag.name}>" for child in others if child not in children and ":" in child.name]
    names = [child.name for child in children]
    strange += [
        f"<{name}> may stand in <{tag.name}> once" for name in {*names} if names.count(name) > 1 and not namespaces.RULES[name].many
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
        level=Level.NOTICE if name in _MILD else Level.WARNING,
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
