"""The rendered items of feeds, so that a publish renders what changed and no more."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import Select, and_, select, update

from podcast.model import Episode

from .codec import read_episode
from .database import Database
from .inserting import insert
from .listing import Position, at, behind, within
from .tables import IS_DIRTY, IS_PUBLISHED, NEWEST, episodes, items

_BLOCK: Final = 200


class Items(Database):
    """What a catalogue keeps of feeds. A ``key`` stands for all that an item is made of beside its episode."""

    def unrendered(self, show: str, key: str, limit: int) -> list[Episode]:
        """Return published episodes without an item of this key, newest first."""
        query = _published(show, key, episodes).where(items.c.episode.is_(None)).order_by(*NEWEST).limit(limit)
        with self._read() as connection:
            return [read_episode(row) for row in connection.execute(query)]

    def keep(self, key: str, rendered: Iterable[tuple[Episode, bytes]]) -> None:
        """Keep items; that of an episode which has changed since it was read is let go."""
        with self._write() as connection:
            for episode, xml in rendered:
                found = select(episodes.c.id).where(at(episode.show, episode.slug), episodes.c.changed == episode.changed)
                row = connection.scalar(found)
                if row is not None:
                    new = {"key": key, "xml": xml}
                    statement = insert(connection, items).values(episode=row, variant="", digest="", **new)
                    connection.execute(statement.on_conflict_do_update(index_elements=["episode", "variant"], set_=new))

    def hold(self, episode: Episode, key: str) -> bool:
        """Let the item that was kept of an earlier state of an episode stand for it, once; False where there is none."""
        of = select(episodes.c.id).where(at(episode.show, episode.slug)).scalar_subquery()
        with self._write() as connection:
            return connection.execute(update(items).where(items.c.episode == of).values(key=_held(key))).rowcount > 0

    def end_holds(self, show: str, key: str) -> None:
        """Want every item that was held to be rendered again."""
        of = select(episodes.c.id).where(episodes.c.show == show, IS_DIRTY)
        with self._write() as connection:
            connection.execute(update(items).where(items.c.episode.in_(of), items.c.key == _held(key)).values(key=""))

    def kept(self, show: str, key: str) -> Iterator[bytes | None]:
        """Yield the items of the published episodes, newest first, read in blocks; None where one is not kept.

        Inside ``snapshot()`` they are all of one state.
        """
        place: Position | None = None
        while True:
            query = _published(show, key, episodes.c.ordered, episodes.c.created, episodes.c.id, items.c.xml)
            with self._read() as connection:
                block = connection.execute(query.where(*behind(place)).order_by(*NEWEST).limit(_BLOCK)).all()
            yield from (row.xml for row in block)
            if len(block) < _BLOCK:
                return
            place = block[-1].ordered, block[-1].created, block[-1].id


def _published(show: str, key: str, *columns: Any) -> Select[Any]:  # noqa: ANN401
    valid = and_(items.c.episode == episodes.c.id, items.c.key.in_([key, _held(key)]))
    return select(*columns).select_from(episodes.outerjoin(items, valid)).where(*within(show, None), IS_PUBLISHED)


def _held(key: str) -> str:
    return f"held {key}"
