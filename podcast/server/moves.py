"""Where an old address leads: storage says so itself, by the page that stands there."""

from typing import Final

from podcast.formats import moved
from podcast.server.bodies import Texts
from podcast.site import Site
from podcast.storage import Storage, StoredObject
from podcast.storage.keys import is_key

#: An address that leads to an address that leads … is followed so far; publishing writes none.
_HOPS: Final = 5


class Moves:
    """The old addresses in a storage. Only keys under the site come out, so nobody is ever led away."""

    def __init__(self, storage: Storage, texts: Texts, site: Site) -> None:
        self._storage = storage
        self._texts = texts
        self._base = site.base

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
        if not stored.key.endswith(".html") or stored.length > moved.LONGEST:
            return None
        address = moved.target(self._texts.body(stored, gzipped=False)) or ""
        key = address.removeprefix(self._base)
        return key if key != address and is_key(key) and key != stored.key else None
