"""Shows and episodes to rows and back.

What is queried has a column of its own; all the other fields travel as one JSON object, ``more``. A field that the
model gains later reads as its default from older rows.
"""

from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import Row

from podcast.errors import CatalogueError, UsageError
from podcast.model import Episode, Show

from . import tables

# Plain strings, which SQLAlchemy's names are not and msgspec insists on.
_EPISODE: Final = tuple("".join(column.name) for column in tables.episodes.columns)
_SHOW: Final = tuple("".join(column.name) for column in tables.shows.columns)
_T = TypeVar("_T", Show, Episode)


def show_values(show: Show) -> dict[str, Any]:
    """Return the columns of a show that come from its fields; UsageError for what no database can hold."""
    return _values(show, _SHOW)


def episode_values(episode: Episode) -> dict[str, Any]:
    """Return the columns of an episode that come from its fields; UsageError for what no database can hold."""
    return _values(episode, _EPISODE) | {"audio_sha256": episode.audio.sha256}


def read_show(row: Row[Any]) -> Show:
    """Return the show of a row that holds the whole table's columns."""
    return _read(dict(zip(_SHOW, row, strict=True)), Show)


def read_episode(row: Row[Any]) -> Episode:
    """Return the episode of a row that holds the whole table's columns."""
    return _read(dict(zip(_EPISODE, row, strict=True)), Episode)


def _values(value: Show | Episode, columns: tuple[str, ...]) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = msgspec.to_builtins(value, builtin_types=(datetime,))
        more = {field: fields.pop(field) for field in [*fields] if field not in columns}
        values = fields | {"more": msgspec.json.encode(more).decode()}
        _refuse(value, values)
    except (ValueError, TypeError) as error:
        raise UsageError(f"The {type(value).__name__.lower()} {value.slug!r} cannot be stored: {error}.") from error
    return values


def _refuse(value: Show | Episode, values: dict[str, Any]) -> None:
    """Raise ValueError for what would not come back as it is, on either database."""
    for name, field in values.items():
        if isinstance(field, str) and "\0" in field:
            raise ValueError(f"its {name} holds a NUL character")
        if isinstance(field, str):
            field.encode()
        if isinstance(field, datetime) and field.tzinfo is None:
            raise ValueError(f"its time {name} names no time zone")
    if msgspec.convert(values | msgspec.json.decode(values["more"]), type(value)) != value:
        raise ValueError("it holds a number that is none, or a value of another type")


def _read(fields: dict[str, Any], kind: type[_T]) -> _T:
    try:
        return msgspec.convert(fields | msgspec.json.decode(fields["more"]), kind)
    except (ValueError, TypeError) as error:
        raise CatalogueError(
            f"The catalogue's row of the {kind.__name__.lower()} {fields['slug']} is damaged: {error}.",
            hint="Restore a backup; what is published stays as it is.",
        ) from error
