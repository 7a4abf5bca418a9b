"""A publish that has nothing to do costs one request for each public show, and renders nothing."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from podcast.formats import rss
from podcast.player import data, render
from tests.proxy import Proxy, proxied
from tests.servers import S3Server

from .conftest import Podcast

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("ministack")]


@pytest.fixture
def proxy(ministack: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Let the project of the test publish into MiniStack, through a proxy that counts."""
    with proxied(ministack.endpoint) as proxy:
        for name, value in ministack.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PODCAST_STORAGE_URL", f"s3://{ministack.make_bucket()}/{secrets.token_hex(4)}")
        monkeypatch.setenv("PODCAST_STORAGE_ENDPOINT", proxy.endpoint)
        yield proxy


@pytest.fixture
def renders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that names whatever is rendered from now on."""
    seen: list[str] = []
    for module, name in ((rss, "render_item"), (rss, "render_head"), (rss, "_generator"), (render, "_render"), (data, "_encode")):

        def noted(*words: object, real: object = getattr(module, name), name: str = name, **more: object) -> object:
            seen.append(name)
            return real(*words, **more)  # type: ignore[operator]

        monkeypatch.setattr(module, name, noted)
    return seen


def test_nothing_to_do_is_a_request_for_each_public_show_and_no_render(
    podcast: Podcast, proxy: Proxy, speech: Path, renders: list[str]
) -> None:
    podcast("show", "add", "--title", "Majlis Ky", "--author", "Radio", "--email", "a@radio.example", "--category", "News > Politics")
    podcast("show", "add", "--title", "Never public", "--author", "Radio", "--email", "a@radio.example", "--category", "News > Politics")
    for show in ("majlis", "majlis-ky"):
        podcast("add", speech, "--show", show)
        podcast("publish", "welcome-to-majlis", "--show", show, "--yes")
    podcast("publish", "--yes")
    feeds = sorted({request for request in proxy.requests if request.startswith("HEAD") and request.endswith("/feed.xml")})
    assert 2 == len(feeds)
    assert {"render_item", "render_head", "_generator", "_render", "_encode"} == set(renders)
    renders.clear()
    for words in (["publish"], ["publish", "--yes", "--json"], ["publish", "--dry-run"], ["publish", "--show", "majlis"]):
        proxy.requests.clear()
        assert podcast(*words).code == 0
        assert feeds == sorted(proxy.requests), words
        assert [] == renders, words
