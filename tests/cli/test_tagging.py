"""What the catalogue says goes into the audio that listeners get: when it is asked for, and at a release."""

# mypy: allow-untyped-calls

from pathlib import Path

from mutagen.id3 import ID3

from .conftest import Podcast


def published(project: Path) -> Path:
    (found,) = (project / "public" / "majlis" / "media").iterdir()
    return found


def prepared(podcast: Podcast, speech: Path, project: Path) -> bytes:
    """Add an episode with chapters and return its file."""
    (project / "marks.txt").write_text("00:00 Salam\n00:10 News\n")
    podcast("add", speech, "--title", "Welcome", "--number", "7", "--chapters", "marks.txt", "--slug", "welcome")
    return speech.read_bytes()


def test_tag_writes_a_copy_and_leaves_what_is_right_alone(podcast: Podcast, speech: Path, project: Path) -> None:
    master = prepared(podcast, speech, project)
    assert "Tagged welcome" in podcast("tag", "welcome").out
    assert "bit by bit" in podcast("tag", "welcome").out
    assert master == speech.read_bytes()
    podcast("publish", "welcome", "--yes")
    tags = ID3(published(project))
    assert ("Welcome", "Majlis", "7") == (str(tags["TIT2"]), str(tags["TALB"]), str(tags["TRCK"]))
    assert ["Salam", "News"] == [str(mark.sub_frames["TIT2"]) for mark in tags.getall("CHAP")]
    assert "is there already" in podcast("add", speech).out
    moved = speech.rename(speech.with_name("moved.mp3"))
    assert "is there already: welcome" in podcast("add", moved).out


def test_a_release_tags_where_the_project_wants_that_and_only_then(podcast: Podcast, speech: Path, project: Path) -> None:
    master = prepared(podcast, speech, project)
    podcast("publish", "welcome", "--yes")
    assert master == published(project).read_bytes()
    podcast("unpublish", "welcome", "--yes")
    with (project / "podcast.toml").open("a") as file:
        file.write('\n[publish]\ntags = true\nid3 = "2.3"\n')
    podcast("publish", "welcome", "--dry-run")
    before = podcast("view", "welcome", "--json").json["audio"]["sha256"]
    podcast("publish", "welcome", "--yes")
    after = podcast("view", "welcome", "--json").json["audio"]["sha256"]
    assert before != after
    tags = ID3(next(path for path in published_all(project) if after[:12] in path.name))
    assert ("Welcome", 3) == (str(tags["TIT2"]), tags.version[1])


def published_all(project: Path) -> list[Path]:
    return list((project / "public" / "majlis" / "media").iterdir())


def test_a_scheduled_episode_carries_the_date_that_it_will_have(podcast: Podcast, speech: Path, project: Path) -> None:
    prepared(podcast, speech, project)
    with (project / "podcast.toml").open("a") as file:
        file.write("\n[publish]\ntags = true\n")
    podcast("schedule", "welcome", "2096-12-01 06:00")
    staged = project / ".podcast" / "staging" / podcast("view", "welcome", "--json").json["audio"]["sha256"]
    assert "2096-12-01" == str(ID3(staged)["TDRC"])


def test_a_public_episode_is_not_tagged_without_a_yes(podcast: Podcast, speech: Path, project: Path) -> None:
    prepared(podcast, speech, project)
    podcast("publish", "welcome", "--yes")
    podcast("tag", "welcome", "--no-input", code=2)
    assert "Next: podcast publish" in podcast("tag", "welcome", "--yes").out


def test_a_cover_that_is_gone_is_told_of_and_holds_no_release_up(podcast: Podcast, speech: Path, project: Path) -> None:
    master = prepared(podcast, speech, project)
    podcast("show", "cover")
    podcast("publish", "welcome", "--yes")
    podcast("unpublish", "welcome", "--yes")
    (project / ".podcast" / "staging" / podcast("show", "view", "--json").json["artwork"]["sha256"]).unlink()
    assert "The staged cover of welcome is gone" in podcast("tag", "welcome", code=1).err
    with (project / "podcast.toml").open("a") as file:
        file.write("\n[publish]\ntags = true\n")
    assert "goes out with the tags that it has" in podcast("publish", "welcome", "--yes").err
    assert master == published(project).read_bytes()
