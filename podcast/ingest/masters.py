"""The recordings that episodes were produced from: kept, since a better one may be made of them, and never written to.

Beside them stands a note for each episode. It holds of the sound that was produced, whatever tags it got since; once the
episode has other audio, that is its master.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from podcast.model import Audio, Episode
from podcast.site import EXTENSIONS

from .demux import open_audio
from .files import open_regular
from .refusal import naming
from .sandbox import run
from .staging import Staging, flush

_RECORDING: Final = re.compile(r"[0-9a-f]{64}\.[a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a sound was made by, as a hash; by how many seconds all is later in it, and where in it the master begins."""

    made: str = ""
    shift: float = 0.0
    begins: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Master:
    """A recording, and by their hash all sounds that were produced from it.

    All and not the last, since a run that is interrupted may leave an episode with the one before.
    """

    audio: Audio
    results: dict[str, Result] = field(default_factory=dict)


def find_master(episode: Episode, folder: Path, staging: Staging) -> tuple[Master, Path, Result | None]:
    """Return the master of an episode, where it is, and how the episode's audio was made of it; MediaError where that is gone."""
    with suppress(OSError, msgspec.ValidationError, msgspec.DecodeError):
        kept = msgspec.json.decode(_note(folder, episode.guid).read_bytes(), type=Master)
        path = _place(folder, kept.audio)
        result = kept.results.get(sound_of(staging.path(episode.audio.sha256), episode.audio.media_type, episode.slug))
        if result and path.exists():
            return kept, path, result
    return Master(audio=episode.audio), staging.path(episode.audio.sha256), None


def keep_master(episode: Episode, master: Master, path: Path, folder: Path) -> None:
    """Keep a recording beside staging, where nothing removes it, and the note of what was made of it; safe on disk when this returns."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = _place(folder, master.audio)
    if not place.exists():
        try:
            os.link(path, place)
        except OSError:  # The file system has no links.
            fresh = place.with_name(f".new-{place.name}")
            shutil.copyfile(path, fresh)
            flush(fresh)
            fresh.replace(place)
    fresh = _note(folder, episode.guid).with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(master))
    flush(fresh)
    fresh.replace(_note(folder, episode.guid))
    flush(folder)


def clear_masters(
    folder: Path, guids: Iterable[str], *, now: datetime, grace: timedelta, dry: bool
) -> tuple[list[tuple[Path, int]], list[tuple[Path, int, datetime]]]:
    """Remove recordings that no episode of these guids is made of, once they were seen so for ``grace``; with ``dry`` only look.

    Returns, with their lengths, those that went and those that wait, these with the moment from which on they go. As long as the
    note of one of these episodes cannot be read, all stay.
    """
    notes = {path.name: path for path in folder.glob("*.json")}
    living = [notes.pop(name) for name in {_note(folder, guid).name for guid in guids} & notes.keys()]
    try:
        needed = {_place(folder, msgspec.json.decode(note.read_bytes(), type=Master).audio) for note in living}
    except (OSError, msgspec.MsgspecError):
        return [], []
    gone, waiting = list[tuple[Path, int]](), list[tuple[Path, int, datetime]]()
    for path in sorted(path for path in folder.glob("*") if _RECORDING.fullmatch(path.name)):
        mark = path.with_name(f"{path.name}.unused")
        if path in needed:
            if not dry:
                mark.unlink(missing_ok=True)
            continue
        since = datetime.fromtimestamp(mark.stat().st_mtime, UTC) if mark.exists() else now
        length = path.stat().st_size
        if since > now - grace:
            waiting.append((path, length, since + grace))
            if not mark.exists() and not dry:
                mark.touch()
                os.utime(mark, (now.timestamp(), now.timestamp()))
            continue
        gone.append((path, length))
        if not dry:
            path.unlink(missing_ok=True)
            mark.unlink(missing_ok=True)
    if not dry and not waiting:  # By its note a recording that waits is known again.
        for note in notes.values():
            note.unlink(missing_ok=True)
    return gone, waiting


def sound_of(path: Path, media_type: str, name: str) -> str:
    """Return a hash of what a decoder gets of a file: the same whatever its tags say. MediaError where it cannot be read."""
    with naming(name), open(open_regular(path), "rb") as file:  # noqa: PTH123 - a descriptor has no path
        return run("masters:hash_packets", str, file, media_type=media_type)


def hash_packets(file: BinaryIO, *, media_type: str) -> str:
    """Hash the packets of a file, and what a decoder is told beforehand. For the sandbox."""
    found = hashlib.sha256()
    with open_audio(file, media_type) as container:
        stream = container.streams.audio[0]
        found.update(stream.codec_context.extradata or b"")
        for packet in container.demux(stream):
            found.update(packet)
    return found.hexdigest()


def _place(folder: Path, audio: Audio) -> Path:
    return folder / f"{audio.sha256}.{EXTENSIONS[audio.media_type]}"


def _note(folder: Path, guid: str) -> Path:
    # A guid may be anything, also the address of another host's.
    return folder / f"{hashlib.sha256(guid.encode()).hexdigest()[:32]}.json"
