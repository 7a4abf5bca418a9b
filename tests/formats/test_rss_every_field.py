"""Whatever text stands in any one field, two parsers read the same feed, and in it what clean() makes of the text.

The fields are found by walking the show that uses every element, and that it does so is tested too: a new field needs a
value in ``golden/everything.toml``, and is covered then.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, NamedTuple, TypeAlias, Union, get_args, get_origin, get_type_hints
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from podcast.check import check_feed
from podcast.elements import UpdateFrequency
from podcast.formats import rss
from podcast.formats.namespaces import NAMESPACES, RULES
from podcast.formats.text import clean, cut_bytes, legal
from podcast.model import Artwork, Audio, Chapter, Episode, Show, Transcript
from tests.formats import shows
from tests.formats.test_rss_hostile import TEXT
from tests.make import MOMENT

pytestmark = pytest.mark.thorough

Node: TypeAlias = Any
Path: TypeAlias = tuple[str | int, ...]


class Place(NamedTuple):
    """Where a text stands in the feed: the element, and one of its attributes or else its text."""

    path: str
    attribute: str


SHOW, EPISODES = shows.read("everything")
MARK = "Mark Ң mark"
PREFIXES = {uri: prefix for prefix, uri in NAMESPACES.items()}
#: Measured, or made into addresses by the program: no text of others gets there.
FACTS = (Audio, Artwork, Transcript, Chapter)
OWN = {(Show, "slug"), (Episode, "slug"), (Episode, "show"), (Show, "twins"), (Show, "formats"), (Episode, "language"), (Episode, "wall")}
#: Markdown, which has tests of its own.
MARKDOWN = ("episode", "notes")


def walk(value: object, path: Path) -> Iterator[Path]:
    """Yield the path of every text in a value."""
    if isinstance(value, str) and not isinstance(value, Enum):
        yield path
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from walk(one, (*path, index))
    elif is_dataclass(value) and not isinstance(value, FACTS):
        for field in fields(value):
            if (type(value), field.name) not in OWN:
                yield from walk(getattr(value, field.name), (*path, field.name))


def put(value: Any, path: Path, text: str) -> Any:
    """Return a value with another text at a path."""
    if not path:
        return text
    step, *rest = path
    if isinstance(value, tuple):
        return tuple(put(one, tuple(rest), text) if index == step else one for index, one in enumerate(value))
    return replace(value, **{str(step): put(getattr(value, str(step)), tuple(rest), text)})


def feed_with(path: Path, text: str) -> bytes:
    whose, *rest = path
    show = put(SHOW, tuple(rest), text) if whose == "show" else SHOW
    episode = put(EPISODES[0], tuple(rest), text) if whose == "episode" else EPISODES[0]
    return rss.render(show, [episode], shows.SITE)


def texts(root: Node) -> dict[Place, str]:
    tree = root.getroottree()
    found = {Place(tree.getpath(node), ""): node.text or "" for node in root.iter()}
    return found | {Place(tree.getpath(node), str(name)): value for node in root.iter() for name, value in node.attrib.items()}


@cache
def places(path: Path) -> tuple[tuple[Place, int | None], ...]:
    """Return where a free text of this field stands, each with the most characters that the table allows there."""
    root = etree.fromstring(feed_with(path, MARK))
    return tuple((place, _limit(root, place)) for place, value in texts(root).items() if value == MARK)


def _limit(root: Node, place: Place) -> int | None:
    """Return None for a guid, which is to stay as it is."""
    (node,) = root.xpath(place.path, namespaces=dict(root.nsmap))
    tag = etree.QName(node)
    if (tag.localname, node.getparent().tag) == ("guid", "item"):
        return None
    rule = RULES.get(f"{PREFIXES[tag.namespace]}:{tag.localname}" if tag.namespace else tag.localname)
    if rule is None:
        return 4000 if tag.localname == "description" else 255
    kind = (rule.required | rule.optional)[place.attribute] if place.attribute else rule.text  # type: ignore[operator]
    assert kind is not None
    assert kind.limit
    return int(kind.limit)


def promised(path: Path, text: str, limit: int | None) -> str:
    if limit is None:
        return legal(text)
    if path == ("show", "description"):
        return cut_bytes(clean(text, lines=True), limit)
    return clean(text, limit=limit)


PATHS = tuple(path for path in (*walk(SHOW, ("show",)), *walk(EPISODES[0], ("episode",))) if path != MARKDOWN)


def flat(tree: Any) -> list[tuple[str, dict[str, str], str, str]]:
    return [(node.tag, dict(node.attrib), node.text or "", node.tail or "") for node in tree.iter()]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PATHS), TEXT)
@example(("show", "title"), "Every <second> ]]> & \ud800\x00\ufffe")
def test_two_parsers_read_in_the_feed_what_clean_promises(path: Path, text: str) -> None:
    feed = feed_with(path, text)
    root = etree.fromstring(feed)
    # ElementTree reads with expat.
    assert flat(ET.fromstring(feed)) == flat(root)
    assert [] == [finding for finding in check_feed(feed, "feed", now=MOMENT) if finding.rule.startswith("xml.")]
    found = texts(root)
    for place, limit in places(path):
        if expected := promised(path, text, limit):
            assert expected == found[place]


def test_a_free_text_of_every_field_that_may_hold_one_stands_in_the_feed() -> None:
    """What takes no free text is an address, a name of a list, a number or a date: none of these is written with one."""
    free = {".".join(str(step) for step in path if not isinstance(step, int)) for path in PATHS if places(path)}
    names = {name.rpartition(".")[2] for name in free}
    assert {"title", "description", "author", "copyright", "name", "text", "guid", "purpose", "alt", "rel", "codecs"} <= names
    assert {"role", "group", "short_title", "season_name", "number_display", "item_guid", "custom_key", "custom_value"} <= names
    assert {"account_id", "space"} <= names
    addresses = {"link", "href", "image", "url", "uri", "feed_url", "account_url", "new_feed_url", "email", "server", "osm", "geo"}
    assert set() == names & addresses


def classes(kind: Any) -> Iterator[Any]:
    """Yield a class of the model and those of its fields, and below."""
    if get_origin(kind) in (Union, UnionType, tuple):
        for one in get_args(kind):
            yield from classes(one)
    elif is_dataclass(kind) and kind not in FACTS:
        yield kind
        for hint in get_type_hints(kind).values():
            yield from classes(hint)


def values(value: object) -> Iterator[object]:
    for one in value if isinstance(value, tuple) else (value,):
        if is_dataclass(one):
            yield one
            for field in fields(one):
                yield from values(getattr(one, field.name))


#: What stands in no feed, or in those of other files here.
UNUSED = {*OWN, (Episode, "status"), (Episode, "media"), (UpdateFrequency, "complete")}


@pytest.mark.parametrize("model", sorted({*classes(Show), *classes(Episode)}, key=repr))
def test_the_show_of_everything_uses_every_field(model: type) -> None:
    found = [one for one in values((SHOW, *EPISODES)) if type(one) is model]
    assert found
    empty = {
        (model, field.name)
        for field in fields(model)
        if all(getattr(one, field.name) == field.default and not field.default for one in found)
    }
    assert empty <= UNUSED
