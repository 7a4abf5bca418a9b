"""Many short files in a bucket are proven by one listing, and by themselves wherever it does not prove them."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from podcast.errors import StorageError
from podcast.storage import StoredObject, Upload
from podcast.storage.pool import put_all
from podcast.storage.s3 import S3Settings, S3Storage
from podcast.storage.s3_wire import Wire

from .conftest import MEBIBYTE, MINISTACK, RCLONE, SWIFT_TLS, upload, with_warm_client

Asked = Counter[str]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Count the requests that store a file or ask for one."""
    found, ask = Asked(), Wire.ask

    def counted(self: Wire, operation: str, *args: Any) -> object:
        found[operation] += 1
        return ask(self, operation, *args)

    monkeypatch.setattr(Wire, "ask", counted)
    return found


@pytest.fixture
def bucket(settings: S3Settings) -> S3Storage:
    """Return a bucket in which other files stand before, among and behind those that come."""
    storage = with_warm_client(S3Storage(settings))
    for key in ("a/first.txt", "majlis/20/other.txt", "z/last.txt"):
        storage.put(upload(key, b"another"))
    return storage


def short(count: int = 40) -> list[Upload]:
    return [upload(f"majlis/{number:02}/index.html", b"<p>%d" % number) for number in range(count)]


@pytest.mark.parametrize("settings", [SWIFT_TLS, RCLONE, MINISTACK], indirect=True)
def test_one_listing_proves_many_short_files(bucket: S3Storage, asked: Asked, tmp_path: Path) -> None:
    asked.clear()
    (tmp_path / "long").write_bytes(bytes(MEBIBYTE))
    uploads = [*short(), upload("majlis/media/long.mp3", tmp_path / "long")]
    stored = {one.key: (one.length, one.etag) for one in put_all(bucket, uploads)}
    assert {one.key: (one.length, one.md5) for one in uploads} == stored
    # The long one is asked for as soon as it is there.
    assert {"PutObject": 41, "HeadObject": 1} == asked


@pytest.mark.parametrize("settings", [RCLONE], indirect=True)
def test_each_of_few_is_asked_for(bucket: S3Storage, asked: Asked) -> None:
    asked.clear()
    assert 31 == len(list(put_all(bucket, short(31))))
    assert {"PutObject": 31, "HeadObject": 31} == asked


def refused(*_: object, **__: object) -> Iterator[StoredObject]:
    raise StorageError("The key does not allow it.", hint="")


def outdated(*_: object, **__: object) -> Iterator[StoredObject]:
    for one in short():
        yield StoredObject(key=one.key, length=one.length, etag="0" * 32, type="", modified=datetime.now(UTC))


def cut_short(*_: object, **__: object) -> Iterator[StoredObject]:
    for one in short():
        yield StoredObject(key=one.key, length=one.length - 1, etag=one.md5, type="", modified=datetime.now(UTC))


@pytest.mark.parametrize("settings", [RCLONE], indirect=True)
@pytest.mark.parametrize("listing", [refused, outdated, cut_short, lambda *_, **__: iter(())])
def test_what_a_listing_does_not_prove_is_asked_for(
    bucket: S3Storage, asked: Asked, listing: Callable[..., Iterator[StoredObject]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.clear()
    monkeypatch.setattr(S3Storage, "list", listing)
    uploads = short()
    assert [(one.key, one.md5) for one in uploads] == sorted((one.key, one.etag) for one in put_all(bucket, uploads))
    assert {"PutObject": 40, "HeadObject": 40} == asked


@pytest.mark.parametrize("settings", [RCLONE], indirect=True)
def test_a_listing_that_is_too_long_is_not_read_to_its_end(bucket: S3Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[str]()

    def endless(*_: object, **__: object) -> Iterator[StoredObject]:
        while True:
            read.append("")
            yield StoredObject(key="majlis/00/a", length=1, etag="", type="", modified=datetime.now(UTC))

    monkeypatch.setattr(S3Storage, "list", endless)
    assert 40 == len(list(put_all(bucket, short())))
    assert 40 * 32 == len(read)


@pytest.mark.parametrize("settings", [SWIFT_TLS, MINISTACK], indirect=True)
def test_a_file_that_the_store_keeps_otherwise_is_an_error_and_the_others_are_not(
    bucket: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Wire.ask

    def lying(self: Wire, operation: str, name: str, *args: Any) -> object:
        answer = ask(self, operation, name, *args)
        if operation == "PutObject" and "/07/" in name:
            bucket._client.put_object(Bucket=bucket.settings.bucket, Key=name, Body=b"other")
        return answer

    monkeypatch.setattr(Wire, "ask", lying)
    yielded = list[str]()
    with pytest.raises(StorageError, match=r"majlis/07/index.html, but holds other bytes"):
        yielded.extend(one.key for one in put_all(bucket, short()))
    assert {one.key for one in short() if "/07/" not in one.key} == set(yielded)
