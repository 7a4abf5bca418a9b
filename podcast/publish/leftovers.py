"""What nothing needs any more: replaced and withdrawn audio, old pictures, files of an older player, uploads that broke off.

It is noted when it is first seen, and goes when it has been unused for a while, since apps hold on to old feeds.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from podcast.catalogue import Moved, Stored
from podcast.errors import CatalogueBusy, PodcastError, StorageError, StorageUnavailable
from podcast.ingest.masters import clear_masters
from podcast.model import Artwork, Episode, Show
from podcast.player.assets import assets
from podcast.site import HOME, art_key, copy_keys, episode_key, is_hashed, show_key, sound_keys, transcript_key
from podcast.storage.probe import PREFIX

from .lease import LEASE, take
from .moved import moved_keys
from .press import Clock, Press
from .store import feed_keys, read_feed

#: How long listeners may go on with what they have: a month, as apps keep episodes waiting for Wi-Fi.
GRACE: Final = timedelta(days=30)
#: What is younger may belong to somebody who is at work now.
_AT_WORK: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """What was found, each with its length in bytes."""

    #: Keys that were removed, or would be.
    gone: tuple[tuple[str, int], ...] = ()
    #: Keys that wait for their time, with the moment from which on they go.
    waiting: tuple[tuple[str, int, datetime], ...] = ()
    #: Staged files, by name.
    staged: tuple[tuple[str, int], ...] = ()
    #: Recordings that no episode is made of any more, by name.
    masters: tuple[tuple[str, int], ...] = ()
    #: Interrupted uploads that were ended.
    uploads: int = 0
    #: Shows that were left as they are, since they are being published now or storage refuses, each with what was said of it.
    busy: tuple[tuple[str, PodcastError], ...] = ()
    #: Why interrupted uploads could not be ended: much storage does not let every key do so.
    refused: StorageError | None = None


def clear(
    press: Press, shows: Sequence[Show], *, clock: Clock, grace: timedelta = GRACE, dry: bool = False, masters: Path | None = None
) -> Leftovers:
    """Remove from storage, staging and the folder of ``masters`` what has not been needed for ``grace``; with ``dry`` only say what.

    Each show is cleared under its lease; one that is being published, or whose files nobody may delete, waits for the next time.
    """
    gone, waiting, busy = list[tuple[str, int]](), list[tuple[str, int, datetime]](), list[tuple[str, PodcastError]]()
    for show in (*shows, None):
        name = f"publish/{show.slug}" if show else "clear"
        try:
            token = take(press.catalogue, name, clock())
        except CatalogueBusy as error:
            busy.append((show.slug if show else "", error))
            continue
        try:
            old, young = _of_show(press, show, now=clock(), grace=grace, dry=dry)
            if not dry:
                # Whoever took over meanwhile may need them again.
                press.catalogue.renew(name, token, clock(), LEASE)
                _remove(press, [key for key, _ in old])
        except StorageUnavailable:
            raise
        except StorageError as error:
            busy.append((show.slug if show else "", error))
            continue
        finally:
            press.catalogue.release_lease(name, token)
        gone += old
        waiting += young
    now = clock()
    before = now - max(grace, _AT_WORK)
    if not dry:
        press.catalogue.drop_measured()
    staged = press.staging.leftovers(press.catalogue.hashes(), before)
    if not dry:
        for path, _ in staged:
            path.unlink(missing_ok=True)
    recordings: list[tuple[Path, int]] = []
    if masters:
        recordings, idle = clear_masters(masters, press.catalogue.guids(), now=now, grace=max(grace, _AT_WORK), dry=dry)
        waiting += [(path.name, length, until) for path, length, until in idle]
    uploads, refused = (0, None) if dry else _end_uploads(press, {show.slug for show in shows}, now - _AT_WORK)
    return Leftovers(
        gone=tuple(gone),
        waiting=tuple(waiting),
        staged=tuple((path.name, length) for path, length in staged),
        masters=tuple((path.name, length) for path, length in recordings),
        uploads=uploads,
        busy=tuple(busy),
        refused=refused,
    )


def _end_uploads(press: Press, shows: Container[str], before: datetime) -> tuple[int, StorageError | None]:
    """End interrupted uploads of these shows, and of a doctor's; return how many, or why not. Everything else is done by then."""

    def ours(key: str) -> bool:
        return (is_hashed(key) and key.partition("/")[0] in shows) or key.startswith(f"{PREFIX}/")

    try:
        return press.storage.abandon(before, ours), None
    except StorageError as error:
        return 0, error


def _of_show(
    press: Press, show: Show | None, *, now: datetime, grace: timedelta, dry: bool
) -> tuple[list[tuple[str, int]], list[tuple[str, int, datetime]]]:
    stored = press.catalogue.stored(show.slug if show else None)
    used = set(_needed(press, show) if show else _needed_by_all(press, stored, now))
    idle = [file for file in stored if file.key not in used and not _stays(file.key)]
    old = [file for file in idle if (file.unused or now) <= now - grace]
    waiting = [(file.key, file.length, (file.unused or now) + grace) for file in idle if file not in old]
    unknown = _unknown(press, show, used.union(file.key for file in stored), now - max(grace, _AT_WORK)) if show else []
    if not dry:
        press.catalogue.mark((file.key for file in idle if not file.unused), now)
        press.catalogue.mark((file.key for file in stored if file.unused and file not in idle), None)
    return [(file.key, file.length) for file in old] + unknown, waiting


def _needed_by_all(press: Press, stored: Iterable[Stored], now: datetime) -> Iterator[str]:
    """Yield the keys of what belongs to no show and is in use; all of them while a page may be as an older player made it."""
    yield from (key for key, _ in assets())
    yield from HOME
    if press.catalogue.unsettled(now, press.fingerprint):
        yield from (file.key for file in stored)


def _needed(press: Press, show: Show) -> Iterator[str]:
    """Yield the keys of a show that listeners may be sent to: by the catalogue, and by feeds and pages as they stand in storage."""
    yield from _pictures(show, show.artwork)
    moved = defaultdict[str | None, list[Moved]](list)
    for one in press.catalogue.moved(show.slug):
        moved[one.slug].append(one)
    for one in moved[None]:
        yield from moved_keys(one, ())
    for episode in press.catalogue.feed(show.slug):
        yield from sound_keys(episode)
        yield from _pictures(show, episode.artwork)
        own = list(_own_files(episode))
        yield from own
        for one in moved[episode.slug]:
            yield from moved_keys(one, (key.rpartition("/")[2] for key in own))
    # Whatever the address of the site was then.
    slugs = (show.slug, *press.catalogue.former_slugs(show.slug))
    address = re.compile(rf"/((?:{'|'.join(slugs)})/[A-Za-z0-9/._-]+)".encode())
    # A feed that cannot be read stops everything: what it names must not go.
    shown = [read_feed(press.storage, key) for key in feed_keys(press.catalogue, show.slug)]
    # An edited episode has its old pages still, to which a stable address of its audio leads.
    dirty = press.catalogue.dirty(show.slug)
    paths = [f"{show.slug}/{one.slug}" for one in dirty] + [one.path for episode in dirty for one in moved[episode.slug]]
    pages = [key for path in paths for key in press.catalogue.held_under(f"{path}/")]
    shown += [b"".join(press.storage.read(key)) for key in pages if press.storage.head(key)]
    for body in shown:
        yield from (found.decode() for found in address.findall(body))


def _remove(press: Press, keys: Sequence[str]) -> None:
    """Remove files. Interrupted in the middle, none is held for stored, and the next run finds them all."""
    press.catalogue.doubt(keys)
    press.storage.delete(keys)
    press.catalogue.forget(keys)


def _pictures(show: Show, picture: Artwork | None) -> Iterator[str]:
    if picture:
        yield art_key(show.slug, picture)
        yield from copy_keys(show.slug, picture)


def _own_files(episode: Episode) -> Iterator[str]:
    for name in ("index.html", "embed.html", "episode.json", "oembed.json", "podlove.json", "chapters.json", "peaks.json"):
        yield episode_key(episode, name)
    for transcript in episode.transcripts:
        yield from (transcript_key(episode, transcript, extension) for extension in ("vtt", "srt", "json"))


def _stays(key: str) -> bool:
    """Tell whether a file is a show's own, or the embed of an episode that may stand in somebody's blog for ever."""
    parts = key.split("/")
    return key.endswith("/embed.html") or "embed" in parts or (len(parts) == 2 and parts[0] != "assets")


def _unknown(press: Press, show: Show, known: Container[str], before: datetime) -> list[tuple[str, int]]:
    """Return hashed files in storage that the catalogue does not know: a publish stored them, and broke off before it could note them."""
    slugs = (show.slug, *press.catalogue.former_slugs(show.slug))
    found = [one for slug in slugs for folder in ("media", "art") for one in press.storage.list(show_key(slug, f"{folder}/"))]
    return [(one.key, one.length) for one in found if one.key not in known and is_hashed(one.key) and one.modified < before]
