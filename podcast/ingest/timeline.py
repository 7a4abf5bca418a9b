"""What runs along with an episode, moved to where it is heard after a cut."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from podcast.errors import MediaError
from podcast.formats import transcripts
from podcast.model import Chapter, Cue, Episode, Transcript

from .masters import Result
from .staging import Staging


def moved(episode: Episode, old: Result, new: Result, duration: float, staging: Staging) -> dict[str, Any]:
    """Return chapters, soundbites and transcripts of an episode as they are in another result than the ``old``.

    ``duration`` is that of the new sound: what would begin after it goes.
    """
    by = round(new.shift - old.shift, 3)
    if (by, new.begins) == (0, old.begins):
        return {}
    bites = (replace(bite, start_time=round(bite.start_time + by, 3)) for bite in episode.soundbites)
    return {
        "chapters": move_chapters(episode.chapters, old, new, duration),
        "soundbites": tuple(bite for bite in bites if bite.start_time >= 0 and bite.within(round(duration))),
        "transcripts": tuple(_moved_transcript(one, by, duration, staging) for one in episode.transcripts),
    }


def move_chapters(chapters: Iterable[Chapter], old: Result, new: Result, duration: float) -> tuple[Chapter, ...]:
    """Move chapters; what began before the recording, or in what is cut off of it, begins with it.

    >>> cut = Result(shift=-2.0)
    >>> [chapter.start for chapter in move_chapters([Chapter(start=0), Chapter(start=1), Chapter(start=9)], Result(), cut, 60)]
    [0.0, 7.0]
    >>> [chapter.start for chapter in move_chapters([Chapter(start=0), Chapter(start=7)], cut, Result(shift=3.0, begins=5.0), 60)]
    [5.0, 12.0]
    """

    def start(chapter: Chapter) -> float:
        was = 0.0 if chapter.start <= old.begins else chapter.start - old.shift
        return max(round(was + new.shift, 3), new.begins)

    by = new.shift - old.shift
    late = [replace(one, start=start(one), end=one.end and round(min(max(one.end + by, 0.0), duration), 3)) for one in chapters]
    late = [one for one in late if one.start < duration]
    return tuple(one for one, after in zip_longest(late, late[1:]) if after is None or after.start > new.begins)


def move_cues(cues: Iterable[Cue], by: float, duration: float) -> tuple[Cue, ...]:
    """Move the cues of a transcript; those that are not heard any more go."""
    late = (replace(cue, start=max(cue.start + by, 0.0), end=min(cue.end + by, duration)) for cue in cues)
    return tuple(cue for cue in late if cue.start < cue.end)


def _moved_transcript(transcript: Transcript, by: float, duration: float, staging: Staging) -> Transcript:
    """Stage a transcript with other times; one whose file is gone stays, and `check` tells of it."""
    with suppress(MediaError):
        cues = transcripts.parse(staging.read(transcript.sha256, "transcript", ""))
        staged = staging.store(transcripts.to_vtt(move_cues(cues, by, duration)))
        return replace(transcript, sha256=staged.sha256, md5=staged.md5, length=staged.length)
    return transcript
