"""The way of a producer through the command line, and what each step says."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from .conftest import EPISODES, SPEECH, Podcast


def test_init_makes_a_project_and_says_what_directories_will_miss(podcast: Podcast, tmp_path: Path) -> None:
    ran = podcast("init", "radio", "--title", "Майлис", "--language", "ky")
    assert "radio/podcast.toml" in ran.out
    assert "Directories will ask for: cover, author, email, category" in ran.out
    assert (tmp_path / "radio" / "episodes").is_dir()
    show = podcast("-C", "radio", "show", "view", "--json").json
    assert ("maylis", "Майлис", "ky") == (show["slug"], show["title"], show["language"])


def test_a_project_may_stand_in_a_folder_of_any_name(podcast: Podcast, tmp_path: Path) -> None:
    folder = tmp_path / "Что? #1 %20"
    podcast("init", folder, "--title", "Majlis")
    assert (folder / ".podcast" / "catalogue.db").is_file()
    assert ["majlis"] == [show["slug"] for show in podcast("-C", folder, "show", "list", "--json").json["shows"]]


def test_init_never_overwrites_a_project(podcast: Podcast, project: Path) -> None:
    before = (project / "podcast.toml").read_bytes()
    ran = podcast("init", ".", "--title", "Other", code=1)
    assert "already" in ran.err
    assert before == (project / "podcast.toml").read_bytes()


def test_a_file_becomes_a_draft_and_the_next_step_is_told(podcast: Podcast, speech: Path) -> None:
    ran = podcast("add", speech)
    assert "Added welcome-to-majlis (draft): “Welcome to Majlis”, 0:00:30, MP3 32 kbit/s mono" in ran.out
    assert ran.out.endswith("Next: podcast publish welcome-to-majlis\n")


def test_published_and_seen_in_the_list_and_in_storage(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech)
    ran = podcast("publish", "welcome", "--yes")
    assert "Published welcome-to-majlis: http://127.0.0.1:8000/majlis/welcome-to-majlis/index.html" in ran.out
    assert "revision 1" in ran.out
    episode = podcast("list", "--json").json["episodes"][0]
    assert ("published", 30, "0:00:30") == (episode["status"], episode["duration"], episode["duration_text"])
    assert speech.stat().st_size == episode["enclosure"]["length"]
    stored = project / "public" / "majlis" / "media" / Path(episode["enclosure"]["url"]).name
    assert speech.read_bytes() == stored.read_bytes()
    assert b"Welcome to Majlis" in (project / "public" / "majlis" / "feed.xml").read_bytes()


def test_the_same_file_twice_is_one_episode(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech)
    other = Path(shutil.copy(speech, project / "another name.mp3"))
    assert "another name.mp3 is there already: welcome-to-majlis (draft)" in podcast("add", other).out
    assert 1 == len(podcast("list", "--json").json["episodes"])


def test_a_folder_is_read_once_and_then_only_what_changed(podcast: Podcast, project: Path) -> None:
    folder = project / "episodes"
    shutil.copytree(EPISODES, folder, dirs_exist_ok=True)
    first = podcast("add", folder, "--json").json
    assert {"added"} == {one["result"] for one in first["episodes"]}
    assert 3 == len(first["episodes"])
    assert (0, 3) == ((second := podcast("add", folder, "--json").json)["episodes"].__len__(), second["unchanged"])
    notes = folder / "aral-sea.md"
    notes.write_text("ملاحظات جديدة")
    third = podcast("add", folder, "--json").json
    assert ["updated"] == [one["result"] for one in third["episodes"]]
    assert "ملاحظات جديدة" == podcast("view", "s1e3", "--json").json["notes"].strip()


def test_sidecars_come_along(podcast: Podcast, project: Path) -> None:
    shutil.copytree(EPISODES, project / "episodes", dirs_exist_ok=True)
    podcast("add", project / "episodes")
    kyrgyz = podcast("view", "s1e2", "--json").json
    assert ("Ысык-Көл жана суу", "ky", "2026-11-13T00:00:00Z") == (kyrgyz["title"], kyrgyz["language"], kyrgyz["published"])
    assert ["ky"] == [one["language"] for one in kyrgyz["transcripts"]]
    assert "Айгүл Өмүрбекова" == kyrgyz["persons"][0]["name"]
    assert kyrgyz["slug"].isascii()
    arabic = podcast("view", "s1e3", "--json").json
    assert "عودة الماء إلى بحر آرال" == arabic["title"]


def test_a_flag_beats_the_tags(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech, "--title", "Another Title", "--season", "2", "--number", "5", "--date", "2026-11-01 06:00+06:00")
    episode = podcast("view", "s2e5", "--json").json
    assert ("Another Title", "another-title", "2026-11-01T00:00:00Z") == (episode["title"], episode["slug"], episode["published"])


def test_an_edit_reaches_listeners_with_the_next_publish(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech)
    podcast("publish", "latest", code=3)
    podcast("publish", "welcome", "--yes")
    podcast("edit", "latest", "--title", "A New Title", "--notes", "New notes")
    assert "changed: welcome-to-majlis" in podcast("status").out
    podcast("publish", "--yes")
    feed = (project / "public" / "majlis" / "feed.xml").read_text()
    assert "A New Title" in feed
    assert "Listeners get what the catalogue holds." in podcast("status").out


def test_replace_keeps_the_guid(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech)
    podcast("publish", "welcome", "--yes")
    before = podcast("view", "latest", "--json").json
    podcast("replace", "latest", EPISODES / "aral-sea.opus")
    podcast("publish", "--yes")
    after = podcast("view", "latest", "--json").json
    assert before["guid"] == after["guid"]
    assert ("audio/ogg", 23) == (after["enclosure"]["type"], after["duration"])
    assert after["enclosure"]["url"] in (project / "public" / "majlis" / "feed.xml").read_text()


def test_schedule_unpublish_and_remove(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    assert "Scheduled welcome-to-majlis for 2099-12-01 06:00 UTC." in podcast("schedule", "welcome", "2099-12-01 06:00").out
    assert ["scheduled"] == [one["status"] for one in podcast("list", "--scheduled", "--json").json["episodes"]]
    podcast("unpublish", "welcome")
    podcast("edit", "welcome", "--date", "2026-01-01")
    podcast("publish", "welcome", "--yes")
    podcast("remove", "welcome", "--yes", code=1)
    podcast("unpublish", "welcome", "--yes")
    assert "withdrawn" == podcast("view", "welcome", "--json").json["status"]
    podcast("remove", "welcome", "--yes")
    assert [] == podcast("list", "--json").json["episodes"]


def test_a_dry_run_changes_nothing(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech)
    ran = podcast("publish", "welcome", "--dry-run")
    assert "Would change Majlis" in ran.out
    assert "+ welcome-to-majlis" in ran.out
    document = podcast("publish", "welcome", "--dry-run", "--json").json["shows"][0]
    assert (["welcome-to-majlis"], False) == (document["release"], document["done"])
    assert not (project / "public" / "majlis").exists()
    assert "draft" == podcast("view", "welcome", "--json").json["status"]


def test_publishing_asks_and_without_a_terminal_wants_yes(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    ran = podcast("publish", "welcome", code=2)
    assert "--yes" in ran.err
    assert "draft" == podcast("view", "welcome", "--json").json["status"]


def test_search_finds_in_every_script(podcast: Podcast, project: Path) -> None:
    shutil.copytree(EPISODES, project / "episodes", dirs_exist_ok=True)
    podcast("add", project / "episodes")
    for words, slug in (("көлдүн", "ysyk-kol"), ("آرال", "w"), ("transcript", "welcome")):
        found = podcast("search", words, "--json").json["episodes"]
        assert 1 == len(found), words
        assert found[0]["slug"].startswith(slug) or found[0]["language"] == "ar"


def test_several_shows_stand_side_by_side(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("show", "add", "--title", "Second", "--language", "ar")
    assert "several shows" in podcast("add", speech, code=2).err
    podcast("add", speech, "--show", "second")
    podcast("publish", "welcome", "--yes")
    assert ["majlis", "second"] == sorted(show["slug"] for show in podcast("show", "list", "--json").json["shows"])
    assert (project / "public" / "second" / "feed.xml").exists()


def test_the_feed_command_prints_what_is_published(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech)
    podcast("publish", "welcome", "--yes")
    podcast("feed", "-o", "feed.xml")
    assert (project / "public" / "majlis" / "feed.xml").read_bytes() == Path("feed.xml").read_bytes()


def test_embed_prints_code_that_a_page_can_take(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    podcast("publish", "welcome", "--yes")
    code = podcast("embed", "latest").out
    assert code.startswith("<iframe ")
    assert "http://127.0.0.1:8000/majlis/embed/latest.html" in code


def test_config_shows_what_is_in_force_and_hides_passwords(podcast: Podcast, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "public\n" == podcast("config", "storage.url").out
    monkeypatch.setenv("PODCAST_CATALOGUE_URL", "postgresql://u:geheim@db.example/x")
    ran = podcast("config", "--json")
    assert "geheim" not in ran.out
    assert "postgresql://u:***@db.example/x" == json.loads(ran.out)["catalogue.url"]


def test_the_global_options_stand_before_or_after_the_command(podcast: Podcast, project: Path) -> None:
    assert podcast("--json", "list").out == podcast("list", "--json").out
    assert "" == podcast("status", "-q").out


def test_speech_is_what_the_tests_think_it_is() -> None:
    assert 122_030 == SPEECH.stat().st_size


def test_what_was_edited_stays_when_the_folder_is_read_again(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech.parent)
    podcast("edit", "welcome", "--title", "A Better Title", "--notes", "Long work")
    speech.with_suffix(".toml").write_text("number = 7\n")
    podcast("add", speech.parent)
    episode = podcast("view", "7", "--json").json
    assert ("A Better Title", "Long work") == (episode["title"], episode["notes"])
    speech.with_suffix(".toml").write_text('number = 7\ntitle = "From The Sidecar"\n')
    podcast("add", speech.parent)
    assert "From The Sidecar" == podcast("view", "7", "--json").json["title"]


def test_a_named_file_that_was_read_from_its_folder_is_the_same_episode(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", "episodes")
    shutil.copy(EPISODES / "aral-sea.opus", speech)
    assert ["updated"] == [one["result"] for one in podcast("add", "episodes/welcome.mp3", "--json").json["episodes"]]
    podcast("add", project / "episodes" / "welcome.mp3", "--title", "Z")
    assert ["Z"] == [one["title"] for one in podcast("list", "--json").json["episodes"]]


def test_fields_can_be_emptied(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech, "--season", "2", "--notes", "x", "--cover", EPISODES / "cover.jpg")
    podcast("edit", "welcome", "--clear", "season", "--clear", "notes", "--clear", "cover")
    episode = podcast("view", "welcome", "--json").json
    assert (None, "", None) == (episode["season"], episode["notes"], episode["artwork"])


def test_init_joins_a_catalogue_that_is_there_and_never_removes_it(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech)
    (project / "podcast.toml").unlink()
    podcast("init", ".", "--title", "Majlis")
    assert 1 == len(podcast("list", "--json").json["episodes"])
    (project / "podcast.toml").unlink()
    podcast("init", ".", "--title", "Other", "--slug", "other", "--cover", SPEECH, code=1)
    assert (project / ".podcast" / "catalogue.db").exists()


def test_serving_publishes_what_is_due_and_goes_on_after_a_failure(podcast: Podcast, speech: Path, project: Path) -> None:
    from podcast.cli.desk import Desk
    from podcast.cli.serving import _publisher

    podcast("add", speech)
    podcast("edit", "welcome", "--date", "2020-01-01")
    desk = Desk()
    tick = _publisher(desk)
    tick()
    assert "draft" == podcast("view", "welcome", "--json").json["status"]
    soon = desk.now() + timedelta(seconds=2)
    podcast("schedule", "welcome", soon.isoformat())
    desk.now = lambda: soon  # type: ignore[method-assign]
    (project / "public").rmdir() if (project / "public").exists() else None
    (project / "public").write_text("no folder")
    tick()
    assert "scheduled" == podcast("view", "welcome", "--json").json["status"]
    (project / "public").unlink()
    tick()
    assert "published" == podcast("view", "welcome", "--json").json["status"]


def test_json_is_the_whole_answer_of_every_command_that_changes_something(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    podcast("schedule", "welcome", "2099-01-01", "--json").json  # noqa: B018
    assert {"slug": "welcome-to-majlis", "status": "draft", "dry_run": False} == podcast("unpublish", "welcome", "--json").json
    assert "--yes" in podcast("publish", "welcome", "--json", code=2).err
    podcast("show", "add", "--title", "Second")
    assert {"show": "second", "removed": True} == podcast("show", "remove", "second", "--yes", "--json").json


def test_a_clip_of_an_episode_is_a_file_of_its_own(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech)
    podcast("clip", "welcome", "0:05", "3")
    # The recording has 32 kbit/s, and the clip is made of its frames.
    assert 12_000 < (project / "welcome-to-majlis-clip.mp3").stat().st_size < 14_000
    podcast("clip", "welcome", "0:05", "3", code=2)
    podcast("clip", "welcome", "9:00", "3", code=2)
    podcast("clip", "welcome", "soon", "3", code=2)
