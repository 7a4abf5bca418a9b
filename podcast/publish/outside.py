"""What listeners get at the public addresses, after a publish: between storage and them may stand a CDN, a proxy, a wrong public_url."""

from collections.abc import Iterator, Sequence
from typing import Final

from podcast.check.ask import check_links
from podcast.check.links import Link
from podcast.check.rules import Level
from podcast.check.survey import is_local
from podcast.errors import PodcastError
from podcast.fetch import fetch
from podcast.model import Episode, Show
from podcast.site import Site, rendition_key, show_key

#: New episodes that are looked at, and seconds for all of them.
_MOST: Final = 5
_SECONDS: Final = 20.0
_FEED: Final = 60 << 20


def look_outside(site: Site, show: Show, released: Sequence[Episode]) -> Iterator[str]:
    """Yield what an app would stumble over: audio that is not answered as the feed says, a feed without the new episodes.

    Nothing of it undoes the publish. A cache that hands out the feed of before is told as what it is.
    """
    links = [link for episode in released[:_MOST] for link in _links(site, episode)]
    for finding in check_links(links, own=site.base, seconds=_SECONDS):
        if finding.level is not Level.NOTICE:
            yield f"{finding.where}: {finding.message} [{finding.rule}]"
    if released:
        yield from _look_at_feed(site, show, released)


def _look_at_feed(site: Site, show: Show, released: Sequence[Episode]) -> Iterator[str]:
    url = site.url(show_key(show.slug, "feed.xml"))
    try:
        body = fetch(url, private=is_local(site.base), limit=_FEED, seconds=_SECONDS).body
    except PodcastError as error:
        yield f"{url}: {error.message}"
        return
    if any(episode.guid.encode() not in body for episode in released[:_MOST]):
        yield f"{url} is still the feed of before: a cache hands it out, and apps will see the new one once that lets go"


def _links(site: Site, episode: Episode) -> Iterator[Link]:
    enclosure = site.enclosure(episode)
    others = ((site.url(rendition_key(episode, one)), one.length, one.media_type) for one in episode.renditions)
    for url, length, media_type in ((enclosure.url, enclosure.length, enclosure.type), *others):
        where = f"{episode.show}/{episode.slug}"
        yield Link(kind="audio", url=url, where=where, length=length, type=media_type, duration=episode.audio.duration)
