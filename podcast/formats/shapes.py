"""From the values of Podcasting 2.0 to elements of the table and, for what a user hands in, back to a refusal.

A class has one row here: the element's name and which field is its text. Attributes come by their own names
(``startTime`` from ``start_time``), children from the fields that hold further values.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from typing import Any, Final, TypeVar

from podcast import elements
from podcast.errors import UsageError
from podcast.model import Episode, Show

from . import taxonomy
from .namespaces import RULES, Element, faults
from .text import clean

T = TypeVar("T")

_SHAPES: Final[dict[type, tuple[str, str]]] = {
    elements.Person: ("podcast:person", "name"),
    elements.Funding: ("podcast:funding", "text"),
    elements.License: ("podcast:license", "name"),
    elements.Location: ("podcast:location", "name"),
    elements.Image: ("podcast:image", ""),
    elements.Trailer: ("podcast:trailer", "title"),
    elements.Soundbite: ("podcast:soundbite", "title"),
    elements.Alternate: ("podcast:alternateEnclosure", ""),
    elements.Source: ("podcast:source", ""),
    elements.Integrity: ("podcast:integrity", ""),
    elements.Value: ("podcast:value", ""),
    elements.Recipient: ("podcast:valueRecipient", ""),
    elements.TimeSplit: ("podcast:valueTimeSplit", ""),
    elements.RemoteItem: ("podcast:remoteItem", ""),
    elements.Txt: ("podcast:txt", "text"),
    elements.Social: ("podcast:socialInteract", ""),
    elements.Chat: ("podcast:chat", ""),
    elements.UpdateFrequency: ("podcast:updateFrequency", "text"),
    elements.ContentLink: ("podcast:contentLink", "text"),
    elements.Enclosure: ("enclosure", ""),
    elements.LiveItem: ("podcast:liveItem", ""),
}

#: Fields that are elements by themselves, in the order in which they are written.
OF_SHOW: Final = ("license", "locations", "images", "trailers", "value", "txt", "social", "chat", "update_frequency")
OF_EPISODE: Final = ("license", "locations", "images", "alternates", "value", "txt", "social", "chat", "content_links")

#: Fields that are plain text, each as the element that it ends up in.
TEXTS: Final[dict[str, Callable[[str], Element]]] = {
    "medium": lambda text: Element("podcast:medium", text),
    "short_title": lambda text: Element("itunes:title", text),
    "season_name": lambda text: Element("podcast:season", "1", {"name": text}),
    "number_display": lambda text: Element("podcast:episode", "1", {"display": text}),
}
TEXTS_OF_EPISODE: Final = ("short_title", "season_name", "number_display")

#: Where the name of a field is not that of its attribute.
_FIELDS: Final = {"img": "image"}


def written(value: Show | Episode, names: tuple[str, ...]) -> Iterator[Element]:
    """Yield the elements of some fields, as they are: whether they fit is the writer's affair."""
    for name in names:
        found = getattr(value, name)
        for one in found if isinstance(found, tuple) else (found,):
            if one is not None:
                yield element(one)


def element(value: Any) -> Element:  # noqa: ANN401
    """Return a value as an element with its children."""
    if isinstance(value, elements.Block):
        return Element("podcast:block", "yes" if value.blocked else "no", {"id": value.id})
    name, content = _SHAPES[type(value)]
    attributes = {attribute: _text(attribute, getattr(value, field)) for attribute, field in _attributes(name)}
    return Element(name, getattr(value, content) if content else "", attributes, tuple(_children(value)))


def checked(parent: str, value: T) -> T:
    """Return a value that a user gave, cleaned; UsageError for what the table or the taxonomy refuses."""
    value = _cleaned(value)
    _refuse(parent, element(_with_text(value)))
    return value


def checked_text(parent: str, name: str, given: str) -> str:
    """Return the text that a user gave for one of :data:`TEXTS`, cleaned; UsageError for what the table refuses."""
    value: str = _cleaned(given)
    if value:
        _refuse(parent, TEXTS[name](value))
    return value


def _refuse(parent: str, element: Element) -> None:
    found = faults(parent, element)
    if found:
        raise UsageError(f"{found[0]}.", hint="Correct it, or leave it out.")


def _with_text(value: Any) -> Any:  # noqa: ANN401
    """Return a link of support with a text: the feed puts the show's title where it has none."""
    return replace(value, text="-") if isinstance(value, elements.Funding) and not value.text else value


@cache
def _attributes(name: str) -> tuple[tuple[str, str], ...]:
    """Return the attributes of an element that come of fields, with the fields."""
    rule = RULES[name]
    own = (*rule.required, *rule.optional)
    return tuple((attribute, _FIELDS.get(attribute) or re.sub(r"(?=[A-Z])|-", "_", attribute).lower()) for attribute in own)


def _children(value: Any) -> Iterator[Element]:  # noqa: ANN401
    if isinstance(value, elements.LiveItem):
        yield Element("title", value.title)
        yield Element("guid", value.guid, {"isPermaLink": "false"})
        for name, number in (("season", value.season), ("episode", value.number)):
            if number is not None:
                yield Element(f"podcast:{name}", str(number))
    for field in fields(value):
        found = getattr(value, field.name)
        for one in found if isinstance(found, tuple) else (found,):
            if is_dataclass(one):
                yield element(one)


def _text(attribute: str, value: object) -> str | None:
    """Write a value as its attribute; what is false, as what is not given, is left out."""
    if value is None or value is False:
        return None
    if isinstance(value, datetime):
        return rfc_2822(value) if attribute == "pubdate" else iso_8601(value)
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return "true" if value is True else str(value)


def rfc_2822(moment: datetime) -> str:
    """Write a date with English names, whatever the locale."""
    return format_datetime(_utc(moment))


def iso_8601(moment: datetime) -> str:
    """Write a time of ISO 8601, to the second."""
    return f"{_utc(moment):%Y-%m-%dT%H:%M:%SZ}"


def _utc(moment: datetime) -> datetime:
    """Return the time in UTC; one that names no zone is taken for UTC, never for this machine's."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _cleaned(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        return clean(value, limit=1 << 16)
    if isinstance(value, tuple):
        return tuple(map(_cleaned, value))
    if isinstance(value, datetime) and value.tzinfo is None:
        raise UsageError(f"{value} names no time zone.", hint="Write it like 2026-12-01T18:00:00+06:00 or 2026-12-01T12:00:00Z.")
    if not is_dataclass(value) or isinstance(value, type):
        return value
    cleaned: Any = replace(value, **{field.name: _cleaned(getattr(value, field.name)) for field in fields(value)})
    if isinstance(cleaned, elements.Person):
        role, group = taxonomy.place(cleaned.role, cleaned.group)
        return replace(cleaned, role=role, group=group)
    return cleaned
