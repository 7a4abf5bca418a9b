from collections.abc import Iterator
from typing import Final

import pytest

from podcast.server.app import create_app
from podcast.storage.memory import MemoryStorage
from tests.serving import serving, store

MEDIA: Final = "/majlis/media/kings-of-corruption-abababababab.mp3"
AUDIO: Final = bytes(index * 7 % 251 for index in range(100_000))
FEED: Final = b'<?xml version="1.0"?><rss version="2.0"><channel>' + b"<item></item>" * 500 + b"</channel></rss>"
PAGE: Final = b"<!doctype html><title>A page</title>" + b"<p>text</p>" * 100

FILES: Final = {
    MEDIA[1:]: AUDIO,
    "majlis/feed.xml": FEED,
    "majlis/latest.json": b'{"title": "Kings"}\n',
    "majlis/index.html": PAGE,
    "majlis/embed/latest.html": PAGE,
    "majlis/kings-of-corruption/index.html": PAGE,
    "majlis/kings-of-corruption/embed.html": PAGE,
    "majlis/kings-of-corruption/chapters.json": b'{"version": "1.2.0"}',
    "majlis/kings-of-corruption/transcript.vtt": b"WEBVTT\n",
    "majlis/art/abababababab-1400.jpg": b"\xff\xd8\xff" + bytes(2000),
    "majlis/media/empty-abababababab.mp3": b"",
    "assets/player-abababababab.js": b"// a script\n" * 100,
    "index.html": PAGE,
}


@pytest.fixture(scope="session")
def storage() -> MemoryStorage:
    storage = MemoryStorage()
    for key, body in FILES.items():
        store(storage, key, body)
    return storage


@pytest.fixture(scope="session")
def base(storage: MemoryStorage) -> Iterator[str]:
    with serving(lambda base: create_app(storage, base_url=base)) as base:
        yield base
