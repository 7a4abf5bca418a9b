"""What stands at old addresses: pages that lead on, and copies of everything that is no page."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

from podcast.catalogue import Catalogue, Moved
from podcast.formats.moved import to_html
from podcast.model import Episode, Show
from podcast.site import IMMUTABLE, Site, cache_control, page_key, show_key

from .lease import take
from .press import Clock, Press


def moved_files(site: Site, show: Show, episode: Episode | None, files: Mapping[str, bytes], moved: Iterable[Moved]) -> dict[str, bytes]:
    """Return what belongs at the old addresses of an episode, or of the show itself; ``files`` are those at the present one."""
    slug, title = (episode.slug, episode.title) if episode else (None, show.title)
    language = (episode and episode.language) or show.language
    own = f"{show.slug}/{slug}/" if slug else f"{show.slug}/"
    found: dict[str, bytes] = {}
    for one in moved:
        if (one.show, one.slug) != (show.slug, slug) or one.leads == "nothing":
            continue
        if one.leads == "place":
            for key, body in files.items():
                there = f"{one.path}/{key.removeprefix(own)}"
                found[there] = to_html(site.url(key), title, language) if key.endswith(".html") else body
        else:
            found[page_key(one.path)] = to_html(site.url(target_key(one)), title, language)
    return found


def target_key(one: Moved) -> str:
    """Return the key of the feed or the page to which an old address leads."""
    return show_key(one.show, "feed.xml" if one.leads == "feed" else f"{one.slug}/index.html" if one.slug else "index.html")


def moved_keys(one: Moved, names: Iterable[str]) -> Iterator[str]:
    """Yield the keys at an old address; ``names`` are those of the files of what it leads to."""
    if one.leads == "place":
        yield from (f"{one.path}/{name}" for name in names)
    elif one.leads != "nothing":
        yield page_key(one.path)


def stored_at(catalogue: Catalogue, one: Moved) -> list[str]:
    """Return the keys that storage holds at an old address: neither audio and pictures nor what stands at an address below it."""
    keys = list(catalogue.held([page_key(one.path)]))
    if one.leads not in {"place", "nothing"}:
        return keys
    below = {other.path for other in catalogue.moved() if other.path.startswith(f"{one.path}/")}
    under = (key for key in catalogue.held_under(f"{one.path}/") if cache_control(key) != IMMUTABLE)
    return list(dict.fromkeys([*keys, *(key for key in under if below.isdisjoint(_parents(key)))]))


def rename_show(press: Press, slug: str, new: str, *, clock: Clock) -> Show:
    """Give a show another slug, as its only publisher: CatalogueBusy where it is being published, Conflict for a slug that is taken."""
    lease = f"publish/{slug}"
    token = take(press.catalogue, lease, clock())
    try:
        return press.catalogue.rename_show(slug, new, clock())
    finally:
        press.catalogue.release_lease(lease, token)


def _parents(key: str) -> Iterator[str]:
    return accumulate(key.split("/"), "{}/{}".format)
