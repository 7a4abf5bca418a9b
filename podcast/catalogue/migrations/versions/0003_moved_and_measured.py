"""What stood where before, and what was measured in the audio."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Extend the catalogue."""
