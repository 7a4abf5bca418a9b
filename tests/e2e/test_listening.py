"""A listener meets the embed on a blog page, presses play, and hears the episode."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from .conftest import Project

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("chromium")]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


def test_the_latest_episode_plays_at_a_click_and_nothing_is_fetched_before(served: Project, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(served.base + "majlis/embed/latest.html", wait_until="networkidle")
    text = page.inner_text("body")
    for words in ("Podcast: Majlis", "Latest episode", "Kyrgyzstan’s Kings Of Corruption", "0:34:52"):
        assert words in text
    assert [] == [url for url in asked if "/media/" in url]
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.5")
    assert 2092 == round(page.evaluate("document.querySelector('audio').duration"))
    assert [] != [url for url in asked if "/media/" in url]
    assert {served.base.rstrip("/")} == {url[: len(served.base) - 1] for url in asked}


def test_a_missing_file_says_that_there_is_no_source(served: Project, page: Page) -> None:
    episode = served.json("view", "welcome")
    file = served.root / "public" / "majlis" / "media" / episode["enclosure"]["url"].rpartition("/")[2]
    hidden = file.rename(file.with_suffix(".away"))
    try:
        page.goto(served.base + "majlis/welcome-to-majlis/embed.html")
        assert "No media source currently available" not in page.inner_text("body")
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("() => document.body.innerText.includes('No media source currently available')")
    finally:
        hidden.rename(file)


def test_the_pages_of_every_episode_open_without_an_error(served: Project, page: Page) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(served.base + "majlis/index.html")
    links = page.eval_on_selector_all("a[href*='/index.html']", "found => found.map(one => one.href)")
    assert 4 <= len(set(links))
    for link in sorted(set(links)):
        answer = page.goto(link)
        assert answer
        assert 200 == answer.status
    assert [] == errors
