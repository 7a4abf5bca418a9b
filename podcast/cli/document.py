"""The shapes of ``--json``: stable; a reader must ignore fields that it does not know."""

from datetime import datetime
from typing import Any

import msgspec

from podcast.model import Episode, Show, Status, format_duration
from podcast.site import Site

_LISTS = ("soundbites", "locations", "images", "alternates", "value", "txt", "social", "funding", "content_links")


def iso(moment: datetime | None) -> str | None:
    """Write a time as ISO 8601 in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def show_document(show: Show, site: Site) -> dict[str, Any]:
    """Describe a show."""
    document: dict[str, Any] = msgspec.to_builtins(show)
    return document | {
        "created": iso(show.created),
        "changed": iso(show.changed),
        "feed": site.url(f"{show.slug}/feed.xml"),
        "page": site.show_page(show),
        "embed": site.url(f"{show.slug}/embed/latest.html"),
    }


def episode_document(episode: Episode, site: Site) -> dict[str, Any]:
    """Describe an episode; ``enclosure`` is null while listeners cannot fetch it."""
    public = episode.status is Status.PUBLISHED
    return {
        "show": episode.show,
        "slug": episode.slug,
        "guid": episode.guid,
        "title": episode.title,
        "status": episode.status.value,
        "published": iso(episode.published),
        "wall": episode.wall,
        "duration": episode.audio.duration,
        "duration_text": format_duration(episode.audio.duration),
        "season": episode.season,
        "number": episode.number,
        "type": episode.type.value,
        "explicit": episode.explicit,
        "language": episode.language,
        "link": site.page(episode),
        "notes": episode.notes,
        "enclosure": msgspec.to_builtins(site.enclosure(episode)) if public else None,
        "audio": msgspec.to_builtins(episode.audio),
        "renditions": msgspec.to_builtins(episode.renditions),
        "chapters": msgspec.to_builtins(episode.chapters),
        "transcripts": msgspec.to_builtins(episode.transcripts),
        "persons": msgspec.to_builtins(episode.persons),
        "artwork": msgspec.to_builtins(episode.artwork),
        **{
            name: msgspec.to_builtins(getattr(episode, name))
            for name in (*_LISTS, "license", "chat", "block", "short_title", "season_name", "number_display")
        },
    }
