"""Scenes, made once for a process."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .attempts import prepare


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
