"""What a publish will do, worked out before anything is done."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

from podcast import __version__
from podcast.catalogue import Standing
from podcast.config import FeedSettings
from podcast.model import Artwork, Audio, Episode, Show, Status
from podcast.player.assets import assets
from podcast.site import SEEN, WIDTHS, Site, art_key, cache_control, content_type, sound_keys
from podcast.storage import Upload

#: What storage holds: key → (sha256, length).
Manifest = Mapping[str, tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Upload):
    """An upload, and the hash by which the catalogue remembers it."""

    sha256: str
    #: A hash of all that a feed was made of.
    made_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the catalogue says at one moment about one show."""

    show: Show
    #: To go out: named, or scheduled and due.
    chosen: tuple[Episode, ...]
    #: Published episodes to take down.
    withdraw: tuple[Episode, ...]
    #: Published and withdrawn episodes that changed since their files were written.
    dirty: tuple[Episode, ...]
    #: All published episodes; asked for only where the show itself changed.
    published: Callable[[], tuple[Episode, ...]]
    #: Which of some keys storage holds.
    held: Callable[[Iterable[str]], Manifest]
    #: How far the public feed has come.
    standing: Standing
    #: Whether an earlier publish was interrupted before its feed was written.
    pending: bool
    #: Whether the feed that we stored is gone: the storage was emptied, or is another one now.
    gone: bool
    #: The ETag of the public feed; empty where we stored none.
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps of a publish, in their order: uploads, release, pages, swap of the feed, removal."""

    show: Show
    #: The episodes that go out, as they were seen when the plan was made.
    seen: tuple[Episode, ...]
    #: The same, as they will be.
    release: tuple[Episode, ...]
    #: Episodes whose date is ahead: they are approved and go out then.
    approve: tuple[Episode, ...]
    #: Public episodes whose pages are written again.
    refresh: tuple[Episode, ...]
    #: Episodes to take down, and those taken down whose pages are still to be removed.
    withdraw: tuple[Episode, ...]
    #: Audio, pictures and the player's own files that storage does not hold yet.
    uploads: tuple[File, ...]
    #: Whether the show itself changed, or what all pages are made with.
    stale: bool
    #: Whether storage has lost what we stored, so that everything is stored again.
    gone: bool
    #: Whether the feed is to be written for another reason than an episode: an interrupted publish, a changed show.
    resume: bool
    fingerprint: str
    #: The state of the show's fields that this plan brings to listeners.
    edited: datetime
    #: The moment of publication of what has no date yet.
    now: datetime
    #: The ETag of the feed that this plan was made over.
    etag: str

    @property
    def swap(self) -> bool:
        """Tell whether the feed and the show's pages may differ from what is public."""
        return bool(self.release or self.refresh or self.withdraw or self.resume)

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to do."""
        return not (self.swap or self.approve)

    @property
    def length(self) -> int:
        """Return the bytes of the uploads; pages and feed come on top, and are small."""
        return sum(upload.length for upload in self.uploads)


def make_plan(snapshot: Snapshot, site: Site, staged: Callable[[str], Path], now: datetime, settings: FeedSettings) -> Plan:
    """Work out what to do. Pure: ``staged`` turns a sha256 into a path and opens nothing."""
    show, standing = snapshot.show, snapshot.standing
    going = [episode for episode in snapshot.chosen if episode.status is not Status.PUBLISHED]
    seen = tuple(episode for episode in going if not _ahead(episode, now))
    release = tuple(replace(episode, status=Status.PUBLISHED, published=episode.published or now) for episode in seen)
    approve = tuple(episode for episode in going if _ahead(episode, now) and episode.status is not Status.SCHEDULED)
    released = {episode.slug for episode in release}
    fallen = [episode for episode in snapshot.dirty if episode.status is Status.WITHDRAWN]
    leaving = {episode.slug: episode for episode in (*fallen, *snapshot.withdraw) if episode.slug not in released}
    fingerprint = site_fingerprint(site, settings)
    # A show that was never public stays so until its first episode goes out, or the list that it is.
    public = standing.revision > 0 or show.lists_feeds
    fresh = standing.shown == standing.edited and standing.fingerprint == fingerprint and not snapshot.gone
    stale = not fresh and (public or bool(release))
    changed = snapshot.published() if stale else snapshot.dirty
    refresh = tuple(episode for episode in changed if episode.status is Status.PUBLISHED and episode.slug not in {*released, *leaving})
    resume = snapshot.pending or (stale and public)
    swap = bool(release or refresh or leaving or resume)
    held = (lambda _: {}) if snapshot.gone else snapshot.held
    return Plan(
        show=show,
        seen=seen,
        release=release,
        approve=approve,
        refresh=refresh,
        withdraw=tuple(leaving.values()),
        uploads=missing_files(show, (*release, *refresh), held, staged) if swap else (),
        stale=stale,
        gone=snapshot.gone,
        resume=resume,
        fingerprint=fingerprint,
        edited=standing.edited,
        now=now,
        etag=snapshot.etag,
    )


def site_fingerprint(site: Site, settings: FeedSettings) -> str:
    """Return a hash of what every file is made with: this version, the site's address, the player's own files, pictures, [feed]."""
    return hashlib.sha256(msgspec.json.encode((__version__, site, [key for key, _ in assets()], WIDTHS, SEEN, settings))).hexdigest()


def rendered(key: str, body: bytes) -> File:
    """Make the upload of a file that was rendered in memory."""
    return File(
        key=key,
        body=body,
        length=len(body),
        md5=hashlib.md5(body, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(body).hexdigest(),
        type=content_type(key),
        cache_control=cache_control(key),
    )


@cache
def _player_files() -> tuple[File, ...]:
    """Return the player's own files, which are the same as long as this program runs."""
    return tuple(rendered(key, body) for key, body in assets())


def staged_file(key: str, file: Artwork | Audio, path: Path) -> File:
    """Make the upload of a file in staging."""
    return File(
        key=key,
        body=path,
        length=file.length,
        md5=file.md5,
        sha256=file.sha256,
        type=file.media_type,
        cache_control=cache_control(key),
    )


def _ahead(episode: Episode, now: datetime) -> bool:
    return episode.published is not None and episode.published > now


def missing_files(
    show: Show, episodes: Sequence[Episode], held: Callable[[Iterable[str]], Manifest], staged: Callable[[str], Path]
) -> tuple[File, ...]:
    """Return what storage lacks of the episodes' audio and pictures, the show's picture and the player's files, each once.

    ``held`` says which of some keys storage has, ``staged`` where a file of a hash stands.
    """
    pictures = [show.artwork, *(episode.artwork for episode in episodes)]
    files: dict[str, Artwork | Audio] = {art_key(show.slug, picture): picture for picture in pictures if picture}
    files |= {key: audio for episode in episodes for key, audio in sound_keys(episode).items()}
    wanted = list(_player_files())
    wanted += [staged_file(key, file, staged(file.sha256)) for key, file in files.items()]
    there = held(file.key for file in wanted)
    return tuple(file for file in wanted if there.get(file.key) != (file.sha256, file.length))
