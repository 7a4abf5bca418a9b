"""Every row of the table of elements can be set from outside, and stands in the feed afterwards."""

import shutil
import uuid
from pathlib import Path

import pytest
from lxml import etree

from podcast.formats.namespaces import NAMESPACES, RULES

from .conftest import EPISODES, Podcast
from .test_fields import EPISODE_TOML, SHOW_TOML

#: Rows that nobody sets: an episode's author, which Apple reads of the show alone.
UNSET = {("item", "itunes:author")}
#: What the help names in a comment, or shows switched off.
SWITCHED_ON = SHOW_TOML.replace("= false", "= true").replace('new_feed_url = ""', 'new_feed_url = "https://feeds.radio.example/majlis.xml"')
MORE_OF_LIVE = """
season = 1
number = 2
persons = [{name = "Aida"}]
funding = [{url = "https://radio.example/give", text = "Give"}]
license = {name = "cc-by-4.0"}
locations = [{name = "Osh"}]
images = [{href = "https://radio.example/live.jpg"}]
alternates = [{type = "audio/opus", sources = [{uri = "https://live.example/osh.opus"}]}]
value = [{recipients = [{type = "lnaddress", address = "pay@radio.example", split = 1}]}]
social = [{protocol = "disabled"}]
chat = {server = "irc.radio.example", protocol = "irc"}
"""
MORE_OF_VALUE = """
[[value.time_splits]]
start_time = 1
duration = 2
recipients = [{type = "lnaddress", address = "pay@radio.example", split = 1}]
"""
#: Places that are in the table for feeds of others alone: of a live stream there is nothing written, and no cover.
NOT_LIVE = {("podcast:liveItem", name) for name in ("podcast:chapters", "podcast:transcript", "itunes:image")}

TABLE = {(parent, name) for name, rule in RULES.items() if name.startswith(("itunes:", "podcast:")) for parent in rule.parents}


def places(feed: Path) -> set[tuple[str, str]]:
    """Return each element of the two namespaces with that above it, of the whole feed."""
    prefixes = {uri: f"{prefix}:" for prefix, uri in NAMESPACES.items()}

    def name(node: etree._Element) -> str:
        tag = etree.QName(node)
        return prefixes.get(tag.namespace or "", "") + tag.localname

    nodes = (node for node in etree.parse(feed).getroot().iter("*") if etree.QName(node).namespace in prefixes)
    return {(name(above), name(node)) for node in nodes if (above := node.getparent()) is not None}


@pytest.fixture
def beside(project: Path, speech: Path) -> Path:
    """Put a cover, chapters and a transcript beside the speech; return where its sidecar would stand."""
    shutil.copy(EPISODES / "cover.jpg", project / "cover.jpg")
    shutil.copy(EPISODES / "cover.jpg", speech.with_suffix(".jpg"))
    speech.with_suffix(".chapters.txt").write_text("00:00:00 Start\n00:00:10 More\n")
    speech.with_suffix(".vtt").write_text("WEBVTT\n\n00:00.000 --> 00:05.000\nWelcome to Majlis.\n")
    return speech.with_suffix(".toml")


@pytest.mark.parametrize("way", ["sidecar", "edit"])
def test_every_element_in_force_can_be_set_and_stands_in_the_feed(
    podcast: Podcast, project: Path, speech: Path, beside: Path, way: str
) -> None:
    podcast("show", "add", "--title", "Майлис", "--slug", "majlis-ky", "--language", "en")
    (project / "show.toml").write_text(SWITCHED_ON + MORE_OF_LIVE)
    podcast("show", "edit", "majlis", "--from", "show.toml")
    beside.write_text('slug = "welcome"\n' + EPISODE_TOML.replace("block = false", "block = true") + MORE_OF_VALUE)
    if way == "edit":
        (project / "later.toml").write_text(beside.read_text())
        beside.unlink()
    podcast("--show", "majlis", "add", speech)
    if way == "edit":
        podcast("--show", "majlis", "edit", "welcome", "--from", "later.toml")
    podcast("--show", "majlis", "publish", "welcome", "--yes")
    assert TABLE - UNSET - NOT_LIVE == places(project / "public" / "majlis" / "feed.xml")


def test_the_flags_of_an_episode_reach_the_feed(podcast: Podcast, project: Path, speech: Path) -> None:
    podcast("add", speech)
    podcast(
        *("edit", "welcome", "--season", "2", "--season-name", "The Silk Road", "--number", "4", "--number-display", "3½"),
        *("--short-title", "Welcome", "--person", "Ali:guest", "--funding", "https://radio.example/give Give", "--license", "cc-by-4.0"),
        *("--location", "Osh", "--location", "Bishkek", "--txt", "ai-content=false", "--block"),
    )
    podcast("publish", "welcome", "--yes")
    item = etree.parse(project / "public" / "majlis" / "feed.xml").getroot()[0].find("item")
    assert item is not None
    found = [(tag, node.text, dict(node.attrib)) for tag in WITH_FLAGS for node in item.findall(tag, NAMESPACES)]
    assert [
        ("itunes:title", "Welcome", {}),
        ("itunes:season", "2", {}),
        ("podcast:season", "2", {"name": "The Silk Road"}),
        ("itunes:episode", "4", {}),
        ("podcast:episode", "4", {"display": "3½"}),
        ("podcast:person", "Ali", {"role": "guest", "group": "cast"}),
        ("podcast:funding", "Give", {"url": "https://radio.example/give"}),
        ("podcast:license", "cc-by-4.0", {}),
        ("podcast:location", "Osh", {}),
        ("podcast:location", "Bishkek", {}),
        ("podcast:txt", "false", {"purpose": "ai-content"}),
        ("itunes:block", "Yes", {}),
    ] == found
    clear = ("season-name", "number-display", "short-title", "person", "funding", "license", "location", "txt")
    podcast("edit", "welcome", "--no-block", *(word for name in clear for word in ("--clear", name)))
    podcast("publish", "--yes")
    item = etree.parse(project / "public" / "majlis" / "feed.xml").getroot()[0].find("item")
    assert item is not None
    left = [(tag, node.text, dict(node.attrib)) for tag in WITH_FLAGS for node in item.findall(tag, NAMESPACES)]
    assert [("itunes:season", "2", {}), ("podcast:season", "2", {}), ("itunes:episode", "4", {}), ("podcast:episode", "4", {})] == left


WITH_FLAGS = (
    *("itunes:title", "itunes:season", "podcast:season", "itunes:episode", "podcast:episode", "podcast:person", "podcast:funding"),
    *("podcast:license", "podcast:location", "podcast:txt", "itunes:block"),
)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--number-display", "3½"], "number_display stands beside a number in the feed, and welcome-to-majlis has none."),
        (["--season-name", "Silk Road"], "season_name stands beside a season in the feed, and welcome-to-majlis has none."),
        (["--number", "3", "--number-display", "x" * 33], "podcast:episode: display is longer than 32 characters."),
        (["--season", "3", "--season-name", "x" * 129], "podcast:season: name is longer than 128 characters."),
        (["--short-title", "x" * 256], "itunes:title: its text is longer than 255 characters."),
        (["--person", "Ali:presenter"], "'presenter' is no role of the Podcasting 2.0 taxonomy."),
        (["--txt", "x" * 4001], "podcast:txt: its text is longer than 4000 characters."),
    ],
)
def test_a_wrong_flag_of_an_episode_is_refused_and_changes_nothing(podcast: Podcast, speech: Path, flags: list[str], message: str) -> None:
    podcast("add", speech)
    before = podcast("view", "welcome", "--json").out
    assert message in podcast("edit", "welcome", "--title", "New", *flags, code=2).err
    assert before == podcast("view", "welcome", "--json").out


def test_a_text_of_a_sidecar_that_is_too_long_is_refused_with_its_line(podcast: Podcast, speech: Path) -> None:
    speech.with_suffix(".toml").write_text(f'number = 4\nnumber_display = "{"x" * 33}"\n')
    assert "welcome.toml, line 2: `number_display`: podcast:episode: display is longer" in podcast("add", speech, code=1).err


def test_the_guid_of_a_show_stays_when_its_feed_moves(podcast: Podcast, tmp_path: Path) -> None:
    podcast("init", ".", "--title", "Majlis", "--public-url", "https://old.radio.example/")
    guid = podcast("show", "view", "--json").json["guid"]
    assert str(uuid.uuid5(uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6"), "old.radio.example/majlis/feed.xml")) == guid
    settings = tmp_path / "podcast.toml"
    settings.write_text(settings.read_text().replace("old.radio.example", "new.radio.example"))
    moved = podcast("show", "view", "--json").json
    assert ("https://new.radio.example/majlis/feed.xml", guid) == (moved["feed"], moved["guid"])
    assert f"<podcast:guid>{guid}</podcast:guid>" in podcast("feed").out


@pytest.mark.parametrize("medium", ["publisher", "musicL"])
def test_a_list_of_feeds_is_published_by_its_own_name_without_an_episode(podcast: Podcast, project: Path, medium: str) -> None:
    podcast("show", "add", "--title", "All of ours", "--slug", "all-of-ours")
    guid = "29cdca4a-32d8-56ba-b48b-09a011c5daa9"
    (project / "list.toml").write_text(f'medium = "{medium}"\n[[remote_items]]\nfeed_guid = "{guid}"\n')
    podcast("show", "edit", "all-of-ours", "--from", "list.toml")
    podcast("publish", "--yes")
    podcast("--show", "majlis", "publish", "--yes")
    assert not list((project / "public").glob("*/feed.xml"))
    podcast("--show", "all-of-ours", "publish", "--yes")
    channel = etree.parse(project / "public" / "all-of-ours" / "feed.xml").getroot()[0]
    assert (medium, [guid], None) == (
        channel.findtext("podcast:medium", namespaces=NAMESPACES),
        [node.get("feedGuid") for node in channel.findall("podcast:remoteItem", NAMESPACES)],
        channel.find("item"),
    )
    assert "Nothing to publish" in podcast("publish", "--yes").out
