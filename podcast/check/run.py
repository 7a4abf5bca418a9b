"""What the rules are run over: a show with its episodes, one episode before its release, an audio file, a feed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Final

from podcast.config import FeedSettings
from podcast.formats import feed_reader, rss
from podcast.formats.feed_reader import Tag
from podcast.formats.namespaces import NAMESPACES
from podcast.formats.paging import Variant
from podcast.model import Audio, Chapter, Cue, Episode, Measured, Show, Status, Transcript
from podcast.site import Site

from .audio import ARTWORK, AUDIO, SeenAudio
from .channel import CHANNEL
from .document import FEED, SeenFeed
from .episodes import EPISODE, SeenEpisode
from .item import ITEM
from .places import PLACE, Place, check_elements
from .rules import Finding, Level, Table
from .survey import Survey
from .timed import CHAPTERS, TRANSCRIPT, SeenChapters, SeenTranscript

#: What the rules about an episode say of its own feed already, and what nobody can or need mend in it.
_TOLD: Final = frozenset(
    {
        "apple.enclosure.extension",
        "rss.item.description",
        "rss.order",
        "rss.date.old",
        "apple.serial.item",
        "antennapod.length",
        "podcasting20.guid.version",
    }
)
_WHOLE: Final = FeedSettings()

_DECLARED: Final = {prefix: uri for uri, prefix in feed_reader.PREFIXES.items()} | NAMESPACES
#: What makes a feed of one item of ours.
_HEAD: Final = ("<rss" + "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _DECLARED.items()) + ' version="2.0"><channel>').encode()

#: Findings of one rule in one feed; how many more there are is told.
_MOST: Final = 1_000

#: Is shown each channel and item with what it is called, for its links.
Visit = Callable[[Tag, str], None]


def ignore(_: Tag, __: str) -> None:
    """Look at nothing."""


#: Reads the cues of a transcript; None where that cannot be done.
ReadCues = Callable[[Transcript], tuple[Cue, ...] | None]

#: Returns what was measured on the audio of a hash; None where nobody has.
FindMeasured = Callable[[str], Measured | None]


def not_measured(_: str) -> None:
    """Know of no measurements."""


def check_show(
    show: Show,
    episodes: Iterable[Episode],
    site: Site,
    *,
    now: datetime,
    read_cues: ReadCues,
    measured: FindMeasured = not_measured,
    settings: FeedSettings = _WHOLE,
    visit: Visit = ignore,
) -> Iterator[Finding]:
    """Yield what is wrong with a show: its picture, its feed as it would be with these episodes published, and each of them.

    The episodes come newest first, and one is in memory at a time. ``visit`` sees what is public already.
    """
    if show.artwork:
        yield from ARTWORK.run(show.artwork, show.slug)
    head = rss.render_head(show, site, show.changed, simple_chapters=settings.simple_chapters, hubs=settings.hubs) + rss.TAIL
    feed, survey, length = feed_reader.read(head), Survey(), len(head)
    if feed.channel:
        survey.add_elements(feed.channel)
        visit(feed.channel, show.slug)
        yield from (found for found in _check_place(feed.channel, CHANNEL, show.slug, now) if found.rule not in _TOLD)
    for rank, episode in enumerate(episodes):
        item = _render(show, episode, site, now, settings, rank)
        length += len(item) if rank < (settings.limit or rank + 1) else 0
        shown = visit if episode.status is Status.PUBLISHED else ignore
        yield from _check_own_item(item, f"{show.slug}/{episode.slug}", now, survey, shown)
        yield from _check_facts(show, episode, now, read_cues, measured)
    for finding in FEED.run(SeenFeed(feed=replace(feed, length=length), survey=survey), show.slug):
        if finding.rule not in _TOLD:
            yield finding


def check_head(show: Show, site: Site, *, now: datetime) -> tuple[Finding, ...]:
    """Return the errors for which directories refuse a show, whatever its episodes are."""
    channel = feed_reader.read(rss.render_head(show, site, show.changed) + rss.TAIL).channel
    found = CHANNEL.run(Place(tag=channel, now=now), show.slug) if channel else ()
    return tuple(finding for finding in found if finding.level is Level.ERROR)


def check_episode(
    show: Show,
    episode: Episode,
    site: Site,
    *,
    now: datetime,
    read_cues: ReadCues,
    measured: FindMeasured = not_measured,
    visit: Visit = ignore,
) -> Iterator[Finding]:
    """Yield what is wrong with an episode: its item in the feed, what it says, its audio, picture, chapters and transcripts."""
    shown = visit if episode.status is Status.PUBLISHED else ignore
    yield from _check_own_item(_render(show, episode, site, now), f"{show.slug}/{episode.slug}", now, visit=shown)
    yield from _check_facts(show, episode, now, read_cues, measured)


def check_release(
    show: Show,
    episode: Episode,
    site: Site,
    *,
    now: datetime,
    read_cues: ReadCues,
    measured: FindMeasured = not_measured,
    item: bytes | None = None,
) -> tuple[Finding, ...]:
    """Return the errors for which an episode must not go out; they concern this episode alone.

    ``item`` is what ``rss.render_item`` gave for it, where that is at hand: then nothing is rendered.
    """
    found = chain(
        _check_own_item(item or _render(show, episode, site, now), f"{show.slug}/{episode.slug}", now),
        _check_facts(show, episode, now, read_cues, measured),
    )
    return tuple(finding for finding in found if finding.level is Level.ERROR)


def _check_facts(show: Show, episode: Episode, now: datetime, read_cues: ReadCues, measured: FindMeasured) -> Iterator[Finding]:
    where = f"{show.slug}/{episode.slug}"
    yield from EPISODE.run(SeenEpisode(episode=episode, show=show, now=now), where)
    yield from AUDIO.run(SeenAudio(audio=episode.audio, measured=measured(episode.audio.sha256)), where)
    if episode.artwork:
        yield from ARTWORK.run(episode.artwork, where)
    yield from CHAPTERS.run(SeenChapters(chapters=episode.chapters, duration=episode.audio.duration), where)
    for transcript in episode.transcripts:
        seen = SeenTranscript(cues=read_cues(transcript), duration=episode.audio.duration, language=transcript.language)
        yield from TRANSCRIPT.run(seen, where)


def _render(show: Show, episode: Episode, site: Site, now: datetime, settings: FeedSettings = _WHOLE, rank: int = 0) -> bytes:
    """Return the item as it would be if the episode were published now, behind ``rank`` others."""
    if episode.status is not Status.PUBLISHED or not episode.published:
        episode = replace(episode, published=min(episode.published or now, now))
    slim = settings.slim_after is not None and rank >= min(settings.slim_after, settings.limit or settings.slim_after)
    return rss.render_item(show, episode, site, Variant(slim=slim), simple_chapters=settings.simple_chapters)


def _check_own_item(item: bytes, where: str, now: datetime, survey: Survey | None = None, visit: Visit = ignore) -> Iterator[Finding]:
    survey, tags = survey or Survey(), list[Tag]()
    feed = feed_reader.read(_HEAD + item + rss.TAIL, tags.append)
    if feed.faults:
        yield from (found for found in FEED.run(SeenFeed(feed=feed, survey=survey), where) if found.rule == "xml.well-formed")
    for tag in tags:
        survey.add(tag, where)
        visit(tag, where)
        yield from (finding for finding in _check_place(tag, ITEM, where, now) if finding.rule not in _TOLD)


def check_feed(data: bytes, name: str, *, now: datetime, url: str = "", visit: Visit = ignore) -> Iterator[Finding]:
    """Yield what is wrong with a feed, called ``name``, which was found at an address or in a file."""
    survey, found = Survey(), list[Finding]()
    told: Counter[str] = Counter()

    def see(item: Tag) -> None:
        where = _place_name(item, name)
        survey.add(item, f"line {item.line}")
        visit(item, where)
        for finding in _check_place(item, ITEM, where, now):
            told[finding.rule] += 1
            if told[finding.rule] <= _MOST:
                found.append(finding)

    feed = feed_reader.read(data, see)
    if feed.channel:
        survey.add_elements(feed.channel)
        visit(feed.channel, name)
    yield from FEED.run(SeenFeed(feed=feed, survey=survey, url=url), name)
    if feed.channel:
        yield from _check_place(feed.channel, CHANNEL, name, now)
    yield from found
    for last in {finding.rule: finding for finding in found if told[finding.rule] > _MOST}.values():
        yield replace(last, where=name, message=f"The same in {told[last.rule] - _MOST:,} more places")


def _check_place(tag: Tag, table: Table[Place], where: str, now: datetime) -> Iterator[Finding]:
    place = Place(tag=tag, now=now)
    yield from table.run(place, where)
    yield from PLACE.run(place, where)
    yield from check_elements(tag, tag.name, where)


def _place_name(item: Tag, name: str) -> str:
    title = item.value("title")
    return f"{name}, line {item.line}" + (f": “{title[:60]}”" if title else "")


def check_audio(
    audio: Audio, chapters: Iterable[Chapter], doubts: Iterable[str], name: str, measured: Measured | None = None
) -> Iterator[Finding]:
    """Yield what is wrong with an audio file, called ``name``, and with the chapters in its tags."""
    yield from AUDIO.run(SeenAudio(audio=audio, doubts=tuple(doubts), measured=measured), name)
    yield from CHAPTERS.run(SeenChapters(chapters=tuple(chapters), duration=audio.duration), name)
