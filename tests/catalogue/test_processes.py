"""Several processes at one catalogue: what one of them was told is done stays done, and none undoes the other's work."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from podcast.catalogue import Catalogue
from podcast.model import Status
from tests.make import MOMENT, make_episode

pytestmark = pytest.mark.thorough

Start = Callable[..., subprocess.Popen[str]]

#: What every one of them begins with. It reads the word to go from its input, so that all go at once.
HEAD = """
import os, sys
from datetime import timedelta
from podcast.catalogue import open_catalogue
from podcast.errors import CatalogueBusy, Conflict
from podcast.model import Status
from tests.make import MOMENT, make_episode
url, me = sys.argv[1:3]
catalogue = open_catalogue(url)
MINUTE = timedelta(minutes=1)

def say(*words):
    print(*words, flush=True)

say("ready")
sys.stdin.readline()
"""

SAME_SLUG = """
added = 0
for number in range(20):
    try:
        catalogue.add_episode(make_episode(f"e{number}", guid=f"{me}-{number}", status=Status.DRAFT))
        added += 1
    except Conflict as error:
        assert f"e{number} already" in error.message or "refuses" in error.message, error.message
say(added)
"""

FREE_SLUG = """
for number in range(10):
    while True:
        try:
            with catalogue.transaction():
                slug = catalogue.free_slug("majlis", "news")
                catalogue.add_episode(make_episode(slug, guid=f"{me}-{number}", status=Status.DRAFT))
            break
        except Conflict:
            pass
say("done")
"""

PUBLISH = """
for number in range(8):
    slug = f"{me}-{number}"
    catalogue.add_episode(make_episode(slug, status=Status.DRAFT))
    while True:
        try:
            token = catalogue.acquire("publish/majlis", me, now=MOMENT, ttl=MINUTE)
            break
        except CatalogueBusy:
            pass
    revision = catalogue.release("majlis", [slug], token=token, now=MOMENT)
    feed = {episode.slug: episode.changed for episode in catalogue.feed("majlis")}
    catalogue.finish("majlis", revision, token=token, now=MOMENT, fingerprint=me, edited=MOMENT, clean=feed)
    catalogue.release_lease("publish/majlis", token)
    say(revision)
say("done")
"""

FROZEN = """
token = catalogue.acquire("publish/majlis", me, now=MOMENT, ttl=MINUTE)
revision = catalogue.release("majlis", ["mine"], token=token, now=MOMENT)
say("holding", token)
sys.stdin.readline()
for deed in (
    lambda: catalogue.release("majlis", ["late"], token=token, now=MOMENT + 9 * MINUTE),
    lambda: catalogue.finish("majlis", revision, token=token, now=MOMENT + 9 * MINUTE, fingerprint=me, edited=MOMENT, clean={}),
    lambda: catalogue.renew("publish/majlis", token, now=MOMENT + 9 * MINUTE, ttl=MINUTE),
):
    try:
        deed()
        say("done")
    except Conflict as error:
        say("fenced")
"""

KILLED = """
number = 0
while True:
    with catalogue.transaction():
        catalogue.add_episode(make_episode(f"e{number}", status=Status.DRAFT))
        catalogue.add_episode(make_episode(f"f{number}", status=Status.DRAFT))
    say(number)
    number += 1
"""


@pytest.fixture
def start(url: str) -> Iterator[Start]:
    """Yield a function that starts a process at the catalogue; all end with the test."""
    running: list[subprocess.Popen[str]] = []

    def begin(code: str, me: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HEAD + code, url, me],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def read(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def run_together(start: Start, code: str) -> list[list[str]]:
    """Run two of a kind at once; return the lines that each has said."""
    both = [start(code, me) for me in ("one", "two")]
    assert ["ready", "ready"] == [read(process) for process in both]
    for process in both:
        go(process)
    said = [process.communicate(timeout=60)[0].split() for process in both]
    assert [0, 0] == [process.returncode for process in both]
    return said


@contextmanager
def stopped(process: subprocess.Popen[str]) -> Iterator[None]:
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


def test_of_two_who_add_the_same_slug_one_wins(catalogue: Catalogue, start: Start) -> None:
    said = run_together(start, SAME_SLUG)

    assert 20 == sum(int(lines[0]) for lines in said)
    assert {f"e{number}" for number in range(20)} == {episode.slug for episode in catalogue.episodes(limit=99).episodes}


def test_two_who_take_the_next_free_slug_get_different_ones(catalogue: Catalogue, start: Start) -> None:
    run_together(start, FREE_SLUG)

    expected = {"news"} | {f"news-{number}" for number in range(2, 21)}
    assert expected == {episode.slug for episode in catalogue.episodes(limit=99).episodes}


def test_two_publishers_lose_nothing_and_revisions_only_grow(catalogue: Catalogue, start: Start) -> None:
    said = [lines[:-1] for lines in run_together(start, PUBLISH)]

    assert list(range(1, 17)) == sorted(int(revision) for lines in said for revision in lines)
    assert all(lines == sorted(lines, key=int) for lines in said)
    assert 16 == len(list(catalogue.feed("majlis")))
    assert ([], [], 16) == (catalogue.pending("majlis"), catalogue.dirty("majlis"), catalogue.standing("majlis").revision)


def test_a_publisher_that_was_frozen_past_its_lease_is_fenced_off(catalogue: Catalogue, start: Start) -> None:
    for slug in ("mine", "late", "yours"):
        catalogue.add_episode(make_episode(slug, status=Status.DRAFT))
    frozen = start(FROZEN, "frozen")
    assert "ready" == read(frozen)
    go(frozen)
    assert "holding 1" == read(frozen)

    with stopped(frozen):
        token = catalogue.acquire("publish/majlis", "here", now=MOMENT + timedelta(minutes=1), ttl=timedelta(minutes=1))
        revision = catalogue.release("majlis", ["yours"], token=token, now=MOMENT)
    go(frozen)

    assert ["fenced", "fenced", "fenced"] == [read(frozen) for _ in range(3)]
    assert Status.DRAFT is catalogue.episode("majlis", "late").status
    # What it had promised before is not lost: the feed of whoever took over holds it.
    assert {"mine", "yours"} == {episode.slug for episode in catalogue.feed("majlis")}
    assert [1, revision] == [promise.revision for promise in catalogue.pending("majlis")]


def test_what_was_acknowledged_outlasts_a_kill_and_nothing_is_there_by_half(catalogue: Catalogue, start: Start) -> None:
    for number, name in enumerate(("one", "two", "three")):
        process = start(KILLED.replace("number = 0", f"number = {number * 1000}"), name)
        assert "ready" == read(process)
        go(process)
        acknowledged = [int(read(process)) for _ in range(5 + number)]
        process.kill()
        process.wait()

        slugs = {episode.slug for episode in catalogue.episodes(limit=9999).episodes}
        assert {f"{letter}{one}" for one in acknowledged for letter in "ef"} <= slugs
        assert {slug[1:] for slug in slugs if slug[0] == "e"} == {slug[1:] for slug in slugs if slug[0] == "f"}
    assert catalogue.add_episode(make_episode("after", status=Status.DRAFT))
