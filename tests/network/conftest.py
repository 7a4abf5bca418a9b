"""A press whose storage is a real store behind the proxy, and what a listener sees beside it, at the store itself."""

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from podcast.catalogue import Catalogue, open_catalogue
from podcast.errors import NotFound, StorageError
from podcast.ingest.staging import Staging
from podcast.model import Episode, Status
from podcast.publish.apply import apply
from podcast.publish.press import Outcome, Press, prepare, unsettled
from podcast.publish.store import read_feed
from podcast.site import Site, media_key
from podcast.storage import Storage, s3_client
from podcast.storage.s3 import S3Settings, S3Storage
from tests.make import MOMENT, make_episode, make_show
from tests.proxy import Proxy, proxied
from tests.servers import S3Server

NOW = MOMENT + timedelta(days=1)
BASE = "https://pod.example/"
SWIFT_TLS, RCLONE, MINISTACK = SERVERS = [
    pytest.param(name, marks=[pytest.mark.server, pytest.mark.xdist_group(name)]) for name in ("swift_tls", "rclone_tls", "ministack")
]
#: A recording so long goes in parts.
LONG = 300_000


@dataclass(frozen=True, kw_only=True)
class Line:
    """A press that publishes over a bad line, and the store at the other end of it as listeners see it."""

    press: Press
    proxy: Proxy
    store: Storage

    @property
    def catalogue(self) -> Catalogue:
        return self.press.catalogue

    def add(self, slug: str, *, length: int = 2000, **fields: Any) -> Episode:
        body = hashlib.sha256(slug.encode()).digest() * (length // 32)
        staged = self.press.staging.store(body)
        audio = replace(make_episode().audio, sha256=staged.sha256, md5=staged.md5, length=staged.length)
        episode = make_episode(slug, status=Status.DRAFT, published=None, title=slug.title(), audio=audio)
        return self.catalogue.add_episode(replace(episode, **fields))

    def publish(self, *slugs: str) -> Outcome:
        chosen = [self.catalogue.episode("majlis", slug) for slug in slugs]
        plan = prepare(self.press, self.catalogue.show("majlis"), now=NOW, chosen=chosen)
        return apply(plan, self.press, clock=lambda: NOW)

    def attempt(self, *slugs: str) -> StorageError | None:
        """Publish, and return what went wrong, which must be told as users need it; listeners must notice nothing."""
        before = self.heard()
        error = None
        try:
            assert not self.publish(*slugs).failed
        except StorageError as caught:
            error = caught
            assert error.exit_code in {1, 5}
            assert error.hint
            assert "\n" not in error.message
        assert before <= self.heard()
        return error

    def heard(self) -> set[str]:
        """Return the guids of the public feed, after looking at everything that it names as an app does."""
        try:
            tree = ET.fromstring(read_feed(self.store, "majlis/feed.xml"))
        except NotFound:
            return set()
        there = {one.key: one.length for one in self.store.list()}
        for enclosure in tree.iter("enclosure"):
            assert int(enclosure.get("length", "")) == there[enclosure.get("url", "").removeprefix(BASE)]
        named = {
            value.removeprefix(BASE) for tag in tree.iter() for value in (*tag.attrib.values(), tag.text or "") if value.startswith(BASE)
        }
        assert set() == named - set(there) - {""}
        return {item.findtext("guid") or "" for item in tree.iter("item")}

    def converge(self, *slugs: str) -> None:
        """Publish once more over a good line: all is public, whole, and nothing is left to do."""
        self.proxy.calm()
        outcome = self.publish(*(slug for slug in slugs if self.catalogue.episode("majlis", slug).status is Status.DRAFT))
        assert not outcome.failed
        self.is_settled(slugs)

    def is_settled(self, slugs: Iterable[str]) -> None:
        assert {self.catalogue.episode("majlis", slug).guid for slug in slugs} <= self.heard()
        assert set() == unsettled(self.press, NOW)
        assert [] == self.catalogue.pending("majlis")
        for slug in slugs:
            episode = self.catalogue.episode("majlis", slug)
            body = b"".join(self.store.read(media_key(episode)))
            assert episode.audio.sha256 == hashlib.sha256(body).hexdigest()


@dataclass
class Switchboard:
    """What the tests of a session share: a proxy before each server, a bucket in it, and clients, which take long to make."""

    stack: ExitStack
    proxies: dict[str, Proxy] = field(default_factory=dict)
    buckets: dict[str, str] = field(default_factory=dict)
    clients: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def proxy(self, server: S3Server) -> Proxy:
        if server.endpoint not in self.proxies:
            self.proxies[server.endpoint] = self.stack.enter_context(proxied(server.endpoint, server.ca))
            self.buckets[server.endpoint] = server.make_bucket()
        return self.proxies[server.endpoint]

    def storage(self, server: S3Server, endpoint: str, prefix: str) -> S3Storage:
        """Return an empty place in the server's bucket, reached by this address, with the limits that now stand in ``s3_client``."""
        settings = S3Settings(bucket=self.buckets[server.endpoint], prefix=prefix, endpoint=endpoint)
        storage = S3Storage(settings, multipart_threshold=LONG - 1)
        kind = endpoint, s3_client.ATTEMPTS, s3_client.READ_TIMEOUT
        storage._opened = self.clients.get(kind)
        self.clients[kind] = storage._client
        return storage


@pytest.fixture(scope="session")
def switchboard() -> Iterator[Switchboard]:
    with ExitStack() as stack:
        yield Switchboard(stack)


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a catalogue with the show in it, to be copied."""
    path = tmp_path_factory.mktemp("blank") / "catalogue.db"
    with open_catalogue(f"sqlite:///{path}", create=True) as catalogue:
        catalogue.add_show(make_show())
    return path


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let botocore ask again at once, and each publish as often as the first of a process may."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    monkeypatch.setattr("botocore.retries.quota.RetryQuota.acquire", lambda *_: True)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the time limits short, for the sake of the test alone."""
    monkeypatch.setattr(s3_client, "CONNECT_TIMEOUT", 1.0)
    monkeypatch.setattr(s3_client, "READ_TIMEOUT", 1.0)
    monkeypatch.setattr(s3_client, "ATTEMPTS", 2)


@pytest.fixture
def line(request: pytest.FixtureRequest, switchboard: Switchboard, blank: Path, tmp_path: Path) -> Iterator[Line]:
    """Return the line to one server, over which one episode was published while it was good."""
    server: S3Server = request.getfixturevalue(request.param)
    for variable, value in server.environment.items():
        request.getfixturevalue("monkeypatch").setenv(variable, value)
    proxy, prefix = switchboard.proxy(server), f"test-{secrets.token_hex(4)}"
    with open_catalogue(f"sqlite:///{shutil.copy(blank, tmp_path)}") as catalogue:
        press = Press(
            catalogue=catalogue,
            storage=switchboard.storage(server, proxy.endpoint, prefix),
            staging=Staging(tmp_path / "staging"),
            site=Site(BASE),
        )
        line = Line(press=press, proxy=proxy, store=switchboard.storage(server, server.endpoint, prefix))
        line.add("old")
        line.converge("old")
        yield line
        proxy.calm()
