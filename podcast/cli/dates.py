"""Dates as people write them."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from podcast.errors import UsageError


def parse_when(text: str, zone: tzinfo) -> datetime:
    """Read "2026-12-01 06:00", with or without an offset, as aware UTC; a date alone is its midnight.

    Wall time that the clock skips is refused, since nobody can mean it, and so is what comes twice, since nobody can know which.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{text!r} is no date and time.", hint='Write it like "2026-12-01 06:00", or with an offset: 2026-12-01T06:00+06:00.'
        ) from None
    try:
        moment, there_and_back = _in_zone(moment, zone)
        if there_and_back.replace(tzinfo=None) != moment.replace(tzinfo=None):
            raise UsageError(
                f"{text} does not exist in {zone}: the clock is set forward over it.", hint=f"Write {there_and_back:%Y-%m-%d %H:%M}."
            )
        later = moment.replace(fold=1)
        if later.utcoffset() != moment.utcoffset():
            raise UsageError(
                f"{text} comes twice in {zone}: the clock is set back over it.", hint=f"Write {moment.isoformat()} or {later.isoformat()}."
            )
        return moment.astimezone(UTC)
    except OverflowError:
        raise UsageError(f"{text} lies outside the years that a calendar here knows.", hint="Write a year between 1970 and 2999.") from None


def wall_time(text: str, zone: ZoneInfo) -> str:
    """Return a time that :func:`parse_when` took with its zone, as an episode keeps it; empty where it has an offset of its own."""
    moment = datetime.fromisoformat(text.strip())
    return "" if moment.tzinfo else f"{moment.isoformat()} {zone.key}"


def _in_zone(moment: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the moment with the zone where it names none, and what is left of its wall time on the way to UTC and back."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return aware, aware.astimezone(UTC).astimezone(aware.tzinfo)
