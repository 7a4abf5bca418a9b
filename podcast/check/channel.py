"""Rules about the channel of a feed: what makes directories take a show."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from podcast.errors import UsageError
from podcast.formats.apple import CATEGORIES
from podcast.formats.feed_reader import Tag
from podcast.formats.text import language, safe_url

from .places import Place, link
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
    website = place.tag.value("link")
    if not website:
        yield "The show has no link"
    elif safe_url(website) is None:
        yield f"The show's link is “{website[:80]}”, which is no web address"


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
    else:
        if "_" in given:
            yield f"The language is “{given[:40]}”: its parts are joined by hyphens"


@CHANNEL.rule(
    "psp1.self.missing", Level.WARNING, "A feed names its own address", source="PSP-1", remedy="Write <atom:link rel=“self” href=…>"
)
def _self(place: Place) -> Iterator[str]:
    if safe_url(link(place.tag, "self")) is None:
        yield "There is no atom:link with rel=“self” and an address"


@CHANNEL.rule(
    "psp1.self.type",
    Level.NOTICE,
    "The feed's own address is said to be of RSS",
    source="PSP-1",
    remedy="Write type=“application/rss+xml” into that atom:link",
)
def _self_type(place: Place) -> Iterator[str]:
    for tag in place.tag.all("atom:link"):
        if tag.attributes.get("rel") == "self" and tag.attributes.get("type") != "application/rss+xml":
            yield f"The type of the atom:link with rel=“self” is “{tag.attributes.get('type', '')[:40]}”"


@CHANNEL.rule(
    "rss.channel.first",
    Level.NOTICE,
    "What is about the show stands before the items",
    source="practice",
    remedy="Write the items last: some apps stop reading at the first",
)
def _first(place: Place) -> Iterator[str]:
    names = [tag.name for tag in place.tag.children]
    behind = [name for name in names[names.index("item") :] if name != "item"] if "item" in names else []
    if behind:
        yield f"Behind the first item stands <{behind[0][:60]}>"


@CHANNEL.rule(
    "rss.image.same",
    Level.NOTICE,
    "RSS's own image has the show's title and link",
    source="RSS 2.0",
    remedy="Write the show's title and link there",
)
def _same_image(place: Place) -> Iterator[str]:
    image = place.tag.first("image")
    for name in ("title", "link") if image else ():
        own, other = place.tag.value(name), image.value(name) if image else ""
        if own and other and own != other:
            yield f"The {name} of <image> is “{other[:60]}”"


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


@CHANNEL.rule(
    "podcasting20.guid.version",
    Level.NOTICE,
    "The podcast:guid is a UUID of version 5",
    source="Podcasting 2.0",
    remedy="Leave it where apps know the show by it already; for a new show, make it of the feed's address",
)
def _version(place: Place) -> Iterator[str]:
    guid = place.tag.value("podcast:guid")
    if _UUID.fullmatch(guid) and guid[14] != "5":
        yield f"The podcast:guid is of version {guid[14]}"


@CHANNEL.rule(
    "apple.block.yes", Level.NOTICE, "A show that is to be found is not blocked", source="Apple", remedy="podcast show edit --no-block"
)
def _blocked(place: Place) -> Iterator[str]:
    if place.tag.value("itunes:block").lower() == "yes":
        yield "The show is blocked by itunes:block: Apple does not list it"


@CHANNEL.rule(
    "apple.moved",
    Level.NOTICE,
    "A feed that has not moved names no new address",
    source="Apple",
    remedy="Right where the show moves: keep a 301 from here to there for ever",
)
def _moved(place: Place) -> Iterator[str]:
    new, here = place.tag.value("itunes:new-feed-url"), link(place.tag, "self")
    if new and new != here:
        yield f"The feed says that the show is at {new[:100]} now: apps go there"


_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
#: Relations by which a feed of several pages holds together (RFC 5005).
_PAGES: Final = ("first", "last", "next", "prev", "previous", "prev-archive", "next-archive", "current")
_PAGED: Final = "A feed that `podcast publish` divides by [feed] limit is right in this; in another one, mend the program that writes it"


@CHANNEL.rule("feed.page.address", Level.WARNING, "Links between the pages of a feed are absolute", source="RFC 5005", remedy=_PAGED)
def _page_address(place: Place) -> Iterator[str]:
    for tag in place.tag.all("atom:link"):
        if tag.attributes.get("rel") in _PAGES and safe_url(tag.attributes.get("href", "")) is None:
            yield f"The link to the page “{tag.attributes['rel']}” is “{tag.attributes.get('href', '')[:80]}”"


@CHANNEL.rule(
    "feed.page.missing", Level.WARNING, "Each page of a feed names the first and the last", source="RFC 5005, AntennaPod", remedy=_PAGED
)
def _page_missing(place: Place) -> Iterator[str]:
    found = {name for name in _PAGES if link(place.tag, name)}
    wanted = ["first", "last"] if found & {"next", "prev", "previous"} else []
    wanted += ["current"] if place.tag.first("fh:archive") else []
    missing = [f"“{name}”" for name in wanted if name not in found]
    if missing:
        yield f"The feed has pages, and no link to {', '.join(missing)}"


@CHANNEL.rule("feed.page.archive", Level.WARNING, "An archive page says that it is one", source="RFC 5005", remedy=_PAGED)
def _page_archive(place: Place) -> Iterator[str]:
    current = link(place.tag, "current")
    if current and current != link(place.tag, "self") and not place.tag.first("fh:archive"):
        yield "The feed names another one as the current one, and has no fh:archive"


@CHANNEL.rule("feed.page.loop", Level.ERROR, "No page of a feed leads to itself", source="RFC 5005", remedy=_PAGED)
def _page_loop(place: Place) -> Iterator[str]:
    here = link(place.tag, "self")
    for name in ("next", "prev", "previous", "prev-archive", "next-archive"):
        if here and link(place.tag, name) == here:
            yield f"The page “{name}” is this one: readers go round in circles"
