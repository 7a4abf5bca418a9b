"""What storage and staging hold, as far as the catalogue knows: what may go, and what ought to be there."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, select, update

from .publishing import Publishing, promise
from .records import Held, Stored
from .tables import episodes, manifest, shows

_HASH = re.compile(r'"sha256":"([0-9a-f]{64})"')


class Leftovers(Publishing):
    """What a catalogue knows of the files in storage and staging."""

    def stored(self, show: str | None) -> list[Stored]:
        """Return what storage holds of a show, or of no show at all, by key."""
        query = select(manifest.c.key, manifest.c.length, manifest.c.unused).where(manifest.c.show == show).order_by(manifest.c.key)
        with self._read() as connection:
            return [Stored(*row) for row in connection.execute(query)]

    def remembered(self, show: str | None) -> list[Held]:
        """Return what storage ought to hold of a show, or of no show at all, by key."""
        columns = manifest.c.key, manifest.c.sha256, manifest.c.length, manifest.c.type, manifest.c.made_of
        query = select(*columns).where(manifest.c.show == show).order_by(manifest.c.key)
        with self._read() as connection:
            return [Held(*row) for row in connection.execute(query)]

    def distrust(self, show: str, keys: Iterable[str], *, now: datetime) -> None:
        """Forget files, so that the next publish of the show renders everything and stores what is missing."""
        with self._write() as connection:
            self.forget(keys)
            connection.execute(update(shows).where(shows.c.slug == show).values(fingerprint=None))
            promise(connection, show, now)

    def mark(self, keys: Iterable[str], unused: datetime | None) -> None:
        """Note since when files are not needed; None where they are needed again."""
        rows = [{"one": key, "moment": unused} for key in keys]
        if rows:
            with self._write() as connection:
                changed = update(manifest).where(manifest.c.key == bindparam("one"))
                connection.execute(changed.values(unused=bindparam("moment", type_=manifest.c.unused.type)), rows)

    def hashes(self) -> set[str]:
        """Return the SHA-256 of every staged file that a show or an episode is made of."""
        with self._read() as connection:
            found = set(connection.scalars(select(episodes.c.audio_sha256)))
            for table in (shows, episodes):
                for more in connection.scalars(select(table.c.more).execution_options(yield_per=500)):
                    found.update(_HASH.findall(more))
        return found

    def guids(self) -> set[str]:
        """Return the guid of every episode."""
        with self._read() as connection:
            return set(connection.scalars(select(episodes.c.guid)))
