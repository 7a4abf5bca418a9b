"""Rules about an item of a feed: what makes apps play an episode."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from podcast.formats.feed_reader import Tag
from podcast.formats.text import safe_url

from .places import Place, date_of
from .rules import Level, Table

_APPLE: Final = frozenset({".mp3", ".m4a", ".mp4", ".m4v", ".mov", ".pdf"})
#: What a file of each ending is; x- and spellings of old apart.
_TYPES: Final = {
    ".mp3": {"audio/mpeg", "audio/mp3"},
    ".m4a": {"audio/x-m4a", "audio/mp4", "audio/m4a", "audio/aac"},
    ".mp4": {"video/mp4", "audio/mp4"},
    ".m4v": {"video/x-m4v", "video/mp4"},
    ".mov": {"video/quicktime"},
    ".pdf": {"application/pdf"},
    ".ogg": {"audio/ogg", "application/ogg"},
    ".opus": {"audio/ogg", "audio/opus"},
    ".flac": {"audio/flac", "audio/x-flac"},
    ".wav": {"audio/wav", "audio/x-wav"},
}
_DESCRIPTION: Final = 4000
#: Clocks differ.
_AHEAD: Final = timedelta(minutes=10)

ITEM: Final = Table[Place]("item")

_AUDIO: Final = "Give the item one enclosure with url, length in bytes, and type"


@ITEM.rule("rss.item.title", Level.ERROR, "An item has a title", source="RSS 2.0, Apple", remedy="podcast edit EP --title TEXT")
def _title(place: Place) -> Iterator[str]:
    if not place.tag.value("title"):
        yield "The item has no title"


@ITEM.rule("rss.item.description", Level.NOTICE, "An item has a description", source="PSP-1", remedy="podcast edit EP --notes TEXT")
def _description(place: Place) -> Iterator[str]:
    if not (place.tag.value("description") or place.tag.value("content:encoded")):
        yield "The item has no description"


@ITEM.rule(
    "psp1.item.description",
    Level.NOTICE,
    "The description has at most 4,000 bytes",
    source="PSP-1, Apple",
    remedy="Put the rest into content:encoded",
)
def _long_description(place: Place) -> Iterator[str]:
    length = len(place.tag.value("description").encode())
    if length > _DESCRIPTION:
        yield f"The description has {length:,} bytes"


@ITEM.rule("rss.guid.missing", Level.ERROR, "An item has a guid", source="PSP-1, Apple", remedy="Give it one, and never change it")
def _guid(place: Place) -> Iterator[str]:
    guids = place.tag.all("guid")
    if not place.tag.value("guid"):
        yield "The item has no guid: a corrected title or address makes a new episode of it"
    elif len(guids) > 1:
        yield f"The item has {len(guids)} guids"


@ITEM.rule("rss.guid.permalink", Level.WARNING, "A guid that is no address says so", source="RSS 2.0", remedy="Write isPermaLink=“false”")
def _permalink(place: Place) -> Iterator[str]:
    guid = place.tag.first("guid")
    if guid and guid.text.strip() and guid.attributes.get("isPermaLink", "true") != "false" and safe_url(guid.text) is None:
        yield f"The guid “{guid.text.strip()[:60]}” is no address"


@ITEM.rule("rss.enclosure.missing", Level.ERROR, "An item has one enclosure", source="PSP-1, Apple", remedy=_AUDIO)
def _enclosure(place: Place) -> Iterator[str]:
    number = len(place.tag.all("enclosure"))
    if not number:
        yield "The item has no enclosure: there is nothing to play"
    elif number > 1:
        yield f"The item has {number} enclosures: apps take one of them"


@ITEM.rule("rss.enclosure.url", Level.ERROR, "An enclosure's address is absolute, in ASCII", source="RSS 2.0", remedy=_AUDIO)
def _url(place: Place) -> Iterator[str]:
    for url in _urls(place.tag):
        if safe_url(url) is None or not url.isascii() or re.search(r"\s", url):
            yield f"The enclosure's address is “{url[:100]}”"


@ITEM.rule("rss.enclosure.length", Level.ERROR, "An enclosure says its length, more than 0 bytes", source="RSS 2.0", remedy=_AUDIO)
def _length(place: Place) -> Iterator[str]:
    for enclosure in place.tag.all("enclosure"):
        given = enclosure.attributes.get("length", "").strip()
        if not (given.isascii() and given.isdigit() and int(given[:18])):
            yield f"The enclosure's length is “{given[:40]}”"


@ITEM.rule(
    "apple.enclosure.extension",
    Level.WARNING,
    "An enclosure's path ends in .mp3, .m4a, .mp4, .m4v, .mov or .pdf",
    source="Apple",
    remedy="Publish MP3 or M4A under a name that ends so; what follows a ? does not count",
)
def _extension(place: Place) -> Iterator[str]:
    for url in _urls(place.tag):
        if url and _ending(url) not in _APPLE:
            yield (
                f"The enclosure's path ends in “{_ending(url)}”: Apple passes over the episode"
                if _ending(url)
                else "The enclosure's path has no ending"
            )


@ITEM.rule("rss.enclosure.type", Level.WARNING, "An enclosure's type fits its ending", source="RSS 2.0, Apple", remedy=_AUDIO)
def _type(place: Place) -> Iterator[str]:
    for enclosure in place.tag.all("enclosure"):
        given = enclosure.attributes.get("type", "").strip().lower()
        ending = _ending(enclosure.attributes.get("url", ""))
        if given not in _TYPES.get(ending, {given}) or "/" not in given:
            yield f"The enclosure's type is “{given[:40]}”, its name ends in “{ending}”"


@ITEM.rule("rss.date.missing", Level.WARNING, "An item has a date", source="PSP-1, Spotify", remedy="podcast edit EP --date WHEN")
def _dated(place: Place) -> Iterator[str]:
    if not place.tag.value("pubDate"):
        yield "The item has no pubDate: apps cannot put it in order"


@ITEM.rule(
    "rss.date.future",
    Level.WARNING,
    "An item is not of the future",
    source="AntennaPod",
    remedy="podcast schedule EP WHEN, which holds it back until then",
)
def _future(place: Place) -> Iterator[str]:
    moment = date_of(place.tag.value("pubDate"))
    if moment and moment > place.now + _AHEAD:
        yield f"The date {moment:%Y-%m-%d %H:%M} lies ahead: apps drop it"


@ITEM.rule(
    "psp1.duration.missing", Level.NOTICE, "An item says its duration", source="PSP-1", remedy="Write itunes:duration in whole seconds"
)
def _duration(place: Place) -> Iterator[str]:
    if not place.tag.value("itunes:duration"):
        yield "The item says no duration"


def _urls(item: Tag) -> list[str]:
    return [enclosure.attributes.get("url", "") for enclosure in item.all("enclosure")]


def _ending(url: str) -> str:
    try:
        return PurePosixPath(urlsplit(url).path).suffix.lower()[:12]
    except ValueError:
        return ""
