"""Long files go to a bucket in parts, and go on where an earlier attempt stopped."""

import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from podcast.errors import StorageError
from podcast.storage import Overtaken, Upload
from podcast.storage.s3 import S3Settings, S3Storage

from .conftest import MEBIBYTE, MINISTACK, RCLONE, SWIFT_TLS, content, upload

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

KEY = "majlis/media/long.mp3"
#: The least that S3 takes as a part which is not the last.
PART = 5 * MEBIBYTE


@pytest.fixture
def long(tmp_path: Path) -> Upload:
    """Describe a staged file of two parts."""
    path = tmp_path / "staged"
    path.write_bytes(os.urandom(PART + MEBIBYTE))
    return upload(KEY, path)


def open_in_parts(settings: S3Settings) -> S3Storage:
    return S3Storage(settings, multipart_threshold=PART, part_size=PART)


def parts_sent(storage: S3Storage) -> list[int]:
    """Return a list that fills with the numbers of the parts that the storage sends."""
    sent: list[int] = []

    def record(params: dict[str, Any], **_: object) -> None:
        sent.append(params["PartNumber"])

    client_of(storage).meta.events.register("provide-client-params.s3.UploadPart", record)
    return sent


def client_of(storage: S3Storage) -> "S3Client":
    return storage._client


def bytes_of(described: Upload) -> bytes:
    assert isinstance(described.body, Path)
    return described.body.read_bytes()


def where_in(settings: S3Settings) -> dict[str, Any]:
    return {"Bucket": settings.bucket, "Key": f"{settings.prefix}/{KEY}"}


def unfinished(storage: S3Storage, settings: S3Settings) -> list[str]:
    client = client_of(storage)
    try:
        answer = client.list_multipart_uploads(Bucket=settings.bucket, Prefix=f"{settings.prefix}/{KEY}")
    except client.exceptions.NoSuchUpload:  # So does rclone say that there is none.
        return []
    return [each["UploadId"] for each in answer.get("Uploads", [])]


def test_a_long_file_goes_in_parts(settings: S3Settings, long: Upload) -> None:
    storage = open_in_parts(settings)
    sent, told = parts_sent(storage), list[int]()
    stored = storage.put(long, told.append)
    assert [1, 2] == sent
    assert long.length == sum(told) == stored.length
    assert long.type == stored.type
    assert bytes_of(long) == content(storage, KEY)


def test_an_interrupted_file_goes_on_in_another_process(settings: S3Settings, long: Upload) -> None:
    first = open_in_parts(settings)
    told: list[int] = []

    def interrupt(count: int) -> None:
        told.append(count)
        if sum(told) > PART + MEBIBYTE // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first.put(long, interrupt)
    assert first.head(KEY) is None

    second = open_in_parts(settings)
    sent, told = parts_sent(second), []
    second.put(long, told.append)
    assert [2] == sent
    assert long.length == sum(told)
    assert bytes_of(long) == content(second, KEY)
    assert [] == unfinished(second, settings)


def test_an_upload_with_parts_of_another_file_is_given_up(settings: S3Settings, long: Upload) -> None:
    storage = open_in_parts(settings)
    client, where = client_of(storage), where_in(settings)
    begun = client.create_multipart_upload(**where)["UploadId"]
    body = bytes_of(long)
    client.upload_part(**where, UploadId=begun, PartNumber=1, Body=os.urandom(PART))
    client.upload_part(**where, UploadId=begun, PartNumber=2, Body=body[PART:])
    sent = parts_sent(storage)
    storage.put(long)
    assert sent == [1, 2]
    assert body == content(storage, KEY)
    assert unfinished(storage, settings) == []


def test_an_upload_that_vanished_begins_anew(settings: S3Settings, long: Upload) -> None:
    storage = open_in_parts(settings)
    client, where = client_of(storage), where_in(settings)
    begun = client.create_multipart_upload(**where)["UploadId"]
    aborted: list[int] = []

    def abort(**_: object) -> None:
        if not aborted:
            aborted.append(client.abort_multipart_upload(**where, UploadId=begun)["ResponseMetadata"]["HTTPStatusCode"])

    client.meta.events.register("before-call.s3.ListParts", abort)
    sent = parts_sent(storage)
    storage.put(long)
    assert [204] == aborted
    assert [1, 2] == sent
    assert bytes_of(long) == content(storage, KEY)


def test_a_long_file_of_other_bytes_is_refused_before_it_is_sent(settings: S3Settings, long: Upload) -> None:
    storage = open_in_parts(settings)
    old = storage.put(upload(KEY, b"the old bytes"))
    assert isinstance(long.body, Path)
    lie = upload(KEY, long.body, md5=hashlib.md5(b"others").hexdigest())
    sent = parts_sent(storage)
    with pytest.raises(StorageError, match="not those that were announced"):
        storage.put(lie)
    assert [] == sent
    assert [] == unfinished(storage, settings)
    assert old == storage.head(KEY)


@pytest.mark.parametrize("settings", [MINISTACK], indirect=True)
def test_parts_are_joined_only_over_what_they_may_replace(settings: S3Settings, long: Upload) -> None:
    storage = open_in_parts(settings)
    foreign = storage.put(upload(KEY, b"somebody else's"))
    for onto in ("", "0" * 32):
        with pytest.raises(Overtaken):
            storage.put(replace(long, onto=onto))
        assert foreign == storage.head(KEY)
    sent = parts_sent(storage)
    ours = storage.put(replace(long, onto=foreign.etag))
    assert [] == sent
    assert bytes_of(long) == content(storage, KEY)
    assert ours.etag == storage.put(replace(long, onto="0" * 32)).etag, "an answer that was lost"
    storage.delete([KEY])
    with pytest.raises(Overtaken):
        storage.put(replace(long, onto=ours.etag))
    assert storage.head(KEY) is None


@pytest.mark.parametrize("settings", [SWIFT_TLS, RCLONE], indirect=True)
def test_parts_are_joined_where_conditions_are_not_known(settings: S3Settings, long: Upload) -> None:
    storage = open_in_parts(settings)
    first = storage.put(upload(KEY, b"first"))
    storage.put(replace(long, onto=first.etag))
    assert bytes_of(long) == content(storage, KEY)


@pytest.mark.parametrize("settings", [RCLONE], indirect=True)
def test_up_to_64_mebibytes_go_whole_and_parts_have_16(settings: S3Settings, tmp_path: Path) -> None:
    path = tmp_path / "staged"
    path.write_bytes(bytes(64 * MEBIBYTE))
    storage = S3Storage(settings)
    sent = parts_sent(storage)
    storage.put(upload(KEY, path))
    assert [] == sent
    with path.open("ab") as file:
        file.write(b"1")
    storage.put(upload(KEY, path))
    assert [1, 2, 3, 4, 5] == sent


@pytest.mark.parametrize("settings", [MINISTACK], indirect=True)
def test_only_our_own_old_uploads_are_ended(settings: S3Settings) -> None:
    """Without a prefix the bucket may hold the uploads of anybody."""
    storage = S3Storage(replace(settings, prefix=""))
    keys = [f"{settings.prefix}/{name}" for name in ("ours.mp3", "theirs.bin")]
    for key in keys:
        client_of(storage).create_multipart_upload(Bucket=settings.bucket, Key=key)

    def left() -> list[str]:
        answer = client_of(storage).list_multipart_uploads(Bucket=settings.bucket, Prefix=settings.prefix)
        return sorted(upload["Key"] for upload in answer.get("Uploads", []))

    now = datetime.now(UTC)
    assert 0 == storage.abandon(now - timedelta(hours=1), keys[0].__eq__)
    assert keys == left()
    assert 1 == storage.abandon(now + timedelta(hours=1), keys[0].__eq__)
    assert keys[1:] == left()
