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


class Held(NamedTuple):
    """One file that storage holds, as the manifest remembers it; ``length`` in bytes, ``type`` the Content-Type."""

    key: str
    sha256: str
    length: int
    type: str
