"""An audio file becomes an episode of the catalogue, or brings one up to date."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import fields as fields_of
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec

from podcast.catalogue import Catalogue
from podcast.errors import CatalogueError, Conflict, MediaError, PodcastError, UsageError
from podcast.formats.shapes import OF_EPISODE, TEXTS_OF_EPISODE, checked_text
from podcast.formats.text import clean, language, slug
from podcast.ingest.artwork import read_artwork
from podcast.ingest.draft import Draft, read_audio, read_chapters, read_draft, read_transcripts
from podcast.ingest.scan import FoundFile, audio_files, in_order, names_in
from podcast.ingest.sidecar import language_of
from podcast.ingest.staging import Progress, Staging
from podcast.model import Episode, EpisodeType, Show, Status
from podcast.shows import SHORT, checked_elements, checked_url
from podcast.site import RESERVED

_TITLE, _NOTES = 1024, 100_000
#: Files of a transaction; fewer where they are long, so that what is lost by an interrupt is read again in seconds.
_BATCH, _BATCH_BYTES = 64, 256 << 20

#: What a sidecar may hold beside the facts of its audio, each with what it is where no sidecar says anything.
_ELEMENTS: Final[dict[str, Any]] = {
    one.name: one.default for one in fields_of(Episode) if one.name in {"soundbites", "funding", "block", *OF_EPISODE, *TEXTS_OF_EPISODE}
}


#: What was read of a file, the episode that it would be, and what the user gave for it.
_Read = tuple[Draft, Episode, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of one file: ``result`` is added, updated, known (the same bytes are there already) or failed."""

    path: Path
    result: str
    episode: Episode | None = None
    warnings: tuple[str, ...] = ()
    error: PodcastError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Files to read, and how many others have not changed since they were read."""

    files: list[FoundFile]
    unchanged: int


def find_files(catalogue: Catalogue, paths: Iterable[Path]) -> Found:
    """Return the named files, and of each folder those that are new or changed by size and time."""
    files: list[FoundFile] = []
    unchanged = 0
    for path in paths:
        if not path.is_dir():
            files.append(_named(path.absolute()))
            continue
        found = audio_files(path.absolute())
        known = catalogue.known_files(path.absolute())
        fresh = [(name, facts) for name, facts in found.items() if known.get(name) != facts]
        files += [FoundFile(path=Path(name), size=size, mtime_ns=mtime_ns) for name, (size, mtime_ns) in fresh]
        unchanged += len(found) - len(fresh)
    return Found(files=files, unchanged=unchanged)


def add_files(
    catalogue: Catalogue,
    staging: Staging,
    show: Show,
    files: Sequence[FoundFile],
    given: Mapping[str, Any],
    *,
    now: datetime,
    zone: tzinfo,
    progress: Progress | None = None,
) -> Iterator[Added]:
    """Read files and put them into the catalogue, and yield what became of each once that is safe; an unfit one leaves no trace.

    Some are read at once, and each such batch is one transaction: a commit takes longer than a short file.
    ``given`` holds fields that beat sidecar, tags and name, as :func:`episode_changes` takes them.
    """

    def read(file: FoundFile, names: Mapping[Path, list[str]]) -> _Read | PodcastError:
        try:
            draft = read_draft(file.path, staging, language=show.language, zone=zone, names=names.get(file.path.parent), progress=progress)
            episode = Episode(show=show.slug, slug="", guid=str(uuid4()), created=now, changed=now, **_fields(draft))
            return draft, episode, episode_changes(given, episode, show, staging)
        except PodcastError as error:
            return error

    for batch in _batches(files):
        names = names_in({file.path.parent for file in batch}) if len(batch) > 1 else {}
        found = in_order(lambda file, names=names: read(file, names), batch)  # type: ignore[misc]
        try:
            with catalogue.transaction():
                # Changes nothing, but has the show to itself: two that add the same file at once must not make two episodes.
                catalogue.change_show(show.slug, now)
                earlier = _earlier(catalogue, show.slug, batch)
                results = [_put(catalogue, file, one, earlier, now) for file, one in zip(batch, found, strict=True)]
        except PodcastError as error:
            results = [Added(path=file.path, result="failed", error=error) for file in batch]
        yield from results


def _batches(files: Iterable[FoundFile]) -> Iterator[list[FoundFile]]:
    batch: list[FoundFile] = []
    for file in files:
        if batch and (len(batch) == _BATCH or sum(one.size for one in batch) + file.size > _BATCH_BYTES):
            yield batch
            batch = []
        batch.append(file)
    if batch:
        yield batch


def _earlier(catalogue: Catalogue, show: str, batch: Iterable[FoundFile]) -> dict[str, str]:
    """Return sha256 → slug of recordings as long as these that became episodes; what these hold may be tagged or produced since."""
    known = catalogue.read_of_size(show, {file.size for file in batch})
    return {json.loads(json.loads(read)["audio"])["sha256"]: slug for slug, read in known if read != "{}"}


def _put(catalogue: Catalogue, file: FoundFile, found: _Read | PodcastError, earlier: Mapping[str, str], now: datetime) -> Added:
    """Put what was read of one file into the catalogue; only the database's own trouble is raised, and ends the batch.

    A recording that became an episode stays that episode's, wherever it is moved.
    """
    if isinstance(found, PodcastError):
        return Added(path=file.path, result="failed", error=found)
    draft, episode, changes = found
    show = episode.show
    try:
        sha256 = draft.audio.sha256
        old = catalogue.by_source(show, file.path) or catalogue.by_audio(show, sha256)
        if old is None and sha256 in earlier:
            old = catalogue.episode(show, earlier[sha256])
        if old is not None:
            return _bring_up_to_date(catalogue, old, draft, changes, file, now)
        wanted = changes.pop("slug", None) or draft.slug or slug(changes.get("title", draft.title), fallback="episode")
        episode = catalogue.add_episode(replace(episode, slug=catalogue.free_slug(show, wanted), **changes))
        _remember(catalogue, file, draft, episode)
        return Added(path=file.path, result="added", episode=episode, warnings=draft.warnings)
    except CatalogueError:
        raise
    except PodcastError as error:
        return Added(path=file.path, result="failed", error=error)


def replace_audio(
    catalogue: Catalogue, staging: Staging, episode: Episode, path: Path, *, now: datetime, progress: Progress | None = None
) -> tuple[Episode, tuple[str, ...]]:
    """Give an episode other audio under the same guid; Conflict where the file is another episode of the show."""
    audio, warnings = read_audio(path, staging, progress)
    other = catalogue.by_audio(episode.show, audio.sha256)
    if other and other.slug != episode.slug:
        raise Conflict(f"{path.name} is the audio of another episode: {other.slug}.", hint="Name the file that you meant.")
    return catalogue.change_episode(episode.show, episode.slug, now, audio=audio), warnings


def episode_changes(
    given: Mapping[str, Any], episode: Episode, show: Show, staging: Staging, told: Callable[[str], object] = lambda _: None
) -> dict[str, Any]:
    """Turn what a user gave into fields of an episode, checked and cleaned; what was not given (None) stays out.

    Takes title, notes, slug, season, number, type, published, language, link, explicit, paths as chapters, transcripts
    and cover, persons and all further elements: values as :mod:`podcast.ingest.sidecar` checked them, or short texts as the
    flags of the command line take them. ``told`` is called with what is doubtful about the times of a transcript.
    """
    values = {name: value for name, value in given.items() if value is not None or name in _ELEMENTS}
    plain = ("season", "number", "published", "explicit")
    fields: dict[str, Any] = {name: values[name] for name in plain if name in values} | _elements(values, episode)
    if "title" in values:
        fields["title"] = clean(values["title"], limit=_TITLE)
        if not fields["title"]:
            raise UsageError("The title is empty.", hint='Give --title "…".')
    if "notes" in values:
        fields["notes"] = clean(values["notes"], limit=_NOTES, lines=True)
    if "slug" in values:
        fields["slug"] = checked_slug(values["slug"])
    if "type" in values:
        fields["type"] = EpisodeType(values["type"])
    if "language" in values:
        fields["language"] = language(values["language"])
    if "link" in values:
        fields["link"] = checked_url(values["link"]) if values["link"] else ""
    spoken = fields.get("language") or episode.language or show.language
    return fields | _files(values, spoken, episode.audio.duration, staging, told)


def _elements(values: Mapping[str, Any], episode: Episode) -> dict[str, Any]:
    fields = {name: values[name] for name in ("persons", *_ELEMENTS) if name in values}
    fields |= {name: checked_text("item", name, fields[name]) for name in TEXTS_OF_EPISODE if name in fields}
    fields |= {name: checked_elements("item", name, fields[name]) for name in SHORT if name in fields}
    for name, number in (("season_name", "season"), ("number_display", "number")):
        if fields.get(name) and values.get(number, getattr(episode, number)) is None:
            raise UsageError(f"{name} stands beside a {number} in the feed, and {episode.slug} has none.", hint=f"Give --{number} too.")
    if not all(bite.within(episode.audio.duration) for bite in fields.get("soundbites", ())):
        raise UsageError(f"A soundbite ends after the audio of {episode.slug}.", hint=f"It lasts {episode.audio.duration} seconds.")
    return fields


def checked_slug(value: str) -> str:
    """Return a slug as it is, or raise UsageError where it cannot stand in an address."""
    if value in RESERVED or value != slug(value, fallback="x"):
        raise UsageError(f"{value!r} cannot stand in an address.", hint="Use a-z, 0-9 and hyphens, 3 to 80 of them.")
    return value


def _files(values: Mapping[str, Any], spoken: str, duration: int, staging: Staging, told: Callable[[str], object]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "chapters" in values:
        fields["chapters"] = read_chapters(values["chapters"])
    if "transcripts" in values:
        files = [(language_of(path) or spoken, path) for path in values["transcripts"]]
        fields["transcripts"], doubts = read_transcripts(files, staging, duration)
        for doubt in doubts:
            told(doubt)
    if "cover" in values:
        fields["artwork"], _ = read_artwork(values["cover"], staging)
    return fields


def _named(path: Path) -> FoundFile:
    """Return what tells whether a named file changes; one that is not there is told of when it is read."""
    try:
        status = path.stat()
    except OSError:
        return FoundFile(path=path, size=0, mtime_ns=0)
    return FoundFile(path=path, size=status.st_size, mtime_ns=status.st_mtime_ns)


def _fields(draft: Draft) -> dict[str, Any]:
    names = ("title", "notes", "published", "season", "number", "type", "explicit", "language", "link", "audio", "artwork", "chapters")
    return {name: getattr(draft, name) for name in (*names, "transcripts", "persons")} | _ELEMENTS | dict(draft.elements)


def _bring_up_to_date(catalogue: Catalogue, old: Episode, draft: Draft, given: dict[str, Any], file: FoundFile, now: datetime) -> Added:
    """Take over what changed in a file or its sidecars since it was last read, and what was given; other edits stay.

    Other audio of a public episode wants ``replace``.
    """
    last = catalogue.last_read(file.path)
    before = json.loads(last) if last else _read(draft)
    after = _read(draft)
    fields = {name: value for name, value in _fields(draft).items() if after[name] != before.get(name)}
    if old.status is Status.PUBLISHED and "audio" in fields:
        raise MediaError(
            f"{file.path.name} holds other audio than {old.slug}, which is public.",
            hint=f"If listeners shall get it: podcast replace {old.slug} {file.path.name}",
        )
    if old.status is not Status.DRAFT or fields.get("published") is None:
        fields.pop("published", None)
    changes = {name: value for name, value in (fields | given).items() if value != getattr(old, name)}
    episode = catalogue.change_episode(old.show, old.slug, now, **changes) if changes else old
    _remember(catalogue, file, draft, episode)
    return Added(path=file.path, result="updated" if changes else "known", episode=episode, warnings=draft.warnings)


def _read(draft: Draft) -> dict[str, str]:
    """Write each field that was read, so that the next reading can be compared with it."""
    return {name: msgspec.json.encode(value).decode() for name, value in _fields(draft).items()}


def _remember(catalogue: Catalogue, file: FoundFile, draft: Draft, episode: Episode) -> None:
    catalogue.remember_file(file.path, file.size, file.mtime_ns, episode.show, episode.slug, json.dumps(_read(draft)))
