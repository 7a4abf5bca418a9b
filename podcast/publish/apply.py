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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from podcast.catalogue import Catalogue
from podcast.errors import Conflict, MediaError, NotFound, PodcastError, StorageError
from podcast.formats import transcripts
from podcast.ingest.staging import Staging
from podcast.model import Episode, Show, Status
from podcast.player import episode_files, show_files
from podcast.player.embed import render_embed
from podcast.player.pages import render_home
from podcast.site import Site, episode_key, show_key
from podcast.storage import Progress, Storage
from podcast.storage.pool import put_all

from .feed import item_key, write_feed
from .plan import File, Plan, Snapshot, make_plan, missing_files, rendered, site_fingerprint

#: A publisher that is silent for so long may be replaced by another.
LEASE = timedelta(minutes=10)
#: Episodes on the show's page and in its JSON; the feed has them all.
NEWEST = 100
#: Bytes of pages that are uploaded together: bounds memory.
_BATCH = 4_000_000
#: How often a feed is begun again because an episode was edited meanwhile.
_PATIENCE = 5

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
        held=catalogue.held,
        standing=catalogue.standing(show.slug),
        pending=bool(catalogue.pending(show.slug)),
        gone=is_gone(press, show.slug),
    )


def is_gone(press: Press, show: str) -> bool:
    """Tell whether storage has lost the feed that we stored there: somebody emptied it, or it is another storage now."""
    feed = show_key(show, "feed.xml")
    return bool(press.catalogue.held([feed])) and press.storage.head(feed) is None


def unsettled(press: Press, now: datetime) -> set[str]:
    """Return the shows of which listeners do not get what the catalogue holds; asks storage once for each public show."""
    public = [show.slug for show in press.catalogue.public_shows()]
    with ThreadPoolExecutor(press.storage.workers) as pool:
        gone = {slug for slug, lost in zip(public, pool.map(lambda slug: is_gone(press, slug), public), strict=True) if lost}
    return gone | set(press.catalogue.unsettled(now, site_fingerprint(press.site)))


def prepare(press: Press, show: Show, *, now: datetime, chosen: Sequence[Episode] = (), withdraw: Sequence[Episode] = ()) -> Plan:
    """Look and plan."""
    return make_plan(look(press, show, now=now, chosen=chosen, withdraw=withdraw), press.site, press.staging.path, now)


def apply(plan: Plan, press: Press, *, clock: Clock, progress: Progress | None = None) -> Outcome:
    """Carry out the plan; CatalogueBusy where another publisher holds the show.

    What somebody did to its episodes since the plan was made is respected: see ``Outcome.failed``.
    """
    outcome = Outcome()
    for episode in plan.approve:
        outcome.approved.append(press.catalogue.change_episode(episode.show, episode.slug, clock(), status=Status.SCHEDULED))
    if not plan.swap:
        return outcome
    lease, holder = f"publish/{plan.show.slug}", f"{socket.gethostname()} pid {os.getpid()}"
    token = press.catalogue.acquire(lease, holder, now=clock(), ttl=LEASE)
    try:
        plan = _again(plan, press, outcome)
        _Publisher(plan=plan, press=press, clock=clock, progress=progress, token=token, lease=lease, outcome=outcome, renewed=clock()).run()
    finally:
        press.catalogue.release_lease(lease, token)
    return outcome


def _again(plan: Plan, press: Press, outcome: Outcome) -> Plan:
    """Make the plan again, now that nobody else publishes, of those of its episodes that still stand as they were seen."""
    slug, chosen = plan.show.slug, []
    for seen in plan.seen:
        try:
            episode = press.catalogue.episode(slug, seen.slug)
        except NotFound as error:
            outcome.failed.append((seen.slug, error))
            continue
        if (episode.status, episode.published) == (seen.status, seen.published):
            chosen.append(episode)
        else:
            outcome.failed.append((seen.slug, _changed(seen.slug)))
    leaving = [press.catalogue.episode(slug, episode.slug) for episode in plan.withdraw]
    leaving = [episode for episode in leaving if episode.status is Status.PUBLISHED]
    return prepare(press, press.catalogue.show(slug), now=plan.now, chosen=chosen, withdraw=leaving)


def _changed(slug: str) -> Conflict:
    return Conflict(f"{slug} was scheduled, published or called off meanwhile.", hint=f"See how it stands: podcast view {slug}")


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
    #: When the lease was last renewed.
    renewed: datetime
    #: The states of episodes whose files are all in storage now.
    written: dict[str, Episode] = field(default_factory=dict)

    def run(self) -> None:
        plan, catalogue, outcome = self.plan, self.press.catalogue, self.outcome
        show = plan.show.slug
        if plan.gone:
            catalogue.forget([*catalogue.held_under(f"{show}/"), *catalogue.held_under("assets/"), "index.html"])
        self._store([file for file in plan.uploads if _whole(file)])
        # The bar is of the uploads; what comes now is small.
        self.progress = None
        ready = [episode.slug for episode in plan.release if self._is_ready(episode)]
        leaving = [episode.slug for episode in plan.withdraw]
        if not (ready or leaving or plan.refresh or plan.resume):
            return
        seen = {episode.slug: episode for episode in plan.seen}
        catalogue.end_holds(show, item_key(plan.show, self.press.site))
        outcome.revision = catalogue.release(show, ready, leaving, token=self.token, now=plan.now, seen=seen)
        released = [catalogue.episode(show, slug) for slug in ready]
        outcome.released = [episode for episode in released if episode.status is Status.PUBLISHED]
        outcome.failed += [(one.slug, _changed(one.slug)) for one in released if one.status is not Status.PUBLISHED]
        # Only now, since the address of a page can be guessed, and that of the audio cannot.
        self._bring((*outcome.released, *plan.refresh))
        self._swap()
        self._take_down(plan.withdraw)
        outcome.withdrawn = list(plan.withdraw)
        catalogue.finish(
            show,
            outcome.revision,
            token=self.token,
            now=self.clock(),
            fingerprint=plan.fingerprint,
            edited=plan.edited,
            clean={slug: episode.changed for slug, episode in self.written.items()},
            gone=leaving,
        )

    def _is_ready(self, episode: Episode) -> bool:
        """Tell whether all that a new episode is made of is there; if not, it stays behind, and the others go out."""
        try:
            self._refuse_cut(self._missing([episode]))
            render_pages(self.press, self.plan.show, episode)
        except PodcastError as error:
            self.outcome.failed.append((episode.slug, error))
            return False
        return True

    def _missing(self, episodes: Sequence[Episode]) -> tuple[File, ...]:
        return missing_files(self.plan.show, episodes, self.press.catalogue.held, self.press.staging.path)

    def _refuse_cut(self, files: Sequence[File]) -> None:
        for file in files:
            if not _whole(file):
                raise MediaError(
                    f"The staged copy of {file.key} is gone or was cut.",
                    hint="Give the file again: `podcast replace` for audio, `podcast edit --cover` or `podcast show edit --cover`.",
                )

    def _bring(self, episodes: Sequence[Episode]) -> list[Episode]:
        """Store everything that belongs to these states of the episodes; return those of which that is done.

        Where something is missing, the feed goes on showing an earlier state, whose files are still there.
        """
        brought: list[Episode] = []
        pages: dict[str, bytes] = {}
        for episode in episodes:
            try:
                pages |= self._files(episode)
            except PodcastError as error:
                self._hold(episode, error)
                continue
            brought.append(episode)
            if sum(map(len, pages.values())) > _BATCH:
                self._store_files(pages)
                pages = {}
        self._store_files(pages)
        self.written |= {episode.slug: episode for episode in brought}
        return brought

    def _files(self, episode: Episode) -> dict[str, bytes]:
        """Render the pages of an episode, after storing what storage lacks of its audio and pictures."""
        pages = render_pages(self.press, self.plan.show, episode)
        media = self._missing([episode])
        self._refuse_cut(media)
        self._store(media)
        return pages

    def _hold(self, episode: Episode, error: PodcastError) -> None:
        catalogue = self.press.catalogue
        if isinstance(error, StorageError) or not catalogue.hold(episode, item_key(catalogue.show(episode.show), self.press.site)):
            raise error
        if episode.slug not in {slug for slug, _ in self.outcome.failed}:
            self.outcome.failed.append((episode.slug, error))

    def _is_written(self, episode: Episode) -> bool:
        """Tell whether the files of just this state are in storage. A release moves ``changed``, which no page shows."""
        known = self.written.get(episode.slug)
        return known is not None and replace(known, changed=episode.changed) == episode

    def _swap(self) -> None:
        """Render the show's pages and its feed from the catalogue as it now is, and store them, the feed last of all.

        Somebody may edit an episode meanwhile. Its new files are stored before a feed may name them.
        """
        press, show = self.press, self.press.catalogue.show(self.plan.show.slug)
        self._store_files(show_files(press.site, show, press.catalogue.latest(show.slug, NEWEST)))
        if self.plan.stale:
            self._store_files({"index.html": render_home(press.site, press.catalogue.public_shows())})
        with TemporaryDirectory(prefix="podcast-") as folder:
            feed = self._write_feed(Path(folder) / "feed.xml")
            self._renew()
            self._store(self._lacking([feed]))
        read = hashlib.sha256()
        for block in press.storage.read(feed.key):
            read.update(block)
        if read.hexdigest() != feed.sha256:
            raise StorageError(
                f"{feed.key} was stored, and reads back with other bytes.",
                hint="Something else writes to this storage, or a cache stands before it. `podcast publish` tries again.",
            )

    def _write_feed(self, path: Path) -> File:
        def bring(episodes: Sequence[Episode]) -> list[Episode]:
            fresh = [episode for episode in episodes if not self._is_written(episode)]
            return [episode for episode in episodes if episode not in fresh] + self._bring(fresh)

        press, slug = self.press, self.plan.show.slug
        for _ in range(_PATIENCE):
            show = press.catalogue.show(slug)
            own = missing_files(show, (), press.catalogue.held, press.staging.path)
            self._refuse_cut(own)
            self._store(own)
            feed = write_feed(press.catalogue, show, press.site, path, bring=bring)
            if feed:
                return feed
        raise Conflict(f"The episodes of {slug} keep changing while they are published.", hint="Let the edits end, and publish again.")

    def _take_down(self, episodes: Sequence[Episode]) -> None:
        """Remove the pages of withdrawn episodes, all but the embed, which says that there is nothing to play."""
        press, show = self.press, self.plan.show
        for episode in episodes:
            embed, held = episode_key(episode, "embed.html"), press.catalogue.held_under(episode_key(episode, ""))
            if embed in held:
                self._store_files({embed: render_embed(press.site, show, None, latest=False)})
            keys = [key for key in held if key != embed]
            press.storage.delete(keys)
            press.catalogue.forget(keys)
            self.outcome.removed += keys

    def _store_files(self, files: Mapping[str, bytes]) -> None:
        """Store rendered files, but for those that storage holds already."""
        self._store(self._lacking([rendered(key, body) for key, body in files.items()]))

    def _lacking(self, files: Sequence[File]) -> list[File]:
        held = self.press.catalogue.held(file.key for file in files)
        return [file for file in files if held.get(file.key) != (file.sha256, file.length)]

    def _store(self, files: Sequence[File]) -> None:
        """Store files, in parallel where the storage gains by it, and remember each as soon as it is verified."""
        by_key, show = {file.key: file for file in files}, self.plan.show.slug
        try:
            for stored in put_all(self.press.storage, files, self._progress):
                file = by_key[stored.key]
                owner = show if file.key.startswith(f"{show}/") else None
                self.press.catalogue.record(owner, [(file.key, file.sha256, file.length, file.type)], lease=(self.lease, self.token))
                self.outcome.stored.append(stored.key)
        except Conflict:
            # Whoever took over may have written these before us: let the next publish write them once more.
            self.press.catalogue.overtaken(show, by_key, now=self.clock())
            raise

    def _progress(self, amount: int) -> None:
        """Pass on that bytes have gone out, and hold on to the lease while they do. Called from several threads."""
        if self.progress:
            self.progress(amount)
        if self.clock() - self.renewed > LEASE / 10:
            self._renew()

    def _renew(self) -> None:
        self.renewed = self.clock()
        self.press.catalogue.renew(self.lease, self.token, now=self.renewed, ttl=LEASE)


def render_pages(press: Press, show: Show, episode: Episode) -> dict[str, bytes]:
    """Render every file of one episode, its transcripts read from staging."""
    cues = {one.language: transcripts.parse(_read_staged(press, episode, one.sha256)) for one in episode.transcripts}
    return episode_files(press.site, show, episode, cues)


def _read_staged(press: Press, episode: Episode, sha256: str) -> bytes:
    try:
        return press.staging.path(sha256).read_bytes()
    except OSError as error:
        raise MediaError(
            f"The staged transcript of {episode.slug} is gone.", hint=f"Give it again: podcast edit {episode.slug} --transcript FILE"
        ) from error


def _whole(file: File) -> bool:
    """Tell whether a staged file is there with the length that the catalogue holds."""
    if isinstance(file.body, bytes):
        return True
    try:
        return file.body.stat().st_size == file.length
    except OSError:
        return False
