"""The elements of the itunes: and podcast: namespaces (and RSS's two dates), as one table that the feed's writer obeys.

A row says where an element may stand, whether more than once, and what its text, attributes and children must be. The
writer hands every element to :func:`fit`: what is too long is cut, an optional attribute that breaks its rule is left
out, and an element that lacks what it needs is not written at all. So a bad value costs its own element, never a feed.
Sources: PSP-1, Apple's podcaster support pages, the tag pages of the podcast namespace.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from podcast.errors import UsageError

from . import text

#: Declared on the root of the feed. feedgen adds atom and content.
NAMESPACES: Final = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}

_FEED_GUIDS: Final = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")

#: Brings a value into shape, or says by None that it does not fit.
Kind = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Element:
    """An element to be written. An attribute that is None is left out."""

    name: str
    text: str = ""
    attributes: Mapping[str, str | None] = field(default_factory=dict)
    children: tuple["Element", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row of the table. ``parents``: ``channel``, ``item`` or the names of elements."""

    parents: frozenset[str]
    many: bool = False
    #: None: carries no text.
    text: Kind | None = None
    required: Mapping[str, Kind] = field(default_factory=dict)
    optional: Mapping[str, Kind] = field(default_factory=dict)
    #: Children without which the element means nothing.
    needs: tuple[str, ...] = ()


def words(limit: int) -> Kind:
    """Take any text that is not empty, cut at ``limit`` characters."""
    return lambda value: text.clean(value, limit=limit) or None


def one_of(*values: str) -> Kind:
    """Take one of these words."""
    return lambda value: value if value in values else None


def matching(pattern: str) -> Kind:
    """Take what the pattern describes from end to end, and XML can hold."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: value if compiled.fullmatch(value) and text.legal(value) == value else None


def language_tag(value: str) -> str | None:
    """BCP 47."""
    try:
        return text.language(value)
    except UsageError:
        return None


_COUNT: Final = matching(r"[1-9][0-9]{0,8}")
_DECIMAL: Final = matching(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_EMAIL: Final = matching(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}")
_UUID: Final = matching(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE: Final = matching(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}")
_TRANSCRIPT: Final = one_of("text/vtt", "application/x-subrip", "application/json", "text/html", "text/plain")


def _rule(
    parents: str,
    text: Kind | None = None,
    *,
    many: bool = False,
    required: Mapping[str, Kind] | None = None,
    optional: Mapping[str, Kind] | None = None,
    needs: str = "",
) -> Rule:
    return Rule(
        parents=frozenset(parents.split()),
        many=many,
        text=text,
        required=required or {},
        optional=optional or {},
        needs=tuple(needs.split()),
    )


#: The table. Further elements of the podcast namespace are further rows.
RULES: Final[Mapping[str, Rule]] = {
    # RSS 2.0: only what feedgen cannot write without changing the locale of the whole process.
    "lastBuildDate": _rule("channel", _DATE),
    "pubDate": _rule("item", _DATE),
    # Apple
    "itunes:author": _rule("channel item", words(255)),
    "itunes:type": _rule("channel", one_of("episodic", "serial")),
    "itunes:owner": _rule("channel", needs="itunes:email"),
    "itunes:name": _rule("itunes:owner", words(255)),
    "itunes:email": _rule("itunes:owner", _EMAIL),
    "itunes:image": _rule("channel item", required={"href": text.safe_url}),
    "itunes:category": _rule("channel itunes:category", many=True, required={"text": words(255)}),
    "itunes:explicit": _rule("channel item", one_of("true", "false")),
    "itunes:duration": _rule("item", _COUNT),
    "itunes:season": _rule("item", _COUNT),
    "itunes:episode": _rule("item", _COUNT),
    "itunes:episodeType": _rule("item", one_of("full", "trailer", "bonus")),
    # Podcasting 2.0
    "podcast:guid": _rule("channel", _UUID),
    "podcast:locked": _rule("channel", one_of("yes", "no"), optional={"owner": _EMAIL}),
    "podcast:funding": _rule("channel item", words(128), many=True, required={"url": text.safe_url}),
    "podcast:person": _rule(
        "channel item",
        words(128),
        many=True,
        optional={"role": words(128), "group": words(128), "img": text.safe_url, "href": text.safe_url},
    ),
    "podcast:season": _rule("item", _COUNT, optional={"name": words(128)}),
    "podcast:episode": _rule("item", _DECIMAL, optional={"display": words(32)}),
    "podcast:chapters": _rule("item", required={"url": text.safe_url, "type": one_of("application/json+chapters")}),
    "podcast:transcript": _rule(
        "item",
        many=True,
        required={"url": text.safe_url, "type": _TRANSCRIPT},
        optional={"language": language_tag, "rel": one_of("captions")},
    ),
}


def fit(parent: str, element: Element) -> Element | None:
    """Return the element as its row wants it, or None where it cannot be.

    ValueError where the table has no such element under this parent: that is a fault of the caller, not of the data.
    """
    rule = RULES.get(element.name)
    if rule is None or parent not in rule.parents:
        raise ValueError(f"<{element.name}> has no place in <{parent}>")
    content = rule.text(element.text) if rule.text else ""
    attributes = _fit_attributes(rule, element)
    children = tuple(fit_all(element.name, element.children))
    if content is None or attributes is None or not set(rule.needs) <= {child.name for child in children}:
        return None
    return replace(element, text=content, attributes=attributes, children=children)


def fit_all(parent: str, elements: Iterable[Element]) -> Iterator[Element]:
    """Yield those of the elements that fit; of what may stand only once, the first."""
    seen: set[str] = set()
    for element in elements:
        fitted = fit(parent, element)
        if fitted and (RULES[fitted.name].many or fitted.name not in seen):
            seen.add(fitted.name)
            yield fitted


def _fit_attributes(rule: Rule, element: Element) -> dict[str, str | None] | None:
    """Return the attributes in the order of the table, or None where a required one is missing or wrong."""
    unknown = element.attributes.keys() - rule.required.keys() - rule.optional.keys()
    if unknown:
        raise ValueError(f"<{element.name}> has no attribute {', '.join(sorted(unknown))}")
    found: dict[str, str | None] = {}
    for name, kind in (*rule.required.items(), *rule.optional.items()):
        given = element.attributes.get(name)
        value = kind(given) if given else None
        if value is not None:
            found[name] = value
        elif name in rule.required:
            return None
    return found


def feed_guid(feed_url: str) -> str:
    """Return the podcast:guid that belongs to a feed's first address.

    Scheme and trailing slashes do not count; case, ``www`` and query do, as the specification says nothing of them.

    >>> feed_guid("https://podnews.net/rss")
    '9b024349-ccf0-5f69-a609-6b82873eab3c'
    """
    return str(uuid.uuid5(_FEED_GUIDS, re.sub(r"\A[a-zA-Z][a-zA-Z0-9+.-]*://", "", feed_url).rstrip("/")))
