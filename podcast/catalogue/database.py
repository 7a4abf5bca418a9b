"""The connection to the database: how it is opened, read and written."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote, urlencode

from sqlalchemy import URL, Connection, Engine, ExceptionContext, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from podcast.errors import CatalogueError, ConfigError, UsageError

from .faults import told

#: Seconds to wait for another process before we say that it is busy.
PATIENCE: float = 10
_URLS: Final = "Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."


def parse(url: str) -> URL:
    """Return the parsed address; ConfigError for one that is no catalogue's, without its password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError("[catalogue] url is not the address of a database.", hint=_URLS) from None
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise ConfigError(f"[catalogue] url names {parsed.drivername!r}, and a catalogue is kept in SQLite or PostgreSQL.", hint=_URLS)
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigError("[catalogue] url names no file.", hint=_URLS)
    return parsed


def name_of(url: URL) -> str:
    """Return how messages call the catalogue: the file, or the server's address without user and password."""
    if url.drivername == "sqlite":
        return str(url.database)
    host = f"{url.host or url.query.get('host') or 'localhost'}{f':{url.port}' if url.port else ''}"
    return f"{url.database} on {host}"


def connect(url: URL, *, create: bool) -> Engine:
    """Return an engine whose transactions begin as we want; nothing is opened yet. An SQLite file is made only with ``create``."""
    try:
        engine = _postgres(url) if url.drivername != "sqlite" else _sqlite(url, create=create)
    except ImportError as error:
        raise CatalogueError(
            "A PostgreSQL catalogue needs the package psycopg, which is not installed.", hint="pip install 'podcast[postgres]'."
        ) from error
    event.listen(engine, "handle_error", _refuse)
    return engine


def _refuse(context: ExceptionContext) -> None:
    """Tell what the driver itself cannot send: text that has no bytes, numbers that have too many."""
    if isinstance(context.original_exception, UnicodeEncodeError | OverflowError):
        raise UsageError(f"The catalogue cannot take this value: {context.original_exception}.") from context.original_exception


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Say whether this SQLite is free of the WAL-reset bug, which loses committed writes (sqlite.org/wal.html#walresetbug)."""
    return version < (3, 7) or (3, 44, 6) <= version < (3, 45) or (3, 50, 7) <= version < (3, 51) or version >= (3, 51, 3)


WAL: bool = wal_is_safe(sqlite3.sqlite_version_info)


def address(url: URL, mode: str) -> str:
    """Return the file's address as SQLite's own; ``mode`` is rw, or rwc to make the file."""
    return f"file:{quote(str(Path(str(url.database)).absolute()))}?{urlencode({**url.query, 'mode': mode}, doseq=True)}"


def _sqlite(url: URL, *, create: bool) -> Engine:
    where = address(url, "rwc" if create else "rw")

    def opened() -> sqlite3.Connection:
        # Threads share the pool, never a connection at the same time.
        connection = sqlite3.connect(where, uri=True, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        _set_journal(connection, create=create)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    engine = create_engine(url.set(query={}), creator=opened, poolclass=QueuePool)
    event.listen(engine, "begin", _begin)
    return engine


def _set_journal(connection: sqlite3.Connection, *, create: bool) -> None:
    """Use the write-ahead log only where SQLite is free of its bug; make each commit outlast a power cut in either mode."""
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    wanted = "wal" if WAL and (create or mode == "wal") else "delete"
    if mode != wanted:
        connection.execute(f"PRAGMA journal_mode = {wanted}")
    connection.execute(f"PRAGMA synchronous = {'FULL' if wanted == 'wal' else 'EXTRA'}")


def _begin(connection: Connection) -> None:
    # A writer takes its lock first: to read, then find that another wrote meanwhile, would be too late.
    # Straight to the driver: by SQLAlchemy it takes as long as a query.
    connection.connection.cursor().execute("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _postgres(url: URL) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": int(PATIENCE)})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  (psycopg is optional)
        # A publisher that was stopped inside a transaction must not hold the others up for ever.
        connection.execute(f"SET lock_timeout = '{PATIENCE}s'")
        connection.execute("SET idle_in_transaction_session_timeout = '60s'")
        connection.commit()

    return engine


class Database:
    """An open database. Threads may share it; each has its own transaction."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._thread = threading.local()
        self._sqlite = engine.dialect.name == "sqlite"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all the writes inside come true together, or none where an exception leaves it; one inside another joins it.

        A single write that fails inside leaves no trace, and the others go on where the caller catches its error.
        """
        with self._write():
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all the reads inside see one state. Writers of an SQLite file may have to wait for the end of it."""
        with self._read():
            yield

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        current = self._current()
        if current is not None:
            with told(self._name):
                yield current
            return
        # SQLite's plain transaction sees one state anyway.
        options: dict[str, str | bool] = {} if self._sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._connection(**options) as connection:
            yield connection

    @contextmanager
    def _write(self, *, single: bool = False) -> Iterator[Connection]:
        """Begin a transaction for writing, or join the one that there is.

        ``single`` says that one statement makes all the changes. SQLite undoes it by itself where it fails, and is spared
        the savepoint, at which its full-text index would write itself out each time.
        """
        current = self._current()
        if current is None:
            with self._connection(writes=True) as connection:
                yield connection
        elif not current.get_execution_options().get("writes"):
            raise CatalogueError("A snapshot of the catalogue is for reading.")
        elif single and self._sqlite:
            with told(self._name):
                yield current
        else:
            with told(self._name), current.begin_nested():
                yield current

    def _current(self) -> Connection | None:
        return getattr(self._thread, "connection", None)

    @contextmanager
    def _connection(self, **options: str | bool) -> Iterator[Connection]:
        with told(self._name), self._engine.connect() as connection, connection.execution_options(**options).begin():
            self._thread.connection = connection
            try:
                yield connection
            finally:
                self._thread.connection = None
