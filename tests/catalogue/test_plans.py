"""The questions that are asked all the time are answered from an index, however many episodes there are."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy

from podcast.catalogue import Catalogue
from podcast.model import Status
from tests.make import MOMENT, make_episode, make_show

QUESTIONS: dict[str, Callable[[Catalogue], object]] = {
    "episodes_newest": lambda catalogue: catalogue.episodes(),
    "episodes_newest: next": lambda catalogue: catalogue.episodes(before=catalogue.episodes(limit=1).next),
    "episodes_of_show": lambda catalogue: catalogue.episodes(show="majlis"),
    "episodes_of_show: next": lambda catalogue: catalogue.episodes(show="majlis", before=catalogue.episodes(limit=1).next),
    "episodes_by_status": lambda catalogue: catalogue.episodes(status=Status.DRAFT),
    "episodes_of_show_by_status": lambda catalogue: catalogue.episodes(show="majlis", status=Status.DRAFT),
    "episodes_of_show_by_status: latest": lambda catalogue: catalogue.latest("majlis", 1),
    "episodes_of_show_by_status: find": lambda catalogue: catalogue.find("latest", show="majlis"),
    "episodes_of_show_by_status: feed": lambda catalogue: list(catalogue.feed("majlis")),
    "episodes_of_show_by_status: due": lambda catalogue: catalogue.due(MOMENT, "majlis"),
    "episodes_of_show_by_status: count": lambda catalogue: catalogue.count("majlis"),
    "episodes_by_status: due": lambda catalogue: catalogue.due(MOMENT),
    "episodes_by_status: find": lambda catalogue: catalogue.find("latest"),
    "episodes_dirty": lambda catalogue: catalogue.dirty("majlis"),
    "episodes_dirty: held": lambda catalogue: catalogue.end_holds("majlis", "x"),
    "episodes_by_audio": lambda catalogue: catalogue.by_audio("majlis", "x"),
    "episodes_by_number": lambda catalogue: catalogue.find("3"),
    "outbox_pending": lambda catalogue: catalogue.pending("majlis"),
    "sqlite_autoindex_manifest_1": lambda catalogue: catalogue.held(["majlis/feed.xml"]),
    "sqlite_autoindex_manifest_1: under": lambda catalogue: catalogue.held_under("majlis/"),
    "episodes_of_show_by_status: items": lambda catalogue: catalogue.rows("majlis", "x", ""),
    "sqlite_autoindex_sources_1": lambda catalogue: catalogue.known_files("/in"),
    "sqlite_autoindex_episodes_2": lambda catalogue: catalogue.by_guid("x"),
    "sqlite_autoindex_episodes_1": lambda catalogue: catalogue.find("e", show="majlis"),
    "sqlite_autoindex_episodes_1: free": lambda catalogue: catalogue.free_slug("majlis", "e"),
    "episodes_by_slug": lambda catalogue: catalogue.find("e"),
}


@pytest.fixture
def asked(sqlite_catalogue: Catalogue) -> Iterator[list[tuple[str, object]]]:
    """Yield a list that the catalogue's questions to SQLite are noted in."""
    questions: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        if not statement.startswith("EXPLAIN"):
            questions.append((statement, values))

    for slug, status in {"e1": Status.PUBLISHED, "f2": Status.DRAFT}.items():
        sqlite_catalogue.add_episode(make_episode(slug, status=status, number=3 if slug == "e1" else 4))
    sqlalchemy.event.listen(sqlite_catalogue._engine, "before_cursor_execute", note)
    yield questions
    sqlalchemy.event.remove(sqlite_catalogue._engine, "before_cursor_execute", note)


def test_an_index_answers(sqlite_catalogue: Catalogue, asked: list[tuple[str, object]]) -> None:
    for name, ask in QUESTIONS.items():
        asked.clear()
        ask(sqlite_catalogue)
        plans = [plan(sqlite_catalogue, *question) for question in [*asked] if question[0].startswith("SELECT")]

        assert name.partition(":")[0] in " ".join(plans[-1].split()), name
        assert not [step for one in plans for step in one.split("\n") if "TEMP B-TREE" in step or step.startswith("SCAN episodes\n")], name


def test_a_page_from_the_middle_begins_at_its_place(sqlite_catalogue: Catalogue, asked: list[tuple[str, object]]) -> None:
    place = sqlite_catalogue.episodes(limit=1).next
    asked.clear()
    sqlite_catalogue.episodes(show="majlis", before=place)

    steps = [plan(sqlite_catalogue, *question) for question in [*asked] if "episodes.id" in question[0]]
    assert "SEARCH episodes USING INDEX episodes_of_show (show=? AND (ordered,created)<(?,?))" in steps[0]


def test_a_page_costs_the_same_number_of_questions_whatever_it_holds(sqlite_catalogue: Catalogue, asked: list[tuple[str, object]]) -> None:
    counts = []
    for wanted in (2, 30):
        with sqlite_catalogue.transaction():
            for number in range(wanted):
                sqlite_catalogue.add_episode(make_episode(f"x{wanted}-{number}"))
        asked.clear()
        sqlite_catalogue.episodes(limit=wanted)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def plan(catalogue: Catalogue, statement: str, values: object) -> str:
    with catalogue._engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
        return "\n".join(str(row.detail) for row in rows)


def test_shows_are_few_and_read_whole(sqlite_catalogue: Catalogue) -> None:
    sqlite_catalogue.add_show(make_show(slug="other", guid="other"))

    assert ["majlis", "other"] == [show.slug for show in sqlite_catalogue.shows()]
