"""Rules about a feed as a whole: XML, the frame of RSS, and what concerns several items at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from podcast.formats.feed_reader import PREFIXES, Feed
from podcast.formats.text import safe_url

from .places import link
from .rules import Level, Table
from .survey import Survey, Tally

#: Bytes at which hosts and apps give up, and who does.
_SIZES: Final = (
    (10_000_000, "hardly an app or a directory reads it to its end"),
    (5_000_000, "the W3C's validator and directories stop reading there, and small phones give up"),
    (1_000_000, "every app fetches it again and again, and FeedBurner refuses it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFeed:
    """A feed without its items, and what was gathered of these as they went by."""

    feed: Feed
    survey: Survey
    #: Where it was found; empty for a file.
    url: str = ""


FEED: Final = Table[SeenFeed]("feed")

_OURS: Final = "A feed that `podcast publish` writes is right in this; in another one, mend the program that writes it"


@FEED.rule("xml.well-formed", Level.ERROR, "A feed is well-formed XML", source="XML 1.0", remedy=_OURS)
def _well_formed(seen: SeenFeed) -> Iterator[str]:
    for line, reason in seen.feed.faults[:3]:
        yield f"Line {line} is no XML: {' '.join(reason.split()).rstrip('.')}"


@FEED.rule("xml.encoding", Level.WARNING, "A feed is in UTF-8", source="PSP-1", remedy=_OURS)
def _encoding(seen: SeenFeed) -> Iterator[str]:
    if seen.feed.encoding not in {"", "UTF-8", "UTF8", "US-ASCII"}:
        yield f"The feed is in {seen.feed.encoding}"


@FEED.rule("xml.bom", Level.WARNING, "A feed begins with its first character, without a byte order mark", source="XML 1.0", remedy=_OURS)
def _bom(seen: SeenFeed) -> Iterator[str]:
    if seen.feed.bom:
        yield "A byte order mark stands before the feed: some readers stop at it"


@FEED.rule("xml.doctype", Level.WARNING, "A feed has no document type and no entities of its own", source="RSS 2.0", remedy=_OURS)
def _doctype(seen: SeenFeed) -> Iterator[str]:
    if seen.feed.doctype:
        yield "The feed has a DOCTYPE: careful readers refuse it"


@FEED.rule("rss.version", Level.ERROR, "The root is <rss version=“2.0”> with one <channel>", source="RSS 2.0", remedy=_OURS)
def _version(seen: SeenFeed) -> Iterator[str]:
    root = seen.feed.root
    if root is None:
        return
    channels = len(root.all("channel"))
    if root.name.lower() == "html":
        yield "This is a web page, and no feed"
    elif root.name != "rss":
        yield f"This is no RSS feed: its root is <{root.name[:60]}>"
    elif root.attributes.get("version") != "2.0":
        yield f"The version of RSS is “{root.attributes.get('version', '')[:20]}”"
    if root.name == "rss" and channels != 1:
        yield f"The feed has {channels} channels"


@FEED.rule("rss.namespace", Level.ERROR, "Namespaces are declared by their exact addresses", source="PSP-1", remedy=_OURS)
def _namespace(seen: SeenFeed) -> Iterator[str]:
    exact = {uri.casefold().rstrip("/"): uri for uri in PREFIXES}
    for prefix, uri in seen.feed.namespaces.items():
        wanted = exact.get(re.sub(r"\Ahttps(?=://www\.itunes)", "http", uri.casefold().rstrip("/")))
        known = next((address for address, name in PREFIXES.items() if name == prefix), None)
        if uri not in PREFIXES and (wanted or known):
            yield f"xmlns:{prefix} is “{uri[:100]}”, and must be “{wanted or known}”: apps pass over all of its elements"


@FEED.rule(
    "feed.size",
    Level.WARNING,
    "A feed is smaller than 1 MB",
    source="W3C, FeedBurner",
    remedy="In podcast.toml, [feed] limit = 300 puts older episodes into archive pages, slim_after = 100 takes their long notes out, "
    "gzip = true compresses",
)
def _size(seen: SeenFeed) -> Iterator[str]:
    length = seen.feed.length
    reason = next((reason for size, reason in _SIZES if length > size), None)
    if reason:
        yield f"The feed has {length / 1_000_000:.1f} MB: {reason}"


@FEED.rule(
    "spotify.episode.missing", Level.WARNING, "A feed has an episode", source="Spotify, Apple", remedy="Publish one, a trailer for instance"
)
def _episodes(seen: SeenFeed) -> Iterator[str]:
    survey, channel = seen.survey, seen.feed.channel
    if channel and not survey.items and channel.value("podcast:medium") not in _WITHOUT:
        yield "There is no episode: directories do not take a show without one"


#: Media whose feeds hold remote items only.
_WITHOUT: Final = frozenset(
    {"publisher", "mixed", "podcastL", "musicL", "videoL", "filmL", "audiobookL", "newsletterL", "blogL", "courseL"}
)


@FEED.rule(
    "podcasting20.medium.items",
    Level.WARNING,
    "The feed of a publisher or of a list holds remote items, and no items",
    source="Podcasting 2.0",
    remedy="Correct podcast:medium, or write the parts as podcast:remoteItem",
)
def _list(seen: SeenFeed) -> Iterator[str]:
    channel = seen.feed.channel
    medium = channel.value("podcast:medium") if channel else ""
    if channel and medium in _WITHOUT - {"mixed"}:
        if seen.survey.items:
            yield f"The medium is “{medium}”, and the feed holds {_count(seen.survey.items, 'item', 'items')}"
        if not channel.first("podcast:remoteItem"):
            yield f"The medium is “{medium}”, and there is no podcast:remoteItem"


@FEED.rule(
    "rss.guid.unique",
    Level.ERROR,
    "No two items have one guid",
    source="RSS 2.0, Apple",
    remedy="Give each episode a guid of its own, once and for ever",
)
def _guids(seen: SeenFeed) -> Iterator[str]:
    for guid, items in _shared(seen.survey.guids):
        yield f"{len(items)} items have the guid “{guid[:80]}” ({_some(items)}): apps show one of them"


@FEED.rule(
    "apple.enclosure.unique", Level.WARNING, "No two items have one audio file", source="Apple", remedy="Take one of the episodes out"
)
def _enclosures(seen: SeenFeed) -> Iterator[str]:
    for url, items in _shared(seen.survey.audio):
        yield f"{len(items)} items have the audio {url[:100]} ({_some(items)}): Apple takes the first"


@FEED.rule(
    "psp1.self.other",
    Level.NOTICE,
    "A feed is found where it says that it is",
    source="PSP-1",
    remedy="Give directories the address that the feed names, and send the other one there by a 301",
)
def _elsewhere(seen: SeenFeed) -> Iterator[str]:
    named = link(seen.feed.channel, "self") if seen.feed.channel else ""
    if seen.url and safe_url(named) and named != seen.url:
        yield f"The feed is at {seen.url[:100]}, and says that it is at {named[:100]}"


@FEED.rule("rss.order", Level.NOTICE, "The newest item comes first", source="practice", remedy=_OURS)
def _order(seen: SeenFeed) -> Iterator[str]:
    younger = seen.survey.younger
    if younger.number:
        are = "item is" if younger.number == 1 else "items are"
        yield f"{younger.number:,} {are} younger than the one before ({younger.first}): some apps read from the top"


@FEED.rule(
    "apple.serial.item",
    Level.WARNING,
    "Every full episode of a serial show has itunes:episode",
    source="Apple",
    remedy="podcast edit EP --number N",
)
def _serial(seen: SeenFeed) -> Iterator[str]:
    bare = seen.survey.unnumbered
    if bare.number and seen.feed.channel and seen.feed.channel.value("itunes:type") == "serial":
        yield f"The show is serial, and {_count(bare.number, 'episode has', 'episodes have')} no number (first {bare.first})"


@FEED.rule(
    "link.https", Level.WARNING, "Addresses of files begin with https", source="PSP-1, Apple", remedy="Set public_url to an https address"
)
def _https(seen: SeenFeed) -> Iterator[str]:
    found = seen.survey.insecure
    if found.number:
        yield f"{_addresses(found)} with http, the first is {found.first}: iPhones block them"


@FEED.rule(
    "link.local",
    Level.WARNING,
    "Addresses can be reached from everywhere",
    source="practice",
    remedy="Set public_url in podcast.toml to where listeners reach the files",
)
def _local(seen: SeenFeed) -> Iterator[str]:
    found = seen.survey.local
    if found.number:
        yield f"{_addresses(found)} on this machine or network alone, the first is {found.first}"


@FEED.rule(
    "element.unknown",
    Level.NOTICE,
    "Elements are in the lists of Apple and Podcasting 2.0",
    source="Apple, Podcasting 2.0",
    remedy="Correct or drop it",
)
def _unknown(seen: SeenFeed) -> Iterator[str]:
    for name, found in seen.survey.strange.items():
        yield f"<{name[:60]}> is in no list ({_count(found.number, 'time', 'times')}, first in {found.first})"


def _shared(places: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Yield each value that several items have, with where they are."""
    yield from ((value, found) for value, found in places.items() if len(found) > 1)


def _some(places: list[str]) -> str:
    return ", ".join(places[:5]) + (" …" if len(places) > 5 else "")


def _addresses(found: Tally) -> str:
    return _count(found.number, "address", "addresses")


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
