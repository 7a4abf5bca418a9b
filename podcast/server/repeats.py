"""Answers to requests that come again byte for byte, as those of apps do which look for a new feed every hour.

The same bytes at the same point of a connection mean the same; so as long as the file is the same, the answer is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

#: Bytes of requests and answers that are kept; the bodies are mostly the same ones, and those of ``bodies.Texts``.
_BUDGET: Final = 64 * 1024 * 1024
_LONGEST_REQUEST: Final = 2048

#: What opens a file, the first byte of it that is sent, and how many.
Part = tuple[Callable[[], FileIO], int, int]


class Repeatable(Response):
    """An answer that a server may give again to the same request while ``again`` says so; one that knows nothing of it just sends it."""

    def __init__(self, response: Response, again: Callable[[], bool]) -> None:
        self.status_code, self.body, self.background = response.status_code, response.body, None
        self.raw_headers = response.raw_headers
        self._again = again

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send head and body."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers, "again": self._again})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it goes out, but for the headers that change with the clock."""

    status_line: bytes
    headers: bytes
    body: bytes
    #: Tells whether the answer is still the right one.
    again: Callable[[], bool]
    #: Instead of a body.
    part: Part | None = None


class Repeats:
    """The answers of one server. When they are too many, all are forgotten."""

    def __init__(self, budget: int = _BUDGET) -> None:
        self._budget = budget
        self._held = 0
        self._answers: dict[bytes, Answer] = {}

    def find(self, request: bytes) -> Answer | None:
        """Return the answer to a request that came before, where it still holds."""
        answer = self._answers.get(request)
        return answer if answer and answer.again() else None

    def keep(self, request: bytes, answer: Answer) -> None:
        """Keep the answer to a request."""
        if len(request) > _LONGEST_REQUEST:
            return
        old = self._answers.get(request)
        self._held += _weight(request, answer) - (_weight(request, old) if old else 0)
        if self._held > self._budget:
            self._answers.clear()
            self._held = _weight(request, answer)
        self._answers[request] = answer


def _weight(request: bytes, answer: Answer) -> int:
    return len(request) + len(answer.headers) + len(answer.body) + 500
