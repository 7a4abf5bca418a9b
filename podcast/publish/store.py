"""Files into storage under the lease of one show: each verified, each remembered, none stored twice."""

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO

from podcast.catalogue import Catalogue, Held
from podcast.errors import Conflict, MediaError, NotFound, StorageError
from podcast.site import HOME, show_key
from podcast.storage import Progress, Storage
from podcast.storage.pool import put_all

from .lease import LEASE
from .plan import File, rendered
from .press import Clock, Press


@dataclass(slots=True, kw_only=True)
class Store:
    """The way into storage of one publisher, for as long as it holds the lease of its show."""

    press: Press
    #: Slug of the show.
    show: str
    lease: str
    token: int
    clock: Clock
    progress: Progress | None
    #: When the lease was last renewed.
    renewed: datetime
    #: The ETag of the public feed as we saw it: no other may be replaced. Empty where there was none.
    etag: str
    #: Keys that were stored, in order.
    stored: list[str] = field(default_factory=list)

    def put_rendered(self, files: Mapping[str, bytes]) -> None:
        """Store rendered files, but for those that storage holds already."""
        self.put(self.lacking([rendered(key, body) for key, body in files.items()]))

    def lacking(self, files: Sequence[File]) -> list[File]:
        """Return those of the files that storage does not hold as they are."""
        held = self.press.catalogue.held(file.key for file in files)
        return [file for file in files if held.get(file.key) != (file.sha256, file.length)]

    def put(self, files: Sequence[File]) -> None:
        """Store files, in parallel where the storage gains by it; remember a staged one as soon as it is verified, small ones together."""
        by_key, verified = {file.key: file for file in files}, list[File]()
        try:
            try:
                for stored in put_all(self.press.storage, [self._guarded(file) for file in files], self._tell):
                    verified.append(by_key[stored.key])
                    if stored.key == self._feed:
                        self.etag = stored.etag
                    if not isinstance(verified[-1].body, bytes):
                        self._remember(verified)
            finally:
                self._remember(verified)
        except Conflict:
            # Whoever took over may have written these before us: let the next publish write them once more.
            self.press.catalogue.overtaken(self.show, by_key, now=self.clock())
            raise

    def look_again(self) -> None:
        """Look which feed is public now; Conflict where another publisher took over, who has written it then."""
        self.renew()
        feed = self.press.storage.head(self._feed)
        self.etag = feed.etag if feed else ""

    @property
    def _feed(self) -> str:
        return show_key(self.show, "feed.xml")

    def _guarded(self, file: File) -> File:
        """Return an upload that replaces the public feed only as long as that is the one that we saw: a second guard behind the lease."""
        return replace(file, onto=self.etag) if file.key == self._feed else file

    def _remember(self, verified: list[File]) -> None:
        """Note that storage holds these files, and empty the list."""
        for owner in (self.show, None):
            own = [file for file in verified if belongs_to_all(file.key) == (owner is None)]
            rows = [Held(file.key, file.sha256, file.length, file.type, file.made_of) for file in own]
            self.press.catalogue.record(owner, rows, lease=(self.lease, self.token))
        self.stored += [file.key for file in verified]
        verified.clear()

    def _tell(self, amount: int) -> None:
        """Pass on that bytes have gone out, and hold on to the lease while they do. Called from several threads."""
        if self.progress:
            self.progress(amount)
        if self.clock() - self.renewed > LEASE / 10:
            self.renew()

    def renew(self) -> None:
        """Hold on to the lease; Conflict where another publisher took over."""
        self.renewed = self.clock()
        self.press.catalogue.renew(self.lease, self.token, now=self.renewed, ttl=LEASE)


def belongs_to_all(key: str) -> bool:
    """Tell whether a file belongs to no show of its own."""
    return key in HOME or key.startswith("assets/")


def refuse_cut(files: Sequence[File]) -> None:
    """Raise MediaError where a staged file is gone, or is not as long as the catalogue holds."""
    for file in files:
        if not is_whole(file):
            raise MediaError(
                f"The staged copy of {file.key} is gone or was cut.",
                hint="Give the file again: `podcast replace` for audio, `podcast edit --cover` or `podcast show edit --cover`.",
            )


def reads_back(storage: Storage, file: File) -> bool:
    """Tell whether storage gives a file back as it stands on disk, or unpacked, as some stores hand out what is compressed."""
    if not isinstance(file.body, Path):
        raise TypeError(file.key)
    try:
        with file.body.open("rb") as plain:
            if _equal(storage.read(file.key), plain):
                return True
        if not file.encoding:
            return False
        with gzip.open(file.body) as unpacked:
            return _equal(storage.read(file.key), unpacked)
    except NotFound:
        return False


def _equal(blocks: Iterator[bytes], file: IO[bytes] | gzip.GzipFile) -> bool:
    return all(file.read(len(block)) == block for block in blocks) and not file.read(1)


def feed_keys(catalogue: Catalogue, show: str) -> list[str]:
    """Return the keys of a show's feeds, with their archive pages and their copies at old addresses, that storage holds."""
    held = [key for slug in (show, *catalogue.former_slugs(show)) for key in catalogue.held_under(show_key(slug, "feed"))]
    return [key for key in held if key.endswith(".xml") and key.count("/") == 1]


class Damaged(StorageError):
    """A feed is stored compressed, and cannot be unpacked."""


def read_feed(storage: Storage, key: str) -> bytes:
    """Return a feed as apps see it, whether it is stored compressed or not; NotFound where there is none, Damaged."""
    data = b"".join(storage.read(key))
    try:
        return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    except (OSError, EOFError, zlib.error) as error:
        raise Damaged(f"{key} in storage is compressed and damaged.", hint="`podcast verify --fix` lets it be written again.") from error


def is_whole(file: File) -> bool:
    """Tell whether a staged file is there with the length that the catalogue holds."""
    if isinstance(file.body, bytes):
        return True
    try:
        return file.body.stat().st_size == file.length
    except OSError:
        return False
