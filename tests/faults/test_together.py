"""Several publishers on one show lose nothing, and whoever reads meanwhile notices nothing."""

from pathlib import Path

import pytest

from .together import freeze, publish_together, read_while_publishing

pytestmark = pytest.mark.server


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalogue.db'}"
    found: str = request.getfixturevalue("postgres_database")
    return found


def test_all_that_several_publish_at_once_is_in_the_feed(url: str, tmp_path: Path) -> None:
    assert [] == publish_together(url, tmp_path, publishers=4, episodes=10)


@pytest.mark.parametrize("word", ["/media/", "/episode.json", "/feed.xml"])
def test_a_publisher_that_was_frozen_past_its_lease_is_fenced_when_it_wakes(url: str, tmp_path: Path, word: str) -> None:
    assert ("Conflict", []) == freeze(url, tmp_path, word)


def test_a_reader_sees_whole_feeds_in_their_order(tmp_path: Path) -> None:
    readings = read_while_publishing(f"sqlite:///{tmp_path / 'catalogue.db'}", tmp_path, reads=3000)
    assert [] == readings.faults
    assert readings.reads == 3000
    assert readings.revisions > 5


def test_publishers_without_a_lease_are_caught(tmp_path: Path) -> None:
    assert publish_together(f"sqlite:///{tmp_path / 'catalogue.db'}", tmp_path, publishers=4, episodes=6, mutant="no_lease")


def test_a_feed_that_is_written_where_it_is_read_is_caught(tmp_path: Path) -> None:
    assert read_while_publishing(f"sqlite:///{tmp_path / 'catalogue.db'}", tmp_path, reads=1000, mutant="plain_write").faults
