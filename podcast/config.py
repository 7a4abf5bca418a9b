"""podcast.toml and the environment, strictly: an unknown key is an error that names itself, its line and the nearest known key.

A flag beats PODCAST_* in the environment, which beats podcast.toml, which beats the default. Every key has its variable:
``storage.url`` is PODCAST_STORAGE_URL. Secrets never stand in podcast.toml: a database's password goes into
PODCAST_CATALOGUE_URL, the keys of a bucket into the AWS credential chain.
"""

import difflib
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from podcast.errors import ConfigError

FILE_NAME: Final = "podcast.toml"
_PREFIX: Final = "PODCAST_"

T = TypeVar("T")


class StorageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where published files go: a folder (relative to the project), or ``s3://BUCKET/PREFIX``."""

    url: str = "public"
    endpoint: str | None = None
    region: str | None = None
    path_style: bool | None = None
    #: Sent only when set: most providers refuse or ignore it.
    acl: str | None = None


class CatalogueSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which database remembers shows and episodes: SQLite or PostgreSQL, as an SQLAlchemy URL."""

    url: str = "sqlite:///.podcast/catalogue.db"


class FeedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How feeds are written; the default is one file with everything in it."""

    #: Newest items in feed.xml; all of them stand in archive pages then (RFC 5005).
    limit: Annotated[int, msgspec.Meta(ge=10)] | None = None
    #: Items behind the newest so many go without their long notes (content:encoded).
    slim_after: Annotated[int, msgspec.Meta(ge=1)] | None = None
    #: Whether feeds are compressed before they are stored, for a bucket without a compressing CDN.
    gzip: bool = False
    #: Whether chapters stand in the feed itself as well (Podlove Simple Chapters), which Spotify reads.
    simple_chapters: bool = False
    #: WebSub hubs: they stand in the feed, and are told when it was published.
    hubs: tuple[str, ...] = ()


class PublishSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How episodes are published."""

    #: ``redirect``: feeds give out addresses under /a/ that stay when audio is replaced; podcast serve must answer at public_url.
    enclosures: Literal["direct", "redirect"] = "direct"
    #: Whether the public addresses of what was published are asked afterwards, as an app would.
    look: bool = True
    #: Whether title, cover, chapters and more are written into the audio as it is published or scheduled.
    tags: bool = False
    #: The version of the tags of an MP3; a tag of 2.3 stays one.
    id3: Literal["2.4", "2.3"] = "2.4"


class NotifySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who else is told when a feed was published."""

    #: podcastindex.org, from which many apps take their feeds.
    podcast_index: bool = False


class TranscribeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who writes a transcript that is missing; nobody by default."""

    #: A command, run without a shell in the project's folder, with the audio file as its last word; it prints the transcript.
    command: str | None = None
    #: Or a service that speaks OpenAI's protocol, up to its version: "https://api.openai.com/v1". The key is PODCAST_TRANSCRIBE_KEY.
    url: str | None = None
    model: str = "whisper-1"


class Preset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``podcast produce`` does to a recording beside its loudness; ``[produce.NAME]`` in podcast.toml."""

    #: Hz below which is nothing but hum and bumps.
    highpass: Annotated[int, msgspec.Meta(ge=20, le=300)] | None = None
    #: Whether steady noise is made fainter.
    denoise: bool = False
    #: Whether it becomes mono.
    mono: bool = False
    #: Whether silence at both ends is cut off.
    trim: bool = False
    #: Audio files, relative to the project, that are joined in front and behind.
    intro: str | None = None
    outro: str | None = None
    #: Seconds in which they and the recording overlap.
    crossfade: Annotated[float, msgspec.Meta(ge=0, le=10)] = 1.0
    #: kbit/s of the MP3; without it 96 in mono and 128 in stereo.
    bitrate: Literal[32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] | None = None
    #: Whether the bitrate varies about that. Many players seek imprecisely then.
    vbr: bool = False
    #: Formats in which it is made as well; the feed has them as alternate enclosures.
    alternates: tuple[Literal["opus", "aac"], ...] = ()


class HookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of the operator's own happens when a feed was published."""

    #: A command, run without a shell in the project's folder.
    published: str | None = None
    #: An address to which a signed JSON document is sent.
    webhook: str | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of podcast.toml."""

    #: Where listeners reach what is published; ends in a slash.
    public_url: str = "http://127.0.0.1:8000/"
    #: The zone of dates that name none, an IANA name.
    time_zone: str = "UTC"
    catalogue: CatalogueSettings = CatalogueSettings()
    storage: StorageSettings = StorageSettings()
    publish: PublishSettings = PublishSettings()
    feed: FeedSettings = FeedSettings()
    notify: NotifySettings = NotifySettings()
    hooks: HookSettings = HookSettings()
    transcribe: TranscribeSettings = TranscribeSettings()
    #: By name. Without --preset the one with the show's slug counts, else ``default``.
    produce: dict[str, Preset] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A folder with podcast.toml, and what is set for it."""

    root: Path
    config: Config

    @property
    def staging(self) -> Path:
        """Return the folder of staged files."""
        return self.root / ".podcast" / "staging"

    @property
    def masters(self) -> Path:
        """Return the folder of the recordings that episodes were produced from."""
        return self.root / ".podcast" / "masters"

    @property
    def catalogue_url(self) -> str:
        """Return the database's URL, with the path of an SQLite file made absolute."""
        url = self.config.catalogue.url
        head, separator, path = url.partition(":///")
        if head.startswith("sqlite") and separator and path not in {"", ":memory:"}:
            return f"{head}:///{path if path.startswith('/') else f'{quote(str(self.root))}/{path}'}"
        return url

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of dates that name none."""
        return ZoneInfo(self.config.time_zone)


def find_project(start: Path, environment: Mapping[str, str]) -> Project:
    """Find the nearest folder upwards that holds podcast.toml, as git finds its repository; ConfigError where none does."""
    folder = start.absolute()
    for root in (folder, *folder.parents):
        path = root / FILE_NAME
        if path.is_file():
            return Project(root=root, config=load_config(path, environment))
    raise ConfigError(
        f"There is no project here: no {FILE_NAME} in {folder} or above it.",
        hint="Make one with `podcast init`, or name its folder with -C.",
    )


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """Read podcast.toml and lay the environment over it."""
    try:
        # Windows' own editors put a byte order mark in front.
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", hint="It must be a UTF-8 text file that you may read.") from error
    values = parse_toml(text, Config, path.name)
    for key, kind in _leaves(Config):
        variable = _PREFIX + "_".join(key).upper()
        if variable in environment:
            table = values if len(key) == 1 else values.setdefault(key[0], {})
            table[key[-1]] = _from_text(environment[variable], kind, variable)
    return _checked(convert(values, Config, path.name, text))


def _checked(config: Config) -> Config:
    """Refuse values that no part of the program could work with."""
    address = urlsplit(config.public_url)
    if address.scheme not in {"http", "https"} or not address.hostname or address.query or address.fragment or "@" in address.netloc:
        raise ConfigError(
            # Not the value itself where it may hold a password.
            f"public_url is {'written with a user name' if '@' in address.netloc else repr(config.public_url)}: no browser could open it.",
            hint='Write it like "https://podcasts.radio.example/".',
        )
    try:
        ZoneInfo(config.time_zone)
    except (ValueError, OSError, KeyError) as error:
        raise ConfigError(
            f"time_zone is {config.time_zone!r}, which is no time zone.",
            hint='Write an IANA name such as "Europe/Prague" or "Asia/Bishkek".',
        ) from error
    if config.feed.gzip and not config.storage.url.startswith("s3://"):
        raise ConfigError(
            "[feed] gzip needs a bucket: a folder cannot say that a file in it is compressed.",
            hint="Leave it out: `podcast serve` and every web server compress the feed as they send it.",
        )
    _check_notified(config)
    base = config.public_url if config.public_url.endswith("/") else config.public_url + "/"
    return msgspec.structs.replace(config, public_url=base)


def _check_notified(config: Config) -> None:
    """Refuse addresses and commands that could never be told anything; never with their text, which may hold a secret."""
    for key, url in (
        *(("[feed] hubs", hub) for hub in config.feed.hubs),
        ("[hooks] webhook", config.hooks.webhook),
        ("[transcribe] url", config.transcribe.url),
    ):
        if url and not _is_address(url):
            raise ConfigError(
                f"{key} holds something that is no address of the web, or has a user name in it.",
                hint='Write it whole, without a login: "https://hub.example/".',
            )
    if config.transcribe.url and config.transcribe.command:
        raise ConfigError("[transcribe] has a command and a url.", hint="Leave one of them out.")
    try:
        words = shlex.split(config.hooks.published or "unset")
    except ValueError:
        words = []
    if not words:
        raise ConfigError("[hooks] published is no command: it is empty, or its quotes do not match.", hint="Write it as for a shell.")


def _is_address(url: str) -> bool:
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    return address.scheme in {"http", "https"} and bool(address.hostname) and "@" not in address.netloc and not address.fragment


def _leaves(kind: type[msgspec.Struct], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for field in msgspec.structs.fields(kind):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from _leaves(field.type, (*above, field.name))
        elif get_origin(field.type) is not dict:
            yield (*above, field.name), field.type


def _from_text(value: str, kind: Any, name: str) -> object:  # noqa: ANN401
    if get_origin(kind) is tuple:
        return value.split()
    if bool not in (kind, *get_args(kind)):
        return value
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ConfigError(f"{name} is {value!r}.", hint="Write true or false.")


def parse_toml(text: str, kind: type[Any], name: str) -> dict[str, Any]:
    """Parse TOML and refuse every key that ``kind`` (a Struct or dataclass) does not have; ``name`` is the file's, for messages."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is no valid TOML: {error}.", hint='Texts stand in quotes, and each key once: title = "…".') from error
    for path, known in _unknown(values, kind):
        line = find_line(text, path)
        near = difflib.get_close_matches(str(path[-1]), known, n=1, cutoff=0.5)
        meant = f"Did you mean `{near[0]}`?" if near else f"Known here: {', '.join(sorted(known))}."
        raise ConfigError(f"{name}, line {line}: unknown key `{'.'.join(str(part) for part in path)}`.", hint=meant)
    return values


def convert(values: object, kind: type[T], name: str, text: str) -> T:
    """Turn parsed TOML into ``kind``, with the line of a value of the wrong type in the message."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        path = [int(part) if part.isdigit() else part for part in re.findall(r"[\w-]+", place)]
        at = f", line {find_line(text, tuple(path))}: `{'.'.join(map(str, path))}`" if path else ""
        raise ConfigError(f"{name}{at}: {what.replace('Object', 'It')}.", hint="See `podcast help config` for every key.") from error


def _unknown(values: object, kind: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], list[str]]]:  # noqa: ANN401
    """Yield the path of each key that the type does not have, with the keys that it has."""
    known = _fields(kind)
    if isinstance(values, list):
        for index, value in enumerate(values):
            yield from _unknown(value, kind, (*above, index))
    elif isinstance(values, dict) and get_origin(kind) is dict:
        for key, value in values.items():
            yield from _unknown(value, get_args(kind)[1], (*above, key))
    elif isinstance(values, dict) and known:
        for key, value in values.items():
            if key in known:
                yield from _unknown(value, known[key], (*above, key))
            else:
                yield (*above, key), list(known)


def _fields(kind: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the fields of a Struct or dataclass, also where it stands as ``X | None`` or in a list; else nothing."""
    if isinstance(kind, type) and (issubclass(kind, msgspec.Struct) or is_dataclass(kind)):
        return get_type_hints(kind)
    return next((found for found in map(_fields, get_args(kind)) if found), {})


def find_line(text: str, path: tuple[str | int, ...]) -> int:
    """Return the number of the line where a key stands in TOML text, or of the table that it is in.

    The n-th of ``[[persons]]`` is found, also below another; a key inside an inline table is found at its line.
    """
    found, depth, table = 1, 0, tuple[str | int, ...]()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[(\[?)\s*([^\]]+?)\s*\]", line)
        key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        if header:
            table = _place(tuple(re.findall(r"[\w-]+", header[2])), counts, another=bool(header[1]))
        at = table if header else (*table, *re.findall(r"[\w-]+", key[1])) if key else ()
        common = min(len(at), len(path))
        if common > depth and at[:common] == path[:common]:
            found, depth = number, common
    return found


def _place(names: tuple[str, ...], counts: dict[tuple[str, ...], int], *, another: bool) -> tuple[str | int, ...]:
    """Return the path of a table with the number of each array that it is in; ``counts`` holds how far these are."""
    if another:
        counts[names] = counts.get(names, -1) + 1
        for below in [other for other in counts if len(other) > len(names) and other[: len(names)] == names]:
            del counts[below]
    place: list[str | int] = []
    for length, name in enumerate(names, 1):
        place.append(name)
        if names[:length] in counts:
            place.append(counts[names[:length]])
    return tuple(place)
