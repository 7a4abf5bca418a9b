"""The storages that the contract is held against, each empty at the start of a test."""

import hashlib
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from podcast.site import cache_control, content_type
from podcast.storage import Storage, Upload
from podcast.storage.local import LocalStorage
from podcast.storage.memory import MemoryStorage
from podcast.storage.s3 import S3Settings, S3Storage
from tests.servers import S3Server

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MEBIBYTE = 1 << 20
SWIFT_HTTP, SWIFT_TLS, RCLONE, MINISTACK = SERVERS = [
    pytest.param(name, marks=[pytest.mark.server, pytest.mark.xdist_group(name)])
    for name in ("swift_http", "swift_tls", "rclone_tls", "ministack")
]


def upload(key: str, body: bytes | Path, **changes: object) -> Upload:
    """Describe a body truthfully, but for the changes."""
    content = body if isinstance(body, bytes) else body.read_bytes()
    facts: dict[str, object] = {
        "key": key,
        "body": body,
        "length": len(content),
        "md5": hashlib.md5(content).hexdigest(),
        "type": content_type(key),
        "cache_control": cache_control(key),
    }
    return Upload(**facts | changes)  # type: ignore[arg-type]


def content(storage: Storage, key: str) -> bytes:
    return b"".join(storage.read(key))


@pytest.fixture(scope="session")
def buckets() -> dict[S3Server, str]:
    """Return the bucket of each server; all tests share it, each under a prefix of its own."""
    return {}


def place_on(name: str, request: pytest.FixtureRequest) -> S3Settings:
    """Start the server of that name (once), put its keys into the environment, and return an empty place in its bucket."""
    server: S3Server = request.getfixturevalue(name)
    buckets: dict[S3Server, str] = request.getfixturevalue("buckets")
    for variable, value in server.environment.items():
        request.getfixturevalue("monkeypatch").setenv(variable, value)
    if server not in buckets:
        buckets[server] = server.make_bucket()
    return S3Settings(bucket=buckets[server], prefix=f"test-{secrets.token_hex(4)}", endpoint=server.endpoint)


@pytest.fixture(params=SERVERS)
def settings(request: pytest.FixtureRequest) -> S3Settings:
    """Return an empty place on each server."""
    return place_on(request.param, request)


@pytest.fixture(params=["memory", "local", *SERVERS])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Return each kind of storage, empty."""
    if request.param == "memory":
        return MemoryStorage()
    if request.param == "local":
        return LocalStorage(tmp_path / "files")
    return with_warm_client(S3Storage(place_on(request.param, request)))


_clients: dict[str | None, "S3Client"] = {}


def with_warm_client(storage: S3Storage) -> S3Storage:
    """Give the storage the client that an earlier one made for the same server: making one takes longer than most tests."""
    storage._opened = _clients.get(storage._settings.endpoint)
    _clients[storage._settings.endpoint] = storage._client
    return storage
