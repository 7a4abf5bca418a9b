"""Find the audio files in a folder."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from .files import unreadable

T = TypeVar("T")
_AT_ONCE: Final = 4

#: Endings worth a look; what a file really is, its bytes say later.
ENDINGS: Final = frozenset({"mp3", "m4a", "m4b", "mp4", "ogg", "oga", "opus", "flac", "wav", "aac", "aif", "aiff"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file with what tells whether it changed; ``mtime_ns`` is the newest of the file's and its sidecars'."""

    path: Path
    size: int
    mtime_ns: int


def audio_files(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and mtime_ns, as a FoundFile has them, by path, of the audio files in a folder and below it, sorted.

    Plain values: most of thousands are known, and to make a Path takes longer than to ask for a file's time.
    Hidden files are left out, a link loop is walked once.

    MediaError where the folder cannot be read; folders below it that cannot are left out.
    """
    found: dict[str, tuple[int, int]] = {}
    seen: set[tuple[int, int]] = set()
    waiting = [os.fspath(folder)]
    while waiting:
        current = waiting.pop()
        try:
            status = os.stat(current)  # noqa: PTH116 - plain text, as there are thousands
            if (status.st_dev, status.st_ino) not in seen:
                waiting += _look_into(current, found)
        except OSError as error:
            if not seen:
                raise unreadable(folder, error) from error
            continue
        seen.add((status.st_dev, status.st_ino))
    return {path: found[path] for path in sorted(found)}


def names_in(folders: Iterable[Path]) -> dict[Path, list[str]]:
    """Return the names in each folder, sorted; one that cannot be listed is left out."""
    found = {}
    for folder in folders:
        with suppress(OSError):
            found[folder] = names_of(folder)
    return found


def names_of(folder: Path) -> list[str]:
    """Return the names in a folder, sorted."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries)


def in_order(work: Callable[[FoundFile], T], files: Sequence[FoundFile]) -> list[T]:
    """Do a work on files, on some at once, and return what comes of it in their order.

    Threads do: disks and the sandbox are waited for. After an error nothing new is begun.
    """
    if len(files) == 1:
        return [work(files[0])]
    with ThreadPoolExecutor(min(len(files), os.cpu_count() or 1, _AT_ONCE), thread_name_prefix="read") as pool:
        try:
            return list(pool.map(work, files))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _look_into(folder: str, found: dict[str, tuple[int, int]]) -> list[str]:
    """Note the audio files of a folder, and return the folders in it. What cannot be looked at, as a link to itself, is left out."""
    folders, audio, newest = list[str](), list[tuple[str, str, os.stat_result]](), dict[str, int]()
    with os.scandir(folder) as entries:
        for entry in entries:
            stem, _, ending = entry.name.rpartition(".")
            try:
                if entry.name[0] == ".":
                    continue
                if not entry.is_file():
                    folders += [entry.path] if entry.is_dir() else []
                elif stem and ending.lower() in ENDINGS:
                    audio.append((entry.path, stem, entry.stat()))
                else:
                    _note_sidecar(newest, entry)
            except OSError:
                continue
    for path, stem, status in audio:
        found[path] = status.st_size, max(status.st_mtime_ns, newest[stem]) if stem in newest else status.st_mtime_ns
    return folders


def _note_sidecar(newest: dict[str, int], entry: os.DirEntry[str]) -> None:
    """Note the time of ``a.b.ky.vtt`` for the stems that it may belong to: ``a``, ``a.b``, ``a.b.ky``."""
    stem, changed = entry.name, entry.stat().st_mtime_ns
    while "." in stem:
        stem = stem.rpartition(".")[0]
        newest[stem] = max(newest.get(stem, 0), changed)
