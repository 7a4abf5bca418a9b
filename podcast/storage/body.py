"""The bytes of an upload, as requests and copies read them."""

import base64
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import BinaryIO

from podcast.errors import StorageError

from . import Progress, Upload

_BLOCK = 1 << 20


@contextmanager
def opened(upload: Upload) -> Iterator[BinaryIO]:
    """Open the body for reading. Raises StorageError where it is not there or has another length than announced."""
    try:
        file = BytesIO(upload.body) if isinstance(upload.body, bytes) else upload.body.open("rb")
    except OSError as exc:
        raise StorageError(f"Cannot store {upload.key}: its file cannot be read ({exc.strerror}).", hint="Add the file again.") from exc
    with file:
        if file.seek(0, os.SEEK_END) != upload.length:
            raise unlike(upload)
        file.seek(0)
        yield file


def with_md5(upload: Upload, file: BinaryIO) -> Upload:
    """Return the upload with its MD5, which is read from the body where it is not given."""
    if upload.md5:
        return upload
    digest = hashlib.md5(usedforsecurity=False)
    while block := file.read(_BLOCK):
        digest.update(block)
    file.seek(0)
    return replace(upload, md5=digest.hexdigest())


def unlike(upload: Upload) -> StorageError:
    """Return the error for a body that has another length or hash than the upload says."""
    return StorageError(
        f"Cannot store {upload.key}: the bytes are not those that were announced.",
        hint="The file changed after it was measured: add it again.",
    )


def content_md5(digest: bytes) -> str:
    """Write a digest as Content-MD5 wants it."""
    return base64.b64encode(digest).decode()


class Window:
    """``length`` bytes of a file from ``start`` on, read as if they were all. Windows of one file are used one after another.

    Once ``sending`` is set it reports each byte once, also where a request is made again.
    """

    def __init__(self, file: BinaryIO, start: int, length: int, progress: Progress | None = None) -> None:
        self._file, self._start, self._length, self._progress = file, start, length, progress
        self._at = self._told = 0
        self.sending = False

    def read(self, size: int | None = None) -> bytes:
        """Read up to ``size`` bytes, or all that are left."""
        left = max(self._length - self._at, 0)
        self._file.seek(self._start + self._at)
        block = self._file.read(left if size is None or size < 0 else min(size, left))
        self._at += len(block)
        if self.sending:
            self._tell(self._at)
        return block

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move as a file does."""
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._length}[whence] + offset
        return self._at

    def tell(self) -> int:
        """Return the position from the start of the part."""
        return self._at

    def blocks(self) -> Iterator[bytes]:
        """Yield the whole part, and go back to its start."""
        self.seek(0)
        while block := self.read(_BLOCK):
            yield block
        self.seek(0)

    def skip(self) -> None:
        """Report the part as gone out: the store has it already."""
        self._tell(self._length)

    def _tell(self, position: int) -> None:
        if self._progress and position > self._told:
            self._progress(position - self._told)
            self._told = position


def digests(windows: list[Window]) -> tuple[list[bytes], str]:
    """Return the MD5 of each window, and that of all together in hexadecimal."""
    whole, each = hashlib.md5(usedforsecurity=False), []
    for window in windows:
        part = hashlib.md5(usedforsecurity=False)
        for block in window.blocks():
            part.update(block)
            whole.update(block)
        each.append(part.digest())
    return each, whole.hexdigest()


def cut(blocks: Iterator[bytes], skip: int, length: int | None) -> Iterator[bytes]:
    """Yield the bytes after the first ``skip``, ``length`` of them at the most."""
    for block in blocks:
        part = block[skip:] if length is None else block[skip : skip + length]
        skip = max(skip - len(block), 0)
        if part:
            yield part
        if length is not None:
            length -= len(part)
            if not length:
                return
