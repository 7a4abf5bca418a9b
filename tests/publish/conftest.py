"""A whole press with real parts: SQLite, a staging folder, and a storage that writes down what happens to it."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from podcast.catalogue import Catalogue, open_catalogue
from podcast.errors import StorageUnavailable
from podcast.ingest.staging import Staging
from podcast.model import Artwork, Audio, Episode, Status
from podcast.publish.apply import apply
from podcast.publish.press import Outcome, Press, prepare
from podcast.site import Site
from podcast.storage import Progress, StoredObject, Upload
from podcast.storage.memory import MemoryStorage
from tests.make import MOMENT, make_episode, make_show

NOW = MOMENT + timedelta(days=1)


@dataclass
class Watched(MemoryStorage):
    """A storage that notes each write, and is cut off before the n-th."""

    written: list[str] = field(default_factory=list)
    cut_at: int | None = None
    after: Callable[[], None] | None = None

    workers = 1

    def __post_init__(self) -> None:
        super().__init__()

    def put(self, upload: Upload, progress: Progress | None = None) -> StoredObject:
        self._note(upload.key)
        stored = super().put(upload, progress)
        if self.after:
            self.after()
        return stored

    def delete(self, keys: Iterable[str]) -> None:
        listed = list(keys)
        if listed:
            self._note(*(f"-{key}" for key in listed))
        super().delete(listed)

    def _note(self, *keys: str) -> None:
        if self.cut_at is not None and len(self.written) >= self.cut_at:
            raise StorageUnavailable("The line was cut.", hint="Try again.")
        self.written += keys

    def content(self) -> dict[str, bytes]:
        return {one.key: b"".join(self.read(one.key)) for one in self.list()}


@dataclass
class House:
    """A press, and the few things a test does with it."""

    press: Press
    storage: Watched

    @property
    def catalogue(self) -> Catalogue:
        return self.press.catalogue

    def add(self, slug: str, **fields: Any) -> Episode:
        body = f"audio of {slug}".encode()
        episode = make_episode(slug, status=Status.DRAFT, published=None, title=slug.title(), audio=self.audio(body))
        return self.catalogue.add_episode(replace(episode, **fields))

    def audio(self, body: bytes) -> Audio:
        staged = self.press.staging.store(body)
        return replace(make_episode().audio, sha256=staged.sha256, md5=staged.md5, length=staged.length)

    def picture(self, side: int, colour: str = "teal") -> Artwork:
        """Stage a square PNG."""
        body = io.BytesIO()
        Image.new("RGB", (side, side), colour).save(body, "PNG")
        staged = self.press.staging.store(body.getvalue())
        return Artwork(sha256=staged.sha256, md5=staged.md5, length=staged.length, media_type="image/png", width=side, height=side)

    def publish(self, *slugs: str, withdraw: Iterable[str] = (), now: datetime = NOW) -> Outcome:
        chosen, leaving = ([self.catalogue.episode("majlis", slug) for slug in some] for some in (slugs, withdraw))
        plan = prepare(self.press, self.catalogue.show("majlis"), now=now, chosen=chosen, withdraw=leaving)
        return apply(plan, self.press, clock=lambda: now)

    def feed(self) -> str:
        return b"".join(self.storage.read("majlis/feed.xml")).decode()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    storage = Watched()
    with open_catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}", create=True) as catalogue:
        catalogue.add_show(make_show())
        press = Press(catalogue=catalogue, storage=storage, staging=Staging(tmp_path / "staging"), site=Site("https://pod.example/"))
        yield House(press=press, storage=storage)
