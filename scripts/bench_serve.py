"""The case ``serve`` of scripts/bench: requests per second of the server's CPU, and beside it nginx, which serves the same files."""

import os
import re
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

FEED, AUDIO = "majlis/feed.xml", "majlis/media/kings-of-corruption-abababababab.mp3"
MEBIBYTE = 1 << 20
#: Connections at a time. Each sends one request over and over, as apps of one version do: under its own name, and of audio its own part.
CONNECTIONS = 16
HALF_OPEN = 300

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr error;
events {{ worker_connections 1024; }}
http {{
  types {{ application/rss+xml xml; audio/mpeg mp3; }}
  access_log off; sendfile on; keepalive_requests 100000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def serve(folder: Path) -> None:
    """Ask `podcast serve` and nginx for the same files in turns; then hold connections open, and look at the memory."""
    root = make_files(folder)
    with ExitStack() as stack:
        ours = stack.enter_context(podcast(folder))
        nginx = stack.enter_context(beside(folder, root))
        etags = {server: etag(server) for server in (ours, nginx)}
        cases: list[tuple[str, str, Callable[[Server], str], int]] = [
            ("feed, nothing new (304)", FEED, lambda server: f"If-None-Match: {etags[server]}\r\n", 20_000),
            ("feed of 50 kB (200)", FEED, lambda _: "", 10_000),
            ("1 MiB out of 256 (206)", AUDIO, lambda _: "Range: bytes={start}-{end}\r\n", 3_000),
        ]
        for what, path, extra, count in cases:
            rates: dict[Server, list[float]] = {ours: [], nginx: []}
            for _ in range(3):
                for server, found in rates.items():
                    found.append(rate(server, path, extra(server), count))
            mine, other = (statistics.median(rates[server]) for server in (ours, nginx))
            print(f"{what:<58} {mine:>10,.0f} /s   {mine / other:>7.2f} x  nginx ({other:,.0f} /s)", flush=True)
        ask(ours, FEED, "", 2_000)
        before = memory(ours.pid)
        ask(ours, FEED, "", 10_000)
        print(f"memory after 12,000 feeds: {memory(ours.pid):.1f} MB, after 2,000: {before:.1f} MB", flush=True)
        hold(ours)


class Server:
    """A server that is measured."""

    def __init__(self, address: str, pid: int) -> None:
        parts = urlsplit(address)
        self.place, self.pid = (parts.hostname or "", parts.port or 80), pid


def make_files(folder: Path) -> Path:
    """Make a project with a feed and one long file; return the folder that is served."""
    command: list[str | Path] = [Path(sys.executable).with_name("podcast"), "init", folder / "radio", "--title", "Majlis"]
    subprocess.run(command, check=True, capture_output=True)
    root = folder / "radio" / "public"
    (root / AUDIO).parent.mkdir(parents=True)
    item = b"<item><title>Kings of Corruption</title><guid>%06d</guid></item>\n"
    (root / FEED).write_bytes(b"<rss><channel>" + b"".join(item % number for number in range(780)) + b"</channel></rss>")
    with (root / AUDIO).open("wb") as file:
        for _ in range(256):
            file.write(os.urandom(MEBIBYTE))
    for path in (folder, root, root / "majlis", root / "majlis/media"):
        path.chmod(0o755)
    return root


@contextmanager
def podcast(folder: Path) -> Iterator[Server]:
    command: list[str | Path] = [Path(sys.executable).with_name("podcast"), "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=folder / "radio", stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as process:
        try:
            assert process.stdout
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found
            yield Server(found[0], process.pid)
        finally:
            process.send_signal(signal.SIGTERM)


@contextmanager
def beside(folder: Path, root: Path) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configuration = folder / "nginx.conf"
    configuration.write_text(("user root;" if os.geteuid() == 0 else "") + NGINX.format(folder=folder, root=root, port=port))
    with subprocess.Popen(["nginx", "-c", configuration, "-p", folder], stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if not probe.connect_ex(("127.0.0.1", port)):
                        break
                time.sleep(0.05)
            worker = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
            yield Server(f"http://127.0.0.1:{port}", int(worker))
        finally:
            process.send_signal(signal.SIGTERM)


def rate(server: Server, path: str, extra: str, count: int) -> float:
    """Return the requests that a second of the server's CPU answers."""
    ask(server, path, extra, CONNECTIONS * 4)
    begin = cpu(server.pid)
    ask(server, path, extra, count)
    return count / (cpu(server.pid) - begin)


def ask(server: Server, path: str, extra: str, count: int) -> None:
    """Let a process of its own send so many requests."""
    host, port = server.place
    subprocess.run([sys.executable, __file__, host, str(port), path, extra, str(count)], check=True)


def load(host: str, port: int, path: str, extra: str, count: int) -> None:
    """Send requests over some connections, one at a time on each; every answer must be as long as the first."""
    connections = [socket.create_connection((host, port)) for _ in range(CONNECTIONS)]
    requests = [
        f"GET /{path} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: App {number}\r\nAccept-Encoding: identity\r\n"
        f"{extra.format(start=(place := 100_000_000 + number * 7 * MEBIBYTE), end=place + MEBIBYTE - 1)}\r\n".encode()
        for number in range(CONNECTIONS)
    ]
    connections[0].sendall(requests[0])
    first = head_of(connections[0])
    start, length = first[:12], length_of(first)
    body = memoryview(bytearray(len(first) + length))
    receive(connections[0], body[:length])
    for _ in range(count // CONNECTIONS):
        for connection, request in zip(connections, requests, strict=True):
            connection.sendall(request)
        for connection in connections:
            receive(connection, body)
            if bytes(body[:12]) != start:
                sys.exit(f"{bytes(body[:200])!r} instead of {start!r}")


def head_of(connection: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    return head


def length_of(head: bytes) -> int:
    found = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    return int(found[1]) if found and b" 304 " not in head[:13] else 0


def receive(connection: socket.socket, into: memoryview) -> None:
    if into and connection.recv_into(into, len(into), socket.MSG_WAITALL) != len(into):
        sys.exit("The connection was closed.")


def etag(server: Server) -> str:
    with socket.create_connection(server.place) as connection:
        connection.sendall(f"GET /{FEED} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        found = re.search(rb'etag: ("[^"]+")', head_of(connection), re.IGNORECASE)
    assert found
    return found[1].decode()


def hold(server: Server) -> None:
    """Open connections with half a request, ask for the feed meanwhile, and see when the last of them is closed."""
    begin = time.monotonic()
    waits = []
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        for _ in range(HALF_OPEN):
            connection = stack.enter_context(socket.create_connection(server.place))
            connection.sendall(b"GET /majlis/feed.xml HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            selector.register(connection, selectors.EVENT_READ)
        while selector.get_map() and time.monotonic() < begin + 30:
            asked = time.monotonic()
            etag(server)
            waits.append(time.monotonic() - asked)
            for key, _ in selector.select(0.01):
                selector.unregister(key.fileobj)
        left = len(selector.get_map())
    waits.sort()
    print(f"{HALF_OPEN} half-open connections: {left} left after {time.monotonic() - begin:.1f} s", end="; ")
    print(f"a feed meanwhile took {waits[len(waits) * 99 // 100] * 1000:.1f} ms at p99 of {len(waits)}", flush=True)


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    found = re.search(r"VmRSS:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0


if __name__ == "__main__":
    load(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5]))
