"""Many files at once: as many short ones as the store likes, of long ones as many as fill the line."""

from dataclasses import replace
from threading import Barrier, Lock

import pytest

from podcast.storage import Progress, StoredObject, Upload
from podcast.storage.memory import MemoryStorage
from podcast.storage.pool import put_all

from .conftest import MEBIBYTE, upload


class _Store(MemoryStorage):
    """Goes on only when so many files are under way at the same time; sees how many there were at the most."""

    workers = 4

    def __init__(self, at_once: int) -> None:
        super().__init__()
        self.met, self.counting = Barrier(at_once, timeout=10), Lock()
        self.under_way = self.most = 0

    def put(self, upload: Upload, progress: Progress | None = None) -> StoredObject:
        with self.counting:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        self.met.wait()
        with self.counting:
            self.under_way -= 1
        return super().put(replace(upload, length=0), progress)


@pytest.mark.parametrize(("length", "at_once"), [(1, 4), (128 * MEBIBYTE, 2), (1024 * MEBIBYTE, 1)])
def test_fewer_long_files_than_short_ones_go_at_once(length: int, at_once: int) -> None:
    storage = _Store(at_once)
    uploads = [upload(f"majlis/{number}.mp3", b"") for number in range(8)]
    stored = {one.key for one in put_all(storage, [replace(one, length=length) for one in uploads])}
    assert {one.key for one in uploads} == stored
    assert at_once == storage.most
