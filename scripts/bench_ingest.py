"""The cases of scripts/bench about files on their way in: the sandbox, rich tags, exact durations. Seconds of CPU, children among them."""

import hashlib
import importlib
import os
import random
import resource
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from podcast.add import add_files, find_files
from podcast.catalogue import open_catalogue
from podcast.ingest import artwork, media, sandbox
from podcast.ingest.media import read_media
from podcast.ingest.mp3 import parse_header
from podcast.ingest.probe import probe
from podcast.ingest.staging import Staging
from podcast.model import Show

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SPEECH = ROOT / "episodes" / "s01e01-welcome-to-majlis.mp3"


def ingest(folder: Path, tell: Callable[[str, float, str, float], None]) -> None:
    """Tell what the sandbox costs, how quick rich tags are, and what an exact duration costs beside a hash."""
    sandboxed(folder / "sandbox", tell)
    tagged(folder / "tags", tell)
    measured(folder, tell)


def cpu(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that a work takes, and the readers that it starts."""

    def used() -> float:
        ours, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
        return ours.ru_utime + ours.ru_stime + theirs.ru_utime + theirs.ru_stime

    sandbox._leave()  # noqa: SLF001
    before = used()
    work()
    sandbox._leave()  # noqa: SLF001
    return used() - before


def sandboxed(folder: Path, tell: Callable[[str, float, str, float], None]) -> None:
    """Add 1,000 small files, and the same without the sandbox."""
    speech = SPEECH.read_bytes()
    files = folder / "files"
    files.mkdir(parents=True)
    for number in range(1000):
        (files / f"episode {number}.mp3").write_bytes(titled(f"Episode {number}") + speech)
    with without_sandbox():
        floor = min(cpu(lambda: add(folder, files)) for _ in range(2))
    tell("add 1,000 files of 120 kB, parsed in the sandbox", min(cpu(lambda: add(folder, files)) for _ in range(2)), "without it", floor)


def add(folder: Path, files: Path) -> None:
    """Add a folder to a new catalogue."""
    home = folder / uuid.uuid4().hex
    home.mkdir()
    with open_catalogue(f"sqlite:///{home / 'catalogue.db'}", create=True) as catalogue:
        show = Show(slug="majlis", guid=str(uuid.uuid4()), title="Majlis", author="Radio", created=NOW, changed=NOW)
        catalogue.add_show(show)
        for added in add_files(catalogue, Staging(home / "staging"), show, find_files(catalogue, [files]).files, {}, now=NOW, zone=UTC):
            if added.error:
                raise added.error
    shutil.rmtree(home)


@contextmanager
def without_sandbox() -> Iterator[None]:
    def here(function: str, _returns: type, *files: object, **values: object) -> object:
        module, _, name = function.partition(":")
        return getattr(importlib.import_module(f"podcast.ingest.{module}"), name)(*files, **values)

    def in_turn(work: Callable[[object], object], files: list[object]) -> list[object]:
        return [work(file) for file in files]

    with mock.patch.object(media, "run", here), mock.patch.object(artwork, "run", here), mock.patch("podcast.add.in_order", in_turn):
        yield


def titled(title: str) -> bytes:
    from mutagen.id3 import TIT2

    return saved([TIT2(encoding=3, text=title)])


def saved(frames: list[object]) -> bytes:
    """Return an ID3 tag."""
    import io

    from mutagen.id3 import ID3

    tags, out = ID3(), io.BytesIO()
    for frame in frames:
        tags.add(frame)
    tags.save(out)
    return out.getvalue()


def tagged(folder: Path, tell: Callable[[str, float, str, float], None]) -> None:
    """Read 1,000 MP3s with a cover, 12 chapters and a transcript in their tags; beside it, mutagen, and beets where it is installed."""
    import mutagen

    files = rich(folder / "files")
    paths = sorted(files.iterdir())
    alone = min(cpu(lambda: [mutagen.File(path) for path in paths]) for _ in range(3))
    ours = min(cpu(lambda: [read_media(path, path.name) for path in paths]) for _ in range(2))
    tell("measure 1,000 richly tagged MP3s and read their tags", ours, "mutagen alone", alone)
    adding = cpu(lambda: add(folder, files))
    beet = shutil.which("beet")
    if beet:
        environment = os.environ | {"BEETSDIR": str(folder / "beets"), "HOME": str(folder)}
        (folder / "beets").mkdir()
        words = [beet, "import", "-A", "-C", "-W", "-q", str(files)]
        theirs = cpu(lambda: subprocess.run(words, env=environment, check=True, capture_output=True))
        tell("the same", ours, "beets import", theirs)
        tell("add them to a show, copied and hashed", adding, "beets import", theirs)
    else:
        tell("add them to a show, copied and hashed", adding, "mutagen alone", alone)
    again(folder, files, tell)


def rich(files: Path) -> Path:
    from mutagen.id3 import APIC, CHAP, COMM, TALB, TIT2, TPE1, TRCK, USLT

    files.mkdir(parents=True)
    speech = SPEECH.read_bytes()
    sound = speech[speech.index(b"\xff\xf3") :]
    cover = jpeg()
    for number in range(1000):
        frames: list[object] = [
            TIT2(encoding=3, text=f"Episode {number}"),
            TALB(encoding=3, text="Majlis"),
            TPE1(encoding=3, text="Radio"),
            TRCK(encoding=0, text=str(number)),
            COMM(encoding=3, lang="eng", desc="", text="What it is about. " * 100),
            USLT(encoding=3, lang="eng", desc="", text="A word after the other. " * 1400),
            APIC(encoding=0, mime="image/jpeg", type=3, desc="", data=cover),
        ]
        for start in range(12):
            times = {"start_time": start * 1000, "end_time": start * 1000 + 1000}
            frames.append(CHAP(element_id=f"c{start}", **times, sub_frames=[TIT2(encoding=3, text=f"Chapter {start}")]))
        (files / f"{number:04}.mp3").write_bytes(saved(frames) + sound)
    return files


def jpeg() -> bytes:
    """Return a cover of about 250 kB."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise((1400, 1400), 12).convert("RGB").save(out, "JPEG", quality=50)
    return out.getvalue()


def again(folder: Path, files: Path, tell: Callable[[str, float, str, float], None]) -> None:
    """Look through a folder of which nothing has changed; beside it, asking the system of each file."""
    with open_catalogue(f"sqlite:///{folder / 'catalogue.db'}", create=True) as catalogue:
        show = Show(slug="majlis", guid=str(uuid.uuid4()), title="Majlis", author="Radio", created=NOW, changed=NOW)
        catalogue.add_show(show)
        found = find_files(catalogue, [files])
        for _ in add_files(catalogue, Staging(folder / "staging"), show, found.files, {}, now=NOW, zone=UTC):
            pass
        floor = min(cpu(lambda: [path.stat() for path in files.iterdir()]) for _ in range(5))
        second = min(cpu(lambda: find_files(catalogue, [files])) for _ in range(5))
        assert find_files(catalogue, [files]).unchanged == 1000
        tell("look through the 1,000 again, nothing changed", second, "iterdir and stat alone", floor)


def measured(folder: Path, tell: Callable[[str, float, str, float], None]) -> None:
    """Hash MP3s of 33 MB and count their frames; beside it, hashing alone. In one process: what a reader costs, another row says."""
    path = folder / "long.mp3"
    for kind, sound in streams().items():
        path.write_bytes(sound * (33_000_000 // len(sound)))

        def hashed() -> None:
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")

        def counted() -> float:
            with path.open("rb") as file:
                return probe(file).facts.seconds

        floors, boths = zip(*[(used(hashed), used(lambda: (hashed(), counted()))) for _ in range(9)], strict=True)
        tell(f"SHA-256 and exact duration, 33 MB, {counted() / 60:.0f} min, {kind}", min(boths), "SHA-256 alone", min(floors))


def streams() -> dict[str, bytes]:
    """Return frames of silence, to be repeated."""
    dice = random.Random(5)
    mixed = [bytes([0xFF, 0xFB, dice.choice([5, 7, 8, 9, 9, 10, 11, 12]) << 4 | dice.choice([0, 2]), 0x44]) for _ in range(3000)]
    return {
        "constant": frame("fffb9064") + frame("fffb9264") * 48,
        "variable": b"".join(frame(header.hex()) for header in mixed),
        "constant, 32 kbit/s": frame("fff344c4"),
        "variable, about 32 kbit/s": (frame("fff344c4") * 9 + frame("fff354c4") + frame("fff334c4")),
    }


def frame(header: str) -> bytes:
    """Return a frame that begins with this header."""
    facts = parse_header(bytes.fromhex(header))
    assert facts
    return bytes.fromhex(header) + bytes(facts.size - 4)


def used(work: Callable[[], object]) -> float:
    """Return the seconds of CPU that a work takes in this process."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


if __name__ == "__main__":
    sys.exit("Run scripts/bench ingest.")
