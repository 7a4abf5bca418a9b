"""Whether the database is a catalogue, and of which version; making one, and bringing an older one up to date."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, text

from podcast.errors import CatalogueError

from .database import address, name_of
from .faults import told

#: The newest step in migrations/versions. Steps are numbered, so that a later one sorts after it.
REVISION: Final = "0005"
MIGRATIONS = Path(__file__).parent / "migrations"

#: Exits with 1 where it gets the lock that its parent holds.
_TAKE_LOCK: Final = """
import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1], uri=True, timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    sys.exit("locked" not in str(error))
sys.exit(1)
"""


def prepare(engine: Engine, url: URL, *, create: bool) -> None:
    """Leave the database at our version, or raise CatalogueError and leave it untouched."""
    name = name_of(url)
    nothing = CatalogueError(
        f"There is no catalogue in {name}.",
        hint="Bring it back from where you keep it. For a new one move podcast.toml away, run `podcast init`, and move it back.",
    )
    if url.drivername == "sqlite" and not create and _is_missing(str(url.database)):
        raise nothing
    with told(name):
        with engine.connect() as connection:
            stored = _stored(connection, name)
        if stored == REVISION:
            return
        if stored > REVISION:
            raise CatalogueError(
                f"The catalogue {name} was made by a newer version of podcast.", hint="Upgrade podcast: pip install --upgrade podcast."
            )
        if not stored and not create:
            raise nothing
        with engine.connect() as connection, connection.execution_options(writes=True).begin():
            if not stored and url.drivername == "sqlite":
                _check_locks(url)
            _upgrade(connection, name)


def _is_missing(file: str) -> bool:
    """Tell a file that is not there from one that we may not see, of which SQLite says more."""
    try:
        os.stat(file)  # noqa: PTH116
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


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
            f"{name} is no catalogue: it holds the tables of something else.",
            hint="Give the catalogue a database of its own in [catalogue] url.",
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


def _check_locks(url: URL) -> None:
    """Raise CatalogueError where the lock that we hold now does not keep another process out, as on some network drives."""
    child = [sys.executable, "-I", "-c", _TAKE_LOCK, address(url, "rw")]
    if subprocess.run(child, check=False, timeout=60).returncode:  # noqa: S603  (our own interpreter)
        raise CatalogueError(
            f"The file system of {url.database} does not lock files, so two commands at once would damage the catalogue.",
            hint="Keep the catalogue on a disk of this machine, or in PostgreSQL.",
        )


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
            f"The catalogue {file} must be brought up to date, and no copy of it could be made first: {error}.",
            hint="Make room beside it, or the right to write there, then run the command again.",
        ) from error
