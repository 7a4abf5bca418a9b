"""An old address is answered with 301 and the new one, never in a circle, and never with an address of somebody else."""

import gzip
from collections.abc import Iterator

import pytest

from podcast.formats.moved import target, to_html
from podcast.player.data import episode_json
from podcast.server.app import create_app
from podcast.site import FRESH, Site, media_key
from podcast.storage.memory import MemoryStorage
from tests.make import make_episode, make_show
from tests.serving import ask, serving, store

PAGE = b"<!doctype html>\n<title>A page</title>" + b"<p>text</p>" * 100


@pytest.fixture
def storage() -> MemoryStorage:
    storage = MemoryStorage()
    for key in ("majlis/new/index.html", "majlis/new/embed.html"):
        store(storage, key, PAGE)
    store(storage, "majlis/feed.xml", b"<rss/>")
    return storage


@pytest.fixture
def base(storage: MemoryStorage) -> Iterator[str]:
    with serving(lambda base: create_app(storage, base_url=f"{base}pod/")) as base:
        yield f"{base}pod/"


def lead(storage: MemoryStorage, key: str, address: str) -> None:
    store(storage, key, to_html(address, "Kings <Of> “Corruption”", "ky"))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("path", "key", "leads"),
    [
        ("majlis/old/index.html", "majlis/old/index.html", "majlis/new/index.html"),
        ("majlis/old/", "majlis/old/index.html", "majlis/new/index.html"),
        ("majlis/old", "majlis/old/index.html", "majlis/new/index.html"),
        ("majlis/old/embed.html", "majlis/old/embed.html", "majlis/new/embed.html"),
        ("feed/podcast", "feed/podcast/index.html", "majlis/feed.xml"),
        ("rss.xml", "rss.xml/index.html", "majlis/feed.xml"),
        ("2019/kings.html?p=12", "2019/kings.html", "majlis/new/index.html"),
    ],
)
def test_an_old_address_leads_to_the_new_one(storage: MemoryStorage, base: str, path: str, key: str, leads: str, method: str) -> None:
    lead(storage, key, base + leads)
    answer = ask(base, f"/pod/{path}", method=method)

    assert (301, base + leads, FRESH) == (answer.status, answer.headers["location"], answer.headers["cache-control"])
    assert "*" == answer.headers["access-control-allow-origin"]
    assert 200 == ask(base, f"/pod/{leads}").status


def test_what_stands_there_now_wins(storage: MemoryStorage, base: str) -> None:
    lead(storage, "majlis/new/index.html", f"{base}majlis/other/index.html")
    assert 301 == ask(base, "/pod/majlis/new/index.html").status
    store(storage, "majlis/new/index.html", PAGE)
    assert (200, PAGE) == (ask(base, "/pod/majlis/new/index.html").status, ask(base, "/pod/majlis/new/index.html").body)


def test_a_chain_is_one_answer_and_a_circle_is_none(storage: MemoryStorage, base: str) -> None:
    for key, to in (
        ("x.html", "y.html"),
        ("y.html", "majlis/new/index.html"),
        ("a.html", "b.html"),
        ("b.html", "a.html"),
        ("c.html", "c.html"),
    ):
        lead(storage, key, base + to)

    assert f"{base}majlis/new/index.html" == ask(base, "/pod/x.html").headers["location"]
    assert {200} == {ask(base, f"/pod/{key}").status for key in ("a.html", "b.html", "c.html")}


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/etc",
    "javascript:alert(1)",
    "majlis/feed.xml",
    "{base}../x",
    "{base}/evil.example",
    "{base}",
    "{base}a?b",
]


def test_nobody_is_led_away_from_the_site(storage: MemoryStorage, base: str) -> None:
    for number, address in enumerate(ELSEWHERE):
        lead(storage, f"{number}.html", address.format(base=base))
        answer = ask(base, f"/pod/{number}.html")
        assert (200, None) == (answer.status, answer.headers.get("location")), address


def test_a_page_that_quotes_such_a_page_is_none(storage: MemoryStorage, base: str) -> None:
    inner = to_html(f"{base}majlis/feed.xml", "x", "en")
    store(storage, "quote.html", b"<!doctype html>\n<pre>" + inner)
    assert 200 == ask(base, "/pod/quote.html").status


def test_an_old_address_of_what_is_gone_ends_as_the_new_one_does(storage: MemoryStorage, base: str) -> None:
    lead(storage, "majlis/old/index.html", f"{base}majlis/gone/index.html")
    answer = ask(base, "/pod/majlis/old/")
    assert 404 == ask(base, answer.headers["location"].removeprefix(base.removesuffix("/pod/"))).status


def test_the_old_address_of_audio_leads_to_where_it_is_now(storage: MemoryStorage, base: str) -> None:
    episode = make_episode("new")
    store(storage, "majlis/old/episode.json", episode_json(Site(base, redirect=True), make_show(), episode))
    answer = ask(base, "/pod/a/majlis/old.mp3")
    assert (302, base + media_key(episode)) == (answer.status, answer.headers["location"])


def test_a_page_says_where_it_leads_whatever_stands_in_title_and_address() -> None:
    address = "https://pod.example/a/'&amp;.html"
    assert address == target(to_html(address, '"><script>x</script>' * 100, "ky-Cyrl"))
    assert b"<script>" not in to_html(address, "<script>", "en")
    assert target(PAGE) is None


FEED = b'<?xml version="1.0"?>\n<rss><channel><itunes:new-feed-url>%s</itunes:new-feed-url>\n<item></item></channel></rss>'


@pytest.mark.parametrize("packed", [False, True])
def test_a_feed_that_moved_within_the_site_leads_there(storage: MemoryStorage, base: str, packed: bool) -> None:
    feed = FEED % f"{base}majlis/feed.xml".encode()
    store(storage, "before/feed.xml", gzip.compress(feed) if packed else feed)
    for _ in range(2):
        answer = ask(base, "/pod/before/feed.xml", {"If-None-Match": "*"})
        assert (301, f"{base}majlis/feed.xml", FRESH) == (answer.status, answer.headers["location"], answer.headers["cache-control"])
    assert 200 == ask(base, "/pod/majlis/feed.xml").status


def test_a_feed_that_moved_elsewhere_or_to_itself_or_says_so_in_an_item_is_a_feed(storage: MemoryStorage, base: str) -> None:
    for to in ("https://other.example/feed.xml", f"{base}before/feed.xml"):
        store(storage, "before/feed.xml", FEED % to.encode())
        assert 200 == ask(base, "/pod/before/feed.xml").status
    moved = FEED % f"{base}majlis/feed.xml".encode()
    store(storage, "before/feed.xml", moved.replace(b"<channel>", b"<channel><item>"))
    assert 200 == ask(base, "/pod/before/feed.xml").status


def test_a_feed_that_comes_back_is_served_at_once(storage: MemoryStorage, base: str) -> None:
    store(storage, "before/feed.xml", FEED % f"{base}majlis/feed.xml".encode())
    assert 301 == ask(base, "/pod/before/feed.xml").status
    store(storage, "before/feed.xml", b"<rss><channel></channel></rss>")
    assert 200 == ask(base, "/pod/before/feed.xml").status
