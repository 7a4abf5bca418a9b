"""A show's list of episodes in parts: the newest on its own page, and older ones on pages that stay as they are.

Parts are counted from the oldest, so that a new episode changes none of them; each has a page and a sitemap. A part is written when
one of its episodes changes, as the digest of its item says, which the catalogue keeps anyway.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from podcast.catalogue import Row
from podcast.catalogue.items import digest_of
from podcast.model import Show
from podcast.player.maps import sitemap
from podcast.player.pages import render_older
from podcast.site import show_key

from .feed import item_key
from .plan import File, rendered
from .press import Press

#: Episodes of a part. The show's own page has at least as many, and not twice as many.
SIZE = 100

_PART = re.compile(r"[a-z0-9-]+/(?:episodes-([0-9]+)\.html|sitemap-([0-9]+)\.xml)")


def count_parts(episodes: int) -> int:
    """Return how many parts a show of so many public episodes has beside its own page."""
    return max(0, episodes // SIZE - 1)


def count_newest(episodes: int) -> int:
    """Return how many of them stand on the show's own page."""
    return episodes - SIZE * count_parts(episodes)


def changed_parts(press: Press, show: Show, rows: Sequence[Row]) -> Iterator[list[File]]:
    """Yield the page and the sitemap of each part that differs from what is in storage; ``rows`` are the public episodes, newest first."""
    count, key = count_parts(len(rows)), item_key(show, press.site, press.settings)
    names = [
        (show_key(show.slug, f"episodes-{number}.html"), show_key(show.slug, f"sitemap-{number}.xml")) for number in range(1, count + 1)
    ]
    known = press.catalogue.made_of([name for pair in names for name in pair])
    for number, (page, index) in enumerate(names, 1):
        end = len(rows) - SIZE * (number - 1)
        part = rows[end - SIZE : end]
        made = digest_of("\n".join([key, str(number == count), *(row.digest or "" for row in part)]).encode())
        if {made} != {known.get(page), known.get(index)}:
            episodes = press.catalogue.numbered(part)
            bodies = {page: render_older(press.site, show, episodes, number, count), index: sitemap(press.site, None, episodes)}
            yield [replace(rendered(name, body), made_of=made) for name, body in bodies.items()]


def former_parts(press: Press, show: Show, count: int) -> list[str]:
    """Return the keys of parts in storage that the show has no more."""
    held = [key for name in ("episodes-", "sitemap-") for key in press.catalogue.held_under(show_key(show.slug, name))]
    return [key for key in held if (found := _PART.fullmatch(key)) and int(found[1] or found[2]) > count]


def is_part(key: str) -> bool:
    """Tell whether a file belongs to such a part."""
    return _PART.fullmatch(key) is not None
