"""The rendered items of feeds, so that a publish renders what changed and no more."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import LargeBinary, Text, and_, bindparam, delete, literal, select, tuple_, update

from podcast.model import Episode

from .codec import read_episode
from .database import Database
from .inserting import insert
from .listing import at
from .records import Pack, Row
from .tables import IS_DIRTY, IS_PUBLISHED, NEWEST, Moment, episodes, items, packs

_BLOCK: Final = 200

_OF: Final = bindparam("of", type_=Text)
_VARIANT: Final = bindparam("variant", type_=Text)
_PLACE: Final = episodes.c.ordered, episodes.c.created, episodes.c.id
_VALID: Final = and_(
    items.c.episode == episodes.c.id,
    items.c.variant == _VARIANT,
    items.c.key.in_([bindparam("key", type_=Text), bindparam("held", type_=Text)]),
)
_PUBLISHED: Final = and_(episodes.c.show == _OF, IS_PUBLISHED)
_ROWS: Final = select(episodes.c.id, items.c.digest).select_from(episodes.outerjoin(items, _VALID)).where(_PUBLISHED).order_by(*NEWEST)
_PLACE_OF: Final = select(*_PLACE).where(episodes.c.id == bindparam("one"))
_FIRST: Final = tuple_(bindparam("ordered", type_=Moment), bindparam("created", type_=Moment), bindparam("id"))
_KEPT: Final = (
    select(items.c.xml)
    .select_from(episodes.outerjoin(items, _VALID))
    .where(_PUBLISHED, tuple_(*_PLACE) <= _FIRST)
    .order_by(*NEWEST)
    .limit(bindparam("most"))
)
#: In the order of the index of what is dirty, or SQLite goes through all that is public.
_DIRTY: Final = select(episodes.c.id).where(episodes.c.show == _OF, IS_DIRTY).order_by(*NEWEST)


class Items(Database):
    """What a catalogue keeps of feeds. A ``key`` stands for all that an item is made of beside its episode.

    A ``variant`` names one of several ways to write the item of an episode.
    """

    def rows(self, show: str, key: str, variant: str) -> list[Row]:
        """Return the published episodes, newest first, each with the digest of its item; None where none of this key is kept."""
        with self._read() as connection:
            # In blocks: one by one, rows cost more than the query.
            blocks = connection.execute(_ROWS, _wanted(show, key, variant), execution_options={"yield_per": 1000}).partitions()
            return [row for block in blocks for row in map(Row._make, block)]

    def numbered(self, rows: Sequence[Row]) -> list[Episode]:
        """Return the episodes of some rows, newest first; one that is public no more is left out."""
        query = select(episodes).where(episodes.c.id.in_([row.episode for row in rows]), IS_PUBLISHED).order_by(*NEWEST)
        with self._read() as connection:
            return [read_episode(row) for row in connection.execute(query)]

    def keep(self, key: str, variant: str, rendered: Iterable[tuple[Episode, bytes]]) -> None:
        """Keep items; that of an episode which has changed since it was read is let go."""
        rows = [
            {"of": episode.show, "named": episode.slug, "state": episode.changed, "new_xml": xml, "new_digest": digest_of(xml)}
            for episode, xml in rendered
        ]
        if not rows:
            return
        new = literal(key, Text), bindparam("new_digest", type_=Text), bindparam("new_xml", type_=LargeBinary)
        same = at(bindparam("of", type_=Text), bindparam("named", type_=Text)), episodes.c.changed == bindparam("state", type_=Moment)
        with self._write() as connection:
            statement = insert(connection, items).from_select(
                ["episode", "variant", "key", "digest", "xml"], select(episodes.c.id, literal(variant, Text), *new).where(*same)
            )
            fresh = {name: statement.excluded[name] for name in ("key", "digest", "xml")}
            connection.execute(statement.on_conflict_do_update(index_elements=["episode", "variant"], set_=fresh), rows)

    def hold(self, episode: Episode, key: str, variant: str) -> bool:
        """Let the item that was kept of an earlier state of an episode stand for it, once; False where there is none.

        Where none of this variant was kept yet, the full one stands for it. The episode is dirty until a later publish writes it.
        """
        one = at(episode.show, episode.slug)
        of = select(episodes.c.id).where(one).scalar_subquery()
        full = select(items.c.episode, literal(variant, Text), literal(_held(key), Text), items.c.digest, items.c.xml)
        with self._write() as connection:
            connection.execute(update(episodes).where(one).values(dirty=True))
            held = update(items).where(items.c.episode == of, items.c.variant == variant).values(key=_held(key))
            if connection.execute(held).rowcount:
                return True
            columns = ["episode", "variant", "key", "digest", "xml"]
            copied = insert(connection, items).from_select(columns, full.where(items.c.episode == of, items.c.variant == ""))
            return connection.execute(copied).rowcount > 0

    def end_holds(self, show: str, key: str) -> None:
        """Want every item that was held to be rendered again."""
        with self._write() as connection:
            rows = [{"one": number} for number in connection.scalars(_DIRTY, {"of": show})]
            if rows:
                held = items.c.episode == bindparam("one"), items.c.key == _held(key)
                connection.execute(update(items).where(*held).values(key=""), rows)

    def kept(self, show: str, key: str, variant: str, rows: Sequence[Row]) -> Iterator[Sequence[bytes]]:
        """Yield the items of some rows that follow one another in ``rows()``, in blocks; inside the same ``snapshot()``."""
        if not rows:
            return
        with self._read() as connection:
            first = connection.execute(_PLACE_OF, {"one": rows[0].episode}).one()
            values = _wanted(show, key, variant) | first._asdict() | {"most": len(rows)}
            yield from connection.scalars(_KEPT, values, execution_options={"yield_per": _BLOCK}).partitions()

    def packs(self, show: str, digests: Sequence[str]) -> set[str]:
        """Return those of the digests of which a pack is kept."""
        with self._read() as connection:
            kept = set(connection.scalars(select(packs.c.digest).where(packs.c.show == show)))
        return kept.intersection(digests)

    def pack(self, show: str, digest: str) -> Pack | None:
        """Return a pack."""
        query = select(packs.c.deflated, packs.c.crc, packs.c.length).where(packs.c.show == show, packs.c.digest == digest)
        with self._read() as connection:
            row = connection.execute(query).first()
            return None if row is None else Pack(*row)

    def keep_pack(self, show: str, digest: str, pack: Pack) -> None:
        """Keep a pack."""
        with self._write() as connection:
            statement = insert(connection, packs).values(show=show, digest=digest, **pack._asdict())
            connection.execute(statement.on_conflict_do_nothing())

    def drop_packs(self, show: str, used: Iterable[str]) -> None:
        """Let all packs of a show go but those in use."""
        with self._write() as connection:
            gone = set(connection.scalars(select(packs.c.digest).where(packs.c.show == show))).difference(used)
            for digest in gone:
                connection.execute(delete(packs).where(packs.c.show == show, packs.c.digest == digest))


def digest_of(data: bytes) -> str:
    """Return the short hash by which an item, or what a feed is made of, is told from another."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _wanted(show: str, key: str, variant: str) -> dict[str, Any]:
    return {"of": show, "key": key, "held": _held(key), "variant": variant}


def _held(key: str) -> str:
    return f"held {key}"
