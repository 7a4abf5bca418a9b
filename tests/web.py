"""A web server on loopback that answers what a test puts into it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Status, headers and body; or a function that writes the answer as it likes.
Page = tuple[int, dict[str, str], bytes] | Callable[[BaseHTTPRequestHandler], None]


@dataclass(slots=True)
class Web:
    """``pages`` by path; ``seen`` is the path of each request, ``posted`` path, headers and body of each POST."""

    port: int = 0
    pages: dict[str, Page] = field(default_factory=dict)
    #: What stands under every other path.
    otherwise: Page = (404, {}, b"")
    seen: list[str] = field(default_factory=list)
    posted: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    #: Set when the server is to end: a page that goes on for ever looks at it.
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@contextmanager
def serve_pages() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.seen.append(self.path)
            if self.command == "POST":
                body = self.rfile.read(int(self.headers["Content-Length"]))
                web.posted.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            page = web.pages.get(self.path, web.otherwise)
            if not isinstance(page, tuple):
                page(self)
                return
            status, headers, body = page
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_POST = do_GET  # noqa: N815 - as http.server has it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        web.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield web
        finally:
            web.over.set()
            server.shutdown()
            thread.join(10)
