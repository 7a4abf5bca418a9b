"""Asking the addresses in a feed: only where it is asked for, since it goes out."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from podcast.errors import FetchError, FetchPrivate, FetchUnavailable, PodcastError
from podcast.fetch import Probed, probe
from podcast.formats import chapters, transcripts
from podcast.ingest.artwork import picture_facts
from podcast.model import Artwork

from .audio import ARTWORK
from .links import LINK, ORIGIN, SECONDS, Link, SeenLink, media_type, number, shown
from .rules import Finding
from .survey import is_local
from .timed import CHAPTERS, TRANSCRIPT, SeenChapters, SeenTranscript

#: Addresses that are asked at once, and seconds for one.
_AT_ONCE: Final = 8
_EACH: Final = 30.0
#: Bytes that are read of a text, and of a picture: enough to know its size by.
_TEXT: Final = 4 << 20
_PICTURE: Final = 1 << 20
#: Transcripts that are read; others are for people alone.
_TIMED: Final = frozenset({"text/vtt", "application/x-subrip", "application/json"})


def check_links(
    links: Iterable[Link], *, own: str = "", seconds: float = SECONDS, done: Callable[[int], None] = lambda _: None
) -> Iterator[Finding]:
    """Ask each address once, and yield what is wrong with the answers; ``done`` is told of each.

    ``own`` is the address of the feed or of the project. Only where it is, by its spelling, one of this machine or network
    are others of the same host and port asked, however private; no feed of others leads into a private network.
    """
    once: dict[str, Link] = {}
    for link in links:
        once.setdefault(link.url, link)
    deadline, inside = time.monotonic() + seconds, urlsplit(own).netloc if is_local(own) else None

    def ask(link: Link) -> tuple[Finding, ...]:
        left = min(deadline - time.monotonic(), _EACH)
        seen = _ask(link, urlsplit(link.url).netloc == inside, left) if left > 0 else SeenLink(link=link)
        seen, found = _read(seen, seen.got) if seen.got else (seen, ())
        return (*LINK.run(seen, link.where), *found)

    threads = ThreadPoolExecutor(_AT_ONCE)
    try:
        for found in threads.map(ask, once.values()):
            done(1)
            yield from found
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _ask(link: Link, private: bool, seconds: float) -> SeenLink:
    limit = {"audio": 0, "picture": _PICTURE}.get(link.kind, _TEXT)
    headers = {"Range": "bytes=0-1"} if link.kind == "audio" else {"Origin": ORIGIN}
    try:
        got = probe(link.url, headers=headers, private=private, limit=limit, seconds=seconds)
        if got.status in {408, 425, 429} or got.status >= 500:
            return SeenLink(link=link, unreachable=f"{shown(link.url)} answers {got.status}")
        if got.status not in {200, 206}:
            return SeenLink(link=link, dead=f"{shown(link.url)} answers {got.status}")
        head = probe(link.url, method="HEAD", private=private, seconds=seconds) if link.kind in {"audio", "picture"} else None
    except FetchUnavailable as error:
        return SeenLink(link=link, unreachable=error.message.rstrip("."))
    except FetchPrivate:
        return SeenLink(link=link, private=True)
    except FetchError as error:
        return SeenLink(link=link, dead=error.message.rstrip("."))
    return SeenLink(link=link, got=got, head=head)


def _read(seen: SeenLink, got: Probed) -> tuple[SeenLink, tuple[Finding, ...]]:
    """Read what was answered; return what came of it, and what is wrong with it."""
    link = seen.link
    try:
        if link.kind == "picture":
            return _read_picture(seen, got)
        if link.kind == "chapters":
            listed = SeenChapters(chapters=chapters.parse(got.body), duration=link.duration)
            return seen, tuple(CHAPTERS.run(listed, link.where))
        if link.kind == "transcript" and media_type(link.type) in _TIMED:
            words = SeenTranscript(cues=transcripts.parse(got.body), duration=link.duration, language=link.language or "its language")
            return seen, tuple(TRANSCRIPT.run(words, link.where))
    except PodcastError as error:
        return replace(seen, unreadable=error.message.rstrip(".")), ()
    return seen, ()


def _read_picture(seen: SeenLink, got: Probed) -> tuple[SeenLink, tuple[Finding, ...]]:
    facts = picture_facts(got.body)
    if facts is None:
        return replace(seen, unreadable="it is no picture"), ()
    kind, width, height = facts
    length = number(got.headers.get("content-length", "")) or len(got.body)
    picture = Artwork(sha256="", md5="", length=length, media_type=kind, width=width, height=height)
    return replace(seen, picture=kind), tuple(ARTWORK.run(picture, seen.link.where))
