"""The catalogues that the contract is held against, each with the show Majlis and nothing more in it."""

import shutil
from collections.abc import Callable, Iterator
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


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty catalogue."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'catalogue.db')}"
    postgres: str = request.getfixturevalue("postgres_catalogue_url")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY".encode())
    return postgres


@pytest.fixture
def catalogue(url: str) -> Iterator[Catalogue]:
    with open_catalogue(url) as catalogue:
        catalogue.add_show(make_show())
        yield catalogue


@pytest.fixture
def sql(url: str) -> Iterator[RunSql]:
    """Return a function that runs a statement past the catalogue, as somebody with a database client would."""
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))

    def run(statement: str, **values: object) -> list[tuple[object, ...]]:
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            result = connection.execute(sqlalchemy.text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    yield run
    engine.dispose()
