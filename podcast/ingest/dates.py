"""Dates as tags, sidecars and file names write them."""

from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

_YEARS: Final = range(1990, 2101)


def read_date(value: str, zone: tzinfo) -> datetime | None:
    """Return the instant of an ISO 8601 date or time; one that names no zone is in ``zone``. None where it is none.

    A year alone is none: the first of January would be made up.
    """
    try:
        return in_utc(datetime.fromisoformat(value.strip()), zone)
    except ValueError:
        return None


def in_utc(value: datetime | date, zone: tzinfo) -> datetime | None:
    """Return the instant of a date (its midnight) or time; None where no podcast can have been published then."""
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    if moment.year not in _YEARS:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
