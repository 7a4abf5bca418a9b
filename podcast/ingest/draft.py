"""From an audio file and its sidecars to a ``Draft``: a sidecar beats the tags, and the tags beat the file's name."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from podcast.elements import Soundbite
from podcast.errors import MediaError
from podcast.formats import chapters, transcripts
from podcast.model import Artwork, Audio, Chapter, EpisodeType, Person, Transcript

from . import sniff
from .artwork import read_artwork, store_artwork
from .dates import in_utc, read_date
from .files import read_small
from .media import Tags, read_media
from .names import read_name
from .refusal import Refused, naming
from .sandbox import run
from .sidecar import Sidecar, read_sidecar
from .staging import Progress, Staging


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an audio file and its sidecars say of an episode; what is in staging is named by its hash.

    None, empty text and nothing mean that neither sidecar nor tags nor name said it; the title is never empty.
    """

    audio: Audio
    title: str
    slug: str | None
    #: Markdown.
    notes: str
    published: datetime | None
    season: int | None
    number: int | None
    type: EpisodeType
    explicit: bool | None
    language: str | None
    link: str
    artwork: Artwork | None
    chapters: tuple[Chapter, ...]
    transcripts: tuple[Transcript, ...]
    persons: tuple[Person, ...]
    #: Further fields of the episode that the sidecar holds, by name.
    elements: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...]
    source: Path


def read_draft(
    path: Path, staging: Staging, *, language: str, zone: tzinfo, names: Sequence[str] | None = None, progress: Progress | None = None
) -> Draft:
    """Stage an audio file and all that belongs to it, and return what it says. The source is only read.

    ``language`` is the show's, for transcripts that name none; ``zone`` is the one of dates that name none,
    ``names`` those in its folder, sorted, where they were listed already.
    MediaError where the audio or a sidecar is unfit; broken tags are only a warning.
    """
    sidecar = read_sidecar(path, zone, names)
    audio, tags, doubts = _stage_audio(path, staging, progress)
    name = read_name(path)
    own_language = sidecar.language or (tags.language if tags.language != language else None)
    artwork, cover_doubts = _artwork(sidecar, tags, staging)
    notes = tags.notes if sidecar.notes is None else sidecar.notes
    marks = read_chapters(sidecar.chapters) if sidecar.chapters else tags.chapters or _track(audio, staging) or chapters.in_notes(notes)
    day = in_utc(name.day, zone) if name.day else None
    files = [(named or own_language or language, file) for named, file in sidecar.transcripts]
    spoken, doubts_of_words = read_transcripts(files, staging, audio.duration)
    if not files and tags.words:
        spoken, doubts_of_words = _tagged_words(tags.words, staging, own_language or language, audio.duration)
    return Draft(
        audio=audio,
        title=sidecar.title or tags.title or name.title,
        slug=sidecar.slug,
        notes=notes,
        published=sidecar.published or read_date(tags.date, zone) or day,
        season=sidecar.season or tags.season or name.season,
        number=sidecar.number or tags.number or name.number,
        type=sidecar.type or EpisodeType.FULL,
        explicit=sidecar.explicit,
        language=own_language,
        link=sidecar.link,
        artwork=artwork,
        chapters=marks,
        transcripts=spoken,
        persons=sidecar.persons,
        elements=sidecar.elements,
        warnings=(
            *doubts,
            *sidecar.warnings,
            *cover_doubts,
            *doubts_of_words,
            *_doubts_of_chapters(marks, audio.duration),
            *_doubts_of_soundbites(sidecar.elements.get("soundbites", ()), audio.duration),
        ),
        source=path,
    )


def read_audio(path: Path, staging: Staging, progress: Progress | None = None) -> tuple[Audio, tuple[str, ...]]:
    """Stage an audio file alone, without tags and sidecars; return its facts and warnings. MediaError where it is unfit."""
    audio, _, warnings = _stage_audio(path, staging, progress)
    return audio, warnings


def read_chapters(path: Path) -> tuple[Chapter, ...]:
    """Read a file of chapters; MediaError, with the file's name, where it is none."""
    data = read_small(path, chapters.MAX_BYTES)
    with _about(path.name):
        return chapters.parse(data)


def read_transcripts(files: Sequence[tuple[str, Path]], staging: Staging, duration: int) -> tuple[tuple[Transcript, ...], tuple[str, ...]]:
    """Stage transcripts, each with its language, and return them with what was wrong with their times.

    MediaError where two are in the same language, since they would share an address.
    """
    by_language: dict[str, Path] = {}
    for language, path in files:
        if language in by_language:
            raise MediaError(
                f"{by_language[language].name} and {path.name} are both transcripts in {language}",
                hint="Name the language of one in its file name: EPISODE.ky.vtt",
            )
        by_language[language] = path
    found = [store_transcript(read_small(path, transcripts.MAX_BYTES), path.name, staging, language, duration) for language, path in files]
    return tuple(one for one, _ in found), tuple(doubt for _, doubts in found for doubt in doubts)


def store_transcript(data: bytes, name: str, staging: Staging, language: str, duration: int) -> tuple[Transcript, tuple[str, ...]]:
    """Stage a transcript as WebVTT, whatever it was, and return it with what was wrong with its times.

    ``duration`` is that of the audio. MediaError, about ``name``, where it is no transcript.
    """
    with _about(name):
        reading = transcripts.read(data, duration=duration, plain=not name.endswith((".vtt", ".srt", ".json")))
    staged = staging.store(transcripts.to_vtt(reading.cues))
    found = Transcript(sha256=staged.sha256, md5=staged.md5, length=staged.length, language=language)
    return found, tuple(f"{name}: {doubt}" for doubt in reading.doubts)


def _tagged_words(words: str, staging: Staging, language: str, duration: int) -> tuple[tuple[Transcript, ...], tuple[str, ...]]:
    """Stage the transcript that stands in the tags, which may be anything."""
    try:
        found, doubts = store_transcript(words.encode(), "the transcript in its tags", staging, language, duration)
    except MediaError as error:
        return (), (error.message,)
    return (found,), doubts


def _stage_audio(path: Path, staging: Staging, progress: Progress | None) -> tuple[Audio, Tags, tuple[str, ...]]:
    with naming(path.name):
        staged = staging.copy(path, _refuse_first_block(), progress)
    try:
        media = read_media(staging.path(staged.sha256), path.name)
    except MediaError:
        staging.discard(staged)
        raise
    facts = media.facts
    audio = Audio(
        sha256=staged.sha256,
        md5=staged.md5,
        length=staged.length,
        media_type=facts.media_type,
        duration=facts.duration,
        bitrate=facts.bitrate,
        sample_rate=facts.sample_rate,
        channels=facts.channels,
    )
    return audio, media.tags, (*facts.warnings, *media.tags.warnings)


def _refuse_first_block() -> Callable[[bytes], None]:
    """Return a watch that looks at the first block alone, so that nobody waits for the copy of a picture."""
    seen: list[int] = []

    def watch(block: bytes) -> None:
        if not seen:
            sniff.refuse_at_once(block)
        seen[:] = [1]

    return watch


def _track(audio: Audio, staging: Staging) -> tuple[Chapter, ...]:
    """Return the chapters that an MP4 has in a track; none where that cannot be read."""
    if audio.media_type == "audio/x-m4a":
        with suppress(Refused), staging.path(audio.sha256).open("rb") as file:
            return run("mp4_chapters:read_track", tuple[Chapter, ...], file)
    return ()


def _artwork(sidecar: Sidecar, tags: Tags, staging: Staging) -> tuple[Artwork | None, tuple[str, ...]]:
    """Stage the cover beside the file, which must be one, or the one in its tags, which may be anything."""
    if sidecar.cover:
        return read_artwork(sidecar.cover, staging)
    if tags.cover is None:
        return None, ()
    try:
        return store_artwork(tags.cover, staging, "the cover in its tags")
    except MediaError as error:
        return None, (error.message,)


def _doubts_of_chapters(marks: tuple[Chapter, ...], duration: int) -> tuple[str, ...]:
    late = sum(chapter.start > duration for chapter in marks)
    return (f"{late} of its {len(marks)} chapters begin after the end of the audio",) if late else ()


def _doubts_of_soundbites(bites: Iterable[Soundbite], duration: int) -> tuple[str, ...]:
    late = sum(not bite.within(duration) for bite in bites)
    return (f"{late} of its soundbites end after the audio, and will not be in the feed",) if late else ()


@contextmanager
def _about(name: str) -> Iterator[None]:
    try:
        yield
    except MediaError as error:
        raise MediaError(f"{name}: {error.message}", hint=error.hint) from error
