import gzip
from collections.abc import Iterator

from podcast.server.bodies import Texts
from podcast.storage.memory import MemoryStorage
from tests.serving import store


class Counting(MemoryStorage):
    """Counts how often each key is read."""

    def __init__(self, sizes: dict[str, int]) -> None:
        super().__init__()
        self.reads: list[str] = []
        self.stored = {key: store(self, key, bytes(size)) for key, size in sizes.items()}

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        self.reads.append(key)
        return super().read(key, start, length)


def test_a_text_is_read_once() -> None:
    storage = Counting({"a": 10})
    texts = Texts(storage)

    assert bytes(10) == texts.body(storage.stored["a"], gzipped=False) == texts.body(storage.stored["a"], gzipped=False)
    assert bytes(10) == gzip.decompress(texts.body(storage.stored["a"], gzipped=True))
    assert ["a", "a"] == storage.reads


def test_the_texts_that_were_asked_for_last_are_kept_within_the_budget() -> None:
    storage = Counting(dict.fromkeys("abc", 40))
    texts = Texts(storage, budget=100)

    for key in "abacabca":
        texts.body(storage.stored[key], gzipped=False)

    # Of three texts two fit: c takes the place of b, then b that of c, c that of a, a that of b.
    assert ["a", "b", "c", "b", "c", "a"] == storage.reads


def test_a_text_larger_than_the_budget_is_not_kept() -> None:
    storage = Counting({"a": 200})
    texts = Texts(storage, budget=100)

    assert texts.body(storage.stored["a"], gzipped=False) == texts.body(storage.stored["a"], gzipped=False)
    assert ["a", "a"] == storage.reads


def test_bytes_that_changed_while_they_were_read_are_not_kept_under_the_old_etag() -> None:
    storage = Counting({"a": 10})
    old = storage.stored["a"]
    texts = Texts(storage)
    store(storage, "a", b"new")

    assert b"new" == texts.body(old, gzipped=False)

    assert old.etag != store(storage, "a", b"newer").etag
    assert b"newer" == texts.body(old, gzipped=False)
