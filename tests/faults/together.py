"""What must hold where several publish, and while many read: as functions, for the tests and for scripts/torture."""

import hashlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

from podcast.publish.apply import apply
from podcast.publish.lease import LEASE
from podcast.publish.press import Clock, Press, prepare
from podcast.server.app import create_app
from podcast.storage.local import LocalStorage
from tests.serving import ask, serving

from .invariants import parse_feed
from .publishers import BASE, add, make_house, start


def publish_together(url: str, folder: Path, *, publishers: int, episodes: int, mutant: str = "") -> list[str]:
    """Let several processes publish on one show; return what was lost."""
    press = make_house(url, folder)
    wanted = {f"p{number}-{one}" for number in range(publishers) for one in range(episodes)}
    with press.catalogue:
        running = [start(url, folder, f"p{number}", "publish", episodes, *([mutant] if mutant else [])) for number in range(publishers)]
        told = [line for process in running for line in process.communicate()[0].splitlines()]
        faults = [f"a publisher left with {process.returncode}" for process in running if process.returncode]
        faults += [line for line in told if "NOT" in line]
        if len(told) != len(wanted):
            faults.append(f"{len(told)} of {len(wanted)} were acknowledged")
        return faults + _missing(press, wanted)


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


def freeze(url: str, folder: Path, word: str) -> tuple[str, list[str]]:
    """Stop a publisher before it stores a key with this word, let another take over, and wake it.

    Returns what the first one says, and what is lost after the next publish.
    """
    press = make_house(url, folder)
    with press.catalogue:
        frozen = start(url, folder, "frozen", "freeze", word)
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


def read_while_publishing(url: str, folder: Path, *, reads: int, seconds: float = 3600, mutant: str = "") -> Readings:
    """Read the feed from a server again and again while one process publishes it anew without a pause."""
    press = make_house(url, folder)
    press.catalogue.close()
    seen: dict[str, str] = {}
    faults: list[str] = []
    last, done = 0, 0
    with serving(lambda base: create_app(LocalStorage(folder / "public"), base_url=base)) as base:
        publisher = start(url, folder, "read", "rename", 1_000_000, *([mutant] if mutant else []))
        try:
            for etag, body in _bodies(base, reads, seconds):
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


def _bodies(base: str, reads: int, seconds: float) -> Iterator[tuple[str, bytes]]:
    """Yield the ETag and the body of so many answers, or of those that come within a time, from the first feed on."""
    done, end = 0, time.monotonic() + seconds
    while done < reads and time.monotonic() < end:
        answer = ask(base, "/majlis/feed.xml")
        if answer.status == 200:
            done += 1
            yield answer.headers["etag"], answer.body
        elif answer.status != 404 or done:
            yield "", f"{answer.status}".encode()
