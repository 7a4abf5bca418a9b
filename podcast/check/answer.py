"""Rules about how a feed is answered: what a server's headers say."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from .rules import Level, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAnswer:
    """An answer of 200: its address, its headers by names in small letters, the length of what it holds."""

    url: str
    headers: Mapping[str, str]
    length: int
    #: The status that HEAD is answered with, and what is answered to who has this very version; 0 where nothing was.
    head: int = 200
    again: int = 304


ANSWER: Final = Table[SeenAnswer]("answer of a server")

_XML: Final = frozenset({"application/rss+xml", "application/xml", "text/xml"})
_SERVER: Final = "`podcast serve` and a bucket answer so; set it in the server or the CDN in front"


@ANSWER.rule("http.type", Level.ERROR, "A feed is served as application/rss+xml, or as XML at least", source="gPodder", remedy=_SERVER)
def _type(seen: SeenAnswer) -> Iterator[str]:
    found = seen.headers.get("content-type", "").partition(";")[0].strip().lower()
    if found not in _XML:
        yield f"The Content-Type is “{found[:60]}”"


@ANSWER.rule("http.validator", Level.WARNING, "A feed has an ETag or a Last-Modified", source="Apple", remedy=_SERVER)
def _validator(seen: SeenAnswer) -> Iterator[str]:
    if not (seen.headers.get("etag") or seen.headers.get("last-modified")):
        yield "There is neither ETag nor Last-Modified: each app fetches all of it each time"


@ANSWER.rule("http.compressed", Level.NOTICE, "A feed of more than 100 kB is compressed", source="practice", remedy=_SERVER)
def _compressed(seen: SeenAnswer) -> Iterator[str]:
    if seen.length > 100_000 and not seen.headers.get("content-encoding"):
        yield f"{seen.length / 1000:,.0f} kB come uncompressed"


@ANSWER.rule("http.charset", Level.WARNING, "A feed is said to be in UTF-8, or nothing is said", source="XML 1.0", remedy=_SERVER)
def _charset(seen: SeenAnswer) -> Iterator[str]:
    found = re.search(r"charset\s*=\s*[\"']?([\w.-]{1,40})", seen.headers.get("content-type", ""))
    if found and found[1].lower() not in {"utf-8", "utf8"}:
        yield f"The server says {found[1]}: some readers believe it more than the feed"


@ANSWER.rule("http.head", Level.ERROR, "A feed answers to HEAD as to GET", source="Apple, RFC 9110", remedy=_SERVER)
def _head(seen: SeenAnswer) -> Iterator[str]:
    if seen.head != 200:
        yield f"HEAD is answered with {seen.head}: Apple gives up" if seen.head else "HEAD is not answered: Apple gives up"


@ANSWER.rule("http.conditional", Level.WARNING, "Who has a feed already is answered 304", source="Apple, RFC 9110", remedy=_SERVER)
def _again(seen: SeenAnswer) -> Iterator[str]:
    if (seen.headers.get("etag") or seen.headers.get("last-modified")) and seen.again != 304:
        yield f"Asked for anything new, the server answers {seen.again or 'nothing'}: each app fetches all of it each time"


@ANSWER.rule("http.cache", Level.NOTICE, "A feed says for how long it holds", source="RFC 9111", remedy=_SERVER)
def _cache(seen: SeenAnswer) -> Iterator[str]:
    if not (seen.headers.get("cache-control") or seen.headers.get("expires")):
        yield "There is no Cache-Control: apps and caches guess when to ask again"


@ANSWER.rule("http.vary", Level.NOTICE, "What is compressed for some only says so by Vary", source="RFC 9110", remedy=_SERVER)
def _vary(seen: SeenAnswer) -> Iterator[str]:
    if seen.headers.get("content-encoding") and "accept-encoding" not in seen.headers.get("vary", "").lower():
        yield "The feed comes compressed and without Vary: a cache may hand that to who cannot unpack it"


@ANSWER.rule(
    "http.https", Level.WARNING, "A feed is served by https", source="PSP-1, Apple", remedy="Get a certificate, and send http there"
)
def _https(seen: SeenAnswer) -> Iterator[str]:
    if urlsplit(seen.url).scheme != "https":
        yield f"The feed is at {seen.url[:100]}"
