"""What listeners get at the public addresses is told after a publish: right, missing, cut, or of before."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from podcast.model import Episode
from podcast.publish.outside import look_outside
from podcast.server.app import create_app
from podcast.site import Site, media_key
from podcast.storage import Upload
from podcast.storage.memory import MemoryStorage
from tests.serving import serving

from .conftest import House


@pytest.fixture
def edge() -> MemoryStorage:
    """Return what the public address serves: a copy of the storage that may be old or wrong."""
    return MemoryStorage()


@pytest.fixture
def house(house: House, edge: MemoryStorage) -> Iterator[House]:
    with serving(lambda base: create_app(edge, base_url=base)) as base:
        yield replace(house, press=replace(house.press, site=Site(base)))


def deliver(house: House, edge: MemoryStorage, *keys: str) -> None:
    """Bring files from storage to the public address."""
    for key, body in house.storage.content().items():
        if not keys or key in keys:
            put(edge, key, body)


def put(edge: MemoryStorage, key: str, body: bytes) -> None:
    types = {"mp3": "audio/mpeg", "xml": "application/rss+xml"}
    kind = types.get(key.rpartition(".")[2], "application/octet-stream")
    edge.put(Upload(key=key, body=body, length=len(body), md5="", type=kind, cache_control=""))


def published(house: House, slug: str) -> list[Episode]:
    house.add(slug, audio=house.audio(slug.encode() * 10_000))
    return house.publish(slug).released


def told(house: House, released: list[Episode]) -> list[str]:
    return list(look_outside(house.press.site, house.catalogue.show("majlis"), released))


def test_nothing_is_said_where_all_is_well(house: House, edge: MemoryStorage) -> None:
    released = published(house, "first")
    deliver(house, edge)
    assert [] == told(house, released)


def test_audio_that_is_not_there_is_told(house: House, edge: MemoryStorage) -> None:
    released = published(house, "first")
    deliver(house, edge, "majlis/feed.xml")
    (line,) = told(house, released)
    assert line.startswith("majlis/first: The audio is not there")


def test_audio_of_another_length_is_told(house: House, edge: MemoryStorage) -> None:
    released = published(house, "first")
    deliver(house, edge)
    put(edge, media_key(released[0]), b"short" * 5000)
    assert any("[link.length]" in line for line in told(house, released))


def test_a_cache_that_hands_out_the_feed_of_before_is_told_as_that(house: House, edge: MemoryStorage) -> None:
    published(house, "first")
    deliver(house, edge)
    released = published(house, "second")
    deliver(house, edge, media_key(released[0]))
    (line,) = told(house, released)
    assert "is still the feed of before: a cache hands it out" in line


def test_a_public_address_that_is_nobodys_is_told(house: House) -> None:
    released = published(house, "first")
    site = Site("http://127.0.0.1:9/")
    lines = list(look_outside(site, house.catalogue.show("majlis"), released))
    assert 2 == len(lines)
    assert all("127.0.0.1:9" in line or "majlis/first" in line for line in lines)


def test_without_a_new_episode_nothing_is_asked(house: House) -> None:
    assert [] == told(house, [])
