"""How many requests a publish makes: each costs a journey, and money."""

import pytest

from podcast.publish.press import unsettled
from podcast.storage.s3 import S3Storage

from .conftest import LONG, MINISTACK, NOW, RCLONE, SWIFT_TLS, Line


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_nothing_to_do_is_one_request(line: Line) -> None:
    line.proxy.calm()
    assert set() == unsettled(line.press, NOW)
    assert 1 == len(line.proxy.requests)


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_a_file_is_one_put_and_one_look(line: Line) -> None:
    line.add("new")
    line.proxy.calm()
    line.publish("new")
    puts = [request.removeprefix("PUT ") for request in line.proxy.requests if request.startswith("PUT")]
    # Six files of the episode, six of the show, and the feed, which is looked for before and read back.
    assert 13 == len(set(puts)) == len(puts)
    feed = puts[-1]
    assert sorted(["GET", *["HEAD"] * 15, *["PUT"] * 13]) == sorted(request.split()[0] for request in line.proxy.requests)
    assert 3 == line.proxy.requests.count(f"HEAD {feed}")


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_a_long_file_is_begun_sent_in_parts_and_joined(line: Line) -> None:
    line.add("new", length=LONG)
    line.proxy.calm()
    line.publish("new")
    kinds = [request.split()[0] for request in line.proxy.requests if "/media/" in request or "uploads" in request]
    assert ["GET", "POST", "PUT", "POST", "HEAD"] == kinds


@pytest.mark.parametrize("line", [SWIFT_TLS, RCLONE, MINISTACK], indirect=True)
def test_the_feed_carries_its_revision_and_nothing_else_does(line: Line) -> None:
    line.add("new")
    revision, store = line.publish("new").revision, line.store
    assert isinstance(store, S3Storage)
    keys = ("majlis/feed.xml", "majlis/new/episode.json")
    told = [store._client.head_object(**store._at(key))["Metadata"] for key in keys]
    # HTTP knows no capitals in names of headers; rclone makes some.
    assert [{"revision": str(revision)}, {}] == [{name.lower(): value for name, value in one.items()} for one in told]
