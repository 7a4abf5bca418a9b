"""A show and its episodes as an RSS 2.0 feed with the itunes: and podcast: namespaces.

feedgen writes the core of RSS; :data:`~podcast.formats.namespaces.RULES` governs the rest, added by one pair of feedgen
extensions. The feed is head + items + tail, and each item is rendered alone, so the bytes of an item can be kept
and one item is in memory at a time. The joined bytes are those of a whole feedgen render. Same values, same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Final, TypeAlias

# First of all: feedgen.util looks for lxml.etree without importing it.
from lxml import etree

# isort: split
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from podcast import __version__
from podcast.errors import UsageError
from podcast.model import Category, Chapter, Enclosure, Episode, Funding, Show
from podcast.site import Site, episode_key, show_key, transcript_key

from . import notes, shapes
from .namespaces import ATOM, CHAPTERS, HISTORY, NAMESPACES, Element, fit_all
from .paging import FORMATS, Document, Variant, documents
from .text import clean, cut_bytes, legal, safe_url

Node: TypeAlias = etree._Element  # noqa: SLF001

#: What closes a feed behind its last item.
TAIL: Final = b"</channel></rss>"

_ROOT: Final = NAMESPACES | {"atom": ATOM, "content": "http://purl.org/rss/1.0/modules/content/"}
_ADDRESSES: Final = _ROOT | {"fh": HISTORY, "psc": CHAPTERS}
_RSS: Final = "application/rss+xml"
_HEAD_END: Final = b"<channel>"
_MAX_DESCRIPTION: Final = 4000
_MAX_WORDS: Final = 255
_FULL: Final = Variant()
_WHOLE: Final = next(documents(0))
_TRANSCRIPTS: Final = (("vtt", "text/vtt"), ("srt", "application/x-subrip"), ("json", "application/json"))


def render(
    show: Show,
    episodes: Iterable[Episode],
    site: Site,
    document: Document | None = None,
    *,
    twins: Sequence[Show] = (),
    simple_chapters: bool = False,
    hubs: Sequence[str] = (),
) -> bytes:
    """Return one file of the feed, or the feed with everything in it. The episodes come newest first and are all published.

    UsageError where an episode has no date.
    """
    episodes = tuple(episodes)
    document = document or next(documents(len(episodes)))
    last_build = max((show.changed, *map(changed, episodes)))
    shown = ((episode, span.variant) for span in document.spans for episode in episodes[span.start : span.stop])
    head = render_head(show, site, last_build, document, twins=twins, simple_chapters=simple_chapters, hubs=hubs)
    items = (render_item(show, episode, site, variant, simple_chapters=simple_chapters) for episode, variant in shown)
    return b"".join((head, *items, TAIL))


def render_head(
    show: Show,
    site: Site,
    last_build: datetime,
    document: Document = _WHOLE,
    *,
    twins: Sequence[Show] = (),
    simple_chapters: bool = False,
    hubs: Sequence[str] = (),
) -> bytes:
    """Return a file of the feed up to its first item.

    ``last_build`` is the newest change of show and episodes, never now. ``twins`` are the public shows that are to be
    linked; ``simple_chapters`` must be what the items are rendered with, since the root declares their namespace.
    ``hubs`` are those that tell others when ``feed.xml`` changes.
    """
    feed = _generator(show, site, last_build, document, twins, hubs)
    feed.podcastindex.more |= {"psc": CHAPTERS} if simple_chapters else {}
    whole: bytes = feed.rss_str()
    return whole.removesuffix(TAIL)


def render_item(show: Show, episode: Episode, site: Site, variant: Variant = _FULL, *, simple_chapters: bool = False) -> bytes:
    """Return the ``<item>`` of one episode and a line break, as it stands in the feed."""
    entry = _entry(show, episode, site, variant)
    if simple_chapters:
        entry.podcastindex.elements = (*entry.podcastindex.elements, *_simple_chapters(episode.chapters))
    root = etree.Element("rss", nsmap=_ROOT | {"psc": CHAPTERS} if simple_chapters else _ROOT, version="2.0")
    etree.SubElement(root, "channel").append(entry.rss_entry())
    rendered = etree.tostring(root, encoding="UTF-8")
    return rendered[rendered.index(_HEAD_END) + len(_HEAD_END) :].removesuffix(TAIL)


def changed(episode: Episode) -> datetime:
    """Return when the item last became something new to listeners."""
    return max(episode.changed, episode.published or episode.changed)


class _Extension:
    """What feedgen calls an extension: writes elements of ours behind those of feedgen."""

    def __init__(self) -> None:
        self.elements: Iterable[Element] = ()

    def extend_ns(self) -> dict[str, str]:
        return NAMESPACES

    def write(self, parent: Node, place: str) -> None:
        for element in fit_all(place, self.elements):
            _write(parent, element)


class _ChannelExtension(_Extension):
    def __init__(self) -> None:
        super().__init__()
        #: Namespaces beside those that every feed declares.
        self.more: dict[str, str] = {}

    def extend_ns(self) -> dict[str, str]:
        return NAMESPACES | self.more

    def extend_rss(self, rss: Node) -> None:
        channel = rss[0]
        self.write(channel, "channel")
        channel[-1].tail = "\n"


class _ItemExtension(_Extension):
    def extend_rss(self, item: Node) -> None:
        self.write(item, "item")
        # One item, one line: feeds stay easy to compare.
        item.tail = "\n"


class _Unwritten(datetime):
    """A date that feedgen leaves out.

    feedgen's own way to write one sets the locale of the whole process for a moment, under the feet of other threads;
    and left alone it writes the present time. Ours is written by the extension.
    """

    def __bool__(self) -> bool:
        return False


def _generator(
    show: Show, site: Site, last_build: datetime, document: Document = _WHOLE, twins: Sequence[Show] = (), hubs: Sequence[str] = ()
) -> FeedGenerator:
    title, page = _title(show.title, show.slug), _address(site.show_page(show), site.url(show_key(show.slug, "index.html")))
    feed = FeedGenerator()
    feed.register_extension("podcastindex", _ChannelExtension, _ItemExtension, atom=False)
    feed.podcastindex.more = {"fh": HISTORY} if document.archive else {}
    # What stands in an archive page is not to change with another show.
    feed.podcastindex.elements = chain(
        _document_elements(show, site, last_build, document),
        () if document.archive else _twin_links(twins, site),
        (Element("atom:link", attributes={"href": hub, "rel": "hub"}) for hub in hubs if document.name == _WHOLE.name),
    )
    feed.title(title)
    feed.description(cut_bytes(clean(show.description, lines=True), _MAX_DESCRIPTION) or title)
    feed.language(clean(show.language, limit=35))
    feed.copyright(clean(show.copyright, limit=_MAX_WORDS) or None)
    feed.generator(f"podcast/{__version__}")
    feed.lastBuildDate(_Unwritten.fromtimestamp(0, UTC))
    # feedgen takes the last link for the website, so the order matters.
    feed.link(href=site.url(show_key(show.slug, document.name)), rel="self", type=_RSS)
    feed.link(href=page, rel="alternate")
    if picture := site.artwork(show):
        feed.image(url=picture, title=title, link=page)
    return feed


def _entry(show: Show, episode: Episode, site: Site, variant: Variant = _FULL) -> FeedEntry:
    entry = FeedEntry()
    entry.register_extension("podcastindex", _ItemExtension, atom=False)
    entry.podcastindex.elements = _item_elements(show, episode, site)
    entry.title(_title(episode.title, episode.slug))
    entry.link(href=_address(site.page(episode), site.url(episode_key(episode, "index.html"))))
    entry.guid(legal(episode.guid), permalink=False)
    enclosure = _enclosure(episode, site, variant.audio)
    entry.enclosure(enclosure.url, str(enclosure.length), enclosure.type)
    short, whole = notes.for_feed(episode.notes)
    if whole != short:
        entry.description(short)
    if whole and (whole == short or not variant.slim):
        # Alone it becomes the description, beside one it becomes content:encoded.
        entry.content(whole, type="CDATA")
    return entry


def _enclosure(episode: Episode, site: Site, audio: str) -> Enclosure:
    """Return the audio in a format, where the episode has it on the web; else the episode's own, so that nobody misses it."""
    for alternate in site.alternates(episode) if audio else ():
        url = next((source.uri for source in alternate.sources if safe_url(source.uri)), None)
        if url and alternate.length and alternate.type.partition(";")[0].strip().lower() in FORMATS[audio]:
            return Enclosure(url=url, length=alternate.length, type=alternate.type)
    return site.enclosure(episode)


def _document_elements(show: Show, site: Site, last_build: datetime, document: Document) -> Iterator[Element]:
    """Yield the elements of a channel, and what this file says of the others."""
    if document.archive:
        yield Element("fh:archive")
        # A stream that begins and ends is no reason to write years of pages again.
        show = replace(show, live=())
    else:
        yield Element("lastBuildDate", shapes.rfc_2822(last_build))
    for link in document.links:
        address = site.url(show_key(show.slug, link.name))
        yield Element(
            "atom:link",
            attributes={"href": address, "rel": link.rel, "type": _RSS, "title": f"{show.title} ({link.title})" if link.title else None},
        )
    if document.ended:
        show = replace(show, new_feed_url=show.new_feed_url or site.url(show_key(show.slug, "feed.xml")))
    # Directories know the show by one feed.
    yield from _channel_elements(replace(show, block=True) if document.audio else show, site)


def _twin_links(twins: Iterable[Show], site: Site) -> Iterator[Element]:
    for twin in twins:
        address = site.url(show_key(twin.slug, "feed.xml"))
        attributes = {"href": address, "rel": "alternate", "type": _RSS, "hreflang": twin.language, "title": twin.title}
        yield Element("atom:link", attributes=attributes)


def _channel_elements(show: Show, site: Site) -> Iterator[Element]:
    owner = show.owner
    if show.short_title:
        yield Element("itunes:title", show.short_title)
    yield Element("itunes:author", show.author or (owner.name if owner else ""))
    if owner:
        yield Element("itunes:owner", children=(Element("itunes:name", owner.name), Element("itunes:email", owner.email)))
    yield Element("itunes:image", attributes={"href": site.artwork(show)})
    yield from map(_category, show.categories)
    yield Element("itunes:explicit", _true(show.explicit))
    yield Element("itunes:type", show.type)
    yield Element("podcast:guid", show.guid)
    yield Element("podcast:locked", "yes" if show.locked else "no", {"owner": owner.email if owner else None})
    yield from _funding(show.funding, show)
    yield from map(shapes.element, show.persons)
    yield from shapes.written(show, shapes.OF_SHOW)
    yield from _channel_words(show)
    yield from _remote_items(show)
    yield from map(shapes.element, show.live)


def _channel_words(show: Show) -> Iterator[Element]:
    if show.medium:
        yield Element("podcast:medium", show.medium)
    if show.podping:
        yield Element("podcast:podping", attributes={"usesPodping": "true"})
    if show.complete:
        yield Element("itunes:complete", "Yes")
    if show.block:
        yield Element("itunes:block", "Yes")
        yield Element("podcast:block", "yes")
    yield from map(shapes.element, show.blocks)
    if show.new_feed_url:
        yield Element("itunes:new-feed-url", show.new_feed_url)


def _remote_items(show: Show) -> Iterator[Element]:
    if show.podroll:
        yield Element("podcast:podroll", children=tuple(map(shapes.element, show.podroll)))
    if show.publisher:
        yield Element("podcast:publisher", children=(shapes.element(show.publisher),))
    yield from map(shapes.element, show.remote_items)


def _item_elements(show: Show, episode: Episode, site: Site) -> Iterator[Element]:
    if episode.published is None:
        raise UsageError(f'"{episode.slug}" has no date, so it cannot stand in the feed', hint="Publish or schedule it first.")
    yield Element("pubDate", shapes.rfc_2822(episode.published))
    if episode.short_title:
        yield Element("itunes:title", episode.short_title)
    yield Element("itunes:duration", str(episode.audio.duration))
    yield Element("itunes:explicit", _true(show.explicit if episode.explicit is None else episode.explicit))
    yield Element("itunes:episodeType", episode.type)
    if episode.artwork:
        yield Element("itunes:image", attributes={"href": site.artwork(show, episode)})
    if episode.season is not None:
        yield Element("itunes:season", str(episode.season))
        yield Element("podcast:season", str(episode.season), {"name": episode.season_name})
    if episode.number is not None:
        yield Element("itunes:episode", str(episode.number))
        yield Element("podcast:episode", str(episode.number), {"display": episode.number_display})
    if episode.chapters:
        address = site.url(episode_key(episode, "chapters.json"))
        yield Element("podcast:chapters", attributes={"url": address, "type": "application/json+chapters"})
    for transcript in episode.transcripts:
        for extension, media_type in _TRANSCRIPTS:
            address = site.url(transcript_key(episode, transcript, extension))
            yield Element("podcast:transcript", attributes={"url": address, "type": media_type, "language": transcript.language})
    yield from map(shapes.element, episode.persons)
    # Other audio may have come, and be shorter.
    yield from map(shapes.element, (bite for bite in episode.soundbites if bite.within(episode.audio.duration)))
    yield from shapes.written(replace(episode, alternates=site.alternates(episode)), shapes.OF_EPISODE)
    yield from _funding(episode.funding, show)
    if episode.block:
        yield Element("itunes:block", "Yes")


def _simple_chapters(chapters: Iterable[Chapter]) -> Iterator[Element]:
    """Yield Podlove's list of the chapters; the table leaves out one without a title, and a list without one."""
    named = tuple(
        Element("psc:chapter", attributes={"start": _play_time(one.start), "title": one.title, "href": one.url, "image": one.image})
        for one in chapters
        if one.toc
    )
    yield Element("psc:chapters", attributes={"version": "1.2"}, children=named)


def _play_time(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{milliseconds:03}"


def _category(category: Category) -> Element:
    children = (Element("itunes:category", attributes={"text": category.sub}),) if category.sub else ()
    return Element("itunes:category", attributes={"text": category.text}, children=children)


def _funding(funding: Iterable[Funding], show: Show) -> Iterator[Element]:
    """Yield the links of support; a text is required, so the show's title stands in for it."""
    for one in funding:
        yield shapes.element(one if one.text else replace(one, text=show.title))


def _write(parent: Node, element: Element) -> None:
    prefix, _, name = element.name.rpartition(":")
    node = etree.SubElement(parent, f"{{{_ADDRESSES[prefix]}}}{name}" if prefix else name)
    node.text = element.text or None
    for attribute, value in element.attributes.items():
        if value is not None:
            node.set(attribute, value)
    for child in element.children:
        _write(node, child)


def _title(title: str, fallback: str) -> str:
    return clean(title, limit=_MAX_WORDS) or fallback


def _address(wanted: str, fallback: str) -> str:
    return safe_url(wanted) or fallback


def _true(value: bool) -> str:
    return "true" if value else "false"
