"""Rules about what the addresses in a feed answer; ``ask.py`` asks them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from podcast.formats.feed_reader import Tag
from podcast.formats.text import safe_url

from .rules import Level, Table

if TYPE_CHECKING:
    from podcast.fetch import Probed

#: The site for whose pages transcripts and chapters are asked.
ORIGIN: Final = "https://player.example"
#: Seconds after which no further address is asked.
SECONDS: Final = 600.0
_ENDINGS: Final = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
#: Spellings of one type.
_SAME: Final = {
    "audio/mp3": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "audio/opus": "audio/ogg",
    "application/ogg": "audio/ogg",
    "application/srt": "application/x-subrip",
    "image/jpg": "image/jpeg",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address in a feed, and what the feed says of it. ``kind``: audio, picture, transcript or chapters."""

    kind: str
    url: str
    where: str
    length: int = 0
    type: str = ""
    language: str = ""
    #: Seconds of the episode; 0 where it is not known.
    duration: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLink:
    """An address and its answers: to HEAD (audio and pictures), and to GET (of audio for its first two bytes).

    ``got`` is None where there is no file.
    """

    link: Link
    head: "Probed | None" = None
    got: "Probed | None" = None
    #: Why there is no answer.
    dead: str = ""
    unreachable: str = ""
    private: bool = False
    #: Why what was answered makes no sense.
    unreadable: str = ""
    #: What a picture is by its bytes.
    picture: str = ""


LINK: Final = Table[SeenLink]("answer to a link")

_SERVER: Final = "`podcast serve` and a bucket answer so; set it in the server or the CDN in front"
_UP: Final = "Put the file where the feed says that it is; for a show of yours, podcast publish"


@LINK.rule("link.dead", Level.ERROR, "Each file that a feed names is there", source="Apple, RSS 2.0", remedy=_UP)
def _dead(seen: SeenLink) -> Iterator[str]:
    if seen.dead:
        yield f"The {seen.link.kind} is not there: {seen.dead}"


@LINK.rule(
    "link.unreachable",
    Level.WARNING,
    "Each file that a feed names is answered in time",
    source="Apple",
    remedy="Try again; then see its server",
)
def _unreachable(seen: SeenLink) -> Iterator[str]:
    if seen.unreachable:
        yield f"The {seen.link.kind} was not answered: {seen.unreachable}"


@LINK.rule(
    "link.private",
    Level.WARNING,
    "No file that a feed names is in a private network",
    source="practice",
    remedy="Set public_url to where listeners reach the files",
)
def _private(seen: SeenLink) -> Iterator[str]:
    if seen.private:
        yield f"The {seen.link.kind} was not asked for: {shown(seen.link.url)} leads into a private network"


@LINK.rule("link.head", Level.ERROR, "Audio and pictures answer to HEAD as to GET", source="Apple", remedy=_SERVER)
def _head(seen: SeenLink) -> Iterator[str]:
    if seen.head and seen.head.status != 200:
        yield f"The {seen.link.kind} answers {seen.head.status} to HEAD: Apple takes it for missing"


@LINK.rule("link.range", Level.ERROR, "A part of the audio can be asked for", source="Apple, RFC 9110", remedy=_SERVER)
def _range(seen: SeenLink) -> Iterator[str]:
    if seen.link.kind == "audio" and seen.got and seen.got.status == 200:
        yield "The audio answers 200 to a request for its first two bytes: nobody can seek in it, and Apple refuses it"


@LINK.rule(
    "link.length",
    Level.WARNING,
    "The audio is as long as the feed says",
    source="RSS 2.0",
    remedy="Write the number of bytes into the enclosure",
)
def _length(seen: SeenLink) -> Iterator[str]:
    found = _told_length(seen)
    if seen.link.kind == "audio" and seen.link.length and found not in {None, seen.link.length}:
        yield f"The audio has {found:,} bytes, and the feed says {seen.link.length:,}"


@LINK.rule("link.type", Level.WARNING, "A file is served as what the feed says it is", source="RSS 2.0, Apple", remedy=_SERVER)
def _type(seen: SeenLink) -> Iterator[str]:
    if seen.got is None:
        return
    served, named = media_type(seen.got.headers.get("content-type", "")), media_type(seen.link.type)
    if named and served != named:
        yield f"The {seen.link.kind} is served as “{served[:60]}”, and the feed says {named}"
    ending = _ENDINGS.get(PurePosixPath(urlsplit(seen.link.url).path).suffix.lower(), served)
    if seen.picture and {served, ending} != {seen.picture}:
        yield f"The picture is {seen.picture}, is served as “{served[:60]}”, and has a name for {ending[:60]}"


@LINK.rule(
    "link.content",
    Level.WARNING,
    "Pictures, transcripts and chapters can be read",
    source="Apple, Podcasting 2.0",
    remedy="See what is at the address: it may be a page about an error",
)
def _content(seen: SeenLink) -> Iterator[str]:
    if seen.unreadable:
        yield f"The {seen.link.kind} cannot be read: {seen.unreadable}"


@LINK.rule(
    "link.cors",
    Level.WARNING,
    "Transcripts and chapters are for pages of other sites too",
    source="Podcasting 2.0",
    remedy="Serve them with Access-Control-Allow-Origin: *",
)
def _cors(seen: SeenLink) -> Iterator[str]:
    if seen.got and seen.link.kind in {"transcript", "chapters"}:
        allowed = seen.got.headers.get("access-control-allow-origin", "")
        if allowed not in {"*", ORIGIN}:
            yield f"The {seen.link.kind} {'is for ' + allowed[:60] + ' alone' if allowed else 'says nothing of other sites'}"


@LINK.rule(
    "link.unchecked",
    Level.NOTICE,
    f"All addresses are asked within {SECONDS / 60:.0f} minutes",
    source="practice",
    remedy="Check one episode (podcast check EP --links), or again later",
)
def _unchecked(seen: SeenLink) -> Iterator[str]:
    if not (seen.got or seen.dead or seen.unreachable or seen.private):
        yield f"The {seen.link.kind} was not asked for: it took too long until then"


def links_of(place: Tag, where: str) -> Iterator[Link]:
    """Yield the addresses of files in a channel or an item."""
    duration = float(number(place.value("itunes:duration")) or 0)
    for tag in place.children:
        about = tag.attributes
        url = (about.get("href" if tag.name == "itunes:image" else "url") or "").strip()
        kind = _KINDS.get(tag.name)
        if kind and safe_url(url):
            length, language = about.get("length", ""), about.get("language", "")
            told, named = number(length) or 0, about.get("type", "")
            yield Link(kind=kind, url=url, where=where, length=told, type=named, language=language, duration=duration)


_KINDS: Final = {"enclosure": "audio", "itunes:image": "picture", "podcast:transcript": "transcript", "podcast:chapters": "chapters"}


def _told_length(seen: SeenLink) -> int | None:
    """Return how many bytes the server says that a file has; None where it says nothing."""
    if seen.got is None:
        return None
    if seen.got.status == 206:
        return number(seen.got.headers.get("content-range", "").rpartition("/")[2])
    return number(seen.got.headers.get("content-length", ""))


def number(text: str) -> int | None:
    """Return a number of bytes or seconds; None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def media_type(value: str) -> str:
    """Return a media type without its parameters, in one of its spellings."""
    plain = value.partition(";")[0].strip().lower()
    return _SAME.get(plain, plain)


def shown(url: str) -> str:
    """Return an address for a message, without what may be a secret."""
    return url.partition("?")[0][:100]
