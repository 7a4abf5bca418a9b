"""A folder as storage, safe against a crash or a power cut at any moment.

A file is written whole under ``.tmp``, brought to the disk, moved into its place, and its folder brought to the disk.
Symbolic links under the root are not followed: what they lead to is not in this storage.
"""

import errno
import filecmp
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import FileIO
from itertools import chain, takewhile
from pathlib import Path
from typing import BinaryIO

from podcast.errors import NotFound, StorageError
from podcast.site import content_type

from . import Progress, StoredObject, Upload
from .body import opened, unlike
from .keys import check_key, is_key

_BLOCK = 1 << 18
_DAY = 86_400


class LocalStorage:
    """The files under ``root``, which is made at the first ``put``."""

    workers = 2
    near = True

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self._swept = False

    def put(self, upload: Upload, progress: Progress | None = None) -> StoredObject:
        """Store one file whole; where the same bytes stand already, they and their ETag stay."""
        check_key(upload.key)
        with _saying(f"store {upload.key}", self.root, upload.length):
            target = self.root / upload.key
            self._make_folder(target.parent)
            old = _regular(target)
            if old and old.st_size == upload.length and _holds(target, upload):
                _sync(target)
                if progress:
                    progress(upload.length)
            else:
                self._replace(target, old, upload, progress)
            _sync(target.parent)
            return _stored(upload.key, target.stat())

    def head(self, key: str) -> StoredObject | None:
        """Return what is under the key, or None."""
        with _saying(f"look at {key}", self.root):
            found = self._look(key)
            return _stored(key, found) if found else None

    def path(self, key: str) -> Path | None:
        """Return the file under the key, or None."""
        with _saying(f"look at {key}", self.root):
            return self.root / key if self._look(key) else None

    def _look(self, key: str) -> os.stat_result | None:
        """Return the state of the file under the key, or None."""
        if not is_key(key):
            return None
        path = str(self.root)
        try:
            for part in key.split("/"):
                path = f"{path}/{part}"
                state = os.lstat(path)
                if stat.S_ISLNK(state.st_mode):
                    return None
        except (FileNotFoundError, NotADirectoryError):
            return None
        return state if stat.S_ISREG(state.st_mode) else None

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` on."""
        with _saying(f"read {key}", self.root):
            blocks = self._blocks(key, self.open(key), start, length)
        next(blocks)  # From here on the generator closes the file, also if nobody asks for a block.
        return blocks

    def open(self, key: str) -> FileIO:
        """Return the file under the key, open for reading without a buffer; NotFound where there is none."""
        with _saying(f"read {key}", self.root):
            if self._look(key) is None:
                raise NotFound(f"There is no {key} in {self.root}.")
            return FileIO(f"{self.root}/{key}")

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield the objects whose keys begin with the prefix, in the order of keys."""
        with _saying("list the files", self.root):
            yield from self._walk("", prefix)

    def abandon(self, before: datetime, ours: Callable[[str], bool]) -> int:  # noqa: ARG002 - what stands under .tmp is ours
        """Remove temporary files that were last written before a time."""
        with _saying("remove what was left behind", self.root):
            return _sweep(self.root / ".tmp", before.timestamp())

    def delete(self, keys: Iterable[str]) -> None:
        """Remove the keys, and the folders that they leave empty."""
        for key in keys:
            check_key(key)
            with _saying(f"delete {key}", self.root):
                path = self.path(key)
                if path:
                    path.unlink(missing_ok=True)
                    _sync(self._prune(path.parent))

    def _make_folder(self, folder: Path) -> None:
        if os.path.realpath(folder) != str(folder):
            raise StorageError(
                f"{folder} leads out of the storage by a symbolic link.",
                hint="Put a real folder there, or let storage.url name the folder that holds the files.",
            )
        missing = list(takewhile(lambda each: not each.exists(), chain([folder], folder.parents)))
        if missing:
            folder.mkdir(parents=True, exist_ok=True)
        for each in missing:
            _sync(each.parent)

    def _replace(self, target: Path, old: os.stat_result | None, upload: Upload, progress: Progress | None) -> None:
        folder = self.root / ".tmp"
        folder.mkdir(exist_ok=True)
        _require_space(folder, upload.length)
        # Not the tempfile module: a web server of another user may have to read this file, as the umask says.
        temporary = folder / secrets.token_hex(8)
        try:
            with temporary.open("xb") as file:
                _copy(upload, file, progress)
                file.flush()
                _outdate(file, old)
                os.fsync(file.fileno())
            if not self._swept:
                # By the file system's own clock.
                _sweep(folder, temporary.stat().st_mtime - _DAY)
                self._swept = True
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _walk(self, folder: str, prefix: str) -> Iterator[StoredObject]:
        if not (folder.startswith(prefix) or prefix.startswith(folder)):
            return
        try:
            entries = [(_key(folder, entry), entry) for entry in os.scandir(self.root / folder)]
        except FileNotFoundError:  # No root yet, or the folder was removed meanwhile.
            return
        for key, entry in sorted(entries, key=lambda pair: pair[0]):
            if not is_key(key.removesuffix("/")):
                continue
            if key.endswith("/"):
                yield from self._walk(key, prefix)
            elif key.startswith(prefix) and entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):
                    yield _stored(key, entry.stat(follow_symlinks=False))

    def _prune(self, folder: Path) -> Path:
        """Remove a folder and those above it while they are empty, and return the first that stays."""
        with suppress(OSError):  # It is not empty.
            while folder != self.root:
                folder.rmdir()
                folder = folder.parent
        return folder

    def _blocks(self, key: str, file: BinaryIO, start: int, length: int | None) -> Iterator[bytes]:
        with file, _saying(f"read {key}", self.root):
            yield b""
            file.seek(start)
            left = os.fstat(file.fileno()).st_size if length is None else length
            while left > 0 and (block := file.read(min(_BLOCK, left))):
                left -= len(block)
                yield block


def _sweep(folder: Path, before: float) -> int:
    """Remove what killed processes left behind in a folder before a time, in seconds; return how many."""
    gone = 0
    with suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError):
                if entry.stat(follow_symlinks=False).st_mtime < before:
                    Path(entry.path).unlink()
                    gone += 1
    return gone


def _key(folder: str, entry: "os.DirEntry[str]") -> str:
    """Return the key of a file, or of a folder with a slash behind, which gives it the place in the order of its files."""
    return f"{folder}{entry.name}/" if entry.is_dir(follow_symlinks=False) else folder + entry.name


def _stored(key: str, found: os.stat_result) -> StoredObject:
    # A hash, so that the inode's number is not told to the world.
    state = f"{found.st_ino} {found.st_size} {found.st_mtime_ns}".encode()
    return StoredObject(
        key=key,
        length=found.st_size,
        etag=hashlib.blake2b(state, digest_size=8).hexdigest(),
        type=content_type(key),
        modified=datetime.fromtimestamp(found.st_mtime, UTC),
    )


def _regular(path: Path) -> os.stat_result | None:
    return path.lstat() if path.is_file() and not path.is_symlink() else None


def _copy(upload: Upload, target: BinaryIO, progress: Progress | None) -> None:
    """Write the body; raise StorageError unless it is what the upload promises."""
    digest = hashlib.md5(usedforsecurity=False)
    with opened(upload) as source:
        while block := source.read(_BLOCK):
            if upload.md5:
                digest.update(block)
            target.write(block)
            if progress:
                progress(len(block))
    if upload.md5 and digest.hexdigest() != upload.md5:
        raise unlike(upload)


def _outdate(file: BinaryIO, old: os.stat_result | None) -> None:
    """See that the new file is younger than the old one, even on the same tick of the clock: the ETag rests on it."""
    if old and os.fstat(file.fileno()).st_mtime_ns <= old.st_mtime_ns:
        os.utime(file.fileno(), ns=(old.st_mtime_ns + 1, old.st_mtime_ns + 1))


def _holds(path: Path, upload: Upload) -> bool:
    """Tell whether a file holds the bytes of an upload of its length."""
    if isinstance(upload.body, Path) and not upload.md5:
        return filecmp.cmp(path, upload.body, shallow=False)
    return _md5(path) == upload.md5


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _require_space(folder: Path, length: int) -> None:
    if shutil.disk_usage(folder).free < length:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


_HINTS = {
    errno.EACCES: "Give this user the right to write in {root}.",
    errno.EPERM: "Give this user the right to write in {root}.",
    errno.EROFS: "{root} is on a read-only file system: mount it for writing, or let storage.url name another folder.",
    errno.EIO: "The disk under {root} fails: look at it, and at the system's log.",
    errno.EXDEV: "A folder in {root} is a file system of its own: let storage.url name one folder on one file system.",
    errno.EISDIR: "A folder has the name of this file: remove one of them.",
    errno.ENOTDIR: "A file has the name of a folder that is needed: remove it.",
    errno.EEXIST: "A file has the name of a folder that is needed: remove it.",
}


@contextmanager
def _saying(deed: str, root: Path, need: int = 0) -> Iterator[None]:
    """Turn an OSError into a StorageError with a hint; ``need`` is the length of a file that has to go in."""
    try:
        yield
    except OSError as exc:
        hint = _HINTS.get(exc.errno or 0, "").format(root=root)
        if exc.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            free = shutil.disk_usage(root).free if root.exists() else 0
            hint = f"Need {_mib(need)}, have {_mib(free)} under {root}: make room, or let storage.url name a larger disk."
        raise StorageError(f"Cannot {deed}: {exc.strerror or exc}.", hint=hint) from exc


def _mib(length: int) -> str:
    return f"{length / 2**20:.1f} MiB"
