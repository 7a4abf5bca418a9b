"""Show notes: Markdown, with such HTML as producers paste into it, made into HTML that cannot do harm.

The caps come before the sanitiser, whose parser takes quadratic time on deep nesting; notes that break them are not
refused but lose their pasted HTML, which then shows as text.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

import nh3
import pyromark

from .text import clean, cut, cut_bytes, legal, safe_url

#: Notes are cut at this many bytes of UTF-8.
MAX_BYTES: Final = 64 * 1024
#: What Apple asks of a <description>, in bytes.
MAX_FEED_BYTES: Final = 4000

_MAX_DEPTH: Final = 100
_MAX_TAGS: Final = 2000
_MAX_OUTPUT: Final = 6 * MAX_BYTES

# math, svg and template stay out for ever: they open other parsing modes, the root of mutation XSS.
_TAGS: Final = {"p", "ol", "ul", "li", "a", "b", "i", "strong", "em", "br", "h2", "h3", "h4", "blockquote", "code", "pre"}
_FEED_TAGS: Final = {"p", "ol", "ul", "li", "a", "b", "i", "strong", "em", "br"}
_DROPPED_WHOLE: Final = {"script", "style", "title", "textarea", "iframe", "noscript", "xmp", "noembed", "noframes", "template"}
_VOID: Final = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
_MAILTO: Final = re.compile(r"mailto:[^\s@<>\"'?&]{1,64}@[^\s@<>\"'?&]{1,190}", re.ASCII | re.IGNORECASE)
_BLOCK_END: Final = re.compile(r"</(?:p|li|ol|ul|h[2-4]|blockquote|pre)>|<br>")
_LAST_BLOCK: Final = re.compile(r".*(?:</(?:p|li|ol|ul)>|<br>)", re.DOTALL)
_OPEN_END: Final = re.compile(r"<[^>]*\Z|&[#a-zA-Z0-9]*\Z")
_HEADING: Final = re.compile(r"(</?)(h[156])\b", re.IGNORECASE)
_HEADINGS: Final = {"h1": "h2", "h5": "h4", "h6": "h4"}


def to_html(markdown: str, *, rel: str | None = "noopener") -> str:
    """Return safe HTML: paragraphs, lists, links, emphasis, headings h2 to h4, quotes, code. Empty for empty notes.

    A heading of the first level becomes h2, since a page has one h1 and it is the title. ``rel`` goes on links.
    """
    source = cut_bytes(clean(markdown, limit=MAX_BYTES, lines=True), MAX_BYTES)
    for rendered in _renderings(source):
        if _is_flat(rendered):
            safe = _sanitise(rendered, _TAGS, rel)
            if len(safe) <= _MAX_OUTPUT:
                return safe
    return f"<p>{html.escape(source, quote=False)}</p>"


def to_feed_html(markdown: str) -> str:
    """Return what Apple takes in a <description>: p ol ul li a b i strong em br, at most 4,000 bytes of UTF-8."""
    return for_feed(markdown)[0]


def for_feed(markdown: str) -> tuple[str, str]:
    """Return the HTML for a <description> (see :func:`to_feed_html`) and the whole of it for content:encoded."""
    whole = to_html(markdown, rel=None)
    return _for_apple(whole), whole


def _for_apple(page: str) -> str:
    page = re.sub(r"<h[2-4]>", "<p><strong>", re.sub(r"</h[2-4]>", "</strong></p>", page))
    page = page.replace("<pre>", "<p>").replace("</pre>", "</p>")
    page = _sanitise(page, _FEED_TAGS, None)
    limit = MAX_FEED_BYTES
    shortened = page
    while len(shortened.encode()) > MAX_FEED_BYTES:
        shortened = _sanitise(_head(page, limit), _FEED_TAGS, None)
        # Closing tags came on top: leave room for them.
        limit -= max(len(shortened.encode()) - MAX_FEED_BYTES, 1)
    return shortened


def to_text(markdown: str, limit: int = 300) -> str:
    """Return the notes as one line of plain text of at most ``limit`` characters, ending in … where it was cut."""
    page = _BLOCK_END.sub(lambda match: match[0] + " ", to_html(markdown))
    text = clean(html.unescape(nh3.clean(page, tags=set())), limit=MAX_BYTES)
    if len(text) <= limit:
        return text
    head = cut(text, limit - 1)
    return f"{head.rpartition(' ')[0] or head}…"


def _renderings(source: str) -> Iterable[str]:
    """Yield the notes as HTML that is not safe yet: with the HTML that was pasted, then with that shown as text."""
    for text in (source, source.replace("<", "&lt;")):
        yield _HEADING.sub(lambda match: match[1] + _HEADINGS[match[2].lower()], pyromark.html(text))


def _is_flat(page: str) -> bool:
    """Say whether the sanitiser may be given this: never more than 100 open tags at once, 2,000 where names differ."""
    depth, tags = 0, 0
    unclosed: Counter[str] = Counter()
    for match in _TAG.finditer(page):
        name = match[2].lower()
        if name in _VOID:
            continue
        if not match[1]:
            unclosed[name] += 1
            depth, tags = depth + 1, tags + (name not in _TAGS)
        elif unclosed[name]:
            unclosed[name] -= 1
            depth -= 1
        if depth > _MAX_DEPTH or tags > _MAX_TAGS:
            return False
    return True


def _sanitise(page: str, tags: set[str], rel: str | None) -> str:
    safe = nh3.clean(
        page,
        tags=tags,
        clean_content_tags=_DROPPED_WHOLE,
        attributes={"a": {"href"}},
        attribute_filter=_safe_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel=rel,
    )
    # Character references may have brought back what was cleaned away.
    return legal(safe).strip()


def _safe_attribute(_tag: str, attribute: str, value: str) -> str | None:
    if attribute == "rel":
        return value
    if _MAILTO.fullmatch(value.strip()):
        return value.strip()
    return safe_url(value)


def _head(page: str, limit: int) -> str:
    """Return the beginning of sanitised HTML, ``limit`` bytes at the most, ending between blocks or else between words."""
    head = _OPEN_END.sub("", page.encode()[: max(limit, 0)].decode(errors="ignore"))
    blocks = _LAST_BLOCK.match(head)
    if blocks and len(blocks[0]) > len(head) // 2:
        return blocks[0]
    head = _OPEN_END.sub("", page.encode()[: max(limit - 3, 0)].decode(errors="ignore"))
    return _OPEN_END.sub("", head.rpartition(" ")[0] or head) + "…"
