"""Ten thousand spoilt files and all that was made to do harm: refused or read, in bounded time and memory, with nothing else touched."""

# mypy: allow-untyped-calls

import base64
import hashlib
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, CHAP, COMM, CTOC, ID3, TALB, TIT2, TPE1, TRCK, WXXX, CTOCFlags
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from podcast.errors import MediaError
from podcast.ingest import sandbox
from podcast.ingest.draft import read_audio
from podcast.ingest.media import Media, read_media
from podcast.ingest.refusal import Refused
from podcast.ingest.sandbox import run
from podcast.ingest.staging import Staging

from . import hostile
from .conftest import picture
from .sound import encode

pytestmark = pytest.mark.thorough

COVER = picture(size=(8, 8))
MUTANTS, MUTANT_PICTURES = 9000, 1200
#: What a process may have had in memory at the most.
LIMIT = 512 << 10


def id3_tags(version: int) -> bytes:
    """Return a tag with one of each frame that is read."""
    tags = ID3()
    inside = [TIT2(encoding=3, text="Мажлис"), WXXX(encoding=0, desc="", url="https://é.example/")]
    tags.add(TIT2(encoding=1, text="Title"))
    tags.add(TALB(encoding=3, text="Show"))
    tags.add(TPE1(encoding=0, text="Somebody"))
    tags.add(TRCK(encoding=0, text="3/7"))
    tags.add(COMM(encoding=2, lang="eng", desc="", text="Notes\nof two lines"))
    tags.add(APIC(encoding=0, mime="image/jpeg", type=3, data=COVER))
    tags.add(CTOC(element_id="toc", flags=CTOCFlags.TOP_LEVEL, child_element_ids=["a", "b"]))
    for number, name in enumerate("ab"):
        tags.add(CHAP(element_id=name, start_time=number * 100, end_time=number * 100 + 100, sub_frames=inside))
    path = Path(tempfile.mkstemp()[1])
    tags.save(path, v2_version=version)
    data = path.read_bytes()
    path.unlink()
    return data


@pytest.fixture(scope="module")
def seeds(folder: Path) -> list[bytes]:
    """Return short files of each kind, with tags, pictures and chapters in them."""

    def sound(codec: str, container: str, **more: object) -> bytes:
        return encode(folder / "seed", codec, container, seconds=0.3, **more)  # type: ignore[arg-type]

    def comments(file: Any) -> None:
        file["title"], file["chapter001"], file["chapter001name"] = "Title", "00:00:00.100", "Мажлис"

    block = Picture()
    block.type, block.data, block.mime = 3, COVER, "image/jpeg"

    def ogg(kind: type[OggOpus | OggVorbis], data: bytes) -> bytes:
        def save(file: Any) -> None:
            tags = kind(file)
            comments(tags)
            tags["metadata_block_picture"] = base64.b64encode(block.write()).decode()
            file.seek(0)
            tags.save(file)

        return hostile.tagged(save, data)

    def flac(file: Any) -> None:
        tags = FLAC(file)
        comments(tags)
        tags.add_picture(block)
        file.seek(0)
        tags.save(file)

    def mp4(file: Any) -> None:
        tags = MP4(file)
        tags["\xa9nam"], tags["covr"], tags["trkn"] = "Title", [MP4Cover(COVER)], [(3, 7)]
        file.seek(0)
        tags.save(file)

    def chunked(kind: type[WAVE | AIFF]) -> object:
        def save(file: Any) -> None:
            tags: Any = kind(file)
            tags.add_tags()
            tags.tags.add(TIT2(encoding=3, text="Title"))
            file.seek(0)
            tags.save(file)

        return save

    def ape(file: Any) -> None:
        tags = APEv2()
        tags["Title"] = "Title"
        file.seek(0)
        tags.save(file)

    mp3 = sound("libmp3lame", "mp3", options={"id3v2_version": "0"})
    mpeg2 = sound("libmp3lame", "mp3", rate=16_000, bitrate=16_000, options={"id3v2_version": "0", "write_xing": "0"})
    m4a = sound("aac", "mp4", options={"movflags": "+faststart"})
    return [
        id3_tags(3) + mp3,
        id3_tags(4) + mp3 + mpeg2,
        hostile.tagged(ape, mpeg2) + b"TAG" + bytes(125),
        hostile.tagged(mp4, m4a),
        hostile.tagged(mp4, sound("aac", "mp4", options={"movflags": "frag_keyframe+empty_moov"})),
        sound("aac", "adts"),
        ogg(OggOpus, sound("libopus", "ogg", rate=48_000)),
        ogg(OggVorbis, sound("vorbis", "ogg", layout="stereo", codec_options={"strict": "-2"})),
        hostile.tagged(flac, sound("flac", "flac", bitrate=None, rate=16_000)),
        hostile.tagged(chunked(WAVE), sound("pcm_s16le", "wav", bitrate=None, rate=8000)),  # type: ignore[arg-type]
        sound("pcm_s16le", "wav", bitrate=None, rate=8000, options={"rf64": "always"}),
        hostile.tagged(chunked(AIFF), sound("pcm_s16be", "aiff", bitrate=None, rate=8000)),  # type: ignore[arg-type]
    ]


@pytest.fixture
def file() -> Iterator["Scratch"]:
    with Scratch() as scratch:
        yield scratch


class Scratch:
    """One file that is one after the other."""

    def __enter__(self) -> Self:
        self.handle = tempfile.TemporaryFile()
        return self

    def __exit__(self, *_: object) -> None:
        self.handle.close()

    def probe(self, data: bytes, hollow: int = 0) -> str:
        """Say what became of it: its type, or why it is refused."""
        self.handle.seek(0)
        self.handle.truncate()
        self.handle.write(data)
        self.handle.flush()
        if hollow:
            self.handle.truncate(hollow)
        try:
            return run("probe:probe", Media, self.handle).facts.media_type
        except Refused as refused:
            return refused.what if refused.hint else "Error: no hint"


def look_at(data: bytes) -> Iterator[str]:
    """Say what becomes of a picture in either place where it is read."""
    for function in ("picture:prepare", "picture:facts"):
        try:
            yield str(run(function, tuple, data=data)[-1])
        except Refused as refused:
            yield refused.what


def child() -> int:
    return sandbox._idle[-1]._process.pid


def most_memory(pid: int) -> int:
    """Return the KiB that a process has had in memory at the most, files that it maps among them."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])


def test_the_seeds_are_good(seeds: list[bytes], file: Scratch) -> None:
    kinds = Counter(file.probe(seed) for seed in seeds)
    assert {"audio/mpeg": 3, "audio/x-m4a": 2, "audio/aac": 1, "audio/ogg": 2, "audio/flac": 1, "audio/wav": 2, "audio/aiff": 1} == kinds


def test_no_spoilt_file_surprises_its_reader(seeds: list[bytes], file: Scratch) -> None:
    chance = random.Random(20)
    file.probe(seeds[0])
    reader, slowest, seen = child(), 0.0, Counter[str]()
    for number in range(MUTANTS):
        seed = seeds[number % len(seeds)]
        data = hostile.mutant(seed, chance.choice(seeds), chance)
        begin = time.process_time()
        what = file.probe(data)
        slowest = max(slowest, time.process_time() - begin)
        assert "Error" not in what, f"mutant {number}: {what}"
        seen[what.partition("/")[0]] += 1
    assert reader == child(), "one of them ended its reader"
    assert most_memory(reader) < LIMIT
    # A test that only ever refuses, or never does, would look at nothing.
    assert MUTANTS // 5 < seen["audio"] < MUTANTS * 19 // 20


def test_no_spoilt_picture_surprises_its_reader() -> None:
    chance = random.Random(21)
    seeds = [
        picture(kind, mode, (9, 9)) for kind, mode in (("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "I;16"))
    ]
    assert ("image/jpeg", 9, 9) == run("picture:facts", tuple, data=seeds[0])
    reader = child()
    for number in range(MUTANT_PICTURES):
        data = hostile.mutant(seeds[number % len(seeds)], chance.choice(seeds), chance)
        for what in look_at(data):
            assert not what.startswith("cannot be read ("), f"mutant {number}: {what}"
    assert reader == child(), "one of them ended its reader"
    assert most_memory(reader) < LIMIT


@pytest.mark.parametrize(("name", "make"), [pytest.param(*one, id=one[0]) for one in hostile.hand_made()])
def test_a_file_that_was_made_to_do_harm_does_none(file: Scratch, name: str, make: object) -> None:
    what = file.probe(make())  # type: ignore[operator]
    if name.startswith(("bomb", "frames")):
        assert "audio/mpeg" == what
    if name.startswith(("playlist:", "playlist behind")):
        assert not what.startswith("audio/")
    if name == "Ogg: a page of all time":
        assert what.startswith("says that it lasts 53,375,995,584 hours")
    assert "Error" not in what
    assert most_memory(child()) < LIMIT


@pytest.mark.parametrize("kind", hostile.HOLLOW)
def test_gigabytes_of_nothing_are_not_read_for_long(file: Scratch, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file.probe(b"")
    monkeypatch.setattr(sandbox, "SECONDS", 1.5)
    reader = sandbox._idle[-1]
    what = file.probe(hostile.HOLLOW[kind], hollow=4_400_000_000)
    assert "Error" not in what
    if reader in sandbox._idle:
        assert most_memory(child()) < LIMIT
    else:
        assert "takes longer to read than any sound file of its size" == what


@pytest.mark.parametrize(("name", "make"), [pytest.param(*one, id=one[0]) for one in hostile.pictures()])
def test_a_picture_that_was_made_to_do_harm_does_none(name: str, make: object) -> None:
    run("picture:facts", tuple, data=COVER)
    reader = child()
    assert [] == [what for what in look_at(make()) if what.startswith("cannot be read (")]  # type: ignore[operator]
    assert reader == child(), "it ended its reader"
    assert most_memory(child()) < LIMIT


def test_a_bomb_in_a_tag_costs_the_tag_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.mp3"
    # Two titles are odd, so that it is mutagen that reads it, in a time that grows with the square.
    path.write_bytes(hostile.id3(hostile.frame(b"TIT2", b"\3Title") * 2 + hostile.frame(b"TXXX", b"\0a\0b") * 200_000) + hostile.silence())
    monkeypatch.setattr("podcast.ingest.sandbox.SECONDS", 1.0)
    media = read_media(path, path.name)
    assert (1, "") == (media.facts.duration, media.tags.title)
    assert ("reading its tags takes longer to read than any sound file of its size: they were not read",) == media.tags.warnings


def test_a_source_is_never_altered(tmp_path: Path, seeds: list[bytes]) -> None:
    chance = random.Random(22)
    staging = Staging(tmp_path / "staging")
    for number in range(120):
        path = tmp_path / "source.mp3"
        data = hostile.mutant(seeds[number % len(seeds)], chance.choice(seeds), chance) if number % 3 else seeds[number % len(seeds)]
        path.write_bytes(data)
        os.utime(path, ns=(1, 2))
        before = path.stat()
        with suppress(MediaError):
            read_audio(path, staging)
        assert hashlib.sha256(data).digest() == hashlib.sha256(path.read_bytes()).digest()
        assert (before.st_mtime_ns, before.st_ino, before.st_mode) == (path.stat().st_mtime_ns, path.stat().st_ino, path.stat().st_mode)
    assert {path.name for path in staging.root.iterdir()} == {
        hashlib.sha256(path.read_bytes()).hexdigest() for path in staging.root.iterdir()
    }


LOOK = """
import os, sys, tempfile
from tests.ingest import hostile
from podcast.ingest import sandbox
from podcast.ingest.refusal import Refused

def probe(data):
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            sandbox.run("probe:probe", object, file)
        except Refused:
            pass

def show(data):
    try:
        sandbox.run("picture:prepare", object, data=data)
    except Refused:
        pass

probe(hostile.wav()), show(hostile.png(1, 1))
print(sandbox._idle[-1]._process.pid, flush=True)
os.path.exists("/here-it-begins")
for name, make in hostile.hand_made():
    if name.startswith(("playlist", "polyglot", "MP4", "WAV")):
        probe(make())
for name, make in hostile.pictures():
    show(make())
"""


def test_no_other_file_is_opened_and_no_connection_made(tmp_path: Path) -> None:
    log = tmp_path / "log"
    traced = "trace=open,openat,openat2,creat,socket,connect,execve,newfstatat,fork,vfork,clone,clone3"
    command = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none", "-e", traced, "-o", str(log), sys.executable, "-c", LOOK]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    reader = done.stdout.strip()
    lines = log.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if "/here-it-begins" in line)
    calls = [line for line in lines[start:] if line.startswith(f"{reader} ")]
    assert [] == [line for line in calls if "= -1" not in line and "newfstatat" not in line]
    assert [] == [line for line in calls if hostile.DECOY in line or "socket(" in line or "connect(" in line]
    assert any("openat(" in line for line in lines[:start] if line.startswith(f"{reader} ")), "strace saw nothing of the reader"
