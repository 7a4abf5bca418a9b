"""An address of audio that stays leads to where the audio is now (302), for GET and HEAD, and nowhere for what is not public."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from podcast.player.data import episode_json
from podcast.server.app import create_app
from podcast.site import FRESH, Site, media_key, stable_key
from podcast.storage.memory import MemoryStorage
from tests.make import make_episode, make_show
from tests.serving import ask, serving, store

FIRST = make_episode()
OTHER = replace(FIRST, audio=replace(FIRST.audio, sha256="cd" * 32))


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def base(storage: MemoryStorage) -> Iterator[str]:
    with serving(lambda base: create_app(storage, base_url=base)) as base:
        yield base


def put(storage: MemoryStorage, base: str, episode: object) -> None:
    assert isinstance(episode, type(FIRST))
    store(storage, "majlis/kings-of-corruption/episode.json", episode_json(Site(base, redirect=True), make_show(), episode))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", [f"/{stable_key(FIRST)}", "/a/majlis/kings-of-corruption.m4a"])
def test_it_leads_to_the_audio_as_it_is_now_whatever_its_ending_was(storage: MemoryStorage, base: str, method: str, path: str) -> None:
    for episode in (FIRST, OTHER):
        put(storage, base, episode)
        answer = ask(base, path, method=method)
        assert (302, f"{base}{media_key(episode)}") == (answer.status, answer.headers["location"])
        assert (FRESH, "*") == (answer.headers["cache-control"], answer.headers["access-control-allow-origin"])


@pytest.mark.parametrize(
    "path",
    ["/a/majlis/unknown.mp3", "/a/other/kings-of-corruption.mp3", "/a/majlis/kings-of-corruption", "/a/majlis/x/kings-of-corruption.mp3"],
)
def test_it_leads_nowhere_for_what_is_not_public(storage: MemoryStorage, base: str, path: str) -> None:
    put(storage, base, FIRST)
    assert 404 == ask(base, path).status


def test_a_query_leads_nowhere_else(storage: MemoryStorage, base: str) -> None:
    put(storage, base, FIRST)
    answer = ask(base, f"/{stable_key(FIRST)}?url=https://evil.example/&r=//evil.example")
    assert f"{base}{media_key(FIRST)}" == answer.headers["location"]
