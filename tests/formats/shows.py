"""Feeds to hold others against: ``golden/NAME.toml`` is what a producer writes, ``golden/NAME.xml`` what apps get of it.

``[show]`` has the keys of show.toml, ``[[episodes]]`` those of a sidecar, ``[feed]`` those of podcast.toml. What would be
a file or measured stands there by itself: ``chapters`` is the text of such a file, ``transcripts`` names languages,
``cover`` one of two pictures, ``audio`` what differs from :data:`tests.make.AUDIO`.

``python -m tests.formats.shows`` writes the XML anew; read the difference before you commit it.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from podcast import __version__
from podcast.config import FeedSettings, convert, parse_toml
from podcast.formats import chapters
from podcast.formats.rss import render
from podcast.ingest import sidecar
from podcast.ingest.fields import EpisodeFields, ShowFields, Source, held
from podcast.model import Artwork, Episode, Show, Transcript
from podcast.shows import new_show
from podcast.site import Site
from tests.make import AUDIO, MOMENT, make_episode

SITE = Site("https://cdn.radio.example/")
GOLDEN = Path(__file__).parent / "golden"
FEEDS = tuple(sorted(path.stem for path in GOLDEN.glob("*.toml")))

COVER = Artwork(sha256="c0" * 32, md5="c1" * 16, length=90_000, media_type="image/jpeg", width=3000, height=3000)
PICTURE = Artwork(sha256="e0" * 32, md5="e1" * 16, length=50_000, media_type="image/png", width=1400, height=1400)
_COVERS = {"cover.jpg": COVER, "cover.png": PICTURE, None: None}


class _Show(ShowFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    slug: str


class _Episode(EpisodeFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    audio: dict[str, Any] = msgspec.field(default_factory=dict)
    renditions: tuple[dict[str, Any], ...] = ()
    changed: datetime = MOMENT


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    show: _Show
    episodes: tuple[_Episode, ...]
    feed: FeedSettings = FeedSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a feed is made of."""

    show: Show
    episodes: tuple[Episode, ...]
    settings: FeedSettings

    @property
    def twins(self) -> list[Show]:
        """Return the shows of other files that this one names as its twins."""
        return [show for show in (load(name).show for name in FEEDS) if show.slug in self.show.twins]

    def rendered(self) -> bytes:
        """Render it."""
        return render(self.show, self.episodes, SITE, twins=self.twins, simple_chapters=self.settings.simple_chapters)


@cache
def load(name: str) -> Feed:
    """Read one of the files."""
    path = GOLDEN / f"{name}.toml"
    source = Source(name=path.name, toml=path.read_text(encoding="utf-8"), folder=GOLDEN)
    found = convert(parse_toml(source.toml, _File, path.name), _File, path.name, source.toml)
    show = replace(new_show(held(found.show), SITE, None, MOMENT), artwork=_COVERS[found.show.cover])
    return Feed(show=show, episodes=tuple(_episode(show, fields, source) for fields in found.episodes), settings=found.feed)


def read(name: str) -> tuple[Show, tuple[Episode, ...]]:
    """Return the show of one of the files, and its episodes."""
    feed = load(name)
    return feed.show, feed.episodes


def golden(name: str) -> bytes:
    """Render one of the files, with the version of the program taken out."""
    return load(name).rendered().replace(f"<generator>podcast/{__version__}<".encode(), b"<generator>podcast/VERSION<")


def transcript(language: str) -> Transcript:
    """Make the facts of a transcript; the feed uses its language alone."""
    return Transcript(sha256="7a" * 32, md5="7b" * 16, length=4_000, language=language)


def _episode(show: Show, fields: _Episode, source: Source) -> Episode:
    plain = ("title", "slug", "notes", "season", "number", "type", "explicit", "link", "language", "block")
    given = {name: value for name, value in held(fields).items() if name in plain} | sidecar._elements(source, fields)
    assert isinstance(fields.date, datetime)
    assert fields.slug
    audio = {"sha256": hashlib.sha256(fields.slug.encode()).hexdigest()} | fields.audio
    return make_episode(
        **given,
        show=show.slug,
        published=fields.date.astimezone(UTC),
        audio=replace(AUDIO, **audio),
        renditions=tuple(replace(AUDIO, sha256=audio["sha256"], **one) for one in fields.renditions),
        artwork=_COVERS[fields.cover],
        chapters=chapters.parse(fields.chapters.encode()) if fields.chapters else (),
        transcripts=tuple(map(transcript, fields.transcripts)),
        changed=fields.changed,
    )


if __name__ == "__main__":
    for feed in FEEDS:
        (GOLDEN / f"{feed}.xml").write_bytes(golden(feed))
