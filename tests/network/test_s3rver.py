"""A real store that takes the framing of botocore's own checksums for a part of the file, and answers 200 (npm's s3rver, over TLS)."""

from dataclasses import replace
from typing import BinaryIO

import boto3
import pytest

from podcast.site import media_key
from podcast.storage import Upload
from podcast.storage.s3 import S3Storage
from tests.servers import S3Server

from .conftest import Line

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("s3rver_tls")]


@pytest.fixture
def straight(line: Line) -> Line:
    """Return the line without the proxy, which speaks plain HTTP: only over TLS does botocore frame what it sends."""
    return replace(line, press=replace(line.press, storage=line.store))


@pytest.mark.parametrize("line", ["s3rver_tls"], indirect=True)
def test_what_boto3_uploads_by_itself_is_kept_otherwise(straight: Line, s3rver_tls: S3Server) -> None:
    client = boto3.client("s3", endpoint_url=s3rver_tls.endpoint, region_name="us-east-1")
    bucket = s3rver_tls.make_bucket()
    assert 200 == client.put_object(Bucket=bucket, Key="x", Body=b"sound")["ResponseMetadata"]["HTTPStatusCode"]
    assert b"5\r\nsound\r\n0\r\n" == client.get_object(Bucket=bucket, Key="x")["Body"].read()[:13]
    client.close()


@pytest.mark.parametrize("line", ["s3rver_tls"], indirect=True)
def test_what_is_published_arrives_byte_for_byte(straight: Line) -> None:
    straight.add("new")
    straight.converge("new")


def by_botocore(storage: S3Storage, upload: Upload, file: BinaryIO, *_: object) -> str:
    """Upload as botocore's own method does."""
    return storage._client.put_object(**storage._at(upload.key), Body=file)["ETag"]


@pytest.mark.parametrize("line", ["s3rver_tls"], indirect=True)
def test_with_the_checksums_of_botocore_it_is_noticed_and_the_feed_left_alone(straight: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = straight.press.storage
    assert isinstance(storage, S3Storage)
    episode, before = straight.add("new"), straight.heard()
    with monkeypatch.context() as patch:
        patch.setattr(storage._client.meta.config, "request_checksum_calculation", "when_supported")
        patch.setattr(S3Storage, "_send", by_botocore)
        error = straight.attempt("new")
    assert error
    assert "holds other bytes" in error.message
    assert before == straight.heard()
    assert straight.store.head(media_key(episode)) is None
    straight.converge("new")
