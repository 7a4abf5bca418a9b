"""The catalogue as the other rooms know it."""

from .database import connect, name_of, parse
from .items import Items
from .leftovers import Leftovers
from .measurements import Measurements
from .notifications import Notifications
from .redirects import Redirects
from .schema import prepare
from .sources import Sources


class Catalogue(Redirects, Leftovers, Items, Sources, Notifications, Measurements):
    """An open catalogue. Every method raises the errors of ``podcast.errors`` and no others; times are aware, UTC where they come back.

    Threads may share it. ``close`` it, or use it as a context manager.
    """


def open_catalogue(url: str, *, create: bool = False) -> Catalogue:
    """Do what ``podcast.catalogue.open_catalogue`` says."""
    parsed = parse(url)
    engine = connect(parsed, create=create)
    try:
        prepare(engine, parsed, create=create)
    except BaseException:
        engine.dispose()
        raise
    return Catalogue(engine, name_of(parsed))
