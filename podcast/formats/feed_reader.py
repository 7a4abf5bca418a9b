"""A feed's bytes, ours or anybody's, as plain values with line numbers: what was written, nothing repaired or guessed.

Names of elements carry the prefix that this project uses for their namespace (``itunes:image``), whatever the feed calls
it. No entity is resolved, no file and no address is opened; libxml2's own limits on depth and size stay in force.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from lxml import etree

from .namespaces import NAMESPACES

Node: TypeAlias = etree._Element  # noqa: SLF001

#: Prefix by address. The podcast namespace has two that mean the same.
PREFIXES: Final = {uri: prefix for prefix, uri in NAMESPACES.items()} | {
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "http://www.w3.org/2005/Atom": "atom",
    "http://purl.org/rss/1.0/modules/content/": "content",
}

#: Below this depth no element means anything to a podcast app.
_DEPTH: Final = 12
_MAX_FAULTS: Final = 20
_DECLARED: Final = re.compile(rb"<\?xml[^>]*?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """An element: its text without that of its children, and the line on which it begins."""

    name: str
    line: int
    text: str = ""
    attributes: Mapping[str, str]
    children: tuple["Tag", ...] = ()

    def all(self, name: str) -> tuple["Tag", ...]:
        """Return the children of this name."""
        return tuple(child for child in self.children if child.name == name)

    def first(self, name: str) -> "Tag | None":
        """Return the first child of this name."""
        return next((child for child in self.children if child.name == name), None)

    def value(self, name: str) -> str:
        """Return the text of the first child of this name, without white space around it; empty where there is none."""
        child = self.first(name)
        return child.text.strip() if child else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as it is written. ``root`` is None where nothing can be read."""

    length: int
    #: The encoding that the declaration names, in capital letters; empty where it names none.
    encoding: str
    bom: bool
    doctype: bool
    #: What is not well-formed: line and reason.
    faults: tuple[tuple[int, str], ...]
    #: Address by prefix, as declared anywhere; the default namespace has the empty prefix.
    namespaces: Mapping[str, str]
    root: Tag | None

    @property
    def channel(self) -> Tag | None:
        """Return the first channel."""
        return self.root.first("channel") if self.root else None

    @property
    def items(self) -> tuple[Tag, ...]:
        """Return the items, in the order of the feed."""
        return self.channel.all("item") if self.channel else ()


def read(data: bytes) -> Feed:
    """Read a feed. What is ill-formed is read as far as it can be, with the faults; nothing raises."""
    root, faults = _parse(data)
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf").lstrip()[:200])
    return Feed(
        length=len(data),
        encoding=declared[1].decode().upper() if declared else "",
        bom=data.startswith(b"\xef\xbb\xbf"),
        doctype=root is not None and root.getroottree().docinfo.internalDTD is not None,
        faults=faults,
        namespaces={} if root is None else _namespaces(root),
        root=None if root is None else _tag(root, 0),
    )


def _parse(data: bytes) -> tuple[Node | None, tuple[tuple[int, str], ...]]:
    """Return the root, and what is wrong: first strictly, and only where that fails with recovery."""
    if not data.strip():
        return None, ((1, "The file is empty"),)
    strict = _parser(recover=False)
    try:
        return etree.fromstring(data, strict), ()
    except (etree.XMLSyntaxError, ValueError) as error:
        # The parser's own log: that of the exception holds what other parsers met before.
        entries: Any = strict.error_log
        faults = tuple((entry.line, entry.message) for entry in list(entries)[:_MAX_FAULTS]) or ((1, str(error)),)
    try:
        return etree.fromstring(data, _parser(recover=True)), faults
    except (etree.XMLSyntaxError, ValueError):
        return None, faults


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(recover=recover, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)


def _namespaces(root: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root.iter():
        for prefix, uri in element.nsmap.items() if isinstance(element.tag, str) else ():
            found.setdefault(prefix or "", uri)
    return found


def _tag(element: Node, depth: int) -> Tag:
    line: Any = element.sourceline
    return Tag(
        name=_name(str(element.tag)),
        line=line or 0,
        text="".join(_texts(element)),
        attributes={_name(str(name)): str(value) for name, value in element.attrib.items()},
        children=tuple(_tag(child, depth + 1) for child in element if isinstance(child.tag, str)) if depth < _DEPTH else (),
    )


def _texts(element: Node) -> Iterator[str]:
    """Yield the element's own text: that before its first child, and that behind each."""
    yield element.text or ""
    for child in element:
        yield child.tail or ""


def _name(name: str) -> str:
    """Write ``{address}local`` with our prefix, where we have one."""
    uri, brace, local = name[1:].partition("}")
    if not brace or not name.startswith("{"):
        return name
    prefix = PREFIXES.get(uri)
    return f"{prefix}:{local}" if prefix else name
