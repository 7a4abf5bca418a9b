"""Requests that mean no good: odd paths, odd hosts, too much of everything."""

from collections.abc import Iterator

import pytest

from podcast.server.app import create_app
from podcast.storage import Storage
from podcast.storage.local import LocalStorage
from podcast.storage.memory import MemoryStorage
from tests.server.conftest import FEED, FILES
from tests.serving import ask, raw, serving, store

SECRET = b"a secret beside the storage"


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret").write_bytes(SECRET)
    storage: Storage = LocalStorage(folder / "storage")
    for key, body in FILES.items():
        store(storage, key, body)
    (folder / "storage" / "link").symlink_to(folder)
    (folder / "storage" / "majlis" / ".hidden").write_bytes(SECRET)
    with serving(lambda base: create_app(storage, base_url=base)) as base:
        yield base


@pytest.fixture(scope="module")
def named(storage: MemoryStorage) -> Iterator[str]:
    with serving(lambda base: create_app(storage, base_url=base, hosts=["podcasts.radio.example", "[::2]"])) as base:
        yield base


@pytest.mark.parametrize(
    "path",
    [
        b"/../secret",
        b"/majlis/../../secret",
        b"/%2e%2e/secret",
        b"/majlis/..%2f..%2fsecret",
        b"/majlis%2ffeed.xml",
        b"/majlis/%66eed.xml",
        b"/..\\secret",
        b"/..%5csecret",
        b"//majlis/feed.xml",
        b"/majlis//feed.xml",
        b"/./majlis/feed.xml",
        b"/majlis/feed.xml%00",
        b"/majlis/feed.xml%00.html",
        b"/majlis/feed.xml%0d%0aX-Evil:%201",
        b"/majlis/feed.xml/",
        b"/majlis/feed.xml/x",
        b"/.tmp/x",
        b"/majlis/.hidden",
        b"/%c0%ae%c0%ae/secret",
        b"/majlis/feed.xml;x=1",
        b"/link/secret",
        b"/" + b"a" * 300,
        b"/" + b"a/" * 600,
        b"http://evil.example/majlis/feed.xml",
        b"*",
    ],
)
def test_a_path_that_is_no_key_leads_nowhere(outside: str, path: bytes) -> None:
    answer = raw(outside, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert answer.split(b"\r\n")[0] in {b"HTTP/1.1 404 Not Found", b"HTTP/1.1 400 Bad Request"}
    assert SECRET not in answer
    assert FEED not in answer
    assert b"X-Evil" not in answer


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /majlis/\x00feed.xml HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /majlis/feed xml HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /majlis/feed.xml HTTP/1.1\r\n\r\n",
        b"GET /majlis/feed.xml HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET /majlis/feed.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"hello\r\n\r\n",
        b"BREW /majlis/feed.xml HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://evil.example/majlis/feed.xml HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /majlis/feed.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_cut_off(outside: str, request_: bytes) -> None:
    assert raw(outside, request_).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_an_address_of_more_than_8_kb_is_too_long(base: str) -> None:
    assert 200 == ask(base, "/majlis/feed.xml?" + "x" * 8000).status
    assert 414 == ask(base, "/majlis/feed.xml?" + "x" * 8192).status


def test_headers_of_more_than_16_kb_are_too_many(base: str) -> None:
    assert 200 == ask(base, "/majlis/feed.xml", {f"X-{index}": "a" * 1000 for index in range(15)}).status
    # The parser may see them in pieces, and gives up by itself then.
    assert ask(base, "/majlis/feed.xml", {f"X-{index}": "a" * 1000 for index in range(17)}).status in {400, 431}


def test_a_body_is_not_waited_for(base: str) -> None:
    answer = raw(base, b"POST /majlis/feed.xml HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\nabc")

    assert answer.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")


def test_a_smuggled_second_request_is_not_answered(base: str) -> None:
    smuggled = b"GET /majlis/latest.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % len(smuggled)

    assert b"Kings" not in raw(base, head + smuggled)


@pytest.mark.parametrize(
    "host", ["evil.example", "podcasts.radio.example.evil", "", "podcasts.radio.example@evil", "[::1]", "127.0.0.1:80"]
)
def test_an_unknown_host_is_misdirected(named: str, host: str) -> None:
    assert 421 == ask(named, "/majlis/feed.xml", {"Host": host}).status


def test_who_watches_a_container_asks_by_its_number(named: str) -> None:
    assert [200, 200, 421] == [ask(named, path, {"Host": "10.0.0.7:8000"}).status for path in ("/healthz", "/readyz", "/metrics")]


@pytest.mark.parametrize("host", ["podcasts.radio.example", "PODCASTS.radio.example:8443", "[::2]:80", "[::2]"])
def test_a_known_host_is_served_on_any_port(named: str, host: str) -> None:
    assert (200, FEED) == ((answer := ask(named, "/majlis/feed.xml", {"Host": host})).status, answer.body)


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded"])
def test_no_header_moves_the_addresses_that_we_give(base: str, header: str) -> None:
    answer = ask(base, "/majlis", {header: "evil.example"})

    assert f"{base}majlis/index.html" == answer.headers["location"]


def test_an_address_full_of_text_is_not_repeated(base: str) -> None:
    assert b"payload" not in ask(base, "/payload.json?payload").body
