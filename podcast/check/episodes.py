"""Rules about an episode as the catalogue holds it: what the feed's writer would mend in silence, a producer should know."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from podcast.formats import notes
from podcast.formats.text import clean, legal, safe_url
from podcast.model import Episode, EpisodeType, Show, ShowType

from .rules import Level, Table

_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(days=366)
_MAX_TITLE: Final = 255
# Markdown's [text](address "title"), with brackets in the address as in Wikipedia's, and HTML's href.
_LINK: Final = re.compile(
    r"""\]\(\s{0,9}<?((?:[^\s()<>]|\([^\s()<>]{0,200}\)){1,2000})>?(?:\s[^)]{0,300})?\)|\bhref\s{0,9}=\s{0,9}["']?([^\s"'>]{1,2000})""",
    re.IGNORECASE,
)
_PASTED: Final = re.compile(r"<(?:script|style|iframe|object|embed|form|img|video|audio|svg|math|table|div)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEpisode:
    """An episode, the show that it belongs to, and the present."""

    episode: Episode
    show: Show
    now: datetime


EPISODE: Final = Table[SeenEpisode]("episode")


@EPISODE.rule("episode.title.missing", Level.ERROR, "An episode has a title", source="RSS 2.0", remedy="podcast edit EP --title TEXT")
def _title(seen: SeenEpisode) -> Iterator[str]:
    if not clean(seen.episode.title):
        yield f"There is no title: the feed would say “{seen.episode.slug}”"


@EPISODE.rule(
    "psp1.title.length", Level.WARNING, "A title has at most 255 characters", source="PSP-1", remedy="podcast edit EP --title TEXT"
)
def _long_title(seen: SeenEpisode) -> Iterator[str]:
    length = len(clean(seen.episode.title, limit=1_000_000))
    if length > _MAX_TITLE:
        yield f"The title has {length:,} characters: the feed cuts it at {_MAX_TITLE}"


@EPISODE.rule(
    "text.characters",
    Level.WARNING,
    "Title and notes hold no control characters, lone surrogates or bidirectional overrides",
    source="XML 1.0",
    remedy="Type the text anew where it was copied from another program",
)
def _characters(seen: SeenEpisode) -> Iterator[str]:
    for name, text in (("title", seen.episode.title), ("notes", seen.episode.notes)):
        lost = len(text.replace("\r\n", "\n")) - len(legal(text))
        if lost:
            yield f"Characters that no feed can carry are left out of the {name}: {lost:,}"


@EPISODE.rule(
    "notes.missing",
    Level.NOTICE,
    "An episode has show notes",
    source="Apple, PSP-1",
    remedy="podcast edit EP --notes TEXT, or a .md beside the file",
)
def _notes(seen: SeenEpisode) -> Iterator[str]:
    if not seen.episode.notes.strip():
        yield "There are no show notes"


@EPISODE.rule(
    "notes.length",
    Level.WARNING,
    "Show notes have at most 64 KiB",
    source="practice",
    remedy="Shorten them, or link to a page with the rest",
)
def _long_notes(seen: SeenEpisode) -> Iterator[str]:
    length = len(seen.episode.notes.encode(errors="replace"))
    if length > notes.MAX_BYTES:
        yield f"The notes have {length:,} bytes: they are cut at {notes.MAX_BYTES:,}"


@EPISODE.rule(
    "psp1.description.length",
    Level.NOTICE,
    "The notes fit a description of 4,000 bytes",
    source="PSP-1, Apple",
    remedy="Put what matters first: some apps show the shortened text",
)
def _long_description(seen: SeenEpisode) -> Iterator[str]:
    whole = notes.to_html(seen.episode.notes[: notes.MAX_BYTES], rel=None)
    if len(whole.encode()) > notes.MAX_FEED_BYTES:
        yield f"The notes are {len(whole.encode()):,} bytes of HTML: some apps show the first {notes.MAX_FEED_BYTES:,} alone"


@EPISODE.rule(
    "notes.html",
    Level.NOTICE,
    "Show notes hold no HTML beyond text, lists and links",
    source="Apple",
    remedy="Write Markdown; scripts, pictures, tables and frames are left out of feeds and pages",
)
def _html(seen: SeenEpisode) -> Iterator[str]:
    found = sorted({match[0].lower() for match in _PASTED.finditer(seen.episode.notes)})
    if found:
        yield f"The notes hold HTML that is left out: {', '.join(f'{tag}>' for tag in found)}"


@EPISODE.rule(
    "link.scheme",
    Level.WARNING,
    "Links lead to http, https or mail addresses",
    source="practice",
    remedy="Correct the link; a listener gets the text without it",
)
def _links(seen: SeenEpisode) -> Iterator[str]:
    for match in _LINK.finditer(seen.episode.notes[: notes.MAX_BYTES]):
        address = match[1] or match[2]
        if not address.lower().startswith("mailto:") and safe_url(address) is None:
            yield f"The notes link to “{clean(address, limit=60)}”, which is no web address: the link is left out"
    for name, address in _addresses(seen.episode):
        if safe_url(address) is None:
            yield f"{name} is “{clean(address, limit=60)}”, which is no web address: it is left out"


def _addresses(episode: Episode) -> Iterator[tuple[str, str]]:
    """Yield every address of an episode, with what it is."""
    if episode.link:
        yield "The link", episode.link
    for chapter in episode.chapters:
        yield from (
            (f"The {what} of chapter “{chapter.title}”", url) for what, url in (("link", chapter.url), ("picture", chapter.image)) if url
        )
    for person in episode.persons:
        yield from ((f"The {what} of {person.name}", url) for what, url in (("page", person.href), ("picture", person.image)) if url)


@EPISODE.rule(
    "rss.date.implausible",
    Level.WARNING,
    "The date lies between 2000 and a year from now",
    source="AntennaPod",
    remedy="podcast edit EP --date WHEN",
)
def _date(seen: SeenEpisode) -> Iterator[str]:
    date = seen.episode.published
    if date and not _FIRST <= date <= seen.now + _AHEAD:
        yield f"The date is {date:%Y-%m-%d}: apps sort by it, and drop what lies ahead"


@EPISODE.rule(
    "apple.serial.number",
    Level.WARNING,
    "Every full episode of a serial show has a number",
    source="Apple",
    remedy="podcast edit EP --number N",
)
def _serial(seen: SeenEpisode) -> Iterator[str]:
    if seen.show.type is ShowType.SERIAL and seen.episode.type is EpisodeType.FULL and seen.episode.number is None:
        yield "The show is serial, and this episode has no number: apps cannot put it in order"


@EPISODE.rule(
    "transcript.language",
    Level.ERROR,
    "An episode has one transcript in each language",
    source="Podcasting 2.0",
    remedy="podcast edit EP --transcript FILE.en.vtt --transcript FILE.ky.vtt, the language in the name",
)
def _languages(seen: SeenEpisode) -> Iterator[str]:
    languages = [one.language for one in seen.episode.transcripts]
    for language in sorted({one for one in languages if languages.count(one) > 1}):
        yield f"There are several transcripts in “{language}”: they would have one address"
