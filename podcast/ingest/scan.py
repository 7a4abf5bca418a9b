"""Find the audio files in a folder."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .files import unreadable

#: Endings worth a look; what a file really is, its bytes say later.
ENDINGS: Final = frozenset({"mp3", "m4a", "m4b", "mp4", "ogg", "oga", "opus", "flac", "wav", "aac", "aif", "aiff"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file with what tells whether it changed; ``mtime_ns`` is the newest of the file's and its sidecars'."""

    path: Path
    size: int
    mtime_ns: int


def audio_files(folder: Path) -> list[FoundFile]:
    """Return the audio files in a folder and below it, sorted; hidden ones are left out, a link loop is walked once.

    MediaError where the folder cannot be read; folders below it that cannot are left out.
    """
    found: list[FoundFile] = []
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
        found += _audio_among([entry for entry in visible if entry.is_file()])
        waiting += [Path(entry.path) for entry in visible if entry.is_dir()]
    return sorted(found, key=lambda file: os.fsencode(file.path))


def _audio_among(entries: list[os.DirEntry[str]]) -> list[FoundFile]:
    newest: dict[str, int] = {}
    audio = []
    for entry in entries:
        stem, _, ending = entry.name.rpartition(".")
        if stem and ending.lower() in ENDINGS:
            audio.append((stem, entry))
        else:
            _note_sidecar(newest, entry)
    return [
        FoundFile(path=Path(entry.path), size=status.st_size, mtime_ns=max(status.st_mtime_ns, newest.get(stem, 0)))
        for stem, entry in audio
        for status in (entry.stat(),)
    ]


def _note_sidecar(newest: dict[str, int], entry: os.DirEntry[str]) -> None:
    """Note the time of ``a.b.ky.vtt`` for the stems that it may belong to: ``a``, ``a.b``, ``a.b.ky``."""
    stem, changed = entry.name, entry.stat().st_mtime_ns
    while "." in stem:
        stem = stem.rpartition(".")[0]
        newest[stem] = max(newest.get(stem, 0), changed)
