"""Rules about the channel of a feed: what makes directories take a show."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from podcast.errors import UsageError
from podcast.formats.apple import CATEGORIES
from podcast.formats.feed_reader import Tag
from podcast.formats.text import language, safe_url

from .places import Place
from .rules import Level, Table

_DESCRIPTION: Final = 4000
_PICTURES: Final = (".jpg", ".jpeg", ".png")
_COPYRIGHT: Final = re.compile(r"\s*(?:copyright|©|\(c\)|℗)", re.IGNORECASE)

CHANNEL: Final = Table[Place]("channel")


@CHANNEL.rule("rss.title.missing", Level.ERROR, "A show has a title", source="RSS 2.0, Apple", remedy="podcast show edit --title TEXT")
def _title(place: Place) -> Iterator[str]:
    if not place.tag.value("title"):
        yield "The show has no title"


@CHANNEL.rule("rss.link.missing", Level.ERROR, "A show has a website", source="RSS 2.0, PSP-1", remedy="podcast show edit --link URL")
def _link(place: Place) -> Iterator[str]:
    link = place.tag.value("link")
    if not link:
        yield "The show has no link"
    elif safe_url(link) is None:
        yield f"The show's link is “{link[:80]}”, which is no web address"


@CHANNEL.rule(
    "rss.description.missing",
    Level.ERROR,
    "A show has a description",
    source="RSS 2.0, Apple",
    remedy="podcast show edit --description TEXT",
)
def _description(place: Place) -> Iterator[str]:
    if not place.tag.value("description"):
        yield "The show has no description"


@CHANNEL.rule("psp1.show.description", Level.WARNING, "The description has at most 4,000 bytes", source="PSP-1, Apple", remedy="Shorten it")
def _long_description(place: Place) -> Iterator[str]:
    length = len(place.tag.value("description").encode())
    if length > _DESCRIPTION:
        yield f"The description has {length:,} bytes"


@CHANNEL.rule(
    "rss.description.title",
    Level.WARNING,
    "The description says more than the title",
    source="Apple",
    remedy="podcast show edit --description TEXT",
)
def _same(place: Place) -> Iterator[str]:
    if place.tag.value("title") and place.tag.value("title") == place.tag.value("description"):
        yield "The description only repeats the title"


@CHANNEL.rule(
    "rss.channel.once", Level.WARNING, "Title, link, description and language stand once", source="RSS 2.0", remedy="Keep one of them"
)
def _once(place: Place) -> Iterator[str]:
    for name in ("title", "link", "description", "language"):
        if len(place.tag.all(name)) > 1:
            yield f"<{name}> stands {len(place.tag.all(name))} times"


@CHANNEL.rule(
    "rss.language.missing", Level.ERROR, "A show names its language", source="Apple, PSP-1", remedy="podcast show edit --language TAG"
)
def _language(place: Place) -> Iterator[str]:
    if not place.tag.value("language"):
        yield "The show names no language"


@CHANNEL.rule(
    "rss.language.invalid",
    Level.ERROR,
    "The language is a tag of BCP 47",
    source="Apple",
    remedy="podcast show edit --language TAG: en, ky, ar-EG",
)
def _tag(place: Place) -> Iterator[str]:
    given = place.tag.value("language")
    try:
        language(given or "en")
    except UsageError:
        yield f"The language is “{given[:40]}”"


@CHANNEL.rule(
    "psp1.self.missing", Level.WARNING, "A feed names its own address", source="PSP-1", remedy="Write <atom:link rel=“self” href=…>"
)
def _self(place: Place) -> Iterator[str]:
    links = [link for link in place.tag.all("atom:link") if link.attributes.get("rel") == "self"]
    if not any(safe_url(link.attributes.get("href", "")) for link in links):
        yield "There is no atom:link with rel=“self” and an address"


@CHANNEL.rule(
    "rss.image", Level.NOTICE, "RSS's own image has address, title and link", source="RSS 2.0", remedy="podcast show edit --cover FILE"
)
def _image(place: Place) -> Iterator[str]:
    image = place.tag.first("image")
    missing = [name for name in ("url", "title", "link") if not (image and image.value(name))]
    if missing:
        yield f"<image> has no {', '.join(missing)}: old players show no picture"


@CHANNEL.rule("apple.artwork.missing", Level.ERROR, "A show has a cover", source="Apple, Spotify", remedy="podcast show edit --cover FILE")
def _artwork(place: Place) -> Iterator[str]:
    if not _cover(place.tag):
        yield "The show has no cover"


@CHANNEL.rule(
    "apple.artwork.address",
    Level.WARNING,
    "The cover's address ends in .jpg, .jpeg or .png",
    source="Apple",
    remedy="Publish it under such a name",
)
def _artwork_address(place: Place) -> Iterator[str]:
    cover = _cover(place.tag)
    if cover and (safe_url(cover) is None or not urlsplit(cover).path.lower().endswith(_PICTURES)):
        yield f"The cover is at “{cover[:100]}”"


def _cover(channel: Tag) -> str:
    image = channel.first("itunes:image")
    return image.attributes.get("href", "").strip() if image else ""


@CHANNEL.rule(
    "apple.category.missing",
    Level.ERROR,
    "A show has a category",
    source="Apple, PSP-1",
    remedy='podcast show edit --category "News > Politics"',
)
def _category(place: Place) -> Iterator[str]:
    if not any(tag.attributes.get("text") for tag in place.tag.all("itunes:category")):
        yield "The show has no category"


@CHANNEL.rule(
    "apple.category.unknown",
    Level.ERROR,
    "Categories are in Apple's list",
    source="Apple",
    remedy='podcast show edit --category "News > Politics"',
)
def _unknown_category(place: Place) -> Iterator[str]:
    for tag in place.tag.all("itunes:category"):
        main = tag.attributes.get("text", "")
        if main and main not in CATEGORIES:
            yield f"“{main[:60]}” is no category of Apple's"
        for child in tag.all("itunes:category"):
            sub = child.attributes.get("text", "")
            if main in CATEGORIES and sub not in CATEGORIES[main]:
                yield f"“{sub[:60]}” is no category below “{main}”"


@CHANNEL.rule(
    "apple.explicit.missing",
    Level.ERROR,
    "A show says whether its language is strong",
    source="Apple, PSP-1",
    remedy="podcast show edit --no-explicit",
)
def _explicit(place: Place) -> Iterator[str]:
    if not place.tag.value("itunes:explicit"):
        yield "There is no itunes:explicit"


@CHANNEL.rule("spotify.author.missing", Level.ERROR, "A show has an author", source="Spotify", remedy="podcast show edit --author NAME")
def _author(place: Place) -> Iterator[str]:
    if not place.tag.value("itunes:author"):
        yield "The show has no author: Spotify refuses the feed"


@CHANNEL.rule(
    "youtube.owner.missing",
    Level.WARNING,
    "A show names its owner's e-mail address",
    source="YouTube, Spotify",
    remedy="podcast show edit --email ADDRESS",
)
def _owner(place: Place) -> Iterator[str]:
    owner = place.tag.first("itunes:owner")
    if not (owner and owner.value("itunes:email")):
        yield "The show names no e-mail address of its owner: YouTube and Spotify cannot verify it"


@CHANNEL.rule(
    "psp1.guid.missing",
    Level.NOTICE,
    "A show has a podcast:guid",
    source="PSP-1",
    remedy="Write the UUID of the feed that its first address gives",
)
def _guid(place: Place) -> Iterator[str]:
    if not place.tag.value("podcast:guid"):
        yield "The show has no podcast:guid: nothing holds it together when its feed moves"


@CHANNEL.rule(
    "psp1.locked.missing", Level.NOTICE, "A show says whether others may import it", source="PSP-1", remedy="podcast show edit --locked"
)
def _locked(place: Place) -> Iterator[str]:
    if not place.tag.value("podcast:locked"):
        yield "There is no podcast:locked"


@CHANNEL.rule(
    "psp1.copyright",
    Level.NOTICE,
    "The copyright is without the word and the sign",
    source="PSP-1",
    remedy="podcast show edit --copyright NAME",
)
def _copyright(place: Place) -> Iterator[str]:
    if _COPYRIGHT.match(place.tag.value("copyright")):
        yield f"The copyright is “{place.tag.value('copyright')[:60]}”: apps put a sign before it"
