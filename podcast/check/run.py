"""What the rules are run over: a show with its episodes, one episode before its release, an audio file, a feed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from podcast.formats import feed_reader, rss
from podcast.model import Audio, Chapter, Cue, Episode, Show, Status, Transcript
from podcast.site import Site

from .audio import ARTWORK, AUDIO, SeenAudio
from .channel import CHANNEL
from .document import FEED, SeenFeed
from .episodes import EPISODE, SeenEpisode
from .item import ITEM
from .places import PLACE, Place, check_elements
from .rules import Finding, Level
from .timed import CHAPTERS, TRANSCRIPT, SeenChapters, SeenTranscript

#: What the rules about an episode say of its own feed already.
_TOLD: Final = frozenset({"apple.enclosure.extension", "rss.item.description"})

#: Reads the cues of a transcript; None where that cannot be done.
ReadCues = Callable[[Transcript], tuple[Cue, ...] | None]


def check_show(show: Show, episodes: Iterable[Episode], site: Site, *, now: datetime) -> Iterator[Finding]:
    """Yield what is wrong with a show: its picture, and its feed as it would be with these episodes published."""
    if show.artwork:
        yield from ARTWORK.run(show.artwork, show.slug)
    public = sorted((_as_published(episode, now) for episode in episodes), key=lambda one: one.published or now, reverse=True)
    names = {episode.guid: f"{show.slug}/{episode.slug}" for episode in public}
    for finding in check_feed(rss.render(show, public, site), show.slug, now=now, names=names):
        if finding.rule not in _TOLD:
            yield finding


def _as_published(episode: Episode, now: datetime) -> Episode:
    if episode.status is Status.PUBLISHED and episode.published:
        return episode
    return replace(episode, published=min(episode.published or now, now))


def check_feed(data: bytes, name: str, *, now: datetime, names: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Yield what is wrong with a feed, called ``name``; ``names`` says what its items are called, by their guid."""
    feed = feed_reader.read(data)
    yield from FEED.run(SeenFeed(feed=feed, now=now), name)
    if feed.channel is None:
        return
    for tag in (feed.channel, *feed.items):
        is_item = tag is not feed.channel
        where = (names or {}).get(tag.value("guid")) or _place_name(tag, name) if is_item else name
        place = Place(tag=tag, now=now)
        yield from (ITEM if is_item else CHANNEL).run(place, where)
        yield from PLACE.run(place, where)
        yield from check_elements(tag, tag.name, where)


def _place_name(item: feed_reader.Tag, name: str) -> str:
    title = item.value("title")
    return f"{name}, line {item.line}" + (f": “{title[:60]}”" if title else "")


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
