"""An episode gets another name, and an old host's addresses lead here, as a producer does it."""

from pathlib import Path

import pytest

from .conftest import Podcast

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def public(podcast: Podcast, speech: Path) -> Path:
    """Publish an episode; return the folder that is the storage."""
    podcast("add", speech)
    podcast("publish", "welcome", "--yes")
    return speech.parents[1] / "public"


def test_an_episode_gets_another_name_and_its_old_addresses_lead_there(podcast: Podcast, public: Path) -> None:
    before = podcast("view", "welcome", "--json").json
    assert "Next: podcast publish" in podcast("edit", "welcome", "--slug", "salam").out
    podcast("publish", "--yes")

    after = podcast("view", "salam", "--json").json
    assert (before["guid"], before["enclosure"]) == (after["guid"], after["enclosure"])
    assert f'url={BASE}/majlis/salam/index.html"' in (public / "majlis/welcome-to-majlis/index.html").read_text()
    assert f"/majlis/welcome-to-majlis\t{BASE}/majlis/salam/index.html\tits earlier name\n" == podcast("redirect", "list").out
    podcast("verify", "--read-data")


def test_the_addresses_of_an_old_host_are_listed_kept_and_given_up(podcast: Podcast, public: Path) -> None:
    said = podcast("redirect", "add", "/feed/podcast", "majlis/feed.xml").out
    assert f"/feed/podcast leads to {BASE}/majlis/feed.xml\nNext: podcast publish\n" == said
    podcast("redirect", "add", "/shows", "majlis")
    podcast("redirect", "add", "/2019/kings.html", "latest")
    podcast("publish", "--yes")
    expected = [
        {
            "path": "/2019/kings.html",
            "target": f"{BASE}/majlis/welcome-to-majlis/index.html",
            "show": "majlis",
            "slug": "welcome-to-majlis",
            "leads": "page",
        },
        {"path": "/feed/podcast", "target": f"{BASE}/majlis/feed.xml", "show": "majlis", "slug": None, "leads": "feed"},
        {"path": "/shows", "target": f"{BASE}/majlis/index.html", "show": "majlis", "slug": None, "leads": "page"},
    ]
    assert expected == podcast("redirect", "list", "--json").json["redirects"]
    assert {True} == {(public / name).is_file() for name in ("2019/kings.html", "feed/podcast/index.html", "shows/index.html")}

    podcast("redirect", "remove", "/feed/podcast/")
    podcast("publish", "--yes")
    assert not (public / "feed/podcast/index.html").exists()
    assert 2 == len(podcast("redirect", "list", "--json").json["redirects"])
    podcast("verify", "--read-data")


def test_what_cannot_lead_on_is_told_with_a_hint(podcast: Podcast, public: Path) -> None:
    for words, code, hint in (
        (("add", "/?p=12", "majlis"), 2, "without ? and %"),
        (("add", "/majlis/feed.xml", "majlis"), 1, "podcast redirect list"),
        (("add", "/old", "nobody"), 3, "podcast list"),
        (("remove", "/old"), 3, "podcast redirect list"),
    ):
        assert hint in podcast("redirect", *words, code=code).err


def test_a_show_gets_another_name_and_its_old_feed_says_so(podcast: Podcast, public: Path) -> None:
    guid = podcast("show", "view", "--json").json["guid"]
    said = podcast("show", "edit", "--slug", "sozduk", "--author", "Radio").out
    assert said.startswith("Changed sozduk: slug, author\nNext: podcast publish")
    podcast("publish", "--yes")

    assert guid == podcast("show", "view", "sozduk", "--json").json["guid"]
    assert f"<itunes:new-feed-url>{BASE}/sozduk/feed.xml<" in (public / "majlis/feed.xml").read_text()
    assert "new-feed-url" not in (public / "sozduk/feed.xml").read_text()
    assert f"/majlis\t{BASE}/sozduk/index.html\tits earlier name\n" in podcast("redirect", "list").out
    assert "No difference" in podcast("diff").out
    podcast("verify", "--read-data")
    podcast("show", "edit", "--slug", "feed", code=2)
    assert "podcast redirect remove majlis" in podcast("show", "add", "--title", "Majlis", code=1).err
