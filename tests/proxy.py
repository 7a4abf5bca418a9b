"""A proxy of our own in front of a real store, that disturbs chosen requests as networks, gateways and tired servers do.

It ends TLS and speaks it again to the store, so that it sees requests there too. A fault is a function of one exchange; what
no fault is meant for is passed on as it is.
"""

import http.client
import os
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.storage.liar import Answer, Request

Fault = Callable[["Exchange"], None]

#: What belongs to one connection, and is not passed on.
_OF_CONNECTION = {"connection", "transfer-encoding", "content-length", "expect", "keep-alive"}


@dataclass(slots=True, kw_only=True)
class Trouble:
    """A fault for the requests of one kind: a method and a pattern of the path with its query; ``times`` tells how often."""

    fault: Fault
    method: str
    path: str
    times: int | None = None

    def takes(self, line: str) -> bool:
        """Tell whether it is meant for this request, and count it."""
        method, _, path = line.partition(" ")
        if self.times == 0 or method != self.method or not re.search(self.path, path):
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class Proxy:
    """A running proxy: its address, the requests that came so far ("GET /path?query"), and the trouble that it makes."""

    upstream: str
    authority: Path | None = None
    endpoint: str = ""
    requests: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    #: How many requests a fault was made of.
    disturbed: int = 0
    #: Whether connections are taken at all.
    open: bool = True
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def disturb(self, fault: Fault, method: str, path: str, times: int | None = None) -> None:
        """Make a fault of the next ``times`` requests of this kind, or of all."""
        self.over.clear()
        self.troubles.append(Trouble(fault=fault, method=method, path=path, times=times))

    def calm(self) -> None:
        """Pass everything on again, let go of what is stalled, and forget what came so far."""
        self.troubles.clear()
        self.requests.clear()
        self.disturbed, self.open = 0, True
        self.over.set()

    def fault_for(self, line: str) -> Fault | None:
        """Note a request, and return what is to be made of it."""
        with self.lock:
            self.requests.append(line)
            trouble = next((each for each in self.troubles if each.takes(line)), None)
            self.disturbed += trouble is not None
            return trouble.fault if trouble else None


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer, in the hands of a fault."""

    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def setup(self) -> None:
        """Turn a connection away where nobody is at home."""
        super().setup()
        self._upstream: http.client.HTTPConnection | None = None
        if not self.proxy.open:
            self.reset()

    def handle_one_request(self) -> None:
        """Take one request; that the client hung up is no news."""
        with suppress(ConnectionError, ssl.SSLError, OSError):
            super().handle_one_request()
            return
        self.close_connection = True

    def finish(self) -> None:
        """Close both ends."""
        if self._upstream:
            self._upstream.close()
        super().finish()

    def exchange(self) -> None:
        """Answer one request."""
        self.__dict__.pop("request_body", None)
        fault = self.proxy.fault_for(f"{self.command} {self.path}")
        if fault is None:
            self.answer(self.pass_on())
        else:
            fault(self)
        if "request_body" not in self.__dict__:
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = exchange  # noqa: N815

    @property
    def length(self) -> int:
        """The length of the request's body."""
        return int(self.headers.get("Content-Length") or 0)

    @cached_property
    def request_body(self) -> bytes:
        """The whole body of the request."""
        return self.rfile.read(self.length)

    def read(self) -> Request:
        """Return the whole request."""
        return Request(method=self.command, path=self.path, headers=dict(self.headers.items()), body=self.request_body)

    def pass_on(self, request: Request | None = None) -> Answer:
        """Let the store answer this request, or another one."""
        request = request or self.read()
        upstream = self._upstream = self._upstream or self._connect()
        upstream.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            if name.lower() not in _OF_CONNECTION:
                upstream.putheader(name, value)
        upstream.putheader("Content-Length", str(len(request.body)))
        upstream.endheaders(request.body or None)
        answer = upstream.getresponse()
        body = answer.read()
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in _OF_CONNECTION}
        told = answer.getheader("Content-Length") if request.method == "HEAD" else None
        return Answer(status=answer.status, headers=headers, body=body, promised=int(told) if told else None)

    def pass_on_half(self) -> None:
        """Give the store the head of the request and half of its body, and hang up."""
        half = self.rfile.read(self.length // 2)
        upstream = self._connect()
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() != "expect":
                upstream.putheader(name, value)
        upstream.endheaders(half)
        upstream.close()

    def answer(self, answer: Answer, *, cut: int | None = None, pause: float = 0, reset: bool = False) -> None:
        """Send an answer: ``cut``, only so many bytes of its body; with a ``pause`` before each small piece; ``reset`` at the end."""
        self.send_response_only(answer.status)
        length = len(answer.body) if answer.promised is None else answer.promised
        for name, value in (answer.headers | ({} if answer.status == 204 else {"Content-Length": str(length)})).items():
            self.send_header(name, value)
        self.end_headers()
        body = b"" if self.command == "HEAD" or answer.status == 304 else answer.body[:cut]
        for start in range(0, len(body), 1024) if pause else ():
            time.sleep(pause)
            self.wfile.write(body[start : start + 1024])
        if not pause:
            self.wfile.write(body)
        if reset:
            self.reset()
        elif cut is not None:
            self.close_connection = True

    def reset(self) -> None:
        """Break the connection off (RST)."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def stall(self) -> None:
        """Say and read nothing more until the proxy is calmed."""
        self.proxy.over.wait(60)
        self.close_connection = True

    def _connect(self) -> http.client.HTTPConnection:
        host = urlsplit(self.proxy.upstream)
        if host.scheme == "http":
            return http.client.HTTPConnection(host.netloc, timeout=30)
        context = ssl.create_default_context(cafile=str(self.proxy.authority))
        return http.client.HTTPSConnection(host.netloc, timeout=30, context=context)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def proxied(upstream: str, authority: Path | None = None) -> Iterator[Proxy]:
    """Run a proxy on a free port of the loopback; one of a store over TLS shows the store's own certificate."""
    proxy = Proxy(upstream, authority)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if authority else None
    if tls and authority:
        tls.load_cert_chain(authority.with_name("chain.pem"), authority.with_name("key.pem"))

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def get_request(self) -> tuple[socket.socket, Any]:
            taken, address = super().get_request()
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # The handshake is made with the first read, in the connection's own thread.
            return (tls.wrap_socket(taken, server_side=True, do_handshake_on_connect=False) if tls else taken), address

    with Server(("127.0.0.1", 0), type("Handler", (Exchange,), {"proxy": proxy})) as server:
        proxy.endpoint = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.calm()
            server.shutdown()
            thread.join()
