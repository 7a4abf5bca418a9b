"""One publish of one show: what is stored when, so that every public feed is whole and every address in it answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from podcast.catalogue import Moved, Row
from podcast.check import check_release
from podcast.errors import CheckFailed, Conflict, PodcastError, StorageError, StorageUnavailable
from podcast.formats import rss, transcripts
from podcast.formats.paging import format_of, is_archive
from podcast.ingest import waveform
from podcast.ingest.artwork import smaller_copies
from podcast.model import Artwork, Cue, Episode, Measured, Show, Status, Transcript
from podcast.player import episode_files, home_files, show_files
from podcast.player.embed import render_embed
from podcast.site import HOME, art_key, copy_keys, episode_key, show_key, sound_keys
from podcast.storage import Overtaken

from .feed import Writer, Written, item_key
from .moved import moved_files, stored_at
from .older import changed_parts, count_newest, count_parts, former_parts, is_part
from .plan import File, Plan, missing_files, rendered
from .press import Outcome, Press
from .store import Store, feed_keys, is_whole, reads_back, refuse_cut

#: Bytes of pages that are uploaded together: bounds memory.
_BATCH = 4_000_000
#: Bytes of a feed at which hosts and apps begin to give up: FeedBurner, the W3C's validator, small phones.
_LARGE = (1_000_000, 5_000_000, 10_000_000)
#: How many rendered items are handed on from the linter to the feed: bounds memory.
_HELD = 200
#: How often a feed is begun again because an episode was edited meanwhile.
_PATIENCE = 5


@dataclass(slots=True, kw_only=True)
class Publisher:
    """One publish of one show, under its lease."""

    plan: Plan
    press: Press
    store: Store
    outcome: Outcome
    #: The states of episodes whose files are all in storage now.
    written: dict[str, Episode] = field(default_factory=dict)
    #: Whether an episode whose files were written has its waveform among them, by slug.
    peaks: dict[str, bool] = field(default_factory=dict)
    #: Items that the linter saw, by slug, each with the state of its episode; the feed takes them as they are.
    fresh: dict[str, tuple[Episode, bytes]] = field(default_factory=dict)

    def run(self) -> None:
        """Carry out the plan, in its order."""
        plan, catalogue, outcome = self.plan, self.press.catalogue, self.outcome
        show = plan.show.slug
        if plan.gone:
            held = [file.key for file in catalogue.remembered(show)]
            others = [key for key in held if format_of(key.rpartition("/")[2])]
            # A format that was given up has a feed only because we remember it.
            catalogue.doubt(others)
            lost = [*(key for key in held if key not in others), *catalogue.held_under("assets/"), *HOME]
            # Cut off from here on, the next publish goes on filling the storage.
            catalogue.distrust(show, lost, now=self.store.clock())
        self.store.put([file for file in plan.uploads if is_whole(file)])
        # The bar is of the uploads; what comes now is small.
        self.store.progress = None
        ready = [episode.slug for episode in plan.release if self._is_ready(episode)]
        leaving = [episode.slug for episode in plan.withdraw]
        if not (ready or leaving or plan.refresh or plan.resume):
            return
        seen = {episode.slug: episode for episode in plan.seen}
        catalogue.end_holds(show, self._key(plan.show))
        outcome.revision = catalogue.release(show, ready, leaving, token=self.store.token, now=plan.now, seen=seen)
        released = [catalogue.episode(show, slug) for slug in ready]
        outcome.released = [episode for episode in released if episode.status is Status.PUBLISHED]
        catalogue.mark((key for episode in outcome.released for key in sound_keys(episode)), None)
        outcome.failed += [(one.slug, changed_meanwhile(one.slug)) for one in released if one.status is not Status.PUBLISHED]
        # Only now, since the address of a page can be guessed, and that of the audio cannot.
        self._keep_fresh(self._bring((*outcome.released, *plan.refresh)))
        try:
            self._swap()
        except Overtaken:
            # By nobody who asked our catalogue: the feed is made again, over what is there now. Never a third time.
            self.store.look_again()
            self._swap()
        outcome.withdrawn = self._take_down(plan.withdraw)
        # Before the outbox is done: who is killed in between leaves both to the next publish.
        catalogue.promise_notifications(show, outcome.revision, self.press.targets(catalogue.show(show)), now=self.store.clock())
        catalogue.finish(
            show,
            outcome.revision,
            token=self.store.token,
            now=self.store.clock(),
            fingerprint=plan.fingerprint,
            edited=plan.edited,
            clean={slug: episode.changed for slug, episode in self.written.items()},
            gone=[episode.slug for episode in outcome.withdrawn],
        )

    def _is_ready(self, episode: Episode) -> bool:
        """Tell whether all that a new episode is made of is there; if not, it stays behind, and the others go out."""
        try:
            item = ready_item(self.press, self.plan, episode)
            self._store_copies(episode.artwork)
        except PodcastError as error:
            self.outcome.failed.append((episode.slug, error))
            return False
        if len(self.fresh) < _HELD:
            self.fresh[episode.slug] = (episode, item)
        return True

    def _keep_fresh(self, episodes: Sequence[Episode]) -> None:
        """Keep the items that the linter saw. A release moves ``changed``, which no item shows."""
        known = [(episode, *self.fresh[episode.slug]) for episode in episodes if episode.slug in self.fresh]
        items = [(episode, item) for episode, seen, item in known if replace(seen, changed=episode.changed) == episode]
        self.press.catalogue.keep(self._key(self.plan.show), "", items)

    def _missing(self, episodes: Sequence[Episode]) -> tuple[File, ...]:
        return missing_files(self.plan.show, episodes, self.press.catalogue.held, self.press.staging.path)

    def _key(self, show: Show) -> str:
        return item_key(show, self.press.site, self.press.settings)

    def _bring(self, episodes: Sequence[Episode], variant: str = "") -> list[Episode]:
        """Store everything that belongs to these states of the episodes; return those of which that is done.

        Where something is missing, the feed goes on showing an earlier state, whose files are still there.
        """
        brought: list[Episode] = []
        pages: dict[str, bytes] = {}
        old: dict[str, bytes] = {}
        moved = self.press.catalogue.moved(self.plan.show.slug) if episodes else []
        for episode in episodes:
            try:
                files = self._files(episode)
            except PodcastError as error:
                self._hold(episode, error, variant)
                continue
            pages |= files
            old |= moved_files(self.press.site, self.plan.show, episode, files, moved)
            brought.append(episode)
            if sum(map(len, (*pages.values(), *old.values()))) > _BATCH:
                self._store_pages(pages, old)
                pages, old = {}, {}
        self._store_pages(pages, old)
        self.written |= {episode.slug: episode for episode in brought}
        return brought

    def _store_pages(self, pages: dict[str, bytes], old: dict[str, bytes]) -> None:
        """Store pages, and then what leads to them."""
        self.store.put_rendered(pages)
        self.store.put_rendered(old)

    def _store_copies(self, picture: Artwork | None) -> None:
        """Store those smaller copies of a picture that storage lacks: each is made once, since its name holds the picture's hash."""
        copies = copy_keys(self.plan.show.slug, picture) if picture else {}
        held = self.press.catalogue.held(copies)
        lacking = {key: copy for key, copy in copies.items() if key not in held}
        if picture and lacking:
            name = f"The picture {art_key(self.plan.show.slug, picture)}"
            made = smaller_copies(self.press.staging.path(picture.sha256), lacking.values(), name)
            self.store.put([rendered(key, body) for key, body in zip(lacking, made, strict=True)])

    def _files(self, episode: Episode) -> dict[str, bytes]:
        """Render the pages of an episode, after storing what storage lacks of its audio and pictures."""
        measured = self.press.catalogue.measured(episode.audio.sha256)
        self.peaks[episode.slug] = measured is not None
        pages = render_pages(self.press, self.plan.show, episode, measured)
        media = self._missing([episode])
        refuse_cut(media)
        self.store.put(media)
        self._store_copies(episode.artwork or self.plan.show.artwork)
        return pages

    def _hold(self, episode: Episode, error: PodcastError, variant: str) -> None:
        catalogue = self.press.catalogue
        if isinstance(error, StorageError) or not catalogue.hold(episode, self._key(catalogue.show(episode.show)), variant):
            raise error
        if episode.slug not in {slug for slug, _ in self.outcome.failed}:
            self.outcome.failed.append((episode.slug, error))

    def _is_written(self, episode: Episode) -> bool:
        """Tell whether the files of just this state are in storage. A release moves ``changed``, which no page shows."""
        known = self.written.get(episode.slug)
        return known is not None and replace(known, changed=episode.changed) == episode

    def _swap(self) -> None:
        """Render the show's pages and its feed from the catalogue as it now is, and store them, feed.xml last of all.

        Somebody may edit an episode meanwhile. Its new files are stored before a feed may name them.
        """
        press = self.press
        with TemporaryDirectory(prefix="podcast-") as folder:
            writer = Writer(
                catalogue=press.catalogue,
                site=press.site,
                settings=press.settings,
                folder=Path(folder),
                bring=self._bring_feed,
            )
            written = self._write_feed(writer)
            self._write_pages(written.rows)
            for feed in written.files:
                self._note_size(feed)
                self.store.renew()
                self.store.put(self.store.lacking([replace(feed, revision=self.outcome.revision)]))
                if not reads_back(press.storage, feed):
                    press.catalogue.doubt([feed.key])
                    raise StorageError(
                        f"{feed.key} was stored, and reads back with other bytes.",
                        hint="Something else writes to this storage, or a cache stands before it. `podcast publish` tries again.",
                    )
            self._drop_archives(written)

    def _write_pages(self, rows: Sequence[Row]) -> None:
        """Store the show's pages; ``rows`` are its public episodes."""
        press, slug = self.press, self.plan.show.slug
        older = count_parts(len(rows))
        with press.catalogue.snapshot():
            show = press.catalogue.show(slug)
            newest, twins, moved = self._playable(show, count_newest(len(rows))), press.catalogue.twins(show), press.catalogue.moved(slug)
        self._write_older(show, rows, moved)
        files = show_files(press.site, show, newest, twins, older=older, peaks=bool(newest) and self._has_peaks(newest[0]))
        self._store_pages(files, moved_files(press.site, show, None, files, moved))
        for one in moved:
            if one.leads == "nothing":
                self._remove(stored_at(press.catalogue, one))
                press.catalogue.forget_redirects([one.path])
        # The home page lists shows, the sitemap their sitemaps.
        if self.plan.stale or self.plan.resume or any(is_part(key) for key in (*self.store.stored, *self.outcome.removed)):
            self._write_home()
        if self.plan.stale:
            self._renew_cards(show, moved)

    def _has_peaks(self, episode: Episode) -> bool:
        """Tell whether the page of an episode shows its waveform."""
        return self.peaks[episode.slug] if episode.slug in self.peaks else self.press.catalogue.measured(episode.audio.sha256) is not None

    def _write_older(self, show: Show, rows: Sequence[Row], moved: Sequence[Moved]) -> None:
        for files in changed_parts(self.press, show, rows):
            self.store.put(files)
            bodies = {file.key: file.body for file in files if isinstance(file.body, bytes)}
            self.store.put_rendered(moved_files(self.press.site, show, None, bodies, moved))
        self._remove(former_parts(self.press, show, count_parts(len(rows))))

    def _write_home(self) -> None:
        """Store the project's own files; once more where another show, which has a lease of its own, changed them at the same time."""
        home = self._home()
        self.store.put_rendered(home)
        while (now := self._home()) != home:
            # Whatever the manifest says: we may have stored ours over what it tells of.
            self.store.put([rendered(key, body) for key, body in now.items()])
            home = now

    def _home(self) -> dict[str, bytes]:
        catalogue = self.press.catalogue
        shows = catalogue.public_shows()
        sitemaps = [key for show in shows if not show.block for key in catalogue.held_under(show_key(show.slug, "sitemap"))]
        return home_files(self.press.site, shows, sitemaps)

    def _renew_cards(self, show: Show, moved: Sequence[Moved]) -> None:
        """Render anew the embeds that stay after their episodes: the files of an older player, which they name, will be removed."""
        catalogue = self.press.catalogue
        public = {episode.slug for episode in catalogue.feed(show.slug)}
        leading = {one.path for one in moved if one.slug in public}
        embeds = [key for key in catalogue.held_under(f"{show.slug}/") if key.endswith("/embed.html")]
        kept = [key for key in embeds if key.split("/")[1] not in public and key.removesuffix("/embed.html") not in leading]
        self.store.put_rendered(dict.fromkeys(kept, render_embed(self.press.site, show, None, latest=False)))

    def _playable(self, show: Show, count: int) -> list[Episode]:
        """Return the newest episodes, but for those of which the audio or the picture is not in storage as the catalogue has it."""
        latest = self.press.catalogue.latest(show.slug, count)
        lacking = {file.key for file in self._missing(latest)}
        return [
            one for one in latest if lacking.isdisjoint({*sound_keys(one), *([art_key(show.slug, one.artwork)] if one.artwork else [])})
        ]

    def _note_size(self, feed: File) -> None:
        _, before = self.press.catalogue.held([feed.key]).get(feed.key, ("", 0))
        if any(before <= size < feed.length for size in _LARGE):
            self.outcome.grown.append((feed.key, feed.length))

    def _drop_archives(self, written: Written) -> None:
        """Remove archive pages that the feed has no more. Feeds of other formats stay: they say where the show goes on."""
        press, show = self.press, self.plan.show.slug
        gone = [key for key in feed_keys(press.catalogue, show) if is_archive(key.rpartition("/")[2]) and key not in written.keys]
        self._remove(gone)

    def _bring_feed(self, episodes: Sequence[Episode], variant: str) -> list[Episode]:
        fresh = [episode for episode in episodes if not self._is_written(episode)]
        return [episode for episode in episodes if episode not in fresh] + self._bring(fresh, variant)

    def _write_feed(self, writer: Writer) -> Written:
        press, slug = self.press, self.plan.show.slug
        for _ in range(_PATIENCE):
            show = press.catalogue.show(slug)
            own = missing_files(show, (), press.catalogue.held, press.staging.path)
            refuse_cut(own)
            self.store.put(own)
            self._store_copies(show.artwork)
            written = writer.write(show)
            if written:
                return written
        raise Conflict(f"The episodes of {slug} keep changing while they are published.", hint="Let the edits end, and publish again.")

    def _take_down(self, episodes: Sequence[Episode]) -> list[Episode]:
        """Remove the pages of withdrawn episodes wherever they stood, all but the embeds, which say that there is nothing to play.

        Return those of which that is done. A key or a bucket that lets nobody delete keeps no other episode from going out.
        """
        press, show, done = self.press, self.plan.show, list[Episode]()
        moved = press.catalogue.moved(show.slug) if episodes else []
        for episode in episodes:
            held = press.catalogue.held_under(episode_key(episode, ""))
            held += [key for one in moved if one.slug == episode.slug for key in stored_at(press.catalogue, one)]
            embeds = [key for key in held if key.endswith("/embed.html")]
            self.store.put_rendered(dict.fromkeys(embeds, render_embed(press.site, show, None, latest=False)))
            try:
                self._remove([key for key in held if key not in embeds])
            except StorageUnavailable:
                raise
            except StorageError as error:
                message = f"It is out of the feed, but its pages are still there. {error.message}"
                self.outcome.failed.append((episode.slug, StorageError(message, hint=error.hint)))
            else:
                done.append(episode)
        return done

    def _remove(self, keys: Sequence[str]) -> None:
        """Remove files. Interrupted in the middle, none is held for stored, and the next publish finds them all."""
        self.press.catalogue.doubt(keys)
        self.press.storage.delete(keys)
        self.press.catalogue.forget(keys)
        self.outcome.removed += keys


def render_pages(press: Press, show: Show, episode: Episode, measured: Measured | None = None) -> dict[str, bytes]:
    """Render every file of one episode, its transcripts read from staging; its waveform where it was ``measured``."""
    cues = {one.language: transcripts.parse(_read_staged(press, episode, one.sha256)) for one in episode.transcripts}
    files = episode_files(press.site, show, episode, cues, peaks=measured is not None)
    return files | ({episode_key(episode, "peaks.json"): waveform.to_json(measured.peaks)} if measured else {})


def _read_staged(press: Press, episode: Episode, sha256: str) -> bytes:
    hint = f"Give it again: podcast edit {episode.slug} --transcript FILE"
    return press.staging.read(sha256, f"transcript of {episode.slug}", hint)


def ready_item(press: Press, plan: Plan, episode: Episode) -> bytes:
    """Return the item of a new episode; PodcastError where something that it is made of is missing or faulty."""
    show = plan.show
    refuse_cut(missing_files(show, [episode], press.catalogue.held, press.staging.path))
    render_pages(press, show, episode)
    item = rss.render_item(show, episode, press.site, simple_chapters=press.settings.simple_chapters)
    refuse_faulty(press, show, episode, plan.now, item)
    return item


def refuse_faulty(press: Press, show: Show, episode: Episode, now: datetime, item: bytes) -> None:
    """Raise CheckFailed where the linter finds an error that is of this episode alone; ``item`` is what the feed will say of it."""

    def read_cues(transcript: Transcript) -> tuple[Cue, ...]:
        return transcripts.parse(_read_staged(press, episode, transcript.sha256))

    measured = press.catalogue.measured
    errors = check_release(show, episode, press.site, now=now, read_cues=read_cues, measured=measured, item=item)
    if errors:
        raise CheckFailed("; ".join(f"{error.message} [{error.rule}]" for error in errors) + ".", hint=f"podcast check {episode.slug}")


def changed_meanwhile(slug: str) -> Conflict:
    """Return the error for an episode that is not any more as it was when the plan was made."""
    return Conflict(f"{slug} was scheduled, published or called off meanwhile.", hint=f"See how it stands: podcast view {slug}")
