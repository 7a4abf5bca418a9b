"""Whether the catalogue's database is whole."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from .database import connect, name_of, parse
from .faults import told
from .schema import REVISION, prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """``name`` is the file, or the server without user and password; ``file`` is None for a server."""

    name: str
    engine: str
    revision: str
    file: Path | None
    #: What SQLite finds damaged, in its words. PostgreSQL watches over its own pages.
    damage: tuple[str, ...] = ()


def file_of(url: str) -> Path | None:
    """Return the file of an SQLite catalogue."""
    parsed = parse(url)
    return Path(str(parsed.database)) if parsed.drivername == "sqlite" else None


def look(url: str, *, deep: bool = False) -> Health:
    """Open the catalogue as every command does, and with ``deep`` let SQLite read all of it. The errors are those of ``open_catalogue``."""
    parsed = parse(url)
    engine = connect(parsed, create=False)
    try:
        prepare(engine, parsed, create=False)
        with told(name_of(parsed)), engine.connect() as connection:
            if parsed.drivername != "sqlite":
                version = connection.scalar(text("SHOW server_version"))
                return Health(name=name_of(parsed), engine=f"PostgreSQL {version}", revision=REVISION, file=None)
            found = [str(line) for line in connection.scalars(text("PRAGMA quick_check(5)"))] if deep else []
    finally:
        engine.dispose()
    damage = tuple(line for line in found if line != "ok")
    return Health(name=name_of(parsed), engine=f"SQLite {sqlite3.sqlite_version}", revision=REVISION, file=file_of(url), damage=damage)
