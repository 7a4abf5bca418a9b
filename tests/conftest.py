"""Fixtures that every room's tests may use."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

pytest_plugins = ["tests.servers", "tests.databases", "tests.browsers"]


@pytest.fixture(scope="session", autouse=True)
def no_look_outside() -> Iterator[None]:
    """Keep publishes from asking public addresses: those of the tests are nobody's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PODCAST_PUBLISH_LOOK", "false")
        yield


@pytest.fixture
def now() -> datetime:
    """Return a fixed instant, since no room reads the clock."""
    return datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let botocore ask again at once: its pauses between attempts would only slow a test down."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
