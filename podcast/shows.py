"""A new show from what a producer says of it, and changes to it: every value checked and cleaned at this one place."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from podcast.errors import UsageError
from podcast.formats.namespaces import feed_guid
from podcast.formats.text import clean, language, safe_url, slug
from podcast.ingest.artwork import read_artwork
from podcast.ingest.staging import Staging
from podcast.model import Category, Owner, Show, ShowType
from podcast.site import RESERVED, Site, show_key

#: RSS and PSP-1 bound the description to 4,000 bytes; titles are cut far below by every app.
_LIMITS = {"title": 255, "author": 255, "copyright": 255, "description": 4000}


def new_show(values: Mapping[str, Any], site: Site, staging: Staging | None, now: datetime) -> Show:
    """Make a show from the given fields; UsageError for one that makes no sense.

    ``values`` holds title, and perhaps slug, link, author, email, owner, language, categories (a list of "News" or
    "News > Politics"), description, explicit, type, copyright, locked, cover (a path).
    """
    title = clean(values.get("title") or "", limit=_LIMITS["title"])
    if not title:
        raise UsageError("A show needs a title.", hint='Give --title "…".')
    name = values.get("slug") or slug(title, fallback="show")
    if name in RESERVED or name != slug(name, fallback=""):
        raise UsageError(f"{name!r} cannot be the name of a show in addresses.", hint="Use a-z, 0-9 and hyphens, 3 characters or more.")
    show = Show(slug=name, guid=feed_guid(site.url(show_key(name, "feed.xml"))), title=title, created=now, changed=now)
    return replace(show, **show_fields(values, show, staging))


def show_fields(values: Mapping[str, Any], show: Show, staging: Staging | None) -> dict[str, Any]:
    """Turn what was given into fields of a show; what was not given (None) stays out."""
    given = {name: value for name, value in values.items() if value is not None}
    fields: dict[str, Any] = {
        name: clean(given[name], limit=limit, lines=name == "description") for name, limit in _LIMITS.items() if name in given
    }
    if not fields.get("title", "x"):
        raise UsageError("A show needs a title.", hint='Give --title "…".')
    if "link" in given:
        fields["link"] = checked_url(given["link"]) if given["link"] else ""
    if "language" in given:
        fields["language"] = language(given["language"])
    if "email" in given:
        fields["owner"] = _owner(given["email"], given.get("author") or show.author or fields.get("title", show.title))
    if "categories" in given:
        fields["categories"] = tuple(_category(text) for text in given["categories"])
    if "type" in given:
        fields["type"] = ShowType(given["type"])
    fields |= {name: given[name] for name in ("explicit", "locked") if name in given}
    if "cover" in given and staging:
        fields["artwork"], _ = read_artwork(Path(given["cover"]), staging)
    return fields


def checked_url(value: str) -> str:
    """Return a web address fit for a feed, or raise UsageError."""
    url = safe_url(value)
    if url is None:
        raise UsageError(f"{value!r} is no web address.", hint="Write it whole: https://radio.example/majlis")
    return url


def _owner(email: str, name: str) -> Owner | None:
    if not email:
        return None
    local, at, host = email.strip().rpartition("@")
    if not (at and local and "." in host) or any(character.isspace() for character in email.strip()):
        raise UsageError(f"{email!r} is no e-mail address.", hint="Spotify and YouTube send a code to it, so it must work.")
    return Owner(name=name, email=clean(email, limit=255))


def _category(text: str) -> Category:
    main, _, sub = (clean(part, limit=100) for part in text.partition(">"))
    if not main:
        raise UsageError("A category is empty.", hint='Write "News" or "News > Politics".')
    return Category(text=main, sub=sub or None)
