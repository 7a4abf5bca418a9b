"""The elements of the itunes: and podcast: namespaces (and RSS's own that we write), as one table that all of us obey.

A row says where an element may stand, whether more than once, and what its text, attributes and children must be. The
writer hands every element to :func:`fit`: what is too long is cut, an optional attribute that breaks its rule is left
out, and an element that lacks what it needs is not written at all. So a bad value costs its own element, never a feed.
What a user hands in is held against the same rows by :func:`faults`, and refused with a reason.
Sources: PSP-1, Apple's podcaster support pages, the tag pages of the podcast namespace.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from . import kinds, text
from .kinds import COUNT, SMALL, URL, Kind, one_of, perhaps, words

#: Declared on the root of the feed. feedgen adds atom and content.
NAMESPACES: Final = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}

#: Beside these: Atom for links, which feedgen declares itself; feed history (RFC 5005), declared in archive pages; and
#: Podlove's chapters, declared where they are asked for.
ATOM: Final = "http://www.w3.org/2005/Atom"
HISTORY: Final = "http://purl.org/syndication/history/1.0"
CHAPTERS: Final = "http://podlove.org/simple-chapters"

_FEED_GUIDS: Final = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")


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
    #: Children without which the element means nothing; "a|b" where one of them will do.
    needs: tuple[str, ...] = ()
    #: What no single value shows: returns what is wrong with the element as a whole, or nothing.
    whole: Callable[[Element], str] | None = None


def _rule(
    parents: str,
    text: Kind | None = None,
    required: Mapping[str, Kind] | None = None,
    optional: Mapping[str, Kind] | None = None,
    *,
    many: bool = False,
    needs: str = "",
    whole: Callable[[Element], str] | None = None,
) -> Rule:
    return Rule(
        parents=frozenset(parents.split()),
        many=many,
        text=text,
        required=required or {},
        optional=optional or {},
        needs=tuple(needs.split()),
        whole=whole,
    )


def _own_license(element: Element) -> str:
    known = kinds.KNOWN_LICENSE(element.text) or element.attributes.get("url")
    return "" if known else f"url is missing: {element.text!r} is no licence of the list, so its text must be named"


def _conversation(element: Element) -> str:
    if element.attributes["protocol"] == "disabled":
        return "" if len(element.attributes) == 1 else "the protocol disabled stands alone"
    return "" if "uri" in element.attributes else "uri is missing"


def _counted(element: Element) -> str:
    counts = "COUNT=" in (element.attributes.get("rrule") or "")
    return "dtstart is missing: the rrule counts" if counts and "dtstart" not in element.attributes else ""


def _one_payee(element: Element) -> str:
    names = [child.name for child in element.children]
    remote = names.count("podcast:remoteItem")
    return "it holds either one remote item or recipients" if remote > 1 or (remote and len(names) > 1) else ""


def _one_publisher(element: Element) -> str:
    media = [child.attributes.get("medium") for child in element.children]
    return "" if media == ["publisher"] else 'it holds exactly one remote item, of the medium "publisher"'


_MEDIA: Final = ("podcast", "music", "video", "film", "audiobook", "newsletter", "blog", "publisher", "course")
_MEDIUM: Final = one_of(*_MEDIA, *(f"{medium}L" for medium in _MEDIA), "mixed")
# The fifth is what many hosts call SRT, and apps take.
_TRANSCRIPT: Final = one_of("text/vtt", "application/x-subrip", "application/json", "text/html", "application/srt", "text/plain")
_SOCIAL: Final = one_of("activitypub", "twitter", "lightning", "atproto", "bluesky", "hive", "matrix", "nostr", "disabled")

# Where an element may stand: channel, item, live item.
_C, _I, _L = "channel", "item", "podcast:liveItem"
_CI, _IL, _CIL = f"{_C} {_I}", f"{_I} {_L}", f"{_C} {_I} {_L}"

#: The table: parents, text, required attributes, optional attributes.
RULES: Final[Mapping[str, Rule]] = {
    # RSS 2.0: the dates, which feedgen cannot write without changing the locale of the whole process, and live items.
    "lastBuildDate": _rule(_C, kinds.DATE),
    "pubDate": _rule(_I, kinds.DATE),
    "title": _rule(_L, words(255)),
    "guid": _rule(_L, words(1000), {}, {"isPermaLink": one_of("true", "false")}),
    "enclosure": _rule(_L, None, {"url": URL, "length": COUNT, "type": kinds.MEDIA_TYPE}),
    # Atom and RFC 5005
    "atom:link": _rule(
        _C, None, {"href": URL, "rel": words(40)}, {"type": kinds.MEDIA_TYPE, "hreflang": kinds.LANGUAGE, "title": words(255)}, many=True
    ),
    "fh:archive": _rule(_C),
    # Podlove
    "psc:chapters": _rule(_I, None, {"version": one_of("1.1", "1.2")}, needs="psc:chapter"),
    "psc:chapter": _rule("psc:chapters", None, {"start": kinds.PLAY_TIME, "title": words(255)}, {"href": URL, "image": URL}, many=True),
    # Apple
    "itunes:author": _rule(_CI, words(255)),
    "itunes:title": _rule(_CI, words(255)),
    "itunes:type": _rule(_C, one_of("episodic", "serial")),
    "itunes:owner": _rule(_C, needs="itunes:email"),
    "itunes:name": _rule("itunes:owner", words(255)),
    "itunes:email": _rule("itunes:owner", kinds.EMAIL),
    "itunes:image": _rule(_CIL, None, {"href": URL}),
    "itunes:category": _rule("channel itunes:category", None, {"text": words(255)}, many=True),
    "itunes:explicit": _rule(_CI, one_of("true", "false")),
    "itunes:duration": _rule(_I, SMALL),
    "itunes:season": _rule(_I, SMALL),
    "itunes:episode": _rule(_I, SMALL),
    "itunes:episodeType": _rule(_I, one_of("full", "trailer", "bonus")),
    "itunes:block": _rule(_CI, one_of("Yes")),
    "itunes:complete": _rule(_C, one_of("Yes")),
    "itunes:new-feed-url": _rule(_C, URL),
    # Podcasting 2.0
    "podcast:guid": _rule(_C, kinds.UUID),
    "podcast:locked": _rule(_C, one_of("yes", "no"), {}, {"owner": kinds.EMAIL}),
    "podcast:funding": _rule(_CIL, words(128), {"url": URL}, many=True),
    "podcast:person": _rule(_CIL, words(128), {}, {"role": words(128), "group": words(128), "img": URL, "href": URL}, many=True),
    "podcast:season": _rule(_IL, SMALL, {}, {"name": words(128)}),
    "podcast:episode": _rule(_IL, kinds.DECIMAL, {}, {"display": words(32)}),
    "podcast:chapters": _rule(_IL, None, {"url": URL, "type": one_of("application/json+chapters")}),
    "podcast:transcript": _rule(
        _IL, None, {"url": URL, "type": _TRANSCRIPT}, {"language": kinds.LANGUAGE, "rel": one_of("captions")}, many=True
    ),
    "podcast:soundbite": _rule(_I, perhaps(128), {"startTime": kinds.SECONDS, "duration": kinds.SPAN}, many=True),
    "podcast:license": _rule(_CIL, words(128), {}, {"url": URL}, whole=_own_license),
    "podcast:location": _rule(
        _CIL,
        words(128),
        {},
        {"rel": one_of("subject", "creator"), "geo": kinds.GEO, "osm": kinds.OSM, "country": kinds.COUNTRY},
        many=True,
    ),
    "podcast:image": _rule(
        _CIL,
        None,
        {"href": URL},
        {
            "alt": words(1000),
            "aspect-ratio": kinds.RATIO,
            "width": SMALL,
            "height": SMALL,
            "type": kinds.MEDIA_TYPE,
            "purpose": words(128),
        },
        many=True,
    ),
    "podcast:trailer": _rule(
        _C, words(128), {"url": URL, "pubdate": kinds.DATE}, {"length": COUNT, "type": kinds.MEDIA_TYPE, "season": SMALL}, many=True
    ),
    "podcast:alternateEnclosure": _rule(
        _IL,
        None,
        {"type": kinds.MEDIA_TYPE},
        {
            "length": COUNT,
            "bitrate": kinds.DECIMAL,
            "height": SMALL,
            "lang": kinds.LANGUAGE,
            "title": words(32),
            "rel": words(32),
            "codecs": words(100),
            "default": one_of("true"),
        },
        many=True,
        needs="podcast:source",
    ),
    "podcast:source": _rule("podcast:alternateEnclosure", None, {"uri": kinds.URI}, {"contentType": kinds.MEDIA_TYPE}, many=True),
    "podcast:integrity": _rule("podcast:alternateEnclosure", None, {"type": one_of("sri", "pgp-signature"), "value": kinds.BASE64}),
    "podcast:value": _rule(
        _CIL, None, {"type": kinds.SLUG, "method": kinds.SLUG}, {"suggested": kinds.COIN}, many=True, needs="podcast:valueRecipient"
    ),
    "podcast:valueRecipient": _rule(
        "podcast:value podcast:valueTimeSplit",
        None,
        {"type": kinds.SLUG, "address": kinds.ADDRESS, "split": kinds.SHARES},
        {"name": words(128), "customKey": words(128), "customValue": words(255), "fee": one_of("true")},
        many=True,
    ),
    "podcast:valueTimeSplit": _rule(
        "podcast:value",
        None,
        {"startTime": kinds.SECONDS, "duration": kinds.SPAN},
        {"remoteStartTime": kinds.SECONDS, "remotePercentage": kinds.PERCENTAGE},
        many=True,
        needs="podcast:remoteItem|podcast:valueRecipient",
        whole=_one_payee,
    ),
    "podcast:remoteItem": _rule(
        "channel podcast:podroll podcast:publisher podcast:valueTimeSplit",
        None,
        {"feedGuid": kinds.UUID},
        {"feedUrl": URL, "itemGuid": words(1000), "medium": _MEDIUM, "title": words(255)},
        many=True,
    ),
    "podcast:podroll": _rule(_C, needs="podcast:remoteItem"),
    "podcast:publisher": _rule(_C, needs="podcast:remoteItem", whole=_one_publisher),
    "podcast:medium": _rule(_C, _MEDIUM),
    "podcast:txt": _rule(_CI, words(4000), {}, {"purpose": words(128)}, many=True),
    "podcast:block": _rule(_C, one_of("yes", "no"), {}, {"id": kinds.SLUG}, many=True),
    "podcast:socialInteract": _rule(
        _CIL,
        None,
        {"protocol": _SOCIAL},
        {"uri": kinds.URI, "accountId": words(128), "accountUrl": URL, "priority": SMALL},
        many=True,
        whole=_conversation,
    ),
    "podcast:chat": _rule(
        _CIL,
        None,
        {"server": kinds.HOST, "protocol": one_of("irc", "xmpp", "nostr", "matrix")},
        {"accountId": words(128), "space": words(128)},
    ),
    "podcast:contentLink": _rule(_IL, words(255), {"href": URL}, many=True),
    "podcast:liveItem": _rule(
        _C,
        None,
        {"status": one_of("pending", "live", "ended"), "start": kinds.TIME},
        {"end": kinds.TIME},
        many=True,
        needs="title guid enclosure podcast:contentLink",
    ),
    "podcast:updateFrequency": _rule(
        _C, words(128), {}, {"complete": one_of("true"), "dtstart": kinds.BEGINNING, "rrule": kinds.RRULE}, whole=_counted
    ),
    "podcast:podping": _rule(_C, None, {"usesPodping": one_of("true")}),
}


def fit(parent: str, element: Element) -> Element | None:
    """Return the element as its row wants it, or None where it cannot be.

    ValueError where the table has no such element under this parent: that is a fault of the caller, not of the data.
    """
    return _fit(parent, element, None)


def fit_all(parent: str, elements: Iterable[Element]) -> Iterator[Element]:
    """Yield those of the elements that fit; of what may stand only once, the first."""
    return _fit_all(parent, elements, None)


def faults(parent: str, element: Element) -> list[str]:
    """Return what :func:`fit` would cut or leave out, a phrase each; nothing where the element is as it must be."""
    found: list[str] = []
    _fit(parent, element, found)
    return found


#: Where :func:`faults` collects. The writer has none, and loses no time.
_Found: TypeAlias = list[str] | None


def _fit(parent: str, element: Element, found: _Found) -> Element | None:
    rule = RULES.get(element.name)
    if rule is None or parent not in rule.parents:
        raise ValueError(f"<{element.name}> has no place in <{parent}>")
    content = _fit_value(element.name, "its text", rule.text, element.text, found) if rule.text else ""
    attributes = _fit_attributes(rule, element, found)
    children = tuple(_fit_all(element.name, element.children, found)) if element.children else ()
    missing = _missing(rule, children)
    if missing and found is not None:
        found.append(f"{element.name}: {missing} is missing")
    if content is None or attributes is None or missing:
        return None
    fitted = replace(element, text=content, attributes=attributes, children=children)
    wrong = rule.whole(fitted) if rule.whole else ""
    if wrong and found is not None:
        found.append(f"{element.name}: {wrong}")
    return None if wrong else fitted


def _fit_all(parent: str, elements: Iterable[Element], found: _Found) -> Iterator[Element]:
    seen: set[str] = set()
    for element in elements:
        fitted = _fit(parent, element, found)
        if fitted and (RULES[fitted.name].many or fitted.name not in seen):
            seen.add(fitted.name)
            yield fitted


def _fit_attributes(rule: Rule, element: Element, found: _Found) -> dict[str, str | None] | None:
    """Return the attributes in the order of the table, or None where a required one is missing or wrong."""
    unknown = element.attributes.keys() - rule.required.keys() - rule.optional.keys()
    if unknown:
        raise ValueError(f"<{element.name}> has no attribute {', '.join(sorted(unknown))}")
    fitted: dict[str, str | None] = {}
    whole = True
    for name, kind in (*rule.required.items(), *rule.optional.items()):
        given = element.attributes.get(name)
        value = _fit_value(element.name, name, kind, given or "", found) if given or name in rule.required else None
        if value is not None:
            fitted[name] = value
        elif name in rule.required:
            whole = False
    return fitted if whole else None


def _fit_value(element: str, name: str, kind: Kind, given: str, found: _Found) -> str | None:
    value = kind(given)
    if found is None:
        return value
    if value is None:
        what = f"is {text.clean(given, limit=60)!r}, and must be {kind.what}" if given else "is missing"
        found.append(f"{element}: {name} {what}")
    elif kind.limit and len(text.clean(given, limit=1 << 20)) > kind.limit:
        found.append(f"{element}: {name} is longer than {kind.limit} characters")
    return value


def _missing(rule: Rule, children: tuple[Element, ...]) -> str:
    """Name the first child that the element needs and does not have; nothing where it has all."""
    if not rule.needs:
        return ""
    names = {child.name for child in children}
    return next((need.replace("|", " or ") for need in rule.needs if names.isdisjoint(need.split("|"))), "")


def feed_guid(feed_url: str) -> str:
    """Return the podcast:guid that belongs to a feed's first address.

    Scheme and trailing slashes do not count; case, ``www`` and query do, as the specification says nothing of them.

    >>> feed_guid("https://podnews.net/rss")
    '9b024349-ccf0-5f69-a609-6b82873eab3c'
    """
    return str(uuid.uuid5(_FEED_GUIDS, re.sub(r"\A[a-zA-Z][a-zA-Z0-9+.-]*://", "", feed_url).rstrip("/")))
