"""Chapters and transcripts of an episode, printed and written for other programs; transcripts by a command."""

import sys
from pathlib import Path

import pytest

from podcast.formats.chapters import parse
from podcast.model import Chapter
from tests.web import serve_pages

from .conftest import Podcast

MARKS = (Chapter(start=0, title="Salam"), Chapter(start=10.5, title="Кабарлар"))


def test_chapters_come_from_the_notes_and_go_out_in_each_form(podcast: Podcast, speech: Path, project: Path) -> None:
    speech.with_suffix(".md").write_text("A talk.\n\n0:00 Salam\n0:10.5 Кабарлар\n0:20 End\n")
    podcast("add", speech, "--slug", "welcome")
    marks = (*MARKS, Chapter(start=20, title="End"))
    assert "00:00:00.000 Salam\n00:00:10.500 Кабарлар\n00:00:20.000 End\n" == podcast("chapters", "welcome").out
    assert 10.5 == podcast("chapters", "welcome", "--json").json["chapters"][1]["startTime"]
    for ending in ("json", "psc", "txt"):
        podcast("chapters", "welcome", "-o", f"marks.{ending}")
        assert marks == parse((project / f"marks.{ending}").read_bytes())
    podcast("chapters", "welcome", "-o", "marks.psc", code=2)
    podcast("chapters", "welcome", "-o", "marks.doc", code=2)


def test_a_cue_sheet_beside_the_audio_beats_the_notes(podcast: Podcast, speech: Path, project: Path) -> None:
    speech.with_suffix(".md").write_text("0:00 A\n0:10 B\n0:20 C\n")
    speech.with_suffix(".cue").write_text('TRACK 01 AUDIO\n TITLE "Salam"\n INDEX 01 00:00:00\n')
    podcast("add", speech, "--slug", "welcome")
    assert "00:00:00.000 Salam\n" == podcast("chapters", "welcome").out
    podcast("edit", "welcome", "--clear", "chapters")
    assert "has no chapters" in podcast("chapters", "welcome", code=None).err


VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Аида>Салам\n\n00:05.000 --> 00:04.000\nСо\n"


def test_a_transcript_goes_out_in_each_form_and_wrong_times_are_told_of(podcast: Podcast, speech: Path, project: Path) -> None:
    speech.with_suffix(".ky.vtt").write_text(VTT)
    assert "end before they begin" in podcast("add", speech, "--slug", "welcome").err
    assert "Аида: Салам" in podcast("transcript", "welcome", "--language", "ky").out
    for ending in ("vtt", "srt", "json", "txt"):
        podcast("transcript", "welcome", "-o", f"words.{ending}")
        assert "Салам" in (project / f"words.{ending}").read_text()
    assert "no transcript in fr" in podcast("transcript", "welcome", "--language", "fr", code=None).err
    assert "transcript.moment" in podcast("check", "welcome", "--json", code=None).out
    assert "no times" in podcast("edit", "welcome", "--transcript", "words.txt").err
    staged = podcast("view", "welcome", "--json").json["transcripts"][0]["sha256"]
    (project / ".podcast" / "staging" / staged).unlink()
    assert "The staged transcript of welcome is gone" in podcast("transcript", "welcome", code=1).err


def test_a_command_writes_a_missing_transcript_and_never_another(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech, "--slug", "welcome", "--language", "ky")
    assert "[transcribe]" in podcast("transcribe", "welcome", code=None).err
    listener = project / "listen.py"
    listener.write_text(
        "import os, sys\nassert open(sys.argv[2], 'rb').read(3) and sys.argv[2].endswith('.mp3') and 'PODCAST_X' not in os.environ\n"
        "print('WEBVTT\\n\\n00:01.000 --> 00:02.000\\n' + os.environ['PODCAST_LANGUAGE'] + sys.argv[1])\n"
    )
    with (project / "podcast.toml").open("a") as file:
        file.write(f"\n[transcribe]\ncommand = \"{sys.executable} listen.py 'a b'\"\n")
    assert "Transcribed welcome (ky)" in podcast("transcribe", "welcome").out
    assert "kya b\n" == podcast("transcript", "welcome").out
    assert "already" in podcast("transcribe", "welcome").out


def test_a_service_writes_a_missing_transcript(podcast: Podcast, speech: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    podcast("add", speech, "--slug", "welcome", "--language", "ky")
    monkeypatch.setenv("PODCAST_TRANSCRIBE_KEY", "sk-canary-of-a-service")
    with serve_pages() as web:
        monkeypatch.setenv("PODCAST_TRANSCRIBE_URL", web.url("/v1"))
        said = podcast("transcribe", "welcome", code=1).err
        assert "has no /audio/transcriptions" in said
        assert "canary" not in said
        web.pages["/v1/audio/transcriptions"] = (200, {}, b"WEBVTT\n\n00:01.000 --> 00:02.000\nSalam\n")
        assert "Transcribed welcome (ky)" in podcast("transcribe", "welcome").out
    assert "Salam\n" == podcast("transcript", "welcome").out
    with (project / "podcast.toml").open("a") as file:
        file.write('\n[transcribe]\ncommand = "true"\n')
    assert "a command and a url" in podcast("list", code=None).err


@pytest.mark.parametrize(
    ("code", "told"), [("sys.exit('no model')", "failed with 1: no model"), ("print()", "neither"), ("0/0", "ZeroDivision")]
)
def test_a_command_that_fails_leaves_the_episode_as_it_is(podcast: Podcast, speech: Path, project: Path, code: str, told: str) -> None:
    podcast("add", speech, "--slug", "welcome")
    (project / "listen.py").write_text(f"import sys\n{code}\n")
    with (project / "podcast.toml").open("a") as file:
        file.write(f'\n[transcribe]\ncommand = "{sys.executable} listen.py"\n')
    assert told in podcast("transcribe", "welcome", code=1).err
    assert [] == podcast("view", "welcome", "--json").json["transcripts"]
