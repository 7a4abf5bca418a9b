"""What is examined: a project and all that it reaches, each opened when the first check looks at it."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property

from podcast.check.survey import is_local
from podcast.config import Project
from podcast.errors import PodcastError
from podcast.site import cache_control, content_type
from podcast.storage import Storage, open_storage
from podcast.storage.probe import PREFIX, PortProbe, Probe, upload
from podcast.storage.s3 import S3Storage
from podcast.storage.s3_probe import BucketProbe

#: What a killed run left behind is removed after so long, when no other can still be at work.
_OLD = timedelta(hours=1)


class Patient:
    """A project under examination. ``find`` raises ConfigError where there is none, ``clock`` reads the time (aware, UTC)."""

    def __init__(self, find: Callable[[], Project], clock: Callable[[], datetime]) -> None:
        self._find, self.clock = find, clock
        self.folder = f"{PREFIX}/{secrets.token_hex(8)}"
        self._keys: set[str] = set()
        self._uploads: list[tuple[str, str]] = []

    @cached_property
    def project(self) -> Project:
        """Return the project."""
        return self._find()

    @cached_property
    def storage(self) -> Storage:
        """Return the storage that publishing uses."""
        settings = self.project.config.storage
        return open_storage(
            settings.url,
            root=self.project.root,
            endpoint=settings.endpoint,
            region=settings.region,
            path_style=settings.path_style,
            acl=settings.acl,
        )

    @cached_property
    def is_bucket(self) -> bool:
        """Tell whether the project publishes into a bucket."""
        return isinstance(self.storage, S3Storage)

    @cached_property
    def bucket(self) -> BucketProbe:
        """Return what asks the bucket; only where there is one."""
        assert isinstance(self.storage, S3Storage)  # noqa: S101 - the table says which checks are for buckets
        return BucketProbe(self.storage.settings, self.clock)

    @cached_property
    def stranger(self) -> BucketProbe:
        """Return what asks the bucket as somebody who has no key."""
        return self.bucket.stranger()

    @cached_property
    def probe(self) -> Probe:
        """Return what asks the storage, whatever it is."""
        return self.bucket if self.is_bucket else PortProbe(self.storage)

    @property
    def base(self) -> str:
        """Return the public address, which ends in a slash."""
        return self.project.config.public_url

    @property
    def base_is_local(self) -> bool:
        """Tell whether the public address is one of this machine or its network, by its spelling."""
        return is_local(self.base)

    def key(self, name: str) -> str:
        """Return the key of a file of this run, which is removed at the end of it."""
        key = f"{self.folder}/{name}"
        self._keys.add(key)
        return key

    def began(self, key: str, upload: str) -> None:
        """Note an upload in parts, to be ended at the end."""
        self._uploads.append((key, upload))

    def ended(self, key: str, upload: str) -> None:
        """Note that an upload in parts is no more."""
        self._uploads.remove((key, upload))

    def publish(self, name: str, body: bytes) -> str:
        """Store a file as a publish does, and return its key."""
        key = self.key(name)
        self.storage.put(upload(key, body, content_type(name), cache_control(name)))
        return key

    def clean(self) -> tuple[list[str], str]:
        """Remove all that was stored; return the keys that stay, and what the store said of them."""
        refused: dict[str, str] = {}
        for key in self._keys:
            try:
                self.probe.delete(key)
            except PodcastError as error:
                refused[key] = error.message
        there = self._still_there(set(refused))
        for key, begun in self._uploads:
            try:
                self.bucket.abort(key, begun)
            except PodcastError as error:
                there.add(key)
                refused[key] = error.message
        self._keys.clear()
        self._uploads.clear()
        return sorted(there), next(iter(refused.values()), "")

    def sweep(self) -> None:
        """Remove what runs that were killed left behind."""
        with suppress(PodcastError):
            old = [one.key for one in self.storage.list(f"{PREFIX}/") if one.modified < self.clock() - _OLD]
            self.storage.delete(old)

    def _still_there(self, refused: set[str]) -> set[str]:
        """Return what is left of this run's files; those that could not be removed, where the store lists nothing."""
        if not self._keys:
            return set()
        try:
            return set(self.probe.keys(f"{self.folder}/"))
        except PodcastError:
            return refused
