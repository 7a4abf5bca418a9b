"""Who is to be told that a feed was published, and how far that has come."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select, update

from .database import Database
from .inserting import insert
from .records import Notification
from .tables import notifications, outbox

_OF = notifications.c


class Notifications(Database):
    """What a catalogue knows of notifications: one entry for each show and target."""

    def notifications(self, show: str | None = None) -> list[Notification]:
        """Return the notifications of a show, or of all, by show and target."""
        query = select(notifications).order_by(_OF.show, _OF.target)
        with self._read() as connection:
            rows = connection.execute(query if show is None else query.where(_OF.show == show))
            return [Notification(**row._mapping) for row in rows]  # noqa: SLF001

    def promise_notifications(self, show: str, revision: int, targets: Iterable[str], *, now: datetime) -> None:
        """Note that targets are to be told of a revision, at once. An entry that was not told yet goes on with its tries."""
        rows = [{"show": show, "target": target, "revision": revision, "created": now, "next": now} for target in targets]
        if not rows:
            return
        with self._write() as connection:
            statement = insert(connection, notifications).values(tries=0, answer="")
            new, settled = statement.excluded, _OF.next.is_(None)
            changed = {
                "revision": new.revision,
                "created": case((settled, new.created), else_=_OF.created),
                "tries": case((settled, 0), else_=_OF.tries),
                "next": new.next,
            }
            connection.execute(
                statement.on_conflict_do_update(index_elements=["show", "target"], set_=changed, where=_OF.revision < new.revision), rows
            )

    def claim_notification(self, seen: Notification, next_: datetime) -> bool:
        """Put an entry off to ``next_`` and count the try; False where somebody else did, or promised it anew."""
        same = *_one(seen), _OF.revision == seen.revision, _OF.tries == seen.tries, _OF.next == seen.next
        with self._write() as connection:
            return bool(connection.execute(update(notifications).where(*same).values(next=next_, tries=seen.tries + 1)).rowcount)

    def settle_notification(self, seen: Notification, *, done: bool, answer: str, next_: datetime | None, now: datetime) -> None:
        """Note what came of a try; a later revision that was promised meanwhile stays as it is."""
        values = {"answer": answer, "tried": now}
        with self._write() as connection:
            connection.execute(update(notifications).where(*_one(seen)).values(values | ({"told": seen.revision} if done else {})))
            same = *_one(seen), _OF.revision == seen.revision
            connection.execute(update(notifications).where(*same).values(next=next_))

    def last_publish(self, show: str) -> datetime | None:
        """Return when storage last held what was promised of a show."""
        with self._read() as connection:
            moment: datetime | None = connection.scalar(select(func.max(outbox.c.done)).where(outbox.c.show == show))
            return moment


def _one(seen: Notification) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _OF.show == seen.show, _OF.target == seen.target
