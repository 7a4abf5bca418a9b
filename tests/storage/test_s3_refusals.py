"""What real servers refuse, told in one sentence with a hint, without a secret."""

import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace

import pytest

from podcast.errors import StorageError, StorageUnavailable
from podcast.storage import Storage
from podcast.storage.pool import put_all
from podcast.storage.s3 import S3Settings, S3Storage

from .conftest import MINISTACK, RCLONE, SWIFT_HTTP, SWIFT_TLS, content, upload

pytestmark = pytest.mark.usefixtures("no_pauses")

KEY = "majlis/feed.xml"
CANARY = "a-canary-in-place-of-the-secret"

CALLS: dict[str, Callable[[Storage], object]] = {
    "put": lambda storage: storage.put(upload(KEY, b"x")),
    "head": lambda storage: storage.head(KEY),
    "read": lambda storage: storage.read(KEY),
    "list": lambda storage: list(storage.list()),
    "delete": lambda storage: storage.delete([KEY]),
}


def refusals(settings: S3Settings) -> dict[str, StorageError]:
    """Return what each call raises."""
    storage = S3Storage(settings)
    return {name: refusal(storage, name) for name in CALLS}


def refusal(storage: Storage, name: str = "put") -> StorageError:
    with pytest.raises(StorageError) as caught:
        CALLS[name](storage)
    assert caught.value.hint
    assert caught.value.message.startswith("Cannot ")
    assert "\n" not in caught.value.message
    assert CANARY not in caught.value.message + caught.value.hint
    return caught.value


def test_a_missing_bucket_is_named(settings: S3Settings) -> None:
    for name, error in refusals(replace(settings, bucket="no-such-bucket")).items():
        assert "has no bucket no-such-bucket" in error.message, name
        assert "storage.url" in error.hint
        assert error.exit_code == 1


# Not Swift, which says of an unknown key what it says of a wrong secret.
@pytest.mark.parametrize("settings", [RCLONE, MINISTACK], indirect=True)
def test_an_unknown_access_key_is_told_from_a_wrong_secret(settings: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    for name, error in refusals(settings).items():
        assert "does not know the access key" in error.message, name
        assert "AWS_ACCESS_KEY_ID" in error.hint


# Not MiniStack, which accepts any secret.
@pytest.mark.parametrize("settings", [SWIFT_HTTP, SWIFT_TLS, RCLONE], indirect=True)
def test_a_wrong_secret_is_told(settings: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARY)
    for name, error in refusals(settings).items():
        assert "does not accept the signature" in error.message, name
        assert "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in error.hint


@pytest.mark.parametrize("settings", [SWIFT_HTTP, SWIFT_TLS], indirect=True)
def test_an_unknown_access_key_is_told(settings: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    for name, error in refusals(settings).items():
        assert "AWS_ACCESS_KEY_ID" in error.hint, name


@pytest.mark.parametrize("settings", [SWIFT_HTTP], indirect=True)
def test_missing_credentials_are_told(settings: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    for error in refusals(settings).values():
        assert "no AWS credentials" in error.message
        assert "AWS_ACCESS_KEY_ID" in error.hint
        assert error.exit_code == 1


@pytest.mark.parametrize("settings", [SWIFT_HTTP], indirect=True)
def test_half_of_the_credentials_is_told_as_none(settings: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "no AWS credentials" in refusal(S3Storage(settings)).message


@pytest.mark.parametrize("settings", [SWIFT_HTTP], indirect=True)
def test_a_missing_profile_is_told(settings: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert "no AWS credentials" in refusal(S3Storage(settings)).message


@pytest.mark.parametrize("settings", [SWIFT_TLS, RCLONE], indirect=True)
def test_a_certificate_that_nobody_vouches_for_is_told(settings: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE")
    error = refusal(S3Storage(settings))
    assert "certificate" in error.message
    assert "AWS_CA_BUNDLE" in error.hint
    assert error.exit_code == 1


@pytest.mark.parametrize("settings", [SWIFT_TLS], indirect=True)
def test_an_authority_whose_file_is_missing_is_told(settings: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere/ca.pem")
    assert "AWS_CA_BUNDLE" in refusal(S3Storage(settings)).hint


def counted(method: Callable[..., object], calls: list[object]) -> Callable[..., object]:
    """Return a method that notes its first argument."""

    def call(*args: object, **named: object) -> object:
        calls.append(args[1])
        return method(*args, **named)

    return call


@pytest.mark.parametrize("settings", [RCLONE], indirect=True)
def test_the_authorities_are_read_once_for_all_connections(settings: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    read, connected = list[object](), list[object]()
    for method, calls in (("load_verify_locations", read), ("wrap_socket", connected)):
        monkeypatch.setattr(ssl.SSLContext, method, counted(getattr(ssl.SSLContext, method), calls))
    storage = S3Storage(settings)
    storage.head(KEY)
    assert 12 == len(list(put_all(storage, [upload(f"majlis/{number}.txt", b"x") for number in range(12)])))
    assert len(connected) > 3
    assert [os.environ["AWS_CA_BUNDLE"]] == read


@pytest.mark.parametrize("settings", [SWIFT_HTTP], indirect=True)
def test_an_endpoint_that_cannot_be_reached_is_temporary(settings: S3Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        for error in refusals(replace(settings, endpoint=f"http://127.0.0.1:{port}")).values():
            assert isinstance(error, StorageUnavailable)
            assert f"127.0.0.1:{port} cannot be reached" in error.message
            assert error.exit_code == 5


@pytest.mark.parametrize("settings", [SWIFT_HTTP], indirect=True)
def test_https_to_a_server_without_it_is_told(settings: S3Settings) -> None:
    assert settings.endpoint
    error = refusal(S3Storage(replace(settings, endpoint=settings.endpoint.replace("http:", "https:"))))
    assert "storage.endpoint" in error.hint


@pytest.mark.parametrize("settings", [SWIFT_TLS, RCLONE], indirect=True)
def test_http_to_a_server_with_tls_is_told(settings: S3Settings) -> None:
    assert settings.endpoint
    refusal(S3Storage(replace(settings, endpoint=settings.endpoint.replace("https:", "http:"))))


def test_a_refused_put_leaves_the_old_file(settings: S3Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = S3Storage(settings)
    honest.put(upload(KEY, b"old"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    refusal(S3Storage(settings))
    refusal(S3Storage(settings), "delete")
    assert content(honest, KEY) == b"old"
