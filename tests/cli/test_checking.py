"""The linter at the command line: what is checked, what is printed, and the exit code."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podcast.catalogue import open_catalogue
from podcast.check import TABLES
from podcast.model import Chapter
from podcast.server.app import create_app
from podcast.storage import open_storage
from tests.check import feeds
from tests.serving import serving
from tests.web import Web, serve_pages

from .conftest import SPEECH, Podcast


@pytest.fixture
def web() -> Iterator[Web]:
    with serve_pages() as web:
        yield web


def test_check_prints_by_place_counts_and_says_what_to_do(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    ran = podcast("check", "welcome")
    assert ran.out.startswith("majlis/welcome-to-majlis\n")
    assert "notice   There is no transcript: who cannot hear cannot follow  [transcript.missing]\n           podcast edit" in ran.out
    assert "0 errors, 0 warnings" in ran.out


def test_the_show_is_checked_as_its_feed_would_be_with_drafts_and_scheduled_episodes_in_it(podcast: Podcast, speech: Path) -> None:
    assert "spotify.episode.missing" in podcast("check", code=4).out
    podcast("add", speech)
    podcast("schedule", "welcome", "2099-01-01")
    ran = podcast("check", "--json", code=4)
    found = {(finding["where"], finding["rule"]) for finding in ran.json["findings"]}
    assert {("majlis", "apple.artwork.missing"), ("majlis", "link.local"), ("majlis/welcome-to-majlis", "transcript.missing")} <= found
    assert {"majlis", "majlis/welcome-to-majlis"} == {where for where, _ in found}
    assert not {"rss.date.future", "spotify.episode.missing"} & {rule for _, rule in found}
    assert 1 == podcast("check", code=4).out.count("majlis/welcome-to-majlis\n")


def test_anybodys_feed_is_checked_with_the_lines_of_its_items(podcast: Podcast, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(feeds.SOUND)
    assert "0 errors, 0 warnings, 0 notices\nNothing to mend." in podcast("check", "feed.xml").out
    (tmp_path / "feed.xml").write_bytes(feeds.but('length="21000"', 'length="0"'))
    ran = podcast("check", "feed.xml", code=4)
    assert ran.out.startswith("feed.xml, line 33: “Lake”\n  error    The enclosure's length is “0”  [rss.enclosure.length]\n")
    assert "The check found 1 error." in ran.err


def test_of_one_rule_a_few_places_are_printed_and_the_rest_counted(podcast: Podcast, tmp_path: Path) -> None:
    head, _, tail = feeds.SOUND.partition("<item>")
    items = "".join(
        f"<item>{tail.partition('</item>')[0]}</item>".replace(">one<", f">{n}<").replace("kings.mp3", f"{n}.mp3") for n in range(9)
    )
    (tmp_path / "feed.xml").write_text(f"{head}{items}</channel></rss>".replace("<itunes:duration>2092</itunes:duration>", ""))
    ran = podcast("check", "feed.xml")
    assert 5 == ran.out.count("[psp1.duration.missing]")
    assert 1 == ran.out.count("Write itunes:duration in whole seconds")
    assert "psp1.duration.missing: 4 more (--json names all)" in ran.out
    assert 9 == len(podcast("check", "feed.xml", "--json").json["findings"])


def test_an_error_is_exit_code_4_and_counted_in_json(podcast: Podcast, speech: Path, project: Path) -> None:
    (project / "talk.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:20.000\nHello.\n")
    podcast("add", speech, "--transcript", project / "talk.vtt")
    assert 0 == podcast("check", "welcome", "--json").json["errors"]
    for staged in (project / ".podcast" / "staging").iterdir():
        if staged.read_bytes().startswith(b"WEBVTT"):
            staged.unlink()
    ran = podcast("check", "welcome", "--json", code=4)
    assert (1, 0) == (ran.json["errors"], ran.json["warnings"])
    found = next(finding for finding in ran.json["findings"] if finding["level"] == "error")
    assert {"rule", "level", "where", "message", "source", "hint"} == found.keys()
    assert ("transcript.readable", "majlis/welcome-to-majlis") == (found["rule"], found["where"])


def test_fix_mends_what_loses_nothing_and_says_so(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech)
    marks = (Chapter(start=20, title="End"), Chapter(start=0, title=" Start"))
    with open_catalogue(f"sqlite:///{project / '.podcast' / 'catalogue.db'}") as catalogue:
        catalogue.change_episode("majlis", "welcome-to-majlis", datetime.now(UTC), chapters=marks, title="Welcome\u202e  to Majlis")
        catalogue.change_show("majlis", datetime.now(UTC), description="Talk \x07\n")
    assert "[chapters.order]" in podcast("check", "welcome").out
    ran = podcast("check", "--fix", "--json", code=4)
    expected = [{"where": "majlis", "fields": ["description"]}, {"where": "majlis/welcome-to-majlis", "fields": ["title", "chapters"]}]
    assert expected == ran.json["fixed"]
    assert not {"chapters.order", "text.characters"} & {finding["rule"] for finding in ran.json["findings"]}
    episode = podcast("view", "welcome", "--json").json
    assert ("Welcome to Majlis", ["Start", "End"]) == (episode["title"], [chapter["title"] for chapter in episode["chapters"]])
    assert "Talk" == podcast("show", "view", "--json").json["description"]
    assert "Fixed" not in podcast("check", "welcome", "--fix").out
    assert "Files and addresses are never changed" in podcast("check", SPEECH, "--fix", code=2).err


def test_an_audio_file_is_checked_without_a_project(podcast: Podcast, tmp_path: Path) -> None:
    ran = podcast("check", SPEECH, "--json")
    assert {SPEECH.name} == {finding["where"] for finding in ran.json["findings"]}
    (tmp_path / "cut.mp3").write_bytes(SPEECH.read_bytes()[:20_000])
    assert "truncated" in podcast("check", "cut.mp3", code=1).err


def test_a_feed_is_checked_at_its_address_and_so_is_how_it_is_served(podcast: Podcast, web: Web) -> None:
    web.pages["/feed.xml"] = (200, {"Content-Type": "text/html"}, feeds.SOUND.encode())
    ran = podcast("check", web.url("/feed.xml"), "--json", code=4)
    assert ["http.type", "http.validator", "http.cache", "http.https", "psp1.self.other"] == [
        finding["rule"] for finding in ran.json["findings"]
    ]
    assert "answers 404" in podcast("check", web.url("/gone.xml"), code=1).err
    assert "no address of the web" in podcast("check", "ftp://radio.example/feed.xml", code=1).err


@pytest.mark.server
def test_the_files_of_a_published_show_are_asked_for(podcast: Podcast, speech: Path, project: Path) -> None:
    settings = project / "podcast.toml"
    storage = open_storage("public", root=project)
    with serving(lambda base: create_app(storage, base_url=base)) as base:
        settings.write_text(re.sub(r"public_url = .*", f'public_url = "{base}"', settings.read_text()))
        (project / "talk.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:20.000\nHello.\n")
        podcast("add", speech, "--transcript", project / "talk.vtt")
        assert "Asked for 0 of the files" in podcast("check", "welcome", "--links").err
        podcast("publish", "welcome", "--yes")
        ran = podcast("check", "welcome", "--links", "--json")
        assert [] == [finding for finding in ran.json["findings"] if finding["rule"].startswith("link.")]
        assert "Asked for 4 of the files" in ran.err
        audio = next((project / "public" / "majlis" / "media").iterdir())
        audio.unlink()
        (found,) = (finding for finding in podcast("check", "--links", "--json", code=4).json["findings"] if finding["rule"] == "link.dead")
        assert "majlis/welcome-to-majlis" == found["where"]
        assert "link.dead" not in podcast("check", "--json", code=None).out


def test_a_file_that_is_not_there_is_told(podcast: Podcast) -> None:
    assert "no file gone.mp3" in podcast("check", "gone.mp3", code=1).err


def test_help_rules_lists_every_rule(podcast: Podcast) -> None:
    out = podcast("help", "rules").out
    assert [] == [rule.id for table in TABLES for rule in table.rules if f"  {rule.id} ({rule.level}, {rule.source})\n" not in out]
    assert "rules" in podcast("help").out
