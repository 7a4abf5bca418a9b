"""Whether storage still holds what was published: every file that the catalogue remembers, every address of the feed."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from podcast.catalogue import Held
from podcast.errors import NotFound
from podcast.formats import feed_reader
from podcast.formats.feed_reader import Tag
from podcast.model import Show
from podcast.site import Site, media_key, show_key
from podcast.storage import Storage

from .lease import take
from .press import Clock, Press
from .store import Damaged, feed_keys, read_feed

_ADDRESSES: Final = ("url", "href", "uri")
#: Elements that say how long a file is: their own, or that of their sources.
_ENCLOSURES: Final = ("enclosure", "podcast:alternateEnclosure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something in storage that is not as it was published; ``message`` goes on after the key."""

    key: str
    message: str


#: Says whether the bytes of a file are to be read, by its key.
Chosen = Callable[[str], bool]


def verify(press: Press, show: Show | None, *, chosen: Chosen, seen: Callable[[str], None] = lambda _: None) -> Iterator[Fault]:
    """Yield what is wrong with a show's files, or with those that belong to no show; ``seen`` is called with each key.

    Existence and length are asked of one listing. The bytes of ``chosen`` files are read and hashed.
    """
    held = press.catalogue.remembered(show.slug if show else None)
    prefixes = sorted({*([f"{show.slug}/"] if show else []), *("".join(file.key.partition("/")[:2]) for file in held)})
    there = {stored.key: stored.length for prefix in prefixes for stored in press.storage.list(prefix)}
    for file in held:
        seen(file.key)
        message = _look(press.storage, file, there.get(file.key), read=chosen(file.key))
        if message:
            yield Fault(key=file.key, message=message)
    if show and press.catalogue.standing(show.slug).revision:
        yield from _verify_feed(press, show, there)


def distrust(press: Press, show: Show, faults: Iterable[Fault], *, clock: Clock) -> None:
    """Let the next publish of a show store again whatever is faulty; CatalogueBusy while it is being published."""
    lease = f"publish/{show.slug}"
    token = take(press.catalogue, lease, clock())
    try:
        press.catalogue.distrust(show.slug, [fault.key for fault in faults], now=clock())
    finally:
        press.catalogue.release_lease(lease, token)


def sampled(percent: float, salt: str) -> Chosen:
    """Return a choice of about so many in a hundred files, always the same for the same salt."""

    def choose(key: str) -> bool:
        number = int.from_bytes(hashlib.blake2b(f"{salt} {key}".encode(), digest_size=4).digest())
        return number < percent / 100 * 2**32

    return choose


def _look(storage: Storage, file: Held, length: int | None, *, read: bool) -> str:
    """Return what is wrong with a file; empty where nothing is."""
    if length is None:
        return "is gone"
    if length != file.length:
        return f"has {length:,} bytes instead of {file.length:,}"
    if not read:
        return ""
    digest = hashlib.sha256()
    try:
        for block in storage.read(file.key):
            digest.update(block)
    except NotFound:
        return "is gone"
    return "" if digest.hexdigest() == file.sha256 else "holds other bytes than were stored"


def _verify_feed(press: Press, show: Show, there: dict[str, int]) -> Iterator[Fault]:
    """Yield what the public feed says that is not so: addresses without a file, wrong lengths, episodes too many or missing."""
    guids: set[str] = set()
    known = {episode.guid: (episode.slug, media_key(episode)) for episode in press.catalogue.feed(show.slug)}
    changed = {episode.slug for episode in press.catalogue.dirty(show.slug)}
    # Where the server leads from a stable address; of what was changed since, only the feed before that can tell.
    leads = {f"{show.slug}/{slug}": sound for slug, sound in known.values() if slug not in changed}
    for key in feed_keys(press.catalogue, show.slug):
        if key not in there:
            continue
        items: list[Tag] = []
        try:
            feed = feed_reader.read(read_feed(press.storage, key), items.append)
        except Damaged:
            feed = None
        if feed is None or feed.faults or feed.channel is None:
            yield Fault(key=key, message="is no feed that can be read")
            continue
        for item in items:
            guids.add(item.value("guid"))
            yield from _verify_item(item, press.site, key, there, leads)
    name = show_key(show.slug, "feed.xml")
    if name in there:
        for guid in guids - known.keys():
            yield Fault(key=name, message=f"holds the guid {guid}, which is of no published episode")
        for guid in known.keys() - guids:
            yield Fault(key=name, message=f"lacks {known[guid][0]}, which is published")


def _verify_item(item: Tag, site: Site, key: str, there: dict[str, int], leads: Mapping[str, str]) -> Iterator[Fault]:
    title = item.value("title")[:60]
    own = re.compile(re.escape(site.base) + r"([a-z0-9/._-]+)")
    for tag in item.children:
        length_said = tag.attributes.get("length") if tag.name in _ENCLOSURES else None
        for found in filter(None, (own.fullmatch(one.attributes.get(name, "")) for one in (tag, *tag.children) for name in _ADDRESSES)):
            name = found[1]
            stable = re.fullmatch(r"a/([a-z0-9-]+/[a-z0-9-]+)\.[a-z0-9]+", name)
            # The server leads from there to where this file says that the audio is.
            if stable and f"{stable[1]}/episode.json" not in there:
                yield Fault(key=key, message=f"“{title}” names {name}, which leads nowhere")
                continue
            if stable and not (name := leads.get(stable[1], "")):
                continue
            length = there.get(name)
            if length is None:
                yield Fault(key=key, message=f"“{title}” names {name}, which is not there")
            elif length_said not in (None, str(length)):
                yield Fault(key=key, message=f"“{title}” says {length_said} bytes of {name}, which has {length:,}")
