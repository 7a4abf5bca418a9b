"""How things stand: status, and the telling of the world that goes with a publish."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from podcast.errors import PodcastError, StorageError
from podcast.model import Show, Status

from .app import cli
from .desk import Desk, desk
from .document import iso
from .output import answer, say, tell, wants_json

if TYPE_CHECKING:
    from podcast.catalogue import Catalogue, Notification
    from podcast.publish.plan import Plan

#: Slugs of a kind that are printed; the others are counted.
_NAMES = 10


@cli.command()
def status() -> None:
    """Show what listeners get, what waits, who was told of it, and what to run next.

    \b
    Example: podcast status
    """  # noqa: D301
    now = desk().now()
    documents = [_document(show, now) for show in desk().shows()]
    if wants_json():
        answer({"shows": documents})
        return
    for document in documents:
        _print(document)


def announce(from_: Desk, catalogue: "Catalogue") -> list[dict[str, Any]]:
    """Tell all who are to be told of what was published, and print what became of it; no failure goes further than that."""
    if not any(one.next for one in catalogue.notifications()):
        return []
    from podcast.fetch import send
    from podcast.notify import send_due

    try:
        sent = send_due(catalogue, from_.notify, send, from_.now())
    except PodcastError as error:
        tell(f"Warning: others could not be told: {error.message} Hint: the next `podcast publish` tries again")
        return []
    for one in sent:
        if one.done:
            tell(f"Told {one.target} of {one.show}, revision {one.revision}")
        else:
            when = f"it is tried again from {_clock(one.next, from_)} on" if one.next else "it is given up; the next publish begins anew"
            tell(f"Warning: {one.target} was not told of {one.show}: {one.answer}; {when}. Hint: podcast status")
    return [
        {"show": one.show, "target": one.target, "revision": one.revision, "done": one.done, "answer": one.answer, "next": iso(one.next)}
        for one in sent
    ]


def _document(show: Show, now: datetime) -> dict[str, Any]:
    from podcast.notify import silence

    catalogue = desk().catalogue
    counts, (plan, storage) = catalogue.count(show.slug), _plan(show, now)
    coming = [one for one in catalogue.due(datetime.max.replace(tzinfo=UTC), show.slug) if one.published and one.published > now]
    return {
        "show": show.slug,
        "counts": {status.value: counts.get(status, 0) for status in Status},
        "revision": catalogue.standing(show.slug).revision,
        "published": iso(catalogue.last_publish(show.slug)),
        "due": [episode.slug for episode in plan.release],
        "changed": [episode.slug for episode in plan.refresh],
        "withdrawing": [episode.slug for episode in plan.withdraw],
        "pending": [one.revision for one in catalogue.pending(show.slug)],
        "up_to_date": plan.empty,
        "next": {"slug": coming[0].slug, "published": iso(coming[0].published)} if coming else None,
        "notifications": [_notification(one) for one in catalogue.notifications(show.slug)],
        "note": silence(desk().notify, show),
        "storage": storage,
    }


def _plan(show: Show, now: datetime) -> "tuple[Plan, str]":
    """Return what a publish would do, and why storage could not be asked; empty where it could."""
    from podcast.publish.press import prepare

    try:
        return prepare(desk().press, show, now=now), ""
    except StorageError as error:
        # Just then somebody wants to know how things stand.
        return prepare(desk().press, show, now=now, ask=False), error.message


def _notification(one: "Notification") -> dict[str, Any]:
    return {
        "target": one.target,
        "state": one.state,
        "revision": one.revision,
        "told": one.told,
        "tries": one.tries,
        "tried": iso(one.tried),
        "answer": one.answer,
        "next": iso(one.next),
    }


def _print(document: dict[str, Any]) -> None:
    counts = ", ".join(f"{number} {name}" for name, number in document["counts"].items() if number)
    say(f"{document['show']}: {counts or 'no episodes'}")
    if document["published"]:
        say(f"  feed: revision {document['revision']}, published {_minute(document['published'])}")
    if document["pending"]:
        say(f"  interrupted: revision {document['pending'][-1]} was begun and is not public yet")
    for name in ("due", "changed", "withdrawing"):
        if document[name]:
            say(f"  {name}: {', '.join(document[name][:_NAMES])}{' …' if len(document[name]) > _NAMES else ''}")
    if document["next"]:
        say(f"  next: {document['next']['slug']}, {_minute(document['next']['published'])}")
    for one in document["notifications"]:
        _print_notification(one)
    if document["note"]:
        say(f"  {document['note']}")
    if document["storage"]:
        tell(f"Warning: what storage holds is not known: {document['storage']} Hint: podcast doctor")
    _print_hint(document)


def _print_hint(document: dict[str, Any]) -> None:
    if not document["up_to_date"]:
        say(f"Next: podcast publish --show {document['show']}")
    elif document["counts"]["draft"]:
        say("Next: podcast publish EP, for a draft that is ready")
    elif any(document["counts"].values()) and not document["storage"]:
        say("Listeners get what the catalogue holds.")


def _print_notification(one: dict[str, Any]) -> None:
    tried = f", last tried {_minute(one['tried'])}: {one['answer']}" if one["tried"] else ""
    again = f", next try {_minute(one['next'])}" if one["next"] else ""
    say(f"  {one['target']}: {one['state']}, revision {one['revision']}{tried}{again}")


def _minute(text: str) -> str:
    return _clock(datetime.fromisoformat(text), desk())


def _clock(moment: datetime, from_: Desk) -> str:
    return f"{moment.astimezone(from_.project.zone):%Y-%m-%d %H:%M %Z}"
