"""When scheduled episodes go out, where a country changes its clocks after they were scheduled."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from podcast.catalogue import Catalogue
from podcast.model import Episode, Status


def reckon(catalogue: Catalogue, now: datetime, *, dry: bool = False) -> list[Episode]:
    """Move scheduled episodes whose wall time is another moment by the present rules of its zone; return them as they are now.

    With ``dry`` nothing is moved, and they are returned as they would be.
    """
    moved, cursor = [], None
    while True:
        page = catalogue.episodes(status=Status.SCHEDULED, before=cursor)
        for episode in page.episodes:
            moment = _moment(episode.wall) if episode.wall else episode.published
            if moment != episode.published and dry:
                moved.append(replace(episode, published=moment))
            elif moment != episode.published:
                moved.append(catalogue.change_episode(episode.show, episode.slug, now, published=moment, wall=episode.wall))
        if page.next is None:
            return moved
        cursor = page.next


def _moment(wall: str) -> datetime:
    time, _, zone = wall.partition(" ")
    return datetime.fromisoformat(time).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
