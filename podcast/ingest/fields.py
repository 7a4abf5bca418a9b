"""Fields in strict TOML, as a producer writes them: of an episode and of a show; what is wrong is named with its line."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NoReturn, TypeVar

import msgspec

from podcast.config import convert, find_line, parse_toml
from podcast.elements import (
    Alternate,
    Block,
    Chat,
    ContentLink,
    Funding,
    Image,
    License,
    LiveItem,
    Location,
    Person,
    RemoteItem,
    Social,
    Soundbite,
    Trailer,
    Txt,
    UpdateFrequency,
    Value,
)
from podcast.errors import ConfigError, MediaError, UsageError
from podcast.formats import shapes, text
from podcast.model import EpisodeType, ShowType

from .files import read_small

_LIMIT: Final = 1 << 20
K = TypeVar("K", bound="SharedFields")

_Positive = Annotated[int, msgspec.Meta(ge=1)]


class SharedFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys that shows and episodes have in common.

    None: the file does not say. An empty list, or an empty text in the place of a table, takes away what was.
    """

    title: str | None = None
    short_title: str | None = None
    link: str | None = None
    language: str | None = None
    explicit: bool | None = None
    #: A picture in the folder of the file.
    cover: str | None = None
    persons: tuple[Person, ...] | None = None
    funding: tuple[Funding, ...] | None = None
    license: License | Literal[""] | None = None
    locations: tuple[Location, ...] | None = None
    images: tuple[Image, ...] | None = None
    value: tuple[Value, ...] | None = None
    txt: tuple[Txt, ...] | None = None
    social: tuple[Social, ...] | None = None
    chat: Chat | Literal[""] | None = None
    block: bool | None = None


class EpisodeFields(SharedFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of ``talk.toml``."""

    slug: str | None = None
    #: A date or time of TOML, or a text in ISO 8601.
    date: Any = None
    season: _Positive | None = None
    season_name: str | None = None
    number: _Positive | None = None
    number_display: str | None = None
    type: EpisodeType | None = None
    notes: str | None = None
    chapters: str | None = None
    transcripts: list[str] = []
    soundbites: tuple[Soundbite, ...] | None = None
    alternates: tuple[Alternate, ...] | None = None
    content_links: tuple[ContentLink, ...] | None = None


class ShowFields(SharedFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of ``show.toml``."""

    description: str | None = None
    author: str | None = None
    email: str | None = None
    categories: list[str] | None = None
    copyright: str | None = None
    type: ShowType | None = None
    locked: bool | None = None
    medium: str | None = None
    trailers: tuple[Trailer, ...] | None = None
    update_frequency: UpdateFrequency | Literal[""] | None = None
    podroll: tuple[RemoteItem, ...] | None = None
    publisher: RemoteItem | Literal[""] | None = None
    remote_items: tuple[RemoteItem, ...] | None = None
    live: tuple[LiveItem, ...] | None = None
    podping: bool | None = None
    complete: bool | None = None
    blocks: tuple[Block, ...] | None = None
    new_feed_url: str | None = None
    twins: list[str] | None = None
    formats: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where fields stand: the file's name and folder, and its TOML with the file's own line numbers."""

    name: str = ""
    toml: str = ""
    folder: Path = Path()

    def refuse(self, key: str | tuple[str | int, ...], what: str, hint: str) -> NoReturn:
        """Raise MediaError with the line where the key stands."""
        path = key if isinstance(key, tuple) else (key,)
        named = ".".join(map(str, path))
        raise MediaError(f"{self.name}, line {find_line(self.toml, path)}: `{named}`{what}", hint=hint)

    def elements(self, fields: SharedFields, parent: str, names: tuple[str, ...]) -> dict[str, Any]:
        """Return those of the named fields that were given, each value held against the table of elements."""
        found: dict[str, Any] = {}
        for name in names:
            given = getattr(fields, name)
            if given is not None:
                found[name] = self.each(name, given, lambda one: shapes.checked(parent, one)) if given != "" else None
        return found

    def texts(self, fields: SharedFields, parent: str, names: tuple[str, ...]) -> dict[str, str]:
        """Return those of the named texts that were given, held against the table of elements too."""
        given = {name: value for name in names if (value := getattr(fields, name)) is not None}
        return {name: self.each(name, value, partial(shapes.checked_text, parent, name)) for name, value in given.items()}

    def each(self, key: str, given: object, check: Callable[[Any], Any]) -> Any:  # noqa: ANN401
        """Return what a check returns of a value, or of each in a tuple; what it refuses is refused with the line."""
        if not isinstance(given, tuple):
            return self._line(key, check, given)
        return tuple(self._line((key, index), check, one) for index, one in enumerate(given))

    def _line(self, key: str | tuple[str | int, ...], check: Callable[[Any], Any], given: object) -> Any:  # noqa: ANN401
        try:
            return check(given)
        except UsageError as error:
            self.refuse(key, f": {error.message}", error.hint)

    def file(self, key: str, given: str | None) -> Path | None:
        """Return the path of a file that a key names, which stands in the folder."""
        if given is None:
            return None
        path = self.folder / given
        try:
            inside = path.resolve().is_relative_to(self.folder.resolve())
        except (OSError, ValueError):
            inside = False
        if not inside:
            self.refuse(key, f" names {given!r}, which is not in the folder of {self.name}", "Put the file there.")
        if not path.is_file():
            self.refuse(key, f" names {given!r}, and there is no such file", "Check the spelling.")
        return path


def read_source(path: Path) -> Source:
    """Read a file of fields; MediaError where it is no text."""
    return Source(name=path.name, toml=read_text(path), folder=path.parent)


def read_text(path: Path) -> str:
    """Read a small text; MediaError, with the file's name, where it is none."""
    data = read_small(path, _LIMIT)
    try:
        return text.decode(data, what="sidecar")
    except MediaError as error:
        raise MediaError(f"{path.name}: {error.message}", hint=error.hint) from error


def parse(source: Source, kind: type[K]) -> K:
    """Parse the fields; MediaError, with the line, for an unknown key and for a value of the wrong type."""
    if not source.toml:
        return kind()
    try:
        return convert(parse_toml(source.toml, kind, source.name), kind, source.name, source.toml)
    except ConfigError as error:
        hint = error.hint if "unknown key" in error.message or "TOML" in error.message else "Correct it there."
        raise MediaError(error.message, hint=hint) from error


def held(fields: SharedFields) -> dict[str, Any]:
    """Return the fields that the file holds."""
    return {name: value for name, value in msgspec.structs.asdict(fields).items() if value is not None}
