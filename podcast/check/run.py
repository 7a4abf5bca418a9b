"""What the rules are run over: a show with its episodes, one episode before its release, an audio file, a feed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, zip_longest
from typing import Final

from podcast.formats import feed_reader, rss
from podcast.formats.feed_reader import Tag
from podcast.formats.namespaces import CHAPTERS as PODLOVE
from podcast.formats.namespaces import NAMESPACES
from podcast.model import Audio, Chapter, Cue, Episode, Show, Status, Transcript
from podcast.site import Site

from .audio import ARTWORK, AUDIO, SeenAudio
from .channel import CHANNEL
from .document import FEED, SeenFeed
from .episodes import EPISODE, SeenEpisode
from .item import ITEM
from .places import PLACE, Place, check_elements
from .rules import Finding, Level, Table
from .timed import CHAPTERS, TRANSCRIPT, SeenChapters, SeenTranscript

#: What the rules about an episode say of its own feed already.
_TOLD: Final = frozenset({"apple.enclosure.extension", "rss.item.description"})

_DECLARED: Final = {prefix: uri for uri, prefix in feed_reader.PREFIXES.items()} | NAMESPACES | {"psc": PODLOVE}
#: What makes a feed of one item of ours.
_HEAD: Final = ("<rss" + "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _DECLARED.items()) + "><channel>").encode()

#: Reads the cues of a transcript; None where that cannot be done.
ReadCues = Callable[[Transcript], tuple[Cue, ...] | None]


def check_show(show: Show, episodes: Iterable[Episode], site: Site, *, now: datetime, read_cues: ReadCues) -> Iterator[Finding]:
    """Yield what is wrong with a show: its picture, its feed as it would be with these episodes published, and each of them."""
    if show.artwork:
        yield from ARTWORK.run(show.artwork, show.slug)
    episodes = tuple(episodes)
    yield from _check_own_feed(show, episodes, site, now)
    for episode in episodes:
        yield from _check_facts(show, episode, now, read_cues)


def check_episode(show: Show, episode: Episode, site: Site, *, now: datetime, read_cues: ReadCues) -> Iterator[Finding]:
    """Yield what is wrong with an episode: its item in the feed, what it says, its audio, picture, chapters and transcripts."""
    item = rss.render_item(show, _as_published(episode, now), site)
    yield from _check_own_item(item, f"{show.slug}/{episode.slug}", now)
    yield from _check_facts(show, episode, now, read_cues)


def check_release(
    show: Show, episode: Episode, site: Site, *, now: datetime, read_cues: ReadCues, item: bytes | None = None
) -> tuple[Finding, ...]:
    """Return the errors for which an episode must not go out; they concern this episode alone.

    ``item`` is what ``rss.render_item`` gave for it, where that is at hand: then nothing is rendered.
    """
    item = item or rss.render_item(show, _as_published(episode, now), site)
    found = chain(_check_own_item(item, f"{show.slug}/{episode.slug}", now), _check_facts(show, episode, now, read_cues))
    return tuple(finding for finding in found if finding.level is Level.ERROR)


def _check_facts(show: Show, episode: Episode, now: datetime, read_cues: ReadCues) -> Iterator[Finding]:
    where = f"{show.slug}/{episode.slug}"
    yield from EPISODE.run(SeenEpisode(episode=episode, show=show, now=now), where)
    yield from AUDIO.run(SeenAudio(audio=episode.audio), where)
    if episode.artwork:
        yield from ARTWORK.run(episode.artwork, where)
    yield from CHAPTERS.run(SeenChapters(chapters=episode.chapters, duration=episode.audio.duration), where)
    for transcript in episode.transcripts:
        seen = SeenTranscript(cues=read_cues(transcript), duration=episode.audio.duration, language=transcript.language)
        yield from TRANSCRIPT.run(seen, where)


def _check_own_item(item: bytes, where: str, now: datetime) -> Iterator[Finding]:
    for tag in feed_reader.read(_HEAD + item + rss.TAIL).items:
        yield from (finding for finding in _check_place(tag, ITEM, where, now) if finding.rule not in _TOLD)


def _check_own_feed(show: Show, episodes: Iterable[Episode], site: Site, now: datetime) -> Iterator[Finding]:
    public = sorted((_as_published(episode, now) for episode in episodes), key=lambda one: one.published or now, reverse=True)
    names = [f"{show.slug}/{episode.slug}" for episode in public]
    for finding in check_feed(rss.render(show, public, site), show.slug, now=now, names=names):
        if finding.rule not in _TOLD:
            yield finding


def _as_published(episode: Episode, now: datetime) -> Episode:
    if episode.status is Status.PUBLISHED and episode.published:
        return episode
    return replace(episode, published=min(episode.published or now, now))


def check_feed(data: bytes, name: str, *, now: datetime, names: Sequence[str] = ()) -> Iterator[Finding]:
    """Yield what is wrong with a feed, called ``name``; ``names`` says what its items are called, in their order."""
    feed = feed_reader.read(data)
    yield from FEED.run(SeenFeed(feed=feed, now=now), name)
    if feed.channel is None:
        return
    yield from _check_place(feed.channel, CHANNEL, name, now)
    for tag, where in zip_longest(feed.items, names[: len(feed.items)]):
        yield from _check_place(tag, ITEM, where or _place_name(tag, name), now)


def _check_place(tag: Tag, table: Table[Place], where: str, now: datetime) -> Iterator[Finding]:
    place = Place(tag=tag, now=now)
    yield from table.run(place, where)
    yield from PLACE.run(place, where)
    yield from check_elements(tag, tag.name, where)


def _place_name(item: Tag, name: str) -> str:
    title = item.value("title")
    return f"{name}, line {item.line}" + (f": “{title[:60]}”" if title else "")


def check_audio(audio: Audio, chapters: Iterable[Chapter], doubts: Iterable[str], name: str) -> Iterator[Finding]:
    """Yield what is wrong with an audio file, called ``name``, and with the chapters in its tags."""
    yield from AUDIO.run(SeenAudio(audio=audio, doubts=tuple(doubts)), name)
    yield from CHAPTERS.run(SeenChapters(chapters=tuple(chapters), duration=audio.duration), name)
