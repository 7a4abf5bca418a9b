"""Leases: who may publish a show now, and a number by which a publisher that was overtaken is known."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, select, update

from podcast.errors import CatalogueBusy, Conflict

from .database import Database
from .inserting import insert
from .tables import leases

_TOKEN = select(leases.c.token).where(leases.c.name == bindparam("of")).with_for_update()


class Leases(Database):
    """Who holds what. The lease on publishing a show is ``publish/SHOW``."""

    def acquire(self, name: str, holder: str, *, now: datetime, ttl: timedelta, is_dead: Callable[[str], bool] = lambda _: False) -> int:
        """Take a lease until ``now + ttl`` and return its token, which is greater than all before it.

        CatalogueBusy while another holds it, unless ``is_dead`` knows that this holder is no more. Whoever takes over a
        lease fences the old holder off.
        """
        free = or_(leases.c.ends.is_(None), leases.c.ends <= now)
        with self._write() as connection:
            last = connection.execute(select(leases).where(leases.c.name == name)).first()
            if last and last.ends is not None and is_dead(last.holder):
                free = or_(free, leases.c.token == last.token)
            values = {"holder": holder, "ends": now + ttl}
            statement = insert(connection, leases).values(name=name, token=1, **values)
            set_ = values | {"token": leases.c.token + 1}
            taken = statement.on_conflict_do_update(index_elements=["name"], set_=set_, where=free).returning(leases.c.token)
            token = connection.scalar(taken)
            if token is None:
                held = connection.execute(select(leases).where(leases.c.name == name)).one()
                raise CatalogueBusy(
                    f"Somebody else has {name} in hand: {held.holder}, until {held.ends:%H:%M:%S} UTC at the latest.",
                    hint="Try again in a moment.",
                )
            return int(token)

    def renew(self, name: str, token: int, now: datetime, ttl: timedelta) -> None:
        """Hold a lease for longer; Conflict where another took it over, or it was given back."""
        held = leases.c.name == name, leases.c.token == token, leases.c.ends.is_not(None)
        with self._write() as connection:
            if not connection.execute(update(leases).where(*held).values(ends=now + ttl)).rowcount:
                raise _overtaken(name)

    def release_lease(self, name: str, token: int) -> None:
        """Give a lease back; nothing happens where another has it by now."""
        with self._write() as connection:
            connection.execute(update(leases).where(leases.c.name == name, leases.c.token == token).values(ends=None))


def check_token(connection: Connection, name: str, token: int) -> None:
    """Raise Conflict unless the token is the newest of its lease; until the transaction ends, nobody can take it over."""
    if token != connection.scalar(_TOKEN, {"of": name}):
        raise _overtaken(name)


def _overtaken(name: str) -> Conflict:
    return Conflict(
        f"Another publisher took over: {name} is no longer ours.", hint="Run the command again: it goes on where this one stopped."
    )
