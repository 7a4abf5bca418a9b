"""Shows and episodes with sensible defaults, for tests that care about one field of them."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from podcast.model import Audio, Category, Episode, Owner, Show, Status

MOMENT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)

AUDIO = Audio(
    sha256="ab" * 32,
    md5="cd" * 16,
    length=33_472_000,
    media_type="audio/mpeg",
    duration=2092,
    bitrate=128_000,
    sample_rate=44_100,
    channels=1,
)

SHOW = Show(
    slug="majlis",
    guid="9b024349-ccf0-5f69-a609-6b82873eab3c",
    title="Majlis",
    description="Talk about Central Asia",
    language="en",
    author="Radio Free",
    owner=Owner(name="Radio Free", email="podcasts@radio.example"),
    categories=(Category(text="News", sub="Politics"),),
    created=MOMENT,
    changed=MOMENT,
)


def make_show(**fields: Any) -> Show:
    """Make the show Majlis with some fields of your own."""
    return replace(SHOW, **fields)


def make_episode(slug: str = "kings-of-corruption", **fields: Any) -> Episode:
    """Make a published episode with some fields of your own; the guid follows from show and slug."""
    show = fields.get("show", "majlis")
    given: dict[str, Any] = {
        "show": show,
        "slug": slug,
        "guid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{show}/{slug}")),
        "title": "Kyrgyzstan’s Kings Of Corruption",
        "status": Status.PUBLISHED,
        "published": MOMENT,
        "audio": AUDIO,
        "created": MOMENT,
        "changed": MOMENT,
    }
    return Episode(**(given | fields))
