"""What concerns several items of a feed at once, gathered while they go by one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from podcast.formats.feed_reader import Tag
from podcast.formats.namespaces import RULES

from .places import date_of

#: Elements that were in force once and do no harm.
_OLD: Final = frozenset(
    {"itunes:keywords", "itunes:summary", "itunes:subtitle", "itunes:title", "itunes:applepodcastsverify", "podcast:images"}
)
_ADDRESSES: Final = frozenset({"url", "href", "uri", "img", "feedUrl", "accountUrl"})
#: Different names of elements that are in no list; more are not told.
_STRANGE: Final = 100


@dataclass(slots=True)
class Tally:
    """How often something is so, and where or what the first is."""

    number: int = 0
    first: str = ""

    def add(self, what: str) -> None:
        """Count one more."""
        self.number += 1
        self.first = self.first or what


@dataclass(slots=True, kw_only=True)
class Survey:
    """What the items of a feed have in common; a place is a line of the feed, or an episode's name."""

    items: int = 0
    #: Places by guid, and by the address of the audio.
    guids: dict[str, list[str]] = field(default_factory=dict)
    audio: dict[str, list[str]] = field(default_factory=dict)
    #: Items younger than the one before.
    younger: Tally = field(default_factory=Tally)
    #: Full episodes without a number.
    unnumbered: Tally = field(default_factory=Tally)
    insecure: Tally = field(default_factory=Tally)
    local: Tally = field(default_factory=Tally)
    #: Elements of Apple and Podcasting 2.0 that are in no list, by name.
    strange: dict[str, Tally] = field(default_factory=dict)
    last: datetime | None = None

    def add(self, item: Tag, place: str) -> None:
        """Take an item in."""
        self.items += 1
        if guid := item.value("guid"):
            self.guids.setdefault(guid, []).append(place)
        for enclosure in item.all("enclosure")[:1]:
            if url := enclosure.attributes.get("url"):
                self.audio.setdefault(url, []).append(place)
        date = date_of(item.value("pubDate"))
        if date and self.last and date > self.last:
            self.younger.add(place)
        self.last = date or self.last
        if item.value("itunes:episodeType") in {"", "full"} and not item.value("itunes:episode"):
            self.unnumbered.add(place)
        self.add_elements(item)

    def add_elements(self, parent: Tag) -> None:
        """Take the elements in that stand in an item or in the channel."""
        for tag in parent.children:
            if tag.name == "item":
                continue
            is_strange = tag.name.startswith(("itunes:", "podcast:")) and tag.name not in RULES and tag.name not in _OLD
            if is_strange and (tag.name in self.strange or len(self.strange) < _STRANGE):
                self.strange.setdefault(tag.name, Tally()).add(f"line {tag.line}")
            for url in addresses(tag):
                if url.startswith("http:"):
                    (self.local if is_local(url) else self.insecure).add(url[:100])
                elif url.startswith("https:") and is_local(url):
                    self.local.add(url[:100])


def addresses(tag: Tag) -> Iterator[str]:
    """Yield the addresses that apps fetch or follow, of an element and of all within it."""
    yield from (url.strip() for name, url in tag.attributes.items() if name in _ADDRESSES)
    for child in tag.children:
        yield from addresses(child)


def is_local(url: str) -> bool:
    """Tell whether an address names, by its spelling alone, this machine or a private network."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".local") or not ip_address(host).is_global
    except ValueError:
        return False
