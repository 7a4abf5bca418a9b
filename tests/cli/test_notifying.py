"""Telling the world from the command line: after a publish, without ever failing it, and with nothing secret printed."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podcast.catalogue import open_catalogue
from podcast.cli.desk import Desk
from podcast.cli.serving import _publisher
from tests.web import Web, serve_pages

from .conftest import SPEECH, Podcast

SECRET = "tea-at-four"


@pytest.fixture
def web() -> Iterator[Web]:
    with serve_pages() as web:
        yield web


@pytest.fixture
def hooked(project: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Configure a webhook, whose path is a secret too."""
    monkeypatch.setenv("PODCAST_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("PODCAST_HOOKS_WEBHOOK", web.url("/T0/very-secret"))
    monkeypatch.setenv("PODCAST_PUBLIC_URL", "https://pod.example/")
    return project


def interrupted(project: Path, revision: int = 1) -> None:
    """Leave things as a publish leaves them that was killed before it told anybody."""
    with open_catalogue(f"sqlite:///{project}/.podcast/catalogue.db") as catalogue:
        catalogue.promise_notifications("majlis", revision, ["webhook"], now=datetime.now(UTC))


def test_the_next_publish_tells_who_was_not_told(podcast: Podcast, hooked: Path, web: Web) -> None:
    web.pages["/T0/very-secret"] = (200, {}, b"")
    interrupted(hooked)
    ran = podcast("publish")
    assert "Told webhook of majlis, revision 1" in ran.err
    assert "webhook: told, revision 1" in podcast("status").out
    assert "" == podcast("publish").err


def test_a_dry_run_tells_nobody(podcast: Podcast, hooked: Path, web: Web) -> None:
    interrupted(hooked)
    podcast("publish", "--dry-run")
    assert [] == web.seen


def test_a_failure_is_a_warning_and_shown_by_status(podcast: Podcast, hooked: Path, web: Web) -> None:
    web.pages["/T0/very-secret"] = (500, {}, f"{SECRET} at {web.url('/T0/very-secret')}".encode())
    interrupted(hooked)
    ran = podcast("publish", "--json")
    assert "Warning: webhook was not told of majlis: 500: *** at ***; it is tried again from" in ran.err
    (told,) = ran.json["notifications"]
    assert ("webhook", False, 1) == (told["target"], told["done"], told["revision"])
    (show,) = podcast("status", "--json").json["shows"]
    (one,) = show["notifications"]
    assert ("waiting", 1, "500: *** at ***", told["next"]) == (one["state"], one["tries"], one["answer"], one["next"])


def test_no_secret_is_printed(podcast: Podcast, hooked: Path, web: Web) -> None:
    for revision, status in enumerate((404, 301, 200), 1):
        interrupted(hooked, revision)
        web.pages["/T0/very-secret"] = (status, {"Location": "/T0/very-secret"}, SECRET.encode())
        for words in (["publish"], ["status"], ["status", "--json"], ["config"], ["config", "--json"], ["config", "hooks.webhook"]):
            ran = podcast(*words)
            assert "secret" not in ran.out + ran.err
            assert SECRET not in ran.out + ran.err
    assert 3 == len(web.posted)


def test_status_says_that_nobody_could_fetch_the_feed(podcast: Podcast, hooked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PODCAST_PUBLIC_URL")
    assert "Nobody is told of a publish: nobody else could fetch a feed from http://127.0.0.1:8000/" in podcast("status").out


def test_status_names_what_goes_out_next_and_when_the_feed_was_published(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    podcast("publish", "welcome", "--yes")
    (show,) = podcast("status", "--json").json["shows"]
    assert (1, True, [], None) == (show["revision"], show["published"].startswith("20"), show["pending"], show["next"])
    podcast("unpublish", "welcome", "--yes")
    assert "feed: revision 2, published 20" in podcast("status").out


def test_status_names_the_next_scheduled_episode(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    podcast("schedule", "welcome", "2099-12-01 06:00")
    assert "next: welcome-to-majlis, 2099-12-01 06:00 UTC" in podcast("status").out
    assert "2099-12-01T06:00:00Z" == json.loads(podcast("status", "--json").out)["shows"][0]["next"]["published"]


@pytest.mark.parametrize(
    "text",
    [
        '[feed]\nhubs = ["hub.example"]',
        '[feed]\nhubs = ["https://user:secret@hub.example/"]',
        '[hooks]\nwebhook = "ftp://secret"',
        '[hooks]\nwebhook = "http://[::1"',
        '[hooks]\npublished = "say \'secret"',
        '[hooks]\npublished = " "',
    ],
)
def test_what_nobody_could_be_told_by_is_refused_without_its_text(podcast: Podcast, project: Path, text: str) -> None:
    (project / "podcast.toml").write_text(text)
    ran = podcast("status", code=2)
    assert "secret" not in ran.err


def test_hubs_come_from_the_environment_too(podcast: Podcast, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODCAST_FEED_HUBS", "https://a.example/ https://b.example/")
    assert ["https://a.example/", "https://b.example/"] == podcast("config", "feed.hubs", "--json").json["feed.hubs"]
    assert "https://a.example/ https://b.example/\n" == podcast("config", "feed.hubs").out


def test_a_loop_that_publishes_what_is_due_tells_too(podcast: Podcast, hooked: Path, web: Web) -> None:
    web.pages["/T0/very-secret"] = (200, {}, b"")
    interrupted(hooked)
    _publisher(Desk())()
    assert ["/T0/very-secret"] == web.seen


def test_a_catalogue_that_refuses_to_note_it_is_a_warning(podcast: Podcast, hooked: Path, web: Web) -> None:
    interrupted(hooked)
    with closing(sqlite3.connect(hooked / ".podcast" / "catalogue.db")) as database:
        database.execute("CREATE TRIGGER refuse BEFORE UPDATE ON notifications BEGIN SELECT RAISE(ABORT, 'refused'); END")
    assert "Warning: others could not be told" in podcast("publish").err
    assert [] == web.seen


def test_a_publish_tells_at_once_and_the_feed_names_the_hub(
    podcast: Podcast, hooked: Path, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODCAST_FEED_HUBS", web.url("/hub"))
    web.pages |= {"/T0/very-secret": (200, {}, b""), "/hub": (204, {}, b"")}
    podcast("add", shutil.copy(SPEECH, hooked / "welcome.mp3"))
    ran = podcast("publish", "welcome", "--yes")
    assert f"Told hub {web.url('/hub')} of majlis, revision 1" in ran.err
    assert ["/T0/very-secret", "/hub"] == sorted(web.seen)
    link = f'<atom:link href="{web.url("/hub")}" rel="hub"/>'
    assert link in (hooked / "public" / "majlis" / "feed.xml").read_text()
    assert link in podcast("feed").out


def test_a_new_hub_makes_the_feed_be_published_again(podcast: Podcast, speech: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODCAST_PUBLIC_URL", "https://pod.example/")
    podcast("add", speech)
    podcast("publish", "welcome", "--yes")
    monkeypatch.setenv("PODCAST_FEED_HUBS", web.url("/hub"))
    podcast("publish", "--yes")
    assert ["/hub"] == web.seen
