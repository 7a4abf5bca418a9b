"""The page at an old address, as it lies in a bucket: a browser goes on from it, in a frame and without scripts too."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from podcast.formats.moved import to_html
from tests.web import Web, serve_pages

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("chromium")]

HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def bucket() -> Iterator[Web]:
    """Serve files as a bucket does, which knows nothing of old addresses."""
    with serve_pages() as web:
        for name in ("index", "embed"):
            to = web.url(f"/majlis/new/{name}.html")
            web.pages[f"/majlis/old/{name}.html"] = (200, HTML, to_html(to, "Коррупция <паша>", "ky"))
            web.pages[f"/majlis/new/{name}.html"] = (200, HTML, f"<!doctype html><title>New</title><p>The new {name}".encode())
        yield web


@pytest.mark.parametrize("scripts", [True, False])
def test_a_browser_goes_on_by_itself(browser: Browser, bucket: Web, scripts: bool) -> None:
    page = browser.new_page(java_script_enabled=scripts)
    page.goto(bucket.url("/majlis/old/index.html"))
    page.wait_for_url(bucket.url("/majlis/new/index.html"))

    assert "The new index" == page.inner_text("p")
    page.close()


def test_the_player_in_a_strict_frame_goes_on(browser: Browser, bucket: Web, blog: str) -> None:
    page = browser.new_page()
    page.goto(f"{blog}?frame={bucket.url('/majlis/old/embed.html')}")
    page.frame_locator("iframe").get_by_text("The new embed").wait_for()
    page.close()


def test_where_it_may_not_there_is_a_link_with_the_title(browser: Browser, bucket: Web) -> None:
    page = browser.new_page()
    page.set_content(f'<iframe sandbox src="{bucket.url("/majlis/old/embed.html")}"></iframe>')
    link = page.frame_locator("iframe").get_by_role("link")

    assert ("Коррупция <паша>", bucket.url("/majlis/new/embed.html")) == (link.inner_text(), link.get_attribute("href"))
    page.close()
