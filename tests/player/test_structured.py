"""What a page says to blogs and search engines: oEmbed in a file of its own, schema.org's words in its head."""

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from lxml import html

from podcast.model import Chapter
from podcast.player import episode_files, show_files
from podcast.player.structured import duration
from podcast.site import Site
from tests.make import make_episode, make_show

SITE = Site("https://radio.example/")
WHEN = datetime(2026, 11, 25, 14, 0, tzinfo=timezone(timedelta(hours=6)))
EPISODE = make_episode(published=WHEN, number=7, season=2, chapters=(Chapter(start=310.5, title="The </script> letter"),))
FILES = episode_files(SITE, make_show(), EPISODE, {}) | show_files(SITE, make_show(), [EPISODE])
OWN = "majlis/kings-of-corruption"


def structured(key: str) -> Any:
    tree: Any = html.document_fromstring(FILES[key])
    (script,) = tree.xpath("//script[@type='application/ld+json']")
    return json.loads(script.text_content())


def test_search_engines_are_told_of_the_episode_and_its_show() -> None:
    told = structured(f"{OWN}/index.html")
    audio = told["associatedMedia"]
    assert ("PodcastEpisode", EPISODE.title, 7, 2) == (
        told["@type"],
        told["name"],
        told["episodeNumber"],
        told["partOfSeason"]["seasonNumber"],
    )
    assert ("2026-11-25T08:00:00+00:00", "PT34M52S", "en") == (told["datePublished"], told["duration"], told["inLanguage"])
    assert (SITE.media(EPISODE).url, "audio/mpeg", "33472000") == (audio["contentUrl"], audio["encodingFormat"], audio["contentSize"])
    assert [("The </script> letter", 310.5)] == [(part["name"], part["startOffset"]) for part in told["hasPart"]]
    assert told["hasPart"][0]["url"] == f"{told['url']}#t=310.5"
    assert structured("majlis/index.html").items() >= told["partOfSeries"].items()


def test_the_series_names_its_feed() -> None:
    told = structured("majlis/index.html")
    assert ("PodcastSeries", "Majlis", SITE.url("majlis/feed.xml")) == (told["@type"], told["name"], told["webFeed"])


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "PT0S"), (59, "PT59S"), (60, "PT1M"), (2092, "PT34M52S"), (3600, "PT1H"), (36_061, "PT10H1M1S")]
)
def test_a_duration_is_written_as_iso_8601_does(seconds: int, text: str) -> None:
    assert text == duration(seconds)


@pytest.mark.parametrize(("page", "embed"), [(f"{OWN}/index.html", f"{OWN}/embed.html"), ("majlis/index.html", "majlis/embed/latest.html")])
def test_a_page_names_early_the_file_that_makes_a_player_of_its_link(page: str, embed: str) -> None:
    tree: Any = html.document_fromstring(FILES[page])
    (link,) = tree.xpath("/html/head/link[@type='application/json+oembed']")
    # WordPress reads the beginning of a page.
    assert FILES[page].index(b"application/json+oembed") < 1500
    told = json.loads(FILES[link.get("href").removeprefix(SITE.base)])
    frame = html.fragment_fromstring(told["html"])
    assert ("1.0", "rich", SITE.url(embed)) == (told["version"], told["type"], frame.get("src"))
    assert (str(told["width"]), str(told["height"]), told["title"]) == (frame.get("width"), frame.get("height"), frame.get("title"))
    assert {"provider_name", "provider_url", "author_name"} <= told.keys()
    assert not {"thumbnail_url", "thumbnail_width"} & told.keys()
