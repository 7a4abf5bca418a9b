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


def in_bucket(house: House, server: S3Server, monkeypatch: pytest.MonkeyPatch) -> House:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return replace(house, storage=f"s3://{server.make_bucket()}/pod", endpoint=server.endpoint)


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    return in_sqlite(tmp_path) if request.param == "sqlite" else in_postgres(request, tmp_path)


def test_all_that_several_publish_at_once_is_in_the_feed(house: House) -> None:
    assert [] == publish_together(house, publishers=4, episodes=6)


@pytest.mark.parametrize("server", BUCKETS)
def test_all_that_several_publish_at_once_into_a_bucket_is_in_the_feed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: str
) -> None:
    house = in_sqlite(tmp_path) if server == "rclone_tls" else in_postgres(request, tmp_path)
    assert [] == publish_together(in_bucket(house, request.getfixturevalue(server), monkeypatch), publishers=3, episodes=3)


@pytest.mark.parametrize("word", ["/media/", "/episode.json", "/feed.xml"])
def test_a_publisher_that_was_frozen_past_its_lease_is_fenced_when_it_wakes(house: House, word: str) -> None:
    assert ("Conflict", []) == freeze(house, word)


@pytest.mark.xdist_group("swift_tls")
def test_a_publisher_that_was_frozen_past_its_lease_is_fenced_over_a_bucket_too(
    swift_tls: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Swift knows no If-Match, so an old feed may stand there until the next publish; nothing is lost then."""
    assert ("Conflict", []) == freeze(in_bucket(in_sqlite(tmp_path), swift_tls, monkeypatch), "/feed.xml")


def test_a_reader_sees_whole_feeds_in_their_order(tmp_path: Path) -> None:
    readings = read_while_publishing(in_sqlite(tmp_path), reads=2000, revisions=6)
    assert [] == readings.faults
    assert readings.reads >= 2000
    assert readings.revisions >= 6


def test_publishers_without_a_lease_are_caught(tmp_path: Path) -> None:
    assert publish_together(in_sqlite(tmp_path), publishers=2, episodes=1, mutant="no_lease")


def test_a_feed_that_is_written_where_it_is_read_is_caught(tmp_path: Path) -> None:
    assert read_while_publishing(in_sqlite(tmp_path), reads=500, revisions=3, mutant="plain_write").faults
