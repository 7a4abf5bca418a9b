"""One payload in every text that the model has, and a real browser that opens all that is served of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from functools import partial
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Error, Page, Request, Route

from podcast.formats import rss
from podcast.player import assets, episode_files, render_home, show_files
from podcast.server.app import create_app
from podcast.site import Site
from podcast.storage.memory import MemoryStorage
from tests.player.test_html import CUES, FULL_EPISODE, FULL_SHOW, NO_TEXT, XSS
from tests.serving import ask, serving, store

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

#: What would run, and what would be fetched.
PAYLOAD: Final = XSS + '<img src="http://evil.example/x.png">'
MEDIA: Final = "majlis/media/kings-of-corruption-abababababab.mp3"
EVERYTHING_OPENED: Final = """() => {
    document.querySelectorAll("details").forEach(part => part.open = true);
    document.querySelectorAll("button").forEach(button => button.click());
    document.querySelectorAll("input[type=search]").forEach(field => {
        field.value = "svg";
        field.dispatchEvent(new Event("input", {bubbles: true}));
    });
}"""


def poisoned(value: Any, name: str = "") -> Any:
    """Return the value with the payload in all of its texts at once."""
    if name in NO_TEXT or isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return PAYLOAD
    if isinstance(value, tuple):
        return tuple(poisoned(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: poisoned(getattr(value, field.name), field.name) for field in fields(value) if field.init})
    return value


@dataclass(frozen=True)
class Served:
    base: str
    keys: list[str]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    storage = MemoryStorage()
    show, episode = poisoned(FULL_SHOW), poisoned(FULL_EPISODE)
    with serving(lambda base: create_app(storage, base_url=base)) as base:
        site = Site(base)
        files = episode_files(site, show, episode, {PAYLOAD: [poisoned(cue) for cue in CUES["en"]]}) | show_files(site, show, [episode])
        files |= {"index.html": render_home(site, [show]), "majlis/feed.xml": rss.render(show, [episode], site)}
        for key, body in {**files, **dict(assets()), MEDIA: b"no audio"}.items():
            store(storage, key, body)
        yield Served(base, sorted(files))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as context:
        yield context


def test_no_script_runs_and_nobody_else_is_asked_whatever_is_opened(served: Served, context: BrowserContext) -> None:
    ran: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    foreign: list[str] = []
    context.expose_function("xss", partial(ran.append, "xss"))
    page = context.new_page()
    context.on("dialog", dismiss)
    opened = ""

    def watch(route: Route, request: Request) -> None:
        if request.url.startswith(served.base):
            route.continue_()
        else:
            foreign.append(f"{opened}: {request.url}")
            route.abort()

    context.route("**/*", watch)
    for opened in addresses(served):
        try:
            page.goto(served.base + opened, wait_until="load")
        except Error as exc:
            if "Download is starting" not in str(exc):
                raise
        else:
            page.evaluate(EVERYTHING_OPENED)
    for opened in (f"oembed?url={served.base}majlis/", "majlis/kings-of-corruption/oembed.json"):
        put_into_a_blog(page, json.loads(ask(served.base, f"/{opened}").body)["html"])

    assert [] == ran
    assert [] == foreign


def addresses(served: Served) -> Iterator[str]:
    """Yield what can be asked for: each file, what the server makes by itself, and no's that might repeat the question."""
    assert len(served.keys) > 10
    yield from served.keys
    for show in ("majlis/", "majlis/kings-of-corruption/"):
        for form in ("json", "xml"):
            yield f"oembed?url={served.base}{show}&format={form}"
    yield from ("api/v1/shows/majlis/latest", "api/v1/shows/majlis/episodes/kings-of-corruption", "openapi.json")
    for path in ("majlis/kings-of-corruption/embed.html", "majlis/embed/latest.html", "majlis/nothing/embed.html", "nothing", "oembed"):
        yield f"{path}?theme={PAYLOAD}&color={PAYLOAD}&lang={PAYLOAD}&url={PAYLOAD}&format={PAYLOAD}#t={PAYLOAD}"


def put_into_a_blog(page: Page, code: str) -> None:
    page.set_content(f"<!doctype html><title>A blog</title>{code}")
    page.frames[-1].wait_for_load_state("load")
