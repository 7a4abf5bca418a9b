"""A file or an address that somebody wants checked: an audio file, or a feed of anybody's."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from podcast.errors import FetchError, MediaError
from podcast.fetch import fetch, probe
from podcast.ingest.analyse import analyse
from podcast.ingest.files import open_regular, read_small
from podcast.ingest.media import read_media
from podcast.ingest.refusal import Refused
from podcast.model import Audio

from .answer import ANSWER, SeenAnswer
from .rules import Finding
from .run import Visit, check_audio, check_feed, ignore
from .survey import is_local

#: A larger feed is refused.
LIMIT: Final = 50 << 20
_GZIP: Final = b"\x1f\x8b"
_XML: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe<\x00|\xfe\xff\x00<")


def check_file(path: Path, *, now: datetime, visit: Visit = ignore) -> Iterator[Finding]:
    """Yield what is wrong with a file; MediaError where it is neither a feed nor audio that we publish."""
    with open(open_regular(path), "rb") as file:  # noqa: PTH123 - a descriptor has no path
        head = file.read(512)
    if head.startswith(_GZIP):
        return check_feed(_unpacked(path), path.name, now=now, visit=visit)
    if _XML.match(head):
        return check_feed(read_small(path, LIMIT), path.name, now=now, visit=visit)
    return _check_audio(path)


def check_address(url: str, *, now: datetime, visit: Visit = ignore) -> Iterator[Finding]:
    """Fetch a feed and yield what is wrong with it and with the answer; FetchError where there is none.

    An address that names this machine or its network is fetched; one that only leads there is not.
    """
    private = is_local(url)
    found = fetch(url, private=private, limit=LIMIT)
    known = {"If-None-Match": found.headers.get("etag", ""), "If-Modified-Since": found.headers.get("last-modified", "")}
    seen = SeenAnswer(
        url=found.url,
        headers=found.headers,
        length=len(found.body),
        head=_status(url, "HEAD", {}, private),
        again=_status(url, "GET", {"Accept-Encoding": "gzip"} | {name: value for name, value in known.items() if value}, private),
    )
    yield from ANSWER.run(seen, url)
    yield from check_feed(found.body, url, now=now, url=found.url, visit=visit)


def _unpacked(path: Path) -> bytes:
    """Return what is in a compressed feed, as `podcast publish` stores it on request."""
    try:
        with gzip.open(io.BytesIO(read_small(path, LIMIT))) as file:
            data = file.read(LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise MediaError(f"{path.name} cannot be unpacked: {error}", hint="It is damaged or cut off: fetch it again.") from error
    if len(data) > LIMIT:
        raise MediaError(f"{path.name} holds more than {LIMIT >> 20} MiB", hint="No feed is as large as that.")
    return data


def _status(url: str, method: str, headers: Mapping[str, str], private: bool) -> int:
    try:
        return probe(url, method=method, headers=headers, private=private).status
    except FetchError:
        return 0


def _check_audio(path: Path) -> Iterator[Finding]:
    media = read_media(path, path.name)
    facts = media.facts
    audio = Audio(
        sha256="",
        md5="",
        length=path.stat().st_size,
        media_type=facts.media_type,
        duration=facts.duration,
        bitrate=facts.bitrate,
        sample_rate=facts.sample_rate,
        channels=facts.channels,
    )
    doubts = (*facts.warnings, *media.tags.warnings)
    try:
        with path.open("rb") as file:
            measured = analyse(file, facts.seconds)
    except Refused as refusal:
        measured, doubts = None, (*doubts, f"its sound {refusal.what}")
    return check_audio(audio, media.tags.chapters, doubts, path.name, measured)
