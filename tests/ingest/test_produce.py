"""An interrupted run leaves nothing half made, and never loses the recording."""

# mypy: allow-untyped-calls

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mutagen.aiff import AIFF
from mutagen.id3 import APIC, CHAP, ID3, TLEN, TXXX
from mutagen.wave import WAVE

from podcast.config import Preset
from podcast.ingest.carry import carry
from podcast.ingest.draft import read_audio
from podcast.ingest.gain import shift_mp3
from podcast.ingest.intent import Intent, intend, measure
from podcast.ingest.masters import Master, clear_masters, find_master, keep_master
from podcast.ingest.produce import carry_out
from podcast.ingest.staging import Staging
from podcast.model import Episode

pytestmark = pytest.mark.thorough


@contextmanager
def silently(_label: str, _seconds: int) -> Iterator[Callable[[int], None]]:
    yield lambda _: None


@contextmanager
def interrupted(label: str, _seconds: int) -> Iterator[Callable[[int], None]]:
    """Be a Ctrl-C in the middle of the last encoding."""

    def progress(_: int) -> None:
        if label == "Encoding opus":
            raise KeyboardInterrupt

    yield progress


@pytest.fixture
def episode(cbr: bytes, staging: Staging, tmp_path: Path, now: datetime) -> Episode:
    """Return an episode whose audio is an MP3 that is too loud."""
    path = tmp_path / "loud.mp3"
    with io.BytesIO(cbr) as source, path.open("w+b") as target:
        shift_mp3(source, target, steps=4)
    audio, _ = read_audio(path, staging)
    return Episode(show="majlis", slug="loud", guid="1", title="Loud", audio=audio, created=now, changed=now)


def intention(episode: Episode, preset: Preset, staging: Staging, root: Path) -> Intent:
    return intend(episode, preset, root=root, masters=root / "masters", staging=staging, stages=silently)


def test_a_run_that_is_interrupted_leaves_nothing(episode: Episode, staging: Staging, tmp_path: Path) -> None:
    before = set(staging.root.iterdir())
    intent = intention(episode, Preset(highpass=60, alternates=("opus",)), staging, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        carry_out(intent, masters=tmp_path / "masters", staging=staging, stages=interrupted)
    assert before == set(staging.root.iterdir())
    assert not (tmp_path / "masters").exists()


def test_other_formats_are_made_of_a_recording_that_is_turned_down_without_encoding(
    episode: Episode, staging: Staging, tmp_path: Path
) -> None:
    """They are as loud as it becomes, and are made once, and again where one is missing."""

    def produce(episode: Episode, preset: Preset) -> Episode:
        made = carry_out(intention(episode, preset, staging, tmp_path), masters=tmp_path / "masters", staging=staging, stages=silently)
        return replace(episode, audio=made.audio, renditions=made.renditions)

    both = Preset(alternates=("opus", "aac", "opus"))
    plain = produce(episode, Preset())
    assert not intention(plain, both, staging, tmp_path).is_nothing
    made = produce(plain, both)
    assert plain.audio == made.audio
    assert ["audio/ogg", "audio/x-m4a"] == [one.media_type for one in made.renditions]
    loud = [measure(staging.path(one.sha256), "", 10, "", silently).integrated_lufs or 0 for one in (made.audio, *made.renditions)]
    assert max(loud) - min(loud) < 0.3
    assert intention(made, both, staging, tmp_path).is_nothing
    assert made.renditions[:1] == produce(made, Preset(alternates=("opus",))).renditions
    assert () == produce(made, Preset()).renditions


def test_the_master_is_found_whichever_of_its_results_the_episode_has(episode: Episode, staging: Staging, tmp_path: Path) -> None:
    """The second run is cut off before the catalogue hears of it: the episode keeps what the first one made."""
    intent = intention(episode, Preset(), staging, tmp_path)
    produced = carry_out(intent, masters=tmp_path / "masters", staging=staging, stages=silently)

    made = replace(episode, audio=produced.audio)
    assert carry_out(
        intention(made, Preset(highpass=60), staging, tmp_path), masters=tmp_path / "masters", staging=staging, stages=silently
    )
    staging.path(episode.audio.sha256).unlink()
    master, path, last = find_master(made, tmp_path / "masters", staging)
    assert episode.audio == master.audio
    assert last
    assert last.made == intent.key
    assert episode.audio.length == path.stat().st_size
    # Other audio of the same length is a master of its own.
    other = replace(made, audio=replace(made.audio, sha256=staging.copy(louder(path, tmp_path)).sha256))
    assert (other.audio, None) == (
        find_master(other, tmp_path / "masters", staging)[0].audio,
        find_master(other, tmp_path / "masters", staging)[2],
    )


def test_a_recording_goes_when_no_episode_was_made_of_it_for_a_while(episode: Episode, staging: Staging, tmp_path: Path) -> None:
    folder, day = tmp_path / "masters", timedelta(days=1)
    other = replace(episode, guid="2", audio=replace(episode.audio, sha256="ab" * 32))
    staging.path(other.audio.sha256).write_bytes(b"other")
    for one in (episode, other):
        keep_master(one, Master(audio=one.audio), staging.path(one.audio.sha256), folder)
    first, second = (next(folder.glob(f"{one.audio.sha256}.*")) for one in (episode, other))

    def clear(days: int, *guids: str, dry: bool = False) -> tuple[list[Path], list[Path]]:
        now = datetime(2026, 11, 1, tzinfo=UTC) + days * day
        gone, waiting = clear_masters(folder, guids, now=now, grace=30 * day, dry=dry)
        return [path for path, *_ in gone], [path for path, *_ in waiting]

    assert ([], []) == clear(0, "1", "2")
    assert ([], [second]) == clear(1, "1", dry=True) == clear(2, "1") == clear(31, "1")
    # It is wanted again, and its time begins anew.
    assert ([], []) == clear(40, "1", "2")
    assert ([], [second]) == clear(41, "1")
    assert ([second], []) == clear(72, "1", dry=True) == clear(72, "1")
    assert (True, False, 2) == (first.exists(), second.exists(), len(list(folder.iterdir())))
    # What one is made of cannot be told where its note is damaged.
    next(folder.glob("*.json")).write_text("damaged")
    assert ([], []) == clear(200, "1")
    assert ([], []) == clear(300, "1")


@pytest.mark.parametrize(("kind", "media_type"), [(AIFF, "audio/aiff"), (WAVE, "audio/wav")])
def test_tags_of_a_recording_are_taken_along_with_pictures_of_chapters_but_for_those_of_its_sound(
    kind: type[AIFF | WAVE], media_type: str, aiff: bytes, wav: bytes, cbr: bytes, tmp_path: Path
) -> None:
    source, target = tmp_path / "source", tmp_path / "target.mp3"
    source.write_bytes(aiff if kind is AIFF else wav)
    target.write_bytes(cbr)
    tagged: Any = kind(source)
    tagged.add_tags()
    for frame in (
        TXXX(encoding=3, desc="studio", text="B"),
        TXXX(encoding=3, desc="replaygain_track_gain", text="-9 dB"),
        TLEN(encoding=0, text="99000"),
        *(
            CHAP(name, start, 9000, sub_frames=[APIC(mime="image/png", data=name.encode())])
            for name, start in (("a", 0), ("b", 900), ("c", 4000))
        ),
    ):
        tagged.tags.add(frame)
    tagged.save()
    with source.open("rb") as recording, target.open("r+b") as copy:
        assert carry(recording, copy, media_type=media_type, shift=-1.5, begins=0)
    tags = ID3(target)
    assert ["TXXX:studio", "CHAP:b", "CHAP:c"] == list(tags)
    assert [(0, b"b"), (2500, b"c")] == [(mark.start_time, mark.sub_frames["APIC:"].data) for mark in tags.getall("CHAP")]
    assert target.read_bytes().endswith(cbr)


def louder(path: Path, folder: Path) -> Path:
    with path.open("rb") as source, (folder / "other.mp3").open("w+b") as target:
        shift_mp3(source, target, steps=1)
    return folder / "other.mp3"
