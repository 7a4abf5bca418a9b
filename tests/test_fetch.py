"""The way out: bounded in every direction, and never into a private network."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler

import pytest

from podcast.errors import FetchError, FetchPrivate, FetchUnavailable
from podcast.fetch import fetch, is_private, send

from .web import Web, serve_pages

pytestmark = pytest.mark.thorough

OK = {"Content-Type": "application/rss+xml", "ETag": '"a"'}


@pytest.fixture
def web() -> Iterator[Web]:
    with serve_pages() as web:
        yield web


def test_an_answer_comes_with_its_headers_and_the_address_where_it_was_found(web: Web) -> None:
    web.pages |= {"/old": (301, {"Location": "/new"}, b""), "/new": (200, OK, b"<rss/>")}
    found = fetch(web.url("/old"), private=True)
    assert (web.url("/new"), b"<rss/>", '"a"') == (found.url, found.body, found.headers["etag"])


def test_what_is_compressed_is_unpacked(web: Web) -> None:
    web.pages["/"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"<rss/>"))
    assert b"<rss/>" == fetch(web.url("/"), private=True).body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_a_private_address_is_refused_at_the_connection_and_never_asked(web: Web, host: str) -> None:
    web.pages["/"] = (200, OK, b"secret")
    with pytest.raises(FetchError):
        fetch(web.url("/", host))
    assert [] == web.seen


def test_the_refusal_of_a_private_address_says_so(web: Web) -> None:
    with pytest.raises(FetchError, match="private network"):
        fetch(web.url("/", "localhost"))


PRIVATE = (
    "127.0.0.1 10.1.2.3 192.168.0.1 172.16.0.1 "
    "169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 ::1 fe80::1%eth0 fd00::1 ::ffff:10.0.0.1 ff02::1"
)
PUBLIC = "93.184.216.34 2606:2800:220:1:248:1893:25c8:1946 ::ffff:93.184.216.34"


def test_which_addresses_are_private() -> None:
    assert PRIVATE.split() == [address for address in f"{PRIVATE} {PUBLIC}".split() if is_private(address)]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://radio.example/", "http://user:secret@127.0.0.1/", "http://[::1"])
def test_a_redirect_to_what_is_no_web_address_is_not_followed(web: Web, target: str) -> None:
    web.pages["/"] = (302, {"Location": target}, b"")
    with pytest.raises(FetchError, match="no address of the web") as caught:
        fetch(web.url("/"), private=True)
    assert "secret" not in caught.value.message


def test_no_query_stands_in_a_message(web: Web) -> None:
    with pytest.raises(FetchError, match="/gone answers 404") as caught:
        fetch(web.url("/gone?token=secret"), private=True)
    assert "secret" not in caught.value.message


def test_redirects_end(web: Web) -> None:
    web.pages["/"] = (302, {"Location": "/"}, b"")
    with pytest.raises(FetchError, match="more than 5 redirects"):
        fetch(web.url("/"), private=True)
    assert 6 == len(web.seen)


def test_a_large_answer_and_one_that_unpacks_to_a_large_one_are_refused(web: Web) -> None:
    web.pages |= {"/raw": (200, OK, b"a" * 2000), "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"a" * 2_000_000))}
    assert 2000 == len(fetch(web.url("/raw"), private=True, limit=2000).body)
    for path in ("/raw", "/bomb"):
        with pytest.raises(FetchError, match="more than"):
            fetch(web.url(path), private=True, limit=1999)


def test_an_answer_that_drips_ends_at_the_deadline(web: Web) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not web.over.wait(0.02):
                handler.wfile.write(b"a")
        except OSError:
            return

    web.pages["/"] = drip
    with pytest.raises(FetchUnavailable, match="takes too long"):
        fetch(web.url("/"), private=True, seconds=0.2)


def test_an_answer_that_is_cut_off_is_no_answer(web: Web) -> None:
    web.pages["/"] = (200, {"Content-Length": "100"}, b"<rss")
    with pytest.raises(FetchUnavailable):
        fetch(web.url("/"), private=True)


@pytest.mark.parametrize(
    ("status", "kind", "code"), [(404, FetchError, 1), (403, FetchError, 1), (503, FetchUnavailable, 5), (429, FetchUnavailable, 5)]
)
def test_another_status_is_an_error_which_says_whether_to_try_again(web: Web, status: int, kind: type[FetchError], code: int) -> None:
    web.pages["/"] = (status, {}, b"")
    with pytest.raises(FetchError, match=f"answers {status}") as caught:
        fetch(web.url("/"), private=True)
    assert (kind, code) == (type(caught.value), caught.value.exit_code)


def test_who_does_not_answer_is_unavailable(web: Web) -> None:
    with pytest.raises(FetchUnavailable, match="does not answer"):
        fetch("http://127.0.0.1:1/", private=True)
    web.pages["/"] = (200, {"Content-Encoding": "gzip"}, b"no gzip")
    with pytest.raises(FetchError):
        fetch(web.url("/"), private=True)


def test_what_is_sent_arrives_as_it_is(web: Web) -> None:
    web.pages["/"] = (202, {"Retry-After": "5"}, b"Thanks")
    answer = send(web.url("/"), body=b"a=b", headers={"Authorization": "token"}, private=True)
    assert (202, b"Thanks", "5") == (answer.status, answer.body, answer.headers["retry-after"])
    ((_, headers, body),) = web.posted
    assert (b"a=b", "token") == (body, headers["authorization"])


def test_nothing_is_sent_to_where_another_server_points(web: Web) -> None:
    web.pages |= {"/": (307, {"Location": "/other"}, b""), "/other": (200, OK, b"")}
    assert 307 == send(web.url("/"), body=b"secret", private=True).status
    assert ["/"] == web.seen


def test_nothing_is_sent_into_a_private_network(web: Web) -> None:
    with pytest.raises(FetchPrivate):
        send(web.url("/"), body=b"secret")
    assert [] == web.seen


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/hook-secret", "http://[::1]:1/hook-secret?token=secret"])
def test_only_the_host_of_what_is_sent_stands_in_a_message(url: str) -> None:
    for private in (True, False):
        with pytest.raises(FetchError) as caught:
            send(url, body=b"", private=private)
        assert "secret" not in caught.value.message


def test_a_header_that_is_none_is_an_error_without_its_text(web: Web) -> None:
    with pytest.raises(FetchError) as caught:
        send(web.url("/"), headers={"Authorization": "sec\nret"}, private=True)
    assert "sec" not in caught.value.message


def test_who_refuses_a_connection_is_not_said_to_be_slow() -> None:
    with pytest.raises(FetchUnavailable, match="it does not answer, or ends too early"):
        fetch("http://127.0.0.1:1/", private=True)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nX-Drip: "], ids=["no status", "status"])
def test_an_answer_whose_head_drips_ends_at_the_deadline(web: Web, begun: bytes) -> None:
    ended = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(begun)
        try:
            while not web.over.wait(0.02):
                handler.wfile.write(b"a")
        except OSError:
            ended.set()

    web.pages["/"] = drip
    # Whoever got as far as a status has answered.
    with nullcontext() if begun else pytest.raises(FetchUnavailable):
        send(web.url("/"), body=b"", private=True, seconds=0.3)
    assert ended.wait(10)
