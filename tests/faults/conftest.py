"""Scenes, made once for a process."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .attempts import Attempt, Result, prepare, trying


@pytest.fixture(scope="session")
def scenes() -> Iterator[Path]:
    """Yield a folder of prepared scenes, in memory where that is possible: a kill needs no disk."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="podcast-scenes-", dir=memory if memory.is_dir() else None))
    try:
        prepare(folder)
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def try_one(scenes: Path) -> Iterator[Callable[[Attempt], Result]]:
    """Yield what tries a fault in a prepared scene, in a process that is started once."""
    with trying(scenes) as started:
        yield started
