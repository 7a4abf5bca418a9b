"""Rules about a feed as a whole: XML, the frame of RSS, and what concerns several items at once."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from podcast.formats.feed_reader import PREFIXES, Feed, Tag
from podcast.formats.namespaces import RULES

from .places import date_of
from .rules import Level, Table

_LARGE: Final = 1_000_000
#: Elements that were in force once and do no harm.
_OLD: Final = frozenset({"itunes:keywords", "itunes:summary", "itunes:subtitle", "itunes:title", "itunes:applepodcastsverify"})
_ADDRESSES: Final = frozenset({"url", "href", "uri", "img", "feedUrl", "accountUrl"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFeed:
    """A feed, and the present."""

    feed: Feed
    now: datetime


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
    if root.name != "rss":
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
    source="practice",
    remedy="Shorten the notes of old episodes, or let the server compress the feed",
)
def _size(seen: SeenFeed) -> Iterator[str]:
    if seen.feed.length > _LARGE:
        yield f"The feed has {seen.feed.length / 1_000_000:.1f} MB, which every app fetches again and again"


@FEED.rule(
    "spotify.episode.missing", Level.WARNING, "A feed has an episode", source="Spotify, Apple", remedy="Publish one, a trailer for instance"
)
def _episodes(seen: SeenFeed) -> Iterator[str]:
    if seen.feed.channel and not seen.feed.items:
        yield "There is no episode: directories do not take a show without one"


@FEED.rule(
    "rss.guid.unique",
    Level.ERROR,
    "No two items have one guid",
    source="RSS 2.0, Apple",
    remedy="Give each episode a guid of its own, once and for ever",
)
def _guids(seen: SeenFeed) -> Iterator[str]:
    for guid, items in _shared(seen.feed.items, lambda item: item.value("guid")):
        yield f"{len(items)} items have the guid “{guid[:80]}” (lines {_lines(items)}): apps show one of them"


@FEED.rule(
    "apple.enclosure.unique", Level.WARNING, "No two items have one audio file", source="Apple", remedy="Take one of the episodes out"
)
def _enclosures(seen: SeenFeed) -> Iterator[str]:
    for url, items in _shared(seen.feed.items, _audio):
        yield f"{len(items)} items have the audio {url[:100]} (lines {_lines(items)}): Apple takes the first"


@FEED.rule("rss.order", Level.NOTICE, "The newest item comes first", source="practice", remedy=_OURS)
def _order(seen: SeenFeed) -> Iterator[str]:
    dates = [(date_of(item.value("pubDate")), item) for item in seen.feed.items]
    wrong = [item for (first, _), (second, item) in pairwise(dates) if first and second and second > first]
    if wrong:
        yield f"{len(wrong)} item{'s'[: len(wrong) != 1]} younger than the one before (line {wrong[0].line}): some apps read from the top"


@FEED.rule(
    "link.https", Level.WARNING, "Addresses of files begin with https", source="PSP-1, Apple", remedy="Set public_url to an https address"
)
def _https(seen: SeenFeed) -> Iterator[str]:
    found = [tag for tag, url in _addresses(seen.feed) if url.startswith("http://") and not is_local(url)]
    if found:
        yield f"{_count(len(found), 'address', 'addresses')} with http, the first in line {found[0].line}: iPhones block them"


@FEED.rule(
    "link.local",
    Level.WARNING,
    "Addresses can be reached from everywhere",
    source="practice",
    remedy="Set public_url in podcast.toml to where listeners reach the files",
)
def _local(seen: SeenFeed) -> Iterator[str]:
    found = [(tag, url) for tag, url in _addresses(seen.feed) if is_local(url)]
    if found:
        yield f"{_count(len(found), 'address', 'addresses')} on this machine or network alone, the first {found[0][1][:80]}"


@FEED.rule(
    "element.unknown",
    Level.NOTICE,
    "Elements are in the lists of Apple and Podcasting 2.0",
    source="Apple, Podcasting 2.0",
    remedy="Correct or drop it",
)
def _unknown(seen: SeenFeed) -> Iterator[str]:
    counts: Counter[str] = Counter()
    lines: dict[str, int] = {}
    for tag in (child for place in _places(seen.feed) for child in place.children):
        if tag.name.partition(":")[0] in {"itunes", "podcast"} and tag.name not in RULES and tag.name not in _OLD:
            counts[tag.name] += 1
            lines.setdefault(tag.name, tag.line)
    for name, number in counts.items():
        yield f"<{name[:60]}> is in no list ({_count(number, 'time', 'times')}, first in line {lines[name]})"


def _places(feed: Feed) -> Iterator[Tag]:
    if feed.channel:
        yield feed.channel
        yield from feed.items


def _shared(items: tuple[Tag, ...], key: Callable[[Tag], str]) -> Iterator[tuple[str, list[Tag]]]:
    """Yield each value that several items have, with them."""
    groups: dict[str, list[Tag]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    yield from ((value, found) for value, found in groups.items() if value and len(found) > 1)


def _audio(item: Tag) -> str:
    enclosure = item.first("enclosure")
    return enclosure.attributes.get("url", "") if enclosure else ""


def _lines(items: list[Tag]) -> str:
    return ", ".join(str(item.line) for item in items[:5]) + (" …" if len(items) > 5 else "")


def _addresses(feed: Feed) -> Iterator[tuple[Tag, str]]:
    """Yield the addresses that apps fetch or follow, with their elements."""
    for place in _places(feed):
        for tag in place.children:
            if tag.name != "item":
                yield from ((tag, url.strip()) for name, url in tag.attributes.items() if name in _ADDRESSES)


def is_local(url: str) -> bool:
    """Tell whether an address names, by its spelling alone, this machine or a private network."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".local") or not ip_address(host).is_global
    except ValueError:
        return False


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
