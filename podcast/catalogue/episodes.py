"""The episodes of a catalogue: added, changed, removed, listed page by page."""

from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import Connection, Select, Text, bindparam, delete, exists, func, insert, select, update

from podcast.errors import Conflict, NotFound, UsageError
from podcast.model import Episode, Status
from podcast.site import RESERVED

from .codec import episode_values, read_episode
from .listing import Position, at, cursor, newest, position, within
from .moved import refuse_moved, rename
from .records import Page
from .shows import Shows, changed, check_slug, touch
from .tables import NEWEST, episodes, guids, moved, shows

_RELEASED: Final = frozenset({Status.PUBLISHED, Status.WITHDRAWN})
_FROZEN: Final = {"show", "guid", "created", "changed"}
#: So many of the newest slugs are looked through for a near name.
_NEAR: Final = 500

# Made once: to put a statement together costs SQLAlchemy more than SQLite takes to answer it.
_HERE: Final = at(bindparam("of", type_=Text), bindparam("wanted", type_=Text))
_ONE: Final = select(episodes).where(_HERE)
_LOCKED: Final = _ONE.with_for_update()
_INSERT: Final = insert(episodes)
_TAKEN: Final = select(
    exists().where(shows.c.slug == bindparam("of")).label("show"),
    exists().where(_HERE).label("slug"),
    exists().where(guids.c.guid == bindparam("used")).label("guid"),
    exists().where(moved.c.path == bindparam("path")).label("moved"),
)
_BY_AUDIO: Final = (
    select(episodes)
    .where(episodes.c.show == bindparam("of"), episodes.c.audio_sha256 == bindparam("wanted"))
    .order_by(episodes.c.id.desc())
    .limit(1)
)
#: What an episode stands, or stood, at from one address on and before another.
_NEAR_SLUGS: Final = select(episodes.c.slug).where(
    episodes.c.show == bindparam("of"), episodes.c.slug >= bindparam("first"), episodes.c.slug < bindparam("end")
)
_NEAR_MOVED: Final = select(moved.c.path).where(moved.c.path >= bindparam("first"), moved.c.path < bindparam("end"))


class Episodes(Shows):
    """What a catalogue knows of episodes."""

    def add_episode(self, episode: Episode) -> Episode:
        """Add an episode; Conflict where its slug is taken in the show, or its guid was ever used."""
        check_slug(episode.slug)
        _check_date(episode)
        with self._write(single=True) as connection:
            path = f"{episode.show}/{episode.slug}"
            taken = connection.execute(_TAKEN, {"of": episode.show, "wanted": episode.slug, "used": episode.guid, "path": path}).one()
            if not taken.show:
                self.show(episode.show)
            if taken.slug:
                raise Conflict(f"{episode.show} has an episode {episode.slug} already.", hint="Give it another slug.")
            if taken.moved:
                refuse_moved(connection, path)
            if taken.guid:
                raise Conflict(f"The guid {episode.guid} was used before, and is never used again.", hint="Each episode has its own.")
            released = episode.status in _RELEASED
            row = episode_values(episode) | {"edited": episode.changed, "released": released, "dirty": released}
            connection.execute(_INSERT, row)
            return episode

    def free_slug(self, show: str, wanted: str) -> str:
        """Return ``wanted``, or the first of ``wanted-2``, ``wanted-3`` … that no episode of the show has, or had once."""
        path = f"{show}/{wanted}"
        with self._read() as connection:
            before = connection.scalars(_NEAR_MOVED, {"first": path, "end": f"{path}-\U0010ffff"})
            taken = RESERVED | {one.removeprefix(f"{show}/") for one in before}
            taken |= set(connection.scalars(_NEAR_SLUGS, {"of": show, "first": wanted, "end": f"{wanted}-\U0010ffff"}))
        slug, count = wanted, 1
        while slug in taken:
            count += 1
            slug = f"{wanted}-{count}"
        return slug

    def episode(self, show: str, slug: str) -> Episode:
        """Return one episode; NotFound with the names that are near."""
        with self._read() as connection:
            return self._episode(connection, show, slug)

    def by_guid(self, guid: str) -> Episode | None:
        """Return the episode of a guid, or None."""
        return self._one(select(episodes).where(episodes.c.guid == guid))

    def by_audio(self, show: str, sha256: str) -> Episode | None:
        """Return the episode of the show that is made of this audio, the last one that was made, or None."""
        return self._one(_BY_AUDIO, {"of": show, "wanted": sha256})

    def episodes(self, *, show: str | None = None, status: Status | None = None, limit: int = 50, before: str | None = None) -> Page:
        """Return a page of episodes: those without a date first, the latest made before others, then newest first."""
        if limit < 1:
            raise UsageError(f"A page cannot hold {limit} episodes.")
        with self._read():
            rows = self._newest(newest(within(show, status), None if before is None else position(before), limit + 1))
            if not rows and show is not None:
                self.show(show)
        following = cursor(rows[limit - 1][0]) if len(rows) > limit else None
        return Page(episodes=tuple(episode for _, episode in rows[:limit]), next=following)

    def change_episode(self, show: str, slug: str, now: datetime, /, **fields: Any) -> Episode:  # noqa: ANN401
        """Change fields of an episode and return it; where something differs it is ``changed`` at ``now``, and dirty.

        UsageError for show, guid and times of the record; Conflict for a slug that is taken. The address of what was published
        leads to the new one then. ``status`` goes between draft and scheduled only: what listeners see is up to ``release``.
        """
        with self._write(single="slug" not in fields) as connection:
            old = self._episode(connection, show, slug, lock=True)
            # Another date by itself is no wall time any more.
            given = {"wall": "", **fields} if "published" in fields else fields
            # What was made of the old audio is not of the new one.
            given = {"renditions": (), **given} if fields.get("audio", old.audio) != old.audio else given
            new = changed(old, now, given, frozen=_FROZEN)
            if new is old:
                return old
            _check_date(new)
            if new.status is Status.PUBLISHED and new.published != old.published and new.published and new.published > now:
                raise UsageError(
                    f"{slug} is public, so its date cannot lie ahead: apps leave out such episodes.",
                    hint=f"Take it down first: podcast unpublish {slug}.",
                )
            _check_status(old, new)
            if new.status is not old.status:
                _check_down(connection, old)
            if new.slug != slug:
                check_slug(new.slug)
                _check_down(connection, old)
                new = rename(connection, old, new)
            values = episode_values(new) | {"edited": new.changed}
            if new.status is Status.PUBLISHED:
                values["dirty"] = True
                touch(connection, show, new.changed)
            connection.execute(update(episodes).where(at(show, slug)).values(**values))
            return new

    def remove_episode(self, show: str, slug: str) -> None:
        """Remove an episode; Conflict while it is published. Its guid stays taken, what storage holds of it stays in the manifest."""
        with self._write(single=True) as connection:
            old = self._episode(connection, show, slug, lock=True)
            if old.status is Status.PUBLISHED:
                raise Conflict(f"{slug} is published.", hint=f"Take it down first: podcast unpublish {slug}.")
            _check_down(connection, old)
            connection.execute(delete(episodes).where(at(show, slug)))

    def count(self, show: str) -> dict[Status, int]:
        """Return how many episodes of the show there are of each status."""
        with self._read() as connection:
            rows = connection.execute(select(episodes.c.status, func.count()).where(episodes.c.show == show).group_by(episodes.c.status))
            found = {Status(status): int(number) for status, number in rows}
        return {status: found.get(status, 0) for status in Status}

    def _one(self, query: Select[Any], values: dict[str, str] | None = None) -> Episode | None:
        with self._read() as connection:
            row = connection.execute(query, values).first()
            return None if row is None else read_episode(row)

    def _newest(self, query: Select[Any], values: dict[str, Any] | None = None) -> list[tuple[Position, Episode]]:
        with self._read() as connection:
            return [((row.ordered, row.created, row.id), read_episode(row)) for row in connection.execute(query, values)]

    def _episode(self, connection: Connection, show: str, slug: str, *, lock: bool = False) -> Episode:
        row = connection.execute(_LOCKED if lock else _ONE, {"of": show, "wanted": slug}).first()
        if row is None:
            self.show(show)
            raise missing(connection, slug, show)
        return read_episode(row)


def missing(connection: Connection, slug: str, show: str | None) -> NotFound:
    """Return the error for an episode that is not there, with near names among the newest."""
    query = select(episodes.c.slug).where(*within(show, None)).order_by(*NEWEST).limit(_NEAR)
    near = get_close_matches(slug.lower(), list(dict.fromkeys(connection.scalars(query))), 3)
    where = f" in {show}" if show else ""
    return NotFound(f"There is no episode {slug!r}{where}.", hint=f"Near it: {', '.join(near)}." if near else "`podcast list` shows them.")


def _check_date(episode: Episode) -> None:
    if episode.status in {Status.SCHEDULED, Status.PUBLISHED} and episode.published is None:
        raise UsageError(
            f"{episode.slug} is {episode.status.value} and has no date.", hint=f"Give it one: podcast schedule {episode.slug} WHEN."
        )


def _check_status(old: Episode, new: Episode) -> None:
    if new.status is old.status:
        return
    if old.status is Status.PUBLISHED:
        raise Conflict(f"{old.slug} is published.", hint=f"Take it down first: podcast unpublish {old.slug}.")
    if new.status in _RELEASED:
        raise Conflict(f"{old.slug} is {old.status.value}, and only publishing changes that.", hint=f"`podcast publish {old.slug}` does.")


def _check_down(connection: Connection, old: Episode) -> None:
    """Refuse what would make us forget that pages of an episode are still to be taken down."""
    if old.status is Status.WITHDRAWN and connection.scalar(select(episodes.c.dirty).where(at(old.show, old.slug))):
        raise Conflict(f"{old.slug} is still being taken down.", hint="Finish that first: podcast publish.")
