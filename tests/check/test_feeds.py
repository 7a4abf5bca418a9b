"""Feeds as a whole: ours are sound, and whatever is read nothing raises and nothing is fetched."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast.check import Level, check_feed, check_show
from podcast.formats import feed_reader
from podcast.model import Episode, Show
from podcast.site import Site
from tests.formats import shows
from tests.formats.test_rss_hostile import hostile_episodes, hostile_shows
from tests.make import MOMENT, make_episode

from . import feeds

pytestmark = pytest.mark.thorough

GOLDEN = sorted((Path(__file__).parents[1] / "formats" / "golden").glob("*.xml"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: str(path.stem))
def test_our_feeds_have_no_error_and_no_element_that_is_not_as_it_must_be(path: Path) -> None:
    found = [finding for finding in check_feed(path.read_bytes(), path.name, now=MOMENT) if finding.level is not Level.NOTICE]
    # The Arabic show has no owner, on purpose.
    assert {"youtube.owner.missing"} >= {finding.rule for finding in found}


@pytest.mark.parametrize("name", shows.FEEDS)
def test_a_finding_in_our_own_feed_names_the_episode(name: str) -> None:
    show, episodes = shows.read(name)
    found = list(check_show(show, episodes, Site("http://localhost:8000/"), now=MOMENT, read_cues=lambda _: ()))
    assert "link.local" in {finding.rule for finding in found}
    assert {show.slug, *(f"{show.slug}/{episode.slug}" for episode in episodes)} >= {finding.where for finding in found}


@pytest.mark.parametrize("rule", sorted(feeds.BROKEN.keys() - feeds.LARGE))
def test_a_broken_feed_has_its_fault_and_no_other(rule: str) -> None:
    for broken in feeds.BROKEN[rule]:
        found = {finding.rule for finding in check_feed(broken, "feed.xml", now=MOMENT, url=feeds.FOUND)}
        assert {rule} == found - feeds.ALSO.get(rule, set())


def test_several_faults_are_all_named() -> None:
    broken = feeds.SOUND
    for old, new in (
        ("<language>en</language>", ""),
        ('length="21000"', 'length="0"'),
        (">false</itunes:explicit>\n<podcast:guid", ">clean</itunes:explicit>\n<podcast:guid"),
        ("Technology", "Tech"),
    ):
        broken = broken.replace(old, new)
    rules = [finding.rule for finding in check_feed(broken.encode(), "feed.xml", now=MOMENT)]
    assert ["apple.category.unknown", "apple.explicit", "rss.enclosure.length", "rss.language.missing"] == sorted(rules)


def test_what_is_behind_a_fault_of_the_xml_is_checked_all_the_same() -> None:
    broken = feeds.but("Majlis &amp; more", "Majlis & more").replace(b'length="21000"', b'length="0"')
    assert ["xml.well-formed", "rss.enclosure.length"] == [finding.rule for finding in check_feed(broken, "feed.xml", now=MOMENT)]


def test_no_entity_is_resolved_and_no_file_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("TOP SECRET")
    dtd = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}"><!ENTITY a "{"b" * 99}">]>\n<rss'
    items: list[feed_reader.Tag] = []
    feed_reader.read(feeds.but("<rss", dtd).replace(b"Lake", b"L&x;&a;"), items.append)
    assert "L" == items[1].value("title")


def test_a_billion_laughs_end_at_once() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = feeds.but("<rss", f'<!DOCTYPE rss [<!ENTITY a0 "ha">{entities}]>\n<rss').replace(b"Lake", b"&a11;")
    assert "xml.doctype" in Counter(finding.rule for finding in check_feed(bomb, "feed.xml", now=MOMENT))


def test_prefixes_of_the_feed_do_not_matter() -> None:
    feed = feeds.SOUND.replace("itunes:", "apple:").replace("podcast:", "p:").replace("https://podcastindex.org/namespace/1.0", next(
        uri for uri in feed_reader.PREFIXES if "github" in uri
    )).replace("xmlns:itunes", "xmlns:apple").replace("xmlns:podcast", "xmlns:p")  # fmt: skip
    assert [] == list(check_feed(feed.encode(), "feed.xml", now=MOMENT))


def test_lines_are_those_of_the_file() -> None:
    channel = feed_reader.read(feeds.SOUND.encode()).channel
    assert channel
    assert feeds.SOUND.splitlines().index("<language>en</language>") + 1 == next(iter(channel.all("language"))).line


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"<rss><channel>{text}".encode(errors="replace")))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_findings_and_never_an_exception(data: bytes) -> None:
    assert [finding for finding in check_feed(data, "feed.xml", now=MOMENT) if finding.level is Level.ERROR]


@given(
    st.lists(
        st.sampled_from(["<item>", "</item>", "&amp;", "<![CDATA[", "]]>", '"', "<", ">", "\x00", "é", "<podcast:value>"]), max_size=4
    ),
    st.data(),
)
@settings(max_examples=100, deadline=None)
def test_a_feed_with_rubbish_in_it_never_raises(rubbish: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(feeds.SOUND)))
    list(check_feed((feeds.SOUND[:place] + "".join(rubbish) + feeds.SOUND[place:]).encode(), "feed.xml", now=MOMENT))


@given(hostile_shows(), st.lists(hostile_episodes(), max_size=2))
@settings(max_examples=25, deadline=None)
def test_whatever_stands_in_a_show_its_feed_is_well_formed_for_the_linter_too(show: Show, episodes: list[Episode]) -> None:
    found = check_show(show, [*episodes, make_episode()], shows.SITE, now=MOMENT, read_cues=lambda _: ())
    assert not {"xml.well-formed", "rss.version", "rss.namespace"} & {finding.rule for finding in found}


def test_items_of_one_moment_are_in_order() -> None:
    same = feeds.but("18 Nov 2026 09:00 GMT", "25 Nov 2026 09:00 GMT")
    assert [] == list(check_feed(same, "feed.xml", now=MOMENT))


@pytest.mark.parametrize(
    "feed",
    [
        feeds.but("Talk about Central Asia", "x" * 4000),
        feeds.but("<p>A talk.</p>", "x" * 4000),
        feeds.but("Lake</title>", f"{'x' * 255}</title>"),
        feeds.but('length="21000"', 'length="16384"'),
        feeds.put('<podcast:soundbite startTime="44" duration="15"/>'),
        feeds.but("<itunes:duration>2092", '<podcast:soundbite startTime="1972" duration="120"/><itunes:duration>2092'),
        feeds.but("Wed, 25 Nov 2026 09:00:00 +0000</pubDate>", "Wed, 25 Nov 2026 09:10:00 +0000</pubDate>"),
        feeds.put("<podcast:person role='Guest' group='Cast'>Ali</podcast:person>"),
        feeds.put('<podcast:socialInteract protocol="disabled"/>'),
        feeds.put('<podcast:txt purpose="ai-content">false</podcast:txt>'),
        feeds.but("application/x-subrip", "application/srt"),
        feeds.put('<podcast:images srcset="https://cdn.radio.example/a.jpg 600w"/>'),
        feeds.put(
            '<podcast:trailer url="https://cdn.radio.example/t.mp3" pubdate="Thu, 1 Apr 2021 08:00:00 EST">Soon</podcast:trailer>'
            '<podcast:updateFrequency dtstart="2023-08-28T00:00:00.000Z" rrule="FREQ=WEEKLY;COUNT=10">Weekly</podcast:updateFrequency>'
            '<podcast:liveItem status="live" start="2021-09-26T07:30:00.000-0600" end="2021-09-26T09:30-06:00"><title>Live</title>'
            "<description>Ours</description><guid isPermaLink='true'>https://radio.example/live</guid><itunes:explicit>false</itunes:explicit>"
            '<enclosure url="https://live.example/a.mp3" length="312" type="audio/mpeg"/><podcast:txt>Any</podcast:txt>'
            '<podcast:contentLink href="https://live.example/">Listen</podcast:contentLink></podcast:liveItem>'
            '<podcast:liveItem status="pending" start="2026-12-01T18:00:00Z"><title>Live</title><guid>osh</guid>'
            '<enclosure url="https://live.example/a.mp3" length="312" type="audio/mpeg"/>'
            '<podcast:contentLink href="https://live.example/">Listen</podcast:contentLink></podcast:liveItem>',
            "channel",
        ),
        feeds.put("<itunes:new-feed-url>https://cdn.radio.example/majlis/feed.xml</itunes:new-feed-url>", "channel"),
        feeds.put(
            '<atom:link rel="next" href="https://cdn.radio.example/2.xml"/><atom:link rel="first" href="https://cdn.radio.example/1.xml"/>'
            '<atom:link rel="last" href="https://cdn.radio.example/9.xml"/>',
            "channel",
        ),
    ],
)
def test_what_is_just_within_a_rule_is_sound(feed: bytes) -> None:
    assert [] == [(finding.rule, finding.message) for finding in check_feed(feed, "feed.xml", now=MOMENT)]


def test_more_items_than_a_feed_may_have_are_not_read_and_that_is_told() -> None:
    items: list[feed_reader.Tag] = []
    feed = feed_reader.read(b"<rss><channel>" + b"<item/>" * 30_000 + b"</channel></rss>", items.append)
    assert feed_reader.MAX_ITEMS == len(items)
    assert ["more than 20,000 items; what follows was not read"] == [reason for _, reason in feed.faults]


@pytest.mark.parametrize("where", ["<item>", ""])
def test_more_elements_than_belong_in_one_place_are_not_read(where: str) -> None:
    items: list[feed_reader.Tag] = []
    feed = feed_reader.read(f"<rss><channel>{where}{'<a/>' * 50_000}".encode(), items.append)
    assert ["more than 20,000 elements in one place; what follows was not read"] == [reason for _, reason in feed.faults][-1:]
    assert feed.channel
    assert max(len(tag.children) for tag in (feed.channel, *items)) < 40_000


def test_twenty_thousand_elements_in_many_items_are_read() -> None:
    items: list[feed_reader.Tag] = []
    assert () == feed_reader.read(b"<rss><channel>" + b"<item><a/><b/></item>" * 15_000 + b"</channel></rss>", items.append).faults
    assert {2} == {len(item.children) for item in items}
    assert 15_000 == len(items)


def test_a_feed_of_faults_alone_ends_early() -> None:
    faults = feed_reader.read(b"<rss>" + b"& " * 2_000_000 + b"</rss>").faults
    assert 0 < len(faults) <= 20


def test_of_one_rule_so_many_places_are_told_and_the_rest_counted() -> None:
    items = "".join(f"<item><title>{number}</title></item>" for number in range(1_003))
    found = list(check_feed(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), "feed.xml", now=MOMENT))
    counts = Counter(finding.rule for finding in found)
    assert 1_001 == counts["rss.enclosure.missing"]
    (last,) = (finding for finding in found if finding.rule == "rss.guid.missing" and finding.where == "feed.xml")
    assert "The same in 3 more places" == last.message


def test_the_faults_of_one_feed_are_not_told_of_the_next() -> None:
    first, second = (list(check_feed(feed, "feed.xml", now=MOMENT)) for feed in (feeds.but("<link>"), feeds.but("more", "\x07")))
    assert not {finding.message for finding in first} & {finding.message for finding in second}
