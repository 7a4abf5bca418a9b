"""One bad episode among three: it is named, what can be mended is mended, and the two others are public whatever happens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat

import nh3
import pytest
from lxml import etree

from podcast.check import check_show
from podcast.errors import PodcastError
from podcast.formats import notes
from podcast.formats.text import clean
from podcast.model import Status

from .conftest import NOW, House

pytestmark = pytest.mark.thorough

CONTROLS = "".join(map(chr, (*range(1, 9), 11, 12, *range(14, 32), 0x7F, 0xFFFE, 0xFFFF, 0xFEFF)))

#: What is said of it in the feed with changes; the findings that a producer is told, by their rules.
MENDED: dict[str, tuple[dict[str, Any], set[str]]] = {
    "characters that XML forbids": ({"title": f"Bad{CONTROLS} title", "notes": f"Bad{CONTROLS} notes"}, {"text.characters"}),
    "bidirectional overrides": ({"title": "exe.\u202egpj", "notes": "exe.\u202egpj"}, {"text.characters"}),
    "the end of CDATA": ({"title": "]]> & <![CDATA[", "notes": "]]> ]]]]>> <![CDATA[ &#0; &amp;amp;"}, set()),
    "a megabyte of notes": ({"notes": "A word. " * 131_072}, {"notes.length", "psp1.description.length"}),
    "a million divisions": ({"notes": "<div>" * 1_000_000}, {"notes.length", "notes.html", "psp1.description.length"}),
    "links that run": ({"notes": "[Run](javascript:alert(1)) <a href='data:text/html,x'>it</a>"}, {"link.scheme"}),
    "a page that runs": ({"link": "javascript:alert(1)"}, {"link.scheme"}),
    "a title of ten thousand characters": ({"title": "ң" * 10_000}, {"psp1.title.length"}),
    "a date of 1970": ({"published": datetime(1970, 1, 1, tzinfo=UTC)}, {"rss.date.implausible"}),
    "emoji": ({"title": "👩‍👩‍👧‍👦🏴󠁧󠁢󠁳󠁣󠁴󠁿🇰🇬" * 30, "notes": "👩‍👩‍👧‍👦" * 200}, {"psp1.title.length", "psp1.description.length"}),
    "from right to left": ({"title": "ملوك الفساد (١٢)", "notes": "مع **علي**"}, set()),
}


def others(house: House) -> None:
    house.add("first", notes="The **first**")
    house.add("last", notes="The **last**")


def items(house: House) -> dict[str, Any]:
    """Return the items of the public feed, which two parsers take for well-formed, by their titles."""
    feed = house.feed().encode()
    expat.ParserCreate().Parse(feed, True)
    return {str(item.findtext("title")): item for item in etree.fromstring(feed)[0].findall("item")}


def told(house: House) -> dict[str, set[str]]:
    """Return the rules that are broken, by the name of the episode."""
    found: dict[str, set[str]] = {}
    show, episodes = house.catalogue.show("majlis"), [house.catalogue.episode("majlis", slug) for slug in ("first", "bad", "last")]
    for finding in check_show(show, episodes, house.press.site, now=NOW, read_cues=lambda _: ()):
        if finding.where != "majlis":
            found.setdefault(finding.where, set()).add(finding.rule)
    return found


@pytest.mark.parametrize("name", MENDED)
def test_what_can_be_mended_goes_out_mended_and_is_told(house: House, name: str) -> None:
    fields, rules = MENDED[name]
    others(house)
    bad = house.add("bad", **{"notes": "Notes"} | fields)
    outcome = house.publish("first", "bad", "last")
    assert [] == outcome.failed
    assert {"First", "Last", clean(bad.title, limit=255)} == items(house).keys()
    found = told(house)
    assert rules <= found["majlis/bad"]
    assert found["majlis/bad"] - found["majlis/first"] <= rules
    assert found["majlis/first"] == found["majlis/last"]


def test_no_address_that_runs_is_in_the_feed(house: House) -> None:
    house.add("bad", **MENDED["links that run"][0])
    house.add("worse", **MENDED["a page that runs"][0])
    house.publish("bad", "worse")
    for item in items(house).values():
        written = etree.tostring(item).decode()
        assert "javascript:" not in written
        assert "data:" not in written


def empty_audio(house: House) -> dict[str, Any]:
    return {"audio": house.audio(b"")}


STOPPED: dict[str, tuple[Callable[[House], dict[str, Any]], str]] = {
    "an enclosure of 0 bytes": (empty_audio, "rss.enclosure"),
    "no title": (lambda _: {"title": ""}, "episode.title.missing"),
    "a title of nothing that can be seen": (lambda _: {"title": f" {CONTROLS}\u202e "}, "episode.title.missing"),
    "a guid of nothing": (lambda _: {"guid": " "}, "rss.guid.missing"),
}


@pytest.mark.parametrize("name", STOPPED)
def test_what_cannot_be_mended_stays_behind_alone(house: House, name: str) -> None:
    fields, rule = STOPPED[name]
    others(house)
    house.add("bad", **fields(house))
    outcome = house.publish("first", "bad", "last")
    ((slug, error),) = outcome.failed
    assert "bad" == slug
    assert rule in error.message
    assert "podcast check bad" == error.hint
    assert {"First", "Last"} == items(house).keys()
    assert Status.DRAFT is house.catalogue.episode("majlis", "bad").status


def test_a_date_of_2099_waits_for_it(house: House) -> None:
    others(house)
    house.add("bad", published=datetime(2099, 1, 1, tzinfo=UTC))
    outcome = house.publish("first", "bad", "last")
    assert ["bad"] == [one.slug for one in outcome.approved]
    assert {"First", "Last"} == items(house).keys()
    assert "rss.date.implausible" in told(house)["majlis/bad"]


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"title": "Bad \ud800"}, "'bad'"), ({"notes": "Bad \0"}, "'bad'"), ({"guid": "of-the-first"}, "The guid of-the-first was used")],
    ids=["a lone surrogate", "a NUL character", "the guid of another"],
)
def test_what_no_catalogue_can_hold_is_refused_by_name(house: House, fields: dict[str, Any], name: str) -> None:
    house.add("first", guid="of-the-first")
    house.add("last")
    with pytest.raises(PodcastError) as caught:
        house.add("bad", **fields)
    assert name in caught.value.message
    house.publish("first", "last")
    assert {"First", "Last"} == items(house).keys()


@pytest.mark.parametrize("notes_of_a_megabyte", ["<div>" * 200_000, "<p" * 500_000, "[" * 1_000_000, "* " * 500_000, "&" * 1_000_000])
def test_the_work_on_notes_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch, notes_of_a_megabyte: str) -> None:
    """The sanitiser, whose time is quadratic in depth, gets few characters and nothing deep."""
    given: list[str] = []
    sanitise = nh3.clean

    def counted(page: str, **rules: Any) -> str:
        given.append(page)
        return sanitise(page, **rules)

    monkeypatch.setattr(nh3, "clean", counted)
    house.add("bad", notes=notes_of_a_megabyte)
    house.publish("bad")
    assert ["Bad"] == [*items(house)]
    assert all(notes._is_flat(page) for page in given)
    assert sum(map(len, given)) < 100 * notes.MAX_BYTES


def test_a_bad_change_of_a_public_episode_keeps_the_good_item_in_the_feed(house: House) -> None:
    others(house)
    bad = house.add("bad")
    house.publish("first", "bad", "last")
    before = {title: etree.tostring(item) for title, item in items(house).items()}
    house.catalogue.change_episode("majlis", "bad", NOW, title="", audio=replace(bad.audio, length=0))
    outcome = house.publish(now=NOW)
    assert ["bad"] == [slug for slug, _ in outcome.failed]
    assert before == {title: etree.tostring(item) for title, item in items(house).items()}
