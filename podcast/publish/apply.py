"""Carry out a plan in the order that keeps every public feed whole and every address in it answering.

Audio, pictures and pages are stored and verified; then one transaction makes the episodes published and counts the
feed's revision up; then the show's pages and, last of all, the feed are rendered from the catalogue and stored, and the
feed is read back. A show has one publisher at a time, by a lease with a fencing number in the catalogue. Interrupted
anywhere, the next publish finds the outbox entry or the dirty mark and goes on.
"""

import hashlib
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from podcast.catalogue import Catalogue
from podcast.errors import MediaError, PodcastError, StorageError
from podcast.formats import rss, transcripts
from podcast.ingest.staging import Staging
from podcast.model import Episode, Show, Status
from podcast.player import episode_files, show_files
from podcast.player.embed import render_embed
from podcast.player.pages import render_home
from podcast.site import Site, art_key, episode_key, media_key, show_key
from podcast.storage import Progress, Storage
from podcast.storage.pool import put_all

from .plan import File, Plan, Snapshot, make_plan, rendered

#: A publisher that is silent for so long may be replaced by another.
LEASE = timedelta(minutes=10)
#: Episodes on the show's page and in its JSON; the feed has them all.
NEWEST = 100
#: Episodes whose pages are rendered and uploaded together: bounds memory.
_BATCH = 50

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What a publish works with."""

    catalogue: Catalogue
    storage: Storage
    staging: Staging
    site: Site


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a plan. ``failed`` pairs a slug with the reason; the other episodes went out all the same."""

    revision: int | None = None
    released: list[Episode] = field(default_factory=list)
    withdrawn: list[Episode] = field(default_factory=list)
    approved: list[Episode] = field(default_factory=list)
    failed: list[tuple[str, PodcastError]] = field(default_factory=list)
    #: Keys that were stored or removed, in order.
    stored: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def look(press: Press, show: Show, *, now: datetime, chosen: Sequence[Episode] = (), withdraw: Sequence[Episode] = ()) -> Snapshot:
    """Read from the catalogue what a plan needs; what is due goes out along with the chosen ones."""
    catalogue = press.catalogue
    due = {episode.slug: episode for episode in (*catalogue.due(now, show.slug), *chosen)}
    return Snapshot(
        show=show,
        chosen=tuple(due.values()),
        withdraw=tuple(withdraw),
        dirty=tuple(catalogue.dirty(show.slug)),
        published=lambda: tuple(catalogue.feed(show.slug)),
        manifest=catalogue.manifest(show.slug),
        fingerprint=catalogue.fingerprint(show.slug),
        pending=bool(catalogue.pending(show.slug)),
    )


def prepare(press: Press, show: Show, *, now: datetime, chosen: Sequence[Episode] = (), withdraw: Sequence[Episode] = ()) -> Plan:
    """Look and plan."""
    return make_plan(look(press, show, now=now, chosen=chosen, withdraw=withdraw), press.site, press.staging.path, now)


def apply(plan: Plan, press: Press, *, clock: Clock, progress: Progress | None = None) -> Outcome:
    """Carry out the plan; CatalogueBusy where another publisher holds the show."""
    outcome = Outcome()
    for episode in plan.approve:
        outcome.approved.append(press.catalogue.change_episode(episode.show, episode.slug, clock(), status=Status.SCHEDULED))
    if not plan.swap:
        return outcome
    show = plan.show.slug
    lease, holder = f"publish/{show}", f"{socket.gethostname()} pid {os.getpid()}"
    token = press.catalogue.acquire(lease, holder, now=clock(), ttl=LEASE)
    try:
        _Publisher(plan=plan, press=press, clock=clock, progress=progress, token=token, lease=lease, outcome=outcome).run()
    finally:
        press.catalogue.release_lease(lease, token)
    return outcome


@dataclass(slots=True, kw_only=True)
class _Publisher:
    """One publish of one show, under its lease."""

    plan: Plan
    press: Press
    clock: Clock
    progress: Progress | None
    token: int
    lease: str
    outcome: Outcome

    def run(self) -> None:
        plan, catalogue, outcome = self.plan, self.press.catalogue, self.outcome
        show = plan.show.slug
        self._store([file for file in plan.uploads if _whole(file)], self.progress)
        release, refresh = self._ready(plan.release), self._ready(plan.refresh)
        self._store_pages((*release, *refresh))
        slugs, leaving = [episode.slug for episode in release], [episode.slug for episode in plan.withdraw]
        outcome.revision = catalogue.release(show, slugs, leaving, token=self.token, now=plan.now)
        self._swap()
        self._take_down(plan.withdraw)
        written = {episode.slug: episode.changed for episode in (*release, *refresh)}
        catalogue.finish(
            show, outcome.revision, token=self.token, now=self.clock(), fingerprint=plan.fingerprint, clean=written, gone=leaving
        )
        outcome.released, outcome.withdrawn = list(release), list(plan.withdraw)

    def _ready(self, episodes: Sequence[Episode]) -> tuple[Episode, ...]:
        """Return the episodes whose files are all in storage; the others stay behind and are told of."""
        manifest, ready = self.press.catalogue.manifest(self.plan.show.slug), []
        for episode in episodes:
            picture = episode.artwork
            keys = [media_key(episode), *([art_key(episode.show, picture)] if picture else [])]
            missing = [key for key in keys if key not in manifest]
            if missing:
                error = MediaError(
                    f"The staged copy of {missing[0]} is gone or was cut.", hint=f"Give the file again: podcast replace {episode.slug} FILE"
                )
                self.outcome.failed.append((episode.slug, error))
            else:
                ready.append(episode)
        return tuple(ready)

    def _store_pages(self, episodes: Sequence[Episode]) -> None:
        """Render and store the files of the episodes, a batch at a time; what storage holds already stays."""
        show = self.plan.show
        for start in range(0, len(episodes), _BATCH):
            files: dict[str, bytes] = {}
            for episode in episodes[start : start + _BATCH]:
                files |= render_pages(self.press, show, episode)
            self._store_files(files)

    def _swap(self) -> None:
        """Render the show's pages and its feed from the catalogue as it now is, and store them, the feed last of all."""
        press, show = self.press, self.press.catalogue.show(self.plan.show.slug)
        self._store_files(show_files(press.site, show, press.catalogue.latest(show.slug, NEWEST)))
        public = [one for one in press.catalogue.shows() if press.catalogue.revision(one.slug)]
        self._store_files({"index.html": render_home(press.site, public)})
        with press.catalogue.snapshot():
            feed = rss.render(show, press.catalogue.feed(show.slug), press.site)
        key = show_key(show.slug, "feed.xml")
        self._store_files({key: feed})
        read = hashlib.sha256()
        for block in press.storage.read(key):
            read.update(block)
        if read.digest() != hashlib.sha256(feed).digest():
            raise StorageError(
                f"{key} was stored, and reads back with other bytes.",
                hint="Something else writes to this storage, or a cache stands before it. `podcast publish` tries again.",
            )

    def _take_down(self, episodes: Sequence[Episode]) -> None:
        """Remove the pages of withdrawn episodes, all but the embed, which says that there is nothing to play."""
        press, show = self.press, self.plan.show
        held = press.catalogue.manifest(show.slug)
        for episode in episodes:
            embed = episode_key(episode, "embed.html")
            if embed in held:
                self._store_files({embed: render_embed(press.site, show, None, latest=False)})
            keys = [key for key in held if key.startswith(episode_key(episode, "")) and key != embed]
            press.storage.delete(keys)
            press.catalogue.forget(keys)
            self.outcome.removed += keys

    def _store_files(self, files: Mapping[str, bytes]) -> None:
        """Store rendered files, but for those that storage holds already."""
        held = self.press.catalogue.manifest(self.plan.show.slug)
        uploads = [rendered(key, body) for key, body in files.items()]
        self._store([file for file in uploads if held.get(file.key) != (file.sha256, file.length)])

    def _store(self, files: Sequence[File], progress: Progress | None = None) -> None:
        """Store files, in parallel where the storage gains by it, and remember each as soon as it is verified."""
        by_key = {file.key: file for file in files}
        for stored in put_all(self.press.storage, files, progress):
            file = by_key[stored.key]
            show = self.plan.show.slug if file.key.startswith(f"{self.plan.show.slug}/") else None
            self.press.catalogue.record(show, [(file.key, file.sha256, file.length, file.type)])
            self.press.catalogue.renew(self.lease, self.token, now=self.clock(), ttl=LEASE)
            self.outcome.stored.append(stored.key)


def render_pages(press: Press, show: Show, episode: Episode) -> dict[str, bytes]:
    """Render every file of one episode, its transcripts read from staging."""
    cues = {one.language: transcripts.parse(press.staging.path(one.sha256).read_bytes()) for one in episode.transcripts}
    return episode_files(press.site, show, episode, cues)


def _whole(file: File) -> bool:
    """Tell whether a staged file is there with the length that the catalogue holds."""
    if isinstance(file.body, bytes):
        return True
    try:
        return file.body.stat().st_size == file.length
    except OSError:
        return False
