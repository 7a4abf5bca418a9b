"""What shows and episodes exist, and how far each has come: one SQL database, SQLite or PostgreSQL.

No storage, HTTP or HTML here. ``sqlalchemy`` and ``alembic`` are imported inside this room alone, SQLAlchemy only when
a catalogue is opened and Alembic only when one is made or brought up to date.
"""

from typing import TYPE_CHECKING

from .records import Held, Moved, Notification, Outbox, Pack, Page, Row, Standing, Stored

if TYPE_CHECKING:
    from .catalogue import Catalogue

__all__ = ["Catalogue", "Held", "Moved", "Notification", "Outbox", "Pack", "Page", "Row", "Standing", "Stored", "open_catalogue"]


def open_catalogue(url: str, *, create: bool = False) -> "Catalogue":
    """Open the catalogue at ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``, and bring it up to date.

    With ``create`` an empty or missing database becomes a catalogue; without, it is an error. Raises CatalogueError
    (also where the catalogue was made by a newer version, which is left untouched), CatalogueBusy, ConfigError.
    """
    from .catalogue import open_catalogue

    return open_catalogue(url, create=create)


def __getattr__(name: str) -> object:
    """Import the class when somebody asks for it, since it brings SQLAlchemy."""
    if name == "Catalogue":
        from .catalogue import Catalogue

        return Catalogue
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
