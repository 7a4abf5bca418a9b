"""What the embed and the page of an episode show alike: chapters, transcripts, the apps that take a feed."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from podcast.model import Episode, Show
from podcast.site import Site, show_key, transcript_key

#: What opens a feed in an app, from each app's own notes for podcasters: {url} is the feed's address, {bare} the same without https://.
_APPS: Final = {
    "Apple Podcasts": "podcast://{bare}",
    "Overcast": "overcast://x-callback-url/add?url={url}",
    "Pocket Casts": "pktc://subscribe/{bare}",
    "AntennaPod": "https://antennapod.org/deeplink/subscribe?url={url}",
    "Podcast Addict": "podcastaddict://{bare}",
}


@dataclass(frozen=True, slots=True)
class ChapterRow:
    """A chapter that a listener may choose."""

    start: float
    title: str
    #: The chapter's picture, where it is one of our own files: nothing is loaded from anywhere else.
    picture: str | None


@dataclass(frozen=True, slots=True)
class TranscriptRow:
    """A transcript's language, and its addresses."""

    language: str
    vtt: str
    srt: str
    json: str


@dataclass(frozen=True, slots=True)
class App:
    """A podcast app, and the link that opens the show's feed in it."""

    name: str
    url: str


def chapter_rows(site: Site, episode: Episode) -> list[ChapterRow]:
    """Return the chapters that a listener may choose from."""
    return [ChapterRow(one.start, one.title, own_picture(site, one.image)) for one in episode.chapters if one.toc and one.title]


def own_picture(site: Site, url: str | None) -> str | None:
    """Return the address of a picture where it is one of our own files: nothing is loaded from anywhere else."""
    return url if url and url.startswith(site.base) else None


def transcript_rows(site: Site, episode: Episode) -> list[TranscriptRow]:
    """Return the addresses of each transcript."""
    return [
        TranscriptRow(one.language, *(site.url(transcript_key(episode, one, extension)) for extension in ("vtt", "srt", "json")))
        for one in episode.transcripts
    ]


def apps(site: Site, show: Show) -> list[App]:
    """Return the links that open the show's feed in an app."""
    feed = site.url(show_key(show.slug, "feed.xml"))
    bare = feed.partition("://")[2]
    return [App(name, pattern.format(url=quote(feed, safe=""), bare=bare)) for name, pattern in _APPS.items()]
