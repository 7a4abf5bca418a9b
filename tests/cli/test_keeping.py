"""gc and verify at the command line: what they say, what they ask, and their exit codes."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from podcast.catalogue import open_catalogue
from podcast.model import Episode, Show
from podcast.publish import outside
from podcast.site import Site
from tests.doctor.conftest import log_in, without
from tests.servers import S3Server

from .conftest import SPEECH, Podcast


@pytest.fixture
def public(podcast: Podcast, speech: Path) -> Path:
    """Publish an episode; return the folder that is the storage."""
    podcast("add", speech)
    podcast("publish", "welcome", "--yes")
    return speech.parents[1] / "public"


def test_verify_says_what_it_looked_at(podcast: Podcast, public: Path) -> None:
    looked = sum(path.is_file() for path in public.rglob("*"))
    assert f"Looked at {looked} files, read 0: 0 faults\n" == podcast("verify").out
    assert f"Looked at {looked} files, read {looked}: 0 faults\n" == podcast("verify", "--read-data").out
    assert {"files": looked, "read": 0, "fixed": False, "faults": []} == podcast("verify", "--json").json


def test_verify_finds_mends_and_leaves_the_rest_to_publish(podcast: Podcast, public: Path) -> None:
    (audio,) = (public / "majlis" / "media").iterdir()
    audio.unlink()
    ran = podcast("verify", code=4)
    assert f"✗ majlis/media/{audio.name} is gone\n" in ran.out
    assert "Next: podcast verify --fix" in ran.out
    assert "Next: podcast publish" in podcast("verify", "--fix", code=4).out
    podcast("publish", "--yes")
    assert audio.read_bytes() == SPEECH.read_bytes()
    podcast("verify", "--read-data")


def test_verify_finds_a_changed_byte_only_where_it_reads(podcast: Podcast, public: Path) -> None:
    (audio,) = (public / "majlis" / "media").iterdir()
    body = audio.read_bytes()
    audio.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
    podcast("verify")
    assert "holds other bytes than were stored" in podcast("verify", "--read-data", code=4).out
    assert "read 0" in podcast("verify", "--read-data", "--max-duration", "0m").out


@pytest.mark.parametrize("words", [("--read-data-subset", "0%"), ("--read-data-subset", "x"), ("--max-duration", "soon")])
def test_verify_refuses_nonsense(podcast: Podcast, project: Path, words: tuple[str, str]) -> None:
    ran = podcast("verify", *words, code=2)
    assert repr(words[1]) in ran.err
    assert "Hint: Write it like" in ran.err


def test_gc_looks_asks_and_removes(podcast: Podcast, public: Path) -> None:
    assert "Removed 0 files (0 bytes) from storage, 0 files (0 bytes) from staging\n" == podcast("gc", "--yes").out
    podcast("unpublish", "welcome", "--yes")
    (audio,) = (public / "majlis" / "media").iterdir()
    ran = podcast("gc", "--yes")
    assert "Unused, and kept for a while: 1 file (" in ran.out
    assert audio.exists()
    ran = podcast("gc", "--older-than", "0d", "--dry-run")
    assert f"  - majlis/media/{audio.name}  " in ran.out
    assert "Would remove 1 file" in ran.out
    assert audio.exists()
    assert "nobody to ask" in podcast("gc", "--older-than", "0d", code=2).err
    ran = podcast("gc", "--older-than", "0d", "--yes", "--json")
    assert [{"key": f"majlis/media/{audio.name}", "length": len(SPEECH.read_bytes())}] == ran.json["gone"]
    assert not audio.exists()
    podcast("publish", "welcome", "--yes")
    assert audio.exists()


@pytest.mark.parametrize("span", ["soon", "30", "-1d", "d", "1000000d", "٣d"])
def test_gc_refuses_a_span_that_is_none(podcast: Podcast, project: Path, span: str) -> None:
    assert "Hint: Write it like 30d or 12h." in podcast("gc", f"--older-than={span}", code=2).err


def test_publish_warns_of_what_directories_refuse_and_of_a_public_address_that_does_not_answer(
    podcast: Podcast, speech: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here somebody else does the asking: what is asked has tests of its own."""
    asked: list[str] = []

    def look(site: Site, show: Show, released: list[Episode]) -> list[str]:
        asked.append(f"{site.base} {show.slug} {[episode.slug for episode in released]}")
        return ["majlis/welcome-to-majlis: The audio is not there [link.dead]"]

    monkeypatch.setattr(outside, "look_outside", look)
    monkeypatch.setenv("PODCAST_PUBLISH_LOOK", "true")
    monkeypatch.setenv("PODCAST_PUBLIC_URL", "https://pod.example/")
    podcast("add", speech)
    ran = podcast("publish", "welcome", "--yes")
    assert "Warning: majlis/welcome-to-majlis: The audio is not there [link.dead]\n" in ran.err
    assert "Warning: majlis: The show has no cover [apple.artwork.missing]\n" in ran.err
    assert ["https://pod.example/ majlis ['welcome-to-majlis']"] == asked
    monkeypatch.setenv("PODCAST_PUBLIC_URL", "http://127.0.0.1:8000/")
    assert "" == podcast("publish", "--yes").err
    assert 1 == len(asked)


def test_a_dry_run_and_a_diff_move_no_schedule(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    podcast("schedule", "welcome", "2090-01-01 06:00")
    # As if the country had changed its clocks since.
    with closing(sqlite3.connect(speech.parents[1] / ".podcast" / "catalogue.db")) as database, database:
        database.execute("UPDATE episodes SET more = json_set(more, '$.wall', '2090-01-01T06:00:00 Asia/Bishkek')")
    before = podcast("view", "welcome", "--json").out
    for words in (["publish", "--dry-run"], ["publish", "-n", "--json"], ["diff"]):
        assert "the clocks of Asia/Bishkek were changed" in podcast(*words).err
        assert before == podcast("view", "welcome", "--json").out
    podcast("publish")
    assert before != podcast("view", "welcome", "--json").out


def test_gc_clears_the_other_shows_where_one_is_busy_and_says_which(podcast: Podcast, public: Path) -> None:
    podcast("show", "add", "--title", "Another", "--author", "Radio", "--email", "a@radio.example", "--category", "News > Politics")
    with open_catalogue(f"sqlite:///{public.parent}/.podcast/catalogue.db") as catalogue:
        catalogue.acquire("publish/majlis", "somebody", now=datetime.now(UTC), ttl=timedelta(minutes=5))
    for words in (["gc", "--yes"], ["gc", "--dry-run"]):
        ran = podcast(*words, code=5)
        assert "from storage" in ran.out
        assert 1 == ran.err.count("Error: majlis is left as it is: ")
    document = podcast("gc", "--yes", "--json", code=5).json
    assert ["majlis"] == [one["show"] for one in document["busy"]]
    assert document["done"]


@pytest.mark.server
@pytest.mark.xdist_group("ministack")
def test_gc_without_the_right_to_list_uploads_says_so_and_is_done(
    podcast: Podcast, project: Path, ministack: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(without(ministack, "s3:ListBucketMultipartUploads"), monkeypatch)
    monkeypatch.setenv("PODCAST_STORAGE_URL", f"s3://{ministack.make_bucket()}")
    monkeypatch.setenv("PODCAST_STORAGE_ENDPOINT", ministack.endpoint)
    ran = podcast("gc", "--yes")
    assert "Removed 0 files" in ran.out
    assert "the right s3:ListBucketMultipartUploads on the bucket" in ran.err
    assert ran.err.startswith("Warning: ")
