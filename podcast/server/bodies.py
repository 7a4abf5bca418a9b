"""Bodies on their way out: blocks of a big file, and small texts kept in memory, gzipped."""

import gzip
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from io import FileIO
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from podcast.errors import StorageError
from podcast.server.problems import log_failure
from podcast.storage import Storage, StoredObject

#: What goes to the client at a time, and so what a slow reader holds in memory, about.
BLOCK: Final = 256 * 1024
#: Texts up to this size are kept; what is smaller than a packet is not worth a gzip header.
_ZERO_COPY: Final = "http.response.zerocopysend"
LARGEST_TEXT: Final = 16 * 1024 * 1024
SMALLEST_GZIP: Final = 256


class Texts:
    """The texts that were asked for last, by key, etag and encoding, up to ``budget`` bytes in all."""

    def __init__(self, storage: Storage, budget: int = 64 * 1024 * 1024) -> None:
        self._storage = storage
        self._budget = budget
        self._held = 0
        self._lock = threading.Lock()
        self._bodies: OrderedDict[tuple[str, str, bool], bytes] = OrderedDict()

    def body(self, stored: StoredObject, *, gzipped: bool) -> bytes:
        """Return the bytes; NotFound or StorageError where storage cannot give them. Blocks."""
        held = self.held(stored, gzipped=gzipped)
        if held is not None:
            return held
        name = (stored.key, stored.etag, gzipped)
        body = b"".join(self._storage.read(stored.key))
        if gzipped and not stored.encoding:
            body = gzip.compress(body, 6, mtime=0)
        elif stored.encoding and not gzipped:
            body = gzip.decompress(body)
        now = self._storage.head(stored.key)
        if now is not None and now.etag == stored.etag:
            self._keep(name, body)
        return body

    def held(self, stored: StoredObject, *, gzipped: bool) -> bytes | None:
        """Return the bytes where they are in memory. Does not block."""
        name = (stored.key, stored.etag, gzipped)
        with self._lock:
            if name in self._bodies:
                self._bodies.move_to_end(name)
            return self._bodies.get(name)

    def _keep(self, name: tuple[str, str, bool], body: bytes) -> None:
        with self._lock:
            self._held += len(body) - len(self._bodies.get(name, b""))
            self._bodies[name] = body
            while self._held > self._budget:
                self._held -= len(self._bodies.popitem(last=False)[1])


class Stream(StreamingResponse):
    """A file or a part of it, read block by block in a thread, no faster than the client takes it.

    The source is closed whatever happens: when all is sent, when the client goes away, when storage fails midway.
    ``headers`` hold the exact Content-Length.
    """

    def __init__(self, blocks: Iterator[bytes], status_code: int, headers: dict[str, str]) -> None:
        super().__init__(_in_threads(blocks, int(headers["Content-Length"])), status_code, headers)
        self._blocks = blocks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; a client that goes away ends it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            close = getattr(self._blocks, "close", None)
            if close:
                await run_in_threadpool(close)

    async def stream_response(self, send: Send) -> None:
        """Send head and body. A body that breaks off is left unfinished, so that the server cuts the connection."""
        try:
            await super().stream_response(send)
        except Exception as exc:  # noqa: BLE001 - whatever it is, the client must not take a part for the whole
            log_failure(exc)


class Copied(Response):
    """A part of a file, which the kernel sends where the server can make it; elsewhere it goes out block by block.

    It is opened at once, so errors come from the call, and closed whatever happens. ``headers`` hold the exact Content-Length.
    ``again`` is that of ``repeats.Answer``.
    """

    def __init__(self, open_file: Callable[[], FileIO], start: int, status_code: int, headers: dict[str, str]) -> None:
        super().__init__(None, status_code, headers)
        self._start, self._length = start, int(headers["Content-Length"])
        self._open, self._file = open_file, open_file()
        self.again: Callable[[], bool] = bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the answer. A body that breaks off is left unfinished, so that the server cuts the connection."""
        with self._file:
            try:
                start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
                await send(start | {"again": self.again, "open": self._open})
                if _ZERO_COPY in scope.get("extensions", {}):
                    await send({"type": _ZERO_COPY, "file": self._file.fileno(), "offset": self._start, "count": self._length})
                else:
                    async for block in _in_threads(self._blocks(), self._length):
                        await send({"type": "http.response.body", "body": block, "more_body": True})
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
            except Exception as exc:  # noqa: BLE001 - whatever it is, the client must not take a part for the whole
                log_failure(exc)

    def _blocks(self) -> Iterator[bytes]:
        self._file.seek(self._start)
        rest = self._length
        while block := self._file.read(min(BLOCK, rest)):
            rest -= len(block)
            yield block


async def _in_threads(blocks: Iterator[bytes], length: int) -> AsyncIterator[bytes]:
    sent = 0
    while block := await run_in_threadpool(next, blocks, b""):
        sent += len(block)
        for start in range(0, len(block), BLOCK):
            yield block[start : start + BLOCK]
    if sent != length:
        raise StorageError(f"A file gave {sent} bytes instead of {length}.")
