"""Rules about what is tied to the time line of an episode: chapters and transcripts."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from podcast.formats.chapters import is_position
from podcast.model import Chapter, Cue, format_duration

from .rules import Level, Table

#: An ID3 tag counts its chapters in one byte.
_MAX_CHAPTERS: Final = 255
_MAX_LETTERS: Final = 300
#: Seconds; a cue that ends before it begins is kept for less.
_MOMENT: Final = 0.01
#: Cues of two speakers overlap a little in many good transcripts.
_OVERLAP: Final = 1.0
#: A last word may stand a moment behind the end, by rounding.
_SLACK: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenChapters:
    """Chapters, and the duration of what they divide, in seconds."""

    chapters: tuple[Chapter, ...]
    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTranscript:
    """A transcript; ``cues`` is None where the staged file is gone or cannot be read."""

    cues: tuple[Cue, ...] | None
    duration: float
    #: BCP 47.
    language: str

    @property
    def name(self) -> str:
        """Return what messages call it."""
        return f"The transcript in {self.language}"


CHAPTERS: Final = Table[SeenChapters]("chapters")
TRANSCRIPT: Final = Table[SeenTranscript]("transcript")

_GIVE: Final = "podcast edit EP --chapters FILE"
_AGAIN: Final = "podcast edit EP --transcript FILE"


@CHAPTERS.rule("chapters.time", Level.ERROR, "A chapter stands at a time below 100 hours", source="practice", remedy=_GIVE)
def _time(seen: SeenChapters) -> Iterator[str]:
    for chapter in seen.chapters:
        if not all(map(is_position, (chapter.start, chapter.start if chapter.end is None else chapter.end))):
            yield f"“{chapter.title}” stands at {chapter.start:g} seconds, which is no position in an episode"


@CHAPTERS.rule("chapters.order", Level.WARNING, "Chapters stand in the order of time", source="Podcasting 2.0", remedy=_GIVE)
def _order(seen: SeenChapters) -> Iterator[str]:
    for first, second in pairwise(seen.chapters):
        if second.start < first.start:
            yield f"“{second.title}” ({_at(second.start)}) stands behind “{first.title}” ({_at(first.start)})"


@CHAPTERS.rule("chapters.same-start", Level.WARNING, "No two chapters begin at one moment", source="Podcasting 2.0", remedy=_GIVE)
def _same(seen: SeenChapters) -> Iterator[str]:
    shown = sorted((chapter for chapter in seen.chapters if chapter.toc), key=lambda chapter: chapter.start)
    for first, second in pairwise(shown):
        if second.start == first.start:
            yield f"“{first.title}” and “{second.title}” both begin at {_at(first.start)}"


@CHAPTERS.rule("chapters.after-end", Level.WARNING, "Chapters begin before the audio ends", source="Podcasting 2.0", remedy=_GIVE)
def _late(seen: SeenChapters) -> Iterator[str]:
    for chapter in seen.chapters:
        if chapter.start >= seen.duration > 0:
            yield f"“{chapter.title}” begins at {_at(chapter.start)}, the audio ends at {_at(seen.duration)}"


@CHAPTERS.rule("chapters.span", Level.WARNING, "A chapter ends after it begins", source="Podcasting 2.0", remedy=_GIVE)
def _span(seen: SeenChapters) -> Iterator[str]:
    for chapter in seen.chapters:
        if chapter.end is not None and chapter.end <= chapter.start:
            yield f"“{chapter.title}” ends at {_at(chapter.end)}, before it begins"


@CHAPTERS.rule("chapters.title", Level.WARNING, "Chapters have titles", source="Apple, Podcasting 2.0", remedy=_GIVE)
def _titles(seen: SeenChapters) -> Iterator[str]:
    for chapter in seen.chapters:
        if chapter.toc and not chapter.title.strip():
            yield f"The chapter at {_at(chapter.start)} has no title"


@CHAPTERS.rule("chapters.first", Level.NOTICE, "The first chapter begins with the audio", source="Apple, YouTube", remedy=_GIVE)
def _first(seen: SeenChapters) -> Iterator[str]:
    if seen.chapters and min(chapter.start for chapter in seen.chapters) > 0:
        yield f"The first chapter begins at {_at(min(chapter.start for chapter in seen.chapters))}, not at {_at(0)}"


@CHAPTERS.rule("chapters.number", Level.WARNING, "There are at most 255 chapters", source="ID3", remedy=_GIVE)
def _number(seen: SeenChapters) -> Iterator[str]:
    if len(seen.chapters) > _MAX_CHAPTERS:
        yield f"There are {len(seen.chapters):,} chapters; a tag holds {_MAX_CHAPTERS}"


@TRANSCRIPT.rule("transcript.readable", Level.ERROR, "A transcript is there and can be read", source="Podcasting 2.0", remedy=_AGAIN)
def _readable(seen: SeenTranscript) -> Iterator[str]:
    if seen.cues is None:
        yield f"{seen.name} cannot be read: its staged copy is gone or damaged"


@TRANSCRIPT.rule("transcript.empty", Level.WARNING, "A transcript holds words", source="Podcasting 2.0", remedy=_AGAIN)
def _words(seen: SeenTranscript) -> Iterator[str]:
    if seen.cues is not None and not any(cue.text.strip() for cue in seen.cues):
        yield f"{seen.name} holds no words"


@TRANSCRIPT.rule(
    "transcript.order", Level.WARNING, "Cues stand in the order of time and end after they begin", source="WebVTT", remedy=_AGAIN
)
def _cue_order(seen: SeenTranscript) -> Iterator[str]:
    cues = seen.cues or ()
    wrong = [second.start for first, second in pairwise(cues) if second.start < first.start]
    wrong += [cue.start for cue in cues if cue.end < cue.start]
    if wrong:
        yield f"{seen.name} has {_some(len(wrong), 'cue')} out of order, the first at {_at(wrong[0])}"


@TRANSCRIPT.rule("transcript.moment", Level.WARNING, "Cues are shown long enough to be read", source="WebVTT", remedy=_AGAIN)
def _moments(seen: SeenTranscript) -> Iterator[str]:
    found = [cue.start for cue in seen.cues or () if cue.start <= cue.end < cue.start + _MOMENT]
    if found:
        yield f"{seen.name} has {_some(len(found), 'cue')} without a length, as their ends were wrong; the first at {_at(found[0])}"


@TRANSCRIPT.rule("transcript.overlap", Level.NOTICE, "Cues do not cover each other", source="WebVTT", remedy=_AGAIN)
def _overlap(seen: SeenTranscript) -> Iterator[str]:
    found = [second.start for first, second in pairwise(seen.cues or ()) if first.start <= second.start < first.end - _OVERLAP]
    if found:
        yield f"{seen.name} has {_some(len(found), 'cue')} that cover the one before, the first at {_at(found[0])}"


@TRANSCRIPT.rule("transcript.after-end", Level.WARNING, "A transcript ends with the audio", source="Podcasting 2.0", remedy=_AGAIN)
def _behind(seen: SeenTranscript) -> Iterator[str]:
    found = [cue.start for cue in seen.cues or () if cue.start > seen.duration + _SLACK]
    if found and seen.duration > 0:
        yield f"{seen.name} has {_some(len(found), 'cue')} behind the end of the audio, the first at {_at(found[0])}"


@TRANSCRIPT.rule("transcript.short", Level.WARNING, "A transcript covers the audio", source="Apple", remedy=_AGAIN)
def _short(seen: SeenTranscript) -> Iterator[str]:
    last = max((cue.end for cue in seen.cues or ()), default=0.0)
    if seen.cues and last < seen.duration / 2:
        yield f"{seen.name} ends at {_at(last)}, and the audio at {_at(seen.duration)}"


@TRANSCRIPT.rule(
    "transcript.cue-length", Level.NOTICE, "A cue has at most 300 letters", source="Podcasting 2.0", remedy="Divide long cues by sentences"
)
def _long(seen: SeenTranscript) -> Iterator[str]:
    found = [cue.start for cue in seen.cues or () if len(cue.text) > _MAX_LETTERS]
    if found:
        yield f"{seen.name} has {_some(len(found), 'cue')} of more than {_MAX_LETTERS} letters, the first at {_at(found[0])}"


def _some(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _at(seconds: float) -> str:
    return format_duration(int(seconds)) if is_position(seconds) else f"{seconds:g} seconds"
