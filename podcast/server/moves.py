"""Where an old address leads: storage says so itself, by the page or the feed that stands there."""

import threading
import zlib
from collections import OrderedDict
from typing import Final

from podcast.formats import moved
from podcast.server.bodies import Texts
from podcast.site import Site
from podcast.storage import Storage, StoredObject
from podcast.storage.keys import is_key

#: An address that leads to an address that leads … is followed so far; publishing writes none.
_HOPS: Final = 5
#: Bytes of a feed in which it says where it has moved to, before its first item.
_BEGINNING: Final = 64 * 1024
#: Feeds of which we remember where they lead.
_FEEDS: Final = 4096


class Moves:
    """The old addresses in a storage. Only keys under the site come out, so nobody is ever led away."""

    def __init__(self, storage: Storage, texts: Texts, site: Site) -> None:
        self._storage = storage
        self._texts = texts
        self._base = site.base
        self._lock = threading.Lock()
        self._feeds: OrderedDict[tuple[str, str], str | None] = OrderedDict()

    def may_lead(self, stored: StoredObject) -> bool:
        """Tell whether it is worth to ask ``onward``. Does not block."""
        if stored.key.endswith(".xml"):
            return self._feeds.get((stored.key, stored.etag), "unknown") is not None
        return stored.key.endswith(".html") and stored.length <= moved.LONGEST

    def onward(self, stored: StoredObject) -> str | None:
        """Return the key to which a stored file leads in the end; None where it is what it is, or they lead in a circle. Blocks."""
        key = self._next(stored)
        for _ in range(_HOPS):
            there = self._storage.head(key) if key else None
            following = self._next(there) if there else None
            if following is None:
                return key
            key = following
        return None

    def _next(self, stored: StoredObject) -> str | None:
        if not self.may_lead(stored):
            return None
        if stored.key.endswith(".html"):
            return self._key(moved.target(self._texts.body(stored, gzipped=False)), stored.key)
        name = (stored.key, stored.etag)
        if name in self._feeds:
            return self._feeds.get(name)
        beginning = b"".join(self._storage.read(stored.key, 0, min(_BEGINNING, stored.length)))
        key = self._key(moved.feed_target(_unpacked(beginning)), stored.key)
        with self._lock:
            self._feeds[name] = key
            while len(self._feeds) > _FEEDS:
                self._feeds.popitem(last=False)
        return key

    def _key(self, address: str | None, own: str) -> str | None:
        key = (address or "").removeprefix(self._base)
        return key if key != address and is_key(key) and key != own else None


def _unpacked(beginning: bytes) -> bytes:
    """Return the beginning of a feed that may be stored compressed."""
    if not beginning.startswith(b"\x1f\x8b"):
        return beginning
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(beginning, _BEGINNING)
    except zlib.error:
        return b""
