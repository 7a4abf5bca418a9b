"""Lists of episodes, newest first, by key instead of by offset: a page costs the same wherever it is."""

import base64
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Select, and_, literal, select, tuple_

from podcast.errors import UsageError
from podcast.model import Status

from .tables import NEWEST, Moment, episodes

#: Behind every text that begins with a prefix stands the prefix and this.
LAST: Final = "\U0010ffff"

#: Where a row stands in the list: its date (or far ahead), when it was made, its id.
Position = tuple[datetime, datetime, int]


def newest(where: list[ColumnElement[bool]], after: Position | None, limit: int) -> Select[Any]:
    """Return the query for the first rows, or for those that follow a position."""
    return select(episodes).where(*where, *behind(after)).order_by(*NEWEST).limit(limit)


def behind(position: Position | None) -> list[ColumnElement[bool]]:
    """Return the condition that a row follows a position; none where there is no position."""
    if position is None:
        return []
    ordered, created, row = position
    place = tuple_(episodes.c.ordered, episodes.c.created, episodes.c.id)
    return [place < tuple_(literal(ordered, Moment), literal(created, Moment), literal(row))]


def within(show: str | None, status: Status | None) -> list[ColumnElement[bool]]:
    """Return the conditions of a list."""
    where = [] if show is None else [episodes.c.show == show]
    return where if status is None else [*where, episodes.c.status == status.value]


def at(show: str | BindParameter[str], slug: str | BindParameter[str]) -> ColumnElement[bool]:
    """Return the condition that finds one episode."""
    return and_(episodes.c.show == show, episodes.c.slug == slug)


def begins(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Return the condition that a text begins with a prefix, in a form that an index can serve."""
    return and_(column >= prefix, column < prefix + LAST)


def cursor(position: Position) -> str:
    """Write a position as a word that fits an address."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def position(cursor: str) -> Position:
    """Read a position that ``cursor`` wrote; UsageError for anything else."""
    try:
        place: Position = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=Position)
    except ValueError as error:
        raise UsageError("This is not a place in a list of episodes.", hint="Take it from the page before, as it is.") from error
    if any(moment.tzinfo is None for moment in place[:2]):
        raise UsageError("This is not a place in a list of episodes.", hint="Take it from the page before, as it is.")
    return place
