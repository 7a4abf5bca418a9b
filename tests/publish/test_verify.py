"""What is not in storage as it was published is found, and the next publish mends it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from podcast.publish.verify import Chosen, distrust, sampled, verify
from podcast.site import media_key
from podcast.storage import Upload

from .conftest import NOW, House

HOUR = timedelta(hours=1)


def faults(house: House, chosen: Chosen = lambda _: False) -> list[tuple[str, str]]:
    show = house.catalogue.show("majlis")
    found = [*verify(house.press, show, chosen=chosen), *verify(house.press, None, chosen=chosen)]
    return [(fault.key, fault.message) for fault in found]


@pytest.fixture
def public(house: House) -> House:
    """Publish two episodes."""
    for slug in ("first", "second"):
        house.add(slug)
    house.publish("first", "second")
    return house


def audio(house: House) -> str:
    return media_key(house.catalogue.episode("majlis", "first"))


def overwrite(house: House, key: str, body: bytes) -> None:
    house.storage.put(Upload(key=key, body=body, length=len(body), md5="", type="x/y", cache_control=""))


def test_nothing_is_wrong_with_what_was_just_published(public: House) -> None:
    assert [] == faults(public, chosen=lambda _: True)


def test_a_show_that_was_never_published_is_in_order(house: House) -> None:
    house.add("draft")
    assert [] == faults(house)


def test_a_file_that_is_gone_is_found_by_itself_and_by_the_feed_that_names_it(public: House) -> None:
    public.storage.delete([audio(public)])
    assert [(audio(public), "is gone"), ("majlis/feed.xml", f"“First” names {audio(public)}, which is not there")] == faults(public)


def test_a_file_of_another_length_is_found(public: House) -> None:
    overwrite(public, audio(public), b"short")
    length = len("audio of first")
    told = f"“First” says {length} bytes of {audio(public)}, which has 5"
    assert [(audio(public), f"has 5 bytes instead of {length}"), ("majlis/feed.xml", told)] == faults(public)


def test_where_a_stable_address_leads_is_looked_at_too(public: House) -> None:
    public = replace(public, press=replace(public.press, site=replace(public.press.site, redirect=True)))
    public.publish()
    assert [] == faults(public)
    was = audio(public)
    overwrite(public, was, b"short")
    feed = [message for key, message in faults(public) if key == "majlis/feed.xml"]
    assert [f"“First” says {len('audio of first')} bytes of {was}, which has 5"] == feed
    public.storage.delete([was])
    assert ("majlis/feed.xml", f"“First” names {was}, which is not there") in faults(public)
    # It has other audio now, which the next publish stores.
    public.catalogue.change_episode("majlis", "first", NOW, audio=public.audio(b"corrected"))
    assert [(was, "is gone")] == faults(public)


def test_other_bytes_are_found_where_they_are_read(public: House) -> None:
    overwrite(public, audio(public), b"AUDIO of first")
    assert [] == faults(public)
    assert [(audio(public), "holds other bytes than were stored")] == faults(public, chosen=lambda key: key == audio(public))


def feed_of(house: House) -> bytes:
    return b"".join(house.storage.read("majlis/feed.xml"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda feed: feed[: feed.index(b"<item>", feed.index(b"<item>") + 1)] + b"</channel></rss>", "which is published"),
        (lambda feed: feed.replace(b'isPermaLink="false">', b'isPermaLink="false">x', 1), "of no published episode"),
        (lambda feed: feed[:-20], "no feed that can be read"),
        (lambda feed: feed[:0], "no feed that can be read"),
    ],
)
def test_a_feed_that_is_not_ours_any_more_is_found(public: House, change: Callable[[bytes], bytes], message: str) -> None:
    overwrite(public, "majlis/feed.xml", change(feed_of(public)))
    assert message in str(faults(public))


@pytest.mark.parametrize("key", ["majlis/feed.xml", "majlis/first/index.html", "majlis/latest.json", "index.html", "audio"])
def test_the_next_publish_mends_what_is_distrusted(public: House, key: str) -> None:
    key = audio(public) if key == "audio" else key
    before = public.storage.content()
    public.storage.delete([key])
    show = public.catalogue.show("majlis")
    found = [*verify(public.press, show, chosen=lambda _: False), *verify(public.press, None, chosen=lambda _: False)]
    distrust(public.press, show, found, clock=lambda: NOW + HOUR)
    assert ["majlis"] == public.catalogue.unsettled(NOW + HOUR, public.press.fingerprint)
    public.publish(now=NOW + 2 * HOUR)
    assert before.keys() == public.storage.content().keys()
    assert before[key] == public.storage.content()[key]
    assert [] == faults(public, chosen=lambda _: True)


def test_a_sample_is_as_large_as_was_asked_for_and_another_each_day() -> None:
    keys = [f"majlis/media/{number}.mp3" for number in range(10_000)]
    monday, again, tuesday = ({key for key in keys if sampled(5, day)(key)} for day in ("1", "1", "2"))
    assert 400 < len(monday) < 600
    assert monday == again != tuesday
    assert ([], keys) == ([key for key in keys if sampled(0, "1")(key)], [key for key in keys if sampled(100, "1")(key)])


def test_a_compressed_feed_that_is_damaged_is_found_and_mended(public: House) -> None:
    overwrite(public, "majlis/feed.xml", b"\x1f\x8bnothing")
    found = list(verify(public.press, public.catalogue.show("majlis"), chosen=lambda _: False))
    assert ("majlis/feed.xml", "is no feed that can be read") in [(fault.key, fault.message) for fault in found]
    distrust(public.press, public.catalogue.show("majlis"), found, clock=lambda: NOW + HOUR)
    public.publish(now=NOW + HOUR)
    assert [] == faults(public)
