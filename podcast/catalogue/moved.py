"""What an address may be given to, and what is left behind at one that is given up: inside the transaction of a change."""

from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select

from podcast.errors import Conflict
from podcast.model import Episode
from podcast.site import media_key

from .inserting import insert
from .listing import at
from .tables import episodes, moved

# Made once, as it is asked for each episode that is added.
_AT: Final = select(moved).where(moved.c.path == bindparam("wanted"))


def refuse_moved(connection: Connection, path: str, episode: int | None = None) -> None:
    """Raise Conflict where an address leads to something else than an episode (by its row)."""
    row = connection.execute(_AT, {"wanted": path}).first()
    if row is None or (episode is not None and row.episode == episode):
        return
    if row.leads == "nothing":
        raise Conflict(f"The page that leads on from /{path} is still to be removed.", hint="Do that first: podcast publish.")
    raise Conflict(
        f"/{path} leads elsewhere, for those who have the old address.",
        hint=f"Take another slug, or give the address up: podcast redirect remove {path}.",
    )


def leave(connection: Connection, path: str, show: str, episode: int | None = None) -> None:
    """Note that a show, or one of its episodes, stood at an address until now."""
    statement = insert(connection, moved).values(path=path, show=show, episode=episode, leads="place")
    new = {name: statement.excluded[name] for name in ("show", "episode", "leads")}
    connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=new))


def rename(connection: Connection, old: Episode, new: Episode) -> Episode:
    """Return ``new`` as it is to be stored under its other slug; the address of what was published leads on, and its audio stays.

    Conflict where the slug is taken, or is the old address of something else.
    """
    path = f"{new.show}/{new.slug}"
    if connection.scalar(select(episodes.c.id).where(at(new.show, new.slug))):
        raise Conflict(f"{new.show} has an episode {new.slug} already.", hint="Give it another slug.")
    row = connection.execute(select(episodes.c.id, episodes.c.released).where(at(old.show, old.slug))).one()
    refuse_moved(connection, path, row.id)
    connection.execute(delete(moved).where(moved.c.path == path))
    if not row.released:
        return new
    leave(connection, f"{old.show}/{old.slug}", old.show, row.id)
    return replace(new, media=media_key(old))
