"""What stood where before: the ledger of old addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

CODE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Extend the catalogue."""
    _moved()


def _moved() -> None:
    """Make the table of addresses that lead elsewhere; from now on a slug may change, once its old address stands there."""
    op.create_table(
        "moved",
        sa.Column("path", CODE, primary_key=True),
        sa.Column("show", CODE, sa.ForeignKey("shows.slug", onupdate="CASCADE", ondelete="CASCADE"), nullable=False),
        sa.Column("episode", sa.BigInteger, sa.ForeignKey("episodes.id", ondelete="CASCADE")),
        sa.Column("leads", CODE, nullable=False),
        sa.CheckConstraint("leads IN ('place', 'page', 'feed', 'nothing')", name="four words of what leads on"),
        sa.CheckConstraint("leads <> 'feed' OR episode IS NULL", name="an episode has no feed"),
    )
    op.create_index("moved_to", "moved", ["show", "episode"])
    postgres = op.get_bind().dialect.name == "postgresql"
    for name in ("episodes_slug", "shows_slug"):
        op.execute(f"DROP TRIGGER {name}" + (f" ON {name.partition('_')[0]}" if postgres else ""))
    (_rules_in_postgres if postgres else _rules_in_sqlite)()


_EPISODE_LEFT = "EXISTS (SELECT 1 FROM moved WHERE path = OLD.show || '/' || OLD.slug AND episode = OLD.id AND leads = 'place')"
_SHOW_LEFT = "EXISTS (SELECT 1 FROM moved WHERE path = OLD.slug AND show = OLD.slug AND episode IS NULL AND leads = 'place')"
# What no change may do: (name, when, table, condition, sentence).
_REFUSALS = (
    (
        "episodes_slug",
        "BEFORE UPDATE OF slug, show, released",
        "episodes",
        f"OLD.released AND (NOT NEW.released OR (NEW.slug <> OLD.slug OR NEW.show <> OLD.show) AND NOT {_EPISODE_LEFT})",
        "the address of what was published leads on for ever",
    ),
    (
        "shows_slug",
        "BEFORE UPDATE OF slug",
        "shows",
        f"OLD.revision > 0 AND NEW.slug <> OLD.slug AND NOT {_SHOW_LEFT}",
        "the address of what was published leads on for ever",
    ),
    # Afterwards, so that PostgreSQL sees what another transaction has done while this one waited for it.
    *(
        (
            f"episodes_{event[:6].lower()}_moved",
            f"AFTER {event}",
            "episodes",
            "EXISTS (SELECT 1 FROM moved WHERE path = NEW.show || '/' || NEW.slug AND (episode IS NULL OR episode <> NEW.id))",
            "an address that leads on is not given to another",
        )
        for event in ("INSERT", "UPDATE OF slug, show")
    ),
)


def _rules_in_sqlite() -> None:
    for name, when, table, condition, sentence in _REFUSALS:
        op.execute(f"CREATE TRIGGER {name} {when} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")


def _rules_in_postgres() -> None:
    for name, when, table, condition, sentence in _REFUSALS:
        op.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF {condition}"
            f" THEN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END$$"
        )
        op.execute(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    # The slug of a show is what its episodes name it by: both change in one transaction.
    for table in ("episodes", "outbox", "packs", "notifications"):
        op.execute(f"ALTER TABLE {table} ALTER CONSTRAINT {table}_show_fkey DEFERRABLE")
