"""The files beside an audio file that share its stem, as a producer writes them.

``talk.mp3`` may have ``talk.toml`` (fields), ``talk.md`` (notes in Markdown, and the fields between ``+++`` lines at its
top where there is no talk.toml), ``talk.vtt`` or ``talk.srt``, ``talk.ky.vtt`` (a transcript in another language),
``talk.chapters.json``, ``talk.chapters.txt``, ``talk.psc`` or ``talk.cue``, and ``talk.jpg``, ``talk.jpeg`` or ``talk.png``.
The keys ``cover``, ``chapters`` and ``transcripts`` name other files in the folder. A key beats a file of the stem.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, Final

from podcast.errors import MediaError, UsageError
from podcast.formats import text
from podcast.formats.shapes import OF_EPISODE, TEXTS_OF_EPISODE
from podcast.model import EpisodeType, Person

from .dates import in_utc, read_date
from .fields import EpisodeFields, Source, held, parse, read_source, read_text
from .files import unreadable
from .scan import ENDINGS, names_of

#: Characters of notes that are kept; the linter tells of such long ones, and the feed cuts them shorter still.
_NOTES: Final = 100_000
_COVERS: Final = ("jpg", "jpeg", "png")
_CHAPTERS: Final = ("chapters.json", "chapters.txt", "chapters.xml", "psc", "cue")
_TRANSCRIPTS: Final = ("vtt", "srt")
_FENCE: Final = "+++"
_ELEMENTS: Final = ("persons", "soundbites", "funding", *OF_EPISODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """What stands beside an audio file; None and nothing for what does not. The files are named, not read."""

    title: str | None = None
    slug: str | None = None
    published: datetime | None = None
    season: int | None = None
    number: int | None = None
    type: EpisodeType | None = None
    explicit: bool | None = None
    language: str | None = None
    link: str = ""
    persons: tuple[Person, ...] = ()
    #: Further fields of the episode that the file holds, by name.
    elements: Mapping[str, Any] = field(default_factory=dict)
    notes: str | None = None
    cover: Path | None = None
    chapters: Path | None = None
    #: Paths by language; the language None is the episode's own, and comes first.
    transcripts: tuple[tuple[str | None, Path], ...] = ()
    warnings: tuple[str, ...] = ()


def read_sidecar(audio: Path, zone: tzinfo, names: Sequence[str] | None = None) -> Sidecar:
    """Read what stands beside an audio file; MediaError, with file and line, where something there is wrong.

    ``names`` are those in its folder, sorted, where they were listed already.
    """
    beside = _beside(audio, names)
    source, fields, notes = _read_fields(beside)
    checked = _Checked(source=source, fields=fields)
    transcripts, warnings = _transcripts(beside, checked)
    notes = notes if fields.notes is None else fields.notes
    if len(notes) > _NOTES:
        warnings = (*warnings, f"its notes have {len(notes):,} characters: only the first {_NOTES:,} are kept")
    elements = _elements(source, fields) | ({} if fields.block is None else {"block": fields.block})
    return Sidecar(
        title=text.clean(fields.title, limit=1000) or None if fields.title else None,
        slug=checked.slug(),
        published=checked.date(zone),
        season=fields.season,
        number=fields.number,
        type=fields.type,
        explicit=fields.explicit,
        language=checked.language(),
        link=checked.url("link", fields.link) or "",
        persons=elements.pop("persons", ()),
        elements=elements,
        notes=text.clean(notes, limit=_NOTES, lines=True) or None,
        cover=source.file("cover", fields.cover) or _first(beside, _COVERS),
        chapters=source.file("chapters", fields.chapters) or _first(beside, _CHAPTERS),
        transcripts=transcripts,
        warnings=warnings,
    )


def read_episode_file(path: Path, zone: tzinfo) -> dict[str, Any]:
    """Read the keys of a sidecar from a file by itself: only what it holds, as :func:`podcast.add.episode_changes` takes it.

    Values are cleaned and checked; files are paths; None is for an element that is to be taken away.
    """
    source = read_source(path)
    fields = parse(source, EpisodeFields)
    checked = _Checked(source=source, fields=fields)
    found = held(fields)
    found |= {"slug": checked.slug(), "language": checked.language(), "published": checked.date(zone)}
    found |= {"link": checked.url("link", fields.link) if fields.link else fields.link}
    found |= {name: source.file(name, getattr(fields, name)) for name in ("cover", "chapters")}
    found["transcripts"] = [source.file("transcripts", name) for name in fields.transcripts] or None
    return {name: value for name, value in found.items() if value is not None and name != "date"} | _elements(source, fields)


def _elements(source: Source, fields: EpisodeFields) -> dict[str, Any]:
    return source.elements(fields, "item", _ELEMENTS) | source.texts(fields, "item", TEXTS_OF_EPISODE)


def language_of(path: Path) -> str | None:
    """Return the language that a transcript names before its ending (``talk.ky.vtt``); None where it names none."""
    middle = path.name.split(".")[1:-1]
    try:
        return text.language(middle[-1]) if middle else None
    except UsageError:
        return None


def _beside(audio: Path, names: Sequence[str] | None) -> dict[str, Path]:
    """Return the files of the stem by the rest of their name, in small letters.

    Where there is a ``talk.two.mp3`` too, its files are not those of ``talk.mp3``.
    """
    start = audio.stem + "."
    try:
        names = names_of(audio.parent) if names is None else names
    except OSError as error:
        raise unreadable(audio.parent, error) from error
    names = list(takewhile(lambda name: name.startswith(start), islice(names, bisect_left(names, start), None)))
    stems = {stem for stem, _, ending in (name.rpartition(".") for name in names) if ending.lower() in ENDINGS} - {audio.stem}
    others = tuple(f"{stem}." for stem in stems)
    return {name[len(start) :].lower(): audio.parent / name for name in reversed(names) if not name.startswith(others)}


def _first(beside: dict[str, Path], endings: tuple[str, ...]) -> Path | None:
    return next((beside[ending] for ending in endings if ending in beside), None)


def _read_fields(beside: dict[str, Path]) -> tuple[Source, EpisodeFields, str]:
    """Return the fields and the notes of Markdown."""
    front, notes = Source(), ""
    if "md" in beside:
        front, notes = _split(beside["md"], read_text(beside["md"]))
    if "toml" not in beside:
        return front, parse(front, EpisodeFields), notes
    if front.toml.strip():
        raise MediaError(f"{beside['toml'].name} and the top of {front.name} both hold fields", hint="Keep them in one of the two.")
    source = read_source(beside["toml"])
    return source, parse(source, EpisodeFields), notes


def _split(path: Path, markdown: str) -> tuple[Source, str]:
    """Take the fields off the top of Markdown; blank lines stand for what was there, so that line numbers hold."""
    lines, name = markdown.split("\n"), path.name
    if lines[0].rstrip() == "---" and any(line.rstrip() == "---" for line in lines[1:]):
        raise MediaError(f"{name} begins with fields between --- lines", hint="Write them as TOML between +++ lines.")
    if lines[0].rstrip() != _FENCE:
        return Source(name=name), markdown
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if end is None:
        raise MediaError(f"{name} begins with +++ and has no second such line", hint="End the fields with a line of +++.")
    return Source(name=name, toml="\n".join(["", *lines[1:end], ""]), folder=path.parent), "\n".join(lines[end + 1 :])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Checked:
    """The fields one by one, refused with their line where no reader could use them."""

    source: Source
    fields: EpisodeFields

    def slug(self) -> str | None:
        given = self.fields.slug
        if given is not None and (usable := text.slug(given, fallback="episode")) != given:
            self.source.refuse("slug", f" is {given!r}, which fits no address", f'Write "{usable}".')
        return given

    def date(self, zone: tzinfo) -> datetime | None:
        given = self.fields.date
        if given is None:
            return None
        found = read_date(given, zone) if isinstance(given, str) else in_utc(given, zone) if isinstance(given, date) else None
        if found is None:
            self.source.refuse("date", f" is {str(given)!r}, which is no date", "Write 2017-08-06 or 2017-08-06T18:00:00+06:00.")
        return found

    def language(self) -> str | None:
        try:
            return text.language(self.fields.language) if self.fields.language is not None else None
        except UsageError as error:
            self.source.refuse("language", f" is {self.fields.language!r}, which is no language", error.hint)

    def url(self, key: str, given: str | None) -> str | None:
        if given is None:
            return None
        found = text.safe_url(given)
        if found is None:
            self.source.refuse(key, f" holds {given!r}, which is no web address", 'Write it like "https://radio.example/talk".')
        return found


def _transcripts(beside: dict[str, Path], checked: _Checked) -> tuple[tuple[tuple[str | None, Path], ...], tuple[str, ...]]:
    """Return the transcripts by language, and what looks like one and is not used."""
    found: dict[str | None, Path] = {}
    warnings = []
    for given in checked.fields.transcripts:
        path = checked.source.file("transcripts", given)
        if path and found.setdefault(language_of(path), path) != path:
            checked.source.refuse("transcripts", " names two of the same language", "Name the language before the ending: talk.ky.vtt.")
    for ending in _TRANSCRIPTS if not found else ():
        for rest, path in sorted(beside.items()):
            middle, _, last = rest.rpartition(".")
            if last != ending:
                continue
            if middle and language_of(path) is None:
                warnings.append(f"{path.name} is not used: {middle!r} is no language")
            else:
                found.setdefault(language_of(path) if middle else None, path)
    return tuple(sorted(found.items(), key=lambda item: item[0] or "")), tuple(warnings)
