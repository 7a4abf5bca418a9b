"""Bad input ends in one clear message with a hint and the documented exit code, and loses nothing."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podcast.catalogue import open_catalogue

from .conftest import EPISODES, SPEECH, Podcast, Ran

pytestmark = pytest.mark.thorough


def refused(ran: Ran) -> None:
    lines = ran.err.strip().splitlines()
    assert lines[0].startswith("Error: ")
    assert lines[1].startswith("Hint: ")
    assert 2 == len(lines), ran.err


def state(project: Path) -> dict[str, bytes]:
    """Return everything that the project holds, but for the staging of files that never became an episode."""
    return {str(path): path.read_bytes() for path in sorted(project.rglob("*")) if path.is_file() and "staging" not in path.parts}


BAD_FILES: dict[str, Callable[[Path], object]] = {
    "text": lambda path: path.write_text("not audio at all " * 100),
    "empty": lambda path: path.write_bytes(b""),
    "fifo": os.mkfifo,
    "missing": Path.exists,
    "playlist": lambda path: path.write_text("#EXTM3U\n#EXTINF:10,\n/etc/passwd\n"),
    "concat": lambda path: path.write_text("ffconcat version 1.0\nfile /etc/passwd\n"),
    "picture": lambda path: shutil.copy(EPISODES / "cover.jpg", path),
    "web page": lambda path: path.write_text("<!DOCTYPE html><html><body>404</body></html>"),
    "tag only": lambda path: path.write_bytes(b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10)),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_is_no_audio_is_refused_and_nothing_changes(podcast: Podcast, project: Path, kind: str) -> None:
    before = state(project)
    path = project / "bad.mp3"
    BAD_FILES[kind](path)
    ran = podcast("add", path, code=1)
    refused(ran)
    assert "bad.mp3" in ran.err
    if path.is_file():
        path.unlink()
    assert before == state(project)


def test_one_bad_file_in_a_folder_does_not_stop_the_others(podcast: Podcast, project: Path) -> None:
    shutil.copy(SPEECH, project / "episodes" / "good.mp3")
    (project / "episodes" / "bad.mp3").write_text("no audio")
    ran = podcast("add", project / "episodes", code=1)
    assert "Added welcome-to-majlis" in ran.out
    assert "Error: bad.mp3" in ran.err


@pytest.mark.parametrize(
    "name",
    [b"a\nb.mp3", b"-rf.mp3", b"\xff\xfe\xd0.mp3", b"$(touch x).mp3", b"\xd2\xa2\xd3\xa9 \xd2\xaf.mp3", b"%s" % (b"x" * 251 + b".mp3")],
)
def test_a_good_file_with_an_odd_name_is_added_under_a_clean_title(podcast: Podcast, project: Path, name: bytes) -> None:
    path = project / os.fsdecode(name)
    _without_tags(path)
    podcast("add", "--", path)
    episode = podcast("list", "--json").json["episodes"][0]
    assert episode["slug"].isascii()
    assert episode["slug"]
    assert episode["title"].isprintable()
    assert episode["title"].strip()


def _without_tags(path: Path) -> None:
    """Write the speech without its ID3 tag."""
    data = SPEECH.read_bytes()
    size = sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    path.write_bytes(data[10 + size :])


def test_a_truncated_file_says_what_it_promised_and_what_it_holds(podcast: Podcast, project: Path) -> None:
    path = project / "cut.mp3"
    path.write_bytes(SPEECH.read_bytes()[:60_000])
    ran = podcast("add", path, code=1)
    refused(ran)
    assert "0:00:30" in ran.err
    assert [] == podcast("list", "--json").json["episodes"]


def test_a_cover_that_is_no_picture_is_refused(podcast: Podcast, speech: Path, project: Path) -> None:
    cover = project / "cover.jpg"
    cover.write_text("no picture")
    refused(podcast("add", speech, "--cover", cover, code=1))
    refused(podcast("show", "edit", "--cover", cover, code=1))
    assert [] == podcast("list", "--json").json["episodes"]


def test_a_second_show_of_the_same_slug_is_refused(podcast: Podcast, project: Path) -> None:
    refused(podcast("show", "add", "--title", "Majlis", code=1))
    assert 1 == len(podcast("show", "list", "--json").json["shows"])


def test_no_project_here(podcast: Podcast) -> None:
    refused(podcast("list", code=2))


def test_a_bad_date(podcast: Podcast, speech: Path) -> None:
    refused(podcast("add", speech, "--date", "31.12.2026", code=2))
    podcast("add", speech)
    refused(podcast("schedule", "welcome", "tomorrow-ish", code=2))
    refused(podcast("schedule", "welcome", "2001-01-01", code=2))
    refused(podcast("edit", "welcome", "--date", "9999-99-99", code=2))


def test_a_wall_time_that_the_clock_skips(podcast: Podcast, speech: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODCAST_TIME_ZONE", "Europe/Prague")
    podcast("add", speech)
    ran = podcast("schedule", "welcome", "2099-03-29 02:30", code=2)
    refused(ran)
    assert "03:30" in ran.err


def test_an_unknown_key_in_the_configuration(podcast: Podcast, project: Path) -> None:
    (project / "podcast.toml").write_text('publik_url = "x"\n')
    ran = podcast("list", code=2)
    refused(ran)
    assert "line 1" in ran.err
    assert "public_url" in ran.err


def test_an_unknown_key_in_a_sidecar(podcast: Podcast, speech: Path) -> None:
    speech.with_suffix(".toml").write_text('title = "x"\ntilte = "y"\n')
    ran = podcast("add", speech, code=None)
    refused(ran)
    assert ran.code in (1, 2)
    assert "line 2" in ran.err


def test_an_episode_that_is_not_there(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    refused(podcast("view", "nothing", code=3))
    refused(podcast("publish", "latest", code=3))
    refused(podcast("list", "--show", "nothing", code=3))


def test_a_catalogue_from_a_newer_version_is_left_alone(podcast: Podcast, project: Path) -> None:
    path = project / ".podcast" / "catalogue.db"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE catalogue_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    refused(podcast("list", code=1))
    assert before == path.read_bytes()


def test_a_file_that_is_no_catalogue(podcast: Podcast, project: Path) -> None:
    (project / ".podcast" / "catalogue.db").write_text("this is no database, but a text of some length " * 40)
    refused(podcast("list", code=1))


@pytest.mark.usefixtures("no_pauses")
def test_an_unreachable_bucket_is_temporary_and_leaves_the_draft(podcast: Podcast, speech: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    podcast("add", speech)
    monkeypatch.setenv("PODCAST_STORAGE_URL", "s3://bucket")
    monkeypatch.setenv("PODCAST_STORAGE_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "geheim")
    ran = podcast("publish", "welcome", "--yes", code=5)
    refused(ran)
    assert "geheim" not in ran.err
    assert "draft" == podcast("view", "welcome", "--json").json["status"]


def test_a_folder_that_cannot_be_written(podcast: Podcast, speech: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    podcast("add", speech)
    (project / "taken").write_text("a file, where the folder should be")
    monkeypatch.setenv("PODCAST_STORAGE_URL", "taken")
    refused(podcast("publish", "welcome", "--yes", code=1))
    assert "draft" == podcast("view", "welcome", "--json").json["status"]


@pytest.mark.parametrize(
    "words",
    [
        ["publish", "--bogus"],
        ["nonsense"],
        ["add"],
        ["schedule", "x"],
        ["show", "edit"],
        ["serve", "--port", "99999"],
        ["serve", "--publish-every", "soon"],
    ],
)
def test_words_that_make_no_sense_exit_with_2(podcast: Podcast, project: Path, words: list[str]) -> None:
    assert podcast(*words, code=2).err.startswith("Error: ")


def test_errors_come_as_json_where_json_was_asked_for(podcast: Podcast) -> None:
    import json

    error = json.loads(podcast("list", "--json", code=2).err)["error"]
    assert {"code", "message", "hint"} == set(error)
    assert "config" == error["code"]


def test_escape_sequences_in_a_title_never_reach_the_terminal(podcast: Podcast, speech: Path) -> None:
    ran = podcast("add", speech, "--title", "Evil \x1b]0;owned\x07 \u202etitle")
    assert not {"\x1b", "\x07", "\u202e"} & set(ran.out + ran.err)
    ran = podcast("view", "\x1b[2J", code=3)
    assert "\x1b" not in ran.err


def test_two_transcripts_in_one_language_are_refused(podcast: Podcast, speech: Path) -> None:
    for name in ("welcome.vtt", "welcome.en.vtt"):
        shutil.copy(EPISODES / "s01e01-welcome-to-majlis.vtt", speech.with_name(name))
    ran = podcast("add", speech, code=1)
    refused(ran)
    assert "welcome.vtt" in ran.err
    assert "welcome.en.vtt" in ran.err


def test_a_date_at_the_edge_of_time(podcast: Podcast, speech: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODCAST_TIME_ZONE", "Asia/Bishkek")
    podcast("add", speech)
    refused(podcast("schedule", "welcome", "0001-01-01", code=2))


def test_a_password_is_not_repeated(podcast: Podcast, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODCAST_CATALOGUE_URL", "postgresql:///x?host=h&user=u&password=geheim")
    assert "geheim" not in podcast("config").out
    monkeypatch.setenv("PODCAST_PUBLIC_URL", "https://u:geheim@x.example/")
    assert "geheim" not in podcast("config", code=2).err


def test_a_transcript_given_as_audio_by_mistake_stays_in_staging(podcast: Podcast, speech: Path, project: Path) -> None:
    vtt = speech.with_suffix(".vtt")
    shutil.copy(EPISODES / "s01e01-welcome-to-majlis.vtt", vtt)
    podcast("add", speech)
    staged = project / ".podcast" / "staging" / podcast("view", "welcome", "--json").json["transcripts"][0]["sha256"]
    normal = project / "normal.vtt"
    normal.write_bytes(staged.read_bytes())
    podcast("add", normal, code=1)
    assert staged.exists()


def test_a_number_never_means_an_episode_whose_slug_only_begins_with_it(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech, "--slug", "1234")
    refused(podcast("remove", "1", "--yes", code=3))
    assert "1234" == podcast("view", "1234", "--json").json["slug"]


@pytest.mark.parametrize("url", [".", "", "episodes", ".podcast"])
def test_the_project_itself_is_no_storage(podcast: Podcast, speech: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    podcast("add", speech)
    monkeypatch.setenv("PODCAST_STORAGE_URL", url)
    refused(podcast("publish", "welcome", "--yes", code=2))


def test_a_public_episode_gets_no_date_ahead(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    podcast("publish", "welcome", "--yes")
    refused(podcast("edit", "welcome", "--date", "2099-01-01", code=2))


def test_a_cover_that_directories_will_refuse_is_told_of(podcast: Podcast, speech: Path, project: Path) -> None:
    from PIL import Image

    Image.new("RGB", (100, 90), (10, 20, 30)).save(project / "small.png")
    podcast("add", speech)
    for words in (["edit", "welcome"], ["show", "edit"]):
        assert "Apple wants 1400 to 3000" in podcast(*words, "--cover", project / "small.png").err


def test_a_text_of_a_show_that_directories_would_cut_is_refused(podcast: Podcast, project: Path) -> None:
    before = podcast("show", "view", "--json").out
    assert "The description has 4,002 bytes, and may have 4,000." in podcast("show", "edit", "--description", "ң" * 2001, code=2).err
    assert "The title has 256 characters, and may have 255." in podcast("show", "edit", "--title", "ң" * 256, code=2).err
    assert before == podcast("show", "view", "--json").out
    podcast("show", "edit", "--description", "ң" * 2000, "--title", "ң" * 255)


def test_a_show_on_this_machine_alone_has_a_guid_of_its_own(podcast: Podcast, tmp_path: Path) -> None:
    guids = set()
    for name in ("a", "b"):
        podcast("init", name, "--title", "Majlis")
        guids.add(podcast("-C", name, "show", "view", "--json").json["guid"])
    assert 2 == len(guids)


def test_output_that_nobody_can_take_is_told(podcast: Podcast, project: Path) -> None:
    ran = subprocess.run(f"{sys.executable} -m podcast show view > /dev/full", shell=True, capture_output=True, text=True, cwd=project)
    assert (1, "Error: The system refuses") == (ran.returncode, ran.stderr[:25])


def test_a_time_that_comes_twice_or_never_is_refused(podcast: Podcast, speech: Path) -> None:
    (speech.parents[1] / "podcast.toml").write_text('time_zone = "Europe/Prague"\n')
    podcast("add", speech)
    never = podcast("schedule", "welcome", "2027-03-28 02:30", code=2)
    assert "does not exist in Europe/Prague" in never.err
    assert "Hint: Write 2027-03-28 03:30." in never.err
    twice = podcast("schedule", "welcome", "2027-10-31 02:30", code=2)
    assert "comes twice in Europe/Prague" in twice.err
    assert "Hint: Write 2027-10-31T02:30:00+02:00 or 2027-10-31T02:30:00+01:00." in twice.err
    for offset in ("+02:00", "+01:00"):
        assert "2027-10-31 02:30" in podcast("schedule", "welcome", f"2027-10-31T02:30:00{offset}").out


def test_a_schedule_keeps_the_wall_time(podcast: Podcast, speech: Path) -> None:
    (speech.parents[1] / "podcast.toml").write_text('time_zone = "Europe/Prague"\n')
    podcast("add", speech)
    podcast("schedule", "welcome", "2027-07-01 06:00")
    with open_catalogue("sqlite:///.podcast/catalogue.db") as catalogue:
        kept = catalogue.episode("majlis", "welcome-to-majlis")
        assert "2027-07-01T06:00:00 Europe/Prague" == kept.wall
        assert kept.published == datetime(2027, 7, 1, 4, 0, tzinfo=UTC)
