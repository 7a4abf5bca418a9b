"""The pages that we publish ourselves, for newsrooms without their own: the project, a show, an episode."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from podcast.formats.notes import to_html
from podcast.formats.text import cut, direction
from podcast.model import Episode, Show
from podcast.player.addresses import episode_page, show_page
from podcast.player.labels import language_name
from podcast.player.parts import chapter_rows, transcript_rows
from podcast.player.render import render_page
from podcast.player.structured import episode_data, series_data
from podcast.site import Site, episode_key, show_key

#: What search engines and social sites show of a description.
_SUMMARY: Final = 200


@dataclass(frozen=True, slots=True)
class _EpisodeRow:
    episode: Episode
    page: str


@dataclass(frozen=True, slots=True)
class _ShowRow:
    show: Show
    direction: str
    cover: str | None
    page: str
    feed: str


@dataclass(frozen=True, slots=True)
class _TwinRow:
    show: Show
    language: str
    page: str


def render_home(site: Site, shows: Sequence[Show]) -> bytes:
    """Render the project's ``index.html``: its shows in the order given."""
    languages = {show.language for show in shows}
    rows = [
        _ShowRow(
            show,
            direction(show.language),
            site.artwork(show),
            site.url(show_key(show.slug, "index.html")),
            site.url(show_key(show.slug, "feed.xml")),
        )
        for show in shows
    ]
    language = languages.pop() if len(languages) == 1 else "en"
    return render_page("home.html", site, language, cover=next((row.cover for row in rows if row.cover), None), rows=rows)


def render_show(site: Site, show: Show, episodes: Sequence[Episode], twins: Sequence[Show] = ()) -> bytes:
    """Render a show's page with its episodes, newest first as given, and links to the same programme in other languages."""
    return render_page(
        "show.html",
        site,
        show.language,
        show=show,
        description=_summary(show.description),
        cover=site.artwork(show),
        page=show_page(site, show),
        feed=site.url(show_key(show.slug, "feed.xml")),
        rows=[_EpisodeRow(episode, episode_page(site, episode)) for episode in episodes],
        oembed=site.url(show_key(show.slug, "oembed.json")),
        structured=series_data(site, show),
        twins=[_TwinRow(twin, language_name(twin.language), show_page(site, twin)) for twin in twins],
    )


def render_episode(site: Site, show: Show, episode: Episode, *, peaks: bool = False) -> bytes:
    """Render an episode's page: player, notes, chapters, transcripts. ``peaks``: it has a peaks.json."""
    # to_html cleans what it returns; this is the only text that is not escaped here.
    notes = Markup(to_html(episode.notes))  # noqa: S704
    description = _summary(notes.striptags())
    return render_page(
        "episode.html",
        site,
        episode.language or show.language,
        show=show,
        episode=episode,
        description=description,
        oembed=site.url(episode_key(episode, "oembed.json")),
        structured=episode_data(site, show, episode, description),
        embed=site.url(episode_key(episode, "embed.html")),
        notes=notes,
        picture=episode.artwork or show.artwork,
        cover=site.artwork(show, episode),
        audio=site.media(episode),
        page=episode_page(site, episode),
        show_page=show_page(site, show),
        feed=site.url(show_key(show.slug, "feed.xml")),
        peaks=site.url(episode_key(episode, "peaks.json")) if peaks else None,
        chapters=chapter_rows(site, episode),
        transcripts=transcript_rows(site, episode),
    )


def _summary(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SUMMARY else cut(line, _SUMMARY).rstrip() + "…"
