"""The search in a show's list: in a bucket, with our server, and without JavaScript."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from podcast.catalogue import open_catalogue
from podcast.ingest.staging import Staging
from podcast.publish import older
from podcast.publish.press import Press
from podcast.server.app import create_app
from podcast.site import Site
from tests.make import MOMENT, make_show
from tests.publish.conftest import House, Watched
from tests.serving import serving

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("chromium")]

#: Oldest first: the first two stand on an older page.
TITLES = ("Straße und Sprache", "رودخانهٔ کرج", "Bread", "ΟΔΟΣ", "Bread and Salt")


@pytest.fixture(scope="module", params=["bucket", "server"])
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Open the page of a show with five episodes, two to a part; the notes of one tell of a river."""
    folder: Path = tmp_path_factory.mktemp("search")
    storage = Watched()
    with open_catalogue(f"sqlite:///{folder / 'catalogue.db'}", create=True) as catalogue, pytest.MonkeyPatch.context() as patch:
        patch.setattr(older, "SIZE", 2)
        answering = catalogue if request.param == "server" else None
        with serving(lambda base: create_app(storage, base_url=base, catalogue=answering)) as base:
            house = House(Press(catalogue=catalogue, storage=storage, staging=Staging(folder / "staging"), site=Site(base)), storage)
            catalogue.add_show(make_show())
            for day, title in enumerate(TITLES):
                notes = "All about a river." if title == "Bread" else ""
                house.add(f"talk-{day}", title=title, notes=notes, published=MOMENT + timedelta(days=day - 9))
            house.publish(*(f"talk-{day}" for day in range(len(TITLES))), now=MOMENT)
            opened = browser.new_page()
            opened.goto(f"{base}majlis/index.html")
            yield opened
            opened.close()


def shown(page: Page) -> list[str]:
    return page.locator(".list li:visible a").all_inner_texts()


def test_words_are_found_on_every_page_whatever_their_case_and_script(page: Page) -> None:
    field, told = page.get_by_role("searchbox", name="Search the episodes"), page.get_by_role("status")
    expect(page.get_by_role("link", name="Older episodes")).to_be_visible()
    assert ["Bread and Salt", "ΟΔΟΣ", "Bread"] == shown(page)

    for words, found in {
        "STRASSE sprache": ["Straße und Sprache"],
        "οδος": ["ΟΔΟΣ"],
        "كرج": ["رودخانهٔ کرج"],
        "ｂｒｅａｄ": ["Bread and Salt", "Bread"],
        "2026-11-16": ["Straße und Sprache"],
        "nowhere": [],
    }.items():
        field.fill(words)
        expect(told).to_have_text(f"Found: {len(found)}")
        assert found == shown(page), words

    expect(page.get_by_role("link", name="Older episodes")).to_be_hidden()
    field.fill("")
    expect(told).to_be_empty()
    assert ["Bread and Salt", "ΟΔΟΣ", "Bread"] == shown(page)


def test_a_server_knows_the_notes_too(page: Page, request: pytest.FixtureRequest) -> None:
    is_server = "server" in request.node.callspec.id
    page.get_by_role("searchbox").fill("river")

    expect(page.get_by_role("status")).to_have_text(f"Found: {int(is_server)}")
    assert (["Bread"] if is_server else []) == shown(page)


def test_without_javascript_the_list_stands(page: Page, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(page.url)
    expect(plain.get_by_role("searchbox")).to_be_hidden()
    plain.get_by_role("link", name="Older episodes").click()

    expect(plain.get_by_role("heading", level=3)).to_have_text(["رودخانهٔ کرج", "Straße und Sprache"])
    context.close()
