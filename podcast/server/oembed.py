"""oEmbed (oembed.com): the player of an address of ours, for blogs that turn a pasted link into it."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape as escape_xml

import msgspec
from markupsafe import escape

from podcast.errors import UsageError
from podcast.player.embed import HEIGHT
from podcast.site import Site

#: Pixels; a blog's column decides in the end, and may say so with maxwidth.
_WIDTH: Final = 640
_NARROWEST: Final = 200
_SHOW: Final = re.compile(r"([a-z0-9-]+)/?(?:index\.html|embed/latest\.html)?")
_EPISODE: Final = re.compile(r"([a-z0-9-]+)/([a-z0-9-]+)/?(?:index\.html|embed\.html)?")


class _Picture(msgspec.Struct):
    url: str
    width: int
    height: int


class _Links(msgspec.Struct):
    page: str
    embed: str


class _Show(msgspec.Struct):
    title: str
    slug: str
    page: str


class Card(msgspec.Struct):
    """What oEmbed says comes from an episode's JSON."""

    show: _Show
    links: _Links
    title: str | None = None
    artwork: list[_Picture] = []


def card_key(site: Site, url: str) -> str | None:
    """Return the key of the JSON of the show or episode that an address of ours means; None for any other address.

    Nothing is fetched: the address is compared with ours. http and https are the same here, and what follows # or ? is left out.
    """
    given, ours = urlsplit(url), urlsplit(site.base)
    if given.scheme not in {"http", "https"} or given.netloc.lower() != ours.netloc.lower() or not given.path.startswith(ours.path):
        return None
    path = given.path.removeprefix(ours.path)
    of_show, of_episode = _SHOW.fullmatch(path), _EPISODE.fullmatch(path)
    if of_show:
        return f"{of_show[1]}/latest.json"
    return f"{of_episode[1]}/{of_episode[2]}/episode.json" if of_episode else None


def room(query: Mapping[str, str]) -> dict[str, int | None]:
    """Read how wide and high the player may be; UsageError for what is no number of pixels."""
    sizes: dict[str, int | None] = {}
    for name in ("maxwidth", "maxheight"):
        text = query.get(name)
        if text is not None and not re.fullmatch(r"0*[1-9][0-9]{0,4}", text):
            raise UsageError(f"{name} is a number of pixels.")
        sizes[name] = int(text) if text else None
    return sizes


def describe(site: Site, key: str, card: Card, *, maxwidth: int | None, maxheight: int | None) -> dict[str, str | int]:
    """Return the fields of the answer: a rich one, no wider and no higher than asked where the player has room in it."""
    latest = key.endswith("/latest.json")
    embed = site.url(f"{card.show.slug}/embed/latest.html") if latest else card.links.embed
    title = card.show.title if latest or not card.title else f"{card.show.title}: {card.title}"
    width = max(_NARROWEST, min(maxwidth or _WIDTH, _WIDTH))
    height = min(maxheight or HEIGHT, HEIGHT)
    frame = (
        f'<iframe src="{escape(embed)}" title="{escape(title)}" width="{width}" height="{height}" '
        'loading="lazy" allow="autoplay; clipboard-write" style="border:0;max-width:100%"></iframe>'
    )
    fields: dict[str, str | int] = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "author_name": card.show.title,
        "author_url": card.show.page,
        "provider_name": card.show.title,
        "provider_url": site.base,
        "cache_age": 3600,
        "html": frame,
        "width": width,
        "height": height,
    }
    if card.artwork:
        picture = card.artwork[0]
        fields |= {"thumbnail_url": picture.url, "thumbnail_width": picture.width, "thumbnail_height": picture.height}
    return fields


def as_xml(fields: dict[str, str | int]) -> bytes:
    """Write the fields as oEmbed's XML."""
    inside = "".join(f"<{name}>{escape_xml(str(value))}</{name}>" for name, value in fields.items())
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?><oembed>{inside}</oembed>\n'.encode()
