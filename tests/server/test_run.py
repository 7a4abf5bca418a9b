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
from podcast.server.run import _listen, serve
from tests.serving import ask

pytestmark = pytest.mark.thorough

PROGRAM = """
import logging, os, sys, time
from podcast.errors import PodcastError
from podcast.server.app import create_app
from podcast.server.run import _listen, serve
from podcast.storage.memory import MemoryStorage
from tests.serving import store

storage = MemoryStorage()
store(storage, "majlis/media/big.mp3", bytes(50_000_000))
logging.basicConfig(format="%(message)s")
ticks = []

def say(line):  # print() writes the end of a line apart, and there are two threads
    os.write(1, f"{line}\\n".encode())

def tick():
    ticks.append(1)
    if len(ticks) == 1:
        raise PodcastError("The bucket is\\nfull.", hint="Empty it.")
    if len(ticks) == 2:
        raise KeyError("a bug")
    say("ticked")

serve(
    create_app(storage, base_url="http://localhost/"),
    sys.argv[1], 0,
    on_ready=say,
    tick=tick if "tick" in sys.argv else None, every=0.05,
)
say("ended")
"""


@contextmanager
def running(*arguments: str, program: str = PROGRAM) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", program, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_even_with_clients_in_the_middle(wish: signal.Signals) -> None:
    with running("127.0.0.1") as program:
        assert program.stdout
        address = program.stdout.readline().strip()
        assert 200 == ask(address, "/healthz").status
        host, _, port = address.removeprefix("http://").rstrip("/").rpartition(":")
        with socket.create_connection((host, int(port))) as asking, socket.create_connection((host, int(port))) as listening:
            asking.sendall(b"GET /healthz HTTP/1.1\r\n")
            listening.sendall(b"GET /majlis/media/big.mp3 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert listening.recv(100).startswith(b"HTTP/1.1 200")
            program.send_signal(wish)
            output, errors = program.communicate(timeout=10)

    assert (0, "ended\n", "") == (program.returncode, output, errors)


def test_what_the_tick_raises_is_one_line_and_serving_goes_on() -> None:
    with running("127.0.0.1", "tick") as program:
        assert program.stdout
        lines = iter(program.stdout.readline, "")
        address = next(line.strip() for line in lines if line.startswith("http"))
        assert "ticked\n" == next(line for line in lines if line.startswith("tick"))
        assert 200 == ask(address, "/healthz").status
        program.send_signal(signal.SIGTERM)
        _, errors = program.communicate(timeout=10)

    assert "The bucket is\\x0afull. Empty it.\nKeyError: 'a bug'\n" == errors
    assert 0 == program.returncode


def test_a_tick_that_hangs_does_not_keep_it_from_ending() -> None:
    hanging = PROGRAM.replace("ticks.append(1)", "say('hangs'); time.sleep(100)")
    with running("127.0.0.1", "tick", program=hanging) as program:
        assert program.stdout
        assert "hangs\n" in {program.stdout.readline() for _ in range(2)}
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


def test_a_body_does_not_wait_until_its_head_was_acknowledged() -> None:
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
