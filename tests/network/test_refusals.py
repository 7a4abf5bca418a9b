"""What a store refuses in the middle of a publish: the exit code, and a hint that says what to do."""

from dataclasses import replace
from datetime import timedelta

import botocore.auth
import pytest

from podcast.errors import StorageError
from podcast.storage.s3 import S3Storage
from tests.proxy import Exchange
from tests.storage.liar import refusal

from .conftest import LONG, MINISTACK, RCLONE, SERVERS, SWIFT_TLS, Line
from .faults import denied
from .test_faults import ALL, PARTS

RIGHTS = {
    "the recording": "s3:PutObject",
    "looking at the feed": "s3:GetObject",
    "the feed": "s3:PutObject",
    "reading the feed back": "s3:GetObject",
    "a page": "s3:PutObject",
    "a part": "s3:PutObject",
    "joining the parts": "s3:PutObject",
}


def told(line: Line, *slugs: str) -> StorageError:
    """Publish, and return what was told; the feed must be as it was."""
    before = line.heard()
    error = line.attempt(*slugs)
    assert error
    assert before == line.heard()
    return error


@pytest.mark.parametrize("line", [SWIFT_TLS, RCLONE], indirect=True)
def test_a_clock_that_is_wrong_is_told(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.add("new")
    before, right = line.heard(), botocore.auth.get_current_datetime
    with monkeypatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda *words, **more: right(*words, **more) + timedelta(hours=1))
        with pytest.raises(StorageError) as caught:
            line.publish("new")
    assert 1 == caught.value.exit_code
    assert "clock" in caught.value.message
    assert "NTP" in caught.value.hint
    assert before == line.heard()
    line.converge("new")


@pytest.mark.parametrize("line", SERVERS, indirect=True)
def test_a_bucket_that_is_not_there_is_told_before_anything_happens(line: Line) -> None:
    line.add("new")
    storage = line.press.storage
    assert isinstance(storage, S3Storage)
    elsewhere = replace(line, press=replace(line.press, storage=S3Storage(replace(storage._settings, bucket="no-such-bucket"))))
    error = told(elsewhere, "new")
    assert 1 == error.exit_code
    assert "has no bucket no-such-bucket" in error.message
    assert "storage.url" in error.hint
    line.converge("new")


@pytest.mark.parametrize("kind", RIGHTS)
@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_the_right_that_is_missing_is_named(line: Line, kind: str) -> None:
    line.add("new-1", length=LONG if kind in PARTS else 2000)
    line.proxy.disturb(denied, *ALL[kind])
    error = line.attempt("new-1")
    assert error
    assert 1 == error.exit_code
    assert f"the right {RIGHTS[kind]} on the bucket" in error.hint
    line.converge("new-1")


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_a_key_that_is_withdrawn_in_the_middle_is_told(line: Line) -> None:
    def expired(exchange: Exchange) -> None:
        exchange.read()
        exchange.answer(refusal(400, "ExpiredToken"))

    line.add("new")
    line.proxy.disturb(expired, *ALL["the feed"])
    error = told(line, "new")
    assert 1 == error.exit_code
    assert "AWS_SESSION_TOKEN" in error.hint
    line.converge("new")
