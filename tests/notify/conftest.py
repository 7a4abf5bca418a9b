"""A catalogue with the show Majlis, a web server that plays hub, podping, Podcast Index and webhook, and a clock to set."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from podcast.catalogue import Catalogue, Notification, open_catalogue
from podcast.fetch import Probed, send
from podcast.notify import Sent, Settings, send_due, targets
from podcast.site import Site
from tests.make import MOMENT, make_episode, make_show
from tests.web import Page, Web, serve_pages

FEED = "https://pod.example/majlis/feed.xml"
#: In a query, escaped.
FEED_IN_QUERY = "https%3A%2F%2Fpod.example%2Fmajlis%2Ffeed.xml"
PODPING = f"/?url={FEED_IN_QUERY}&reason=update&medium=podcast"
PODCAST_INDEX = f"/api/1.0/hub/pubnotify?url={FEED_IN_QUERY}"
OK: Page = (200, {}, b"")


@dataclass
class Office:
    """What tells the world, and the world. ``allowed`` notes for each host whether a private address was allowed."""

    catalogue: Catalogue
    web: Web
    settings: Settings
    now: datetime = MOMENT
    seconds: float = 10
    allowed: dict[str, bool] = field(default_factory=dict)

    def configure(self, **fields: object) -> None:
        self.settings = replace(self.settings, **fields)  # type: ignore[arg-type]

    def send(self, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None, private: bool = False) -> Probed:
        """Send as ever, but what is meant for the world goes to the server of the test."""
        host = url.split("/")[2]
        self.allowed[host] = private
        for name in ("podping.cloud", "api.podcastindex.org"):
            url = url.replace(f"https://{name}", self.web.url(""))
        return send(url, body=body, headers=headers, private=True, seconds=self.seconds)

    def published(self, revision: int, show: str = "majlis") -> None:
        """Do what a publish does once the feed was read back."""
        self.catalogue.promise_notifications(show, revision, targets(self.settings, self.catalogue.show(show)), now=self.now)

    def run(self, **later: float) -> list[Sent]:
        self.now += timedelta(**later)
        return send_due(self.catalogue, self.settings, self.send, self.now)

    def publish(self, revision: int) -> list[Sent]:
        self.published(revision)
        return self.run()

    @property
    def entry(self) -> Notification:
        (one,) = self.catalogue.notifications()
        return one


@pytest.fixture
def web() -> Iterator[Web]:
    with serve_pages() as web:
        yield web


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the catalogue once: it takes longer than most tests."""
    file = tmp_path_factory.mktemp("notify") / "catalogue.db"
    with open_catalogue(f"sqlite:///{file}", create=True) as catalogue:
        catalogue.add_show(make_show())
        catalogue.add_episode(make_episode())
    return file


@pytest.fixture
def office(tmp_path: Path, template: Path, web: Web) -> Iterator[Office]:
    with open_catalogue(f"sqlite:///{shutil.copy(template, tmp_path / 'catalogue.db')}") as catalogue:
        yield Office(catalogue=catalogue, web=web, settings=Settings(site=Site("https://pod.example/"), root=tmp_path))


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    """Return a function that makes a command of some lines of Python."""

    def make(text: str) -> str:
        file = tmp_path / "my hook.py"
        file.write_text(f"import json, os, subprocess, sys, time\n{text}\n")
        return f"{sys.executable} '{file}'"

    return make
