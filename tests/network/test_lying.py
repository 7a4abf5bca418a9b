"""A store that says it stored what it was given, and did not: a publish notices, and listeners do not."""

from collections.abc import Callable

import pytest

from podcast.errors import StorageError
from podcast.site import media_key
from tests.proxy import Exchange, Fault
from tests.storage.liar import Answer, Request

from .conftest import MINISTACK, RCLONE, SERVERS, Line
from .faults import empty

FEED = r"/feed\.xml$"
RECORDING = r"/media/[^?]*\.mp3$"


def flipped(body: bytes) -> bytes:
    """Return other bytes of the same length."""
    return bytes(byte ^ 1 for byte in body)


def framed(body: bytes) -> bytes:
    """Return what a store keeps that takes the framing of an upload for a part of the file."""
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def keeping(change: Callable[[bytes], bytes]) -> Fault:
    """Store other bytes without a word; the header that would betray them gets lost on the way."""

    def fault(exchange: Exchange) -> None:
        request = exchange.read()
        headers = {name: value for name, value in request.headers.items() if name.lower() not in {"content-md5", "x-amz-content-sha256"}}
        body = change(request.body)
        exchange.answer(
            exchange.pass_on(
                Request(method="PUT", path=request.path, headers=headers | {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, body=body)
            )
        )

    return fault


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_a_recording_that_the_store_keeps_otherwise_never_gets_into_the_feed(line: Line) -> None:
    episode, before = line.add("new"), line.heard()
    for change in (flipped, framed, lambda body: body[:-1], lambda _: b""):
        line.proxy.calm()
        line.proxy.disturb(keeping(change), "PUT", RECORDING)
        error = line.attempt("new")
        assert error
        assert "holds other bytes" in error.message
        assert before == line.heard()
        assert line.store.head(media_key(episode)) is None
    line.converge("new")


@pytest.mark.parametrize("line", SERVERS, indirect=True)
def test_an_upload_that_somebody_swallows_leaves_the_feed_of_before(line: Line) -> None:
    line.add("new")
    before = line.heard()
    line.proxy.disturb(empty, "PUT", FEED)
    error = line.attempt("new")
    assert error
    assert "holds other bytes" in error.message
    assert "removed" not in error.message
    assert before == line.heard()
    line.converge("new")


@pytest.mark.parametrize("line", [MINISTACK, RCLONE], indirect=True)
def test_a_feed_that_reads_back_as_it_was_is_not_done_and_the_next_publish_does_not_believe_it(line: Line) -> None:
    old = b"".join(line.store.read("majlis/feed.xml"))
    line.add("new")
    for _ in range(2):
        line.proxy.disturb(lambda exchange: exchange.answer(Answer(headers=dict(exchange.pass_on().headers), body=old)), "GET", FEED)
        error = line.attempt("new")
        assert error
        assert "reads back with other bytes" in error.message
    line.converge("new")


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_a_feed_that_the_store_keeps_otherwise_is_removed_at_once_and_comes_with_the_next_publish(line: Line) -> None:
    line.add("new")
    line.proxy.disturb(keeping(flipped), "PUT", FEED)
    with pytest.raises(StorageError, match="they were removed"):
        line.publish("new")
    assert line.store.head("majlis/feed.xml") is None
    line.converge("new")
