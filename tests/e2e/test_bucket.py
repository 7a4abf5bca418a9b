"""The same publish to a real bucket over TLS, with the catalogue in a real PostgreSQL."""

import hashlib
import os
from pathlib import Path

import pytest

from podcast.storage.s3 import S3Settings, S3Storage
from tests.servers import S3Server

from .conftest import Project, make_project


@pytest.fixture
def bucket_project(tmp_path: Path, swift_tls: S3Server, postgres_database: str) -> Project:
    bucket = swift_tls.make_bucket()
    return make_project(
        tmp_path, "https://podcasts.radio.example/", "--storage", f"s3://{bucket}/pod", "--endpoint", swift_tls.endpoint,
        PODCAST_CATALOGUE_URL=postgres_database, **swift_tls.environment,
    )  # fmt: skip


@pytest.mark.server
@pytest.mark.xdist_group("swift_tls")
def test_published_to_swift_over_tls_from_postgresql(bucket_project: Project, swift_tls: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket_project.publish_all()
    for name, value in swift_tls.environment.items():
        monkeypatch.setenv(name, value)
    url = bucket_project.podcast("config", "storage.url").strip()
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    storage = S3Storage(S3Settings(bucket=bucket, prefix=prefix, endpoint=os.fspath(swift_tls.endpoint)))
    keys = {stored.key: stored for stored in storage.list()}
    feed = b"".join(storage.read("majlis/feed.xml")).decode()
    episodes = bucket_project.json("list", "--published")["episodes"]
    assert 3 == len(episodes) == feed.count("<item>")
    for episode in episodes:
        key = episode["enclosure"]["url"].removeprefix(bucket_project.base)
        assert episode["enclosure"]["url"] in feed
        assert episode["audio"]["length"] == keys[key].length
        assert episode["audio"]["sha256"] == hashlib.sha256(b"".join(storage.read(key))).hexdigest()
    head = storage.head("majlis/feed.xml")
    assert head
    assert "application/rss+xml; charset=utf-8" == head.type
    assert "Nothing to publish" in bucket_project.podcast("publish", "--yes")
    assert not (bucket_project.root / ".podcast" / "catalogue.db").exists()
