"""A real server on a loopback port, and the plainest of clients."""

import hashlib
import http.client
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from podcast.server.run import _address, _config, _listen, _Server
from podcast.site import cache_control, content_type
from podcast.storage import Storage, StoredObject, Upload


@contextmanager
def serving(make_app: Callable[[str], ASGIApp]) -> Iterator[str]:
    """Serve what ``make_app`` makes for its base address, and give that address, which ends in a slash."""
    ready = threading.Event()
    with _listen("127.0.0.1", 0) as listener:
        base = _address(listener)
        server = _Server(_config(make_app(base)), ready.set)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert ready.wait(10)
            yield base
        finally:
            server.should_exit = True
            thread.join(10)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    #: Names in lower case; a header that came twice is joined with a newline, to be noticed.
    headers: dict[str, str]
    body: bytes


def ask(base: str, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
    """Send one request as it is written, whatever the path looks like."""
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True, skip_host="Host" in (headers or {}))
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    return Answer(response.status, _collect(response.getheaders()), body)


def raw(base: str, request: bytes) -> bytes:
    """Send bytes and return all that comes back until the server closes."""
    parts = urlsplit(base)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def store(storage: Storage, key: str, body: bytes) -> StoredObject:
    """Put bytes under a key, with all that goes with them."""
    return storage.put(
        Upload(
            key=key,
            body=body,
            length=len(body),
            md5=hashlib.md5(body, usedforsecurity=False).hexdigest(),
            type=content_type(key),
            cache_control=cache_control(key),
        )
    )


def _collect(pairs: list[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        name = name.lower()
        headers[name] = f"{headers[name]}\n{value}" if name in headers else value
    return headers
