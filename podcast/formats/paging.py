"""Which items stand in which file of a show's feed: the feed itself, its archive pages (RFC 5005), feeds of other formats.

Items are named by their rank, newest first, from 0. Pages are filled from the oldest item on and never shift: a new
episode changes the feed, and now and then begins a page.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

#: Items of an archive page, or fewer where the feed itself holds fewer.
PAGE: Final = 250

#: Media types of the audio formats that a show may have a feed of its own for.
FORMATS: Final = {
    "opus": ("audio/ogg", "audio/opus"),
    "aac": ("audio/mp4", "audio/x-m4a", "audio/aac", "audio/aacp"),
    "flac": ("audio/flac", "audio/x-flac"),
    "mp3": ("audio/mpeg", "audio/mp3"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """How an item is written: ``slim`` without its long notes, ``audio`` with the file of another format as its enclosure."""

    slim: bool = False
    audio: str = ""

    def __str__(self) -> str:
        """Return the name under which the catalogue keeps such items."""
        return f"{self.audio} slim".strip() if self.slim else self.audio


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The items from rank ``start`` on, up to ``stop``, in one variant."""

    variant: Variant
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An atom:link to another file of the same show."""

    rel: str
    name: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file of a feed, by its name beside ``feed.xml``."""

    name: str
    spans: tuple[Span, ...]
    links: tuple[Link, ...] = ()
    archive: bool = False
    #: The format whose files it names; empty where it is the feed that directories know.
    audio: str = ""
    #: The producer has given this feed up: it says where the show goes on.
    ended: bool = False


def documents(
    total: int,
    *,
    limit: int | None = None,
    slim_after: int | None = None,
    formats: Iterable[str] = (),
    ended: Iterable[str] = (),
) -> Iterator[Document]:
    """Yield all files of a feed of ``total`` items, the archive pages of each feed before the feed itself.

    ``limit`` and ``slim_after`` count items. ``ended`` names formats that had a feed once.
    """
    formats = tuple(formats)
    others = tuple(Link(rel="alternate", name=_name(audio), title=audio) for audio in formats)
    for audio in (*formats, *ended):
        yield from _feed(total, limit, slim_after, audio, (), ended=audio not in formats)
    yield from _feed(total, limit, slim_after, "", others)


def is_archive(name: str) -> bool:
    """Tell whether a file of a show has the name of an archive page."""
    return name.endswith(".xml") and name.removesuffix(".xml").rpartition("-")[2].isdecimal() and name.startswith("feed-")


def format_of(name: str) -> str:
    """Return the format that a file of a show is the feed of, by its name; empty for any other file."""
    audio = name.removeprefix("feed-").removesuffix(".xml")
    return audio if audio in FORMATS and name == _name(audio) else ""


def _feed(
    total: int, limit: int | None, slim_after: int | None, audio: str, others: tuple[Link, ...], *, ended: bool = False
) -> Iterator[Document]:
    size = min(PAGE, limit or PAGE)
    pages = -(-(total - limit) // size) if limit and total > limit else 0
    first = _name(audio)
    around = (Link(rel="first", name=first), Link(rel="last", name=_name(audio, 1))) if pages else ()
    for page in range(1, pages + 1):
        # All of it slim, or none: an item that grows old must not change its page.
        old = Span(variant=Variant(slim=slim_after is not None, audio=audio), start=total - page * size, stop=total - (page - 1) * size)
        current = Link(rel="current", name=first)
        yield Document(
            name=_name(audio, page),
            spans=(old,),
            links=(current, *around, *_older(audio, page - 1)),
            archive=True,
            audio=audio,
            ended=ended,
        )
    shown = min(total, limit or total)
    full = min(shown, slim_after or shown)
    spans = (
        Span(variant=Variant(audio=audio), start=0, stop=full),
        Span(variant=Variant(slim=True, audio=audio), start=full, stop=shown),
    )
    links = (*around, *_older(audio, pages), *others)
    yield Document(name=first, spans=tuple(span for span in spans if span.start < span.stop), links=links, audio=audio, ended=ended)


def _older(audio: str, page: int) -> tuple[Link, ...]:
    """Return the links to the next older page, for readers that page and for those that look for archives."""
    return tuple(Link(rel=rel, name=_name(audio, page)) for rel in ("next", "prev-archive")) if page else ()


def _name(audio: str, page: int = 0) -> str:
    return "-".join(["feed", *([audio] if audio else []), *([str(page)] if page else [])]) + ".xml"
