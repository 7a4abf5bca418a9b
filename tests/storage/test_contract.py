"""What every storage promises, held against all of them: the dictionary, the folder and four real servers."""

import gzip
import os
import re
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from podcast.errors import NotFound, StorageError
from podcast.storage import Overtaken, Storage
from podcast.storage.local import LocalStorage
from podcast.storage.pool import put_all

from .conftest import MEBIBYTE, MINISTACK, RCLONE, SWIFT_HTTP, content, upload

FEED = "majlis/feed.xml"
DIGITS = b"0123456789"


def test_what_was_put_can_be_read(storage: Storage) -> None:
    storage.put(upload(FEED, "<title>Кыргызча ئۇيغۇرچە</title>".encode()))
    assert content(storage, FEED).decode() == "<title>Кыргызча ئۇيغۇرچە</title>"


def test_put_answers_what_head_answers(storage: Storage) -> None:
    stored = storage.put(upload(FEED, DIGITS))
    assert storage.head(FEED) == stored
    assert (stored.key, stored.length) == (FEED, 10)
    assert stored.etag
    assert '"' not in stored.etag
    assert abs(datetime.now(UTC) - stored.modified) < timedelta(minutes=5)


def test_the_content_type_is_kept(storage: Storage) -> None:
    for key in (FEED, "majlis/s/transcript.vtt", "majlis/s/chapters.json", "majlis/media/s-0123.m4a"):
        described = upload(key, DIGITS)
        assert described.type == storage.put(described).type


def test_a_file_is_stored_as_bytes_are(storage: Storage, tmp_path: Path) -> None:
    body = os.urandom(3 * MEBIBYTE)
    path = tmp_path / "staged"
    path.write_bytes(body)
    assert storage.put(upload("majlis/media/a.mp3", path)).length == len(body)
    assert content(storage, "majlis/media/a.mp3") == body


def test_a_bucket_remembers_that_a_file_is_compressed(storage: Storage) -> None:
    """A folder does not: there a file is its bytes and its name."""
    body = gzip.compress(DIGITS, mtime=0)
    stored = storage.put(upload(FEED, body, encoding="gzip"))
    assert stored == storage.head(FEED)
    assert ("" if isinstance(storage, LocalStorage) else "gzip") == stored.encoding
    assert content(storage, FEED) == body
    assert "" == storage.put(upload(FEED, DIGITS)).encoding


def test_the_hash_of_a_body_is_read_where_it_is_not_given(storage: Storage, tmp_path: Path) -> None:
    path = tmp_path / "staged"
    for body in (b"", DIGITS, b"9876543210"):
        path.write_bytes(body)
        assert len(body) == storage.put(upload(FEED, path, md5="")).length
        assert content(storage, FEED) == body


def test_an_empty_file_is_a_file(storage: Storage) -> None:
    assert storage.put(upload("empty.txt", b"")).length == 0
    assert content(storage, "empty.txt") == b""
    assert list(storage.read("empty.txt", 0, 5)) == []


def test_progress_counts_each_byte_once(storage: Storage, tmp_path: Path) -> None:
    for size in (0, 10, 9 * MEBIBYTE):
        path = tmp_path / "staged"
        path.write_bytes(bytes(size))
        told: list[int] = []
        storage.put(upload("a.bin", path), told.append)
        assert size == sum(told)


def test_a_part_can_be_read(storage: Storage) -> None:
    storage.put(upload(FEED, DIGITS))
    expected = {
        (0, None): b"0123456789",
        (0, 1): b"0",
        (3, 4): b"3456",
        (7, None): b"789",
        (9, 1): b"9",
        (8, 100): b"89",
        (10, None): b"",
        (10, 1): b"",
        (99, 1): b"",
        (3, 0): b"",
    }
    assert expected == {part: b"".join(storage.read(FEED, *part)) for part in expected}


def test_a_long_part_can_be_read(storage: Storage) -> None:
    body = os.urandom(2 * MEBIBYTE)
    storage.put(upload("a.bin", body))
    assert body[300_000:1_500_000] == b"".join(storage.read("a.bin", 300_000, 1_200_000))
    assert body[300_000:] == b"".join(storage.read("a.bin", 300_000))


def test_a_missing_key_is_none_or_not_found(storage: Storage) -> None:
    assert storage.head(FEED) is None
    with pytest.raises(NotFound, match=FEED):
        storage.read(FEED)
    with pytest.raises(NotFound):
        storage.read(FEED, 5, 0)
    with pytest.raises(NotFound):
        storage.read(FEED, 5, 10)


def test_reading_fails_at_the_call_and_need_not_be_finished(storage: Storage) -> None:
    storage.put(upload("a.bin", bytes(MEBIBYTE)))
    storage.read("a.bin")  # Nothing is left open, else a ResourceWarning fails this test.
    blocks = storage.read("a.bin")
    assert next(blocks)


def test_a_reader_keeps_what_it_opened(storage: Storage) -> None:
    old, new = os.urandom(MEBIBYTE), os.urandom(MEBIBYTE)
    storage.put(upload("a.bin", old))
    blocks = storage.read("a.bin")
    begin = next(blocks)
    storage.put(upload("a.bin", new))
    assert old == begin + b"".join(blocks)
    assert new == content(storage, "a.bin")


def test_the_listing_is_in_the_order_of_keys(storage: Storage) -> None:
    keys = ["b/x.txt", "a/b/c.txt", "a.txt", "a/b.txt", "a-b/c.txt", "B.txt", "a/b-c.txt", "a_b.txt"]
    for key in keys:
        storage.put(upload(key, key.encode()))
    assert sorted(keys) == [each.key for each in storage.list()]
    assert [len(key) for key in sorted(keys)] == [each.length for each in storage.list()]


def test_the_listing_is_cut_to_a_prefix(storage: Storage) -> None:
    for key in ("majlis/feed.xml", "majlis/media/a.mp3", "majlis-2/feed.xml", "other/feed.xml"):
        storage.put(upload(key, DIGITS))
    expected = {
        "majlis/": ["majlis/feed.xml", "majlis/media/a.mp3"],
        "majlis": ["majlis-2/feed.xml", "majlis/feed.xml", "majlis/media/a.mp3"],
        "majlis/m": ["majlis/media/a.mp3"],
        "majlis/media/a.mp3": ["majlis/media/a.mp3"],
        "majlis/none": [],
        "../": [],
    }
    assert expected == {prefix: [each.key for each in storage.list(prefix)] for prefix in expected}


def test_the_listing_of_nothing_is_empty(storage: Storage) -> None:
    assert list(storage.list()) == []


def test_the_listing_says_what_put_said(storage: Storage) -> None:
    stored = storage.put(upload(FEED, DIGITS))
    (listed,) = storage.list()
    assert (stored.key, stored.length, stored.etag) == (listed.key, listed.length, listed.etag)
    assert abs(stored.modified - listed.modified) < timedelta(seconds=2)


def test_deleting_removes_what_was_named(storage: Storage) -> None:
    for key in ("a/1.txt", "a/2.txt", "a/3.txt"):
        storage.put(upload(key, DIGITS))
    storage.delete(key for key in ("a/1.txt", "a/none.txt", "a/3.txt"))
    assert ["a/2.txt"] == [each.key for each in storage.list()]
    assert storage.head("a/1.txt") is None


def test_deleting_nothing_is_no_error(storage: Storage) -> None:
    storage.delete([])
    storage.delete(["none.txt"])


# Not Swift, which takes a quarter of a minute for it.
@pytest.mark.parametrize("storage", ["memory", "local", RCLONE, MINISTACK], indirect=True)
def test_a_thousand_and_more_keys_are_deleted(storage: Storage) -> None:
    for number in (0, 999, 1000, 1001):
        storage.put(upload(f"k/{number:04}.txt", DIGITS))
    storage.delete(f"k/{number:04}.txt" for number in range(1002))
    assert list(storage.list()) == []


def test_a_second_put_replaces_the_first(storage: Storage) -> None:
    first = storage.put(upload(FEED, b"a longer body than the second"))
    second = storage.put(upload(FEED, b"short"))
    assert content(storage, FEED) == b"short"
    assert first.etag != second.etag
    assert second.length == 5


@pytest.mark.parametrize("storage", ["memory", MINISTACK], indirect=True)
def test_an_upload_replaces_only_what_it_may(storage: Storage) -> None:
    first = storage.put(upload(FEED, b"first", onto=""))
    for onto in ("", "0" * 32):
        with pytest.raises(Overtaken):
            storage.put(upload(FEED, b"second", onto=onto))
        assert b"first" == content(storage, FEED)
    second = storage.put(upload(FEED, b"second", onto=first.etag))
    assert b"second" == content(storage, FEED)
    storage.delete([FEED])
    with pytest.raises(Overtaken):
        storage.put(upload(FEED, b"third", onto=second.etag))
    assert storage.head(FEED) is None


@pytest.mark.parametrize("storage", ["local", SWIFT_HTTP, RCLONE], indirect=True)
def test_a_condition_that_a_storage_does_not_know_is_in_nobodys_way(storage: Storage) -> None:
    first = storage.put(upload(FEED, b"first", onto=""))
    storage.put(upload(FEED, b"second", onto=first.etag))
    assert b"second" == content(storage, FEED)


def test_the_etag_changes_with_the_bytes_and_only_with_them(storage: Storage) -> None:
    etags = [storage.put(upload(FEED, body)).etag for body in (b"one", b"two", b"two", b"six")]
    assert etags[1] == etags[2]
    assert len(set(etags)) == 3


def test_other_bytes_than_announced_are_refused_and_the_old_ones_stay(storage: Storage, tmp_path: Path) -> None:
    old = storage.put(upload(FEED, b"the old bytes"))
    path = tmp_path / "staged"
    path.write_bytes(DIGITS)
    keys = (FEED, "majlis/new.xml")
    bodies: tuple[bytes | Path, ...] = (DIGITS, path)
    lies: tuple[dict[str, object], ...] = ({"md5": "0" * 32}, {"length": 9}, {"length": 11})
    for key, body, changes in product(keys, bodies, lies):
        with pytest.raises(StorageError) as caught:
            storage.put(upload(key, body, **changes))
        assert caught.value.hint
    assert [FEED] == [each.key for each in storage.list()]
    assert old == storage.head(FEED)
    assert content(storage, FEED) == b"the old bytes"


def test_a_vanished_file_is_refused(storage: Storage, tmp_path: Path) -> None:
    path = tmp_path / "staged"
    path.write_bytes(DIGITS)
    gone = upload(FEED, path)
    path.unlink()
    with pytest.raises(StorageError, match="cannot be read"):
        storage.put(gone)
    assert storage.head(FEED) is None


BAD_KEYS = [
    "",
    "/a",
    "a/",
    "a//b",
    "../a",
    "a/../b",
    "a/./b",
    ".a",
    "a/.b",
    "a b",
    "ä",
    "a\n",
    "a\0b",
    "a\\b",
    "a:b",
    "x" * 256,
    "a/" * 512 + "a",
]


def test_there_is_nothing_under_a_bad_key(storage: Storage) -> None:
    for key in BAD_KEYS:
        with pytest.raises(StorageError, match="cannot be a name") as caught:
            storage.put(upload(key, DIGITS))
        assert caught.value.hint
        with pytest.raises(StorageError, match="cannot be a name"):
            storage.delete([key])
        with pytest.raises(NotFound):
            storage.read(key)
        assert storage.head(key) is None


def test_many_files_are_put_at_once(storage: Storage) -> None:
    uploads = [upload(f"k/{number:02}.txt", b"x" * number) for number in range(40)]
    told: list[int] = []
    stored = list(put_all(storage, uploads, told.append))
    assert [each.key for each in uploads] == sorted(each.key for each in stored)
    assert list(range(40)) == [each.length for each in storage.list()]
    assert sum(range(40)) == sum(told)


def test_the_first_error_ends_a_bulk_of_puts(storage: Storage) -> None:
    uploads = [upload("k/bad.txt", b"x", md5="0" * 32), *(upload(f"k/{number:03}.txt", b"x") for number in range(400))]
    yielded: list[str] = []
    with pytest.raises(StorageError, match=re.escape("k/bad.txt")):
        yielded.extend(stored.key for stored in put_all(storage, uploads))
    assert sorted(yielded) == [each.key for each in storage.list()]
    assert len(yielded) < 200
