"""Every field of a show and an episode can be set, by a file or by a flag, and what is wrong in it is told."""

import shutil
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree

from podcast.formats.namespaces import NAMESPACES
from podcast.ingest.fields import EpisodeFields, ShowFields
from podcast.model import Episode, Show

from .conftest import EPISODES, Podcast

pytestmark = pytest.mark.thorough

HEAD, OF_BOTH, OF_SHOWS, OF_EPISODES = (
    (files("podcast.cli") / "topics" / "fields.txt").read_text(encoding="utf-8").replace("\n# Of ", "\0# Of ").split("\0")
)


def with_both(part: str) -> str:
    """Return a part of the help as a file with what shows and episodes share: keys of TOML stand before its tables."""
    at = part.index("[[")
    return part[:at] + OF_BOTH + part[at:]


SHOW_TOML = with_both(OF_SHOWS)
#: With soundbites that fit into half a minute.
EPISODE_TOML = with_both(OF_EPISODES).replace("= 73", "= 1").replace("= 60\n", "= 15\n")


def elements(feed: Path, path: str) -> list[tuple[str | None, dict[str, str]]]:
    return [
        (found.text, {str(name): str(value) for name, value in found.attrib.items()})
        for found in etree.parse(feed).getroot()[0].findall(path, NAMESPACES)
    ]


@pytest.fixture
def feed(podcast: Podcast, speech: Path, project: Path) -> Path:
    podcast("add", speech)
    podcast("publish", "welcome", "--yes")
    return project / "public" / "majlis" / "feed.xml"


def test_the_help_on_fields_is_a_file_that_sets_every_field_of_a_show(podcast: Podcast, project: Path) -> None:
    shutil.copy(EPISODES / "cover.jpg", project / "cover.jpg")
    (project / "show.toml").write_text(SHOW_TOML)
    podcast("show", "add", "--title", "Majlis", "--slug", "majlis-ky", "--language", "en")
    podcast("show", "edit", "majlis", "--from", "show.toml")
    show = podcast("show", "view", "majlis", "--json").json
    assert {field.name for field in fields(Show)} <= set(show)
    unset = {name for name in show if show[name] in (None, "", [], False)}
    assert {"explicit", "block", "complete", "podping", "new_feed_url"} == unset
    assert "Talk about Central Asia" == show["description"]
    assert "2026-12-01T18:00:00+06:00" == show["live"][0]["start"]
    assert "publisher" == show["publisher"]["medium"]
    assert {"name": "Radio Free", "email": "desk@radio.example"} == show["owner"]


def test_the_help_on_fields_is_a_file_that_sets_every_element_of_an_episode(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    speech.with_suffix(".toml").write_text(EPISODE_TOML)
    podcast("edit", "welcome", "--from", speech.with_suffix(".toml"))
    edited = podcast("list", "--json").json["episodes"][0]
    names = set(EpisodeFields.__struct_fields__) - set(ShowFields.__struct_fields__) | {
        "persons",
        "license",
        "chat",
        "value",
        "txt",
        "social",
    }
    for name in names - {"slug", "date", "type", "notes", "chapters", "transcripts"}:
        assert edited[name], name
    assert "Low bandwidth" == edited["alternates"][0]["title"]
    speech.with_suffix(".toml").write_text('license = ""\nchat = ""\npersons = []\nblock = false\n')
    podcast("edit", "welcome", "--from", speech.with_suffix(".toml"))
    emptied = podcast("list", "--json").json["episodes"][0]
    assert edited | {"license": None, "chat": None, "persons": []} == emptied


def test_every_key_is_named_in_the_help() -> None:
    sidecars = (files("podcast.cli") / "topics" / "sidecars.txt").read_text(encoding="utf-8")
    named = HEAD + OF_BOTH + OF_SHOWS + OF_EPISODES + sidecars
    for key in {*ShowFields.__struct_fields__, *EpisodeFields.__struct_fields__} - {"chapters", "transcripts"}:
        assert f"\n{key} =" in named or f"[[{key}]]" in named or f"  {key} = " in named, key


def test_every_field_of_an_episode_stands_in_its_document(podcast: Podcast, speech: Path) -> None:
    episode = podcast("add", speech, "--json").json["episodes"][0]
    assert {field.name for field in fields(Episode)} - {"created", "changed", "media"} <= set(episode)


def test_a_sidecar_brings_elements_and_takes_them_away(podcast: Podcast, speech: Path) -> None:
    sidecar = speech.with_suffix(".toml")
    sidecar.write_text('license = {name = "cc-by-4.0"}\n[[soundbites]]\nstart_time = 1\nduration = 15\n')
    added = podcast("add", speech.parent, "--json").json["episodes"][0]
    assert ("cc-by-4.0", 15) == (added["license"]["name"], added["soundbites"][0]["duration"])
    sidecar.write_text("[[soundbites]]\nstart_time = 2\nduration = 15\n")
    updated = podcast("add", speech.parent, "--json").json["episodes"][0]
    assert (None, 2) == (updated["license"], updated["soundbites"][0]["start_time"])


def test_a_soundbite_after_the_end_is_told_and_not_in_the_feed(podcast: Podcast, speech: Path, project: Path) -> None:
    speech.with_suffix(".toml").write_text(
        "[[soundbites]]\nstart_time = 20\nduration = 15\n[[soundbites]]\nstart_time = 1\nduration = 15\n"
    )
    ran = podcast("add", speech)
    assert "1 of its soundbites end after the audio" in ran.err
    podcast("publish", "welcome", "--yes")
    feed = project / "public" / "majlis" / "feed.xml"
    assert [(None, {"startTime": "1", "duration": "15"})] == elements(feed, "item/podcast:soundbite")
    ran = podcast("edit", "latest", "--from", speech.with_suffix(".toml"), code=2)
    assert "A soundbite ends after the audio" in ran.err


def test_the_flags_of_a_show_reach_the_feed(podcast: Podcast, feed: Path) -> None:
    podcast(
        *("show", "edit", "--person", "Aida Ismailova:Host", "--person", "Timur: Beat:producer", "--person", "Nobody"),
        *("--funding", "https://radio.example/give Support us", "--funding", "https://radio.example/once"),
        *("--license", "my-own https://radio.example/license", "--location", "Bishkek", "--location", "Osh"),
        *("--txt", "applepodcastsverify=S6lpp=", "--txt", "naj3eezawv==", "--medium", "audiobook", "--complete", "--block"),
        *("--new-feed-url", "https://feeds.radio.example/majlis.xml"),
    )
    podcast("publish", "--yes")
    assert [
        ("Aida Ismailova", {"role": "host", "group": "cast"}),
        ("Timur: Beat", {"role": "producer", "group": "creative direction"}),
        ("Nobody", {"role": "host", "group": "cast"}),
    ] == elements(feed, "podcast:person")
    assert [("Support us", {"url": "https://radio.example/give"}), ("Majlis", {"url": "https://radio.example/once"})] == elements(
        feed, "podcast:funding"
    )
    assert [("my-own", {"url": "https://radio.example/license"})] == elements(feed, "podcast:license")
    assert [("Bishkek", {}), ("Osh", {})] == elements(feed, "podcast:location")
    assert [("S6lpp=", {"purpose": "applepodcastsverify"}), ("naj3eezawv==", {})] == elements(feed, "podcast:txt")
    for name, text in (("podcast:medium", "audiobook"), ("itunes:complete", "Yes"), ("itunes:block", "Yes"), ("podcast:block", "yes")):
        assert [(text, {})] == elements(feed, name)
    assert [("https://feeds.radio.example/majlis.xml", {})] == elements(feed, "itunes:new-feed-url")


def test_an_empty_flag_takes_away_what_was(podcast: Podcast, project: Path) -> None:
    empty = ("--person", "", "--funding", "", "--license", "", "--txt", "", "--medium", "", "--new-feed-url", "", "--no-block")
    given = ("--person", "A", "--funding", "https://a.example/", "--license", "cc", "--txt", "x", "--medium", "music", "--block")
    podcast("show", "edit", *given, "--new-feed-url", "https://a.example/")
    podcast("show", "edit", *empty)
    show = podcast("show", "view", "--json").json
    names = ("persons", "funding", "license", "txt", "medium", "new_feed_url", "block")
    assert ([], [], None, [], "", "", False) == tuple(show[name] for name in names)


def test_a_flag_beats_the_file(podcast: Podcast, project: Path) -> None:
    (project / "show.toml").write_text('title = "From the file"\nauthor = "File"\n')
    podcast("show", "edit", "--from", "show.toml", "--title", "From the flag")
    show = podcast("show", "view", "--json").json
    assert ("From the flag", "File") == (show["title"], show["author"])


def test_categories_are_written_as_apple_writes_them(podcast: Podcast, project: Path) -> None:
    podcast("show", "edit", "--category", "religion & spirituality>islam", "--category", "true crime")
    expected = [{"text": "Religion & Spirituality", "sub": "Islam"}, {"text": "True Crime", "sub": None}]
    assert expected == podcast("show", "view", "--json").json["categories"]


WRONG: list[tuple[list[str], str, str]] = [
    (["--category", "Politics"], "'Politics' is no category of Apple's.", 'Did you mean "News > Politics"?'),
    (["--category", "News > Politic"], "'News > Politic' is no category of Apple's.", 'Did you mean "News > Politics"?'),
    (["--person", "Aida:presenter"], "'presenter' is no role of the Podcasting 2.0 taxonomy.", ""),
    (["--person", ":host"], "podcast:person: its text is missing.", ""),
    (["--funding", "Support us"], "podcast:funding: url is 'Support', and must be a web address", ""),
    (["--license", "my-own"], "podcast:license: url is missing", ""),
    (["--license", "my-own javascript:x"], "podcast:license: url is 'javascript:x'", ""),
    (["--location", "x" * 129], "podcast:location: its text is longer than 128 characters.", ""),
    (["--txt", "x" * 4001], "podcast:txt: its text is longer than 4000 characters.", ""),
    (["--medium", "movie"], "podcast:medium: its text is 'movie', and must be one of podcast, music", ""),
    (["--format", "wma"], "There is no feed of the format 'wma'.", "It is one of opus, aac, flac, mp3."),
    (["--new-feed-url", "feeds.example"], "'feeds.example' is no web address.", ""),
    (["--language", "Kyrgyz"], "is no language tag", ""),
]


@pytest.mark.parametrize(("flags", "message", "hint"), WRONG)
def test_a_wrong_flag_is_refused_and_changes_nothing(podcast: Podcast, project: Path, flags: list[str], message: str, hint: str) -> None:
    before = podcast("show", "view", "--json").out
    ran = podcast("show", "edit", "--title", "New", *flags, code=2)
    assert message in ran.err
    assert f"Hint: {hint}" in ran.err
    assert before == podcast("show", "view", "--json").out


@pytest.mark.parametrize(
    ("toml", "message", "hint"),
    [
        ('titel = "x"', "show.toml, line 1: unknown key `titel`.", "Did you mean `title`?"),
        ("\nlocked = 'yes'", "show.toml, line 2: `locked`: Expected `bool", ""),
        ('\n\ncategories = ["News", "Nwes"]', "show.toml, line 3: `categories`: 'Nwes' is no category of Apple's.", 'Did you mean "News"?'),
        ('title = ""', "show.toml, line 1: `title`: A show needs a title.", ""),
        ('language = "English"', "show.toml, line 1: `language`: ", "BCP 47"),
        ('email = "nobody"', "show.toml, line 1: `email`: 'nobody' is no e-mail address.", ""),
        ('link = "ftp://x"', "show.toml, line 1: `link`: 'ftp://x' is no web address.", ""),
        ('cover = "../cover.jpg"', "show.toml, line 1: `cover` names '../cover.jpg', which is not in the folder of show.toml", ""),
        ('title = "x"\nmedium = "movie"', "show.toml, line 2: `medium`: podcast:medium: its text is 'movie'", ""),
        ('[[persons]]\nname = "A"\n\n[[persons]]\nname = "B"\nrole = "x"', "show.toml, line 4: `persons.1`: 'x' is no role", ""),
        (
            '[[trailers]]\ntitle = "x"\nurl = "https://a.example/"\npubdate = 2026-01-01T06:00:00',
            "show.toml, line 1: `trailers.0`: ",
            "Write it like",
        ),
        ('[[podroll]]\nfeed_guid = "x"', "show.toml, line 1: `podroll.0`: podcast:remoteItem: feedGuid is 'x', and must be a UUID.", ""),
        ('[[value.recipients]]\nsplit = "x"', "show.toml", ""),
        ("soundbites = []", "show.toml, line 1: unknown key `soundbites`.", ""),
        ("title = ", "show.toml is no valid TOML", ""),
        ("title = 'caf\udce9'", "show.toml: The sidecar is not UTF-8", ""),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_changes_nothing(
    podcast: Podcast, project: Path, toml: str, message: str, hint: str
) -> None:
    before = podcast("show", "view", "--json").out
    (project / "show.toml").write_text(toml, errors="surrogateescape")
    ran = podcast("show", "edit", "--from", "show.toml", code=1)
    assert f"Error: {message}" in ran.err
    assert hint in ran.err.partition("Hint: ")[2]
    assert "Hint: " in ran.err
    assert before == podcast("show", "view", "--json").out


def test_a_wrong_file_of_an_episode_is_refused_with_its_line(podcast: Podcast, speech: Path, project: Path) -> None:
    podcast("add", speech)
    (project / "more.toml").write_text('\n[[social]]\nprotocol = "activitypub"\n')
    ran = podcast("edit", "welcome", "--from", "more.toml", code=1)
    assert "Error: more.toml, line 2: `social.0`: podcast:socialInteract: uri is missing." in ran.err


def test_init_refuses_what_apple_does_not_know_before_it_makes_anything(podcast: Podcast, tmp_path: Path) -> None:
    ran = podcast("init", "radio", "--title", "Majlis", "--category", "Politics", code=2)
    assert "no category of Apple's" in ran.err
    assert not (tmp_path / "radio").exists()
