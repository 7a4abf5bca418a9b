"""What hooks are told: one JSON document, in the envelope of Standard Webhooks (standardwebhooks.com)."""

import json
from typing import Any, Final

from podcast.catalogue import Catalogue, Notification
from podcast.model import Episode
from podcast.site import Site, show_key

#: How many of the newest episodes the document names.
NEWEST: Final = 10


def document(catalogue: Catalogue, site: Site, notification: Notification) -> bytes:
    """Return the document; trying again sends the same bytes unless something was published meanwhile."""
    show = catalogue.show(notification.show)
    data = {
        "show": show.slug,
        "title": show.title,
        "revision": notification.revision,
        "feed": feed_url(site, show.slug),
        "page": site.show_page(show),
        "episodes": [_episode(site, episode) for episode in catalogue.latest(show.slug, NEWEST)],
    }
    whole = {"type": "feed.published", "timestamp": notification.created.isoformat(), "data": data}
    return json.dumps(whole, ensure_ascii=False).encode()


def feed_url(site: Site, show: str) -> str:
    """Return the address of the feed of which all are told."""
    return site.url(show_key(show, "feed.xml"))


def _episode(site: Site, episode: Episode) -> dict[str, Any]:
    enclosure = site.enclosure(episode)
    return {
        "slug": episode.slug,
        "guid": episode.guid,
        "title": episode.title,
        "published": episode.published.isoformat() if episode.published else None,
        "duration": episode.audio.duration,
        "page": site.page(episode),
        "enclosure": {"url": enclosure.url, "length": enclosure.length, "type": enclosure.type},
    }
