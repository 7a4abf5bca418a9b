"""Whether the database is a catalogue, and of which version; making one, and bringing an older one up to date."""

import os
import sqlite3
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, text

from podcast.errors import CatalogueError

from .faults import told

#: The newest step in migrations/versions. Steps are numbered, so that a later one sorts after it.
REVISION: Final = "0001"
MIGRATIONS = Path(__file__).parent / "migrations"


def prepare(engine: Engine, name: str, *, create: bool) -> None:
    """Leave the database at our version, or raise CatalogueError and leave it untouched."""
    with told(name):
        with engine.connect() as connection:
            stored = _stored(connection, name)
        if stored == REVISION:
            return
        if stored > REVISION:
            raise CatalogueError(
                f"The catalogue {name} was made by a newer version of podcast", hint="Upgrade podcast: pip install --upgrade podcast"
            )
        if not stored and not create:
            raise CatalogueError(f"There is no catalogue in {name}", hint="Make a project with: podcast init")
        with engine.connect() as connection, connection.execution_options(writes=True).begin():
            _upgrade(connection, name)


def _stored(connection: Connection, name: str) -> str:
    """Return the version that the database holds; empty for an empty database."""
    if connection.dialect.name == "sqlite":
        listing = "SELECT name FROM sqlite_master"
    else:
        listing = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    tables = set(connection.scalars(text(listing)))
    if "catalogue_version" in tables:
        return str(connection.scalar(text("SELECT version_num FROM catalogue_version")))
    if tables:
        raise CatalogueError(
            f"{name} is no catalogue: it holds the tables of something else",
            hint="Give the catalogue a database of its own in [catalogue] url",
        )
    return ""


def _upgrade(connection: Connection, name: str) -> None:
    """Run the missing steps inside the caller's transaction."""
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        # Two programs may start at once; the number is ours, and means this and nothing else.
        connection.execute(text("SELECT pg_advisory_xact_lock(5278034)"))
    # Another process may have done it while we waited for the lock.
    stored = _stored(connection, name)
    if stored == REVISION:
        return
    if stored and connection.dialect.name == "sqlite":
        _keep_copy(Path(str(connection.engine.url.database)))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _keep_copy(file: Path) -> None:
    """Copy the database to FILE.before-REVISION, whole or not at all."""
    kept = file.with_name(f"{file.name}.before-{REVISION}")
    part = kept.with_name(f"{kept.name}.part")
    try:
        part.unlink(missing_ok=True)
        with sqlite3.connect(file) as source, sqlite3.connect(part) as copy:
            source.backup(copy)
        source.close()
        copy.close()
        descriptor = os.open(part, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        part.replace(kept)
    except (OSError, sqlite3.Error) as error:
        raise CatalogueError(
            f"The catalogue {file} must be brought up to date, and no copy of it could be made first: {error}",
            hint="Make room beside it, or the right to write there, then run the command again",
        ) from error
