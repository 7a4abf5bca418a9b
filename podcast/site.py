"""Where everything stands in storage and on the web: keys, and addresses made of them.

Keys are ASCII and are the same in a bucket and in a folder. What carries a hash in its name never changes.
Links name ``index.html``, since a bucket has no directory pages.
"""

import re
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from podcast.elements import Alternate, Integrity, Source
from podcast.model import Artwork, Audio, Enclosure, Episode, Show, Transcript

#: File endings by media type: what we accept, and what storage and server say about it.
EXTENSIONS: Final = {
    "audio/mpeg": "mp3",
    "audio/x-m4a": "m4a",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/aac": "aac",
    "audio/aiff": "aiff",
    "image/jpeg": "jpg",
    "image/png": "png",
}

_TYPES: Final = {
    "opml": "text/x-opml; charset=utf-8",
    "xml": "application/rss+xml; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "svg": "image/svg+xml",
    "webp": "image/webp",
} | {extension: media_type for media_type, extension in EXTENSIONS.items()}

IMMUTABLE: Final = "public, max-age=31536000, immutable"
FRESH: Final = "public, max-age=60, stale-while-revalidate=600, stale-if-error=86400"
FEED: Final = "public, max-age=300, stale-while-revalidate=3600, stale-if-error=86400"

#: Of the formats that we make beside MP3, by media type: what listeners choose by, and RFC 6381's name of the codec.
_RENDITIONS: Final = {"audio/ogg": ("Opus", "opus"), "audio/x-m4a": ("AAC", "mp4a.40.2")}

#: Slugs that an episode cannot have, since storage uses the names.
RESERVED: Final = frozenset({"media", "art", "embed", "assets", "feed", "latest", "episodes", "index"})

#: Pixels: how wide the copies of a cover are that pages, players and links show in its place. Nobody's is made larger.
WIDTHS: Final = (96, 256, 512, 1400)
#: Those that listeners see in pages and players: there is a WebP of each, with a quarter fewer bytes. Apps and blogs get JPEG.
SEEN: Final = (256, 512)

#: The project's own files, beside those of its shows and the player's.
HOME: Final = ("index.html", "podcasts.opml", "sitemap.xml")

_HASHED: Final = re.compile(r"[a-z0-9-]+/(?:media|art)/[a-z0-9-]*[0-9a-f]{12}(?:-\d+)?\.[a-z0-9]+")


def is_hashed(key: str) -> bool:
    """Tell whether a key has the form of a show's audio or picture, which no file of somebody else has by chance."""
    return _HASHED.fullmatch(key) is not None


def content_type(key: str) -> str:
    """Return the Content-Type of a key, by its ending."""
    if key.endswith("/chapters.json"):
        return "application/json+chapters; charset=utf-8"
    if key.endswith(".xml") and key.rpartition("/")[2].startswith("sitemap"):
        return "application/xml; charset=utf-8"
    return _TYPES.get(key.rpartition(".")[2], "application/octet-stream")


def cache_control(key: str) -> str:
    """Return the Cache-Control of a key: for ever where the name holds a hash, a minute or five elsewhere."""
    parts = key.split("/")
    if parts[0] == "assets" or (len(parts) == 3 and parts[1] in {"media", "art"}):
        return IMMUTABLE
    return FEED if parts[-1].endswith(".xml") else FRESH


@dataclass(frozen=True, slots=True)
class Site:
    """The public addresses of a project. ``base`` is absolute and ends in a slash."""

    base: str
    #: Whether feeds give out addresses that stay when the audio is replaced, which our server answers with where it is now.
    redirect: bool = False
    #: The time zone in which pages tell dates, an IANA name.
    zone: str = "UTC"

    def local(self, moment: datetime) -> datetime:
        """Return a moment as the clocks of the newsroom show it."""
        return moment.astimezone(ZoneInfo(self.zone))

    def url(self, key: str) -> str:
        """Return the address of a key."""
        return self.base + key

    def enclosure(self, episode: Episode) -> Enclosure:
        """Return what the feed says of the episode's audio."""
        media = self.media(episode)
        return replace(media, url=self.url(stable_key(episode))) if self.redirect else media

    def media(self, episode: Episode) -> Enclosure:
        """Return the audio where it is now, as our own players and pages fetch it."""
        audio = episode.audio
        return Enclosure(url=self.url(media_key(episode)), length=audio.length, type=audio.media_type)

    def alternates(self, episode: Episode) -> tuple[Alternate, ...]:
        """Return the episode's other enclosures: first what we made of its audio, then those that stand elsewhere."""
        return (*(self._alternate(episode, one) for one in episode.renditions), *episode.alternates)

    def _alternate(self, episode: Episode, rendition: Audio) -> Alternate:
        title, codec = _RENDITIONS[rendition.media_type]
        return Alternate(
            type=rendition.media_type,
            length=rendition.length,
            bitrate=rendition.bitrate,
            title=title,
            codecs=codec,
            sources=(Source(uri=self.url(rendition_key(episode, rendition))),),
            integrity=Integrity(type="sri", value=f"sha256-{b64encode(bytes.fromhex(rendition.sha256)).decode()}"),
        )

    def artwork(self, show: Show, episode: Episode | None = None) -> str | None:
        """Return the address of the episode's picture, or else the show's, or None."""
        picture = (episode.artwork if episode else None) or show.artwork
        return self.url(art_key(show.slug, picture)) if picture else None

    def covers(self, show: Show, episode: Episode | None = None) -> dict[int, str]:
        """Return, for each of WIDTHS, the address of the same picture or of its copy; nothing where there is no picture."""
        picture = (episode.artwork if episode else None) or show.artwork
        return {width: self.url(art_key(show.slug, picture, width)) for width in WIDTHS} if picture else {}

    def webp_covers(self, show: Show, episode: Episode | None = None) -> dict[int, str]:
        """Return, for those of SEEN that are narrower than the picture, the address of the WebP of it."""
        picture = (episode.artwork if episode else None) or show.artwork
        copies = copy_keys(show.slug, picture) if picture else {}
        return {width: self.url(key) for key, (width, ending) in copies.items() if ending == "webp"}

    def page(self, episode: Episode) -> str:
        """Return the address of the episode's page: its own link, or the page that we publish."""
        return episode.link or self.url(episode_key(episode, "index.html"))

    def show_page(self, show: Show) -> str:
        """Return the address of the show's website: its own link, or the page that we publish."""
        return show.link or self.url(f"{show.slug}/index.html")


def media_key(episode: Episode) -> str:
    """Return the key of the audio; other bytes are another key, and another name of the episode is not."""
    audio = episode.audio
    ending = f"-{audio.sha256[:12]}.{EXTENSIONS[audio.media_type]}"
    return episode.media if episode.media.endswith(ending) else f"{episode.show}/media/{episode.slug}{ending}"


def rendition_key(episode: Episode, rendition: Audio) -> str:
    """Return the key of the audio in another format: without a name, so beside the audio whatever the episode is called now."""
    show = episode.media.partition("/")[0] or episode.show
    return f"{show}/media/{rendition.sha256[:12]}.{EXTENSIONS[rendition.media_type]}"


def sound_keys(episode: Episode) -> dict[str, Audio]:
    """Return the keys of all audio of an episode, with what stands there."""
    return {media_key(episode): episode.audio} | {rendition_key(episode, one): one for one in episode.renditions}


def stable_key(episode: Episode) -> str:
    """Return where the server leads to the audio, whatever it is. It ends as the file does: Apple refuses others."""
    return f"a/{episode.show}/{episode.slug}.{EXTENSIONS[episode.audio.media_type]}"


def art_key(show: str, picture: Artwork, width: int | None = None, ending: str = "jpg") -> str:
    """Return the key of a picture of a show (``show`` is its slug), or of its copy of a ``width`` where it is wider than that."""
    if width and width < picture.width:
        return f"{show}/art/{picture.sha256[:12]}-{width}.{ending}"
    return f"{show}/art/{picture.sha256[:12]}-{picture.width}.{EXTENSIONS[picture.media_type]}"


def copy_keys(show: str, picture: Artwork) -> dict[str, tuple[int, str]]:
    """Return the keys of the smaller copies of a picture, each with its width and its ending: jpg or webp."""
    copies = [*((width, "jpg") for width in WIDTHS), *((width, "webp") for width in SEEN)]
    return {art_key(show, picture, width, ending): (width, ending) for width, ending in copies if width < picture.width}


def show_key(show: str, name: str) -> str:
    """Return the key of one of a show's own files: feed.xml, index.html, latest.json, embed/latest.html …"""
    return f"{show}/{name}"


def episode_key(episode: Episode, name: str) -> str:
    """Return the key of one of an episode's own files: index.html, embed.html, episode.json, chapters.json …"""
    return f"{episode.show}/{episode.slug}/{name}"


def page_key(path: str) -> str:
    """Return the key of the page at a path without slashes around it, as a bucket can have it."""
    return path if path.endswith(".html") else f"{path}/index.html"


def transcript_key(episode: Episode, transcript: Transcript, extension: str) -> str:
    """Return the key of a transcript; the first one in the list is plain, a further language carries its code."""
    first = episode.transcripts[0].language == transcript.language
    name = "transcript" if first else f"transcript-{transcript.language}"
    return episode_key(episode, f"{name}.{extension}")
