"""What a listener and the page around can do with the embed, and what they cannot."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, expect

from tests.player.conftest import CUES, HOSTILE, Stage

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("chromium")]

EMBED: Final = "majlis/kings-of-corruption/embed.html"


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


def audio(frame: Page | Frame, what: str) -> Any:
    return frame.evaluate(f"document.querySelector('audio').{what}")


def wait_for(frame: Page | Frame, condition: str) -> None:
    frame.wait_for_function(f"() => (audio => {condition})(document.querySelector('audio'))")


def open_embed(page: Page, stage: Stage, tail: str = "") -> Page:
    page.goto(stage.site.url(EMBED + tail))
    expect(page.locator("html")).to_have_attribute("data-state", "idle")
    return page


def test_buttons_skip_and_set_speed_and_volume(page: Page, stage: Stage) -> None:
    open_embed(page, stage, "#t=100")

    page.get_by_role("button", name="Back 15 seconds").click()
    assert 85 == audio(page, "currentTime")
    page.get_by_role("button", name="Forward 30 seconds").click()
    assert 115 == audio(page, "currentTime")
    page.get_by_label("Speed").select_option("1.5×")
    page.get_by_label("Volume").fill("0.3")
    page.get_by_role("button", name="Mute").click()

    assert (1.5, 0.3, True) == (audio(page, "playbackRate"), audio(page, "volume"), audio(page, "muted"))
    expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")


def test_keys_do_what_the_buttons_do_unless_a_control_has_them_for_itself(page: Page, stage: Stage) -> None:
    open_embed(page, stage, "#t=100")
    page.get_by_role("slider", name="Position").focus()

    for key in ("ArrowLeft", "m", ">", ">", "<", "Control+ArrowRight", "Alt+ArrowLeft"):
        page.keyboard.press(key)
    assert (85, True, 1.25) == (audio(page, "currentTime"), audio(page, "muted"), audio(page, "playbackRate"))
    page.keyboard.press("ArrowRight")
    assert 115 == audio(page, "currentTime")
    page.keyboard.press("k")
    wait_for(page, "!audio.paused")
    page.keyboard.press(" ")
    wait_for(page, "audio.paused")
    page.locator("summary", has_text="Share").focus()
    page.keyboard.press(" ")
    assert audio(page, "paused")
    page.keyboard.press("m")
    page.get_by_label("Volume").focus()
    place = audio(page, "currentTime")
    page.keyboard.press("ArrowLeft")
    assert (place, 0.95) == (audio(page, "currentTime"), audio(page, "volume"))


def test_on_a_page_the_keys_are_the_pages_outside_of_the_player(page: Page, stage: Stage) -> None:
    page.goto(stage.site.url("majlis/kings-of-corruption/index.html#t=100"))

    page.keyboard.press("ArrowRight")
    assert 100 == audio(page, "currentTime")
    page.get_by_label("Speed").focus()
    page.get_by_role("button", name="Mute").focus()
    page.keyboard.press("ArrowRight")
    assert 130 == audio(page, "currentTime")


def test_the_bar_says_where_it_is_and_seeks(page: Page, stage: Stage) -> None:
    open_embed(page, stage, "#t=310")
    bar = page.get_by_role("slider", name="Position")
    expect(bar).to_have_attribute("aria-valuetext", "0:05:10 / 0:34:52")
    box = bar.bounding_box()
    assert box

    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)

    assert 1046 == pytest.approx(audio(page, "currentTime"), abs=5)
    assert "0:17:2" == page.locator(".times span").first.inner_text()[:6]


def test_the_waveform_is_the_bar_where_the_data_names_one(page: Page, stage: Stage) -> None:
    open_embed(page, stage)
    expect(page.locator(".wave path")).to_have_count(2)
    heights = page.evaluate("document.querySelector('.wave path').getAttribute('d').match(/v[\\d.]+/g).map(one => +one.slice(1))")

    assert page.locator(".bar").evaluate("bar => Math.floor(bar.clientWidth / 4)") == len(heights)
    assert 40 == pytest.approx(max(heights), abs=1)
    assert 2 <= min(heights) < 8
    page.goto(stage.site.url("majlis/gone/embed.html"))
    expect(page.locator(".bar")).to_be_visible()
    assert 0 == page.locator(".wave").count()


def test_the_cover_stands_where_the_player_begins(page: Page, stage: Stage) -> None:
    open_embed(page, stage)
    expect(page.locator("picture source")).to_have_count(1)
    left = "selector => document.querySelector(selector).getBoundingClientRect().left"
    assert page.evaluate(left, ".player") == page.evaluate(left, "img.cover")


def test_the_chapter_that_plays_is_marked_and_shows_its_picture_if_it_is_ours(page: Page, stage: Stage) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_embed(page, stage)
    page.locator("summary", has_text="Chapters").click()
    cover, now = page.locator("img.cover"), page.locator(".chapters [aria-current]")
    own = cover.get_attribute("src")
    expect(now).to_contain_text("Introduction")

    page.get_by_role("link", name="The letter").click()
    wait_for(page, "audio.currentTime > 310 && !audio.paused")
    expect(now).to_contain_text("The letter")
    expect(cover).to_have_attribute("src", stage.picture)
    wait_for(page, f"document.querySelector('img.cover').currentSrc === '{stage.picture}'")
    assert "The letter" == page.evaluate("navigator.mediaSession.metadata.album")

    page.get_by_role("link", name="Who owns what").click()
    expect(now).to_contain_text("Who owns what")
    expect(cover).to_have_attribute("src", own or "")
    wait_for(page, "document.querySelector('img.cover').currentSrc.endsWith('-256.webp')")
    assert [] == [url for url in asked if not url.startswith(stage.site.base)]


def test_the_transcript_follows_jumps_and_is_searched(page: Page, stage: Stage) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_embed(page, stage, "#t=200")
    assert [] == [url for url in asked if "transcript" in url]

    page.locator("summary", has_text="Transcript").click()
    now = page.locator(".lines .now")
    expect(now).to_have_text(CUES["en"][33].text)
    expect(now).to_be_in_viewport()
    assert 0 < page.locator(".lines").evaluate("lines => lines.scrollTop")
    page.locator(".lines span", has_text="eleven tenders").first.click()
    wait_for(page, "audio.currentTime >= 24 && audio.currentTime < 34")
    page.locator(".lines button").nth(1).click()
    wait_for(page, "audio.currentTime >= 18 && audio.currentTime < 24")

    page.get_by_role("searchbox").fill("FRIDAY")
    expect(page.locator(".lines p:visible")).to_have_count(8)
    expect(page.locator(".lines .hit")).to_have_count(8)
    expect(page.get_by_role("status")).to_have_text("Found: 8")
    page.get_by_role("searchbox").fill("")
    expect(page.get_by_role("status")).to_have_text("")

    page.get_by_role("link", name="Kyrgyz", exact=True).click()
    expect(page.locator(".lines")).to_have_attribute("lang", "ky")
    expect(page.locator(".lines p")).to_have_text("0:00:00Мухаммад Тахир Мажлиске кош келиңиз. ")


def test_a_transcript_that_cannot_be_fetched_is_told_of(page: Page, stage: Stage) -> None:
    page.route("**/transcript.json", lambda route: route.fulfill(status=503))
    open_embed(page, stage)

    page.locator("summary", has_text="Transcript").click()

    expect(page.get_by_role("status")).to_have_text("The transcript could not be loaded")


def test_a_link_shares_the_moment_and_the_code_is_copied(page: Page, stage: Stage) -> None:
    open_embed(page, stage, "#t=5:10")
    page.locator("summary", has_text="Share").click()
    link, page_of_ours = page.get_by_label("Direct link"), stage.site.url("majlis/kings-of-corruption/index.html")

    assert f"{page_of_ours}#t=310" == link.input_value()
    page.get_by_label("Start at 0:05:10").uncheck()
    assert page_of_ours == link.input_value()
    page.get_by_role("button", name="Copy").nth(1).click()
    expect(page.get_by_role("status")).to_have_text("Copied to your clipboard")
    assert f'<iframe src="{stage.site.url(EMBED)}"' in page.evaluate("navigator.clipboard.readText()")


def test_the_feed_opens_in_apps(page: Page, stage: Stage) -> None:
    open_embed(page, stage)
    page.locator("summary", has_text="Subscribe").click()

    feed = stage.site.url("majlis/feed.xml")
    assert feed == page.get_by_role("link", name="RSS feed").get_attribute("href")
    assert f"podcast://{feed.removeprefix('http://')}" == page.get_by_role("link", name="Apple Podcasts").get_attribute("href")


def test_light_dark_colour_and_language_come_by_parameter(page: Page, stage: Stage) -> None:
    style = "name => getComputedStyle(document.querySelector(name)).backgroundColor"
    colours = {}
    for theme in ("light", "dark"):
        open_embed(page, stage, f"?theme={theme}&color=8a1538")
        colours[theme] = page.evaluate(style, ".card"), page.evaluate(style, ".play")
    assert ("rgb(255, 255, 255)", "rgb(138, 21, 56)") == colours["light"]
    assert "rgb(21, 27, 34)" == colours["dark"][0]
    assert colours["light"][1] != colours["dark"][1]

    open_embed(page, stage, "?lang=fa-AF&color=javascript:alert(1)&theme=pink")
    assert ["fa", "rtl"] == page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
    assert "en" == page.get_by_role("heading").get_attribute("lang")
    assert page.get_by_role("button", name="پخش", exact=True).is_visible()
    assert page.get_by_role("link", name="دانلود").is_visible()
    open_embed(page, stage, "?lang=xx")
    assert page.get_by_role("button", name="Play", exact=True).is_visible()


def test_a_part_named_in_the_address_ends_where_it_says(page: Page, stage: Stage) -> None:
    open_embed(page, stage, "#t=100,101")

    page.get_by_role("button", name="Play", exact=True).click()

    expect(page.locator("html")).to_have_attribute("data-state", "paused")
    assert 101 == pytest.approx(audio(page, "currentTime"), abs=1)


def test_a_position_is_kept_only_for_who_asks(page: Page, stage: Stage) -> None:
    open_embed(page, stage, "#t=200")
    page.reload()
    assert 0 == page.evaluate("localStorage.length")
    page.locator("summary", has_text="Settings").click()
    box = page.get_by_label("Remember where I stopped")
    box.check()

    open_embed(page, stage, "?again")
    assert 200 == audio(page, "currentTime")
    page.locator("summary", has_text="Settings").click()
    expect(box).to_be_checked()
    box.uncheck()
    assert 0 == page.evaluate("localStorage.length")


def with_element(page: Page, blog: str, stage: Stage, attributes: str = "") -> Frame:
    """Open somebody's page with a <podcast-player>, which keeps all events in ``told``, and return the frame in it."""
    page.goto(f"{blog}?script={stage.site.url('majlis/embed/player.js')}&attributes={quote(attributes, safe='')}")
    page.evaluate("""() => {
        window.element = document.querySelector("podcast-player");
        window.told = [];
        for (const name of ["state", "time"]) element.addEventListener(name, event => told.push([name, event.detail]));
    }""")
    page.wait_for_function("document.querySelector('iframe').clientHeight !== 300")
    return page.frames[1]


def test_the_element_of_a_host_page_plays_in_an_opaque_frame_as_high_as_it_needs_to_be(page: Page, stage: Stage, blog: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    frame = with_element(page, blog, stage, 'theme="dark"')
    assert ["null", "dark"] == frame.evaluate("[self.origin, document.documentElement.dataset.theme]")
    assert stage.site.url("majlis/embed/latest.html?theme=dark") == frame.url
    height = "document.querySelector('iframe').clientHeight"
    closed = page.evaluate(height)

    frame.locator("summary", has_text="Chapters").click()
    page.wait_for_function(f"{height} > {closed} + 80")
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight")
    page.evaluate("element.seek(310); element.play()")
    page.wait_for_function("element.state === 'playing' && element.position > 310")
    page.evaluate("element.pause()")
    page.wait_for_function("element.state === 'paused'")

    told = page.evaluate("told")
    assert {"state", "time"} == {name for name, _ in told}
    assert {"playing", "paused"} <= {detail["state"] for _, detail in told}
    assert frame.locator("summary", has_text="Settings").count() == 0
    assert [] == complaints


def test_a_link_to_a_moment_of_the_host_page_is_one_of_its_player(page: Page, stage: Stage, blog: str) -> None:
    page.goto(f"{blog}?script={stage.site.url('majlis/embed/player.js')}&attributes=src%3D{stage.site.url(EMBED)}#t=5:10")
    page.wait_for_function("document.querySelector('iframe').clientHeight !== 300")

    assert 310 == audio(page.frames[1], "currentTime")


@pytest.mark.parametrize(
    "message",
    [
        "{context: 'podcast-embed', method: 'seek', position: '310'}",
        "{context: 'podcast-embed', method: 'seek', position: NaN}",
        "{context: 'podcast-embed', method: 'constructor'}",
        "{context: 'podcast-embed', method: ['play']}",
        "{context: 'somebody-else', method: 'play'}",
        "null",
        "'play'",
    ],
)
def test_a_message_of_another_shape_is_no_order(page: Page, stage: Stage, blog: str, message: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    frame = with_element(page, blog, stage)

    page.evaluate(f"element.firstChild.contentWindow.postMessage({message}, '*')")
    page.evaluate("element.seek(7)")

    page.wait_for_function("element.position === 7")
    assert audio(frame, "paused")
    assert {0, 7} >= set(page.evaluate("told.map(([, detail]) => detail.position)"))
    assert [] == errors


def test_an_order_from_another_window_or_origin_is_not_obeyed(page: Page, stage: Stage, blog: str) -> None:
    frame = with_element(page, blog, stage)
    order = "{context: 'podcast-embed', method: 'seek', position: 310}"

    frame.evaluate(f"postMessage({order}, '*')")
    for source, origin in (("parent", "https://evil.example"), ("parent", stage.site.base.rstrip("/")), ("self", blog.rstrip("/"))):
        frame.evaluate(f"dispatchEvent(new MessageEvent('message', {{data: {order}, source: {source}, origin: '{origin}'}}))")
    page.evaluate("element.seek(7)")

    page.wait_for_function("element.position === 7")
    assert {0, 7} >= set(page.evaluate("told.map(([, detail]) => detail.position)"))


def test_the_element_believes_only_its_own_frame(page: Page, stage: Stage, blog: str) -> None:
    with_element(page, blog, stage)
    lie = "{context: 'podcast-embed', event: 'state', state: 'lie', position: 1, duration: 2}"

    page.evaluate(f"postMessage({lie}, '*')")
    for source, origin in (("frames[0]", "https://evil.example"), ("self", "null")):
        page.evaluate(f"dispatchEvent(new MessageEvent('message', {{data: {lie}, source: {source}, origin: '{origin}'}}))")
    for height in ("100000", "'1px;color:red'", "-5"):
        page.frames[1].evaluate(f"parent.postMessage({{context: 'podcast-embed', event: 'height', height: {height}}}, '*')")
    page.evaluate("element.seek(7)")

    page.wait_for_function("element.position === 7")
    assert {"idle"} == set(page.evaluate("told.map(([, detail]) => detail.state)"))
    assert page.evaluate("document.querySelector('iframe').clientHeight") < 1000


def test_an_address_that_is_none_is_not_loaded(page: Page, stage: Stage, blog: str) -> None:
    page.goto(f"{blog}?script={stage.site.url('majlis/embed/player.js')}&attributes={quote('src=javascript:top.broken=1', safe='')}")
    page.wait_for_selector("iframe", state="attached")

    assert "" == page.locator("iframe").evaluate("frame => frame.src")


def test_the_page_of_an_episode_to_come_is_asked_again(page: Page, stage: Stage) -> None:
    page.clock.install()
    page.goto(stage.site.url("majlis/next-week/embed.html"))
    expect(page.get_by_role("status")).to_have_text("Not available yet")

    with page.expect_navigation():
        page.clock.run_for(61_000)


def test_what_looks_like_a_page_is_text_wherever_it_stands(page: Page, stage: Stage) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(stage.site.url("majlis/hostile/embed.html?lang=ky#t=10"))
    for name in ("Бөлүмдөр", "Бөлүшүү", "Транскрипт"):
        page.locator("summary", has_text=name).click()
    page.get_by_role("button", name="Угуу", exact=True).click()
    wait_for(page, "audio.currentTime > 10")

    assert HOSTILE == page.get_by_role("heading").inner_text() == page.locator(".times .chapter").inner_text()
    assert f"0:00:00{HOSTILE} {HOSTILE}" == page.locator(".lines p").inner_text().strip()
    assert 1 == page.locator("img").count() == page.locator("script").count()
    assert [] == complaints


def test_speed_and_place_outlast_a_second_try(page: Page, stage: Stage) -> None:
    page.route("**/*.mp3", lambda route: route.abort("connectionreset"))
    open_embed(page, stage, "#t=310")
    page.get_by_label("Speed").select_option("2×")
    page.get_by_role("button", name="Play", exact=True).click()
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    page.unroute("**/*.mp3")

    again.click()

    wait_for(page, "audio.currentTime > 310 && audio.playbackRate === 2")
