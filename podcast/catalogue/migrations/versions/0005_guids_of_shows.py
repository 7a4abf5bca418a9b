"""A show that was never published may still get another guid: that of the address under which it will be known."""

from alembic import op

revision = "0005"
down_revision = "0004"

_CHANGES = "NEW.guid <> OLD.guid AND OLD.revision > 0"


def upgrade() -> None:
    """Put another condition on the rule that the guid of a show never changes."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER shows_guid")
        op.execute(
            f"CREATE TRIGGER shows_guid BEFORE UPDATE ON shows WHEN {_CHANGES} BEGIN SELECT RAISE(ABORT, 'a guid never changes'); END"
        )
    else:
        op.execute("DROP TRIGGER shows_guid ON shows")
        op.execute(f"CREATE TRIGGER shows_guid BEFORE UPDATE ON shows FOR EACH ROW WHEN ({_CHANGES}) EXECUTE FUNCTION shows_guid()")
