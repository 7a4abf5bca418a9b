"""Items in several variants, packs of them that are compressed already, and what a stored file was made of."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CODE = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table of items anew, and further ones; extend the others."""
    _items()
    op.add_column("manifest", sa.Column("made_of", sa.Text))
    op.add_column("manifest", sa.Column("unused", sa.DateTime(timezone=True)))
    _notifications()


def _items() -> None:
    # They will be rendered again, but for those of episodes of which something is lost: these go on as they were.
    op.execute("CREATE TABLE items_before AS SELECT episode, xml FROM items")
    op.drop_table("items")
    op.create_table(
        "items",
        sa.Column("episode", sa.BigInteger, sa.ForeignKey("episodes.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
        sa.Column("variant", CODE, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("xml", sa.LargeBinary, nullable=False),
    )
    op.execute("INSERT INTO items (episode, variant, key, digest, xml) SELECT episode, '', '', '', xml FROM items_before")
    op.drop_table("items_before")
    op.create_table(
        "packs",
        sa.Column("show", CODE, sa.ForeignKey("shows.slug", ondelete="CASCADE"), primary_key=True),
        sa.Column("digest", CODE, primary_key=True),
        sa.Column("deflated", sa.LargeBinary, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
    )


def _notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("show", CODE, sa.ForeignKey("shows.slug", ondelete="CASCADE"), primary_key=True),
        sa.Column("target", CODE, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next", sa.DateTime(timezone=True)),
        sa.Column("tried", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("told", sa.BigInteger),
    )
