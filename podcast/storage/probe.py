"""Single requests to a storage, as `podcast doctor` makes them: each right alone, nothing compared, what was answered told as it is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from podcast.errors import NotFound

from . import Storage, Upload

#: Everything that the doctor stores is under this name, which no show can have.
PREFIX: Final = "_podcast-doctor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An answer: a folder's has no headers. The names of ``headers`` are in small letters."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Probe(Protocol):
    """What a bucket and a folder can both be asked. Errors are those of a Storage."""

    def put(self, key: str, body: bytes, *, type: str = ..., cache_control: str = ...) -> None:  # noqa: A002
        """Store some bytes."""

    def head(self, key: str) -> Seen:
        """Look at a key; NotFound where nothing is under it."""

    def get(self, key: str, span: tuple[int, int] | None = None) -> Seen:
        """Read a key, or its bytes from the first to the last of ``span``."""

    def keys(self, prefix: str) -> list[str]:
        """Return the keys under a prefix."""

    def delete(self, key: str) -> None:
        """Remove a key."""


class PortProbe:
    """Asks any storage by its own methods."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def put(self, key: str, body: bytes, *, type: str = "application/octet-stream", cache_control: str = "no-store") -> None:  # noqa: A002
        """Store some bytes."""
        self._storage.put(upload(key, body, type, cache_control))

    def head(self, key: str) -> Seen:
        """Look at a key."""
        found = self._storage.head(key)
        if found is None:
            raise NotFound(f"There is no {key} in storage.")
        return Seen(status=200, headers={"content-length": str(found.length), "content-type": found.type})

    def get(self, key: str, span: tuple[int, int] | None = None) -> Seen:
        """Read a key."""
        start, length = (0, None) if span is None else (span[0], span[1] - span[0] + 1)
        body = b"".join(self._storage.read(key, start, length))
        return Seen(status=200 if span is None else 206, body=body)

    def keys(self, prefix: str) -> list[str]:
        """Return the keys under a prefix."""
        return [one.key for one in self._storage.list(prefix)]

    def delete(self, key: str) -> None:
        """Remove a key."""
        self._storage.delete([key])


def upload(key: str, body: bytes, type: str, cache_control: str) -> Upload:  # noqa: A002
    """Describe some bytes truthfully."""
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return Upload(key=key, body=body, length=len(body), md5=md5, type=type, cache_control=cache_control)
