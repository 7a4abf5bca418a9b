"""The shows of a catalogue."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from podcast.errors import Conflict, NotFound, UsageError
from podcast.model import Episode, Show
from podcast.site import RESERVED

from .codec import read_show, show_values
from .database import Database
from .moved import refuse_moved
from .tables import episodes, moved, outbox, shows

_SLUG: Final = re.compile(r"[a-z0-9-]+")
_T = TypeVar("_T", Show, Episode)

# Made once: to put a statement together costs SQLAlchemy more than SQLite takes to answer it.
_ONE: Final = select(shows).where(shows.c.slug == bindparam("of"))
_LOCKED: Final = _ONE.with_for_update()


class Shows(Database):
    """What a catalogue knows of shows."""

    def shows(self) -> list[Show]:
        """Return all shows, by slug."""
        with self._read() as connection:
            return [read_show(row) for row in connection.execute(select(shows).order_by(shows.c.slug))]

    def public_shows(self) -> list[Show]:
        """Return the shows that were published, by slug."""
        with self._read() as connection:
            return [read_show(row) for row in connection.execute(select(shows).where(shows.c.revision > 0).order_by(shows.c.slug))]

    def twins(self, show: Show) -> list[Show]:
        """Return those twins of a show that were published, by slug."""
        if not show.twins:
            return []
        with self._read() as connection:
            query = select(shows).where(shows.c.slug.in_(show.twins), shows.c.revision > 0).order_by(shows.c.slug)
            return [read_show(row) for row in connection.execute(query)]

    def show(self, slug: str) -> Show:
        """Return one show; NotFound with the names that are near."""
        with self._read() as connection:
            return find_show(connection, slug)

    def add_show(self, show: Show) -> None:
        """Add a show; Conflict where its slug or its guid is there already, UsageError for a slug that cannot be an address."""
        check_slug(show.slug)
        with self._write() as connection:
            taken = connection.execute(select(shows.c.slug).where((shows.c.slug == show.slug) | (shows.c.guid == show.guid))).first()
            if taken:
                what = "slug" if taken.slug == show.slug else "guid"
                raise Conflict(f"The show {taken.slug} has this {what} already.", hint="`podcast show list` shows them.")
            refuse_moved(connection, show.slug)
            connection.execute(insert(shows).values(**show_values(show), edited=show.changed, revision=0))

    def change_show(self, slug: str, now: datetime, /, **fields: Any) -> Show:  # noqa: ANN401
        """Change fields of a show and return it; ``changed`` becomes ``now`` where something differs. Slug and guid stay.

        Its twins, which link to it by title and language, are to be written again too.
        """
        with self._write() as connection:
            old = find_show(connection, slug, lock=True)
            new = changed(old, now, fields, frozen={"slug", "guid", "created", "changed"})
            if new is not old:
                connection.execute(update(shows).where(shows.c.slug == slug).values(**show_values(new), edited=new.changed))
                if (new.title, new.language, new.link) != (old.title, old.language, old.link):
                    stir_twins(connection, new, now)
            return new

    def settle_guid(self, slug: str, guid: str) -> None:
        """Give a show that was never published the guid by which it will be known, unless another show has that."""
        with self._write() as connection:
            if not connection.scalar(select(shows.c.slug).where(shows.c.guid == guid)):
                connection.execute(update(shows).where(shows.c.slug == slug, shows.c.revision == 0).values(guid=guid))

    def remove_show(self, slug: str) -> None:
        """Remove a show and its drafts; Conflict once anything of it was published."""
        with self._write() as connection:
            find_show(connection, slug, lock=True)
            released = select(func.count()).where(episodes.c.show == slug, episodes.c.released)
            revision = select(shows.c.revision).where(shows.c.slug == slug)
            if connection.scalar(released) or connection.scalar(revision):
                raise Conflict(
                    f"The show {slug} was published, and its listeners hold its address.",
                    hint="Take its episodes down and keep the show: podcast unpublish EP.",
                )
            connection.execute(delete(episodes).where(episodes.c.show == slug))
            connection.execute(delete(outbox).where(outbox.c.show == slug))
            connection.execute(delete(shows).where(shows.c.slug == slug))


def check_slug(slug: str) -> None:
    """Raise UsageError for a slug that cannot stand in a key."""
    if not _SLUG.fullmatch(slug):
        raise UsageError(f"{slug!r} cannot be a slug.", hint="A slug is made of the letters a-z, digits and hyphens.")
    if slug in RESERVED:
        raise UsageError(f"{slug!r} cannot be a slug: storage uses the name itself.", hint=f"Take {slug}-2, say.")


def changed(old: _T, now: datetime, fields: dict[str, Any], *, frozen: set[str]) -> _T:
    """Return ``old`` with the fields, and with a later ``changed``; ``old`` itself where nothing differs.

    ``changed`` never stands still or goes back with the clock: who has rendered the old state could not tell.
    """
    refused = sorted(frozen & fields.keys())
    if refused:
        raise UsageError(f"The {refused[0]} of {old.slug} cannot be changed.")
    try:
        new = replace(old, **fields)
    except TypeError as error:
        raise UsageError(f"{old.slug} has no such field: {', '.join(sorted(fields))}.") from error
    return old if new == old else replace(new, changed=after(now, old.changed))


def after(now: datetime, before: datetime) -> datetime:
    """Return ``now``, or a moment later than ``before`` where the clock has not moved on."""
    return max(now, before + timedelta(microseconds=1))


def touch(connection: Connection, show: str, moment: datetime) -> None:
    """Note that what listeners see of a show changed: the feed's lastBuildDate, which never goes back."""
    connection.execute(update(shows).where(shows.c.slug == show, shows.c.changed < moment).values(changed=moment))


def stir_twins(connection: Connection, show: Show, now: datetime) -> None:
    """Note that the twins of a show are to be written again, since what they say of it changed."""
    for slug in sorted(show.twins):
        moment = connection.scalar(select(shows.c.changed).where(shows.c.slug == slug).with_for_update())
        if moment:
            moment = after(now, moment)
            connection.execute(update(shows).where(shows.c.slug == slug).values(changed=moment, edited=moment))


def find_show(connection: Connection, slug: str, *, lock: bool = False) -> Show:
    """Return a show; NotFound with the names that are near."""
    row = connection.execute(_LOCKED if lock else _ONE, {"of": slug}).first()
    if row is not None:
        return read_show(row)
    now = connection.scalar(select(moved.c.show).where(moved.c.path == slug, moved.c.episode.is_(None), moved.c.leads == "place"))
    if now:
        raise NotFound(f"There is no show {slug!r} any more.", hint=f"It is {now} now.")
    names = list(connection.scalars(select(shows.c.slug).order_by(shows.c.slug)))
    near = get_close_matches(slug, names, 3) or names[:5]
    raise NotFound(f"There is no show {slug!r}.", hint=f"There is {', '.join(near)}." if near else "Add one with: podcast show add.")
