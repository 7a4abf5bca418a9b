"""Asking the files that a feed names: a real server, good and bad in every way that a rule speaks of."""

import io
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler

import pytest
from PIL import Image

from podcast.check import check_feed
from podcast.check.ask import check_links
from podcast.check.files import check_address
from podcast.check.links import Link, links_of
from podcast.formats.feed_reader import Tag
from tests.make import MOMENT
from tests.web import Page, Web, serve_pages

from . import feeds

pytestmark = pytest.mark.server

AUDIO = b"\xff\xfb" + bytes(20_998)
VTT = b"WEBVTT\n\n00:00.000 --> 00:40.000\nHello.\n"
CHAPTERS = b'{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "Start"}]}'


@pytest.fixture
def web() -> Iterator[Web]:
    with serve_pages() as web:
        yield web


def picture(kind: str = "JPEG", size: tuple[int, int] = (1400, 1400)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind)
    return out.getvalue()


def audio(*, ranges: bool = True, head: int = 200, length: int = len(AUDIO), media_type: str = "audio/mpeg") -> Page:
    """Serve audio as a bucket does, or not quite so."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        part = handler.headers.get("Range") if ranges else None
        handler.send_response(head if handler.command == "HEAD" else 206 if part else 200)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Content-Length", "2" if part else str(length))
        if part:
            handler.send_header("Content-Range", f"bytes 0-1/{length}")
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(AUDIO[:2] if part else AUDIO[:length])

    return answer


def text(body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Page:
    return 200, {"Content-Type": media_type, "Access-Control-Allow-Origin": "*"} | dict(headers or {}), body


GOOD: Mapping[str, Page] = {
    "/a.mp3": audio(),
    "/a.jpg": text(picture(), "image/jpeg"),
    "/a.vtt": text(VTT, "text/vtt; charset=utf-8"),
    "/a.json": text(CHAPTERS, "application/json+chapters"),
}


def item(base: str) -> Tag:
    """Return an item that names one file of each kind."""
    rows: tuple[tuple[str, dict[str, str]], ...] = (
        ("enclosure", {"url": "a.mp3", "length": "21000", "type": "audio/mpeg"}),
        ("itunes:image", {"href": "a.jpg"}),
        ("podcast:transcript", {"url": "a.vtt", "type": "text/vtt", "language": "en"}),
        ("podcast:chapters", {"url": "a.json", "type": "application/json+chapters"}),
        ("guid", {}),
    )
    given = [(name, {key: base + value if value.startswith("a.") else value for key, value in about.items()}) for name, about in rows]
    children = [Tag(name=name, line=1, attributes=about) for name, about in given]
    children.append(Tag(name="itunes:duration", line=1, attributes={}, text="59"))
    return Tag(name="item", line=1, attributes={}, children=tuple(children))


def ask(web: Web, **pages: Page) -> set[str]:
    """Return the rules that are broken where some pages are others than the good ones."""
    web.pages |= {**GOOD, **{f"/a.{name}": page for name, page in pages.items()}}
    return {finding.rule for finding in check_links(links_of(item(web.url("/")), "majlis/one"), own=web.url("/"))}


def test_good_files_have_no_finding_and_each_is_asked_once(web: Web) -> None:
    web.pages |= GOOD
    links = [*links_of(item(web.url("/")), "majlis/one"), *links_of(item(web.url("/")), "majlis/two")]
    done: list[int] = []
    assert [] == list(check_links(links, own=web.url("/"), done=done.append))
    assert ["/a.jpg", "/a.jpg", "/a.json", "/a.mp3", "/a.mp3", "/a.vtt"] == sorted(web.seen)
    assert 4 == sum(done)


def drop(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


BAD: dict[str, tuple[str, Page, set[str]]] = {
    "gone": ("mp3", (404, {}, b""), {"link.dead"}),
    "picture gone": ("jpg", (410, {}, b""), {"link.dead"}),
    "busy": ("vtt", (503, {}, b""), {"link.unreachable"}),
    "rate limit": ("vtt", (429, {}, b""), {"link.unreachable"}),
    "hangs up": ("json", drop, {"link.unreachable"}),
    "goes in circles": ("mp3", (302, {"Location": "/a.mp3"}, b""), {"link.dead"}),
    "no ranges": ("mp3", audio(ranges=False), {"link.range"}),
    "no HEAD": ("mp3", audio(head=405), {"link.head"}),
    "shorter": ("mp3", audio(length=20_000), {"link.length"}),
    "shorter and no ranges": ("mp3", audio(length=20_000, ranges=False), {"link.length", "link.range"}),
    "another type": ("mp3", audio(media_type="audio/ogg"), {"link.type"}),
    "picture of another type": ("jpg", text(picture("WEBP"), "image/jpeg"), {"link.type"}),
    "small picture": ("jpg", text(picture(size=(600, 600)), "image/jpeg"), {"apple.artwork.size"}),
    "no picture": ("jpg", text(b"<html>", "image/jpeg"), {"link.content"}),
    "no other site": ("vtt", text(VTT, "text/vtt", {"Access-Control-Allow-Origin": "https://radio.example"}), {"link.cors"}),
    "plain JSON": ("json", text(CHAPTERS, "application/json"), {"link.type"}),
    "page for chapters": ("json", text(b"<html></html>", "application/json+chapters"), {"link.content"}),
    "page for words": ("vtt", text(b"<html></html>", "text/vtt"), {"link.content"}),
    "late words": ("vtt", text(VTT.replace(b"40.000", b"40.000\nA\n\n01:30.000 --> 01:31.000"), "text/vtt"), {"transcript.after-end"}),
    "late chapter": (
        "json",
        text(CHAPTERS.replace(b"]", b', {"startTime": 90, "title": "x"}]'), "application/json+chapters"),
        {"chapters.after-end"},
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_an_answer_is_named_and_nothing_else(web: Web, name: str) -> None:
    kind, page, rules = BAD[name]
    assert rules == ask(web, **{kind: page})


def test_a_finding_names_the_episode_and_hides_the_query(web: Web) -> None:
    link = Link(kind="audio", url=web.url("/gone.mp3?token=secret"), where="majlis/one")
    (found,) = check_links([link], own=web.url("/"))
    assert ("majlis/one", "link.dead") == (found.where, found.rule)
    assert "/gone.mp3 answers 404" in found.message
    assert "secret" not in found.message


@pytest.mark.parametrize("own", ["", "https://radio.example/feed.xml", "http://127.0.0.1:9/feed.xml"])
def test_no_feed_of_others_leads_into_a_private_network(web: Web, own: str) -> None:
    found = list(check_links(links_of(item(web.url("/")), "feed.xml, line 1"), own=own))
    assert {"link.private"} == {finding.rule for finding in found}
    assert 4 == len(found)
    assert [] == web.seen


def test_a_redirect_of_an_own_file_is_followed_to_where_it_may_go(web: Web) -> None:
    assert {"link.dead"} == ask(web, mp3=(302, {"Location": "file:///etc/passwd"}, b""))
    web.pages["/b.mp3"] = audio()
    assert set() == ask(web, mp3=(302, {"Location": "/b.mp3"}, b""))


def test_when_time_is_up_what_was_not_asked_is_told(web: Web) -> None:
    links = [Link(kind="audio", url=web.url(f"/{number}.mp3"), where="majlis") for number in range(50)]
    found = list(check_links(links, own=web.url("/"), seconds=0))
    assert ["link.unchecked"] * 50 == [finding.rule for finding in found]
    assert [] == web.seen


def test_a_text_that_never_ends_is_read_for_a_bounded_time(web: Web) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/vtt")
        handler.send_header("Access-Control-Allow-Origin", "*")
        handler.end_headers()
        try:
            while not web.over.wait(0.02):
                handler.wfile.write(b"a\n")
        except OSError:
            return

    web.pages["/a.vtt"] = drip
    link = Link(kind="transcript", url=web.url("/a.vtt"), where="majlis", type="text/vtt")
    assert {"link.content"} == {finding.rule for finding in check_links([link], own=web.url("/"), seconds=0.3)}


def test_the_links_of_a_feed_are_those_of_its_items_and_its_cover() -> None:
    links: list[Link] = []
    visit: Callable[[Tag, str], None] = lambda place, where: links.extend(links_of(place, where))  # noqa: E731
    list(check_feed(feeds.SOUND.encode(), "feed.xml", now=MOMENT, visit=visit))
    assert 6 == len(links)
    assert ("audio", 33_472_000, "audio/mpeg", 2092) == next(
        (link.kind, link.length, link.type, link.duration) for link in links if "kings.mp3" in link.url
    )
    assert {"feed.xml", "feed.xml, line 21: “Kings < 3”"} <= {link.where for link in links}


@pytest.mark.parametrize(("head", "again", "rule"), [(405, 304, "http.head"), (200, 200, "http.conditional"), (200, 304, None)])
def test_a_feed_is_asked_by_head_and_again(web: Web, head: int, again: int, rule: str | None) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        known = handler.headers.get("If-None-Match") == '"a"'
        handler.send_response(head if handler.command == "HEAD" else again if known else 200)
        handler.send_header("Content-Type", "application/rss+xml")
        handler.send_header("ETag", '"a"')
        handler.send_header("Cache-Control", "max-age=300")
        handler.end_headers()
        if handler.command == "GET" and not (known and again == 304):
            handler.wfile.write(feeds.SOUND.encode())

    web.pages["/feed.xml"] = answer
    found = {finding.rule for finding in check_address(web.url("/feed.xml"), now=MOMENT)}
    assert {"http.https", "psp1.self.other"} | ({rule} if rule else set()) == found


def test_the_path_of_a_picture_says_what_it_is(web: Web) -> None:
    web.pages["/a.png"] = text(picture("JPEG"), "image/jpeg")
    link = Link(kind="picture", url=web.url("/a.png"), where="majlis")
    assert ["link.type"] == [finding.rule for finding in check_links([link], own=web.url("/"))]
