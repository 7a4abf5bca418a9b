"""What the rules are run over: a show with its episodes, one episode before its release, an audio file, a feed."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from podcast.model import Audio, Chapter, Cue, Episode, Show, Transcript

from .audio import ARTWORK, AUDIO, SeenAudio
from .episodes import EPISODE, SeenEpisode
from .rules import Finding, Level
from .timed import CHAPTERS, TRANSCRIPT, SeenChapters, SeenTranscript

#: Reads the cues of a transcript; None where that cannot be done.
ReadCues = Callable[[Transcript], tuple[Cue, ...] | None]


def check_show(show: Show) -> Iterator[Finding]:
    """Yield what is wrong with a show by itself; :func:`check_feed` of its feed says the rest."""
    if show.artwork:
        yield from ARTWORK.run(show.artwork, show.slug)


def check_episode(show: Show, episode: Episode, *, now: datetime, read_cues: ReadCues) -> Iterator[Finding]:
    """Yield what is wrong with an episode: what it says, its audio, picture, chapters and transcripts."""
    where = f"{show.slug}/{episode.slug}"
    yield from EPISODE.run(SeenEpisode(episode=episode, show=show, now=now), where)
    yield from AUDIO.run(SeenAudio(audio=episode.audio), where)
    if episode.artwork:
        yield from ARTWORK.run(episode.artwork, where)
    yield from CHAPTERS.run(SeenChapters(chapters=episode.chapters, duration=episode.audio.duration), where)
    for transcript in episode.transcripts:
        seen = SeenTranscript(cues=read_cues(transcript), duration=episode.audio.duration, language=transcript.language)
        yield from TRANSCRIPT.run(seen, where)


def check_audio(audio: Audio, chapters: Iterable[Chapter], doubts: Iterable[str], name: str) -> Iterator[Finding]:
    """Yield what is wrong with an audio file, called ``name``, and with the chapters in its tags."""
    yield from AUDIO.run(SeenAudio(audio=audio, doubts=tuple(doubts)), name)
    yield from CHAPTERS.run(SeenChapters(chapters=tuple(chapters), duration=audio.duration), name)


def check_release(show: Show, episode: Episode, *, now: datetime, read_cues: ReadCues) -> tuple[Finding, ...]:
    """Return the errors for which an episode must not go out; they concern this episode alone."""
    found = check_episode(show, episode, now=now, read_cues=read_cues)
    return tuple(finding for finding in found if finding.level is Level.ERROR)
