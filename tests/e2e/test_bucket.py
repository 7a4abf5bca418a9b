"""The same publish to a real bucket over TLS, with the catalogue in a real PostgreSQL."""

import gzip
import hashlib
import os
import subprocess
import sys
from dataclasses import replace
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
    zipped = replace(bucket_project, environment={**bucket_project.environment, "PODCAST_FEED_GZIP": "true"})
    zipped.podcast("publish", "--yes")
    head = storage.head("majlis/feed.xml")
    assert head
    assert ("gzip", "application/rss+xml; charset=utf-8") == (head.encoding, head.type)
    assert feed == gzip.decompress(b"".join(storage.read("majlis/feed.xml"))).decode()
    assert "No difference" in zipped.podcast("diff")
    assert "0 faults" in zipped.podcast("verify", "--read-data")
    assert not (bucket_project.root / ".podcast" / "catalogue.db").exists()


def run_refused(project: Project, **environment: str) -> str:
    """Publish with something wrong; return the message, which must be an error with a hint."""
    ran = subprocess.run(
        [sys.executable, "-m", "podcast", "publish", "--yes", "welcome"],
        cwd=project.root,
        env={**project.environment, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = ran.stderr.strip().splitlines()
    assert (1, "Error: ", "Hint: ") == (ran.returncode, lines[0][:7], lines[1][:6]), ran.stderr
    assert 2 == len(lines)
    return ran.stderr


@pytest.mark.server
@pytest.mark.xdist_group("swift_tls")
def test_what_is_wrong_with_a_bucket_is_told_and_the_draft_stays(bucket_project: Project, swift_tls: S3Server) -> None:
    bucket_project.podcast("add", "episodes")
    wrong = "wrong-secret-that-nobody-may-see"
    assert "no-such-bucket" in run_refused(bucket_project, PODCAST_STORAGE_URL="s3://no-such-bucket")
    assert wrong not in run_refused(bucket_project, AWS_SECRET_ACCESS_KEY=wrong)
    run_refused(bucket_project, AWS_ACCESS_KEY_ID="test:nobody")
    assert ["draft"] * 3 == [one["status"] for one in bucket_project.json("list")["episodes"]]
    bucket_project.podcast("publish", "--yes", "welcome")
