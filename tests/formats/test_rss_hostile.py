"""Whatever stands in the fields of a show, the feed is well-formed and says what clean() makes of it."""

import types
from dataclasses import replace
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints
from xml.parsers import expat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from podcast.errors import UsageError
from podcast.formats import rss, shapes
from podcast.formats.namespaces import NAMESPACES, RULES, faults
from podcast.formats.text import clean, legal
from podcast.model import Artwork, Audio, Chapter, Episode, Funding, Owner, Show, Transcript
from tests.formats import shows
from tests.make import make_episode, make_show

pytestmark = pytest.mark.thorough

Node: TypeAlias = Any

MARKUP = ("]]>", "<![CDATA[", "&amp;amp;", "&#0;", "&#xD800;", "<!DOCTYPE x>", "</item></channel></rss>", "<item>", "<?xml?>", "'\"", "%s")
CHARACTERS = ("\x00", "\ud800", "\ufffe", "\u202e", "\r\n", "\x0b", "\x85", "\u2028", "a\u0338", ">\u0338", "\U0010ffff", "\ufeff")
NASTY = st.sampled_from(MARKUP) | st.sampled_from(CHARACTERS) | st.just("https://x.example/")
TEXT = st.lists(NASTY | st.text(st.characters(), max_size=20), max_size=6).map("".join)

#: Fields of a type without more ado, and facts that no text of others gets into.
PLAIN: dict[object, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(),
    float: st.floats(),
    bool: st.booleans(),
    datetime: st.datetimes(),
    types.NoneType: st.none(),
    Artwork: st.just(shows.COVER),
    Audio: st.sampled_from([replace(make_episode().audio, media_type=kind) for kind in ("audio/ogg", "audio/x-m4a")]),
    Transcript: st.builds(shows.transcript, TEXT),
    # Neither a file nor the catalogue lets in a time that is no number.
    Chapter: st.builds(Chapter, start=st.floats(0, 1e6), title=TEXT, url=st.none() | TEXT, image=st.none() | TEXT, toc=st.booleans()),
}
#: Of these the program makes addresses and dates, and no text of others gets into them.
OWN = {"slug", "show", "audio", "created", "changed", "published", "status"}


@cache
def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Return any value of a type of the model, with hostile text in every field and below."""
    if kind in PLAIN:
        return PLAIN[kind]
    if get_origin(kind) in (Union, types.UnionType):
        return st.one_of(*map(anything, get_args(kind)))
    if get_origin(kind) is tuple:
        return st.lists(anything(get_args(kind)[0]), max_size=2).map(tuple)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    return st.builds(kind, **{name: anything(hint) for name, hint in get_type_hints(kind).items()})


def some_of(model: type) -> st.SearchStrategy[dict[str, Any]]:
    """Return fields of a model, some of them filled; a new field is among them by itself."""
    return st.fixed_dictionaries({}, optional={name: anything(hint) for name, hint in get_type_hints(model).items() if name not in OWN})


def hostile_shows() -> st.SearchStrategy[Show]:
    return some_of(Show).map(lambda fields: make_show(**fields))


def hostile_episodes() -> st.SearchStrategy[Episode]:
    return st.tuples(TEXT.map("guid".__add__), some_of(Episode)).map(lambda drawn: make_episode(**drawn[1] | {"guid": drawn[0]}))


def children(node: Node) -> set[str]:
    return {child.tag for child in node}


def test_an_address_that_xml_cannot_hold_costs_the_address_alone() -> None:
    feed = rss.render(make_show(owner=Owner(name="Desk", email="0@\x08")), [], shows.SITE)
    assert etree.fromstring(feed)[0].find("{*}owner") is None


@settings(max_examples=60, deadline=None)
@given(hostile_shows(), st.lists(hostile_episodes(), min_size=1, max_size=3))
def test_any_text_in_all_fields_gives_a_well_formed_feed_with_every_item(show: Show, episodes: list[Episode]) -> None:
    feed = rss.render(show, episodes, shows.SITE)
    expat.ParserCreate().Parse(feed, True)
    channel = etree.fromstring(feed)[0]
    assert (clean(show.title, limit=255) or show.slug) == channel.findtext("title")
    assert clean(show.copyright, limit=255) == (channel.findtext("copyright") or "")
    items = channel.findall("item")
    assert len(episodes) == len(items)
    for episode, item in zip(episodes, items, strict=True):
        assert (clean(episode.title, limit=255) or episode.slug) == item.findtext("title")
        assert legal(episode.guid) == item.findtext("guid")
        assert [clean(person.name, limit=128) for person in episode.persons if clean(person.name)] == [
            found.text for found in item.findall("podcast:person", NAMESPACES)
        ]
        assert 1 == len(item.findall("enclosure"))


@settings(max_examples=25, deadline=None)
@given(hostile_shows(), hostile_episodes())
def test_no_address_but_http_and_https_stands_in_an_attribute(show: Show, episode: Episode) -> None:
    for node in etree.fromstring(rss.render(show, [episode], shows.SITE)).iter():
        for name in ("url", "href", "img", "accountUrl", "feedUrl", "uri"):
            assert node.get(name, "https://").startswith(("https://", "http://"))


@settings(max_examples=25, deadline=None)
@given(hostile_shows(), hostile_episodes())
def test_text_never_becomes_an_element(show: Show, episode: Episode) -> None:
    known = children(etree.fromstring(rss.render(*shows.read("everything"), shows.SITE))[0])
    channel = etree.fromstring(rss.render(show, [episode], shows.SITE))[0]
    assert children(channel) <= known
    assert 1 == len(channel.findall(".//item"))


OF_ITEM = [kind for kind, (name, _) in shapes._SHAPES.items() if "item" in RULES[name].parents]


def let_in(value: object) -> object:
    try:
        return shapes.checked("item", value)
    except UsageError:
        return None


@settings(max_examples=200, deadline=None)
@given(st.one_of(*map(anything, OF_ITEM)))
def test_what_is_let_in_is_written_whole(value: object) -> None:
    if checked := let_in(value):
        assert checked == let_in(checked)
        # A link of support without a text gets the title of the show.
        titled = replace(checked, text="Majlis") if isinstance(checked, Funding) and not checked.text else checked
        assert [] == faults("item", shapes.element(titled))
