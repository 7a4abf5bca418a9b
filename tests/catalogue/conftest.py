"""The catalogues that the contract is held against, each with the show Majlis and nothing more in it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import sqlalchemy

from podcast.catalogue import Catalogue, open_catalogue
from podcast.catalogue.tables import metadata
from tests.make import make_show

DATABASES = ["sqlite", pytest.param("postgres", marks=[pytest.mark.server, pytest.mark.xdist_group("postgres")])]

RunSql = Callable[..., list[tuple[object, ...]]]


class Client:
    """Somebody with a database client of their own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))

    def run(self, statement: str, **values: object) -> list[tuple[object, ...]]:
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            result = connection.execute(sqlalchemy.text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    def close(self) -> None:
        self.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "catalogue.db"
    open_catalogue(f"sqlite:///{file}", create=True).close()
    return file


@pytest.fixture(scope="session")
def postgres_catalogue_url(postgres_url: str) -> str:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE contract")
    url = urlunsplit(urlsplit(postgres_url)._replace(path="/contract"))
    open_catalogue(url, create=True).close()
    return url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Return the URL of an empty SQLite catalogue."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'catalogue.db')}"


@pytest.fixture
def clean_postgres_url(postgres_catalogue_url: str) -> str:
    """Return the URL of an empty PostgreSQL catalogue."""
    with psycopg.connect(postgres_catalogue_url, autocommit=True) as connection:
        # The triggers that keep guids for ever sleep for this session; to truncate would take ten times as long.
        connection.execute("SET session_replication_role = replica")
        for table in metadata.tables:
            connection.execute(f"DELETE FROM {table}".encode())
    return postgres_catalogue_url


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty catalogue."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "clean_postgres_url")
    return url


@pytest.fixture
def catalogue(url: str) -> Iterator[Catalogue]:
    with open_catalogue(url) as catalogue:
        catalogue.add_show(make_show())
        yield catalogue


@pytest.fixture
def sqlite_catalogue(sqlite_url: str) -> Iterator[Catalogue]:
    with open_catalogue(sqlite_url) as catalogue:
        catalogue.add_show(make_show())
        yield catalogue


@pytest.fixture
def sql(url: str) -> Iterator[RunSql]:
    """Return a function that runs a statement past the catalogue, as somebody with a database client would."""
    with closing(Client(url)) as client:
        yield client.run


@pytest.fixture
def sqlite_sql(sqlite_url: str) -> Iterator[RunSql]:
    with closing(Client(sqlite_url)) as client:
        yield client.run
