"""A feed's bytes, ours or anybody's, as plain values with line numbers: what was written, nothing repaired or guessed.

Items are handed on one by one and forgotten, so a large feed takes no more memory than its largest item.
Names of elements carry the prefix that this project uses for their namespace (``itunes:image``), whatever the feed calls
it. No entity is resolved, no file and no address is opened; libxml2's own limits on depth and size stay in force, and
our own on the number of elements and items.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from lxml import etree

from .namespaces import ATOM, CHAPTERS, HISTORY, NAMESPACES

Node: TypeAlias = etree._Element  # noqa: SLF001

#: Prefix by address. The podcast namespace has two that mean the same.
PREFIXES: Final = {uri: prefix for prefix, uri in NAMESPACES.items()} | {
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    ATOM: "atom",
    HISTORY: "fh",
    CHAPTERS: "psc",
    "http://purl.org/rss/1.0/modules/content/": "content",
}

#: Below this depth no element means anything to a podcast app.
_DEPTH: Final = 12
_MAX_FAULTS: Final = 20
#: Items of a feed; what follows is not read.
MAX_ITEMS: Final = 20_000
#: Elements of one item, and of all that is no item.
_MAX_ELEMENTS: Final = 20_000
_BLOCK: Final = 1 << 16
#: Faults behind which nothing more is read.
_ENOUGH: Final = 1_000
#: libxml2 takes quadratic time over them.
_CROWDED: Final = re.compile(rb"<[^\s<>!?/]++(?:\s++[^\s=<>]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+')){1000}")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
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
    """A feed as it is written. ``root`` is None where nothing can be read; its items stand in it without what they hold."""

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
    def items(self) -> int:
        """Return the number of items."""
        return len(self.channel.all("item")) if self.channel else 0


class _Reader:
    """Goes through a feed once, from block to block."""

    def __init__(self, see: Callable[[Tag], None]) -> None:
        self.see = see
        self.namespaces: dict[str, str] = {}
        self.faults: list[tuple[int, str]] = []
        self.items = 0
        self.open: list[str] = []
        self.elements = 0
        self.others = 0
        self.parser = etree.XMLPullParser(
            ("start", "end", "start-ns"),
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_pis=True,
            remove_comments=True,
        )

    def read(self, data: bytes) -> Node | None:
        """Return the root, once everything was handed on that could be read."""
        root: Node | None = None
        try:
            for start in range(0, len(data), _BLOCK):
                self.parser.feed(data[start : start + _BLOCK])
                if self._is_too_much() or len(self.parser.feed_error_log) > _ENOUGH:
                    break
            # Where we end before the feed does, that is no fault of the feed.
            known = self._logged() if self.faults else []
            root = self.parser.close()
            if not self.faults:
                self._is_too_much()
                known = self._logged()
        except (etree.XMLSyntaxError, ValueError) as error:
            known = self._logged() or [(1, str(error))]
        self.faults[:0] = known
        return root

    def _logged(self) -> list[tuple[int, str]]:
        entries: Any = self.parser.feed_error_log
        return [(entry.line, entry.message) for entry in list(entries)[:_MAX_FAULTS] if entry.level_name != "WARNING"]

    def _is_too_much(self) -> bool:
        """Take what was parsed since the last time; tell whether to end here."""
        event: str
        found: Any
        for event, found in self.parser.read_events():
            if event == "start-ns":
                self.namespaces.setdefault(found[0] or "", found[1])
            elif event == "start":
                self._begin(found)
            else:
                self._end(found)
            if self.faults:
                return True
        return False

    def _begin(self, element: Node) -> None:
        self.open.append(str(element.tag))
        inside = self.open[:3] == _ITEM
        self.elements += inside
        self.others += not inside
        if max(self.elements, self.others) > _MAX_ELEMENTS:
            self._stop(element, f"more than {_MAX_ELEMENTS:,} elements in one place")
        if self.items == MAX_ITEMS and self.open == _ITEM:
            self._stop(element, f"more than {MAX_ITEMS:,} items")

    def _end(self, element: Node) -> None:
        if self.open == _ITEM:
            self.items, self.elements = self.items + 1, 0
            self.see(_tag(element, 0))
            element.clear()
        self.open.pop()

    def _stop(self, element: Node, reason: str) -> None:
        line: Any = element.sourceline
        self.faults.append((line or 0, f"{reason}; what follows was not read"))


_ITEM: Final = ["rss", "channel", "item"]


def _ignore(_: Tag) -> None:
    pass


def read(data: bytes, see: Callable[[Tag], None] = _ignore) -> Feed:
    """Read a feed, and hand each item to ``see``. What is ill-formed is read as far as it can be, with the faults; nothing raises."""
    reader = _Reader(see)
    refused = _refused(data)
    root = None if refused else reader.read(data)
    declared = _DECLARED.match(data[:300].removeprefix(b"\xef\xbb\xbf").lstrip()[:200])
    return Feed(
        length=len(data),
        encoding=declared[1].decode().upper() if declared else "UTF-16" if data.startswith(_UTF_16) else "",
        bom=data.startswith(b"\xef\xbb\xbf"),
        doctype=root is not None and root.getroottree().docinfo.internalDTD is not None,
        faults=((1, refused),) if refused else tuple(reader.faults),
        namespaces=reader.namespaces,
        root=None if root is None else _tag(root, 0),
    )


def _refused(data: bytes) -> str:
    """Say why a feed is not even read; nothing where it is."""
    if not data.strip():
        return "The file is empty"
    if _CROWDED.search(data.replace(b"\0", b"") if data.startswith(_UTF_16) else data):
        return "an element of a thousand attributes; nothing was read"
    return ""


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
