"""Carry out a plan, as the only publisher of its show.

A show has one publisher at a time, by a lease with a fencing number in the catalogue. Interrupted anywhere, the next
publish finds the outbox entry or the dirty mark and goes on.
"""

from typing import Final
from uuid import UUID

from podcast.check.survey import is_local
from podcast.errors import Conflict, NotFound, StorageError, StorageUnavailable
from podcast.formats.namespaces import feed_guid
from podcast.model import Show, Status
from podcast.site import show_key
from podcast.storage import Progress

from .lease import take
from .plan import Plan
from .press import Clock, Outcome, Press, prepare
from .publisher import Publisher, changed_meanwhile
from .store import Store

#: The version of a UUID that is made of nothing but chance.
_RANDOM: Final = 4


def apply(plan: Plan, press: Press, *, clock: Clock, progress: Progress | None = None) -> Outcome:
    """Carry out the plan; CatalogueBusy where another publisher holds the show.

    What somebody did to its episodes since the plan was made is respected: see ``Outcome.failed``.
    """
    outcome = Outcome()
    for episode in plan.approve:
        outcome.approved.append(press.catalogue.change_episode(episode.show, episode.slug, clock(), status=Status.SCHEDULED))
    if not plan.swap:
        return outcome
    lease = f"publish/{plan.show.slug}"
    token = take(press.catalogue, lease, clock())
    try:
        if not press.catalogue.standing(plan.show.slug).revision:
            _refuse_feed_of_others(press, plan.show.slug)
            _settle_guid(press, plan.show)
        plan = _again(plan, press, outcome)
        store = Store(
            press=press,
            show=plan.show.slug,
            lease=lease,
            token=token,
            clock=clock,
            progress=progress,
            renewed=clock(),
            etag=plan.etag,
        )
        outcome.stored = store.stored
        Publisher(plan=plan, press=press, store=store, outcome=outcome).run()
    finally:
        press.catalogue.release_lease(lease, token)
    return outcome


def _refuse_feed_of_others(press: Press, show: str) -> None:
    """Raise Conflict where a show that was never published would replace a feed: that of another catalogue, or of one that was lost."""
    key = show_key(show, "feed.xml")
    try:
        there = press.storage.head(key)
    except StorageUnavailable:
        raise
    except StorageError:
        # S3 answers 403 for what is not there to keys that may not list. If more is wrong, the first upload says it.
        return
    if there:
        raise Conflict(
            f"{key} is in storage already, and this catalogue did not store it: who subscribed there would lose all its episodes.",
            hint="Work with the catalogue that published it, take another slug (podcast show edit SHOW --slug), or remove that file first.",
        )


def _settle_guid(press: Press, show: Show) -> None:
    """Take the podcast:guid from the feed's address, as the specification wants it, where the show was made before that was known."""
    feed = press.site.url(show_key(show.slug, "feed.xml"))
    if _is_random(show.guid) and not is_local(feed):
        press.catalogue.settle_guid(show.slug, feed_guid(feed))


def _is_random(guid: str) -> bool:
    try:
        return UUID(guid).version == _RANDOM
    except ValueError:
        return False


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
        elif episode.status is Status.PUBLISHED:
            outcome.already.append(episode)
        else:
            outcome.failed.append((seen.slug, changed_meanwhile(seen.slug)))
    leaving = [press.catalogue.episode(slug, episode.slug) for episode in plan.withdraw]
    leaving = [episode for episode in leaving if episode.status is Status.PUBLISHED]
    return prepare(press, press.catalogue.show(slug), now=plan.now, chosen=chosen, withdraw=leaving)
