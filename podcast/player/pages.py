"""The pages that we publish ourselves, for newsrooms without their own: the project, a show, an episode."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from podcast.formats.notes import to_html
from podcast.formats.text import cut, direction, safe_url
from podcast.model import Cue, Episode, Show, format_duration
from podcast.player.addresses import episode_page, show_page
from podcast.player.data import pictures
from podcast.player.labels import language_name
from podcast.player.parts import apps, chapter_rows, transcript_rows
from podcast.player.render import render_page
from podcast.player.structured import episode_data, series_data
from podcast.site import Site, episode_key, show_key

#: What search engines and social sites show of a description.
_SUMMARY: Final = 200
#: Seconds of a transcript in one paragraph, where one speaker goes on.
_TURN: Final = 30
#: Pixels of the picture that social sites show.
_SHARED: Final = 1400


@dataclass(frozen=True, slots=True)
class _EpisodeRow:
    page: str
    title: str
    #: The day in the newsroom's time zone, and the moment; None for what was never published.
    day: str | None
    moment: str | None
    seconds: int
    duration: str


@dataclass(frozen=True, slots=True)
class _PersonRow:
    name: str
    url: str | None


@dataclass(frozen=True, slots=True)
class _Turn:
    start: float
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class _ShowRow:
    show: Show
    direction: str
    cover: Mapping[int, str]
    webp: Mapping[int, str]
    page: str
    feed: str


@dataclass(frozen=True, slots=True)
class _TwinRow:
    show: Show
    language: str
    page: str


def render_home(site: Site, shows: Sequence[Show]) -> bytes:
    """Render the project's ``index.html``: its shows in the order given."""
    rows = [
        _ShowRow(
            show,
            direction(show.language),
            site.covers(show),
            site.webp_covers(show),
            site.url(show_key(show.slug, "index.html")),
            site.url(show_key(show.slug, "feed.xml")),
        )
        for show in shows
    ]
    return render_page("home.html", site, home_language(shows), cover=next((row.cover for row in rows if row.cover), {}), rows=rows)


def home_language(shows: Sequence[Show]) -> str:
    """Return the language of what belongs to all shows: theirs where they have one in common, else English."""
    languages = {show.language for show in shows}
    return languages.pop() if len(languages) == 1 else "en"


def render_show(site: Site, show: Show, episodes: Sequence[Episode], twins: Sequence[Show] = (), *, older: int = 0) -> bytes:
    """Render a show's page with its episodes, newest first as given, and links to the same programme in other languages.

    ``older`` pages go on with the list; see ``render_older``.
    """
    return render_page(
        "show.html",
        site,
        show.language,
        show=show,
        description=_summary(show.description),
        cover=site.covers(show),
        webp=site.webp_covers(show),
        page=show_page(site, show),
        feed=site.url(show_key(show.slug, "feed.xml")),
        rows=_rows(site, episodes),
        older=older,
        apps=apps(site, show),
        oembed=site.url(show_key(show.slug, "oembed.json")),
        structured=series_data(site, show),
        twins=[_TwinRow(twin, language_name(twin.language), show_page(site, twin)) for twin in twins],
    )


def render_older(site: Site, show: Show, episodes: Sequence[Episode], number: int, count: int) -> bytes:
    """Render the page ``number`` of ``count`` with episodes that stand on the show's page no more; number 1 has the oldest."""
    newer = f"episodes-{number + 1}.html" if number < count else "index.html"
    return render_page(
        "older.html",
        site,
        show.language,
        show=show,
        cover=site.covers(show),
        page=site.url(show_key(show.slug, f"episodes-{number}.html")),
        show_page=show_page(site, show),
        feed=site.url(show_key(show.slug, "feed.xml")),
        rows=_rows(site, episodes),
        newer=site.url(show_key(show.slug, newer)),
        older=number - 1,
    )


def _rows(site: Site, episodes: Sequence[Episode]) -> list[_EpisodeRow]:
    return [_row(site, episode) for episode in episodes]


def _row(site: Site, episode: Episode) -> _EpisodeRow:
    moment = site.local(episode.published).isoformat() if episode.published else None
    seconds = episode.audio.duration
    return _EpisodeRow(episode_page(site, episode), episode.title, moment and moment[:10], moment, seconds, format_duration(seconds))


def render_episode(
    site: Site, show: Show, episode: Episode, cues: Mapping[str, Sequence[Cue]] | None = None, *, peaks: bool = False
) -> bytes:
    """Render an episode's page: player, notes, persons, chapters, transcripts. ``cues`` by language; ``peaks``: it has a peaks.json."""
    # to_html cleans what it returns; this is the only text that is not escaped here.
    notes = Markup(to_html(episode.notes))  # noqa: S704
    description = _summary(notes.striptags())
    return render_page(
        "episode.html",
        site,
        episode.language or show.language,
        player=True,
        show=show,
        episode=episode,
        description=description,
        oembed=site.url(episode_key(episode, "oembed.json")),
        structured=episode_data(site, show, episode, description),
        embed=site.url(episode_key(episode, "embed.html")),
        notes=notes,
        picture=next(iter(pictures(site, show, episode.artwork or show.artwork, _SHARED)), None),
        cover=site.covers(show, episode),
        webp=site.webp_covers(show, episode),
        audio=site.media(episode),
        page=episode_page(site, episode),
        show_page=show_page(site, show),
        feed=site.url(show_key(show.slug, "feed.xml")),
        peaks=site.url(episode_key(episode, "peaks.json")) if peaks else None,
        chapters=chapter_rows(site, episode),
        persons=[_PersonRow(one.name, safe_url(one.href or "")) for one in episode.persons or show.persons],
        transcripts=[(row, list(_turns((cues or {}).get(row.language, ())))) for row in transcript_rows(site, episode)],
    )


def _turns(cues: Sequence[Cue]) -> Iterator[_Turn]:
    """Yield the paragraphs of a transcript: one for each turn of a speaker, or half a minute of a long one."""
    begun: list[Cue] = []
    for cue in cues:
        if begun and (cue.speaker != begun[0].speaker or cue.start - begun[0].start > _TURN):
            yield _turn(begun)
            begun = []
        begun.append(cue)
    if begun:
        yield _turn(begun)


def _turn(cues: Sequence[Cue]) -> _Turn:
    return _Turn(cues[0].start, cues[0].speaker, " ".join(cue.text for cue in cues))


def _summary(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SUMMARY else cut(line, _SUMMARY).rstrip() + "…"
