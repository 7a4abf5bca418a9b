"""What SQLite, PostgreSQL and SQLAlchemy raise, told in our words."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from podcast.errors import CatalogueBusy, CatalogueError, Conflict, PodcastError, UsageError

_RESTORE: Final = "Restore a backup; what is published stays as it is."
_SQLITE: Final = {
    sqlite3.SQLITE_READONLY: ("may not be written", "Give this user the right to write the file and its folder."),
    sqlite3.SQLITE_PERM: ("may not be opened", "Give this user the right to read and write the file and its folder."),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "Give this user the right to read and write the file and its folder."),
    sqlite3.SQLITE_NOTADB: ("is not a catalogue: the file is no SQLite database", "Look at [catalogue] url, or restore a backup."),
    sqlite3.SQLITE_CORRUPT: ("is damaged", _RESTORE),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "Make room, then run the command again."),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: the disk failed", "Look at the disk and at the system's log."),
}
_TRY_AGAIN: Final = "Try again in a moment."
#: Lock not available, deadlock, serialization, cancelled, too many connections, starting up, shut down by its keeper.
_POSTGRES_BUSY: Final = frozenset({"55P03", "40P01", "40001", "57014", "53300", "57P01", "57P02", "57P03", "25P03"})
#: How PostgreSQL's server refuses a connection that would be welcome later.
_LATER: Final = re.compile("too many|starting up|shutting down|recovery|reserved for")


@contextmanager
def told(name: str) -> Iterator[None]:
    """Raise our errors instead of the database's; ``name`` says which catalogue, without a password."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict(f"The catalogue refuses the change: {_line(error.orig)}.") from error
    except DBAPIError as error:
        raise _explained(error, name) from error
    except sqlite3.Error as error:
        raise _of_sqlite(error, name) from error
    except StatementError as error:
        raise UsageError(f"The catalogue cannot take this value: {_line(error.orig)}.") from error
    except SQLAlchemyError as error:
        raise CatalogueError(f"The catalogue {name} failed: {_line(error)}.") from error


def _explained(error: DBAPIError, name: str) -> PodcastError:
    cause: Any = error.orig
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, name)
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return _of_connection(cause, name)
    if state in _POSTGRES_BUSY:
        return CatalogueBusy(f"The catalogue {name} is busy: {_line(cause)}.", hint=_TRY_AGAIN)
    if state == "53100":
        return CatalogueError(
            f"The catalogue {name} cannot grow: {_line(cause)}.", hint="Make room on the database server, then run the command again."
        )
    if state.startswith("22"):
        return UsageError(f"The catalogue cannot take this value: {_line(cause)}.")
    return CatalogueError(f"The catalogue {name} failed: {_line(cause)}.", hint="Look at the server's log, or restore a backup.")


def _of_sqlite(cause: sqlite3.Error, name: str) -> PodcastError:
    # An extended code carries the plain one in its low byte; the driver's own complaints have none.
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return CatalogueBusy(f"The catalogue {name} is in use by another process.", hint=_TRY_AGAIN)
    what, hint = _SQLITE.get(code, (f"failed: {_line(cause)}", _RESTORE))
    return CatalogueError(f"The catalogue {name} {what}.", hint=hint)


def _of_connection(cause: Any, name: str) -> PodcastError:  # noqa: ANN401  (psycopg is optional)
    """Tell a server that refuses us from one that nobody hears; before there is a connection, only its text says which."""
    text = _line(cause)
    refused = "FATAL" in text or getattr(getattr(cause, "pgconn", None), "used_password", False)
    if refused and not _LATER.search(text):
        return CatalogueError(f"The catalogue {name} refuses us: {text}.", hint="Look at user, password and database in [catalogue] url.")
    return CatalogueBusy(
        f"The catalogue {name} cannot be reached: {text}.", hint="Is the database server running, and is [catalogue] url right?"
    )


def _line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__
