"""uvicorn's HTTP/1.1 with an end to its patience, which it lacks: a client could hold a connection with half a request."""

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

#: A request's head must be whole this many seconds after its first byte, or after the connection where none came.
HEAD_SECONDS: Final = 10.0


class PatientProtocol(H11Protocol):
    """One connection. Between requests uvicorn's own keep-alive timer runs; from the first byte on, ours does."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes; those that come after an answer begin another request, or drag out a body that nobody reads."""
        if self._is_idle():
            self._await_head()
        super().data_received(data)
        if not self._is_idle():
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
