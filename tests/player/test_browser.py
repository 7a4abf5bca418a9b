"""The embed in a real Chromium: what plays, what it says, what it asks for, and what it never does."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from podcast.site import episode_key, show_key
from tests.player.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("chromium")]

LATEST = "majlis/embed/latest.html"
NOTHING = "No media source currently available"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def press_play(frame: Page | Frame) -> None:
    frame.get_by_role("button", name="Play", exact=True).click()


def wait_for_position(frame: Page | Frame, seconds: float) -> None:
    frame.wait_for_function("seconds => document.querySelector('audio').currentTime > seconds", arg=seconds)


def in_a_frame(page: Page, blog: str, address: str) -> Frame:
    """Open somebody's page with the player in a frame that may run scripts and nothing else."""
    page.goto(f"{blog}?frame={quote(address, safe='')}")
    frame = page.frame(url=address)
    assert frame
    return frame


def test_the_card_names_show_episode_and_the_catalogues_duration(page: Page, stage: Stage) -> None:
    page.goto(stage.site.url(LATEST))

    assert "Podcast: Majlis · Latest episode" == page.locator(".label").inner_text()
    assert stage.episode.title == page.get_by_role("heading").inner_text()
    assert "0:34:52" == page.locator(".duration").inner_text()


def test_no_audio_is_asked_for_before_the_click_and_then_it_plays(page: Page, stage: Stage) -> None:
    stage.media.clear()
    page.goto(stage.site.url(LATEST))
    page.wait_for_load_state("networkidle")
    assert [] == stage.media

    press_play(page)
    wait_for_position(page, 0.2)

    assert stage.media
    assert "playing" == page.locator("html").get_attribute("data-state")
    assert "" == page.get_by_role("status").inner_text()


def test_pausing_and_ending_are_states(page: Page, stage: Stage) -> None:
    page.goto(stage.site.url(f"{LATEST}#t=399"))
    html = page.locator("html")
    expect(html).to_have_attribute("data-state", "idle")

    page.evaluate("document.querySelector('audio').play()")
    expect(html).to_have_attribute("data-state", "playing")
    page.evaluate("document.querySelector('audio').pause()")
    expect(html).to_have_attribute("data-state", "paused")
    page.evaluate("document.querySelector('audio').play()")
    expect(html).to_have_attribute("data-state", "ended")


@pytest.mark.parametrize("slug", ["gone", "broken"])
def test_a_file_that_is_gone_or_no_audio_says_so(page: Page, stage: Stage, slug: str) -> None:
    page.goto(stage.site.url(f"majlis/{slug}/embed.html"))
    status = page.get_by_role("status")
    assert "" == status.inner_text()

    press_play(page)

    expect(status).to_have_text(NOTHING)
    expect(page.locator("html")).to_have_attribute("data-state", "empty")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_try_again_goes_on_where_it_broke_off(page: Page, stage: Stage) -> None:
    page.route("**/*.mp3", lambda route: route.abort("connectionreset"))
    page.goto(stage.site.url(f"{LATEST}#t=310"))
    press_play(page)
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("The audio could not be loaded")

    page.unroute("**/*.mp3")
    again.press("Enter")

    wait_for_position(page, 310.1)
    expect(page.locator(".play")).to_be_focused()
    expect(again).to_be_hidden()
    expect(page.get_by_role("status")).to_have_text("")


def test_trying_again_keeps_the_place_that_was_reached(page: Page, stage: Stage) -> None:
    page.goto(stage.site.url(f"{LATEST}#t=200"))
    press_play(page)
    wait_for_position(page, 200.1)
    page.evaluate("document.querySelector('audio').currentTime = 310")

    page.evaluate("document.querySelector('.retry').click()")

    wait_for_position(page, 310.1)


def test_a_network_that_is_down_is_not_a_missing_file(page: Page, context: BrowserContext, stage: Stage) -> None:
    page.goto(stage.site.url(LATEST))
    context.set_offline(True)

    press_play(page)

    expect(page.get_by_role("status")).to_have_text("The audio could not be loaded")
    expect(page.locator("html")).to_have_attribute("data-state", "error")


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize(
    ("key", "state", "words", "plain"),
    [
        ("majlis/withdrawn/embed.html", "withdrawn", "This episode is no longer available", "This episode is no longer available"),
        ("pargar/embed/latest.html", "empty", "در حال حاضر فایلی برای پخش در دسترس نیست", "در حال حاضر فایلی برای پخش در دسترس نیست"),
        ("majlis/next-week/embed.html", "scheduled", "Not available yet", NOTHING),
    ],
)
def test_where_nothing_is_to_play_it_is_said_with_and_without_script(
    browser: Browser, stage: Stage, key: str, state: str, words: str, plain: str, javascript: bool
) -> None:
    context = browser.new_context(java_script_enabled=javascript)
    page = context.new_page()
    page.goto(stage.site.url(key))

    shown = page.get_by_role("status").aria_snapshot()

    assert (words if javascript else plain) in shown
    assert 0 == page.locator("audio").count()
    assert not javascript or state == page.locator("html").get_attribute("data-state")
    context.close()


@pytest.mark.parametrize(("fragment", "seconds"), [("#t=310", 310), ("#t=5:10", 310), ("#t=0:05:10.5", 310.5), ("#t=310,400", 310)])
def test_the_address_names_where_to_begin(page: Page, stage: Stage, fragment: str, seconds: float) -> None:
    page.goto(stage.site.url(LATEST + fragment))

    press_play(page)
    wait_for_position(page, seconds)

    assert seconds + 5 > page.evaluate("document.querySelector('audio').currentTime")


def test_a_chapter_of_the_page_plays_from_its_start(page: Page, stage: Stage) -> None:
    page.goto(stage.site.url(episode_key(stage.episode, "index.html")))

    page.get_by_role("link", name="The letter").click()

    wait_for_position(page, 310.1)


def test_it_plays_in_the_strictest_frame_of_another_origin(page: Page, stage: Stage, blog: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    frame = in_a_frame(page, blog, stage.site.url(f"{LATEST}#t=5:10"))

    press_play(frame)
    wait_for_position(frame, 310.1)

    assert "null" == frame.evaluate("self.origin")
    assert "playing" == frame.locator("html").get_attribute("data-state")
    assert [] == complaints
    frame.get_by_role("link", name="Pop-out player").click()  # which this frame may not open: so the sound goes on
    assert not frame.evaluate("document.querySelector('audio').paused")


def test_a_missing_file_says_so_in_the_strictest_frame(page: Page, stage: Stage, blog: str) -> None:
    frame = in_a_frame(page, blog, stage.site.url(episode_key(stage.gone, "embed.html")))

    press_play(frame)

    expect(frame.get_by_role("status")).to_have_text(NOTHING)


def test_only_an_embed_can_be_framed(page: Page, stage: Stage, blog: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{blog}?frame={quote(stage.site.url('majlis/index.html'), safe='')}")

    assert "Majlis" not in page.frames[1].content()
    assert ["frame-ancestors 'none'"] == [part for text in complaints for part in re.findall("frame-ancestors 'none'", text)]


def test_without_javascript_the_native_controls_play_the_file(browser: Browser, stage: Stage) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(stage.site.url(LATEST))
    audio = page.locator("audio")
    stage.media.clear()

    assert "" == audio.get_attribute("controls")
    assert stage.site.enclosure(stage.episode).url == audio.get_attribute("src")
    with page.expect_response("**/*.mp3") as answer:
        audio.click(position={"x": 22, "y": 22})
    assert 206 == answer.value.status
    context.close()


def test_the_system_is_told_what_plays(page: Page, stage: Stage) -> None:
    page.goto(stage.site.url(LATEST))
    press_play(page)
    wait_for_position(page, 0.1)

    metadata = page.evaluate(
        "({title, artist, album, artwork} = navigator.mediaSession.metadata, {title, artist, album, art: artwork[0].src})"
    )

    assert {
        "title": stage.episode.title,
        "artist": "Majlis",
        "album": "Introduction",
        "art": stage.site.webp_covers(stage.show)[256],
    } == metadata


def test_the_pop_out_goes_on_from_here_in_its_own_window(page: Page, stage: Stage, blog: str) -> None:
    page.goto(blog)
    page.evaluate(
        "src => { const f = document.querySelector('iframe'); f.removeAttribute('sandbox'); f.src = src }", stage.site.url(LATEST)
    )
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Play", exact=True).click()
    inner = page.frame(url=re.compile("latest"))
    assert inner
    inner.evaluate("document.querySelector('audio').currentTime = 310")
    wait_for_position(inner, 310.1)

    with page.expect_popup() as popup:
        frame.get_by_role("link", name="Pop-out player").click()

    assert stage.site.url(episode_key(stage.episode, "embed.html#t=310")) == popup.value.url
    assert inner.evaluate("document.querySelector('audio').paused")
    assert popup.value.get_by_role("link", name="Pop-out player").is_hidden()


@pytest.mark.parametrize(
    "key", [LATEST, "majlis/kings-of-corruption/embed.html", "majlis/kings-of-corruption/index.html", "majlis/index.html", "index.html"]
)
def test_a_page_asks_nobody_else_and_keeps_nothing(context: BrowserContext, stage: Stage, key: str) -> None:
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))

    page.goto(stage.site.url(key))
    if page.locator("audio").count():
        press_play(page)
        wait_for_position(page, 0.1)

    assert [] == [url for url in asked if not url.startswith(stage.site.base)]
    assert [] == complaints
    assert [] == context.cookies()
    assert 0 == page.evaluate("localStorage.length + sessionStorage.length")


@pytest.mark.parametrize("key", [LATEST, "majlis/kings-of-corruption/index.html", "majlis/index.html", "index.html"])
def test_nothing_is_cut_off_at_320_pixels(page: Page, stage: Stage, key: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(stage.site.url(key))

    assert 320 == page.evaluate("document.documentElement.scrollWidth")


def test_the_keyboard_reaches_everything_visibly(page: Page, stage: Stage) -> None:
    page.goto(stage.site.url(LATEST))
    reached = []
    for _ in range(15):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("[document.activeElement.localName, getComputedStyle(document.activeElement).outlineStyle]"))

    assert {"a", "button", "input", "select", "summary"} == {name for name, _ in reached}
    assert {"solid"} == {outline for _, outline in reached}


def test_no_date_is_told_in_another_language_than_the_page_s(page: Page, stage: Stage) -> None:
    address = stage.site.url(show_key("majlis", "index.html"))
    page.route(address, lambda route: route.fulfill(response=(got := route.fetch()), body=got.text().replace('lang="en"', 'lang="tlh"')))

    page.goto(address)

    assert "2026-11-25 · 0:34:52" == page.locator("ol .label").first.inner_text()


def test_the_show_page_lists_its_episodes_and_its_feed(page: Page, stage: Stage) -> None:
    page.goto(stage.site.url(show_key("majlis", "index.html")))

    titles = page.locator("ol h3").all_inner_texts()

    assert [stage.episode.title, stage.gone.title, stage.broken.title] == titles
    assert "November 25, 2026 · 0:34:52" == page.locator("ol .label").first.inner_text()
    assert stage.site.url("majlis/feed.xml") == page.get_by_role("link", name="RSS feed").get_attribute("href")
