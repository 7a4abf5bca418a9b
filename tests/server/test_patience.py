"""Connections that are held with half a request: they end, and nobody else notices them."""

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest

from podcast.server import patience
from podcast.server.app import create_app
from podcast.server.bodies import BLOCK
from podcast.server.patience import MOST_AHEAD
from podcast.storage.memory import MemoryStorage
from tests.server.conftest import FEED, MEDIA
from tests.server.test_streams import BLOCKS, Endless
from tests.serving import ask, serving

pytestmark = pytest.mark.thorough

WHOLE = b"GET /majlis/feed.xml HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def impatient(storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.5)
    with serving(lambda base: create_app(storage, base_url=base)) as base:
        yield base


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def connect(stack: ExitStack, base: str) -> socket.socket:
    parts = urlsplit(base)
    return stack.enter_context(socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10))


def until_closed(client: socket.socket) -> bytes:
    """Return what still comes; TimeoutError where the connection is never closed."""
    try:
        return b"".join(iter(lambda: client.recv(65536), b""))
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("begun", [b"", b"GET /maj", b"GET /majlis/feed.xml HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_three_hundred_half_requests_end_while_others_are_served(impatient: str, stack: ExitStack, begun: bytes) -> None:
    clients = [connect(stack, impatient) for _ in range(300)]
    for client in clients:
        client.sendall(begun)

    assert FEED == ask(impatient, "/majlis/feed.xml").body
    assert {b""} == {until_closed(client) for client in clients}


def drip(client: socket.socket) -> int:
    """Send a byte at a time until the connection is closed, or 100 of them; return how many went out."""
    client.settimeout(0.1)
    for sent in range(100):
        try:
            client.sendall(b"a")
            while client.recv(65536):
                pass
        except TimeoutError:
            continue
        except OSError:
            pass
        return sent
    return 100


def test_dripping_bytes_wins_no_time(impatient: str, stack: ExitStack) -> None:
    client = connect(stack, impatient)
    client.sendall(b"GET /")

    assert drip(client) in range(2, 50)


def test_a_body_that_nobody_asked_for_wins_no_time(impatient: str, stack: ExitStack) -> None:
    client = connect(stack, impatient)
    client.sendall(WHOLE.replace(b"\r\n\r\n", b"\r\nContent-Length: 1000\r\n\r\n"))

    assert drip(client) in range(2, 50)


def test_the_second_request_has_the_same_time_as_the_first(impatient: str) -> None:
    client = http.client.HTTPConnection(urlsplit(impatient).netloc, timeout=10)
    for _ in range(2):
        client.request("GET", "/majlis/feed.xml")
        assert FEED == client.getresponse().read()

    client.sock.sendall(WHOLE[:20])

    assert b"" == until_closed(client.sock)
    client.close()


def test_some_requests_may_come_before_the_answer_to_the_first_and_no_thousands(impatient: str, stack: ExitStack) -> None:
    few, many = connect(stack, impatient), connect(stack, impatient)
    few.sendall(WHOLE * MOST_AHEAD + WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    with suppress(ConnectionError):
        many.sendall(WHOLE * 5000)

    assert MOST_AHEAD + 1 == until_closed(few).count(FEED)
    assert 5000 > until_closed(many).count(FEED)


def test_a_download_may_take_longer_than_a_head(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.5)
    base = stack.enter_context(serving(lambda base: create_app(Endless(), base_url=base)))
    listener, other = connect(stack, base), connect(stack, base)
    listener.sendall(f"GET {MEDIA} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    received = len(listener.recv(1000))

    # By the time that the other one is hung up on, more has passed than a head may take.
    assert b"" == until_closed(other)

    while block := listener.recv(1 << 20):
        received += len(block)
    assert BLOCKS * BLOCK < received
