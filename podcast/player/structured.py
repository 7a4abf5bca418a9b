"""What search engines read of a page: schema.org's PodcastSeries and PodcastEpisode as JSON-LD."""

from datetime import UTC
from typing import Any

import msgspec
from markupsafe import Markup

from podcast.model import Episode, Show
from podcast.player.addresses import episode_page, show_page
from podcast.site import Site, show_key, transcript_key


def series_data(site: Site, show: Show) -> Markup:
    """Return the document about a show."""
    return _script({"@context": "https://schema.org", **_series(site, show), "description": show.description, "inLanguage": show.language})


def episode_data(site: Site, show: Show, episode: Episode, description: str) -> Markup:
    """Return the document about an episode; ``description`` is its summary in plain text."""
    page, media = episode_page(site, episode), site.media(episode)
    sound = {
        "@type": "AudioObject",
        "contentUrl": media.url,
        "encodingFormat": media.type,
        "contentSize": str(media.length),
        "duration": duration(episode.audio.duration),
        "transcript": site.url(transcript_key(episode, episode.transcripts[0], "vtt")) if episode.transcripts else None,
    }
    parts = [{"@type": "Clip", "name": one.title, "startOffset": one.start, "url": f"{page}#t={one.start:g}"} for one in episode.chapters]
    fields = {
        "@type": "PodcastEpisode",
        "@id": page,
        "url": page,
        "name": episode.title,
        "description": description,
        "datePublished": episode.published.astimezone(UTC).isoformat() if episode.published else None,
        "duration": duration(episode.audio.duration),
        "timeRequired": duration(episode.audio.duration),
        "episodeNumber": episode.number,
        "partOfSeason": {"@type": "PodcastSeason", "seasonNumber": episode.season} if episode.season is not None else None,
        "inLanguage": episode.language or show.language,
        "image": site.artwork(show, episode),
        "associatedMedia": _full(sound),
        "partOfSeries": _series(site, show),
        "hasPart": parts,
    }
    return _script({"@context": "https://schema.org", **fields})


def _series(site: Site, show: Show) -> dict[str, Any]:
    page = show_page(site, show)
    return _full(
        {
            "@type": "PodcastSeries",
            "@id": page,
            "url": page,
            "name": show.title,
            "author": {"@type": "Organization", "name": show.author} if show.author else None,
            "image": site.artwork(show),
            "webFeed": site.url(show_key(show.slug, "feed.xml")),
        }
    )


def duration(seconds: int) -> str:
    """Write a duration as ISO 8601 does: PT34M52S."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if number]
    return f"PT{''.join(parts) or '0S'}"


def _full(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def _script(fields: dict[str, Any]) -> Markup:
    """Encode a document so that nothing in it ends the script that it stands in, or opens a comment."""
    text = msgspec.json.encode(_full(fields)).decode()
    return Markup(text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026"))  # noqa: S704
