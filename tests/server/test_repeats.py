"""Requests that come again byte for byte are answered as the first time, and only while that is right."""

import http.client
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.types import ASGIApp

from podcast.server.app import create_app
from podcast.server.repeats import Answer, Repeats
from podcast.server.run import _config
from podcast.storage import StoredObject
from podcast.storage.local import LocalStorage
from tests.server.test_ranges import CASES
from tests.serving import ask, raw, serving, store

pytestmark = pytest.mark.thorough

KEY = "majlis/media/kings-of-corruption-abababababab.mp3"
PICTURE = "majlis/art/abababababab-96.jpg"
LONG = os.urandom(1 << 20) * 24
GET = b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> LocalStorage:
    storage = LocalStorage(tmp_path_factory.mktemp("repeats"))
    store(storage, "majlis/feed.xml", b"<rss>one</rss>")
    store(storage, KEY, LONG)
    store(storage, PICTURE, LONG[:2000])
    return storage


@pytest.fixture(scope="module")
def base(folder: LocalStorage) -> Iterator[str]:
    with serving(lambda base: create_app(folder, base_url=base)) as base:
        yield base


def test_every_time_the_answer_is_the_same_but_for_its_date(base: str) -> None:
    for path, headers in (("/majlis/feed.xml", {}), (f"/{KEY}", {"Range": "bytes=5-1000004"}), (f"/{KEY}", {"If-None-Match": "*"})):
        answers = [ask(base, path, headers) for _ in range(3)]
        for answer in answers:
            del answer.headers["date"]

        assert [answers[0]] * 3 == answers


def test_what_is_asked_of_a_file_makes_answers_of_their_own(base: str) -> None:
    paths = ("/majlis/feed.xml", f"/{PICTURE}", "/majlis/feed.xml?a=1", "/nothing")
    asked = [(path, dict(case.headers), "GET") for path in paths for case in CASES[::2]]
    asked += [(path, {"Accept-Encoding": "gzip", "Host": host}, method) for path in paths for host in "xy" for method in ("GET", "HEAD")]
    first, again = ([ask(base, *each) for each in asked] for _ in range(2))
    for answer in (*first, *again):
        del answer.headers["date"]

    assert first == again
    assert {200, 206, 304, 404, 412, 416} == {answer.status for answer in first}


def test_a_connection_that_is_left_alone_is_closed_after_an_answer_given_again_too(
    folder: LocalStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.serving._config", impatient)
    with serving(lambda base: create_app(folder, base_url=base)) as base, closing(connect(base)) as client:
        for _ in range(3):
            client.sendall(GET % b"majlis/feed.xml")

            answer = b""
            while not answer.endswith(b"<rss>one</rss>"):
                answer += client.recv(1000)
        assert b"" == client.recv(1000)


def impatient(app: ASGIApp) -> uvicorn.Config:
    config = _config(app)
    config.timeout_keep_alive = 1
    return config


def test_a_file_that_changed_or_went_is_seen_at_once(folder: LocalStorage, base: str) -> None:
    bodies = []
    for words in (b"<rss>one</rss>", b"<rss>two</rss>"):
        store(folder, "majlis/changing.xml", words)
        bodies += [ask(base, "/majlis/changing.xml").body for _ in range(3)]
    folder.delete(["majlis/changing.xml"])

    assert [b"<rss>one</rss>"] * 3 + [b"<rss>two</rss>"] * 3 == bodies
    assert 404 == ask(base, "/majlis/changing.xml").status


def test_all_that_is_answered_is_counted(folder: LocalStorage) -> None:
    with serving(lambda base: create_app(folder, base_url=base)) as base:
        for _ in range(5):
            ask(base, "/majlis/feed.xml")

        assert b'podcast_responses_total{status="200"} 5\n' in ask(base, "/metrics").body


def test_a_body_that_looks_like_a_request_is_none(base: str) -> None:
    request = GET % b"majlis/feed.xml"
    for _ in range(2):
        with closing(connect(base)) as client:
            client.sendall(request)
            client.recv(1000)
    with closing(connect(base)) as client:
        client.sendall(request.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % len(request)))
        first = b""
        while not first.endswith(b"<rss>one</rss>"):
            first += client.recv(1000)
        client.sendall(request)
        client.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") % b"healthz")
        rest = b"".join(iter(lambda: client.recv(1000), b""))

    assert (1, b"ok\n") == (rest.count(b"HTTP/1.1"), rest[-3:])


def test_a_long_file_comes_whole_again_however_slowly_it_is_taken(base: str) -> None:
    for _ in range(2):
        connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=10)
        for _ in range(3):
            connection.request("GET", f"/{KEY}")
            answer = connection.getresponse()
            taken = bytearray()
            while block := answer.read(100_000):
                taken += block

            assert LONG == taken
        connection.close()


def test_a_client_that_goes_away_in_the_middle_does_no_harm(base: str, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(4):
        with closing(connect(base)) as client:
            client.sendall(GET % KEY.encode())
            client.recv(1000)

    assert LONG == ask(base, f"/{KEY}").body
    assert [] == caplog.messages


def test_a_file_that_is_too_short_breaks_off_every_time(folder: LocalStorage, caplog: pytest.LogCaptureFixture) -> None:
    stored = replace(store(folder, "majlis/media/short-abababababab.mp3", bytes(1000)), length=2000)

    class Stale(LocalStorage):
        def head(self, key: str) -> StoredObject | None:  # noqa: ARG002
            return stored

    with serving(lambda base: create_app(Stale(folder.root), base_url=base)) as base:
        for _ in range(2):
            answer = raw(base, GET % stored.key.encode())

            assert b"content-length: 2000\r\n" in answer
            assert answer.endswith(b"\r\n\r\n" + bytes(1000))

    assert ["A file gave 1000 bytes instead of 2000."] * 2 == caplog.messages


def test_when_they_are_too_many_all_are_forgotten() -> None:
    repeats = Repeats(budget=10_000)
    for number in range(100):
        repeats.keep(b"%d" % number, Answer(b"", b"", bytes(1000), lambda: True))
        assert repeats.find(b"%d" % number)

    assert 6 >= sum(repeats.find(b"%d" % number) is not None for number in range(100))
    assert repeats.find(b"99")


def test_an_answer_that_holds_no_longer_is_none() -> None:
    repeats = Repeats()
    repeats.keep(b"request", Answer(b"", b"", b"", lambda: False))

    assert repeats.find(b"request") is None


def connect(base: str) -> socket.socket:
    parts = urlsplit(base)
    return socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10)
