"""A folder goes into the catalogue in batches: each is one transaction, and a bad file spoils no other."""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podcast import add
from podcast.add import add_files, find_files
from podcast.catalogue import Catalogue, open_catalogue
from podcast.errors import CatalogueError
from podcast.ingest.staging import Staging
from podcast.model import Show

from .hostile import frame, id3, silence

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SHOW = Show(slug="majlis", guid=str(uuid.uuid4()), title="Majlis", author="Radio", created=NOW, changed=NOW)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with open_catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}", create=True) as catalogue:
        catalogue.add_show(SHOW)
        yield catalogue


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder of seven files, one of which is none and two of which are the same, all of one title."""
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.mp3").write_bytes(id3(frame(b"TIT2", b"\3Talk")) + silence(1 + number % 5))
    (folder / "3 is none.mp3").write_bytes(b"words")
    (folder / "0.md").write_text("Notes of the first.")
    return folder


def results(catalogue: Catalogue, files: Path, tmp_path: Path) -> list[add.Added]:
    found = find_files(catalogue, [files])
    return list(add_files(catalogue, Staging(tmp_path / "staging"), SHOW, found.files, {}, now=NOW, zone=UTC))


def test_a_batch_is_one_transaction(catalogue: Catalogue, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    whole = catalogue.transaction

    def counted() -> AbstractContextManager[None]:
        begun.append(1)
        return whole()

    monkeypatch.setattr(catalogue, "transaction", counted)
    results(catalogue, files, tmp_path)
    assert [1] == begun
    for path in files.glob("*.mp3"):
        path.write_bytes(path.read_bytes() + silence())
    monkeypatch.setattr(add, "_BATCH", 3)
    results(catalogue, files, tmp_path)
    assert 1 + 3 == len(begun)
    monkeypatch.setattr(add, "_BATCH_BYTES", 1)
    for path in files.glob("*.mp3"):
        path.write_bytes(path.read_bytes() + silence())
    results(catalogue, files, tmp_path)
    assert 4 + 7 == len(begun)


def test_each_file_of_a_batch_is_told_of_in_order(catalogue: Catalogue, files: Path, tmp_path: Path) -> None:
    found = results(catalogue, files, tmp_path)
    told = [(one.path.name, one.result, one.episode and one.episode.slug) for one in found]
    assert [
        ("0.mp3", "added", "talk"),
        ("1.mp3", "added", "talk-2"),
        ("2.mp3", "added", "talk-3"),
        ("3 is none.mp3", "failed", None),
        ("3.mp3", "added", "talk-4"),
        ("4.mp3", "added", "talk-5"),
        ("5.mp3", "known", "talk"),
    ] == told
    assert "Notes of the first." == catalogue.episode("majlis", "talk").notes
    assert "3 is none.mp3 is text, not audio that we know" == found[3].error.message if found[3].error else ""
    assert 1 == len(find_files(catalogue, [files]).files)


def test_a_batch_that_the_database_refuses_is_not_there_in_part(
    catalogue: Catalogue, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember, seen = catalogue.remember_file, []

    def full(*words: object) -> None:
        seen.append(words)
        if len(seen) == 3:
            raise CatalogueError("The disk is full.")
        remember(*words)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(catalogue, "remember_file", full)
        assert {"failed"} == {one.result for one in results(catalogue, files, tmp_path)}
    assert () == catalogue.episodes(show="majlis").episodes
    assert 5 == sum(one.result == "added" for one in results(catalogue, files, tmp_path))
