"""What a store refuses in the middle of a publish: the exit code, and a hint that says what to do."""

from dataclasses import replace
from datetime import timedelta

import botocore.auth
import pytest

from podcast.errors import StorageError
from podcast.storage.s3 import S3Storage
from tests.proxy import Exchange
from tests.storage.liar import refusal

from .conftest import MINISTACK, SERVERS, Line
from .faults import denied
from .test_faults import ALL, disturbed

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


def with_storage(line: Line, bucket: str = "") -> Line:
    """Return the line with a storage of its own, opened with the environment as it now is."""
    storage = line.press.storage
    assert isinstance(storage, S3Storage)
    return replace(line, press=replace(line.press, storage=S3Storage(replace(storage.settings, bucket=bucket or storage.settings.bucket))))


@pytest.mark.parametrize("line", SERVERS, indirect=True)
def test_no_bucket_wrong_keys_and_a_wrong_clock_are_told_as_what_they_are(
    line: Line, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.add("new")
    lenient = "ministack" in request.node.name  # It looks at the key alone.
    error = told(with_storage(line, bucket="no-such-bucket"), "new")
    assert (1, True) == (error.exit_code, "has no bucket no-such-bucket" in error.message)
    assert "storage.url" in error.hint
    for variable in ["AWS_ACCESS_KEY_ID"] + ["AWS_SECRET_ACCESS_KEY"] * (not lenient):
        with monkeypatch.context() as patch:
            patch.setenv(variable, "wrong-and-secret")
            error = told(with_storage(line), "new")
        assert (1, True) == (error.exit_code, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in error.hint), error.message
        assert "wrong-and-secret" not in error.message + error.hint
    right = botocore.auth.get_current_datetime
    with monkeypatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda *words, **more: right(*words, **more) + timedelta(hours=1))
        if lenient:
            line.proxy.disturb(skewed, "HEAD", r"/feed\.xml$")
            line.proxy.disturb(skewed, "GET", r"/feed\.xml$")
        error = line_error(line, "new")
    line.proxy.calm()
    assert (1, True) == (error.exit_code, "clock" in error.message)
    assert "NTP" in error.hint
    line.converge("new")


def line_error(line: Line, *slugs: str) -> StorageError:
    with pytest.raises(StorageError) as caught:
        line.publish(*slugs)
    return caught.value


def skewed(exchange: Exchange) -> None:
    exchange.read()
    exchange.answer(refusal(403, "RequestTimeTooSkewed"))


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_the_right_that_is_missing_is_named(line: Line) -> None:
    for _, kind, error in disturbed(line, [(denied, RIGHTS)]):
        assert error, kind
        assert 1 == error.exit_code, kind
        assert f"the right {RIGHTS[kind]} on the bucket" in error.hint, kind


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
