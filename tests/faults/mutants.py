"""Publishing broken on purpose, in ways that the harness must catch."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from podcast.catalogue import leases, publishing
from podcast.catalogue.leases import Leases
from podcast.formats import rss
from podcast.ingest.staging import Staging
from podcast.model import Episode, Show
from podcast.storage import Progress, StoredObject, Upload
from podcast.storage.local import LocalStorage, _stored


def feed_before_media() -> None:
    """Store audio only once the feed names it."""
    put, late = LocalStorage.put, list[Upload]()

    def put_late(self: LocalStorage, upload: Upload, progress: Progress | None = None) -> StoredObject:
        if "/media/" in upload.key:
            late.append(upload)
            return _stored(upload.key, Path(os.devnull).stat())
        stored = put(self, upload, progress)
        while upload.key.endswith("/feed.xml") and late:
            put(self, late.pop())
        return stored

    LocalStorage.put = put_late  # type: ignore[method-assign]


def plain_write() -> None:
    """Write a file where listeners read it, instead of moving a whole one there."""

    def write(self: LocalStorage, target: Path, old: object, upload: Upload, progress: object) -> None:
        body = upload.body if isinstance(upload.body, bytes) else upload.body.read_bytes()
        half = len(body) // 2
        with target.open("wb", buffering=0) as file:
            file.write(body[:half])
            if target.name == "feed.xml":
                time.sleep(0.05)
            file.write(body[half:])
            os.fsync(file.fileno())

    LocalStorage._replace = write  # type: ignore[method-assign]


def no_fsync() -> None:
    """Leave it to the system when something reaches the disk."""
    os.fsync = lambda _: None  # type: ignore[assignment]


def source_path() -> None:
    """Upload the user's own file in the place of the staged copy."""
    path = Staging.path

    def find(self: Staging, sha256: str) -> Path:
        staged = path(self, sha256)
        own = [file for file in (self.root.parents[1] / "episodes").glob("*.mp3") if staged.exists() and _alike(file, staged)]
        return own[0] if own else staged

    Staging.path = find  # type: ignore[method-assign]


def _alike(file: Path, staged: Path) -> bool:
    return file.stat().st_size == staged.stat().st_size


def guid_from_title() -> None:
    """Tell apps a guid that follows from the title, as many a generator does."""
    entry = rss._entry

    def entitled(show: Show, episode: Episode, *rest: Any) -> Any:
        return entry(show, replace(episode, guid=str(uuid5(NAMESPACE_URL, episode.title))), *rest)

    rss._entry = entitled  # type: ignore[assignment]


def no_lease() -> None:
    """Let everybody publish at the same time, and nobody be overtaken: p0 stores its feed when others have stored theirs since."""
    put, first = LocalStorage.put, sys.argv[2] == "p0"

    def anything(*_: Any, **__: Any) -> int:
        return 1

    def put_late(self: LocalStorage, upload: Upload, progress: Progress | None = None) -> StoredObject:
        rendered = self.root.parent / "rendered"
        if not first:
            _until(rendered.exists)
        elif upload.key.endswith("/feed.xml"):
            rendered.touch()
            _until((self.root / upload.key).exists)
        return put(self, upload, progress)

    LocalStorage.put = put_late  # type: ignore[method-assign]
    Leases.acquire = anything  # type: ignore[method-assign]
    leases.__dict__["check_token"] = publishing.__dict__["check_token"] = anything
    Leases.renew = anything  # type: ignore[method-assign, assignment]


def _until(true: Callable[[], bool]) -> None:
    for _ in range(6000):
        if true():
            return
        time.sleep(0.01)


MUTANTS: dict[str, Callable[[], None]] = {
    mutant.__name__: mutant for mutant in (feed_before_media, plain_write, no_fsync, source_path, guid_from_title, no_lease)
}
