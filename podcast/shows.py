"""A new show from what a producer says of it, and changes to it: every value checked and cleaned at this one place."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from podcast.catalogue import Catalogue
from podcast.elements import Block, Funding, License, Location, Person, RemoteItem, Txt
from podcast.errors import UsageError
from podcast.formats import apple
from podcast.formats.namespaces import feed_guid
from podcast.formats.paging import FORMATS
from podcast.formats.shapes import OF_SHOW, checked, checked_text
from podcast.formats.text import clean, language, safe_url, slug
from podcast.ingest.artwork import read_artwork, store_artwork
from podcast.ingest.fields import ShowFields, held, parse, read_source
from podcast.ingest.staging import Staging
from podcast.model import Artwork, Owner, Show, ShowType
from podcast.site import RESERVED, Site, show_key

#: Bytes of the description and characters of the others, by PSP-1; the feed's writer would cut them.
_LIMITS: Final = {"title": 255, "author": 255, "copyright": 255, "description": 4000}
#: Fields of values of Podcasting 2.0, with the element that holds them.
_ELEMENTS: Final = dict.fromkeys(("persons", "funding", "remote_items", "blocks", "live", *OF_SHOW), "channel") | {
    "podroll": "podcast:podroll",
    "publisher": "podcast:publisher",
}
_SWITCHES: Final = ("explicit", "locked", "podping", "complete", "block")
#: Addresses that every machine has.
_HERE: Final = {"localhost", "127.0.0.1", "::1"}


def new_show(values: Mapping[str, Any], site: Site, staging: Staging | None, now: datetime) -> Show:
    """Make a show from the given fields; UsageError for one that makes no sense.

    ``values`` holds title, and perhaps slug and whatever :func:`show_fields` takes.
    """
    title = _text("title", values.get("title") or "")
    if not title:
        raise UsageError("A show needs a title.", hint='Give --title "…".')
    name = values.get("slug") or slug(title, fallback="show")
    if name in RESERVED or name != slug(name, fallback=""):
        raise UsageError(f"{name!r} cannot be the name of a show in addresses.", hint="Use a-z, 0-9 and hyphens, 3 of them or more.")
    feed = site.url(show_key(name, "feed.xml"))
    # The specification derives it from the feed's address; one on this machine is everybody's, and so is left to the first publish.
    guid = str(uuid4()) if urlsplit(feed).hostname in _HERE else feed_guid(feed)
    show = Show(slug=name, guid=guid, title=title, created=now, changed=now)
    return replace(show, **show_fields(values, show, staging))


def show_fields(values: Mapping[str, Any], show: Show, staging: Staging | None) -> dict[str, Any]:
    """Turn what was given into fields of a show; what was not given (None) stays out. UsageError for what is wrong.

    ``values`` holds the model's fields, but for email (the owner's), categories (a list of "News" or "News > Politics")
    and cover (a path). Elements of Podcasting 2.0 are values of :mod:`podcast.elements`, or short texts as the flags
    of the command line take them: "URL TEXT", "NAME:ROLE".
    """
    given = {name: value for name, value in values.items() if value is not None}
    fields: dict[str, Any] = {name: _text(name, given[name]) for name in _LIMITS if name in given}
    if not fields.get("title", "x"):
        raise UsageError("A show needs a title.", hint='Give --title "…".')
    fields |= {name: check(given[name]) for name, check in _CHECKS.items() if name in given}
    if "email" in given:
        fields["owner"] = _owner(given["email"], given.get("author") or show.author or fields.get("title", show.title))
    fields |= {name: given[name] for name in _SWITCHES if name in given}
    fields |= {name: checked_elements(parent, name, given[name]) for name, parent in _ELEMENTS.items() if name in given}
    if "cover" in given and staging:
        fields["artwork"], _ = read_artwork(Path(given["cover"]), staging)
    return fields


def drawn_cover(show: Show, colour: str | None, staging: Staging) -> Artwork:
    """Stage a cover that is drawn of a show's title and a colour; UsageError for no colour."""
    from podcast.ingest.cover import draw_cover

    artwork, _ = store_artwork(draw_cover(show.title, show.language, colour), staging, "the cover")
    return replace(artwork, drawn=True)


def change_show(catalogue: Catalogue, slug: str, fields: Mapping[str, Any], now: datetime) -> Show:
    """Change a show, and with it its twins, which name each other, in one transaction; UsageError for twins that cannot be."""
    with catalogue.transaction():
        before = catalogue.show(slug)
        after = replace(before, **{name: fields[name] for name in ("language", "twins") if name in fields})
        if after != before:
            for one, twins in _families(before, after, {show.slug: show for show in catalogue.shows()}).items():
                catalogue.change_show(one, now, twins=twins)
        return catalogue.change_show(slug, now, **{name: value for name, value in fields.items() if name != "twins"})


def remove_show(catalogue: Catalogue, slug: str, now: datetime) -> None:
    """Remove a show that was never published; its twins name it no more."""
    with catalogue.transaction():
        change_show(catalogue, slug, {"twins": ()}, now)
        catalogue.remove_show(slug)


def _families(before: Show, after: Show, shows: Mapping[str, Show]) -> dict[str, tuple[str, ...]]:
    """Return the twins of each show that a change of one's twins concerns.

    Who is named anew brings its own twins along; those that are named no more stay behind, together.
    """
    for name in after.twins:
        if name == after.slug or name not in shows:
            what = "A show cannot be its own twin" if name == after.slug else f"There is no show {name!r}"
            raise UsageError(f"{what}.", hint="`podcast show list` shows them.")
    old, new = {before.slug, *before.twins}, {after.slug, *after.twins}
    new.update(*(shows[name].twins for name in new - old))
    languages: dict[str, str] = {}
    for name in sorted(new):
        language = (after if name == after.slug else shows[name]).language
        if languages.setdefault(language.lower(), name) != name:
            raise UsageError(
                f"{languages[language.lower()]} and {name} are both in {language}.", hint="Twins are one programme in several languages."
            )
    return {name: tuple(sorted(family - {name})) for family in (old - new, new) for name in family}


def fields_of_file(path: Path, show: Show) -> dict[str, Any]:
    """Read a file of fields, as :func:`show_fields` takes them; MediaError, with the line, for what that would refuse."""
    source = read_source(path)
    fields = parse(source, ShowFields)
    values = held(fields) | ({"cover": source.file("cover", fields.cover)} if fields.cover else {})
    for name, value in values.items():
        source.each(name, value, partial(_element, _ELEMENTS[name], name) if name in _ELEMENTS else partial(_alone, name, show))
    return values


def _alone(name: str, show: Show, value: object) -> dict[str, Any]:
    return show_fields({name: value}, show, None)


def checked_url(value: str) -> str:
    """Return a web address fit for a feed, or raise UsageError."""
    url = safe_url(value)
    if url is None:
        raise UsageError(f"{value!r} is no web address.", hint="Write it whole: https://radio.example/majlis")
    return url


def _text(name: str, value: str) -> str:
    text = clean(value, limit=1 << 20, lines=name == "description")
    length, unit = (len(text.encode()), "bytes") if name == "description" else (len(text), "characters")
    if length > _LIMITS[name]:
        raise UsageError(f"The {name} has {length:,} {unit}, and may have {_LIMITS[name]:,}.", hint="Shorten it: directories cut it.")
    return text


def _link(value: str) -> str:
    return checked_url(value) if value else ""


def _owner(email: str, name: str) -> Owner | None:
    if not email:
        return None
    local, at, host = email.strip().rpartition("@")
    if not (at and local and "." in host) or any(character.isspace() for character in email.strip()):
        raise UsageError(f"{email!r} is no e-mail address.", hint="Spotify and YouTube send a code to it, so it must work.")
    return Owner(name=name, email=clean(email, limit=255))


def _formats(given: Iterable[str]) -> tuple[str, ...]:
    formats = tuple(dict.fromkeys(one for one in given if one))
    unknown = next((one for one in formats if one not in FORMATS), None)
    if unknown:
        raise UsageError(f"There is no feed of the format {unknown!r}.", hint=f"It is one of {', '.join(FORMATS)}.")
    return formats


def checked_elements(parent: str, name: str, given: Any) -> Any:  # noqa: ANN401
    """Check the values of one field, short texts among them; an empty text is none."""
    if not isinstance(given, tuple | list):
        return _element(parent, name, given) if given else None
    return tuple(_element(parent, name, one) for one in given if one)


def _element(parent: str, name: str, given: Any) -> Any:  # noqa: ANN401
    value = SHORT[name](given) if isinstance(given, str) else given
    if isinstance(value, RemoteItem) and name == "publisher":
        value = replace(value, medium="publisher")
    return checked(parent, value)


def _funding(given: str) -> Funding:
    url, _, text = given.strip().partition(" ")
    return Funding(url=url, text=text.strip())


def _person(given: str) -> Person:
    name, colon, role = given.rpartition(":")
    return Person(name=name, role=role) if colon else Person(name=given)


def _license(given: str) -> License:
    name, _, url = given.strip().partition(" ")
    return License(name=name, url=url.strip() or None)


def _txt(given: str) -> Txt:
    # What ends in = is base64, not a purpose.
    match = re.fullmatch(r"([a-z-]{1,128})=(.*[^=].*)", given.strip(), re.DOTALL)
    return Txt(text=match[2], purpose=match[1]) if match else Txt(text=given)


#: How a flag's text becomes a value, by the field.
SHORT: Final[dict[str, Callable[[str], Any]]] = {
    "funding": _funding,
    "persons": _person,
    "license": _license,
    "locations": lambda given: Location(name=given),
    "txt": _txt,
    "blocks": lambda given: Block(id=given),
}
#: How the value of a field becomes that of the model.
_CHECKS: Final[dict[str, Callable[[Any], Any]]] = {
    "short_title": partial(checked_text, "channel", "short_title"),
    "link": _link,
    "language": language,
    "categories": lambda given: tuple(map(apple.category, given)),
    "type": ShowType,
    "medium": partial(checked_text, "channel", "medium"),
    "twins": lambda given: tuple(name for name in given if name),
    "formats": _formats,
    "new_feed_url": _link,
}
