"""How a project names its bucket, and which requests come of it."""

import re
from pathlib import Path

import pytest
from botocore.awsrequest import AWSRequest

from podcast.errors import ConfigError
from podcast.storage import open_storage
from podcast.storage.local import LocalStorage
from podcast.storage.memory import MemoryStorage
from podcast.storage.s3 import S3Settings, S3Storage

pytestmark = pytest.mark.thorough


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def address(**settings: object) -> tuple[str, str]:
    """Return where a HEAD of a.txt would go, and for which region it is signed."""
    storage = S3Storage(S3Settings(**{"bucket": "news", **settings}))  # type: ignore[arg-type]
    found: list[tuple[str, str]] = []

    def stop(request: AWSRequest, **_: object) -> None:
        signature = request.headers["Authorization"]
        found.append((request.url, re.findall(r"^AWS4-HMAC-SHA256 Credential=key/\d+/([\w-]+)/s3/aws4_request", signature)[0]))
        raise SystemExit

    storage._client.meta.events.register("before-send.s3", stop)
    with pytest.raises(SystemExit):
        storage.head("a.txt")
    return found[0]


@pytest.mark.parametrize(
    ("settings", "url", "region"),
    [
        ({"endpoint": "s3.example.net"}, "https://s3.example.net/news/a.txt", "us-east-1"),
        ({"endpoint": "localhost:9000"}, "https://localhost:9000/news/a.txt", "us-east-1"),
        ({"endpoint": "[::1]:9000"}, "https://[::1]:9000/news/a.txt", "us-east-1"),
        ({"endpoint": "http://127.0.0.1:9000/"}, "http://127.0.0.1:9000/news/a.txt", "us-east-1"),
        ({"endpoint": "https://s3.example.net", "region": "fsn1"}, "https://s3.example.net/news/a.txt", "fsn1"),
        ({"endpoint": "https://s3.example.net", "path_style": False}, "https://news.s3.example.net/a.txt", "us-east-1"),
        ({"endpoint": "https://x.r2.cloudflarestorage.com"}, "https://x.r2.cloudflarestorage.com/news/a.txt", "auto"),
        ({"endpoint": "https://x.r2.cloudflarestorage.com", "region": "weur"}, "https://x.r2.cloudflarestorage.com/news/a.txt", "weur"),
        ({}, "https://news.s3.amazonaws.com/a.txt", "us-east-1"),
        ({"region": "eu-central-1"}, "https://news.s3.eu-central-1.amazonaws.com/a.txt", "eu-central-1"),
        ({"path_style": True}, "https://s3.amazonaws.com/news/a.txt", "us-east-1"),
        ({"endpoint": "s3.eu-west-1.amazonaws.com", "region": "eu-west-1"}, "https://s3.eu-west-1.amazonaws.com/news/a.txt", "eu-west-1"),
        ({"endpoint": "s3.example.net", "prefix": "/audio/2026/"}, "https://s3.example.net/news/audio/2026/a.txt", "us-east-1"),
    ],
)  # fmt: skip
def test_the_address_comes_of_the_settings(settings: dict[str, object], url: str, region: str) -> None:
    assert (url, region) == address(**settings)


def test_the_region_of_aws_comes_from_the_environment_and_no_other_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert address() == ("https://news.s3.eu-north-1.amazonaws.com/a.txt", "eu-north-1")
    assert address(endpoint="s3.example.net") == ("https://s3.example.net/news/a.txt", "us-east-1")


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_an_endpoint_in_the_environment_is_treated_as_one_in_the_settings(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "https://x.r2.cloudflarestorage.com")
    assert address() == ("https://x.r2.cloudflarestorage.com/news/a.txt", "auto")
    assert address(endpoint="s3.example.net") == ("https://s3.example.net/news/a.txt", "us-east-1")
    monkeypatch.setenv(name, "https://key:hunter2@x.r2.cloudflarestorage.com")
    with pytest.raises(ConfigError, match="user name or a password"):
        address()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"endpoint": "https://key:hunter2@s3.example.net"}, "user name or a password"),
        ({"endpoint": "key:hunter2@s3.example.net"}, "user name or a password"),
        ({"endpoint": "hunter2@s3.example.net/news"}, "user name or a password"),
        ({"endpoint": "https://s3.example.net/news"}, "host alone"),
        ({"endpoint": "https://news.s3.example.net"}, "host alone"),
        ({"endpoint": "https://s3.example.net?x=1"}, "host alone"),
        ({"endpoint": "ftp://s3.example.net"}, "no address"),
        ({"endpoint": "https://"}, "no address"),
        ({"endpoint": "https://host:port"}, "no address"),
        ({"endpoint": "https://[::1"}, "no address"),
        ({"endpoint": "two words"}, "no address"),
        ({"endpoint": "https://host:99999"}, "no address"),
        ({"bucket": ""}, "names no bucket"),
        ({"bucket": "two words"}, "names no bucket"),
        ({"bucket": "a/b"}, "names no bucket"),
        ({"bucket": "key:hunter2@news"}, "names no bucket"),
        ({"prefix": "../other"}, "no prefix"),
        ({"prefix": "a//b"}, "no prefix"),
        ({"prefix": "ä"}, "no prefix"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told_at_once(settings: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        S3Storage(S3Settings(**{"bucket": "news", **settings}))  # type: ignore[arg-type]
    assert caught.value.exit_code == 2
    assert caught.value.hint
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_open_storage_reads_the_url(tmp_path: Path) -> None:
    assert isinstance(open_storage("memory:", root=tmp_path), MemoryStorage)
    folder = open_storage("public/files", root=tmp_path)
    assert isinstance(folder, LocalStorage)
    assert folder.root == tmp_path / "public" / "files"
    elsewhere = open_storage(str(tmp_path / "x"), root=Path("/nowhere"))
    assert isinstance(elsewhere, LocalStorage)
    assert elsewhere.root == tmp_path / "x"


def test_open_storage_hands_the_settings_on(tmp_path: Path) -> None:
    bucket = open_storage("s3://news/audio/", root=tmp_path, endpoint="s3.example.net", region="fsn1", path_style=False, acl="public-read")
    assert isinstance(bucket, S3Storage)
    expected = S3Settings(
        bucket="news", prefix="audio", endpoint="https://s3.example.net", region="fsn1", path_style=False, acl="public-read"
    )
    assert expected == bucket._settings
    assert isinstance(open_storage("s3://news", root=tmp_path), S3Storage)


@pytest.mark.parametrize("url", ["https://news.s3.amazonaws.com", "gs://news", "file:///srv/files", "s3://", "s3:///prefix"])
def test_open_storage_refuses_what_it_does_not_know(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        open_storage(url, root=tmp_path)
    assert "s3://BUCKET" in caught.value.hint
