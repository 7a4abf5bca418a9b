"""What a show and an episode are: frozen values in the words of RSS, iTunes and Podcasting 2.0.

No I/O and no clocks here. Units, everywhere in this project: a duration is whole seconds (``int``), a position
is seconds (``float``), a time is an aware UTC ``datetime``, a ``length`` is bytes, a bitrate is bits per second.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .elements import (
    Alternate,
    Block,
    Chat,
    ContentLink,
    Enclosure,
    Funding,
    Image,
    License,
    LiveItem,
    Location,
    Person,
    RemoteItem,
    Social,
    Soundbite,
    Trailer,
    Txt,
    UpdateFrequency,
    Value,
)

__all__ = [
    "Artwork",
    "Audio",
    "Category",
    "Chapter",
    "Cue",
    "Enclosure",
    "Episode",
    "EpisodeType",
    "Funding",
    "Owner",
    "Person",
    "Show",
    "ShowType",
    "Status",
    "Transcript",
    "format_duration",
]


class ShowType(StrEnum):
    """itunes:type."""

    EPISODIC = "episodic"
    SERIAL = "serial"


class EpisodeType(StrEnum):
    """itunes:episodeType."""

    FULL = "full"
    TRAILER = "trailer"
    BONUS = "bonus"


class Status(StrEnum):
    """Where an episode stands on its way to listeners.

    A ``draft`` may carry a date (from its file name, say) and still goes nowhere by itself. A ``scheduled`` episode
    has been approved and goes out at its date; ``published`` means that its files are verified in storage and that it
    stands in the feed; ``withdrawn`` was published once and was taken down.
    """

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """Facts measured on the bytes of an audio file, never taken from a header alone."""

    sha256: str
    md5: str
    length: int
    media_type: str
    duration: int
    bitrate: int
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a decode of all of an audio file found. Positions are in seconds."""

    #: Of the way in which it was measured.
    version: int
    #: 0 where nothing could be decoded.
    seconds: float
    #: EBU R 128; None where there is nothing but silence. Mono reads 3 LU less than the same in stereo.
    integrated_lufs: float | None
    range_lu: float
    true_peak_dbtp: float
    #: RMS of each channel, in dBFS; -120 for digital silence.
    channels: tuple[float, ...]
    #: Of two channels: 1 for the same in both, -1 for the same upside down; None where there are not two with sound.
    correlation: float | None = None
    #: Of two channels: how far their difference lies below what they have in common, in dB, negative.
    side: float | None = None
    #: Places of 50 ms in which peaks were cut off, and the first of them.
    clips: int = 0
    first_clip: float | None = None
    #: Silence before and behind the sound, and within it: from, to.
    lead: float = 0.0
    tail: float = 0.0
    gaps: tuple[tuple[float, float], ...] = ()
    #: Packets that could not be decoded.
    damaged: int = 0
    #: Loudness over time in LUFS, a point for so many seconds.
    loudness: tuple[float, ...] = ()
    loudness_step: float = 1.0
    #: The waveform as audiowaveform's .dat, 20 pairs a second.
    peaks: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artwork:
    """A picture in staging: JPEG or PNG, ``width`` and ``height`` in pixels."""

    sha256: str
    md5: str
    length: int
    media_type: str
    width: int
    height: int
    #: Whether it was drawn of the title, for want of a picture.
    drawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One object of JSON Chapters 1.2."""

    start: float
    title: str = ""
    end: float | None = None
    url: str | None = None
    image: str | None = None
    #: False hides the chapter from the table of contents.
    toc: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A span of a transcript; ``speaker`` is empty where the source names none."""

    start: float
    end: float
    text: str
    speaker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A transcript in staging, kept there as normalised WebVTT whatever it came as."""

    sha256: str
    md5: str
    length: int
    #: BCP 47.
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """itunes:owner. Apple dropped it; YouTube and Spotify refuse a feed without the email."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """itunes:category, from Apple's list."""

    text: str
    sub: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """An RSS channel."""

    slug: str
    #: podcast:guid; minted once, kept when the feed moves.
    guid: str
    title: str
    #: itunes:title: what Apple shows instead.
    short_title: str = ""
    description: str = ""
    #: The show's website; empty means the page that we publish.
    link: str = ""
    #: BCP 47.
    language: str = "en"
    author: str = ""
    owner: Owner | None = None
    categories: tuple[Category, ...] = ()
    explicit: bool = False
    type: ShowType = ShowType.EPISODIC
    copyright: str = ""
    artwork: Artwork | None = None
    persons: tuple[Person, ...] = ()
    funding: tuple[Funding, ...] = ()
    #: podcast:locked: yes tells other hosts not to import the feed.
    locked: bool = False
    #: podcast:medium; empty means podcast.
    medium: str = ""
    license: License | None = None
    locations: tuple[Location, ...] = ()
    images: tuple[Image, ...] = ()
    trailers: tuple[Trailer, ...] = ()
    value: tuple[Value, ...] = ()
    txt: tuple[Txt, ...] = ()
    social: tuple[Social, ...] = ()
    chat: Chat | None = None
    update_frequency: UpdateFrequency | None = None
    podroll: tuple[RemoteItem, ...] = ()
    publisher: RemoteItem | None = None
    #: What a feed that is a list, or a publisher's, consists of.
    remote_items: tuple[RemoteItem, ...] = ()
    live: tuple[LiveItem, ...] = ()
    #: podcast:podping: changes are announced there.
    podping: bool = False
    #: itunes:complete: no episode will ever follow.
    complete: bool = False
    #: itunes:block and podcast:block: hidden from every directory, but for what ``blocks`` says of some.
    block: bool = False
    blocks: tuple[Block, ...] = ()
    #: itunes:new-feed-url: where the feed has moved to.
    new_feed_url: str = ""
    #: Slugs of the shows that are the same programme in other languages; each of them names this one too.
    twins: tuple[str, ...] = ()
    #: Formats that have a feed of their own, made of the alternates: opus, aac, flac, mp3.
    formats: tuple[str, ...] = ()
    created: datetime
    #: The last change that listeners could see.
    changed: datetime

    @property
    def lists_feeds(self) -> bool:
        """Whether it is a publisher's or a list: its feed holds remote items, and never an episode."""
        return bool(self.remote_items) and (self.medium == "publisher" or self.medium.endswith("L"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """An RSS item, with the facts of its audio."""

    #: Slug of the show.
    show: str
    #: Unique in its show. Addresses are made of it: one that was published leads to the new ones when it changes.
    slug: str
    #: Minted once; never changes and is never used again.
    guid: str
    title: str
    #: itunes:title: the title without number and name of the show, which Apple shows beside it.
    short_title: str = ""
    #: Markdown.
    notes: str = ""
    status: Status = Status.DRAFT
    #: pubDate. On a draft: the date it would carry.
    published: datetime | None = None
    #: The wall time and zone that it was scheduled for, "2026-12-01T06:00 Asia/Bishkek", where these were given and no offset.
    #: ``published`` is reckoned from it, anew where a country changes its clocks.
    wall: str = ""
    season: int | None = None
    #: podcast:season: what the season is called.
    season_name: str = ""
    number: int | None = None
    #: podcast:episode: what apps show in the place of the number, such as "3½" or "Ch. 3". The number itself stays whole,
    #: as Apple wants it.
    number_display: str = ""
    type: EpisodeType = EpisodeType.FULL
    #: None means as the show.
    explicit: bool | None = None
    language: str | None = None
    #: The episode's page elsewhere; empty means the page that we publish.
    link: str = ""
    audio: Audio
    artwork: Artwork | None = None
    chapters: tuple[Chapter, ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    persons: tuple[Person, ...] = ()
    soundbites: tuple[Soundbite, ...] = ()
    license: License | None = None
    locations: tuple[Location, ...] = ()
    images: tuple[Image, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    value: tuple[Value, ...] = ()
    txt: tuple[Txt, ...] = ()
    social: tuple[Social, ...] = ()
    chat: Chat | None = None
    funding: tuple[Funding, ...] = ()
    content_links: tuple[ContentLink, ...] = ()
    #: itunes:block: hidden from Apple's directory.
    block: bool = False
    #: The same sound in other formats, as `produce` made them; the feed has them as alternate enclosures.
    renditions: tuple[Audio, ...] = ()
    #: Key of the audio, where it was stored under an earlier name of the episode; for ``site.media_key`` alone.
    media: str = ""
    created: datetime
    #: The last change that listeners could see.
    changed: datetime


def format_duration(seconds: int) -> str:
    """Write a duration as players show it.

    >>> format_duration(2092)
    '0:34:52'
    >>> format_duration(45000)
    '12:30:00'
    """
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}"
