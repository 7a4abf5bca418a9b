import os
import pwd
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import SQLAlchemyError

from podcast.catalogue import Catalogue, database, open_catalogue, schema
from podcast.catalogue.tables import metadata
from podcast.errors import CatalogueBusy, CatalogueError, ConfigError, PodcastError
from podcast.model import Status
from tests.catalogue.conftest import DATABASES, Client, RunSql
from tests.make import make_episode, make_show

#: A step that a later version might bring.
NOW = schema.REVISION
LATER = f"{int(NOW) + 1:04d}"
STEP = f"""
from alembic import op
revision, down_revision = "{LATER}", "{NOW}"

def upgrade():
    op.execute("ALTER TABLE shows ADD COLUMN note TEXT NOT NULL DEFAULT 'new'")
"""


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database that is none yet, or is empty."""
    return f"sqlite:///{tmp_path / 'new.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_database")


@pytest.fixture
def old(empty_url: str) -> Iterator[Client]:
    """Yield a client of a catalogue that is the test's own, with a show in it; ``client.url`` opens it."""
    with open_catalogue(empty_url, create=True) as catalogue:
        catalogue.add_show(make_show())
    with closing(Client(empty_url)) as client:
        yield client


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def refused(url: str, *, create: bool = False) -> PodcastError:
    """Return the error with which opening ends; it has one line, and a hint."""
    with pytest.raises(PodcastError) as caught:
        open_catalogue(url, create=create)
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value


def test_an_empty_database_becomes_a_catalogue_only_when_asked(empty_url: str) -> None:
    error = refused(empty_url)
    assert "There is no catalogue" in error.message
    assert "podcast init" in error.hint
    assert not file_of(empty_url).exists()

    with open_catalogue(empty_url, create=True) as catalogue:
        catalogue.add_show(make_show())
    with open_catalogue(empty_url, create=True) as catalogue:
        assert [make_show()] == catalogue.shows()


def test_what_is_made_is_what_queries_expect(catalogue: Catalogue) -> None:
    with catalogue._engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": "catalogue_version", "include_object": lambda *what: what[2] in {"table", "column"}},
        )
        found = {str(difference) for difference in compare_metadata(context, metadata)}

    # The index of words belongs to each database alone.
    assert not {text for text in found if "search" not in text and "'words'" not in text}


def test_a_newer_catalogue_is_left_untouched(old: Client) -> None:
    old.run("UPDATE catalogue_version SET version_num = '9999'")
    before = file_of(old.url).read_bytes() if old.url.startswith("sqlite") else b""

    error = refused(old.url, create=True)

    assert "newer version" in error.message
    assert "pgrade" in error.hint
    assert not before or before == file_of(old.url).read_bytes()
    assert [("9999",)] == old.run("SELECT version_num FROM catalogue_version")


def test_the_tables_of_something_else_are_left_alone(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        with sqlite3.connect(file_of(empty_url)) as connection:
            connection.execute("CREATE TABLE photos (id INTEGER)")
        connection.close()
    else:
        with psycopg.connect(empty_url) as other:
            other.execute("CREATE TABLE photos (id INTEGER)")

    assert "something else" in refused(empty_url, create=True).message


@pytest.fixture
def later_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the code be of the next version, with one step more; return the folder of steps."""
    steps = shutil.copytree(schema.MIGRATIONS, tmp_path / "steps 100%", ignore=shutil.ignore_patterns("__pycache__"))
    (steps / "versions" / f"{LATER}_later.py").write_text(STEP)
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    monkeypatch.setattr(schema, "REVISION", LATER)
    return steps


@pytest.mark.usefixtures("later_version")
def test_an_older_catalogue_is_brought_up_to_date(old: Client) -> None:
    with open_catalogue(old.url) as newer:
        assert [make_show()] == newer.shows()
        assert make_episode() == newer.add_episode(make_episode())
    assert [("new",)] == old.run("SELECT note FROM shows")
    assert [(LATER,)] == old.run("SELECT version_num FROM catalogue_version")


def test_a_copy_is_kept_before_an_update(sqlite_catalogue: Catalogue, sqlite_url: str, later_version: Path) -> None:
    sqlite_catalogue.close()
    open_catalogue(sqlite_url).close()

    copy = file_of(sqlite_url).with_name(f"catalogue.db.before-{LATER}")
    with sqlite3.connect(copy) as connection:
        assert [(NOW,)] == connection.execute("SELECT version_num FROM catalogue_version").fetchall()
        assert [("majlis",)] == connection.execute("SELECT slug FROM shows").fetchall()
    connection.close()
    assert {copy.name, "catalogue.db", later_version.name} == {path.name for path in copy.parent.iterdir()}


def test_an_update_that_fails_changes_nothing(old: Client, later_version: Path) -> None:
    (later_version / "versions" / f"{LATER}_later.py").write_text(STEP + '    op.execute("SELECT nonsense FROM nowhere")\n')

    assert "failed" in refused(old.url).message
    assert [(NOW,)] == old.run("SELECT version_num FROM catalogue_version")
    with pytest.raises(SQLAlchemyError, match="note"):
        old.run("SELECT note FROM shows")


@pytest.mark.usefixtures("later_version")
def test_no_update_without_a_copy(sqlite_url: str, sqlite_sql: RunSql) -> None:
    file_of(sqlite_url).with_name(f"catalogue.db.before-{LATER}.part").mkdir()

    assert "no copy of it could be made" in refused(sqlite_url).message
    assert [(NOW,)] == sqlite_sql("SELECT version_num FROM catalogue_version")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://u:secret@h/d", "sqlite://", "sqlite:///:memory:", "postgresql://u:secret@h:port/d"]
)
def test_a_url_that_names_no_catalogue_is_refused(url: str) -> None:
    error = refused(url, create=True)

    assert isinstance(error, ConfigError)
    assert "secret" not in error.message + error.hint


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.db"
    file.write_bytes(b"ID3" + bytes(5000))

    assert "no SQLite database" in refused(f"sqlite:///{file}", create=True).message
    assert b"ID3" + bytes(5000) == file.read_bytes()


def test_a_damaged_catalogue_is_told(sqlite_url: str) -> None:
    with open_catalogue(sqlite_url) as catalogue:
        catalogue.add_show(make_show())
        for number in range(50):
            catalogue.add_episode(make_episode(f"e{number}", notes="x" * 3000))
    with file_of(sqlite_url).open("r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * 300_000)

    with pytest.raises(CatalogueError, match="damaged") as caught, open_catalogue(sqlite_url) as catalogue:
        catalogue.episodes()
    assert "backup" in caught.value.hint


def test_a_damaged_row_is_told(sqlite_catalogue: Catalogue, sqlite_sql: RunSql) -> None:
    sqlite_sql("UPDATE shows SET more = '{'")

    with pytest.raises(CatalogueError, match="show majlis is damaged"):
        sqlite_catalogue.show("majlis")


def test_a_catalogue_in_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "cannot be opened" in refused(f"sqlite:///{tmp_path / 'none' / 'c.db'}", create=True).message
    assert "cannot be opened" in refused(f"sqlite:///{tmp_path}").message


#: Opens a catalogue as the user that it is, so that all modules are loaded; then does something with others as another user.
OTHER_USER = """
import os, sys
from podcast.catalogue import open_catalogue
from podcast.errors import CatalogueError
from tests.make import make_show
user, *files = sys.argv[1:]
open_catalogue("sqlite:///" + files[0]).close()
if os.geteuid() == 0:
    os.setgid(int(user)); os.setuid(int(user))
for file in files:
    try:
        with open_catalogue("sqlite:///" + file) as catalogue:
            print(catalogue.shows()[0].slug)
            catalogue.add_show(make_show(slug="other", guid="other"))
    except CatalogueError as error:
        print(error.message)
        print(error.hint)
"""


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """Yield a folder that other users can enter, which pytest's are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_what_may_not_be_written_can_be_read_and_what_may_not_be_read_is_told(sqlite_url: str, shared_folder: Path) -> None:
    with open_catalogue(sqlite_url) as catalogue:
        catalogue.add_show(make_show())
    readable, hidden = shared_folder / "readable.db", shared_folder / "hidden" / "hidden.db"
    hidden.parent.mkdir()
    for file in (readable, hidden):
        shutil.copy(file_of(sqlite_url), file)
        file.chmod(0o444)
    hidden.parent.chmod(0)
    shared_folder.chmod(0o555)
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()

    command = [sys.executable, "-c", OTHER_USER, str(user), str(readable), str(hidden)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    shared_folder.chmod(0o755)
    hidden.parent.chmod(0o755)

    expected = [
        "majlis",
        f"The catalogue {readable} may not be written.",
        "Give this user the right to write the file and its folder.",
        f"The catalogue {hidden} cannot be opened.",
        "Give this user the right to read and write the file and its folder.",
    ]
    assert expected == run.stdout.splitlines(), run.stderr


def test_a_locked_catalogue_is_busy(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    other = sqlite3.connect(file_of(sqlite_url), isolation_level=None)
    with open_catalogue(sqlite_url) as catalogue:
        other.execute("BEGIN IMMEDIATE")
        assert [] == catalogue.shows()
        with pytest.raises(CatalogueBusy, match="in use") as caught:
            catalogue.add_show(make_show())
        assert caught.value.hint
        other.execute("ROLLBACK")
        catalogue.add_show(make_show())
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CatalogueBusy):
            catalogue.shows()
        other.execute("ROLLBACK")
        assert [make_show()] == catalogue.shows()
    other.close()


def test_a_file_system_without_locks_is_refused(tmp_path: Path) -> None:
    error = refused(f"sqlite:///{tmp_path / 'c.db'}?vfs=unix-none", create=True)

    assert "does not lock files" in error.message
    assert "There is no catalogue" in refused(f"sqlite:///{tmp_path / 'c.db'}").message


@pytest.mark.parametrize(
    ("version", "safe"),
    {
        (3, 6, 23): True,
        (3, 7, 0): False,
        (3, 40, 1): False,
        (3, 44, 5): False,
        (3, 44, 6): True,
        (3, 45, 0): False,
        (3, 50, 6): False,
        (3, 50, 7): True,
        (3, 51, 0): False,
        (3, 51, 2): False,
        (3, 51, 3): True,
        (3, 60, 0): True,
    }.items(),
)
def test_the_log_is_used_only_where_sqlite_loses_nothing_in_it(version: tuple[int, int, int], safe: bool) -> None:
    assert safe is database.wal_is_safe(version)


def journal(url: str) -> tuple[object, object]:
    with open_catalogue(url, create=True) as catalogue, catalogue._engine.connect() as connection:
        return connection.exec_driver_sql("PRAGMA journal_mode").scalar(), connection.exec_driver_sql("PRAGMA synchronous").scalar()


def test_every_commit_outlasts_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full, extra = 2, 3
    monkeypatch.setattr(database, "WAL", True)
    assert ("wal", full) == journal(f"sqlite:///{tmp_path / 'safe.db'}")
    monkeypatch.setattr(database, "WAL", False)
    assert ("delete", extra) == journal(f"sqlite:///{tmp_path / 'unsafe.db'}")
    # A catalogue that comes from a machine with a safe SQLite to one without.
    assert ("delete", extra) == journal(f"sqlite:///{tmp_path / 'safe.db'}")


SECRET = "s3cret"


@pytest.fixture
def guarded_url(postgres_url: str) -> Iterator[str]:
    """Return the URL of a database whose server asks the user ``guarded`` for a password."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        rules = Path(str(connection.execute("SHOW hba_file").fetchone()[0]))  # type: ignore[index]
        connection.execute("DROP DATABASE IF EXISTS guarded")
        connection.execute("DROP ROLE IF EXISTS guarded")
        connection.execute(f"CREATE ROLE guarded LOGIN PASSWORD '{SECRET}/word'".encode())
        connection.execute("CREATE DATABASE guarded OWNER guarded")
        before = rules.read_text()
        rules.write_text(f"local all guarded scram-sha-256\n{before}")
        connection.execute("SELECT pg_reload_conf()")
        yield f"postgresql://guarded:{SECRET}%2Fword@/guarded?{urlsplit(postgres_url).query}"
        rules.write_text(before)
        connection.execute("SELECT pg_reload_conf()")


@pytest.mark.server
@pytest.mark.xdist_group("postgres")
def test_a_wrong_password_is_told_and_never_shown(guarded_url: str) -> None:
    open_catalogue(guarded_url, create=True).close()

    for wrong in ("%2Fwrong", "%2Fword%20"):
        with pytest.raises(CatalogueError, match="refuses us") as caught:
            open_catalogue(guarded_url.replace("%2Fword", wrong))
        assert not isinstance(caught.value, CatalogueBusy)
        assert "password" in caught.value.hint
        assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.server
@pytest.mark.xdist_group("postgres")
def test_a_database_that_is_not_there_is_told(postgres_url: str) -> None:
    error = refused(postgres_url.replace("/postgres?", "/none?"))

    assert 'database "none" does not exist' in error.message
    assert 1 == error.exit_code


@pytest.mark.parametrize("host", ["127.0.0.1:1", "nowhere.invalid"])
def test_a_server_that_nobody_hears_may_be_tried_again(host: str) -> None:
    error = refused(f"postgresql://user:{SECRET}@{host}/none")

    assert "cannot be reached" in error.message
    assert 5 == error.exit_code
    assert SECRET not in "".join(traceback.format_exception(error))


@pytest.mark.server
@pytest.mark.xdist_group("postgres")
def test_a_locked_row_is_busy(clean_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 1)
    with open_catalogue(clean_postgres_url) as catalogue, psycopg.connect(clean_postgres_url) as other:
        catalogue.add_show(make_show())
        catalogue.add_episode(make_episode(status=Status.DRAFT))
        other.execute("SELECT * FROM episodes FOR UPDATE")
        with pytest.raises(CatalogueBusy, match="busy"):
            catalogue.remove_episode("majlis", "kings-of-corruption")
        assert 1 == len(catalogue.episodes().episodes)


@pytest.mark.server
@pytest.mark.xdist_group("postgres")
def test_a_server_that_came_back_is_used_again(clean_postgres_url: str) -> None:
    with open_catalogue(clean_postgres_url) as catalogue, psycopg.connect(clean_postgres_url, autocommit=True) as other:
        catalogue.add_show(make_show())
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        assert [make_show()] == catalogue.shows()


@pytest.mark.server
@pytest.mark.xdist_group("postgres")
def test_words_are_folded_whatever_the_locale_of_the_server(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE plain TEMPLATE template0 LOCALE 'C'")
    url = postgres_url.replace("/postgres?", "/plain?")
    with open_catalogue(url, create=True) as catalogue:
        catalogue.add_show(make_show())
        catalogue.add_episode(make_episode(title="ЖОЛ — Қазақ’s", notes="السوق،الكبير"))
        assert [1, 1, 1] == [len(catalogue.search(query)) for query in ("жол", "ҚАЗ", "الكبير السوق")]


def loaded(statement: str, *, url: str = "") -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_nothing_heavy_is_imported_before_it_is_needed(sqlite_url: str) -> None:
    heavy = {"sqlalchemy", "alembic", "psycopg"}
    opening = "from podcast.catalogue import open_catalogue\nopen_catalogue(sys.argv[1]).shows()"

    assert set() == heavy & loaded("import podcast.catalogue")
    assert {"sqlalchemy"} == heavy & loaded(opening, url=sqlite_url)
    assert {"sqlalchemy"} == heavy & loaded("from podcast.catalogue import Catalogue")
