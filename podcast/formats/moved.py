"""The small page that stands at an old address: a browser goes on from it, and our server answers with where it leads."""

import re
from html import escape, unescape
from typing import Final

#: No page of ours that says something is as short.
LONGEST: Final = 4096
# The beginning word for word, so that nothing that a page merely quotes is taken for it.
_HEAD: Final = '<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<meta http-equiv="refresh" content="0; url={url}">\n'
_READ: Final = re.compile(_HEAD.format(language="[A-Za-z0-9-]*", url='([^"]+)'))


def to_html(url: str, title: str, language: str) -> bytes:
    """Render the page that leads to an address; search engines are told which of the two to keep."""
    address, words = escape(url), escape(title[:500])
    return (
        _HEAD.format(language=escape(language), url=address)
        + f'<meta name="robots" content="noindex">\n<link rel="canonical" href="{address}">\n<title>{words}</title>\n'
        + f'<p><a href="{address}">{words}</a></p>\n</html>\n'
    ).encode()


def target(page: bytes) -> str | None:
    """Return where such a page leads; None for any other page."""
    found = _READ.match(page[:LONGEST].decode(errors="replace"))
    return unescape(found[1]) if found else None
