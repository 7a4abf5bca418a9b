from pathlib import Path

import pytest
import sqlalchemy

from podcast.catalogue import Catalogue
from podcast.errors import Conflict
from podcast.model import Status
from tests.make import make_episode, make_show

PATHS = ["/in/a.mp3", "/in/sub/b.mp3", "/in two/c.mp3", "/in%20two/d.mp3", "/inn/e.mp3", "/in/\udcff\n.mp3", "/in/Ңұ.mp3", "/in/-rf"]


@pytest.fixture
def scanned(catalogue: Catalogue) -> Catalogue:
    catalogue.add_episode(make_episode(status=Status.DRAFT))
    for number, path in enumerate(PATHS):
        catalogue.remember_file(path, number, 1_700_000_000_000_000_000 + number, "majlis", "kings-of-corruption")
    return catalogue


def test_a_folder_knows_its_files_and_no_others(scanned: Catalogue) -> None:
    below = {"/in/a.mp3", "/in/sub/b.mp3", "/in/\udcff\n.mp3", "/in/Ңұ.mp3", "/in/-rf"}

    assert below == set(scanned.known_files("/in"))
    assert below == set(scanned.known_files(Path("/in/")))
    assert {"/in two/c.mp3"} == set(scanned.known_files("/in two"))
    assert set(PATHS) == set(scanned.known_files("/"))
    assert {} == scanned.known_files("/nothing") == scanned.known_files()


def test_files_are_known_by_size_and_time(scanned: Catalogue) -> None:
    expected = {path: (number, 1_700_000_000_000_000_000 + number) for number, path in enumerate(PATHS)}

    assert {path: expected[path] for path in ("/in/a.mp3", "/inn/e.mp3")} == scanned.known_files("/in/a.mp3", "/inn/e.mp3", "/x")


def test_one_query_answers_for_any_number_of_paths(scanned: Catalogue) -> None:
    asked: list[str] = []
    sqlalchemy.event.listen(scanned._engine, "before_cursor_execute", lambda *values: asked.append(values[2]))

    scanned.known_files(*PATHS, *(f"/in/{number}.mp3" for number in range(3000)))

    assert 1 == len([statement for statement in asked if "sources" in statement])


def test_a_file_read_again_is_known_by_its_new_state(scanned: Catalogue) -> None:
    scanned.remember_file("/in/a.mp3", 2**40, 5, "majlis", "kings-of-corruption")

    assert {"/in/a.mp3": (2**40, 5)} == scanned.known_files("/in/a.mp3")


def test_an_episode_is_found_by_its_file(scanned: Catalogue) -> None:
    scanned.add_show(make_show(slug="other", guid="other"))

    assert scanned.by_source("majlis", "/in/\udcff\n.mp3") == scanned.episode("majlis", "kings-of-corruption")
    assert scanned.by_source("other", "/in/a.mp3") is None
    assert scanned.by_source("majlis", "/in") is None


def test_a_file_belongs_to_an_episode(catalogue: Catalogue) -> None:
    with pytest.raises(Conflict):
        catalogue.remember_file("/in/a.mp3", 1, 2, "majlis", "nothing")
