"""One programme in several languages: a show for each, which name each other."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from .conftest import Podcast

Twins = Callable[[], dict[str, list[str]]]


@pytest.fixture
def twins(podcast: Podcast, project: Path) -> Twins:
    """Make shows in Kyrgyz, Russian and British English beside Majlis; return what asks each for its twins."""
    for language in ("ky", "ru", "en-GB"):
        podcast("show", "add", "--title", f"Majlis in {language}", "--slug", f"majlis-{language.lower()}", "--language", language)
    return lambda: {
        show["slug"].removeprefix("majlis-"): [twin.removeprefix("majlis-") for twin in show["twins"]]
        for show in podcast("show", "list", "--json").json["shows"]
    }


def join(podcast: Podcast, *words: str, code: int = 0) -> str:
    return podcast("show", "edit", *words, code=code).err


def test_twins_name_each_other(podcast: Podcast, twins: Twins) -> None:
    join(podcast, "majlis", "--twin", "majlis-ky")
    assert {"majlis": ["ky"], "ky": ["majlis"], "ru": [], "en-gb": []} == twins()


def test_who_joins_one_joins_all(podcast: Podcast, twins: Twins) -> None:
    join(podcast, "majlis", "--twin", "majlis-ky")
    join(podcast, "majlis-ru", "--twin", "majlis-ky")
    assert {"majlis": ["ky", "ru"], "ky": ["majlis", "ru"], "ru": ["majlis", "ky"], "en-gb": []} == twins()


def test_a_list_takes_the_place_of_the_old_one(podcast: Podcast, twins: Twins) -> None:
    join(podcast, "majlis", "--twin", "majlis-ky", "--twin", "majlis-ru")
    join(podcast, "majlis", "--twin", "majlis-ru", "--twin", "majlis-en-gb")
    assert {"majlis": ["en-gb", "ru"], "ky": [], "ru": ["majlis", "en-gb"], "en-gb": ["majlis", "ru"]} == twins()


def test_an_empty_one_leaves_the_others_together(podcast: Podcast, twins: Twins) -> None:
    join(podcast, "majlis", "--twin", "majlis-ky", "--twin", "majlis-ru")
    join(podcast, "majlis", "--twin", "")
    assert {"majlis": [], "ky": ["ru"], "ru": ["ky"], "en-gb": []} == twins()


def test_a_show_that_is_removed_is_nobodys_twin(podcast: Podcast, twins: Twins) -> None:
    join(podcast, "majlis", "--twin", "majlis-ky", "--twin", "majlis-ru")
    podcast("show", "remove", "majlis-ky", "--yes")
    assert {"majlis": ["ru"], "ru": ["majlis"], "en-gb": []} == twins()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--twin", "majlis-kk"], "There is no show 'majlis-kk'."),
        (["--twin", "majlis"], "A show cannot be its own twin."),
        (["--twin", "majlis-ky", "--language", "KY"], "majlis and majlis-ky are both in ky."),
        (["--twin", "majlis-ky", "--twin", "majlis-ru", "--title", "New", "--language", "ru"], "majlis and majlis-ru are both in ru."),
    ],
)
def test_twins_that_cannot_be_are_refused_and_nothing_changes(podcast: Podcast, twins: Twins, words: list[str], message: str) -> None:
    before = podcast("show", "view", "majlis", "--json").out
    assert f"Error: {message}" in join(podcast, "majlis", *words, code=2)
    assert before == podcast("show", "view", "majlis", "--json").out
    assert not any(twins().values())


def test_a_twin_cannot_take_the_language_of_another(podcast: Podcast, twins: Twins) -> None:
    join(podcast, "majlis", "--twin", "majlis-ky")
    assert "majlis and majlis-ky are both in en." in join(podcast, "majlis-ky", "--language", "en", code=2)
    join(podcast, "majlis-ky", "--language", "kk")
    assert ["majlis"] == twins()["ky"]


def test_who_brings_twins_along_may_bring_none_of_a_language_that_is_there(podcast: Podcast, twins: Twins) -> None:
    join(podcast, "majlis-en-gb", "--twin", "majlis-ru")
    join(podcast, "majlis", "--language", "EN-gb")
    assert "majlis and majlis-en-gb are both in en-GB." in join(podcast, "majlis", "--twin", "majlis-ru", code=2)


def links(feed: Path) -> list[tuple[str | None, str | None]]:
    found = etree.parse(feed).getroot()[0].findall("{http://www.w3.org/2005/Atom}link[@rel='alternate']")
    return [(link.get("hreflang"), link.get("title")) for link in found]


def test_a_twin_that_goes_out_or_is_renamed_comes_into_the_other_feed_with_the_next_publish(
    podcast: Podcast, project: Path, speech: Path, twins: Twins
) -> None:
    feeds = [project / "public" / slug / "feed.xml" for slug in ("majlis", "majlis-ky")]
    join(podcast, "majlis", "--twin", "majlis-ky")
    for slug in ("majlis", "majlis-ky"):
        podcast("--show", slug, "add", speech)
        podcast("--show", slug, "publish", "welcome", "--yes")
    assert [[], [("en", "Majlis")]] == list(map(links, feeds))
    podcast("publish", "--yes")
    assert [[("ky", "Majlis in ky")], [("en", "Majlis")]] == list(map(links, feeds))
    join(podcast, "majlis-ky", "--title", "Майлис")
    podcast("publish", "--yes")
    assert [("ky", "Майлис")] == links(feeds[0])
    assert 0 == len(podcast("publish", "--yes", "--json").json["shows"])
    join(podcast, "majlis-ky", "--twin", "")
    podcast("publish", "--yes")
    assert [[], []] == list(map(links, feeds))
