"""The feed as files: heads, and the items that the catalogue keeps; only what changed is rendered, and written."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from pathlib import Path

import msgspec

from podcast.catalogue import Catalogue, Pack, Row
from podcast.catalogue.items import digest_of
from podcast.config import FeedSettings
from podcast.formats import rss
from podcast.formats.paging import Document, Span, Variant, documents, format_of
from podcast.model import Episode, Show
from podcast.site import Site, cache_control, content_type, show_key

from . import packs
from .plan import File, site_fingerprint

#: Items rendered and kept together: bounds memory.
_BATCH = 100

#: Stores what belongs to some episodes, and returns those that may be shown so; the item of an earlier state stands for the others.
Bring = Callable[[Sequence[Episode], str], Sequence[Episode]]

Rows = Mapping[Variant, Sequence[Row]]


def item_key(show: Show, site: Site, settings: FeedSettings) -> str:
    """Return a hash of all that an item is made of beside its episode: another one makes every item new."""
    shown = replace(show, changed=show.created, formats=(), twins=())
    parts = (site_fingerprint(site, FeedSettings()), shown, settings.simple_chapters)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The files of a feed that are to be stored, in their order, and the keys of all that it consists of."""

    files: tuple[File, ...]
    keys: frozenset[str]
    #: The public episodes, newest first.
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes the files of one show's feed into a folder."""

    catalogue: Catalogue
    site: Site
    settings: FeedSettings
    folder: Path
    bring: Bring

    def write(self, show: Show) -> Written | None:
        """Write the files that differ from those in storage, archive pages first and feed.xml last, all of one state of the catalogue.

        Items that the catalogue keeps are taken as they are; the others are rendered and kept, after ``bring`` has stored
        all files of those states of their episodes. None where the show or an episode was edited meanwhile: then call it again.
        """
        key = item_key(show, self.site, self.settings)
        for again in (False, True):
            with self.catalogue.snapshot():
                current = self.catalogue.show(show.slug)
                if item_key(current, self.site, self.settings) != key:
                    return None
                rows, layout = self._layout(current, key)
                missing = list(_missing(rows, layout))
                if not missing and (again or not self.settings.gzip):
                    return Written(
                        files=tuple(self._write_all(current, key, rows, layout)),
                        keys=frozenset(show_key(slug, document.name) for slug in self._slugs(show) for document in layout),
                        rows=rows[Variant()],
                    )
            self._render_missing(show, key, missing)
            if self.settings.gzip:
                self._pack(show, key)
        return None

    def _layout(self, show: Show, key: str) -> tuple[Rows, list[Document]]:
        """Return what items there are, in each variant, and how they are laid out."""
        plain = self.catalogue.rows(show.slug, key, str(Variant()))
        names = (name for slug in self._slugs(show) for name in self.catalogue.held_under(show_key(slug, "feed-")))
        held = {format_of(name.rpartition("/")[2]) for name in names}
        layout = documents(
            len(plain),
            limit=self.settings.limit,
            slim_after=self.settings.slim_after,
            formats=show.formats,
            ended=sorted(held.difference(show.formats, {""})),
        )
        laid = list(layout)
        others = {span.variant for document in laid for span in document.spans} - {Variant()}
        return {Variant(): plain} | {other: self.catalogue.rows(show.slug, key, str(other)) for other in others}, laid

    def _render_missing(self, show: Show, key: str, wanted: Iterable[tuple[Variant, Sequence[Row]]]) -> None:
        """Render the items that are wanted and not kept; of those that are held by ``bring``, none."""
        simple = self.settings.simple_chapters
        for variant, missing in wanted:
            for start in range(0, len(missing), _BATCH):
                episodes = self.catalogue.numbered(missing[start : start + _BATCH])
                ready = self.bring(episodes, str(variant))
                items = [(episode, rss.render_item(show, episode, self.site, variant, simple_chapters=simple)) for episode in ready]
                self.catalogue.keep(key, str(variant), items)

    def _pack(self, show: Show, key: str) -> None:
        """Compress those full packs that are not kept, and let go of what no file is made of any more."""
        with self.catalogue.snapshot():
            rows, layout = self._layout(show, key)
        if any(_missing(rows, layout)):
            return
        wanted = {pack: part for document in layout for part, pack in _packed(document, rows) if pack}
        there = self.catalogue.packs(show.slug, list(wanted))
        for pack, span in wanted.items():
            if pack not in there:
                items = list(chain.from_iterable(self.catalogue.kept(show.slug, key, str(span.variant), _cut(rows, span))))
                if pack == _pack_name(map(digest_of, items)):
                    self.catalogue.keep_pack(show.slug, pack, packs.deflate(b"".join(items)))
        self.catalogue.drop_packs(show.slug, wanted)

    def _slugs(self, show: Show) -> list[str]:
        """Return the slugs under which a show has a feed, its own first: that is where the others lead to."""
        return [show.slug, *self.catalogue.former_slugs(show.slug)]

    def _write_all(self, show: Show, key: str, rows: Rows, layout: Sequence[Document]) -> Iterator[File]:
        places = [(show_key(slug, document.name), slug, document) for slug in self._slugs(show) for document in layout]
        made_of = self.catalogue.made_of(name for name, *_ in places)
        twins = self.catalogue.twins(show)
        for name, slug, document in places:
            shown = show if slug == show.slug else self._moved(show, document)
            head = rss.render_head(
                shown,
                self.site,
                show.changed,
                document,
                twins=twins,
                simple_chapters=self.settings.simple_chapters,
                hubs=self.settings.hubs,
            )
            digests = (row.digest or "" for span in document.spans for row in _cut(rows, span))
            made = digest_of(b"\n".join([head, rss.TAIL, b"gzip" if self.settings.gzip else b"", *map(str.encode, digests)]))
            if made_of.get(name) == made:
                continue
            parts = self._zipped(show, key, rows, document, head) if self.settings.gzip else self._plain(show, key, rows, document, head)
            yield _file(name, parts, self.folder / name.replace("/", "-"), made, encoding="gzip" if self.settings.gzip else "")

    def _moved(self, show: Show, document: Document) -> Show:
        """Return what a feed at an old address says of its show: where that feed stands now."""
        address = self.site.url(show_key(show.slug, "feed.xml" if document.ended else document.name))
        return replace(show, new_feed_url=show.new_feed_url or address)

    def _plain(self, show: Show, key: str, rows: Rows, document: Document, head: bytes) -> Iterator[bytes]:
        yield head
        for span in document.spans:
            yield from map(b"".join, self.catalogue.kept(show.slug, key, str(span.variant), _cut(rows, span)))
        yield rss.TAIL

    def _zipped(self, show: Show, key: str, rows: Rows, document: Document, head: bytes) -> Iterator[bytes]:
        return packs.gzip(self._runs(show, key, rows, document, head))

    def _runs(self, show: Show, key: str, rows: Rows, document: Document, head: bytes) -> Iterator[Pack]:
        yield packs.deflate(head)
        for span, name in _packed(document, rows):
            pack = self.catalogue.pack(show.slug, name) if name else None
            if pack is None:
                kept = self.catalogue.kept(show.slug, key, str(span.variant), _cut(rows, span))
                pack = packs.deflate(b"".join(chain.from_iterable(kept)))
            yield pack
        yield packs.deflate(rss.TAIL)


def _cut(rows: Rows, span: Span) -> Sequence[Row]:
    return rows[span.variant][span.start : span.stop]


def _missing(rows: Rows, layout: Iterable[Document]) -> Iterator[tuple[Variant, list[Row]]]:
    """Yield the variants of which items are wanted and not kept, with those."""
    spans = sorted((span for document in layout for span in document.spans), key=lambda span: str(span.variant))
    for variant, wanted in groupby(spans, key=lambda span: span.variant):
        missing = {row: None for span in wanted for row in _cut(rows, span) if row.digest is None}
        if missing:
            yield variant, list(missing)


def _packed(document: Document, rows: Rows) -> Iterator[tuple[Span, str]]:
    """Yield a document's spans cut where packs end, each with the name of its pack; without one where it is not a whole pack."""
    for span in document.spans:
        total, start = len(rows[span.variant]), span.start
        while start < span.stop:
            # Counted from the oldest: the next border is where the number of older items is a multiple.
            stop = min(span.stop, start + ((total - start) % packs.SIZE or packs.SIZE))
            part = replace(span, start=start, stop=stop)
            whole = stop - start == packs.SIZE
            yield part, _pack_name(row.digest or "" for row in _cut(rows, part)) if whole else ""
            start = stop


def _pack_name(digests: Iterable[str]) -> str:
    return digest_of("\n".join(digests).encode())


def _file(name: str, parts: Iterable[bytes], path: Path, made_of: str, *, encoding: str) -> File:
    """Write the parts to a file and return it as an upload."""
    sha256, length = hashlib.sha256(), 0
    with path.open("wb", buffering=1 << 20) as file:
        for part in parts:
            file.write(part)
            sha256.update(part)
            length += len(part)
    return File(
        key=name,
        body=path,
        length=length,
        md5="",
        sha256=sha256.hexdigest(),
        type=content_type(name),
        cache_control=cache_control(name),
        encoding=encoding,
        made_of=made_of,
    )
