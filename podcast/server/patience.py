"""uvicorn's HTTP/1.1 with what it lacks: an end to its patience, files sent by the kernel, and answers that are given again.

Without an end to its patience, a client could hold a connection with half a request.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from typing import Any, Final

from starlette.types import Message, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from podcast.errors import PodcastError, StorageError
from podcast.server.headers import PUBLIC
from podcast.server.problems import log_failure
from podcast.server.repeats import Answer, Part, Repeats

#: A request's head must be whole this many seconds after its first byte, or after the connection where none came.
HEAD_SECONDS: Final = 10.0
#: Bytes of a head that is not whole yet. The app is stricter with those that are.
_LONGEST_HEAD: Final = 64 * 1024
#: Requests that may come before the answer to one. Each of them takes memory, and a client that never reads could send thousands.
MOST_AHEAD: Final = 32
_CORK: Final[int | None] = getattr(socket, "TCP_CORK", None)
ZERO_COPY: Final = "http.response.zerocopysend"


class PatientProtocol(HttpToolsProtocol):
    """One connection. Between requests uvicorn's own keep-alive timer runs; from the first byte on, ours does."""

    _deadline: asyncio.TimerHandle | None = None
    #: Whether a request that came by now is whole, body and all, so that the next byte begins another one.
    _between = True
    _in_head = True
    _head_length = 0
    _messages = 0
    #: The bytes of the request that is being answered, where it came whole and alone.
    _asked: bytes | None = None
    _answered_at = 0.0
    #: Whether a part of a file is still on its way that is sent again.
    _sending = False

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._inner, self.app = self.app, self._extended
        self._repeats: Repeats = app_state.setdefault("repeats", Repeats())

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, with the headers of every other answer, and hang up."""
        public = {**PUBLIC, "Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(msg)), "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in public.items())
        self.transport.write(STATUS_LINE[400] + f"{head}\r\n{msg}".encode())
        self.transport.close()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that come after an answer begin another request, or drag out a body that nobody reads."""
        idle, alone, before = self._is_idle(), self._between, self._messages
        if idle and alone and not self.flow.write_paused:
            again = self._repeats.find(data)
            if again is not None and self._repeat(again):
                return
        if idle:
            self._await_head()
        self._asked = None
        if self._in_head:
            self._head_length += len(data)
        super().data_received(data)
        if idle and alone and self._between and self._messages == before + 1:
            self._asked = data
        if self._in_head and self._head_length > _LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")
        if not self._is_idle():
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Take note that a request has begun."""
        self._between, self._in_head = False, True
        self._messages += 1
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Let the app begin; what names a host instead of a path is refused like what is no HTTP, and so are too many requests at once."""
        self._in_head, self._head_length = False, 0
        if not self.url.startswith(b"/"):
            raise ValueError("no path")
        if len(self.pipeline) >= MOST_AHEAD:
            self.transport.abort()
            raise ValueError("too many at once")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take note that the next byte begins another request."""
        self._between = self._in_head = True
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been idle; one that was given an answer again meanwhile has the rest of its time."""
        rest = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if self._sending or rest > 0:
            self.timeout_keep_alive_task = self.loop.call_later(max(rest, 1), self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def _repeat(self, answer: Answer) -> bool:
        """Give an answer again; False where its file cannot be opened."""
        try:
            file = answer.part and answer.part[0]()
        except PodcastError:
            return False
        self._stop_waiting()
        self._answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        common = b"".join(b"%b: %b\r\n" % header for header in self.server_state.default_headers)
        if file:
            self._hold_back(True)
        self.transport.write(b"".join((answer.status_line, common, answer.headers, answer.body)))
        if file and answer.part:
            self._send_again(file, *answer.part[1:])
        return True

    def _send_again(self, file: FileIO, start: int, count: int) -> None:
        """Send a part of a file; while the client takes its time, nothing else is read from it."""
        sent = self._send_at_once(file, start, count)
        if sent == count:
            file.close()
            return
        self.transport.pause_reading()
        self._sending = True
        task = self.loop.create_task(self._send_rest(file, start, count, sent))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _send_rest(self, file: FileIO, start: int, count: int, sent: int) -> None:
        try:
            with file:
                sent += await self.loop.sendfile(self.transport, file, start + sent, count - sent)
            _see_whole(sent, count)
            self.transport.resume_reading()
        except Exception as exc:  # noqa: BLE001 - whatever it is, the client must not take a part for the whole
            if not isinstance(exc, ConnectionError):
                log_failure(exc)
            self.transport.abort()
        finally:
            self._sending, self._answered_at = False, self.loop.time()

    async def _extended(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the app with a ``send`` that can do more."""
        cycle: RequestResponseCycle = send.__self__  # type: ignore[attr-defined]
        started: Message = {}

        async def extended(message: Message) -> None:
            nonlocal started
            if message["type"] == ZERO_COPY:
                if self._may_keep(cycle) and "again" in started:
                    self._keep(started, b"", (started["open"], message["offset"], message["count"]))
                await self._send_file(cycle, message)
                return
            if "open" in message:
                self._hold_back(True)
            await send(message)
            if message["type"] == "http.response.start":
                started = message
            elif self._may_keep(cycle) and "again" in started and not message.get("more_body"):
                self._keep(started, message["body"])

        scope["extensions"] = {ZERO_COPY: {}}
        await self._inner(scope, receive, extended)

    def _may_keep(self, cycle: RequestResponseCycle) -> bool:
        return self._asked is not None and cycle.keep_alive and cycle is self.cycle

    def _keep(self, started: Message, body: bytes, part: Part | None = None) -> None:
        headers = b"".join(b"%b: %b\r\n" % header for header in started["headers"]) + b"\r\n"
        again: Callable[[], bool] = started["again"]
        self._repeats.keep(self._asked or b"", Answer(STATUS_LINE[started["status"]], headers, body, again, part))

    async def _send_file(self, cycle: RequestResponseCycle, message: Message) -> None:
        """Let the kernel send a part of an open file, and end the answer; StorageError where the file is too short."""
        if cycle.disconnected or self.transport.is_closing():
            return
        file, start, count = FileIO(message["file"], closefd=False), message["offset"], message["count"]
        try:
            sent = self._send_at_once(file, start, count)
            if sent < count:
                sent += await self.loop.sendfile(self.transport, file, start + sent, count - sent)
        except ConnectionError:  # The client went away.
            cycle.disconnected = True
            self.transport.abort()
            return
        _see_whole(sent, count)
        cycle.expected_content_length -= sent
        await cycle.send({"type": "http.response.body", "body": b"", "more_body": False})

    def _send_at_once(self, file: FileIO, start: int, count: int) -> int:
        """Send what the connection takes without a wait, which is mostly all of a part; return how much that was."""
        try:
            if self.transport.get_write_buffer_size():
                return 0
            return os.sendfile(self.transport.get_extra_info("socket").fileno(), file.fileno(), start, count)
        except OSError:  # Full, or gone: who waits for it will see.
            return 0
        finally:
            self._hold_back(False)

    def _hold_back(self, on: bool) -> None:
        """Let the head wait for the first bytes of a file, to travel with them, where the system can."""
        if _CORK is not None:
            with suppress(OSError):  # The client went away.
                self.transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, _CORK, on)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _see_whole(sent: int, count: int) -> None:
    if sent != count:
        raise StorageError(f"A file gave {sent} bytes instead of {count}.")
