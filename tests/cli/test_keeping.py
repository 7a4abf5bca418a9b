"""gc and verify at the command line: what they say, what they ask, and their exit codes."""

from pathlib import Path

import pytest

from podcast.model import Episode, Show
from podcast.publish import outside
from podcast.site import Site

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


def test_publish_warns_of_a_public_address_that_does_not_answer(podcast: Podcast, speech: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert ["https://pod.example/ majlis ['welcome-to-majlis']"] == asked
    monkeypatch.setenv("PODCAST_PUBLIC_URL", "http://127.0.0.1:8000/")
    podcast("publish", "--yes")
    assert 1 == len(asked)
