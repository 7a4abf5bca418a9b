"""The catalogue's side of publishing: what is due, what the feed holds, what was promised, what storage holds."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, Text, bindparam, delete, or_, select, update
from sqlalchemy import insert as plain_insert

from podcast.errors import Conflict, NotFound
from podcast.model import Episode, Status

from .episodes import Episodes
from .inserting import insert
from .leases import Leases, check_token
from .listing import LAST, Position, at, newest, within
from .records import Held, Outbox, Standing
from .shows import after, find_show, stir_twins, touch
from .tables import IS_DIRTY, IS_PUBLISHED, IS_SCHEDULED, NEWEST, OLDEST, Moment, episodes, manifest, outbox, shows

_BLOCK: Final = 200

_OF: Final = bindparam("of", type_=Text)
_DUE: Final = select(episodes).where(IS_SCHEDULED, episodes.c.ordered <= bindparam("now", type_=Moment)).order_by(*OLDEST)
_DUE_OF: Final = _DUE.where(episodes.c.show == _OF)
_DIRTY: Final = select(episodes).where(episodes.c.show == _OF, IS_DIRTY).order_by(*NEWEST)
_LATEST: Final = select(episodes).where(episodes.c.show == _OF, IS_PUBLISHED).order_by(*NEWEST).limit(bindparam("most"))
_HELD: Final = select(manifest.c.key, manifest.c.sha256, manifest.c.length).where(manifest.c.key.in_(bindparam("keys", expanding=True)))
_MADE_OF: Final = select(manifest.c.key, manifest.c.made_of).where(
    manifest.c.key.in_(bindparam("keys", expanding=True)), manifest.c.made_of.is_not(None)
)
_UNDER: Final = (
    select(manifest.c.key).where(manifest.c.key >= bindparam("first"), manifest.c.key < bindparam("end")).order_by(manifest.c.key)
)
_STANDING: Final = select(shows.c.revision, shows.c.fingerprint, shows.c.edited, shows.c.shown).where(shows.c.slug == _OF)
_PENDING: Final = (
    select(outbox.c.show, outbox.c.kind, outbox.c.revision, outbox.c.created)
    .where(outbox.c.done.is_(None))
    .order_by(outbox.c.show, outbox.c.revision)
)
_PENDING_OF: Final = _PENDING.where(outbox.c.show == _OF)
_CLEAN: Final = (
    update(episodes).where(at(_OF, bindparam("one", type_=Text)), episodes.c.edited <= bindparam("state", type_=Moment)).values(dirty=False)
)


class Publishing(Episodes, Leases):
    """What publishing asks and tells. Each write that takes a ``token`` raises Conflict where another publisher took over."""

    def due(self, now: datetime, show: str | None = None) -> list[Episode]:
        """Return the scheduled episodes whose date has come, the oldest first."""
        rows = self._newest(_DUE, {"now": now}) if show is None else self._newest(_DUE_OF, {"now": now, "of": show})
        return [episode for _, episode in rows]

    def dirty(self, show: str) -> list[Episode]:
        """Return the published and withdrawn episodes that the feed in storage does not show as they are."""
        return [episode for _, episode in self._newest(_DIRTY, {"of": show})]

    def feed(self, show: str) -> Iterator[Episode]:
        """Yield the published episodes, newest first, read in blocks; inside ``snapshot()`` they are all of one state."""
        position: Position | None = None
        while True:
            block = self._newest(_published(show, position, _BLOCK))
            yield from (episode for _, episode in block)
            if len(block) < _BLOCK:
                return
            position = block[-1][0]

    def latest(self, show: str, limit: int) -> list[Episode]:
        """Return the newest published episodes."""
        return [episode for _, episode in self._newest(_LATEST, {"of": show, "most": limit})]

    def held(self, keys: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Return key → (sha256, length) of those of the keys under which storage holds a file."""
        wanted, found = list(keys), dict[str, tuple[str, int]]()
        if not wanted:
            return found
        with self._read() as connection:
            for start in range(0, len(wanted), _BLOCK):
                rows = connection.execute(_HELD, {"keys": wanted[start : start + _BLOCK]})
                found |= {key: (sha256, length) for key, sha256, length in rows}
        return found

    def made_of(self, keys: Iterable[str]) -> dict[str, str]:
        """Return key → what it was made of, for those of the keys of which storage holds a feed."""
        with self._read() as connection:
            return {row.key: row.made_of for row in connection.execute(_MADE_OF, {"keys": list(keys)})}

    def held_under(self, prefix: str) -> list[str]:
        """Return the keys that begin with a prefix and under which storage holds a file."""
        with self._read() as connection:
            return list(connection.scalars(_UNDER, {"first": prefix, "end": prefix + LAST}))

    def record(
        self,
        show: str | None,
        files: Iterable[Held | tuple[str, str, int, str] | tuple[str, str, int, str, str | None]],
        *,
        lease: tuple[str, int] | None = None,
    ) -> None:
        """Remember that storage holds these files: (key, sha256, length, type); ``show`` is None where they belong to none.

        With ``lease``, its name and token: Conflict where another publisher took over.
        """
        rows = [{**Held(*file)._asdict(), "show": show} for file in files]
        if not rows:
            return
        with self._write() as connection:
            if lease:
                check_token(connection, *lease)
            statement = insert(connection, manifest)
            new = {name: statement.excluded[name] for name in ("show", "sha256", "length", "type", "made_of")}
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=new | {"unused": None}), rows)

    def doubt(self, keys: Iterable[str]) -> None:
        """Hold files for stored no more that are about to be removed; they are remembered until ``forget``, to be removed for certain."""
        rows = [{"one": key} for key in keys]
        if rows:
            with self._write() as connection:
                connection.execute(update(manifest).where(manifest.c.key == bindparam("one")).values(sha256="", made_of=None), rows)

    def forget(self, keys: Iterable[str]) -> None:
        """Forget files that storage holds no more."""
        rows = [{"gone": key} for key in keys]
        if rows:
            with self._write() as connection:
                connection.execute(delete(manifest).where(manifest.c.key == bindparam("gone")), rows)

    def standing(self, show: str) -> Standing:
        """Return how far the feed of a show has come."""
        with self._read() as connection:
            row = connection.execute(_STANDING, {"of": show}).first()
            if row is None:
                self.show(show)
                raise NotFound(f"There is no show {show!r}.")
            return Standing(**row._mapping)  # noqa: SLF001

    def unsettled(self, now: datetime, fingerprint: str) -> list[str]:
        """Return the shows of which listeners do not get what the catalogue holds, or will not once ``now`` is published.

        These are shows with something due, changed, withdrawn or promised, and public ones that changed themselves or were
        made with another ``fingerprint``. Each is asked of an index; no episode is compared with anything.
        """
        stale = or_(shows.c.shown.is_(None), shows.c.shown != shows.c.edited, shows.c.fingerprint.is_distinct_from(fingerprint))
        asked = (
            select(shows.c.slug).where(shows.c.revision > 0, stale),
            select(episodes.c.show).where(IS_DIRTY),
            select(episodes.c.show).where(IS_SCHEDULED, episodes.c.ordered <= now),
            select(outbox.c.show).where(outbox.c.done.is_(None)),
        )
        with self._read() as connection:
            return sorted({slug for query in asked for slug in connection.scalars(query)})

    def pending(self, show: str | None = None) -> list[Outbox]:
        """Return what was promised for a show, or for all, and is not done, the oldest first."""
        with self._read() as connection:
            rows = connection.execute(_PENDING) if show is None else connection.execute(_PENDING_OF, {"of": show})
            return [Outbox(**row._mapping) for row in rows]  # noqa: SLF001

    def release(
        self,
        show: str,
        slugs: Iterable[str],
        leaving: Iterable[str] = (),
        *,
        token: int,
        now: datetime,
        seen: Mapping[str, Episode] | None = None,
    ) -> int:
        """Publish episodes, at their date or ``now``, take others down, and promise the feed that shows it; return its revision.

        What is published or down already stays as it is, and so does what somebody has scheduled, called off or taken down
        since it was ``seen``. NotFound for an unknown slug and Conflict for one that leaves and was never published: then
        nothing happens at all.
        """
        with self._publish(show, token) as connection:
            for slug in slugs:
                self._set_status(connection, show, slug, Status.PUBLISHED, now, (seen or {}).get(slug))
            for slug in leaving:
                self._set_status(connection, show, slug, Status.WITHDRAWN, now)
            return promise(connection, show, now)

    def overtaken(self, show: str, keys: Iterable[str], *, now: datetime) -> None:
        """Note that files may hold what an overtaken publisher wrote last: the next publish of the show writes them again."""
        with self._write() as connection:
            self.forget(keys)
            promise(connection, show, now)

    def finish(
        self,
        show: str,
        revision: int,
        *,
        token: int,
        now: datetime,
        fingerprint: str,
        edited: datetime,
        clean: Mapping[str, datetime],
        gone: Iterable[str] = (),
    ) -> None:
        """Note that storage holds the feed of this revision, and with it those before.

        ``clean`` says which state of an episode went out (slug → its ``changed``): what somebody changed since stays dirty.
        ``edited`` says which state of the show itself.
        ``gone`` names withdrawn episodes of which storage shows nothing more.
        """
        states = [{"of": show, "one": slug, "state": state} for slug, state in clean.items()]
        ends = [{"one": slug} for slug in gone]
        one = at(show, bindparam("one", type_=Text))
        promised = outbox.c.show == show, outbox.c.kind == "feed", outbox.c.revision <= revision, outbox.c.done.is_(None)
        with self._publish(show, token) as connection:
            if states:
                connection.execute(_CLEAN, states)
            if ends:
                down = one & (episodes.c.status == Status.WITHDRAWN.value)
                connection.execute(update(episodes).where(down).values(dirty=False), ends)
            connection.execute(update(outbox).where(*promised).values(done=now))
            connection.execute(update(shows).where(shows.c.slug == show).values(fingerprint=fingerprint, shown=edited))

    @contextmanager
    def _publish(self, show: str, token: int) -> Iterator[Connection]:
        with self._write() as connection:
            check_token(connection, f"publish/{show}", token)
            yield connection

    def _set_status(self, connection: Connection, show: str, slug: str, status: Status, now: datetime, seen: Episode | None = None) -> None:
        old = self._episode(connection, show, slug, lock=True)
        if old.status is status or (seen and (seen.status, seen.published) != (old.status, old.published)):
            return
        if status is Status.WITHDRAWN and old.status is not Status.PUBLISHED:
            raise Conflict(f"{slug} is {old.status.value}, so there is nothing to take down.")
        moment = after(now, old.changed)
        values = {"status": status.value, "published": old.published or now, "changed": moment}
        connection.execute(update(episodes).where(at(show, slug)).values(**values, released=True, dirty=True))
        touch(connection, show, moment)


def _published(show: str, position: Position | None, limit: int) -> Select[Any]:
    return newest([*within(show, None), IS_PUBLISHED], position, limit)


def promise(connection: Connection, show: str, now: datetime) -> int:
    """Count the feed's revision up, leave an entry that it is to be written, and return the revision."""
    grown = update(shows).where(shows.c.slug == show).values(revision=shows.c.revision + 1).returning(shows.c.revision)
    revision = int(connection.execute(grown).scalar_one())
    if revision == 1:
        # Public from now on.
        stir_twins(connection, find_show(connection, show), now)
    connection.execute(plain_insert(outbox).values(show=show, kind="feed", revision=revision, created=now))
    return revision
