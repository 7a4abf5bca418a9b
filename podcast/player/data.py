"""What a page's own script gets: ``latest.json``, ``episode.json`` and ``episodes.json``.

One shape for an episode in all three. ``state`` is ``published``, or ``empty`` in a ``latest.json`` before the first
episode, where everything that belongs to an episode is null or an empty list. Times are ISO 8601 in UTC.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from podcast.model import Artwork, Episode, Show, format_duration
from podcast.player.addresses import episode_page, show_page
from podcast.site import WIDTHS, Site, art_key, episode_key, show_key, transcript_key


class _Media(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    type: str
    length: int


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture at one width."""

    url: str
    type: str
    width: int
    height: int


class _TranscriptLinks(msgspec.Struct, frozen=True, kw_only=True):
    language: str
    vtt: str
    srt: str
    json: str


class _Links(msgspec.Struct, frozen=True, kw_only=True):
    page: str
    embed: str
    feed: str
    chapters: str | None = None
    transcripts: list[_TranscriptLinks] = []


class _ShowCard(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    guid: str
    title: str
    language: str
    page: str


class _EpisodeCard(msgspec.Struct, frozen=True, kw_only=True):
    state: str
    slug: str | None = None
    guid: str | None = None
    title: str | None = None
    published: datetime | None = None
    duration: int | None = None
    duration_text: str | None = None
    season: int | None = None
    number: int | None = None
    type: str | None = None
    language: str
    media: list[_Media] = []
    artwork: list[Picture] = []
    links: _Links


class _One(_EpisodeCard, frozen=True, kw_only=True):
    show: _ShowCard


class _Many(msgspec.Struct, frozen=True, kw_only=True):
    show: _ShowCard
    episodes: list[_EpisodeCard]


class _Page(_Many, frozen=True, kw_only=True):
    #: Give it as ``before`` to get the next page; null on the last one.
    next: str | None


class _Shows(msgspec.Struct, frozen=True, kw_only=True):
    shows: list[_ShowCard]


def latest_json(site: Site, show: Show, episode: Episode | None) -> bytes:
    """Return the newest episode, or the same shape in state ``empty``."""
    return episode_json(site, show, episode) if episode else _encode(_nothing(site, show))


def episode_json(site: Site, show: Show, episode: Episode) -> bytes:
    """Return one episode with its show."""
    return _encode(_One(show=_show_card(site, show), **msgspec.structs.asdict(_episode_card(site, show, episode))))


def episodes_json(site: Site, show: Show, episodes: Sequence[Episode]) -> bytes:
    """Return the episodes in the order given."""
    return _encode(_Many(show=_show_card(site, show), episodes=[_episode_card(site, show, episode) for episode in episodes]))


def page_json(site: Site, show: Show, episodes: Sequence[Episode], following: str | None) -> bytes:
    """Return some of the episodes, and where the next ones begin."""
    cards = [_episode_card(site, show, episode) for episode in episodes]
    return _encode(_Page(show=_show_card(site, show), episodes=cards, next=following))


def shows_json(site: Site, shows: Sequence[Show]) -> bytes:
    """Return the shows in the order given."""
    return _encode(_Shows(shows=[_show_card(site, show) for show in shows]))


def _encode(value: msgspec.Struct) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _show_card(site: Site, show: Show) -> _ShowCard:
    return _ShowCard(slug=show.slug, guid=show.guid, title=show.title, language=show.language, page=show_page(site, show))


def _nothing(site: Site, show: Show) -> _One:
    links = _Links(
        page=show_page(site, show),
        embed=site.url(show_key(show.slug, "embed/latest.html")),
        feed=site.url(show_key(show.slug, "feed.xml")),
    )
    return _One(show=_show_card(site, show), state="empty", language=show.language, artwork=pictures(site, show, show.artwork), links=links)


def _episode_card(site: Site, show: Show, episode: Episode) -> _EpisodeCard:
    audio = site.media(episode)
    return _EpisodeCard(
        state="published",
        slug=episode.slug,
        guid=episode.guid,
        title=episode.title,
        published=episode.published.astimezone(UTC) if episode.published else None,
        duration=episode.audio.duration,
        duration_text=format_duration(episode.audio.duration),
        season=episode.season,
        number=episode.number,
        type=episode.type.value,
        language=episode.language or show.language,
        media=[_Media(url=audio.url, type=audio.type, length=audio.length)],
        artwork=pictures(site, show, episode.artwork or show.artwork),
        links=_links(site, show, episode),
    )


def pictures(site: Site, show: Show, picture: Artwork | None, *widths: int) -> list[Picture]:
    """Return a picture in some of WIDTHS, as narrow as it is itself at most; without ``widths`` itself and all its copies, widest first."""
    if picture is None:
        return []
    found = []
    for width in widths or (picture.width, *(width for width in reversed(WIDTHS) if width < picture.width)):
        url, kind = site.url(art_key(show.slug, picture, width)), picture.media_type if width >= picture.width else "image/jpeg"
        width = min(width, picture.width)
        found.append(Picture(url=url, type=kind, width=width, height=max(round(picture.height * width / picture.width), 1)))
    return found


def _links(site: Site, show: Show, episode: Episode) -> _Links:
    return _Links(
        page=episode_page(site, episode),
        embed=site.url(episode_key(episode, "embed.html")),
        feed=site.url(show_key(show.slug, "feed.xml")),
        chapters=site.url(episode_key(episode, "chapters.json")) if episode.chapters else None,
        transcripts=[
            _TranscriptLinks(
                language=transcript.language,
                **{extension: site.url(transcript_key(episode, transcript, extension)) for extension in ("vtt", "srt", "json")},
            )
            for transcript in episode.transcripts
        ],
    )
