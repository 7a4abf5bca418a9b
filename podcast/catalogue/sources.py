"""Which files became episodes, so that a folder is looked through without opening what is known."""

import os
from collections.abc import Collection
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from sqlalchemy import and_, bindparam, select

from podcast.model import Episode

from .episodes import Episodes
from .inserting import insert
from .listing import begins
from .tables import episodes, sources

AnyPath = str | os.PathLike[str]

_FACTS: Final = ("size", "mtime_ns", "show", "slug", "read")
# Made once, as it is asked for each file of a folder.
_BY_SOURCE: Final = (
    select(episodes)
    .join(sources, and_(sources.c.show == episodes.c.show, sources.c.slug == episodes.c.slug))
    .where(sources.c.path == bindparam("wanted"), sources.c.show == bindparam("of"))
)


class Sources(Episodes):
    """What a catalogue knows of files."""

    def known_files(self, *paths: AnyPath) -> dict[str, tuple[int, int]]:
        """Return path → (size, mtime_ns) of the remembered files that are these or stand below them; one query for all.

        Paths are compared as they are written, so give absolute ones throughout.
        """
        wanted = {os.fspath(path) for path in paths}
        if not wanted:
            return {}
        top = _text(os.path.commonpath(wanted))
        with self._read() as connection:
            rows = connection.execute(select(sources.c.path, sources.c.size, sources.c.mtime_ns).where(begins(sources.c.path, top))).all()
        below = tuple(os.path.join(path, "") for path in wanted)  # noqa: PTH118 - plain text, as there are thousands
        known = ((_path(path), (size, mtime_ns)) for path, size, mtime_ns in rows)
        return {path: facts for path, facts in known if path.startswith(below) or path in wanted}

    def remember_file(self, path: AnyPath, size: int, mtime_ns: int, show: str, slug: str, read: str = "{}") -> None:
        """Remember that a file of this size and age became this episode, and what was read from it (JSON).

        It is forgotten with the episode.
        """
        with self._write(single=True) as connection:
            statement = insert(connection, sources)
            statement = statement.on_conflict_do_update(index_elements=["path"], set_={name: statement.excluded[name] for name in _FACTS})
            values = (_text(os.fspath(path)), size, mtime_ns, show, slug, read)
            connection.execute(statement, dict(zip(("path", *_FACTS), values, strict=True)))

    def last_read(self, path: AnyPath) -> str | None:
        """Return what was read from a file when it was last remembered, or None for one that is not known."""
        with self._read() as connection:
            read: str | None = connection.scalar(select(sources.c.read).where(sources.c.path == _text(os.fspath(path))))
            return read

    def read_of_size(self, show: str, sizes: Collection[int]) -> list[tuple[str, str]]:
        """Return slug and what was read of the show's files of these sizes; one look at all of them, so ask for many at once."""
        with self._read() as connection:
            query = select(sources.c.slug, sources.c.read).where(sources.c.show == show, sources.c.size.in_(sizes))
            return [(slug, read) for slug, read in connection.execute(query)]

    def by_source(self, show: str, path: AnyPath) -> Episode | None:
        """Return the episode of the show that was read from this path, or None."""
        return self._one(_BY_SOURCE, {"of": show, "wanted": _text(os.fspath(path))})


def _text(path: str) -> str:
    """Write any path in ASCII; a path need not be Unicode, and text in a database must be."""
    return quote_from_bytes(os.fsencode(path))


def _path(text: str) -> str:
    return os.fsdecode(unquote_to_bytes(text)) if "%" in text else text
