"""The program that serves: how it begins, how it ends, and what happens beside it."""

import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from podcast.errors import PodcastError
from podcast.server.run import serve
from tests.serving import ask

PROGRAM = """
import logging, sys
from podcast.errors import PodcastError
from podcast.server.app import create_app
from podcast.server.run import serve
from podcast.storage.memory import MemoryStorage

logging.basicConfig(format="%(message)s")
ticks = []

def tick():
    ticks.append(1)
    if len(ticks) == 1:
        raise PodcastError("The bucket is\\nfull.", hint="Empty it.")
    if len(ticks) == 2:
        raise KeyError("a bug")
    print("ticked", flush=True)

serve(
    create_app(MemoryStorage(), base_url="http://localhost/"),
    sys.argv[1], 0,
    on_ready=lambda address: print(address, flush=True),
    tick=tick if "tick" in sys.argv else None, every=0.05,
)
print("ended", flush=True)
"""


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield program
    finally:
        program.kill()
        program.communicate()


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_even_with_a_client_in_the_middle(wish: signal.Signals) -> None:
    with running("127.0.0.1") as program:
        assert program.stdout
        address = program.stdout.readline().strip()
        assert 200 == ask(address, "/healthz").status
        host, _, port = address.removeprefix("http://").rstrip("/").rpartition(":")
        with socket.create_connection((host, int(port))) as idle:
            idle.sendall(b"GET /healthz HTTP/1.1\r\n")
            program.send_signal(wish)
            output, errors = program.communicate(timeout=10)

    assert (0, "ended\n", "") == (program.returncode, output, errors)


def test_what_the_tick_raises_is_one_line_and_serving_goes_on() -> None:
    with running("127.0.0.1", "tick") as program:
        assert program.stdout
        lines = {program.stdout.readline() for _ in range(2)}
        address = next(line.strip() for line in lines if line.startswith("http"))
        assert "ticked\n" in lines
        assert 200 == ask(address, "/healthz").status
        program.send_signal(signal.SIGTERM)
        _, errors = program.communicate(timeout=10)

    assert "The bucket is\\x0afull. Empty it.\nKeyError: 'a bug'\n" == errors
    assert 0 == program.returncode


def test_a_tick_that_hangs_does_not_keep_it_from_ending() -> None:
    hanging = PROGRAM.replace("ticks.append(1)", "import time; print('hangs', flush=True); time.sleep(100)")
    with subprocess.Popen([sys.executable, "-c", hanging, "127.0.0.1", "tick"], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        assert {"hangs"} < {program.stdout.readline().strip() for _ in range(2)}
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=10)

    assert 0 == program.returncode


def test_an_address_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PodcastError, match="Address already in use") as caught:
        serve(None, "127.0.0.1", taken.getsockname()[1], on_ready=print)  # type: ignore[arg-type]

    assert "--port" in caught.value.hint


@pytest.mark.parametrize("host", ["203.0.113.1", "::zz"])
def test_an_address_that_is_not_ours_is_said_in_one_line(host: str) -> None:
    with pytest.raises(PodcastError, match="Cannot serve on"):
        serve(None, host, 0, on_ready=print)  # type: ignore[arg-type]


def test_ipv6_is_served_too() -> None:
    with running("::1") as program:
        assert program.stdout
        address = program.stdout.readline().strip()
        connection = http.client.HTTPConnection("::1", int(address.rstrip("/").rpartition(":")[2]))
        connection.request("GET", "/healthz")

        assert address.startswith("http://[::1]:")
        assert 200 == connection.getresponse().status
        connection.close()
