"""The staging folder: our own copies of audio, pictures and transcripts, named by their SHA-256.

What is uploaded is read from here and never from the user's path: a file that is overwritten or replaced during a
multipart upload would be stored as a mixture of both.
"""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from podcast.errors import MediaError, PodcastError

from .files import open_regular, unreadable

#: Called with the number of bytes that were copied since the last call.
Progress = Callable[[int], None]

_BLOCK: Final = 1 << 20
_TRIES: Final = 2
#: Of a SHA-256 in hexadecimal, which is the name of a staged file.
_DIGITS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A file in staging; both hashes are hexadecimal, ``length`` is bytes."""

    sha256: str
    md5: str
    length: int
    #: Whether it was not there before.
    fresh: bool = field(default=True, compare=False)


class _Changed(Exception):
    """The source is not what it was when the copy began."""


class Staging:
    """A folder of files that nobody changes. It is made, for its owner alone, when the first file is stored."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Return where a file is, or would be."""
        return self.root / sha256

    def read(self, sha256: str, what: str, hint: str) -> bytes:
        """Return the bytes of a file; MediaError, about ``what``, where it is gone."""
        try:
            return self.path(sha256).read_bytes()
        except OSError as error:
            raise MediaError(f"The staged {what} is gone.", hint=hint) from error

    def store(self, data: bytes) -> Staged:
        """Keep some bytes, safe on disk when this returns. What is there already, as the one cover of many files, is not written again."""
        kept = self.path(hashlib.sha256(data).hexdigest())
        with suppress(OSError):
            if kept.stat().st_size == len(data):
                os.utime(kept)  # It is in use again, and no leftover.
                flush(self.root)
                return Staged(sha256=kept.name, md5=hashlib.md5(data, usedforsecurity=False).hexdigest(), length=len(data), fresh=False)
        return self._keep(iter((data,)))

    def copy(self, source: Path, watch: Callable[[bytes], None] | None = None, progress: Progress | None = None) -> Staged:
        """Copy a file while hashing it, safe on disk when this returns; the source is only read.

        ``watch`` sees every block (an empty file is one empty block) and may raise to stop the copy. A source that
        changes while it is copied is copied once more; MediaError where it changes again.
        """
        for _ in range(_TRIES):
            try:
                return self._keep(_unchanging_blocks(source, watch, progress))
            except _Changed:
                continue
        raise MediaError(
            f"{source.name} is still being written", hint="Wait until the program that writes it has finished, then try again."
        )

    def discard(self, staged: Staged) -> None:
        """Remove a file that turned out to be of no use, unless it was there before: then it is of use to something else."""
        if staged.fresh:
            self.path(staged.sha256).unlink(missing_ok=True)

    def leftovers(self, used: Container[str], before: datetime) -> list[tuple[Path, int]]:
        """Return files, with their length, that are not in use and were last written before a time."""
        found = []
        with suppress(FileNotFoundError):
            for entry in os.scandir(self.root):
                status = entry.stat(follow_symlinks=False)
                ours = len(entry.name) == _DIGITS or entry.name.startswith(".new-")
                if ours and entry.name not in used and status.st_mtime < before.timestamp():
                    found.append((Path(entry.path), status.st_size))
        return sorted(found)

    def _keep(self, blocks: Iterator[bytes]) -> Staged:
        # Hexadecimal digests for integrity, not for secrecy: S3 speaks MD5.
        sha256, md5, length = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        with _explained(self.root):
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self.root, prefix=".new-")
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
                for block in blocks:
                    sha256.update(block)
                    md5.update(block)
                    length += len(block)
                    with _explained(self.root):
                        file.write(block)
                with _explained(self.root):
                    _flush(file)
            kept = self.path(sha256.hexdigest())
            staged = Staged(sha256=kept.name, md5=md5.hexdigest(), length=length, fresh=not kept.exists())
            with _explained(self.root):
                Path(temporary).replace(kept)
                flush(self.root)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return staged


def _unchanging_blocks(source: Path, watch: Callable[[bytes], None] | None, progress: Progress | None) -> Iterator[bytes]:
    """Yield the blocks of a file; _Changed at the end where size, time or inode are not what they were."""
    descriptor = open_regular(source)
    try:
        before, copied = os.fstat(descriptor), 0
        while True:
            block = os.read(descriptor, _BLOCK)
            if watch and (block or not copied):
                watch(block)
            if not block:
                break
            copied += len(block)
            if copied > before.st_size:
                raise _Changed  # It may grow as fast as we read.
            yield block
            if progress:
                progress(len(block))
        after = (os.fstat(descriptor), source.stat())
        if copied != before.st_size or any(_identity(before) != _identity(status) for status in after):
            raise _Changed
    except OSError as error:
        raise unreadable(source, error) from error
    finally:
        os.close(descriptor)


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def flush(path: Path) -> None:
    """Bring a file to the disk, or the names in a folder: a rename would not outlast a power cut (XFS forgets it)."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _explained(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            free = shutil.disk_usage(root).free >> 20
            raise PodcastError(
                f"The staging folder {root} is full ({free:,} MiB free)", hint="Free some space there, then try again."
            ) from error
        raise PodcastError(
            f"The staging folder {root} cannot be written: {error.strerror}", hint="Check that you may write there."
        ) from error
