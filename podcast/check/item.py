"""Rules about an item of a feed: what makes apps play an episode."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from podcast.formats.feed_reader import Tag
from podcast.formats.text import safe_url

from .places import Place, date_of, is_clock
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
#: AntennaPod measures itself where a feed says less.
_SMALLEST: Final = 16_384
# "Episode 12: …", "S2E5 – …", "#12 …", "12. …"
_NUMBERED: Final = re.compile(r"\s*(?:episode|ep\.?|#|s\d{1,3}\s*e)\s*\d{1,4}\b|\s*\d{1,4}\s*[.:)–—-]\s", re.IGNORECASE)
_TAG: Final = re.compile(r"<([a-zA-Z][a-zA-Z0-9]{0,19})\b")
_ALLOWED: Final = frozenset({"p", "ol", "ul", "li", "a", "b", "i", "strong", "em", "br"})
#: What Apple reads.
_TRANSCRIPTS: Final = frozenset({"text/vtt", "application/x-subrip", "application/srt"})
#: Years before it are a fault.
_FIRST: Final = 2000
#: Clocks differ.
_AHEAD: Final = timedelta(minutes=10)

ITEM: Final = Table[Place]("item")

_AUDIO: Final = "Give the item one enclosure with url, length in bytes, and type"


@ITEM.rule("rss.item.title", Level.ERROR, "An item has a title", source="RSS 2.0, Apple", remedy="podcast edit EP --title TEXT")
def _title(place: Place) -> Iterator[str]:
    if not place.tag.value("title"):
        yield "The item has no title"


@ITEM.rule(
    "apple.title.number",
    Level.NOTICE,
    "A title does not repeat the number of the episode or season",
    source="Apple",
    remedy="podcast edit EP --title TEXT --season N --number N",
)
def _numbered(place: Place) -> Iterator[str]:
    if _NUMBERED.match(place.tag.value("title")):
        yield "The title begins with a number; apps show season and episode by themselves"


@ITEM.rule("rss.item.once", Level.WARNING, "Title, description and date stand once", source="RSS 2.0", remedy="Keep one of them")
def _once(place: Place) -> Iterator[str]:
    for name in ("title", "link", "description", "pubDate"):
        if len(place.tag.all(name)) > 1:
            yield f"<{name}> stands {len(place.tag.all(name))} times"


@ITEM.rule("psp1.item.link", Level.NOTICE, "An item has a page", source="PSP-1", remedy="podcast edit EP --link URL")
def _page(place: Place) -> Iterator[str]:
    if not place.tag.value("link"):
        yield "The item has no link"


@ITEM.rule(
    "psp1.item.explicit",
    Level.NOTICE,
    "An item says whether its language is strong",
    source="PSP-1",
    remedy="podcast edit EP --no-explicit",
)
def _explicit(place: Place) -> Iterator[str]:
    if not place.tag.value("itunes:explicit"):
        yield "The item has no itunes:explicit: it goes by the show's"


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


@ITEM.rule(
    "apple.description.html",
    Level.NOTICE,
    "A description holds paragraphs, lists, links and emphasis alone",
    source="Apple",
    remedy="Put other HTML into content:encoded; Apple shows the text without it",
)
def _html(place: Place) -> Iterator[str]:
    found = sorted({tag.lower() for tag in _TAG.findall(place.tag.value("description"))} - _ALLOWED)
    if found:
        yield f"The description holds {', '.join(f'<{tag}>' for tag in found[:10])}"


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
    "antennapod.length",
    Level.NOTICE,
    "An enclosure's length is that of its file, and not a number put there for want of it",
    source="AntennaPod",
    remedy="Write the number of bytes; AntennaPod passes over less than 16,384",
)
def _small(place: Place) -> Iterator[str]:
    for enclosure in place.tag.all("enclosure"):
        given = enclosure.attributes.get("length", "").strip()
        if given.isascii() and given.isdigit() and 0 < int(given[:18]) < _SMALLEST:
            yield f"The enclosure's length is {given}"


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
    "rss.date.old",
    Level.WARNING,
    "An item is not older than podcasts are",
    source="practice",
    remedy="Write the day on which it came out; 1970 comes of an empty field",
)
def _old(place: Place) -> Iterator[str]:
    moment = date_of(place.tag.value("pubDate"))
    if moment and moment.year < _FIRST:
        yield f"The date is {moment:%Y-%m-%d}: apps put the item behind all others"


@ITEM.rule(
    "psp1.duration.missing", Level.NOTICE, "An item says its duration", source="PSP-1", remedy="Write itunes:duration in whole seconds"
)
def _duration(place: Place) -> Iterator[str]:
    if not place.tag.value("itunes:duration"):
        yield "The item says no duration"


@ITEM.rule(
    "psp1.duration.seconds", Level.NOTICE, "A duration is in whole seconds", source="PSP-1, Apple", remedy="Write 2092 in place of 0:34:52"
)
def _seconds(place: Place) -> Iterator[str]:
    if is_clock(place.tag.value("itunes:duration")):
        yield f"The duration is “{place.tag.value('itunes:duration')}”"


@ITEM.rule(
    "transcript.missing", Level.NOTICE, "An episode has a transcript", source="PSP-1, Apple", remedy="podcast edit EP --transcript FILE"
)
def _transcript(place: Place) -> Iterator[str]:
    if not place.tag.all("podcast:transcript"):
        yield "There is no transcript: who cannot hear cannot follow"


@ITEM.rule(
    "apple.transcript.type",
    Level.NOTICE,
    "One of the transcripts is WebVTT or SRT",
    source="Apple",
    remedy="Give it as WebVTT, with the names of the speakers",
)
def _transcript_type(place: Place) -> Iterator[str]:
    types = {tag.attributes.get("type", "") for tag in place.tag.all("podcast:transcript")}
    if types and not types & _TRANSCRIPTS:
        yield f"The transcript is {', '.join(sorted(types))[:100]}: Apple makes one of its own"


@ITEM.rule(
    "podcasting20.soundbite.span",
    Level.NOTICE,
    "A soundbite has 15 to 120 seconds, and ends before the episode does",
    source="Podcasting 2.0",
    remedy="Choose another piece",
)
def _soundbite(place: Place) -> Iterator[str]:
    duration = _number(place.tag.value("itunes:duration"))
    for tag in place.tag.all("podcast:soundbite"):
        start, span = _number(tag.attributes.get("startTime", "")), _number(tag.attributes.get("duration", ""))
        if span is not None and not 15 <= span <= 120:
            yield f"The soundbite in line {tag.line} has {span:g} seconds"
        if None not in (start, span, duration) and (start or 0) + (span or 0) > (duration or 0):
            yield f"The soundbite in line {tag.line} ends behind the episode"


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text, re.ASCII) else None


def _urls(item: Tag) -> list[str]:
    return [enclosure.attributes.get("url", "") for enclosure in item.all("enclosure")]


def _ending(url: str) -> str:
    try:
        return PurePosixPath(urlsplit(url).path).suffix.lower()[:12]
    except ValueError:
        return ""
