"""The feed as a file: its head, and the items that the catalogue keeps; only what changed is rendered."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from podcast.catalogue import Catalogue
from podcast.formats import rss
from podcast.model import Episode, Show
from podcast.site import Site, cache_control, content_type, show_key

from .plan import File, site_fingerprint

#: Items rendered and kept together: bounds memory.
_BATCH = 100


#: Stores what belongs to some episodes, and returns those that may be shown so.
Bring = Callable[[Sequence[Episode]], Sequence[Episode]]


def item_key(show: Show, site: Site) -> str:
    """Return a hash of all that an item is made of beside its episode: another one makes every item new."""
    parts = (site_fingerprint(site), replace(show, changed=show.created))
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def write_feed(catalogue: Catalogue, show: Show, site: Site, path: Path, *, bring: Bring) -> File | None:
    """Write the feed of a show to a file, from one state of the catalogue, and return it as an upload.

    Items that the catalogue keeps are taken as they are; the others are rendered and kept, after ``bring`` has stored all
    files of those states of their episodes, or has held the item of an earlier state. None where the show or an episode was
    edited meanwhile: then call it again.
    """
    key = item_key(show, site)
    while episodes := catalogue.unrendered(show.slug, key, _BATCH):
        catalogue.keep(key, [(episode, rss.render_item(show, episode, site)) for episode in bring(episodes)])
    md5, sha256, length = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0
    with path.open("wb") as file, catalogue.snapshot():
        current = catalogue.show(show.slug)
        if item_key(current, site) != key:
            return None
        for part in _parts(catalogue, current, site):
            if part is None:
                return None
            file.write(part)
            md5.update(part)
            sha256.update(part)
            length += len(part)
    name = show_key(show.slug, "feed.xml")
    return File(
        key=name,
        body=path,
        length=length,
        md5=md5.hexdigest(),
        sha256=sha256.hexdigest(),
        type=content_type(name),
        cache_control=cache_control(name),
    )


def _parts(catalogue: Catalogue, show: Show, site: Site) -> Iterator[bytes | None]:
    """Yield the feed piece by piece; None for an episode that was edited a moment ago and has no item."""
    yield rss.render_head(show, site, show.changed)
    yield from catalogue.kept(show.slug, item_key(show, site))
    yield rss.TAIL
