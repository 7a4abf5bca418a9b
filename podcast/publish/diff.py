"""Two states of a feed compared as apps see them: by guid, and by what is written, not by its bytes. Pure."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from podcast.formats import feed_reader
from podcast.formats.feed_reader import Tag

#: What readers know these elements as.
_NAMES: Final = {
    "content:encoded": "notes",
    "pubDate": "date",
    "itunes:duration": "duration",
    "itunes:author": "author",
    "itunes:image": "picture",
    "itunes:explicit": "explicit",
    "itunes:type": "type",
    "itunes:episodeType": "type",
    "itunes:season": "season",
    "itunes:episode": "number",
    "podcast:season": "season",
    "podcast:episode": "number",
    "podcast:person": "persons",
    "podcast:chapters": "chapters",
    "podcast:transcript": "transcripts",
}
_LINKS: Final = {"self": "address of the feed", "alternate": "other feeds", "hub": "hubs"}
#: These change with every publish, or say again what another element says.
_NO_NEWS: Final = {"item", "lastBuildDate", "generator", "docs", "guid"}
#: Words around a difference that tell where it is.
_CONTEXT: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field that differs; empty where it is missing on that side."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item that is new, gone or changed, with the bytes of its audio."""

    guid: str
    title: str
    length: int
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs between two states of a feed."""

    show: str
    #: What apps will take badly, and what stays behind.
    warnings: tuple[str, ...] = ()
    channel: tuple[Change, ...] = ()
    new: tuple[Item, ...] = ()
    changed: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    #: Titles of episodes that changed and whose items do not: their page, chapters or transcripts go out anew.
    beside: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Tell whether the feed will be the same to apps."""
        return not (self.channel or self.new or self.changed or self.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A channel without its items, and the items of all its files by guid, but for those that both sides have alike."""

    channel: Tag | None
    items: dict[str, Tag]
    #: Why it could not be read to its end; empty where it could.
    fault: str


def read(files: Iterable[bytes], alike: Container[str] = ()) -> Feed:
    """Read the files of a feed, the feed itself first, but for the items whose guids are ``alike``.

    An item that stands in several files is taken from the first.
    """
    channel, items, fault = None, dict[str, Tag](), ""

    def see(item: Tag) -> None:
        guid = item.value("guid")
        if guid not in alike:
            items.setdefault(guid, item)

    for data in files:
        feed = feed_reader.read(data, see)
        channel = channel or feed.channel
        fault = fault or next((f"line {line}: {reason.splitlines()[0]}" for line, reason in feed.faults), "")
    return Feed(channel=channel, items=items, fault=fault)


def compare(show: str, before: Feed, after: Feed, alike: int = 0) -> Difference:
    """Compare two states of a feed by the guids of their items; so many more items are ``alike`` and in neither."""
    new = [_item(tag) for guid, tag in after.items.items() if guid not in before.items]
    removed = [_item(tag) for guid, tag in before.items.items() if guid not in after.items]
    both = ((before.items[guid], tag) for guid, tag in after.items.items() if guid in before.items)
    changed = [replace(_item(tag), changes=tuple(changes)) for old, tag in both if (changes := list(_changes(old, tag)))]
    channel = list(_changes(before.channel, after.channel)) if before.channel and after.channel else []
    return Difference(
        show=show,
        channel=tuple(channel),
        new=tuple(new),
        changed=tuple(changed),
        removed=tuple(removed),
        warnings=tuple(_warnings(before, after, alike, channel, new, changed, removed)),
    )


def _warnings(
    before: Feed,
    after: Feed,
    alike: int,
    channel: Sequence[Change],
    new: Sequence[Item],
    changed: Sequence[Item],
    removed: Sequence[Item],
) -> Iterator[str]:
    again = [item for item in changed if _url(before.items[item.guid]) != _url(after.items[item.guid])]
    if again:
        total = sum(item.length for item in again) / 1_000_000
        yield f"{_count(again)} will be downloaded again by apps: other audio, {total:,.1f} MB for each listener"
    twice = [item for item in new if any(_same_episode(before.items[gone.guid], after.items[item.guid]) for gone in removed)]
    if twice:
        yield f"{_count(twice)} will be shown as new, and downloaded again: another guid stands for the same episode"
    for change in channel:
        if change.field == "podcast:guid":
            yield "podcast:guid changes: directories will take this for another podcast"
        elif change.field in {"address of the feed", "itunes:new-feed-url"}:
            yield "The feed names another address as its own: apps may move there"
    if before.fault:
        yield f"The feed in storage could not be read to its end ({before.fault}): what is told of it may be wrong"
    if before.items and not after.items and not alike:
        yield "No item is left: directories take the show down"


def _same_episode(one: Tag, other: Tag) -> bool:
    return one.value("title") == other.value("title") or _url(one) == _url(other)


def _changes(before: Tag, after: Tag) -> Iterator[Change]:
    """Yield the fields that differ; what may stand several times is one field."""
    old, new = _fields(before), _fields(after)
    for name in dict.fromkeys((*old, *new)):
        if old.get(name, "").split() != new.get(name, "").split():
            was, becomes = _excerpts(old.get(name, ""), new.get(name, ""))
            yield Change(field=name, before=was, after=becomes)


def _fields(tag: Tag) -> dict[str, str]:
    fields: dict[str, list[str]] = {}
    for child in tag.children:
        name = _name(child, tag)
        if name:
            fields.setdefault(name, []).append(_text(child))
    return {name: ", ".join(values) for name, values in fields.items()}


def _name(child: Tag, parent: Tag) -> str:
    """Return what a field is called; empty for what is no news."""
    if child.name == "atom:link":
        return _LINKS.get(child.attributes.get("rel", ""), "")
    if child.name == "description" and parent.name == "item":
        # Beside content:encoded it is the beginning of the same notes.
        return "" if parent.first("content:encoded") else "notes"
    if child.name in {"itunes:season", "itunes:episode"} and parent.first(child.name.replace("itunes", "podcast")):
        return ""
    return "" if child.name in _NO_NEWS else _NAMES.get(child.name, child.name)


def _text(tag: Tag) -> str:
    """Write an element as one line: its text, its attributes, its children."""
    attributes = [value if name in {"url", "href", "text"} else f"{name}={value}" for name, value in tag.attributes.items()]
    return " ".join(part for part in (tag.text.strip(), *attributes, *map(_text, tag.children)) if part)


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """Return where two texts differ, with a few words around."""
    old, new = before.split(), after.split()
    start = next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))
    rest = min(len(old), len(new)) - start
    end = next((place for place in range(rest) if old[-1 - place] != new[-1 - place]), rest)
    return _excerpt(old, start, len(old) - end), _excerpt(new, start, len(new) - end)


def _excerpt(words: list[str], start: int, stop: int) -> str:
    first, last = max(start - _CONTEXT, 0), min(stop + _CONTEXT, len(words))
    return f"{'… ' if first else ''}{' '.join(words[first:last])}{' …' if last < len(words) else ''}"


def _item(tag: Tag) -> Item:
    enclosure = tag.first("enclosure")
    length = enclosure.attributes.get("length", "") if enclosure else ""
    return Item(guid=tag.value("guid"), title=tag.value("title"), length=int(length) if length.isdecimal() else 0)


def _url(item: Tag) -> str:
    enclosure = item.first("enclosure")
    return enclosure.attributes.get("url", "") if enclosure else ""


def _count(items: Sequence[Item]) -> str:
    return f"{len(items):,} item{'s'[: len(items) != 1]}"
