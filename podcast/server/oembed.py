"""oEmbed's question for the player of an address of ours: the file that says so, in the size and format that is asked for."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from podcast.errors import UsageError
from podcast.player.embed import HEIGHT
from podcast.player.oembed import NARROWEST, WIDTH, size
from podcast.site import Site

_SHOW: Final = re.compile(r"([a-z0-9-]+)/?(?:index\.html|embed/latest\.html)?")
_EPISODE: Final = re.compile(r"([a-z0-9-]+/[a-z0-9-]+)/?(?:index\.html|embed\.html)?")

Fields = dict[str, str | int]


def card_key(site: Site, url: str) -> str | None:
    """Return the key of the file about the show or episode that an address of ours means; None for any other address.

    Nothing is fetched: the address is compared with ours. http and https are the same here, and what follows # or ? is left out.
    """
    try:
        given, ours = urlsplit(url), urlsplit(site.base)
    except ValueError:
        return None
    if given.scheme not in {"http", "https"} or given.netloc.lower() != ours.netloc.lower() or not given.path.startswith(ours.path):
        return None
    path = given.path.removeprefix(ours.path)
    match = _SHOW.fullmatch(path) or _EPISODE.fullmatch(path)
    return f"{match[1]}/oembed.json" if match else None


def fitted(fields: Fields, query: Mapping[str, str]) -> Fields:
    """Return the fields for a player no wider and no higher than is asked, where it has room in that; UsageError for no number."""
    width = max(NARROWEST, min(_pixels(query, "maxwidth", WIDTH), WIDTH))
    height = min(_pixels(query, "maxheight", HEIGHT), HEIGHT)
    html = str(fields["html"]).replace(size(WIDTH, HEIGHT), size(width, height), 1)
    return {**fields, "html": html, "width": width, "height": height}


def _pixels(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch(r"0*[1-9][0-9]{0,4}", text):
        raise UsageError(f"{name} is a number of pixels.")
    return int(text)


def as_xml(fields: Fields) -> bytes:
    """Write the fields as oEmbed's XML."""
    inside = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items())
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?><oembed>{inside}</oembed>\n'.encode()
