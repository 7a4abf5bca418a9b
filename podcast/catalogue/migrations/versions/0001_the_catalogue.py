"""The catalogue: shows, episodes, guids, manifest, outbox, leases, sources."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Text that is compared byte by byte: PostgreSQL's default collation would not sort a prefix together.
CODE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
FAR = "9999-12-31 00:00:00.000000"
RESERVED = "'media', 'art', 'embed', 'assets', 'feed', 'latest', 'episodes', 'index'"


def upgrade() -> None:
    """Make everything."""
    postgres = op.get_bind().dialect.name == "postgresql"
    slug = "slug ~ '^[a-z0-9-]+$'" if postgres else "slug <> '' AND slug NOT GLOB '*[^a-z0-9-]*'"
    _shows(slug)
    _episodes(slug, f"TIMESTAMPTZ '{FAR}+00'" if postgres else f"'{FAR}'")
    _publishing()
    if postgres:
        _rules_in_postgres()
        _search_in_postgres()
    else:
        _rules_in_sqlite()
        _search_in_sqlite()


def _shows(slug: str) -> None:
    op.create_table(
        "shows",
        sa.Column("slug", CODE, primary_key=True),
        sa.Column("guid", CODE, nullable=False, unique=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("changed", TIME, nullable=False),
        sa.Column("edited", TIME, nullable=False),
        sa.Column("shown", TIME),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("fingerprint", sa.Text),
        sa.Column("more", sa.Text, nullable=False),
        sa.CheckConstraint(slug, name="a slug is a-z, 0-9 and -"),
        sa.CheckConstraint(f"slug NOT IN ({RESERVED})", name="storage uses this name"),
    )


def _episodes(slug: str, far: str) -> None:
    op.create_table(
        "episodes",
        sa.Column("id", ID, sa.Identity(), primary_key=True),
        sa.Column("show", CODE, sa.ForeignKey("shows.slug"), nullable=False),
        sa.Column("slug", CODE, nullable=False),
        sa.Column("guid", CODE, nullable=False, unique=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("published", TIME),
        sa.Column("season", sa.Integer),
        sa.Column("number", sa.Integer),
        sa.Column("created", TIME, nullable=False),
        sa.Column("changed", TIME, nullable=False),
        sa.Column("edited", TIME, nullable=False),
        sa.Column("ordered", TIME, sa.Computed(f"coalesce(published, {far})", persisted=True), nullable=False),
        sa.Column("audio_sha256", sa.Text, nullable=False),
        sa.Column("released", sa.Boolean, nullable=False),
        sa.Column("dirty", sa.Boolean, nullable=False),
        sa.Column("more", sa.Text, nullable=False),
        sa.UniqueConstraint("show", "slug"),
        sa.CheckConstraint(slug, name="a slug is a-z, 0-9 and -"),
        sa.CheckConstraint(f"slug NOT IN ({RESERVED})", name="storage uses this name"),
        sa.CheckConstraint("status IN ('draft', 'scheduled', 'published', 'withdrawn')", name="four words of status"),
        sa.CheckConstraint("status NOT IN ('scheduled', 'published') OR published IS NOT NULL", name="what goes out has a date"),
        sa.CheckConstraint("status NOT IN ('published', 'withdrawn') OR released", name="what was published is released"),
    )
    newest = [sa.text("ordered DESC"), sa.text("created DESC"), sa.text("id DESC")]
    op.create_index("episodes_newest", "episodes", newest)
    op.create_index("episodes_by_status", "episodes", ["status", *newest])
    op.create_index("episodes_of_show", "episodes", ["show", *newest])
    op.create_index("episodes_of_show_by_status", "episodes", ["show", "status", *newest])
    op.create_index("episodes_by_slug", "episodes", ["slug", "show"])
    op.create_index("episodes_by_number", "episodes", ["number", "season", "show"])
    op.create_index("episodes_by_audio", "episodes", ["audio_sha256", "show", sa.text("id DESC")])
    condition = sa.text("dirty AND status IN ('published', 'withdrawn')")
    op.create_index("episodes_dirty", "episodes", ["show", *newest], sqlite_where=condition, postgresql_where=condition)
    op.create_table("guids", sa.Column("guid", CODE, primary_key=True), sa.Column("show", CODE, nullable=False))
    op.create_table(
        "sources",
        sa.Column("path", CODE, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("show", CODE, nullable=False),
        sa.Column("slug", CODE, nullable=False),
        sa.Column("read", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["show", "slug"], ["episodes.show", "episodes.slug"], onupdate="CASCADE", ondelete="CASCADE"),
        sa.CheckConstraint("size >= 0", name="a size is not negative"),
    )
    op.create_index("sources_of_episode", "sources", ["show", "slug"])


def _publishing() -> None:
    op.create_table(
        "items",
        sa.Column("episode", sa.BigInteger, sa.ForeignKey("episodes.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("xml", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "manifest",
        sa.Column("key", CODE, primary_key=True),
        sa.Column("show", CODE),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.CheckConstraint("length >= 0", name="a length is not negative"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", ID, sa.Identity(), primary_key=True),
        sa.Column("show", CODE, sa.ForeignKey("shows.slug"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("done", TIME),
    )
    pending = sa.text("done IS NULL")
    op.create_index("outbox_pending", "outbox", ["show", "revision"], sqlite_where=pending, postgresql_where=pending)
    op.create_table(
        "leases",
        sa.Column("name", CODE, primary_key=True),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("ends", TIME),
        sa.CheckConstraint("token > 0", name="a token counts from 1"),
    )


def _search_in_sqlite() -> None:
    """Index the words of title and notes without a copy of the text; the index is told the old text when that goes."""
    remove = "INSERT INTO search (search, rowid, title, notes) VALUES ('delete', OLD.id, OLD.title, OLD.notes)"
    insert = "INSERT INTO search (rowid, title, notes) VALUES (NEW.id, NEW.title, NEW.notes)"
    op.execute(
        "CREATE VIRTUAL TABLE search USING fts5"
        " (title, notes, content='episodes', content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute(f"CREATE TRIGGER search_insert AFTER INSERT ON episodes BEGIN {insert}; END")
    op.execute(f"CREATE TRIGGER search_delete AFTER DELETE ON episodes BEGIN {remove}; END")
    op.execute(f"CREATE TRIGGER search_update AFTER UPDATE OF id, title, notes ON episodes BEGIN {remove}; {insert}; END")


def _search_in_postgres() -> None:
    """Index the words of title and notes, cut and folded by Unicode whatever the server's locale is."""
    found = op.get_bind().scalars(
        sa.text(
            "SELECT collname FROM pg_collation WHERE collencoding IN (-1, pg_char_to_encoding('UTF8'))"
            " AND collname IN ('pg_c_utf8', 'und-x-icu', 'C.utf8', 'C.UTF-8')"
        )
    )
    # pg_c_utf8 belongs to PostgreSQL itself from 17 on; the others come with ICU or the C library.
    names = sorted(found, key=["pg_c_utf8", "und-x-icu", "C.utf8", "C.UTF-8"].index)
    collate = f' COLLATE "{names[0]}"' if names else ""
    op.execute(
        "CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN"
        f" regexp_replace(lower(normalize($1, NFKC){collate}), '[^[:alnum:]]+', ' ', 'g')"
    )
    op.execute(
        "ALTER TABLE episodes ADD COLUMN words tsvector NOT NULL GENERATED ALWAYS AS ("
        " setweight(to_tsvector('simple', folded(title)), 'A') || setweight(to_tsvector('simple', folded(notes)), 'B')) STORED"
    )
    op.execute("CREATE INDEX episodes_words ON episodes USING gin (words)")


# What no change may do: (name, event, table, condition, sentence).
_REFUSALS = (
    ("episodes_guid", "UPDATE", "episodes", "NEW.guid <> OLD.guid", "a guid never changes"),
    ("shows_guid", "UPDATE", "shows", "NEW.guid <> OLD.guid", "a guid never changes"),
    ("guids_update", "UPDATE", "guids", "true", "a guid never changes"),
    ("guids_delete", "DELETE", "guids", "true", "a guid is never forgotten"),
    (
        "episodes_slug",
        "UPDATE",
        "episodes",
        "OLD.released AND (NEW.slug <> OLD.slug OR NEW.show <> OLD.show OR NOT NEW.released)",
        "a slug is frozen once the episode was published",
    ),
    ("shows_slug", "UPDATE", "shows", "NEW.slug <> OLD.slug", "the slug of a show never changes"),
    ("shows_revision", "UPDATE", "shows", "NEW.revision < OLD.revision", "a revision only grows"),
    ("leases_token", "UPDATE", "leases", "NEW.token < OLD.token", "a token only grows"),
    ("leases_stay", "DELETE", "leases", "true", "a token is never forgotten"),
)


def _rules_in_sqlite() -> None:
    for name, event, table, condition, sentence in _REFUSALS:
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")
    # Not left to the key of guids alone: INSERT OR REPLACE would pass over it.
    op.execute(
        "CREATE TRIGGER episodes_guid_used BEFORE INSERT ON episodes WHEN EXISTS (SELECT 1 FROM guids WHERE guid = NEW.guid)"
        " BEGIN SELECT RAISE(ABORT, 'a guid is never used again'); END"
    )
    op.execute(
        "CREATE TRIGGER episodes_guid_kept AFTER INSERT ON episodes BEGIN INSERT INTO guids (guid, show) VALUES (NEW.guid, NEW.show); END"
    )
    op.execute(
        "CREATE TRIGGER episodes_item AFTER UPDATE OF changed ON episodes BEGIN UPDATE items SET key = '' WHERE episode = OLD.id; END"
    )


def _rules_in_postgres() -> None:
    for name, event, table, condition, sentence in _REFUSALS:
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END$$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {name}()")
    op.execute(
        "CREATE FUNCTION episodes_guid_kept() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN INSERT INTO guids (guid, show) VALUES (NEW.guid, NEW.show); RETURN NULL; END$$"
    )
    op.execute("CREATE TRIGGER episodes_guid_kept AFTER INSERT ON episodes FOR EACH ROW EXECUTE FUNCTION episodes_guid_kept()")
    op.execute(
        "CREATE FUNCTION episodes_item() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN UPDATE items SET key = '' WHERE episode = OLD.id; RETURN NULL; END$$"
    )
    op.execute("CREATE TRIGGER episodes_item AFTER UPDATE OF changed ON episodes FOR EACH ROW EXECUTE FUNCTION episodes_item()")
