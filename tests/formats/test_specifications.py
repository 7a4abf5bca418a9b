"""What RSS 2.0, PSP-1, Apple and the podcast namespace ask for, written down a second time from what they publish.

Nothing here is read from our own table: a row that is wrong there, and a feed that is wrong because of it, are seen.
"""

import re
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from podcast.formats.namespaces import RULES, Element, fit
from tests.formats import shows

Node: TypeAlias = Any

PODCAST = "{https://podcastindex.org/namespace/1.0}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"

#: Where it may stand: channel, item, live item, or the names of others; how often; required attributes; others.
SPECIFICATION = """
guid               | channel               | 1 |                        |
locked             | channel               | 1 |                        | owner
funding            | channel item liveItem | n | url                    |
transcript         | item liveItem         | n | url type               | language rel
chapters           | item liveItem         | 1 | url type               |
soundbite          | item                  | n | startTime duration     |
person             | channel item liveItem | n |                        | role group href img
location           | channel item liveItem | n |                        | rel geo osm country
season             | item liveItem         | 1 |                        | name
episode            | item liveItem         | 1 |                        | display
trailer            | channel               | n | url pubdate            | length type season
license            | channel item liveItem | 1 |                        | url
alternateEnclosure | item liveItem         | n | type                   | length bitrate height lang title rel codecs default
source             | alternateEnclosure    | n | uri                    | contentType
integrity          | alternateEnclosure    | 1 | type value             |
value              | channel item liveItem | n | type method            | suggested
valueRecipient     | value valueTimeSplit  | n | type address split     | name customKey customValue fee
valueTimeSplit     | value                 | n | startTime duration     | remoteStartTime remotePercentage
medium             | channel               | 1 |                        |
image              | channel item liveItem | n | href                   | alt aspect-ratio width height type purpose
liveItem           | channel               | n | status start           | end
contentLink        | item liveItem         | n | href                   |
socialInteract     | channel item liveItem | n | protocol               | uri accountId accountUrl priority
chat               | channel item liveItem | 1 | server protocol        | accountId space
block              | channel               | n |                        | id
txt                | channel item          | n |                        | purpose
remoteItem         | channel podroll valueTimeSplit publisher | n | feedGuid | feedUrl itemGuid medium title
podroll            | channel               | 1 |                        |
publisher          | channel               | 1 |                        |
updateFrequency    | channel               | 1 |                        | complete dtstart rrule
podping            | channel               | 1 | usesPodping            |
"""

#: Apple's, of those that are in force: what it calls show tags and episode tags.
OF_APPLE = """
author             | channel item          | 1 |                        |
title              | channel item          | 1 |                        |
type               | channel               | 1 |                        |
owner              | channel               | 1 |                        |
name               | owner                 | 1 |                        |
email              | owner                 | 1 |                        |
image              | channel item liveItem | 1 | href                   |
category           | channel category      | n | text                   |
explicit           | channel item          | 1 |                        |
duration           | item                  | 1 |                        |
season             | item                  | 1 |                        |
episode            | item                  | 1 |                        |
episodeType        | item                  | 1 |                        |
block              | channel item          | 1 |                        |
complete           | channel               | 1 |                        |
new-feed-url       | channel               | 1 |                        |
"""


class Row(NamedTuple):
    places: frozenset[str]
    many: bool
    required: frozenset[str]
    optional: frozenset[str]


def _row(places: str, count: str, required: str, optional: str) -> Row:
    return Row(frozenset(places.split()), count.strip() == "n", frozenset(required.split()), frozenset(optional.split()))


def _rows(table: str) -> dict[str, Row]:
    return {name.strip(): _row(*cells) for name, *cells in (line.split("|") for line in table.strip().splitlines())}


ROWS, ROWS_OF_APPLE = _rows(SPECIFICATION), _rows(OF_APPLE)
ALL = {f"podcast:{name}": row for name, row in ROWS.items()} | {f"itunes:{name}": row for name, row in ROWS_OF_APPLE.items()}

#: Characters that a text or an attribute may have.
LIMITS = {
    ("funding", ""): 128,
    ("person", ""): 128,
    ("location", ""): 128,
    ("soundbite", ""): 128,
    ("trailer", ""): 128,
    ("updateFrequency", ""): 128,
    ("txt", ""): 4000,
    ("txt", "purpose"): 128,
    ("season", "name"): 128,
    ("episode", "display"): 32,
    ("alternateEnclosure", "title"): 32,
    ("alternateEnclosure", "rel"): 32,
    ("image", "purpose"): 128,
}
_MEDIA = "podcast music video film audiobook newsletter blog publisher course"
#: All that may stand there, and nothing else.
WORDS = {
    ("locked", ""): "yes no",
    ("block", ""): "yes no",
    ("medium", ""): f"{_MEDIA} {_MEDIA.replace(' ', 'L ')}L mixed",
    ("transcript", "type"): "text/plain text/html text/vtt application/json application/x-subrip",
    ("transcript", "rel"): "captions",
    ("chapters", "type"): "application/json+chapters",
    ("location", "rel"): "subject creator",
    ("integrity", "type"): "sri pgp-signature",
    ("liveItem", "status"): "pending live ended",
    ("chat", "protocol"): "irc xmpp nostr matrix",
    ("podping", "usesPodping"): "true",
}
ADDRESSES = {
    *((name, "url") for name in ("funding", "transcript", "chapters", "trailer", "license")),
    *((name, "href") for name in ("person", "image", "contentLink")),
    ("person", "img"),
    ("socialInteract", "accountUrl"),
    ("remoteItem", "feedUrl"),
}
#: What an element of each kind is made of at the least, to be tried with one thing changed.
LEAST: dict[str, tuple[str, dict[str, str]]] = {
    "guid": ("917393e3-1b1e-5cef-ace4-edaa54e1f810", {}),
    "locked": ("yes", {}),
    "funding": ("Give", {"url": "https://a.example/"}),
    "transcript": ("", {"url": "https://a.example/t.vtt", "type": "text/vtt"}),
    "chapters": ("", {"url": "https://a.example/c.json", "type": "application/json+chapters"}),
    "soundbite": ("", {"startTime": "73.0", "duration": "60.0"}),
    "person": ("Alice", {}),
    "location": ("Osh", {}),
    "season": ("3", {}),
    "episode": ("3.5", {}),
    "trailer": ("Soon", {"url": "https://a.example/t.mp3", "pubdate": "Thu, 01 Apr 2021 08:00:00 +0000"}),
    "license": ("cc-by-4.0", {}),
    "integrity": ("", {"type": "sri", "value": "sha384-ExVqijgYHm15"}),
    "source": ("", {"uri": "https://a.example/a.opus"}),
    "valueRecipient": ("", {"type": "node", "address": "02d5", "split": "1"}),
    "medium": ("podcast", {}),
    "image": ("", {"href": "https://a.example/a.png"}),
    "contentLink": ("Listen", {"href": "https://a.example/"}),
    "socialInteract": ("", {"protocol": "activitypub", "uri": "https://a.example/1"}),
    "chat": ("", {"server": "irc.example", "protocol": "irc"}),
    "block": ("yes", {}),
    "txt": ("x", {}),
    "remoteItem": ("", {"feedGuid": "917393e3-1b1e-5cef-ace4-edaa54e1f810"}),
    "updateFrequency": ("Weekly", {}),
    "podping": ("", {"usesPodping": "true"}),
}
#: The children without which an element says nothing, one of each line at the least.
CHILDREN: dict[str, str] = {
    "alternateEnclosure": "podcast:source",
    "value": "podcast:valueRecipient",
    "valueTimeSplit": "podcast:remoteItem|podcast:valueRecipient",
    "podroll": "podcast:remoteItem",
    "publisher": "podcast:remoteItem",
    "liveItem": "title guid enclosure podcast:contentLink",
}

#: What else may stand there, and after the bar what may not; WORDS, ADDRESSES and free texts aside.
VALUES = """
guid ""                           | 917393e3-1b1e-5cef-ace4-edaa54e1f810 | 917393e3 1
locked owner                      | a@b.example | a.example @b.example
transcript language               | ky uz-Cyrl | klingon! x
soundbite startTime               | 0 73 73.0 0.25 | -1 1e3 nan 00:01:13 x
soundbite duration                | 15 60.5 0.1 | 0 0.0 -1 x
location geo                      | geo:42.87,74.59 geo:-1,-2.5 geo:1,2,3 geo:40.5283,72.7985;u=500 | 42.87,74.59 geo:x geo:1
location osm                      | R2566100 N1 W12 R1#2 | 2566100 X1 R0 r1
location country                  | kg KG | kgz k 12
season ""                         | 1 20 | 0 -1 1.5 x
episode ""                        | 1 3.5 | -1 x 1e3
trailer pubdate                   | Thu,_01_Apr_2021_08:00:00_+0000 Thu,_01_Apr_2021_08:00:00_EST 1_Apr_2021_08:00_Z | 2021-04-01 yesterday
trailer length                    | 1 12345678 | 0 -1 1.5 x
trailer type                      | audio/mpeg video/mp4 | mpeg audio audio/
trailer season                    | 1 3 | 0 x
alternateEnclosure type           | audio/opus application/x-mpegURL | opus audio/
alternateEnclosure length         | 1 12345678 | 0 -1 x
alternateEnclosure bitrate        | 160707.74 64000 | -1 x
alternateEnclosure height         | 1080 | 0 -1 x
alternateEnclosure lang           | ky en-US | klingon! x
alternateEnclosure default        | true | yes 1
source uri                        | https://a.example/ ipfs://Qm nostr:x magnet:?xt=1 | file:///a javascript:x a
source contentType                | audio/opus | opus
integrity value                   | sha384-abc+/= sha256-a sha512-a iQ/= | md5-abc a_b
value type                        | lightning hive | a_b*
value method                      | keysend amp lnaddress | a*
value suggested                   | 0.00000005000 1 | 1e-9 -1 x
valueRecipient type               | node lnaddress | a*
valueRecipient address            | 02d5 pay@radio.example | a_b
valueRecipient split              | 0 1 95 | -1 1.5 x
valueRecipient fee                | true | yes 1
valueTimeSplit startTime          | 0 60 0.5 | -1 x
valueTimeSplit duration           | 60 0.5 | 0 -1 x
valueTimeSplit remoteStartTime    | 0 174.5 | -1 x
valueTimeSplit remotePercentage   | 0 95 100 | 101 -1 9.5 x
image aspect-ratio                | 16/9 1/1 2.35/1 | 16:9 16 0/1
image width                       | 1920 | 0 x
image height                      | 1080 | 0 x
image type                        | image/jpeg video/mp4 | jpeg
liveItem start                    | 2026-12-01T12:00:00Z 2021-09-26T07:30:00.000-0600 | 2026-12-01 2026-12-01T12:00:00 noon
liveItem end                      | 2026-12-01T12:00:00Z 2021-09-26T07:30:00.000-0600 | 2026-12-01 2026-12-01T12:00:00 noon
socialInteract protocol           | activitypub twitter lightning atproto hive matrix nostr | myspace
socialInteract uri                | https://a.example/ at://a nostr:note1 | file:///a x
socialInteract priority           | 1 2 | -1 x
chat server                       | irc.zeronode.net a | https://a.example/ a_b a..b
block id                          | google podcastindex | a*
remoteItem feedGuid               | 917393e3-1b1e-5cef-ace4-edaa54e1f810 | 917393e3 1
remoteItem medium                 | podcast musicL mixed | movie
updateFrequency complete          | true | yes 1
updateFrequency dtstart           | 2026-12-01T12:00:00Z 2023-08-28T00:00:00.000Z 2026-12-01 | 2026-12-01T12:00:00 noon
updateFrequency rrule             | FREQ=WEEKLY FREQ=WEEKLY;BYDAY=MO FREQ=MONTHLY;BYDAY=+4TH | weekly BYDAY=MO FREQ=FORTNIGHTLY
"""


def _values() -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Yield element, attribute or nothing for its text, good and bad values; _ stands for a space."""
    for line in VALUES.strip().splitlines():
        place, good, bad = ([word.replace("_", " ") for word in cell.replace('""', "text").split()] for cell in line.split("|"))
        yield place[0], place[1].removeprefix("text"), good, bad


#: The attributes of groups, which have no text.
HELD = {
    "alternateEnclosure": {"type": "audio/opus"},
    "value": {"type": "lightning", "method": "keysend"},
    "valueTimeSplit": {"startTime": "1", "duration": "2"},
    "liveItem": {"status": "live", "start": "2026-12-01T12:00:00Z"},
}
_LIVE = (
    Element("title", "On air"),
    Element("guid", "live-1", {"isPermaLink": "false"}),
    Element("enclosure", "", {"url": "https://a.example/a.mp3", "length": "312", "type": "audio/mpeg"}),
    Element("podcast:contentLink", "Listen", {"href": "https://a.example/"}),
)


def local(name: str) -> str:
    return name.rpartition(":")[2]


def tried(name: str, text: str, attributes: dict[str, str]) -> Element | None:
    first = CHILDREN.get(name, "").rpartition("|")[2]
    children = _LIVE if name == "liveItem" else (Element(first, *LEAST[local(first)]),) if first else ()
    return fit(min(RULES[f"podcast:{name}"].parents), Element(f"podcast:{name}", text, attributes, children))


@pytest.mark.parametrize("name", ALL)
def test_our_table_says_what_the_specification_says(name: str) -> None:
    rule = RULES[name]
    assert ALL[name] == Row(frozenset(map(local, rule.parents)), rule.many, frozenset(rule.required), frozenset(rule.optional))


def test_our_table_knows_every_element_and_no_other() -> None:
    assert ALL.keys() == {name for name in RULES if name.startswith(("podcast:", "itunes:"))}
    assert ROWS.keys() == LEAST.keys() | CHILDREN.keys()


@pytest.mark.parametrize("name", ROWS)
def test_a_group_needs_its_children(name: str) -> None:
    assert tuple(CHILDREN.get(name, "").split()) == RULES[f"podcast:{name}"].needs
    assert name in CHILDREN or (LEAST[name][0] != "") == bool(RULES[f"podcast:{name}"].text and name != "soundbite")


@pytest.mark.parametrize("name", LEAST)
def test_the_least_that_is_asked_for_is_enough_and_necessary(name: str) -> None:
    text, attributes = LEAST[name]
    assert tried(name, text, attributes) == Element(f"podcast:{name}", text, attributes)
    for one in attributes:
        assert None is tried(name, text, {key: value for key, value in attributes.items() if key != one})
    if text:
        assert None is tried(name, "", attributes)


@pytest.mark.parametrize(("place", "limit"), LIMITS.items(), ids=str)
def test_a_text_is_cut_at_its_limit_and_not_before(place: tuple[str, str], limit: int) -> None:
    name, attribute = place
    text, attributes = LEAST[name] if name in LEAST else ("", HELD[name])
    for length in (limit, limit + 1):
        long = "ң" * length
        fitted = tried(name, text if attribute else long, attributes | ({attribute: long} if attribute else {}))
        assert fitted
        assert "ң" * limit == (fitted.attributes[attribute] if attribute else fitted.text)


@pytest.mark.parametrize("place", list(WORDS), ids=str)
def test_a_word_is_one_of_the_list(place: tuple[str, str]) -> None:
    name, attribute = place
    text, attributes = LEAST[name] if name in LEAST else ("", HELD[name])
    for word in WORDS[place].split():
        fitted = tried(name, text if attribute else word, attributes | ({attribute: word} if attribute else {}))
        assert fitted
        assert word == (fitted.attributes[attribute] if attribute else fitted.text)
    fitted = tried(name, text if attribute else "other", attributes | ({attribute: "other"} if attribute else {}))
    assert fitted is None or attribute not in fitted.attributes


@pytest.mark.parametrize(("name", "attribute", "good", "bad"), list(_values()))
def test_a_value_is_of_its_kind(name: str, attribute: str, good: list[str], bad: list[str]) -> None:
    text, attributes = LEAST[name] if name in LEAST else ("", HELD[name])

    def written(value: str) -> str | None:
        fitted = tried(name, text if attribute else value, attributes | ({attribute: value} if attribute else {}))
        return None if fitted is None else fitted.attributes.get(attribute) if attribute else fitted.text

    assert good == [written(value) for value in good]
    assert [None] * len(bad) == [written(value) for value in bad]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("itunes:type", "episodic serial", "daily"),
        ("itunes:episodeType", "full trailer bonus", "other"),
        ("itunes:explicit", "true false", "yes no clean"),
        ("itunes:block", "Yes", "yes no true"),
        ("itunes:complete", "Yes", "yes no true"),
        ("itunes:duration", "1 2092", "0 -1 0:34:52 x"),
        ("itunes:season", "1 20", "0 -1 1.5"),
        ("itunes:episode", "1 20", "0 -1 3.5"),
        ("itunes:email", "a@b.example", "a.example"),
        ("itunes:new-feed-url", "https://a.example/feed", "ftp://a.example/ x"),
    ],
)
def test_a_value_of_apples_is_one_that_it_takes(name: str, good: str, bad: str) -> None:
    parent = min(RULES[name].parents)
    assert good.split() == [fitted.text for word in good.split() if (fitted := fit(parent, Element(name, word)))]
    assert [] == [word for word in bad.split() if fit(parent, Element(name, word))]


def test_a_simple_chapter_starts_at_a_time() -> None:
    starts = ["0:00", "34:52", "00:34:52.500", "-1", "1e3", "x", "00:61:00"]
    taken = [start for start in starts if fit("psc:chapters", Element("psc:chapter", "", {"start": start, "title": "A"}))]
    assert starts[:3] == taken


def test_every_attribute_and_text_has_its_kind_here() -> None:
    ruled = {*WORDS, *ADDRESSES, *LIMITS, *((name, attribute) for name, attribute, _, _ in _values())}
    places = {(name, attribute) for name, row in ROWS.items() for attribute in row.required | row.optional}
    # The specification leaves these to whoever writes them.
    free = {("person", "role"), ("person", "group"), ("alternateEnclosure", "codecs"), ("image", "alt")}
    free |= {("valueRecipient", "name"), ("valueRecipient", "customKey"), ("valueRecipient", "customValue")}
    free |= {("socialInteract", "accountId"), ("chat", "accountId"), ("chat", "space"), ("remoteItem", "itemGuid"), ("remoteItem", "title")}
    assert places - ruled == free


@pytest.mark.parametrize("place", sorted(ADDRESSES), ids=str)
def test_an_address_is_one_of_the_web(place: tuple[str, str]) -> None:
    name, attribute = place
    text, attributes = LEAST[name]
    for bad in ("javascript:alert(1)", "ftp://a.example/", "a.example", "data:text/html,x"):
        fitted = tried(name, text, attributes | {attribute: bad})
        assert fitted is None or attribute not in fitted.attributes


def split(node: Node) -> tuple[str, str]:
    """Return the namespace of an element, in braces or empty, and its name."""
    namespace, brace, name = node.tag.rpartition("}")
    return namespace + brace, name


def pairs(parent: Node) -> Iterator[tuple[Node, Node]]:
    for child in parent:
        yield parent, child
        yield from pairs(child)


@pytest.fixture(params=shows.FEEDS)
def channel(request: pytest.FixtureRequest) -> Node:
    root = ET.parse(shows.GOLDEN / f"{request.param}.xml").getroot()
    assert ("rss", "2.0", 1) == (root.tag, root.get("version"), len(root))
    return root[0]


def test_podcast_elements_stand_where_they_may_as_often_as_they_may_with_what_they_need(channel: Node) -> None:
    for parent, node in pairs(channel):
        namespace, name = split(node)
        if namespace != PODCAST:
            continue
        row, place = ROWS[name], split(parent)[1]
        assert place in row.places, f"{name} in {place}"
        assert row.many or 1 == len(parent.findall(node.tag)), f"{name} more than once in {place}"
        assert row.required <= set(node.keys()) <= row.required | row.optional, f"{name} has {node.keys()}"
        for attribute, value in (*node.items(), *([("", node.text)] if node.text else [])):
            assert "" != value == value.strip()
            assert len(value) <= LIMITS.get((name, attribute), 4000)
            assert value in WORDS.get((name, attribute), value).split() or (name, attribute) not in WORDS
            assert (name, attribute) not in ADDRESSES or is_address(value)


def is_address(value: str) -> bool:
    parts = urlsplit(value)
    return value.isascii() and parts.scheme == "https" and bool(parts.hostname) and not re.search(r"\s", value)


def test_a_group_holds_what_it_must(channel: Node) -> None:
    for node in (node for _, node in pairs(channel) if split(node)[0] == PODCAST):
        names = Counter(split(child)[1] for child in node)
        match split(node)[1]:
            case "alternateEnclosure":
                assert names["source"] >= 1 >= names["integrity"]
            case "value":
                assert names["valueRecipient"] >= 1
            case "valueTimeSplit":
                assert (names["remoteItem"] == 1) != (names["valueRecipient"] >= 1)
            case "podroll":
                assert names["remoteItem"] >= 1
            case "publisher":
                assert ["publisher"] == [child.get("medium") for child in node]
            case "liveItem":
                assert (1, 1, 1) == (names["title"], names["guid"], names["enclosure"])
                assert names["contentLink"] >= 1
            case "socialInteract":
                assert (node.get("protocol") == "disabled") == (node.get("uri") is None)
            case "remoteItem" | "guid":
                uuid.UUID(node.get("feedGuid") or node.text)


def test_every_element_is_in_the_feed_of_everything_at_each_of_its_places() -> None:
    root = ET.parse(shows.GOLDEN / "everything.xml").getroot()
    found = {(split(node)[1], split(parent)[1]) for parent, node in pairs(root) if split(node)[0] == PODCAST}
    # A stream has no transcript and no chapters yet.
    missing = {("transcript", "liveItem"), ("chapters", "liveItem")}
    assert {(name, place) for name, row in ROWS.items() for place in row.places} - found == missing


#: What PSP-1 and Apple ask of a channel, and of an item: each once.
CHANNEL = ("title", "link", "description", "language", f"{ITUNES}explicit", f"{ITUNES}image", f"{PODCAST}guid", f"{PODCAST}locked")
ITEM = ("title", "guid", "enclosure", "pubDate", "link", f"{ITUNES}duration", f"{ITUNES}explicit", f"{ITUNES}episodeType")
AT_MOST_ONCE = {
    "channel": ("author", "owner", "type", "title", "complete", "block", "new-feed-url"),
    "item": ("image", "title", "season", "episode", "block"),
}


def test_a_channel_and_its_items_have_what_psp1_and_apple_require(channel: Node) -> None:
    assert 1 <= len(channel.findall(f"{ITUNES}category"))
    assert 1 == len(channel.findall(f"{ITUNES}author"))
    for parent, names in ((channel, CHANNEL), *((item, ITEM) for item in channel.findall("item"))):
        assert [1] * len(names) == [len(parent.findall(name)) for name in names]
        for name in AT_MOST_ONCE[parent.tag]:
            assert 1 >= len(parent.findall(f"{ITUNES}{name}"))
        assert parent.findtext(f"{ITUNES}explicit") in {"true", "false"}
        assert 255 >= len(parent.findtext("title")) > 0
        assert 4000 >= len(parent.findtext("description", "").encode())
        assert parent.findtext(f"{ITUNES}block") in {None, "Yes"}
        for text in (node.text for node in parent if split(node)[0] == ITUNES and node.text):
            assert text == text.strip()


def test_the_channel_is_as_rss_and_apple_want_it(channel: Node) -> None:
    (own,) = (link for link in channel.findall(f"{ATOM}link") if link.get("rel") == "self")
    assert "application/rss+xml" == own.get("type")
    assert is_address(own.get("href"))
    assert str(uuid.uuid5(uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6"), own.get("href").partition("://")[2])) == channel.findtext(
        f"{PODCAST}guid"
    )
    assert channel.findtext(f"{ITUNES}type") in {"episodic", "serial"}
    assert channel.findtext(f"{ITUNES}complete") in {None, "Yes"}
    image = channel.find("image")
    assert [channel.findtext("title"), channel.findtext("link")] == [image.findtext("title"), image.findtext("link")]
    assert channel.find(f"{ITUNES}image").get("href") == image.findtext("url")
    assert "copyright" not in channel.findtext("copyright", "").lower()
    assert "item" == [split(node)[1] for node in channel][-1]


def date(text: str) -> datetime:
    """Return a date of RFC 2822, whose day of the week is right."""
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000", text)
    moment = parsedate_to_datetime(text)
    assert ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][moment.weekday()] == text[:3]
    return moment


def test_items_are_as_rss_and_apple_want_them(channel: Node) -> None:
    items = channel.findall("item")
    dates = [date(item.findtext("pubDate")) for item in items]
    assert sorted(dates, reverse=True) == dates
    assert date(channel.findtext("lastBuildDate")) >= dates[0]
    for name in ("guid", "enclosure"):
        assert len(items) == len({item.findtext(name) or item.find(name).get("url") for item in items})
    for item in items:
        enclosure = item.find("enclosure")
        assert {"url", "length", "type"} == set(enclosure.keys())
        assert is_address(enclosure.get("url"))
        assert enclosure.get("url").endswith({"audio/mpeg": ".mp3", "audio/x-m4a": ".m4a"}[enclosure.get("type")])
        assert int(enclosure.get("length")) > 0
        assert "false" == item.find("guid").get("isPermaLink")
        assert item.findtext(f"{ITUNES}duration").isdigit()
        assert item.findtext(f"{ITUNES}episodeType") in {"full", "trailer", "bonus"}
        tags = re.findall(r"</?([a-z0-9]+)", item.findtext("description", ""))
        assert set(tags) <= {"p", "ol", "ul", "li", "a", "b", "i", "strong", "em", "br"}
        for name in ("season", "episode"):
            numbers = [item.findtext(f"{prefix}{name}") for prefix in (ITUNES, PODCAST)]
            assert numbers[0] == numbers[1]
            assert numbers[0] is None or int(numbers[0]) >= 1
