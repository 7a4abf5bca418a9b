"""Fixtures that every room's tests may use."""

from datetime import UTC, datetime

import pytest

pytest_plugins = ["tests.servers", "tests.databases"]


@pytest.fixture
def now() -> datetime:
    """Return a fixed instant, since no room reads the clock."""
    return datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
