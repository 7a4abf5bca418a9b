"""A store that answers what a test wants, for the troubles that no honest server can be brought to make."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``promised`` is the Content-Length where it is not that of the body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    promised: int | None = None


Script = Callable[[Request], Answer]


@dataclass(slots=True)
class Liar:
    """Holds the script, which a test may exchange at any time, and what it was asked so far."""

    endpoint: str = ""
    script: Script = lambda _: Answer(status=500)
    requests: list[Request] = field(default_factory=list)

    def methods(self) -> list[str]:
        return [each.method for each in self.requests]


def refusal(status: int, code: str, message: str | None = "", more: str = "", headers: dict[str, str] | None = None) -> Answer:
    """Return an S3 error; a message of None is left out as radosgw does."""
    text = "" if message is None else f"<Message>{message}</Message>"
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code>{text}{more}</Error>'
    return Answer(status=status, headers=headers or {}, body=body.encode())


def one_after_another(answers: Sequence[Answer]) -> Script:
    """Return a script that gives each answer once, and the last one for ever."""
    rest = list(answers)
    return lambda _: rest.pop(0) if len(rest) > 1 else rest[0]


@contextmanager
def lying() -> Iterator[Liar]:
    """Run a liar on a free port of the loopback."""
    liar = Liar()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(method=self.command, path=self.path, headers=dict(self.headers.items()), body=body)
            liar.requests.append(request)
            answer = liar.script(request)
            self.send_response(answer.status)
            headers = {"Content-Length": str(len(answer.body) if answer.promised is None else answer.promised)} | answer.headers
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD" and answer.status != 304:
                self.wfile.write(answer.body)
            self.close_connection = answer.promised is not None

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        liar.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield liar
        finally:
            server.shutdown()
            thread.join()
