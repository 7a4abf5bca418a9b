"""A feed that somebody else stored while we publish is never overwritten blindly, where the store knows conditional writes."""

from datetime import timedelta

import pytest

from podcast.catalogue import open_catalogue
from podcast.errors import Conflict
from podcast.publish.apply import apply
from podcast.publish.press import Press, prepare
from podcast.publish.store import read_feed
from podcast.storage import Overtaken
from podcast.storage.probe import upload
from tests.proxy import Exchange

from .conftest import MINISTACK, NOW, RCLONE, SWIFT_TLS, Line
from .faults import lost_answer

FEED = r"/feed\.xml$"
KEY = "majlis/feed.xml"
FOREIGN = b"<rss><channel><title>Somebody else's</title></channel></rss>"


class Rival:
    """Stores a feed of its own at the last moment before each of ours arrives, and notes under which condition that came."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.conditions: list[tuple[str | None, str | None]] = []

    def __call__(self, exchange: Exchange) -> None:
        request = exchange.read()
        self.conditions.append((request.headers.get("If-Match"), request.headers.get("If-None-Match")))
        self.line.store.put(upload(KEY, FOREIGN + b" " * len(self.conditions), "application/rss+xml", "no-store"))
        exchange.answer(exchange.pass_on(request))


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_the_feed_is_made_again_over_what_somebody_else_stored_meanwhile(line: Line) -> None:
    line.add("new")
    before = line.store.head(KEY)
    line.proxy.calm()
    rival = Rival(line)
    line.proxy.disturb(rival, "PUT", FEED, times=1)
    assert not line.publish("new").failed
    assert before
    assert [(f'"{before.etag}"', None)] == rival.conditions
    puts = [request for request in line.proxy.requests if request.startswith("PUT") and request.endswith("/feed.xml")]
    assert 2 == len(puts)
    line.is_settled(["old", "new"])


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_who_is_overtaken_again_and_again_stops_and_leaves_the_feed_alone(line: Line) -> None:
    line.add("new")
    rival = Rival(line)
    line.proxy.disturb(rival, "PUT", FEED)
    with pytest.raises(Overtaken, match=r"Somebody else has stored majlis/feed\.xml") as caught:
        line.publish("new")
    assert "catalogue of its own" in caught.value.hint
    assert 2 == len(rival.conditions) == len(set(rival.conditions))
    assert FOREIGN + b"  " == read_feed(line.store, KEY)
    line.converge("new")


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_a_first_feed_is_stored_only_where_there_is_none(line: Line) -> None:
    line.store.delete([KEY])
    line.catalogue.forget([KEY])
    line.add("new")
    rival = Rival(line)
    line.proxy.disturb(rival, "PUT", FEED, times=1)
    assert not line.publish("new").failed
    assert [(None, "*")] == rival.conditions
    line.is_settled(["old", "new"])


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_a_publisher_that_slept_while_another_took_over_does_not_bring_the_old_feed_back(line: Line) -> None:
    """The lease is renewed before the feed goes out; what sleeps after that is stopped by the store."""
    line.add("new")
    line.add("newer")
    later = NOW + timedelta(minutes=11)

    def sleep(exchange: Exchange) -> None:
        with open_catalogue(str(line.catalogue._engine.url)) as catalogue:
            press = Press(catalogue=catalogue, storage=line.store, staging=line.press.staging, site=line.press.site)
            plan = prepare(press, catalogue.show("majlis"), now=later, chosen=[catalogue.episode("majlis", "newer")])
            assert not apply(plan, press, clock=lambda: later).failed
        exchange.answer(exchange.pass_on())

    line.proxy.disturb(sleep, "PUT", FEED, times=1)
    with pytest.raises(Conflict):
        line.publish("new")
    line.is_settled(["old", "new", "newer"])


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_an_answer_that_was_lost_is_no_somebody_else(line: Line) -> None:
    line.add("new")
    line.proxy.disturb(lost_answer, "PUT", FEED, times=1)
    assert not line.publish("new").failed
    line.is_settled(["old", "new"])


@pytest.mark.parametrize("line", [SWIFT_TLS, RCLONE], indirect=True)
def test_a_store_that_knows_no_conditions_gets_the_feed_all_the_same(line: Line) -> None:
    line.add("new")
    line.proxy.disturb(Rival(line), "PUT", FEED, times=1)
    assert not line.publish("new").failed
    line.is_settled(["old", "new"])
