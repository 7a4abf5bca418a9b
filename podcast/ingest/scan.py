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
    found: list[tuple[str, tuple[int, int]]] = []
    seen: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            status = current.stat()
            with os.scandir(current) as entries:
                visible = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            if current == folder:
                raise unreadable(folder, error) from error
            continue
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        files = [entry for entry in visible if entry.is_file()]
        found += _audio_among(files)
        if len(files) < len(visible):
            waiting += [Path(entry.path) for entry in visible if entry.is_dir()]
    return dict(sorted(found, key=lambda one: one[0].encode("utf-8", "surrogateescape")))


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


def _audio_among(entries: list[os.DirEntry[str]]) -> list[tuple[str, tuple[int, int]]]:
    newest: dict[str, int] = {}
    audio = []
    for entry in entries:
        stem, _, ending = entry.name.rpartition(".")
        if stem and ending.lower() in ENDINGS:
            audio.append((stem, entry))
        else:
            _note_sidecar(newest, entry)
    return [
        (entry.path, (status.st_size, max(status.st_mtime_ns, newest.get(stem, 0)))) for stem, entry in audio for status in (entry.stat(),)
    ]


def _note_sidecar(newest: dict[str, int], entry: os.DirEntry[str]) -> None:
    """Note the time of ``a.b.ky.vtt`` for the stems that it may belong to: ``a``, ``a.b``, ``a.b.ky``."""
    stem, changed = entry.name, entry.stat().st_mtime_ns
    while "." in stem:
        stem = stem.rpartition(".")[0]
        newest[stem] = max(newest.get(stem, 0), changed)
