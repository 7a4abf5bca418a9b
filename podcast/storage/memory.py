"""A dictionary as storage: for tests, and for looking at what would be published."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from podcast.errors import NotFound

from . import Overtaken, Progress, StoredObject, Upload
from .body import opened, unlike
from .keys import check_key


class MemoryStorage:
    """Keeps everything in memory, with the rules of a bucket; lost with the process."""

    workers = 1
    near = True

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, tuple[bytes, StoredObject]] = {}

    def put(self, upload: Upload, progress: Progress | None = None) -> StoredObject:
        """Store one file whole."""
        check_key(upload.key)
        with opened(upload) as file:
            body = file.read()
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
        if md5 != (upload.md5 or md5):
            raise unlike(upload)
        stored = StoredObject(
            key=upload.key, length=len(body), etag=md5, type=upload.type, modified=datetime.now(UTC), encoding=upload.encoding
        )
        with self._lock:
            there = self._files.get(upload.key)
            if upload.onto is not None and upload.onto != (there[1].etag if there else ""):
                raise Overtaken(upload.key)
            self._files[upload.key] = (body, stored)
        if progress:
            progress(len(body))
        return stored

    def head(self, key: str) -> StoredObject | None:
        """Return what is under the key, or None."""
        found = self._files.get(key)
        return found and found[1]

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` on."""
        found = self._files.get(key)
        if found is None:
            raise NotFound(f"There is no {key} in storage.")
        body = found[0][start:] if length is None else found[0][start : start + length]
        return iter([body] if body else [])

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield the objects whose keys begin with the prefix, in the order of keys."""
        with self._lock:
            found = sorted(key for key in self._files if key.startswith(prefix))
            return iter([self._files[key][1] for key in found])

    def abandon(self, before: datetime, ours: Callable[[str], bool]) -> int:  # noqa: ARG002
        """Find nothing: here an upload is done or was never begun."""
        return 0

    def delete(self, keys: Iterable[str]) -> None:
        """Remove the keys."""
        for key in keys:
            check_key(key)
            with self._lock:
                self._files.pop(key, None)
