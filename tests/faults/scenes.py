"""Projects in which a command is about to run: made once, copied for every kill."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from tests.ingest.sound import encode

from .invariants import SECRET, Known, remember, summary
from .runner import copy, run

_VTT = "WEBVTT\n\n00:00.000 --> 00:00.900\n<v Ann>{}\n"
_DAYS = 40 * 86_400


@dataclass(frozen=True)
class Scene:
    """A prepared project in a folder of scenes, the command, what was known before it, and where it leads when nothing disturbs it."""

    place: Path
    name: str

    @property
    def folder(self) -> Path:
        return self.place / self.name

    @property
    def words(self) -> tuple[str, ...]:
        return COMMANDS[self.name]

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def goal(self) -> Any:
        return json.loads((self.folder / "goal.json").read_text())

    def known(self) -> Known:
        values = json.loads((self.folder / "known.json").read_text())
        return Known(**(values | {name: set(values[name]) for name in ("public", "private")}))


COMMANDS: dict[str, tuple[str, ...]] = {
    "add": ("add", "episodes/new.mp3"),
    "first": ("publish", "new", "--yes"),
    "publish": ("publish", "new", "--yes"),
    "replace": ("replace", "old", "episodes/other.mp3"),
    "replaced": ("publish", "--yes"),
    "unpublish": ("unpublish", "new", "--yes"),
    "gc": ("gc", "--yes", "--older-than", "0d"),
}


def make_scenes(place: Path) -> Iterator[Scene]:
    """Make every scene in a folder."""
    base = place / "base"
    _make_base(base)
    for name in COMMANDS:
        yield _make_scene(Scene(place, name), base)


def _make_scene(scene: Scene, base: Path) -> Scene:
    name, folder = scene.name, scene.folder
    folder.mkdir()
    copy(base, scene.project)
    for words in _BEFORE[name]:
        _must(scene.project, *words)
    _AFTERWARDS.get(name, _spoil)(scene.project)
    known = asdict(remember(scene.project))
    (folder / "known.json").write_text(json.dumps(known, default=sorted))
    once = copy(scene.project, folder / "once")
    _must(once, *scene.words)
    (folder / "goal.json").write_text(json.dumps(summary(once)))
    shutil.rmtree(once)
    return scene


def _make_base(root: Path) -> None:
    root.mkdir()
    title = ("--title", "Majlis", "--author", "Radio", "--email", "desk@radio.example", "--category", "News > Politics")
    _must(root, "init", ".", *title)
    for number, name in enumerate(("old", "new", "other", "secret")):
        encode(root / "episodes" / f"{name}.mp3", "libmp3lame", "mp3", seconds=1 + number / 4, rate=16_000, bitrate=16_000)
    Image.new("RGB", (1400, 1400), "teal").save(root / "cover.jpg", quality=20)
    _must(root, "show", "edit", "majlis", "--cover", "cover.jpg")
    for name in ("old", "new"):
        (root / "episodes" / f"{name}.vtt").write_text(_VTT.format(f"Words of {name}."))
        (root / "episodes" / f"{name}.chapters.txt").write_text(f"00:00:00 Beginning of {name}\n")
        (root / "episodes" / f"{name}.md").write_text(f"Notes of {name}.")
        # Too small for copies, which would be made in each of hundreds of publishes; in those of the first scene the show's are.
        Image.new("RGB", (90, 90), "navy" if name == "new" else "olive").save(root / "episodes" / f"{name}.jpg", quality=20)
    (root / "episodes" / "secret.md").write_text(f"Notes, {SECRET}.")
    _must(root, "add", "episodes/secret.mp3", "--title", f"Title {SECRET}")


def _must(root: Path, *words: str) -> None:
    ran = run(root, words)
    assert ran.code == 0, ran.printed


_OLD = (("add", "episodes/old.mp3"), ("publish", "old", "--yes"))
_NEW = ("add", "episodes/new.mp3")
_BEFORE: dict[str, tuple[tuple[str, ...], ...]] = {
    "add": _OLD,
    "first": (_NEW,),
    "publish": (*_OLD, _NEW),
    "replace": _OLD,
    "replaced": (*_OLD, ("replace", "old", "episodes/other.mp3"), ("edit", "old", "--title", "Another title")),
    "unpublish": (*_OLD, _NEW, ("publish", "new", "--yes")),
    "gc": (
        *_OLD,
        _NEW,
        ("publish", "new", "--yes"),
        ("replace", "old", "episodes/other.mp3"),
        ("unpublish", "new", "--yes"),
        ("publish", "--yes"),
    ),
}


def _spoil(root: Path) -> None:
    """Overwrite what was added with other bytes of the same length: nobody may read it again."""
    for path in (root / "episodes").glob("*.mp3"):
        path.write_bytes(path.read_bytes()[::-1])


def _leave(root: Path) -> None: ...


def _litter(root: Path) -> None:
    """Leave what interrupted commands leave, long ago."""
    litter = {
        f"public/majlis/media/lost-{hashlib.sha256(b'lost').hexdigest()[:12]}.mp3": b"lost",
        "public/.tmp/0123456789abcdef": b"cut",
        f".podcast/staging/{'ab' * 32}": b"unused",
        ".podcast/staging/.new-abc": b"cut",
    }
    for name, body in litter.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(body)
    for path in _all_files(root / "public", root / ".podcast/staging"):
        old = path.stat().st_mtime - _DAYS
        os.utime(path, (old, old))


def _all_files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file())


_AFTERWARDS: dict[str, Callable[[Path], None]] = {"add": _leave, "replace": _leave, "gc": _litter}
