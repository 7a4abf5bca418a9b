"""What the apps will see: the feed as it stands in storage against the one that a publish would write. Changes nothing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from podcast.catalogue.items import digest_of
from podcast.errors import NotFound, PodcastError
from podcast.formats import feed_reader, rss
from podcast.formats.paging import Document, Variant, documents, is_archive
from podcast.formats.text import legal
from podcast.model import Episode

from . import diff
from .feed import item_key
from .plan import Plan
from .press import Press
from .publisher import ready_item
from .store import read_feed


def difference(press: Press, plan: Plan) -> diff.Difference:
    """Return what apps will see once a plan is carried out; nothing where the plan leaves the feed as it is."""
    slug = plan.show.slug
    if not plan.swap:
        return diff.Difference(show=slug)
    plan, behind = _without_faulty(press, plan)
    before = public_files(press, slug)
    lines = {digest_of(line + b"\n") for file in before for line in file.split(b"\n")}
    after, alike = _planned(press, plan, lines)
    found = diff.compare(slug, diff.read(before, alike), diff.read([after]), len(alike))
    seen = {item.guid for item in found.changed}
    beside = () if plan.stale else tuple(episode.title for episode in plan.refresh if legal(episode.guid).strip() not in seen)
    return replace(found, warnings=(*found.warnings, *behind), beside=beside)


def public_files(press: Press, show: str) -> list[bytes]:
    """Return the files of the feed that stands in storage, the feed itself first; none where there is none.

    Until a renamed show is published, its feed stands where it was.
    """
    files = list(_pages(press, show))
    for one in [] if files else press.catalogue.moved(show):
        if one.slug is None and one.leads == "place" and (files := list(_pages(press, one.path))):
            break
    return files


def _pages(press: Press, folder: str) -> Iterator[bytes]:
    """Yield the feed in a folder of storage, then its archive pages."""
    seen = set[str]()
    name = "feed.xml"
    while name not in seen:
        seen.add(name)
        try:
            data = read_feed(press.storage, f"{folder}/{name}")
        except NotFound:
            return
        yield data
        # By its name alone: it stands beside the feed, whatever address both had until now.
        following = urlsplit(_following(data)).path.rpartition("/")[2]
        name = following if is_archive(following) else name


def _following(data: bytes) -> str:
    """Return the address of the next older page."""
    channel = feed_reader.read(data.partition(b"<item>")[0]).channel
    links = channel.all("atom:link") if channel else ()
    return next((link.attributes.get("href", "") for link in links if link.attributes.get("rel") == "next"), "")


def _without_faulty(press: Press, plan: Plan) -> tuple[Plan, list[str]]:
    """Return the plan without the episodes that will stay behind, and why they will."""
    ready, behind = list[Episode](), list[str]()
    for episode in plan.release:
        try:
            ready_item(press, plan, episode)
        except PodcastError as error:
            behind.append(f"{episode.slug} will stay behind: {error.message}")
        else:
            ready.append(episode)
    return replace(plan, release=tuple(ready)), behind


def _planned(press: Press, plan: Plan, lines: Collection[str]) -> tuple[bytes, set[str]]:
    """Return the feed that a plan leads to, but for the items that stand in storage as they will be, and the guids of those.

    ``lines`` are the digests of the lines that stand there. Only what is not among them is rendered.
    """
    show, settings, twins = plan.show, press.settings, press.catalogue.twins(plan.show)
    episodes, kept = _look(press, plan)
    files = _layout(press, plan, len(episodes))
    alike, rendered = set[str](), dict[str, bytes]()
    for document in files:
        for span in document.spans:
            for episode in episodes[span.start : span.stop]:
                guid = legal(episode.guid).strip()
                if guid in alike or guid in rendered:
                    continue
                if kept[span.variant].get(episode.slug) in lines:
                    alike.add(guid)
                else:
                    rendered[guid] = rss.render_item(show, episode, press.site, span.variant, simple_chapters=settings.simple_chapters)
    head = rss.render_head(
        show, press.site, show.changed, files[0], twins=twins, simple_chapters=settings.simple_chapters, hubs=settings.hubs
    )
    return b"".join((head, *rendered.values(), rss.TAIL)), alike


def _look(press: Press, plan: Plan) -> tuple[list[Episode], dict[Variant, dict[str, str | None]]]:
    """Return the episodes that will be public, newest first, and by slug the digests of the kept items that will be used."""
    show, key = plan.show.slug, item_key(plan.show, press.site, press.settings)
    with press.catalogue.snapshot():
        public = list(press.catalogue.feed(show))
        rows = {variant: press.catalogue.rows(show, key, str(variant)) for variant in (Variant(), Variant(slim=True))}
    anew = {episode.slug for episode in plan.refresh}
    kept = {
        variant: {one.slug: row.digest for one, row in zip(public, some, strict=True) if one.slug not in anew}
        for variant, some in rows.items()
    }
    leaving = {episode.slug for episode in plan.withdraw}
    staying = (episode for episode in public if episode.slug not in leaving)
    return sorted((*staying, *plan.release), key=_order, reverse=True), kept


def _layout(press: Press, plan: Plan, total: int) -> Sequence[Document]:
    """Return the files of the feed that directories know, itself first."""
    settings = press.settings
    layout = documents(total, limit=settings.limit, slim_after=settings.slim_after, formats=plan.show.formats)
    return [document for document in layout if not document.audio][::-1]


def _order(episode: Episode) -> tuple[datetime, datetime]:
    return episode.published or episode.created, episode.created
