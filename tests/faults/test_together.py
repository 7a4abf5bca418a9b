"""Several publishers on one show lose nothing, and whoever reads meanwhile notices nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.servers import S3Server

from .publishers import House
from .together import freeze, publish_together, read_while_publishing

pytestmark = pytest.mark.server

#: One that honours If-Match, and one that takes no notice of it.
BUCKETS = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("ministack", "rclone_tls")]


def in_sqlite(folder: Path) -> House:
    return House(url=f"sqlite:///{folder / 'catalogue.db'}", folder=str(folder))


def in_postgres(request: pytest.FixtureRequest, folder: Path) -> House:
    return House(url=request.getfixturevalue("postgres_database"), folder=str(folder))


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    return in_sqlite(tmp_path) if request.param == "sqlite" else in_postgres(request, tmp_path)


def test_all_that_several_publish_at_once_is_in_the_feed(house: House) -> None:
    assert [] == publish_together(house, publishers=4, episodes=6)


@pytest.mark.parametrize("server", BUCKETS)
def test_all_that_several_publish_at_once_into_a_bucket_is_in_the_feed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: str
) -> None:
    store: S3Server = request.getfixturevalue(server)
    for name, value in store.environment.items():
        monkeypatch.setenv(name, value)
    house = in_sqlite(tmp_path) if server == "rclone_tls" else in_postgres(request, tmp_path)
    bucket = replace(house, storage=f"s3://{store.make_bucket()}/pod", endpoint=store.endpoint)
    assert [] == publish_together(bucket, publishers=3, episodes=3)


@pytest.mark.parametrize("word", ["/media/", "/episode.json", "/feed.xml"])
def test_a_publisher_that_was_frozen_past_its_lease_is_fenced_when_it_wakes(house: House, word: str) -> None:
    assert ("Conflict", []) == freeze(house, word)


def test_a_reader_sees_whole_feeds_in_their_order(tmp_path: Path) -> None:
    readings = read_while_publishing(in_sqlite(tmp_path), reads=2000, revisions=6)
    assert [] == readings.faults
    assert readings.reads >= 2000
    assert readings.revisions >= 6


def test_publishers_without_a_lease_are_caught(tmp_path: Path) -> None:
    assert publish_together(in_sqlite(tmp_path), publishers=2, episodes=1, mutant="no_lease")


def test_a_feed_that_is_written_where_it_is_read_is_caught(tmp_path: Path) -> None:
    assert read_while_publishing(in_sqlite(tmp_path), reads=500, revisions=3, mutant="plain_write").faults
