"""Scheduled to the minute, in the wall time of a place, whatever clocks do."""

from datetime import UTC, datetime, timedelta

import pytest

from podcast.model import Status
from podcast.publish.times import reckon

from .conftest import NOW, House

HOUR = timedelta(hours=1)
WINTER = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)


def schedule(house: House, slug: str, moment: datetime, wall: str = "") -> None:
    house.add(slug)
    house.catalogue.change_episode("majlis", slug, NOW, status=Status.SCHEDULED, published=moment, wall=wall)


@pytest.mark.parametrize(
    ("wall", "moment"),
    [
        ("2026-12-01T06:00:00 Europe/Prague", WINTER - HOUR),
        ("2026-07-01T06:00:00 Europe/Prague", datetime(2026, 7, 1, 4, 0, tzinfo=UTC)),
        ("2026-12-01T06:00:00 Asia/Bishkek", WINTER - 6 * HOUR),
    ],
)
def test_wall_time_is_reckoned_by_the_present_rules_of_its_zone(house: House, wall: str, moment: datetime) -> None:
    """It was scheduled when the zone's rules were others."""
    schedule(house, "kings", WINTER + 9 * HOUR, wall)
    assert [moment] == [episode.published for episode in reckon(house.catalogue, NOW)]
    kings = house.catalogue.episode("majlis", "kings")
    assert (moment, wall, Status.SCHEDULED) == (kings.published, kings.wall, kings.status)
    assert [] == reckon(house.catalogue, NOW)


def test_a_rehearsal_says_what_would_move_and_moves_nothing(house: House) -> None:
    schedule(house, "kings", WINTER + 9 * HOUR, "2026-12-01T06:00:00 Europe/Prague")
    before = house.catalogue.episode("majlis", "kings")
    assert [WINTER - HOUR] == [episode.published for episode in reckon(house.catalogue, NOW, dry=True)]
    assert before == house.catalogue.episode("majlis", "kings")


def test_a_moment_with_an_offset_of_its_own_stays(house: House) -> None:
    schedule(house, "kings", WINTER)
    assert [] == reckon(house.catalogue, NOW)
    assert WINTER == house.catalogue.episode("majlis", "kings").published


def test_another_date_is_no_wall_time_any_more(house: House) -> None:
    schedule(house, "kings", WINTER, "2026-12-01T06:00:00 UTC")
    house.catalogue.change_episode("majlis", "kings", NOW, published=WINTER + HOUR)
    assert ([], "") == (reckon(house.catalogue, NOW), house.catalogue.episode("majlis", "kings").wall)


def test_what_fell_due_meanwhile_goes_out_once_and_in_order(house: House) -> None:
    """The daemon was down, and then the clock steps back and forth."""
    for number in range(4):
        schedule(house, f"episode-{number}", WINTER + number * HOUR)
    clock = (WINTER - HOUR, WINTER + 2.5 * HOUR, WINTER - 5 * HOUR, WINTER + 2.6 * HOUR, WINTER + 9 * HOUR)
    released = [[episode.slug for episode in house.publish(now=now).released] for now in clock]
    assert [[], ["episode-0", "episode-1", "episode-2"], [], [], ["episode-3"]] == released
    assert [WINTER + number * HOUR for number in reversed(range(4))] == [one.published for one in house.catalogue.feed("majlis")]


def test_nothing_goes_out_a_second_early(house: House) -> None:
    schedule(house, "kings", WINTER)
    assert [] == house.publish(now=WINTER - timedelta(seconds=1)).released
    assert ["kings"] == [episode.slug for episode in house.publish(now=WINTER).released]
