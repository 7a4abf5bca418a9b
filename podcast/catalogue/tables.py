"""The tables as queries see them.

``migrations/`` makes them, together with what holds the rules in the database itself: checks, foreign keys, triggers,
indexes and the full-text index. A test compares the two.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    literal_column,
    text,
)


class Moment(TypeDecorator[datetime]):
    """An aware time, UTC both ways; SQLite keeps it as text that sorts, PostgreSQL as timestamptz."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a naive time, since nobody could say what it means."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"the time {value.isoformat()} names no time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return what SQLite gives without a zone, and PostgreSQL in the session's, as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite numbers rows by itself only under this very name of the type.
_ID: Final = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()

shows = Table(
    "shows",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("guid", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
    #: When a field of the show itself was last changed; ``changed`` moves with its public episodes too.
    Column("edited", Moment, nullable=False),
    #: The ``edited`` of what listeners see; NULL before the first publish.
    Column("shown", Moment),
    #: The number of the newest feed that was promised; it only grows.
    Column("revision", BigInteger, nullable=False),
    #: Of everything outside its episodes that the feed in storage was made of; NULL before the first.
    Column("fingerprint", Text),
    #: The rest of a Show, as JSON.
    Column("more", Text, nullable=False),
)

episodes = Table(
    "episodes",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("show", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("guid", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("published", Moment),
    Column("season", Integer),
    Column("number", Integer),
    Column("created", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
    #: The last change by somebody: ``changed``, but for going out and being taken down.
    Column("edited", Moment, nullable=False),
    #: Where a list newest first puts it: at its date, or before all others while it has none.
    Column("ordered", Moment, Computed("coalesce(published, ...)", persisted=True), nullable=False),
    Column("audio_sha256", Text, nullable=False),
    #: Listeners had it once; from then on its slug stays in ``moved`` when it gets another. Never unset.
    Column("released", Boolean, nullable=False),
    #: The feed in storage does not show it as it is here.
    Column("dirty", Boolean, nullable=False),
    #: The rest of an Episode, as JSON.
    Column("more", Text, nullable=False),
)

#: Rendered items of feeds. ``key`` stands for all that is not of the episode; a trigger empties it when the episode changes.
#: ``variant`` says for which feed; ``digest`` is a hash of the item.
items = Table(
    "items",
    metadata,
    Column("episode", BigInteger, primary_key=True),
    Column("variant", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("xml", LargeBinary, nullable=False),
)

#: Runs of items as raw deflate, by a hash of the items' digests; ``crc`` and ``length`` are those of the bytes before.
packs = Table(
    "packs",
    metadata,
    Column("show", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("deflated", LargeBinary, nullable=False),
    Column("crc", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
)

#: Every guid that an episode ever had. Rows are never removed, so no guid is used twice.
guids = Table("guids", metadata, Column("guid", Text, primary_key=True), Column("show", Text, nullable=False))

#: What storage holds, so that a plan needs no listing. ``show`` is NULL for what belongs to none, such as the player's own
#: files. No foreign key: what outlives a show is for gc to remove.
manifest = Table(
    "manifest",
    metadata,
    Column("key", Text, primary_key=True),
    Column("show", Text),
    Column("sha256", Text, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    #: A hash of all that a feed was made of, so that it is not written again to find it the same; NULL for other files.
    Column("made_of", Text),
    #: Since when nothing needs it, as far as somebody looked; NULL for what is in use.
    Column("unused", Moment),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("show", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created", Moment, nullable=False),
    Column("done", Moment),
)

#: Who was told, or is to be told, of a show's feed; one row for each show and target, whatever the number of revisions.
notifications = Table(
    "notifications",
    metadata,
    Column("show", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("created", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    #: When it is to be tried; NULL where there is nothing more to do.
    Column("next", Moment),
    Column("tried", Moment),
    Column("answer", Text, nullable=False),
    #: The newest revision that was told; NULL before the first.
    Column("told", BigInteger),
)

#: ``token`` counts the holders and only grows; ``ends`` is NULL when nobody holds it.
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("ends", Moment),
)

#: Which file became which episode, and what was read from it then, as JSON. ``path`` is percent-encoded bytes, since a path
#: need not be Unicode.
sources = Table(
    "sources",
    metadata,
    Column("path", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("show", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("read", Text, nullable=False),
)

#: Addresses under the site that lead to what stands elsewhere now: a show, or one of its episodes. ``leads`` is ``place``
#: where it stood there itself, ``page`` or ``feed`` for an address of somebody else's making, ``nothing`` once it was given up
#: and its page is still to be removed. ``path`` has no slash around it.
moved = Table(
    "moved",
    metadata,
    Column("path", Text, primary_key=True),
    Column("show", Text, nullable=False),
    Column("episode", BigInteger),
    Column("leads", Text, nullable=False),
)

#: What was measured on an audio file, as JSON, by this ``version`` of the analysis, and its waveform, compressed (zlib).
measured = Table(
    "measured",
    metadata,
    Column("audio_sha256", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("facts", Text, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
)

NEWEST: Final = (episodes.c.ordered.desc(), episodes.c.created.desc(), episodes.c.id.desc())
OLDEST: Final = (episodes.c.ordered, episodes.c.created, episodes.c.id)

# Literals: an index with a condition is passed over where the query binds the value, and a planner that sees the value counts better.
IS_PUBLISHED: Final = episodes.c.status == literal_column("'published'")
IS_SCHEDULED: Final = episodes.c.status == literal_column("'scheduled'")
#: Word for word the condition of the index episodes_dirty.
IS_DIRTY: Final = text("dirty AND status IN ('published', 'withdrawn')")
