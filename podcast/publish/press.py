"""What a publish works with, what it looks at, and what became of it."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from podcast.catalogue import Catalogue
from podcast.config import FeedSettings
from podcast.errors import PodcastError
from podcast.ingest.staging import Staging
from podcast.model import Episode, Show
from podcast.site import Site, show_key
from podcast.storage import Storage, StoredObject

from .plan import Plan, Snapshot, make_plan, site_fingerprint

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What a publish works with."""

    catalogue: Catalogue
    storage: Storage
    staging: Staging
    site: Site
    settings: FeedSettings = field(default_factory=FeedSettings)
    #: Who is to be told when the feed of a show was published.
    targets: Callable[[Show], Sequence[str]] = lambda _: ()

    @property
    def fingerprint(self) -> str:
        """Return the hash of what every file is made with."""
        return site_fingerprint(self.site, self.settings)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a plan. ``failed`` pairs a slug with the reason; the other episodes went out all the same."""

    revision: int | None = None
    released: list[Episode] = field(default_factory=list)
    withdrawn: list[Episode] = field(default_factory=list)
    approved: list[Episode] = field(default_factory=list)
    #: Were to go out, and are public: somebody else has published them meanwhile.
    already: list[Episode] = field(default_factory=list)
    failed: list[tuple[str, PodcastError]] = field(default_factory=list)
    #: Feeds that grew past a size that apps and hosts stumble over: key and length.
    grown: list[tuple[str, int]] = field(default_factory=list)
    #: Keys that were stored or removed, in order.
    stored: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def look(
    press: Press, show: Show, *, now: datetime, chosen: Sequence[Episode] = (), withdraw: Sequence[Episode] = (), ask: bool = True
) -> Snapshot:
    """Read from the catalogue what a plan needs; what is due goes out along with the chosen ones.

    Without ``ask`` storage is not asked whether it still has the feed: for a look while it cannot be reached.
    """
    catalogue = press.catalogue
    held, feed = _public_feed(press, show.slug) if ask else (False, None)
    with catalogue.snapshot():
        due = {episode.slug: episode for episode in (*catalogue.due(now, show.slug), *chosen)}
        return Snapshot(
            show=show,
            chosen=tuple(due.values()),
            withdraw=tuple(withdraw),
            dirty=tuple(catalogue.dirty(show.slug)),
            published=lambda: tuple(catalogue.feed(show.slug)),
            held=catalogue.held,
            standing=catalogue.standing(show.slug),
            pending=bool(catalogue.pending(show.slug)),
            gone=held and feed is None,
            etag=feed.etag if feed else "",
        )


def is_gone(press: Press, show: str) -> bool:
    """Tell whether storage has lost the feed that we stored there: somebody emptied it, or it is another storage now."""
    held, feed = _public_feed(press, show)
    return held and feed is None


def _public_feed(press: Press, show: str) -> tuple[bool, StoredObject | None]:
    """Return whether we stored a feed, and if so, what is there now; storage is asked only then."""
    key = show_key(show, "feed.xml")
    held = bool(press.catalogue.held([key]))
    return held, press.storage.head(key) if held else None


def unsettled(press: Press, now: datetime) -> set[str]:
    """Return the shows of which listeners do not get what the catalogue holds; asks storage once for each public show."""
    public = [show.slug for show in press.catalogue.public_shows()]
    with ThreadPoolExecutor(press.storage.workers) as pool:
        gone = {slug for slug, lost in zip(public, pool.map(lambda slug: is_gone(press, slug), public), strict=True) if lost}
    return gone | set(press.catalogue.unsettled(now, press.fingerprint))


def prepare(
    press: Press, show: Show, *, now: datetime, chosen: Sequence[Episode] = (), withdraw: Sequence[Episode] = (), ask: bool = True
) -> Plan:
    """Look and plan."""
    seen = look(press, show, now=now, chosen=chosen, withdraw=withdraw, ask=ask)
    return make_plan(seen, press.site, press.staging.path, now, press.settings)
