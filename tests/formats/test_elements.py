"""The elements of Podcasting 2.0: each read back from the bytes as it was given, each refused with a reason."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeAlias

import pytest
from lxml import etree

from podcast import elements as e
from podcast.errors import UsageError
from podcast.formats import apple, rss, shapes, taxonomy
from podcast.formats.namespaces import NAMESPACES, RULES, Element, fit
from podcast.model import Category, Show
from tests.formats import shows
from tests.make import make_episode, make_show

Node: TypeAlias = Any
Flat = list[tuple[str, str, dict[str, str]]]

GUID = "a94f5cc9-8c58-55fc-91fe-a324087a655b"
WHO = e.Recipient(type="node", address="02d5", split=1)
ENCLOSURE = e.Enclosure(url="https://a.example/a.mp3", length=312, type="audio/mpeg")
LINK = e.ContentLink(href="https://a.example/", text="Listen")
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
LIVE = e.LiveItem(status="live", start=NOON, title="T", guid="g", enclosure=ENCLOSURE, content_links=(LINK,))


def flat(node: Node) -> Flat:
    """Return an element and all below it: names, texts and attributes in the order of the document."""
    prefixes = {uri: prefix for prefix, uri in NAMESPACES.items()}
    found = []
    for one in node.iter():
        tag = etree.QName(one)
        name = f"{prefixes[tag.namespace]}:{tag.localname}" if tag.namespace else tag.localname
        found.append((name, one.text or "", dict(one.attrib)))
    return found


def all_of(parent: Node, name: str) -> list[Flat]:
    prefix, _, local = name.partition(":")
    return [flat(node) for node in parent.findall(f"{{{NAMESPACES[prefix]}}}{local}")]


def channel(**given: Any) -> Node:
    return etree.fromstring(rss.render(make_show(**given), [], shows.SITE))[0]


def item(**given: Any) -> Node:
    return etree.fromstring(rss.render(make_show(), [make_episode(**given)], shows.SITE))[0].find("item")


READ_BACK: list[tuple[str, Any, Flat]] = [
    (
        "locations",
        e.Location(name="Ош", geo="geo:40.5,-72.8", osm="R1#2"),
        [("podcast:location", "Ош", {"geo": "geo:40.5,-72.8", "osm": "R1#2"})],
    ),
    (
        "images",
        e.Image(href="https://a.example/ү.png", aspect_ratio="1/1"),
        [("podcast:image", "", {"href": "https://a.example/%D2%AF.png", "aspect-ratio": "1/1"})],
    ),
    ("license", e.License(name="cc-by-nc-nd-4.0"), [("podcast:license", "cc-by-nc-nd-4.0", {})]),
    ("license", e.License(name="ours", url="https://a.example/l"), [("podcast:license", "ours", {"url": "https://a.example/l"})]),
    ("txt", e.Txt(text="S6lpp & <x>", purpose="verify"), [("podcast:txt", "S6lpp & <x>", {"purpose": "verify"})]),
    ("social", e.Social(protocol="disabled"), [("podcast:socialInteract", "", {"protocol": "disabled"})]),
    (
        "social",
        e.Social(protocol="nostr", uri="nostr:note1x", account_id="a"),
        [("podcast:socialInteract", "", {"protocol": "nostr", "uri": "nostr:note1x", "accountId": "a"})],
    ),
    (
        "chat",
        e.Chat(server="a.example", protocol="xmpp", space="r@a.example"),
        [("podcast:chat", "", {"server": "a.example", "protocol": "xmpp", "space": "r@a.example"})],
    ),
    ("funding", e.Funding(url="https://a.example/give", text="Give"), [("podcast:funding", "Give", {"url": "https://a.example/give"})]),
    (
        "value",
        e.Value(recipients=(replace(WHO, fee=True, custom_key="7", custom_value="x"),)),
        [
            ("podcast:value", "", {"type": "lightning", "method": "keysend"}),
            (
                "podcast:valueRecipient",
                "",
                {"type": "node", "address": "02d5", "split": "1", "customKey": "7", "customValue": "x", "fee": "true"},
            ),
        ],
    ),
]
OF_CHANNEL: list[tuple[str, Any, Flat]] = [
    (
        "trailers",
        e.Trailer(
            title="Soon", url="https://a.example/t.mp3", pubdate=datetime(2026, 12, 1, 12, tzinfo=timezone(timedelta(hours=6))), season=2
        ),
        [("podcast:trailer", "Soon", {"url": "https://a.example/t.mp3", "pubdate": "Tue, 01 Dec 2026 06:00:00 +0000", "season": "2"})],
    ),
    ("update_frequency", e.UpdateFrequency(text="Done", complete=True), [("podcast:updateFrequency", "Done", {"complete": "true"})]),
    (
        "update_frequency",
        e.UpdateFrequency(text="Weekly", rrule="FREQ=WEEKLY;BYDAY=+4TH"),
        [("podcast:updateFrequency", "Weekly", {"rrule": "FREQ=WEEKLY;BYDAY=+4TH"})],
    ),
    ("podroll", e.RemoteItem(feed_guid=GUID), [("podcast:podroll", "", {}), ("podcast:remoteItem", "", {"feedGuid": GUID})]),
    (
        "publisher",
        e.RemoteItem(feed_guid=GUID, medium="publisher"),
        [("podcast:publisher", "", {}), ("podcast:remoteItem", "", {"feedGuid": GUID, "medium": "publisher"})],
    ),
    (
        "remote_items",
        e.RemoteItem(feed_guid=GUID, title="Ң", medium="musicL"),
        [("podcast:remoteItem", "", {"feedGuid": GUID, "medium": "musicL", "title": "Ң"})],
    ),
    ("blocks", e.Block(id="google"), [("podcast:block", "yes", {"id": "google"})]),
    ("blocks", e.Block(id="apple", blocked=False), [("podcast:block", "no", {"id": "apple"})]),
    ("medium", "audiobook", [("podcast:medium", "audiobook", {})]),
    ("podping", True, [("podcast:podping", "", {"usesPodping": "true"})]),
    ("complete", True, [("itunes:complete", "Yes", {})]),
    ("new_feed_url", "https://b.example/feed", [("itunes:new-feed-url", "https://b.example/feed", {})]),
    (
        "live",
        LIVE,
        [
            ("podcast:liveItem", "", {"status": "live", "start": "2026-12-01T12:00:00Z"}),
            ("title", "T", {}),
            ("guid", "g", {"isPermaLink": "false"}),
            ("enclosure", "", {"url": "https://a.example/a.mp3", "length": "312", "type": "audio/mpeg"}),
            ("podcast:contentLink", "Listen", {"href": "https://a.example/"}),
        ],
    ),
]
OF_ITEM: list[tuple[str, Any, Flat]] = [
    ("soundbites", e.Soundbite(start_time=73.125, duration=60.0), [("podcast:soundbite", "", {"startTime": "73.125", "duration": "60"})]),
    ("soundbites", e.Soundbite(start_time=0, duration=0.1, title="Ң"), [("podcast:soundbite", "Ң", {"startTime": "0", "duration": "0.1"})]),
    ("content_links", LINK, [("podcast:contentLink", "Listen", {"href": "https://a.example/"})]),
    (
        "alternates",
        e.Alternate(
            type="audio/opus", lang="KY", sources=(e.Source(uri="magnet:?xt=urn:btih:abc", content_type="application/x-bittorrent"),)
        ),
        [
            ("podcast:alternateEnclosure", "", {"type": "audio/opus", "lang": "ky"}),
            ("podcast:source", "", {"uri": "magnet:?xt=urn:btih:abc", "contentType": "application/x-bittorrent"}),
        ],
    ),
    (
        "value",
        e.Value(
            recipients=(WHO,),
            time_splits=(e.TimeSplit(start_time=1, duration=2, remote_percentage=0, remote_item=e.RemoteItem(feed_guid=GUID)),),
        ),
        [
            ("podcast:value", "", {"type": "lightning", "method": "keysend"}),
            ("podcast:valueRecipient", "", {"type": "node", "address": "02d5", "split": "1"}),
            ("podcast:valueTimeSplit", "", {"startTime": "1", "duration": "2", "remotePercentage": "0"}),
            ("podcast:remoteItem", "", {"feedGuid": GUID}),
        ],
    ),
]


def as_field(model: type, field: str, value: object) -> object:
    (default,) = (one.default for one in fields(model) if one.name == field)
    return (value,) if isinstance(default, tuple) else value


@pytest.mark.parametrize(("field", "value", "expected"), READ_BACK + OF_CHANNEL)
def test_what_a_show_is_given_stands_in_the_channel(field: str, value: object, expected: Flat) -> None:
    assert [expected] == all_of(channel(**{field: as_field(Show, field, value)}), expected[0][0])


@pytest.mark.parametrize(("field", "value", "expected"), READ_BACK + OF_ITEM)
def test_what_an_episode_is_given_stands_in_the_item(field: str, value: object, expected: Flat) -> None:
    assert [expected] == all_of(item(**{field: as_field(type(make_episode()), field, value)}), expected[0][0])


def test_a_block_hides_from_apple_and_from_all() -> None:
    found = channel(block=True, blocks=(e.Block(id="apple", blocked=False),))
    assert [[("itunes:block", "Yes", {})]] == all_of(found, "itunes:block")
    assert [[("podcast:block", "yes", {})], [("podcast:block", "no", {"id": "apple"})]] == all_of(found, "podcast:block")
    assert [[("itunes:block", "Yes", {})]] == all_of(item(block=True), "itunes:block")


def test_what_is_not_set_is_not_written() -> None:
    feed = etree.fromstring(rss.render(make_show(), [make_episode()], shows.SITE))
    assert {"guid", "locked"} == {etree.QName(node).localname for node in feed.iter(f"{{{NAMESPACES['podcast']}}}*")}


def test_every_optional_field_may_be_left_out() -> None:
    """A class whose optional fields have no default could not be read from an older row."""
    kinds = [kind for kind in vars(e).values() if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == e.__name__]
    assert len(shapes._SHAPES) + 1 == len(kinds)
    for model in (Show, type(make_episode())):
        needed = {one.name for one in fields(model) if one.default is MISSING}
        assert needed <= {"slug", "guid", "title", "show", "audio", "created", "changed"}


def test_every_attribute_of_the_table_has_a_field() -> None:
    for kind, (name, content) in shapes._SHAPES.items():
        known = {one.name for one in fields(kind)}
        assert {field for _, field in shapes._attributes(name)} <= known
        assert not content or content in known
        assert bool(content) == (RULES[name].text is not None)


REFUSED: list[tuple[str, Any, str]] = [
    ("item", e.Soundbite(start_time=-1, duration=5), "startTime is '-1', and must be a number of seconds."),
    ("item", e.Soundbite(start_time=float("nan"), duration=5), "startTime is 'nan'"),
    ("item", e.Soundbite(start_time=1, duration=0), "duration is '0', and must be a number of seconds above 0."),
    ("item", e.Soundbite(start_time=1, duration=1e-9), "duration is '0'"),
    ("item", e.Soundbite(start_time=1, duration=2, title="x" * 129), "its text is longer than 128 characters."),
    ("channel", e.Funding(url="javascript:alert(1)", text="x"), "url is 'javascript:alert(1)', and must be a web address"),
    ("channel", e.Person(name=" \x00"), "its text is missing."),
    ("channel", e.Person(name="A", image="data:x"), "img is 'data:x'"),
    ("channel", e.Person(name="A", role="hots"), "'hots' is no role of the Podcasting 2.0 taxonomy."),
    ("channel", e.License(name="my-own"), "url is missing: 'my-own' is no licence of the list"),
    ("channel", e.Location(name=""), "its text is missing."),
    ("channel", e.Location(name="x" * 129), "its text is longer than 128 characters."),
    ("channel", e.Location(name="Osh", geo="40.5,72.8"), "geo is '40.5,72.8', and must be like geo:42.87,74.59."),
    ("channel", e.Location(name="Osh", osm="2566100"), "osm is '2566100'"),
    ("channel", e.Location(name="Osh", rel="about"), "rel is 'about', and must be one of subject, creator."),
    ("channel", e.Location(name="Osh", country="kgz"), "country is 'kgz'"),
    ("channel", e.Image(href="cover.jpg"), "href is 'cover.jpg'"),
    ("channel", e.Image(href="https://a.example/", aspect_ratio="16:9"), "aspect-ratio is '16:9', and must be like 16/9."),
    ("channel", e.Image(href="https://a.example/", width=0), "width is '0'"),
    ("channel", e.Image(href="https://a.example/", purpose="x" * 129), "purpose is longer than 128 characters."),
    ("channel", e.Trailer(title="x", url="https://a.example/", pubdate=datetime(2026, 1, 1)), "2026-01-01 00:00:00 names no time zone."),  # noqa: DTZ001
    ("item", e.Alternate(type="audio/opus", sources=()), "podcast:source is missing."),
    ("item", e.Alternate(type="opus", sources=(e.Source(uri="https://a.example/"),)), "type is 'opus', and must be a media type"),
    (
        "item",
        e.Alternate(type="audio/opus", title="x" * 33, sources=(e.Source(uri="https://a.example/"),)),
        "title is longer than 32 characters.",
    ),
    ("item", e.Alternate(type="audio/opus", lang="klingon!", sources=(e.Source(uri="https://a.example/"),)), "lang is 'klingon!'"),
    ("item", e.Alternate(type="audio/opus", sources=(e.Source(uri="file:///etc/passwd"),)), "uri is 'file:///etc/passwd'"),
    (
        "item",
        e.Alternate(type="audio/opus", sources=(e.Source(uri="ipfs://x"),), integrity=e.Integrity(type="md5", value="x")),
        "type is 'md5'",
    ),
    ("channel", e.Value(recipients=()), "podcast:valueRecipient is missing."),
    ("channel", e.Value(recipients=(replace(WHO, split=-1),)), "split is '-1'"),
    ("channel", e.Value(recipients=(replace(WHO, address="a b"),)), "address is 'a b'"),
    ("channel", e.Value(recipients=(WHO,), suggested="1e-9"), "suggested is '1e-9'"),
    (
        "item",
        e.Value(recipients=(WHO,), time_splits=(e.TimeSplit(start_time=1, duration=2),)),
        "podcast:remoteItem or podcast:valueRecipient is missing.",
    ),
    (
        "item",
        e.Value(
            recipients=(WHO,),
            time_splits=(e.TimeSplit(start_time=1, duration=2, recipients=(WHO,), remote_item=e.RemoteItem(feed_guid=GUID)),),
        ),
        "it holds either one remote item or recipients.",
    ),
    (
        "item",
        e.Value(recipients=(WHO,), time_splits=(e.TimeSplit(start_time=1, duration=2, remote_percentage=101, recipients=(WHO,)),)),
        "remotePercentage is '101'",
    ),
    ("channel", e.RemoteItem(feed_guid="x"), "feedGuid is 'x', and must be a UUID."),
    ("channel", e.RemoteItem(feed_guid=GUID, medium="movie"), "medium is 'movie'"),
    ("channel", e.Txt(text=""), "its text is missing."),
    ("channel", e.Txt(text="x" * 4001), "its text is longer than 4000 characters."),
    ("channel", e.Block(id="Google Play"), "id is 'Google Play'"),
    ("item", e.Social(protocol="activitypub"), "uri is missing."),
    ("item", e.Social(protocol="disabled", uri="https://a.example/"), "the protocol disabled stands alone."),
    ("item", e.Social(protocol="myspace", uri="https://a.example/"), "protocol is 'myspace', and must be one of activitypub"),
    ("item", e.Chat(server="https://a.example/", protocol="irc"), "server is 'https://a.example/', and must be the name of a host."),
    ("item", e.Chat(server="a.example", protocol="icq"), "protocol is 'icq'"),
    ("channel", e.UpdateFrequency(text="Weekly", rrule="weekly"), "rrule is 'weekly'"),
    ("channel", e.UpdateFrequency(text="Ten", rrule="FREQ=WEEKLY;COUNT=10"), "dtstart is missing: the rrule counts."),
    ("channel", replace(LIVE, status="soon"), "status is 'soon', and must be one of pending, live, ended."),
    ("channel", replace(LIVE, content_links=()), "podcast:contentLink is missing."),
    ("channel", replace(LIVE, guid=""), "its text is missing."),
    ("channel", replace(LIVE, enclosure=replace(ENCLOSURE, length=0)), "length is '0'"),
    ("channel", replace(LIVE, start=datetime(2026, 1, 1)), "names no time zone"),  # noqa: DTZ001
]


@pytest.mark.parametrize(("parent", "value", "message"), REFUSED)
def test_what_breaks_a_rule_is_refused_with_the_rule(parent: str, value: object, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        shapes.checked(parent, value)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_refusal_names_the_element_also_where_it_stands_in_another() -> None:
    with pytest.raises(UsageError, match=r"^podcast:source: uri is 'ftp://a', and must be an address"):
        shapes.checked("item", e.Alternate(type="audio/opus", sources=(e.Source(uri="ftp://a"),)))


@pytest.mark.parametrize(("parent", "value", "message"), REFUSED)
def test_what_is_not_refused_is_written_as_it_is(parent: str, value: object, message: str) -> None:
    """A good value of the same class passes, so that the refusal above has its reason."""
    good = next(one for one in values_of(*shows.read("everything")) if type(one) is type(value))
    assert good == shapes.checked(parent, good)


def values_of(show: Show, episodes: Iterable[object]) -> Iterable[object]:
    for holder in (show, *episodes):
        for field in fields(holder):  # type: ignore[arg-type]
            value = getattr(holder, field.name)
            yield from value if isinstance(value, tuple) else (value,)


def test_funding_needs_no_text_since_the_show_has_a_title() -> None:
    assert e.Funding(url="https://a.example/") == shapes.checked("channel", e.Funding(url="https://a.example/", text="\x00"))


def test_texts_are_cleaned_and_persons_placed_wherever_they_stand() -> None:
    checked = shapes.checked("channel", replace(LIVE, title=" a\x07\u202e b ", persons=(e.Person(name="A", role="Cover Art Designer"),)))
    assert ("a b", "cover art designer", "visuals") == (checked.title, checked.persons[0].role, checked.persons[0].group)


def test_what_may_stand_once_stands_once_in_a_live_item() -> None:
    found = channel(live=(LIVE, replace(LIVE, guid="h")))
    assert ["g", "h"] == [guid.text for guid in found.findall("{*}liveItem/guid")]


def test_a_broken_value_costs_only_itself() -> None:
    found = channel(locations=(e.Location(name="\x00"), e.Location(name="Osh", geo="x")), chat=e.Chat(server="", protocol="irc"))
    assert [[("podcast:location", "Osh", {})]] == all_of(found, "podcast:location")
    assert [] == all_of(found, "podcast:chat")


def test_a_publisher_is_one_of_the_medium_publisher() -> None:
    assert [] == all_of(channel(publisher=e.RemoteItem(feed_guid=GUID)), "podcast:publisher")


@pytest.mark.parametrize("parent", ["podcast:publisher", "podcast:valueTimeSplit"])
def test_two_remote_items_are_one_too_many_where_one_is_meant(parent: str) -> None:
    remote = Element("podcast:remoteItem", attributes={"feedGuid": GUID, "medium": "publisher"})
    (above,) = RULES[parent].parents
    attributes = dict.fromkeys(RULES[parent].required, "1")
    assert fit(above, Element(parent, attributes=attributes, children=(remote,)))
    assert None is fit(above, Element(parent, attributes=attributes, children=(remote, remote)))


@pytest.fixture
def bishkek(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put this process into a time zone that is not UTC."""
    monkeypatch.setenv("TZ", "Asia/Bishkek")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("bishkek")
def test_a_time_without_a_zone_is_never_that_of_the_machine() -> None:
    naive = e.Trailer(title="x", url="https://a.example/", pubdate=datetime(2026, 1, 1))  # noqa: DTZ001
    ((_, _, attributes),) = all_of(channel(trailers=(naive,)), "podcast:trailer")[0]
    assert "Thu, 01 Jan 2026 00:00:00 +0000" == attributes["pubdate"]


class TestCategories:
    def test_there_are_nineteen_and_fifteen_have_more_below(self) -> None:
        assert (19, 15) == (len(apple.CATEGORIES), sum(map(bool, apple.CATEGORIES.values())))

    @pytest.mark.parametrize("name", apple.CATEGORIES)
    def test_each_is_taken_and_each_below_it(self, name: str) -> None:
        assert Category(text=name) == apple.category(name.upper())
        for sub in apple.CATEGORIES[name]:
            assert Category(text=name, sub=sub) == apple.category(f"{name.lower()}>{sub} ")

    @pytest.mark.parametrize(
        ("given", "hint"),
        [
            ("Politics", "News > Politics"),
            ("Religion", "Religion & Spirituality > Religion"),
            ("Religion and Spirituality", "Religion & Spirituality"),
            ("News & Politics", "News > Politics"),
            ("News > Technews", "News > Tech News"),
            ("Technology > Gadgets", "Apple has"),
            ("News > ", "Apple has"),
            ("", "Apple has"),
            ("\x00", "Apple has"),
            ("Zzzzzz", "Apple has"),
        ],
    )
    def test_another_is_refused_with_the_nearest(self, given: str, hint: str) -> None:
        with pytest.raises(UsageError) as caught:
            apple.category(given)
        assert hint in caught.value.hint


class TestTaxonomy:
    def test_it_has_sixty_three_pairs(self) -> None:
        assert 63 == sum(map(len, taxonomy.ROLES.values()))

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (("host", "cast"), ("host", "cast")),
            ((" Guest Host", "Cast"), ("guest host", "cast")),
            (("producer", "cast"), ("producer", "creative direction")),
            (("Editor", "cast"), ("editor", "writing")),
            (("editor", "video post-production"), ("editor", "video post-production")),
            (("intern", "Misc."), ("intern", "misc.")),
        ],
    )
    def test_a_role_finds_its_group(self, given: tuple[str, str], expected: tuple[str, str]) -> None:
        assert expected == taxonomy.place(*given)

    @pytest.mark.parametrize(
        ("given", "hint"),
        [(("gest", "cast"), "'guest'"), (("host", "casts"), "'cast'"), (("host", "writing"), "'cast'"), (("", "cast"), "Among them")],
    )
    def test_another_is_refused_with_the_nearest(self, given: tuple[str, str], hint: str) -> None:
        with pytest.raises(UsageError) as caught:
            taxonomy.place(*given)
        assert hint in caught.value.hint
