"""Where published files live: one small protocol, and a folder, a bucket and a dictionary behind it.

Bytes and keys only. Nothing here knows what a show is. ``boto3`` is imported in ``s3_client.py`` alone, at the first
request, so that building a storage costs nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from podcast.errors import ConfigError, StorageError


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """What the store says of one key. ``etag`` has no quotes; ``type`` is the Content-Type."""

    key: str
    length: int
    etag: str
    type: str
    modified: datetime
    #: Content-Encoding; empty where the bytes are as their type says.
    encoding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file to store: bytes, or the path of a staged file that nobody changes.

    ``md5`` is hexadecimal and belongs to the whole body: it travels as Content-MD5, the one integrity header that every
    real server enforces, and is compared with the answer. Empty: a storage that needs it reads the body for it.
    """

    key: str
    body: bytes | Path
    length: int
    md5: str
    type: str
    cache_control: str
    #: Content-Encoding, which only a bucket remembers.
    encoding: str = ""
    #: The ETag of what this may replace, '' where nothing may be there; None: whatever is there. A store that knows no
    #: conditions replaces whatever is there all the same.
    onto: str | None = None
    #: Which state of the file this is, for whoever looks at the object: only a bucket remembers it, in x-amz-meta-revision.
    revision: int | None = None


class Overtaken(StorageError):
    """Under the key is not what an upload may replace; nothing was stored."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"Somebody else has stored {key} since we looked.",
            hint="Does another computer publish with a catalogue of its own? See who writes to this storage, then publish again.",
        )


#: Called with the number of bytes that have gone out since the last call; may be called from several threads.
Progress = Callable[[int], None]


class Storage(Protocol):
    """A place for files under ASCII keys such as ``majlis/feed.xml``.

    Every method raises StorageError (what and why, with a hint) or StorageUnavailable, and no other exception.
    A failed ``put`` leaves the old bytes or nothing under the key, never half of the new ones. Keys are those of
    ``keys.is_key``; under any other name there is nothing, and ``put`` and ``delete`` refuse it.
    """

    @property
    def workers(self) -> int:
        """How many calls at once serve this store best."""

    @property
    def near(self) -> bool:
        """Whether ``head``, and ``read`` until its first block, take no longer than a look at this machine's disk."""

    def put(self, upload: Upload, progress: Progress | None = None) -> StoredObject:
        """Store one file whole and return what is now under its key; it was compared in length and hash."""

    def head(self, key: str) -> StoredObject | None:
        """Return what is under the key, or None."""

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` on, ``length`` of them at the most; NotFound where there is no such key.

        The key is opened before the first block is asked for, so errors come from the call.
        """

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield the objects whose keys begin with the prefix, in the order of keys. ``type`` may be empty."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove the keys; one that is not there is no error."""

    def abandon(self, before: datetime, ours: Callable[[str], bool]) -> int:
        """Remove what interrupted uploads of keys that are ``ours`` left behind before a time, and return how many there were."""


def open_storage(
    url: str,
    *,
    root: Path,
    endpoint: str | None = None,
    region: str | None = None,
    path_style: bool | None = None,
    acl: str | None = None,
) -> Storage:
    """Return the storage that a project names: ``s3://BUCKET/PREFIX``, ``memory:``, or a folder relative to ``root``.

    Nothing is read or reached yet. The last four concern buckets alone. Raises ConfigError.
    """
    if url == "memory:":
        from .memory import MemoryStorage

        return MemoryStorage()
    if url.startswith("s3://"):
        from .s3 import S3Settings, S3Storage

        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        return S3Storage(S3Settings(bucket=bucket, prefix=prefix, endpoint=endpoint, region=region, path_style=path_style, acl=acl))
    if "://" in url:
        raise ConfigError(
            f"The storage {urlsplit(url).scheme}:// is none that we know.",
            hint="Write s3://BUCKET/PREFIX for a bucket, or the path of a folder.",
        )
    from .local import LocalStorage

    folder = (root / url).resolve()
    if not url or folder == root.resolve() or folder in {root.resolve() / name for name in ("episodes", ".podcast")}:
        raise ConfigError(
            f"The storage {url!r} is the project itself, and all of it would be public.", hint='Name a folder of its own: url = "public".'
        )
    return LocalStorage(root / url)
