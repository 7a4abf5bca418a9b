"""Tags out: what the catalogue says of an episode, written into a copy of its audio; the sound itself stays as it is, to the byte."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import langcodes

from podcast.errors import MediaError
from podcast.formats import notes, transcripts
from podcast.model import Audio, Chapter, Episode, Show

from .draft import read_audio
from .files import open_regular
from .refusal import naming
from .sandbox import run
from .staging import Staging

#: What tags may add to a file: text, transcripts in some languages, one picture, and what players leave room for.
_ROOM: Final = 64 << 20
_NOTES: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What tags shall say. Empty text and None leave what the file has; chapters are always those given."""

    title: str
    show: str
    author: str
    #: A day: 2017-08-06.
    date: str = ""
    season: int | None = None
    number: int | None = None
    notes: str = ""
    #: The episode's page.
    url: str = ""
    #: Three letters of ISO 639-2, as ID3 wants them.
    language: str = "und"
    #: A JPEG.
    cover: bytes | None = None
    chapters: tuple[Chapter, ...] = ()
    #: Language and words of each transcript.
    transcripts: tuple[tuple[str, str], ...] = ()
    #: Seconds.
    duration: int
    #: Whether an ID3 tag is of version 2.3 and not 2.4; one of 2.3 stays what it is.
    old_id3: bool = False


def words_for(episode: Episode, show: Show, staging: Staging, *, page: str, zone: ZoneInfo, old_id3: bool = False) -> Words:
    """Gather what the tags of an episode shall say; ``page`` is its address, ``zone`` that of its date.

    MediaError for a cover that is gone.
    """
    picture = episode.artwork or show.artwork
    cover = staging.read(picture.sha256, f"cover of {episode.slug}", "Give it again with --cover.") if picture else b""
    return Words(
        title=episode.title,
        show=show.title,
        author=show.author,
        date=f"{episode.published.astimezone(zone):%Y-%m-%d}" if episode.published else "",
        season=episode.season,
        number=episode.number,
        notes=notes.to_text(episode.notes, _NOTES) if episode.notes else "",
        url=page,
        language=three_letters(episode.language or show.language),
        cover=run("picture:for_tags", bytes, data=cover) if cover else None,
        chapters=episode.chapters,
        transcripts=tuple(_transcripts(episode, staging)),
        duration=episode.audio.duration,
        old_id3=old_id3,
    )


def tagged(audio: Audio, words: Words, staging: Staging) -> Audio | None:
    """Stage a copy of some audio with these tags and return it; None where its tags say all that already: then it stays as it is.

    What other programs wrote into its tags is kept. MediaError where it cannot be tagged.
    """
    name = f"The audio of “{words.title}”"
    with _new_file(staging.root) as path:
        with naming(name), open(open_regular(staging.path(audio.sha256)), "rb") as source, path.open("r+b") as target:  # noqa: PTH123
            room = audio.length * 2 + _ROOM
            if not run("tag_writer:retag", bool, source, target, writes=room, media_type=audio.media_type, words=words):
                return None
        copy, _ = read_audio(path, staging)
    if (copy.media_type, copy.duration, copy.sample_rate, copy.channels) != (
        audio.media_type,
        audio.duration,
        audio.sample_rate,
        audio.channels,
    ):
        raise MediaError(f"{name} would not be the same with other tags", hint="It is damaged: export it anew.")
    return copy


def three_letters(tag: str) -> str:
    """Return the code of ISO 639-2 for a BCP 47 tag; "und" where there is none.

    >>> three_letters("uz-Cyrl"), three_letters("ky"), three_letters("xx")
    ('uzb', 'kir', 'und')
    """
    try:
        return langcodes.Language.get(tag).to_alpha3()
    except LookupError:
        return "und"


def _transcripts(episode: Episode, staging: Staging) -> Iterator[tuple[str, str]]:
    """Yield language and words; one whose staged file is gone is told of by `check`, and is no reason not to tag."""
    for transcript in episode.transcripts:
        with suppress(MediaError):
            data = staging.read(transcript.sha256, "transcript", "")
            yield three_letters(transcript.language), transcripts.to_text(transcripts.parse(data))


@contextmanager
def _new_file(folder: Path) -> Iterator[Path]:
    """Make an empty file that is gone afterwards."""
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    os.close(descriptor)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
