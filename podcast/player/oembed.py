"""oEmbed (oembed.com) as files: what makes a player of a link that somebody pastes into a blog.

A page names its file in its head. It is the whole answer; who wants another size asks our server, which takes the same file.
"""

import msgspec
from markupsafe import escape

from podcast.model import Episode, Show
from podcast.player.addresses import show_page
from podcast.player.data import pictures
from podcast.player.embed import HEIGHT
from podcast.site import Site, episode_key, show_key

#: Pixels. A blog's column decides in the end.
WIDTH = 640
NARROWEST = 200
_THUMBNAIL = 512


def oembed_json(site: Site, show: Show, episode: Episode | None = None) -> bytes:
    """Return the answer for an episode's page, or for the show's, whose player has the latest episode."""
    title = f"{show.title}: {episode.title}" if episode else show.title
    embed = site.url(episode_key(episode, "embed.html") if episode else show_key(show.slug, "embed/latest.html"))
    picture = next(iter(pictures(site, show, (episode.artwork if episode else None) or show.artwork, _THUMBNAIL)), None)
    fields: dict[str, str | int] = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "author_name": show.author or show.title,
        "author_url": show_page(site, show),
        "provider_name": show.title,
        "provider_url": site.base,
        "cache_age": 3600,
        "html": _frame(embed, title),
        "width": WIDTH,
        "height": HEIGHT,
    }
    if picture:
        fields |= {
            "thumbnail_url": picture.url,
            "thumbnail_width": picture.width,
            "thumbnail_height": picture.height,
        }
    return msgspec.json.encode(fields) + b"\n"


def _frame(embed: str, title: str) -> str:
    return (
        f'<iframe src="{escape(embed)}" title="{escape(title)}" {size(WIDTH, HEIGHT)} '
        'loading="lazy" allow="autoplay; clipboard-write" style="border:0;max-width:100%"></iframe>'
    )


def size(width: int, height: int) -> str:
    """Return the attributes that say how large the player is, as they stand in ``html``."""
    return f'width="{width}" height="{height}"'
