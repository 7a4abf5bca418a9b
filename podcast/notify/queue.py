"""What is to be told and when: kept in the catalogue, tried again with growing pauses, given up in the end.

Each target has one entry for each show, so several revisions become one notification. An entry is put off before it is
tried: whoever is killed meanwhile leaves it to the next run, and of two at the same time only one tries it. Everybody is
told at least once.
"""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from podcast.catalogue import Catalogue, Notification
from podcast.errors import PodcastError

from .calls import Send, Told, tell
from .document import document, feed_url
from .settings import Settings, wanted

#: Tries before a notification is given up: with the pauses between them three to four days.
TRIES: Final = 20
_FIRST: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(hours=6)
#: The longest wait that a server may ask for.
_PATIENCE: Final = timedelta(days=1)
#: Targets that are told at the same time.
_WORKERS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A notification that was tried."""

    show: str
    target: str
    revision: int
    done: bool
    answer: str
    #: When it is tried again; None where it was told, or was given up.
    next: datetime | None


def send_due(catalogue: Catalogue, settings: Settings, send: Send, now: datetime) -> list[Sent]:
    """Tell all who are due, and return what became of it. Raises nothing but the errors of the catalogue."""
    due = sorted((one for one in catalogue.notifications() if _is_due(one, now)), key=lambda one: one.target)
    groups = [list(group) for _, group in groupby(due, key=lambda one: one.target)]
    if not groups:
        return []
    with ThreadPoolExecutor(_WORKERS) as pool:
        found = list(pool.map(lambda group: _send_group(catalogue, settings, send, now, group), groups))
    return sorted((one for group in found for one in group), key=lambda one: (one.show, one.target))


def pause(notification: Notification) -> timedelta:
    """Return how long to wait after another failed try: twice as long each time, and up to a half longer, so that not all come at once."""
    doubled = min(_LONGEST, _FIRST * (1 << min(notification.tries, 20)))
    digest = hashlib.sha256(f"{notification.show} {notification.target} {notification.tries}".encode()).digest()
    return doubled * (1 + digest[0] / 512)


def _is_due(one: Notification, now: datetime) -> bool:
    # What is due further ahead than any pause was put off by a clock that went back since.
    return one.next is not None and (one.next <= now or one.next > now + _PATIENCE)


def _send_group(catalogue: Catalogue, settings: Settings, send: Send, now: datetime, group: list[Notification]) -> list[Sent]:
    """Tell one target of several shows, one after the other; where it does not answer, the others wait for the next run."""
    sent = []
    for one in group:
        put_off = now + pause(one)
        if not catalogue.claim_notification(one, put_off):
            continue
        told = _tell(catalogue, settings, send, now, one)
        sent.append(_settle(catalogue, one, told, put_off, now))
        if told.silent:
            break
    return sent


def _tell(catalogue: Catalogue, settings: Settings, send: Send, now: datetime, one: Notification) -> Told:
    try:
        show = catalogue.show(one.show)
        if one.target not in wanted(settings, show):
            return Told(done=False, answer="is not configured any more")
        body, feed = document(catalogue, settings.site, one), feed_url(settings.site, show.slug)
        return tell(settings, one.target, show=show, feed=feed, revision=one.revision, body=body, now=now, send=send)
    except PodcastError as error:
        return Told(done=False, answer=settings.hidden(error.message))
    except OSError as error:
        # No room for a temporary file, no more processes: of this machine, and nothing that a publish is to fail by.
        return Told(done=False, answer=f"the system refuses: {error.strerror or 'no reason given'}")


def _settle(catalogue: Catalogue, one: Notification, told: Told, put_off: datetime, now: datetime) -> Sent:
    again = max(put_off, now + min(told.wait, _PATIENCE))
    next_ = None if told.done or one.tries + 1 >= TRIES else again
    catalogue.settle_notification(one, done=told.done, answer=told.answer, next_=next_, now=now)
    return Sent(show=one.show, target=one.target, revision=one.revision, done=told.done, answer=told.answer, next=next_)
