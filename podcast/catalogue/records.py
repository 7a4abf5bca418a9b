"""What the catalogue answers with, beside shows and episodes."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from podcast.model import Episode


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some episodes of a list, newest first."""

    episodes: tuple[Episode, ...]
    #: Give it as ``before`` to get the next page; None on the last one. Its inside is nobody's business.
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Something that was promised and is not done yet: ``kind`` is ``feed`` for a feed of that revision."""

    show: str
    kind: str
    revision: int
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far the feed of a show has come: ``revision`` is 0 before the first that was promised."""

    revision: int
    #: What the feed in storage was made with, and the ``edited`` of the show that it shows; None before the first.
    fingerprint: str | None
    shown: datetime | None
    #: When a field of the show itself was last changed.
    edited: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What a target is to be told, or was told, of a show's feed."""

    show: str
    target: str
    #: The newest revision that it is to hear of, and when the first that it did not hear of was promised.
    revision: int
    created: datetime
    #: How often it was tried since then.
    tries: int
    #: When it is to be tried; None where it was told, or was given up.
    next: datetime | None
    #: When it was last tried, and how that went.
    tried: datetime | None
    answer: str
    #: The newest revision that it took; None before the first.
    told: int | None

    @property
    def state(self) -> str:
        """Return ``waiting``, ``told`` or ``given up``."""
        return "waiting" if self.next else "told" if self.told == self.revision else "given up"


class Held(NamedTuple):
    """One file that storage holds, as the manifest remembers it; ``length`` in bytes, ``type`` the Content-Type."""

    key: str
    sha256: str
    length: int
    type: str
    #: A hash of all that a feed was made of; None for other files.
    made_of: str | None = None


class Moved(NamedTuple):
    """An address that leads elsewhere; ``path`` has no slash around it, ``slug`` is None where it leads to the show itself."""

    path: str
    show: str
    slug: str | None
    #: ``place`` where the same stood there once; ``page`` or ``feed`` for an address of another host; ``nothing`` once given up.
    leads: str


class Stored(NamedTuple):
    """A file that storage holds; ``unused`` is since when nothing needs it, as far as somebody looked."""

    key: str
    length: int
    unused: datetime | None


class Row(NamedTuple):
    """A published episode by its number, and the digest of its item in a feed; None where there is none as it must be."""

    episode: int
    digest: str | None


class Pack(NamedTuple):
    """A run of items as raw deflate that ends on a whole byte; CRC-32 and length are those of the bytes before."""

    deflated: bytes
    crc: int
    length: int
