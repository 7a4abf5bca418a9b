"""What stands at an old address says where it leads: to browsers, to podcast apps, and to our server.

That is a small page, or a feed with itunes:new-feed-url.
"""

import re
from html import escape, unescape
from typing import Final

#: No page of ours that says something is as short.
LONGEST: Final = 4096
# The beginning word for word, so that nothing that a page merely quotes is taken for it.
_HEAD: Final = '<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<meta http-equiv="refresh" content="0; url={url}">\n'
_READ: Final = re.compile(_HEAD.format(language="[A-Za-z0-9-]*", url='([^"]+)'))
_MOVED_FEED: Final = re.compile(rb"<itunes:new-feed-url>([^<]+)</itunes:new-feed-url>")


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


def feed_target(beginning: bytes) -> str | None:
    """Return where a feed has moved to, by its own word before its first item; None where it has not."""
    found = _MOVED_FEED.search(beginning.partition(b"<item>")[0])
    return unescape(found[1].decode(errors="replace")) if found else None
