"""Chapters of an episode, printed and written for other programs."""

from pathlib import Path

from podcast.formats.chapters import parse
from podcast.model import Chapter

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
