"""What crawlers and apps read to find everything that is public: sitemaps (sitemaps.org) and OPML."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from html import escape

from podcast.formats.text import clean, safe_url
from podcast.model import Episode, Show
from podcast.player.addresses import show_page
from podcast.site import Site, episode_key, show_key

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def sitemap(site: Site, show: Show | None, episodes: Iterable[Episode]) -> bytes:
    """Return the pages of some episodes, each with its last change, and the show's own where one is given.

    A page that names another as the true one, since the newsroom has its own, is left to that.
    """
    pages = [f"<url><loc>{escape(site.url(show_key(show.slug, 'index.html')))}</loc></url>"] if show and not safe_url(show.link) else []
    for one in episodes:
        if not safe_url(one.link):
            when = one.changed.astimezone(UTC).isoformat(timespec="seconds")
            pages.append(f"<url><loc>{escape(site.url(episode_key(one, 'index.html')))}</loc><lastmod>{when}</lastmod></url>")
    return "\n".join([f"{_HEAD}<urlset {_NAMESPACE}>", *pages, "</urlset>\n"]).encode()


def sitemap_index(site: Site, keys: Iterable[str]) -> bytes:
    """Return the sitemaps that there are."""
    rows = "".join(f"<sitemap><loc>{escape(site.url(key))}</loc></sitemap>\n" for key in keys)
    return f"{_HEAD}<sitemapindex {_NAMESPACE}>\n{rows}</sitemapindex>\n".encode()


def opml(site: Site, shows: Sequence[Show], title: str) -> bytes:
    """Return the shows as a list of feeds that apps take in at once."""
    rows = "".join(_outline(site, show) for show in shows)
    return f'{_HEAD}<opml version="2.0">\n<head><title>{escape(title)}</title></head>\n<body>\n{rows}</body>\n</opml>\n'.encode()


def _outline(site: Site, show: Show) -> str:
    fields = {
        "type": "rss",
        "text": show.title,
        "title": show.title,
        "description": show.description,
        "language": show.language,
        "xmlUrl": site.url(show_key(show.slug, "feed.xml")),
        "htmlUrl": show_page(site, show),
    }
    return "<outline " + "".join(f'{name}="{escape(clean(value))}" ' for name, value in fields.items()) + "/>\n"
