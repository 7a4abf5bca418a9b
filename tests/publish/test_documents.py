"""A feed in several files: pages, slim items, other formats, compressed; each written only when it changes."""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast.catalogue import Catalogue
from podcast.config import FeedSettings
from podcast.elements import Alternate, Source
from podcast.formats import rss
from podcast.formats.paging import documents
from podcast.model import Chapter
from podcast.publish import packs
from podcast.publish.verify import verify
from podcast.site import media_key
from tests.make import make_show

from .conftest import NOW, House

pytestmark = pytest.mark.thorough

HOUR = timedelta(hours=1)
LONG = "A paragraph of notes that is longer than what Apple takes.\n\n" * 100

Make = Callable[..., House]


@pytest.fixture
def make(house: House) -> Make:
    """Return a function that publishes some episodes with some settings; the newest is episode-00."""

    def fill(count: int, notes: str = "Notes", **settings: Any) -> House:
        filled = replace(house, press=replace(house.press, settings=FeedSettings(**settings)))
        slugs = [f"episode-{number:02}" for number in range(count)]
        for number, slug in enumerate(slugs):
            filled.add(slug, published=NOW - timedelta(days=number), notes=f"{notes} {number}")
        filled.publish(*slugs)
        return filled

    return fill


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    slugs: list[str] = []
    render = rss.render_item

    def count(show: Any, episode: Any, *rest: Any, **more: Any) -> bytes:
        slugs.append(episode.slug)
        return render(show, episode, *rest, **more)

    monkeypatch.setattr(rss, "render_item", count)
    return slugs


def settings(house: House, **changed: Any) -> House:
    return replace(house, press=replace(house.press, settings=FeedSettings(**changed)))


def text(house: House, name: str = "feed.xml") -> str:
    return b"".join(house.storage.read(f"majlis/{name}")).decode()


def slugs(feed: str) -> list[str]:
    return re.findall(r"<link>https://pod.example/majlis/([\w-]+)/index.html", feed)


def feeds(keys: list[str]) -> list[str]:
    return [key for key in keys if key.startswith("majlis/feed")]


def links(feed: str) -> dict[str, str]:
    found = re.findall(r'<atom:link href="https://pod.example/majlis/([^"]+)" rel="([^"]+)"', feed)
    return {rel: name for name, rel in found}


def test_with_a_limit_the_feed_holds_the_newest_and_pages_the_rest(make: Make) -> None:
    house = make(25, limit=10)
    assert [f"episode-{number:02}" for number in range(10)] == slugs(text(house))
    assert [f"episode-{number:02}" for number in range(15, 25)] == slugs(text(house, "feed-1.xml"))
    assert [f"episode-{number:02}" for number in range(5, 15)] == slugs(text(house, "feed-2.xml"))
    feed, page = text(house), text(house, "feed-2.xml")
    assert {"self": "feed.xml", "first": "feed.xml", "next": "feed-2.xml", "prev-archive": "feed-2.xml", "last": "feed-1.xml"} == links(
        feed
    )
    others = {"current": "feed.xml", "first": "feed.xml", "next": "feed-1.xml", "prev-archive": "feed-1.xml", "last": "feed-1.xml"}
    assert {"self": "feed-2.xml"} | others == links(page)
    assert (0, 1) == (feed.count("<fh:archive/>"), page.count("<fh:archive/>"))


def test_a_new_episode_writes_the_feed_alone_and_now_and_then_a_page(make: Make, rendered: list[str]) -> None:
    house = make(29, limit=10)
    rendered.clear()
    written = []
    for number in range(2):
        before = len(house.storage.written)
        house.add(f"new-{number}")
        house.publish(f"new-{number}", now=NOW + (number + 1) * HOUR)
        written.append(feeds(house.storage.written[before:]))
    assert [["majlis/feed.xml"], ["majlis/feed-3.xml", "majlis/feed.xml"]] == written
    assert ["new-0", "new-1"] == rendered


def test_an_edited_old_episode_writes_its_page_alone(make: Make) -> None:
    house = make(25, limit=10)
    house.catalogue.change_episode("majlis", "episode-20", NOW + HOUR, title="Edited")
    before = len(house.storage.written)
    house.publish(now=NOW + 2 * HOUR)
    # The feed says when the show last changed.
    assert {"majlis/feed-1.xml", "majlis/feed.xml"} == set(feeds(house.storage.written[before:]))
    assert "Edited" in text(house, "feed-1.xml")


def test_pages_close_up_when_one_is_taken_down(make: Make) -> None:
    house = make(25, limit=10)
    house.publish(withdraw=["episode-24"], now=NOW + HOUR)
    assert [f"episode-{number:02}" for number in range(14, 24)] == slugs(text(house, "feed-1.xml"))
    assert {f"episode-{number:02}" for number in range(24)} == {
        slug for name in ("feed.xml", "feed-1.xml", "feed-2.xml") for slug in slugs(text(house, name))
    }


def test_a_page_that_is_not_needed_any_more_is_removed(make: Make) -> None:
    house = make(25, limit=10)
    house = settings(house)
    house.publish(now=NOW + HOUR)
    assert ["majlis/feed.xml"] == [one.key for one in house.storage.list("majlis/feed")]
    assert 25 == len(slugs(text(house)))
    assert {"self": "feed.xml"} == links(text(house))


def test_other_settings_make_the_show_known_and_render_no_item_again(make: Make, rendered: list[str]) -> None:
    house = make(25)
    rendered.clear()
    house = settings(house, limit=10)
    assert ["majlis"] == house.catalogue.unsettled(NOW + HOUR, house.press.fingerprint)
    house.publish(now=NOW + HOUR)
    assert [] == house.catalogue.unsettled(NOW + HOUR, house.press.fingerprint)
    assert ([], 10) == (rendered, len(slugs(text(house))))


def test_old_items_go_without_their_long_notes(make: Make) -> None:
    house = make(6, notes=LONG, slim_after=2)
    items = text(house).split("<item>")[1:]
    assert [True, True, False, False, False, False] == ["content:encoded" in item for item in items]
    assert 6 == sum("<description>" in item for item in items)


def test_a_new_episode_renders_itself_and_the_one_that_grows_old(make: Make, rendered: list[str]) -> None:
    house = make(6, notes=LONG, slim_after=2)
    rendered.clear()
    house.add("new", notes=LONG)
    house.publish("new", now=NOW + HOUR)
    assert ["episode-01", "new"] == sorted(rendered)
    assert [True, True, False] == ["content:encoded" in item for item in text(house).split("<item>")[1:4]]


OPUS = Alternate(type="audio/ogg; codecs=opus", length=500, sources=(Source(uri="ipfs://x"), Source(uri="https://cdn.example/kings.opus")))


@pytest.fixture
def opus(house: House) -> House:
    """Publish two episodes, one of which is there as Opus too, of a show with a feed for Opus."""
    house.catalogue.change_show("majlis", NOW, formats=("opus",))
    house.add("kings", published=NOW, alternates=(replace(OPUS, type="audio/flac", title="FLAC"), OPUS))
    house.add("plain", published=NOW - HOUR)
    house.publish("kings", "plain")
    return house


def enclosures(feed: str) -> list[tuple[str, str, str]]:
    return re.findall(r'<enclosure url="([^"]+)" length="(\d+)" type="([^"]+)"/>', feed)


def test_a_format_has_a_feed_of_its_own(opus: House) -> None:
    feed, other = text(opus), text(opus, "feed-opus.xml")
    kings, plain = enclosures(other)
    assert kings == ("https://cdn.example/kings.opus", "500", "audio/ogg; codecs=opus")
    assert enclosures(feed)[1] == plain, "nobody misses an episode that has no Opus"
    assert re.findall("<guid.*?</guid>", feed) == re.findall("<guid.*?</guid>", other)
    assert ("feed-opus.xml", "feed-opus.xml") == (links(feed)["alternate"], links(other)["self"])
    assert ("<itunes:block>Yes" in other, "<itunes:block>Yes" in feed) == (True, False)


def test_a_format_feed_that_was_given_up_says_where_the_show_goes_on(opus: House) -> None:
    opus.catalogue.change_show("majlis", NOW + HOUR, formats=())
    opus.add("new")
    opus.publish("new", now=NOW + 2 * HOUR)
    assert "<itunes:new-feed-url>https://pod.example/majlis/feed.xml<" in text(opus, "feed-opus.xml")
    assert "new" in slugs(text(opus, "feed-opus.xml"))
    assert "new-feed-url" not in text(opus)


@pytest.mark.parametrize("more", [{}, {"limit": 20}, {"slim_after": 10}])
def test_a_compressed_feed_is_one_gzip_stream_of_the_same_bytes(make: Make, monkeypatch: pytest.MonkeyPatch, more: dict[str, int]) -> None:
    monkeypatch.setattr(packs, "SIZE", 8)
    house = make(30, notes=LONG, gzip=True, **more)
    for step in range(3):
        house.add(f"new-{step}")
        house.publish(f"new-{step}", now=NOW + (2 * step + 1) * HOUR)
        house.catalogue.change_episode("majlis", f"episode-{step * 12:02}", NOW + (2 * step + 1) * HOUR, title=f"Edited {step}")
        house.publish(now=NOW + (2 * step + 2) * HOUR)
    for stored in house.storage.list("majlis/feed"):
        body = b"".join(house.storage.read(stored.key))
        reader = zlib.decompressobj(31)
        plain = reader.decompress(body)
        assert ("gzip", True, b"") == (stored.encoding, reader.eof, reader.unused_data)
        assert gzip.decompress(body) == plain == whole(house, stored.key)


def whole(house: House, key: str) -> bytes:
    """Render one file of the feed from nothing."""
    show, episodes, given = house.catalogue.show("majlis"), list(house.catalogue.feed("majlis")), house.press.settings
    layout = documents(len(episodes), limit=given.limit, slim_after=given.slim_after, formats=show.formats)
    (document,) = [one for one in layout if key == f"majlis/{one.name}"]
    return rss.render(show, episodes, house.press.site, document)


@pytest.mark.parametrize("more", [{}, {"limit": 10}, {"limit": 12, "slim_after": 5}])
def test_every_file_equals_a_whole_render(make: Make, more: dict[str, int]) -> None:
    house = make(30, notes=LONG, **more)
    house.catalogue.change_episode("majlis", "episode-07", NOW + HOUR, published=NOW - timedelta(days=100))
    house.publish(withdraw=["episode-20"], now=NOW + 2 * HOUR)
    for stored in house.storage.list("majlis/feed"):
        assert whole(house, stored.key) == b"".join(house.storage.read(stored.key))


@pytest.fixture
def deflated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many items each run has that is compressed from now on."""
    counts: list[int] = []
    deflate = packs.deflate
    monkeypatch.setattr(packs, "SIZE", 8)

    def count(data: bytes) -> Any:
        if b"<item>" in data:
            counts.append(data.count(b"<item>"))
        return deflate(data)

    monkeypatch.setattr(packs, "deflate", count)
    return counts


def test_packs_are_compressed_once(make: Make, deflated: list[int]) -> None:
    house = make(20, gzip=True)
    assert [4, 8, 8] == sorted(deflated)
    deflated.clear()
    house.add("new")
    house.publish("new", now=NOW + HOUR)
    assert [5] == deflated
    deflated.clear()
    house.catalogue.change_episode("majlis", "episode-19", NOW + HOUR, title="Edited")
    house.publish(now=NOW + 2 * HOUR)
    assert [5, 8] == sorted(deflated)


@pytest.mark.usefixtures("deflated")
def test_packs_that_no_feed_is_made_of_are_let_go(make: Make) -> None:
    house = make(20, gzip=True)
    before = kept(house.catalogue)
    house.catalogue.change_episode("majlis", "episode-19", NOW + HOUR, title="Edited")
    house.publish(now=NOW + 2 * HOUR)
    assert (2, 2, 1) == (len(before), len(kept(house.catalogue)), len(before & kept(house.catalogue)))


def kept(catalogue: Catalogue) -> set[str]:
    with catalogue._read() as connection:
        return set(connection.exec_driver_sql("SELECT digest FROM packs").scalars())


@given(pieces=st.lists(st.binary(max_size=3000), max_size=8))
def test_runs_joined_are_one_gzip_file(pieces: list[bytes]) -> None:
    joined = b"".join(packs.gzip(map(packs.deflate, pieces)))
    assert b"".join(pieces) == gzip.decompress(joined)


@given(first=st.binary(max_size=50), second=st.binary(max_size=50), zeros=st.integers(0, 100_000))
def test_a_checksum_is_reckoned_from_those_of_the_pieces(first: bytes, second: bytes, zeros: int) -> None:
    second += bytes(zeros)
    assert zlib.crc32(first + second) == packs.combined(zlib.crc32(first), zlib.crc32(second), len(second))


def test_a_compressed_feed_may_be_read_back_unpacked(make: Make, monkeypatch: pytest.MonkeyPatch, house: House) -> None:
    """Some stores and caches hand out what is compressed as it was before."""
    read = house.storage.read

    def unpacked(key: str, *rest: Any) -> Iterator[bytes]:
        body = b"".join(read(key, *rest))
        return iter([gzip.decompress(body) if key.endswith(".xml") else body])

    monkeypatch.setattr(house.storage, "read", unpacked)
    assert [] == make(3, gzip=True).catalogue.pending("majlis")


def test_a_feed_that_grows_large_is_told_once(house: House) -> None:
    house.add("first", notes=LONG)
    assert [] == house.publish("first").grown
    slugs = [house.add(f"episode-{number:02}", notes=LONG * 10).slug for number in range(20)]
    grown = house.publish(*slugs, now=NOW + HOUR).grown
    assert [("majlis/feed.xml", len(text(house).encode()))] == grown
    house.add("more")
    assert [] == house.publish("more", now=NOW + 2 * HOUR).grown


def test_public_twins_are_linked_and_drafts_of_shows_are_not(house: House) -> None:
    catalogue = house.catalogue
    for slug in ("majlis-ky", "majlis-uz"):
        catalogue.add_show(make_show(slug=slug, language=slug[-2:], guid=slug))
    catalogue.change_show("majlis", NOW, twins=("majlis-ky", "majlis-uz"))
    token = catalogue.acquire("publish/majlis-ky", "test", now=NOW, ttl=HOUR)
    catalogue.release("majlis-ky", [], token=token, now=NOW)
    house.add("first")
    house.publish("first")
    assert ["ky"] == re.findall('hreflang="([^"]+)"', text(house))


def test_chapters_stand_in_the_feed_where_that_is_asked_for(house: House) -> None:
    house = settings(house, simple_chapters=True)
    house.add("first", chapters=(Chapter(start=0, title="Intro"), Chapter(start=65.5, title="Talk")))
    house.publish("first")
    assert '<psc:chapter start="00:01:05.500" title="Talk"/>' in text(house)
    settings(house).publish(now=NOW + HOUR)
    assert "psc" not in text(house)


def test_with_redirects_the_address_of_the_audio_stays_when_it_is_replaced(house: House) -> None:
    house = replace(house, press=replace(house.press, site=replace(house.press.site, redirect=True)))
    episode = house.add("first")
    house.publish("first")
    ((url, length, _),) = enclosures(text(house))
    assert ("https://pod.example/a/majlis/first.mp3", str(episode.audio.length)) == (url, length)
    house.catalogue.change_episode("majlis", "first", NOW + HOUR, audio=house.audio(b"a longer piece of audio"))
    house.publish(now=NOW + 2 * HOUR)
    ((again, longer, _),) = enclosures(text(house))
    assert (url, "23") == (again, longer)
    # Players of ours go the short way.
    assert media_key(house.catalogue.episode("majlis", "first")) in b"".join(house.storage.read("majlis/first/episode.json")).decode()
    assert [] == list(verify(house.press, house.catalogue.show("majlis"), chosen=lambda _: True))


def test_another_kind_of_enclosures_makes_every_show_known(make: Make) -> None:
    house = make(2)
    other = replace(house.press, site=replace(house.press.site, redirect=True))
    assert ["majlis"] == house.catalogue.unsettled(NOW, other.fingerprint)
