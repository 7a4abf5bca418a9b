"""A big file goes out block by block: as the client takes it, and no longer than the client is there."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.types import Message

from podcast.errors import StorageError, StorageUnavailable
from podcast.server.app import create_app
from podcast.server.bodies import BLOCK
from podcast.storage import StoredObject
from podcast.storage.local import LocalStorage
from podcast.storage.memory import MemoryStorage
from tests.server.conftest import MEDIA
from tests.serving import ask, raw, serving, store

pytestmark = pytest.mark.thorough

BLOCKS = 400
KEY = MEDIA[1:]


class Endless(MemoryStorage):
    """A memory that claims 100 MB under one key, counts the blocks that are taken of it, and notes when it is closed."""

    def __init__(self, fail_after: int | None = None) -> None:
        super().__init__()
        self.stored = replace(store(self, KEY, b"x"), length=BLOCKS * BLOCK)
        self.fail_after = fail_after
        self.taken = 0
        self.closed = threading.Event()

    def head(self, key: str) -> StoredObject | None:
        return self.stored if key == KEY else None

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        assert (KEY, 0, BLOCKS * BLOCK) == (key, start, length)
        return self._blocks()

    def _blocks(self) -> Iterator[bytes]:
        try:
            for _ in range(BLOCKS):
                if self.taken == self.fail_after:
                    raise StorageError("The bucket\nis gone.")
                self.taken += 1
                yield bytes(BLOCK)
        finally:
            self.closed.set()


def test_no_more_is_read_than_the_client_takes() -> None:
    storage = Endless()
    app = create_app(storage, base_url="http://localhost/")
    seen: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            seen.append(storage.taken)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def ask_for_all() -> None:
        await app(scope_of(MEDIA), receive, send)

    # In a thread of its own: a browser test of the same process may have left a loop in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, ask_for_all()).result(timeout=30)

    # When block n is sent, n blocks have been read: nothing is read ahead and nothing is kept.
    assert [*range(1, BLOCKS + 1), BLOCKS] == seen
    assert storage.closed.is_set()


def test_a_slow_client_holds_the_reading_back() -> None:
    storage = Endless()
    with serving(lambda base: create_app(storage, base_url=base)) as base, connect(base) as client:
        request(client)
        client.recv(1000)
        steady = storage.taken
        while (now := wait_a_moment(storage)) > steady:
            steady = now

        assert BLOCKS / 4 > steady


def test_a_client_that_goes_away_closes_the_file() -> None:
    storage = Endless()
    with serving(lambda base: create_app(storage, base_url=base)) as base:
        with connect(base) as client:
            request(client)
            client.recv(1000)

        assert storage.closed.wait(10)
        assert BLOCKS > storage.taken


def test_a_file_that_breaks_off_is_never_taken_for_whole(caplog: pytest.LogCaptureFixture) -> None:
    storage = Endless(fail_after=3)
    with serving(lambda base: create_app(storage, base_url=base)) as base:
        answer = raw(base, f"GET {MEDIA} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert f"content-length: {BLOCKS * BLOCK}".encode() in answer
    assert BLOCKS * BLOCK > len(answer)
    assert ["The bucket\\x0ais gone."] == [record.message for record in caplog.records if record.name == "podcast.server"]
    assert [] == [record for record in caplog.records if record.exc_info]


def test_a_file_that_became_shorter_breaks_off(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    storage = LocalStorage(tmp_path)
    stored = store(storage, KEY, bytes(1000))

    class Stale(LocalStorage):
        def head(self, key: str) -> StoredObject | None:
            return replace(stored, key=key, length=2000)

    with serving(lambda base: create_app(Stale(tmp_path), base_url=base)) as base:
        answer = raw(base, f"GET {MEDIA} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    assert b"content-length: 2000" in answer
    assert answer.endswith(bytes(1000))
    assert ["A file gave 1000 bytes instead of 2000."] == [record.message for record in caplog.records if record.name == "podcast.server"]
    assert [] == [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize(
    ("error", "status"),
    [(StorageUnavailable("no\nroute"), 503), (StorageError("no access to key AKIA"), 502), (KeyError("a bug"), 500)],
)
def test_a_store_that_fails_is_a_problem_of_ours(error: Exception, status: int, caplog: pytest.LogCaptureFixture) -> None:
    class Failing(MemoryStorage):
        def head(self, key: str) -> StoredObject | None:
            raise error if key == KEY else AssertionError

    with serving(lambda base: create_app(Failing(), base_url=base)) as base:
        answer = ask(base, MEDIA)

    assert (status, "application/problem+json") == (answer.status, answer.headers["content-type"])
    assert "*" == answer.headers["access-control-allow-origin"]
    assert str(error).encode() not in answer.body
    assert [{503: "no\\x0aroute", 502: "no access to key AKIA", 500: "KeyError: 'a bug'"}[status]] == [
        record.message for record in caplog.records
    ]
    assert [] == [record for record in caplog.records if record.exc_info]
    assert ("30" if status == 503 else None) == answer.headers.get("retry-after")


def test_a_file_that_goes_between_looking_and_reading_is_not_there() -> None:
    class Racing(MemoryStorage):
        def head(self, key: str) -> StoredObject | None:
            found = super().head(key)
            self.delete([key])
            return found

    storage = Racing()
    store(storage, KEY, b"x")
    with serving(lambda base: create_app(storage, base_url=base)) as base:
        assert 404 == ask(base, MEDIA).status


def scope_of(path: str) -> dict[str, object]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }


def connect(base: str) -> socket.socket:
    parts = urlsplit(base)
    return socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10)


def request(client: socket.socket) -> None:
    client.sendall(f"GET {MEDIA} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


def wait_a_moment(storage: Endless) -> int:
    storage.closed.wait(0.3)
    return storage.taken
