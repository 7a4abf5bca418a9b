"""The elements of Podcasting 2.0 that hold more than a word, a value class each, in the words of the specification.

A field is named as its attribute (``startTime`` is ``start_time``); what stands between the tags is ``text``, ``name``
or ``title``. What each may hold is ruled by ``formats/namespaces.py``. Times are aware, positions and spans seconds.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """podcast:person; role and group are names of the Podcasting 2.0 taxonomy, in small letters."""

    name: str
    role: str = "host"
    group: str = "cast"
    href: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """podcast:funding."""

    url: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """podcast:license: a name of the specification's list, or one's own with the address of its text."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """podcast:location; ``rel`` is subject (what it is about) or creator (where it was made)."""

    name: str
    rel: str | None = None
    #: RFC 5870: geo:42.87,74.59.
    geo: str | None = None
    #: OpenStreetMap: R2566100.
    osm: str | None = None
    #: ISO 3166: kg.
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """podcast:image: a picture or film kept elsewhere, beside the cover."""

    href: str
    alt: str | None = None
    #: 16/9, as in CSS.
    aspect_ratio: str | None = None
    width: int | None = None
    height: int | None = None
    type: str | None = None
    #: artwork, social, canvas, banner, publisher, circular, or names of an app; several with spaces.
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """podcast:trailer."""

    title: str
    url: str
    pubdate: datetime
    length: int | None = None
    type: str | None = None
    season: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundbite:
    """podcast:soundbite: 15 to 120 seconds of the episode that are good to be heard alone."""

    start_time: float
    duration: float
    title: str = ""

    def within(self, duration: int) -> bool:
        """Say whether it ends with an episode of so many whole seconds, or before."""
        return self.start_time + self.duration <= duration + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """podcast:source: one of the places of the same file; http, https, ipfs or magnet."""

    uri: str
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity:
    """podcast:integrity; ``type`` is sri or pgp-signature."""

    type: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """podcast:alternateEnclosure: the episode, or what goes with it, as another file."""

    type: str
    length: int | None = None
    #: Bits per second.
    bitrate: float | None = None
    height: int | None = None
    #: BCP 47.
    lang: str | None = None
    title: str | None = None
    rel: str | None = None
    codecs: str | None = None
    default: bool = False
    sources: tuple[Source, ...]
    integrity: Integrity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteItem:
    """podcast:remoteItem: another feed by its podcast:guid, or an item of it."""

    feed_guid: str
    feed_url: str | None = None
    item_guid: str | None = None
    medium: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """podcast:valueRecipient; ``split`` is a number of shares."""

    type: str
    address: str
    split: int
    name: str | None = None
    custom_key: str | None = None
    custom_value: str | None = None
    fee: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSplit:
    """podcast:valueTimeSplit: for a while others are paid, named here or by a remote item."""

    start_time: float
    duration: float
    remote_start_time: float | None = None
    #: 0 to 100.
    remote_percentage: int | None = None
    remote_item: RemoteItem | None = None
    recipients: tuple[Recipient, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """podcast:value: how listeners may pay; an episode's takes the place of the show's."""

    type: str = "lightning"
    method: str = "keysend"
    #: A decimal in the currency of the type, as it is to be written.
    suggested: str | None = None
    recipients: tuple[Recipient, ...]
    time_splits: tuple[TimeSplit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Txt:
    """podcast:txt; Apple's proof of ownership has the purpose applepodcastsverify."""

    text: str
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """podcast:block for one service, named as in the specification's list; False lets it in where all others are not."""

    id: str
    blocked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Social:
    """podcast:socialInteract: the post whose answers are the comments; the protocol "disabled" alone wants none."""

    protocol: str
    uri: str | None = None
    account_id: str | None = None
    account_url: str | None = None
    #: The lowest comes first.
    priority: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """podcast:chat."""

    server: str
    protocol: str
    account_id: str | None = None
    space: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFrequency:
    """podcast:updateFrequency; ``rrule`` is one of iCalendar's: FREQ=WEEKLY;BYDAY=MO."""

    text: str
    complete: bool = False
    dtstart: datetime | None = None
    rrule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentLink:
    """podcast:contentLink: where else it can be heard or seen."""

    href: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """Where listeners fetch the audio: exactly the three attributes of RSS."""

    url: str
    length: int
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveItem:
    """podcast:liveItem: a stream, announced, running or ended; ``guid`` stays as long as it is the same stream.

    It has no description: readers that do not know live items take that for the show's.
    """

    status: str
    start: datetime
    end: datetime | None = None
    title: str
    guid: str
    enclosure: Enclosure
    content_links: tuple[ContentLink, ...]
    season: int | None = None
    number: int | None = None
    persons: tuple[Person, ...] = ()
    funding: tuple[Funding, ...] = ()
    license: License | None = None
    locations: tuple[Location, ...] = ()
    images: tuple[Image, ...] = ()
    alternates: tuple[Alternate, ...] = ()
    value: tuple[Value, ...] = ()
    social: tuple[Social, ...] = ()
    chat: Chat | None = None
