"""What must hold where several publish, and while many read: as functions, for the tests and for scripts/torture."""

import hashlib
import http.client
import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from podcast.publish.apply import apply
from podcast.publish.lease import LEASE
from podcast.publish.press import Clock, Press, prepare
from podcast.server.app import create_app
from tests.serving import serving

from .invariants import parse_feed
from .publishers import BASE, House, add, start


def publish_together(house: House, *, publishers: int, episodes: int, mutant: str = "") -> list[str]:
    """Let several processes publish on one show; return what was lost."""
    press = house.make()
    wanted = {f"p{number}-{one}" for number in range(publishers) for one in range(episodes)}
    with press.catalogue:
        running = [start(house, f"p{number}", "publish", episodes, *_words(mutant)) for number in range(publishers)]
        told = [line for process in running for line in process.communicate()[0].splitlines()]
        faults = [f"a publisher left with {process.returncode}" for process in running if process.returncode]
        faults += [line for line in told if "NOT" in line]
        if len(told) != len(wanted):
            faults.append(f"{len(told)} of {len(wanted)} were acknowledged")
        return faults + _missing(press, wanted)


def _words(mutant: str) -> list[str]:
    return [mutant] if mutant else []


def _missing(press: Press, wanted: set[str]) -> list[str]:
    items = parse_feed(b"".join(press.storage.read("majlis/feed.xml")), BASE).items
    faults = [f"{slug} is not in the feed" for slug in wanted - {item.findtext("title") for item in items.values()}]
    faults += [f"{guid} is no guid of the catalogue" for guid in items.keys() - {one.guid for one in press.catalogue.feed("majlis")}]
    for item in items.values():
        enclosure = item.find("enclosure")
        key = enclosure.get("url", "").removeprefix(BASE) if enclosure is not None else ""
        if press.storage.head(key) is None:
            faults.append(f"{key} is not there")
    return faults + [f"revision {entry.revision} is still to be written" for entry in press.catalogue.pending("majlis")]


def freeze(house: House, word: str) -> tuple[str, list[str]]:
    """Stop a publisher before it stores a key with this word, let another take over, and wake it.

    Returns what the first one says, and what is lost after the next publish.
    """
    press = house.make()
    with press.catalogue:
        frozen = start(house, "frozen", "freeze", word)
        _, status = os.waitpid(frozen.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), status

        def later() -> datetime:
            return datetime.now(UTC) + 2 * LEASE

        add(press, "second")
        _publish(press, "second", later)
        os.kill(frozen.pid, signal.SIGCONT)
        said = frozen.communicate()[0].strip()
        _publish(press, "frozen", lambda: later() + timedelta(minutes=1))
        return said, _missing(press, {"frozen", "second"})


def _publish(press: Press, slug: str, clock: Clock) -> None:
    chosen = press.catalogue.episode("majlis", slug)
    apply(prepare(press, press.catalogue.show("majlis"), now=clock(), chosen=[chosen]), press, clock=clock)


@dataclass(frozen=True)
class Readings:
    """How often a feed was read, how many revisions of it were seen, and what was wrong with them."""

    reads: int
    revisions: int
    faults: list[str]


def read_while_publishing(house: House, *, reads: int, revisions: int = 2, seconds: float = 3600, mutant: str = "") -> Readings:
    """Read the feed from a server while one process publishes it anew without a pause: so often at the least, and so many of them."""
    press = house.make()
    press.catalogue.close()
    seen: dict[str, str] = {}
    faults: list[str] = []
    last, done = 0, 0
    with serving(lambda base: create_app(press.storage, base_url=base)) as base:
        publisher = start(house, "read", "rename", 1_000_000, *_words(mutant))
        try:
            for etag, body in _bodies(base, seconds):
                if (done >= reads and len(seen) >= revisions) or publisher.poll() is not None:
                    break
                done += 1
                digest = hashlib.sha256(body).hexdigest()
                if seen.setdefault(etag, digest) != digest:
                    faults.append(f"{etag} stands for two feeds")
                try:
                    (item,) = parse_feed(body, BASE).items.values()
                    number = int((item.findtext("title") or "").removeprefix("Title "))
                except (ET.ParseError, ValueError, AttributeError) as error:
                    faults.append(f"a torn feed of {len(body)} bytes: {error}")
                    continue
                if number < last:
                    faults.append(f"title {number} after title {last}")
                last = number
        finally:
            publisher.kill()
            publisher.communicate()
    return Readings(done, len(seen), faults)


def _bodies(base: str, seconds: float) -> Iterator[tuple[str, bytes]]:
    """Yield the ETag and the body of each answer that comes within a time, from the first feed on."""
    begun, end = False, time.monotonic() + seconds
    with closing(http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)) as line:
        while time.monotonic() < end:
            line.request("GET", "/majlis/feed.xml")
            answer = line.getresponse()
            body = answer.read()
            if answer.status == 200:
                begun = True
                yield answer.headers["etag"], body
            elif answer.status != 404 or begun:
                yield "", f"{answer.status}".encode()
