"""A published show behind the real server, as a browser meets it."""

import hashlib
import html
import io
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import av
import numpy as np
import pytest
from PIL import Image
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from podcast.model import Artwork, Chapter, Cue, Episode, Show, Transcript
from podcast.player import assets, episode_files, render_embed, render_home, show_files
from podcast.player.pages import render_older
from podcast.server.app import create_app
from podcast.site import Site, art_key, copy_keys, episode_key, media_key
from podcast.storage.memory import MemoryStorage
from tests.make import AUDIO, make_episode, make_show
from tests.serving import serving, store

SECONDS: Final = 400
_BLOG: Final = """<!doctype html><html lang="en"><title>A blog</title><link rel="icon" href="data:,"><p>Before the player.</p>
<iframe src="{frame}" title="Player" width="100%" height="300" style="border:0" allow="autoplay" sandbox="allow-scripts"></iframe>
<p>After the player.</p>"""
_ELEMENT: Final = """<!doctype html><html lang="en"><title>A blog</title><link rel="icon" href="data:,"><p>Before the player.</p>
<script type="module" src="{script}"></script><podcast-player {attributes}></podcast-player><p>After the player.</p>"""
#: What a browser would run if it took it for a part of the page.
HOSTILE: Final = """<img src=x onerror="alert(1)"><script>alert(1)</script>${alert(1)}'\"&amp;"""
_SAID: Final = (
    ("Muhammad Tahir", "Welcome to Majlis, the weekly podcast about Central Asia."),
    ("Muhammad Tahir", "This week we look at who owns what in Bishkek."),
    ("Muhammad Tahir", "And at what a letter from the prosecutor’s office changed."),
    ("Ali Toktakunov", "Thank you. The company was registered in a flat on the edge of the city."),
    ("Ali Toktakunov", "Nobody there had ever heard of it, and yet it had won eleven tenders."),
    ("Ali Toktakunov", "We asked the ministry, and we waited for three weeks."),
    ("Bruce Pannier", "And then the letter came."),
    ("Ali Toktakunov", "Then the letter came, on a Friday, as these letters do."),
)
CUES: Final = {
    "en": [Cue(start=number * 6.0, end=number * 6.0 + 5, text=text, speaker=speaker) for number, (speaker, text) in enumerate(_SAID * 8)],
    "ky": [Cue(start=0.0, end=4.0, text="Мажлиске кош келиңиз.", speaker="Мухаммад Тахир")],
}


@dataclass(frozen=True, slots=True)
class Stage:
    """The address of a served project, its show, its episodes, and every request that came for audio."""

    site: Site
    show: Show
    episode: Episode
    #: In the feed, but its audio is not in storage.
    gone: Episode
    #: In the feed, but its audio is text.
    broken: Episode
    media: list[str]
    #: The address of the picture of its second chapter.
    picture: str


@pytest.fixture(scope="session")
def sound() -> bytes:
    """Encode a quiet tone as MP3, long enough for #t=5:10 and small enough for memory."""
    rate, buffer = 8000, io.BytesIO()
    with av.open(buffer, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=rate, layout="mono")
        stream.bit_rate = 8000
        tone = (800 * np.sin(np.arange(rate) * 440 * 2 * math.pi / rate)).astype(np.int16)
        for second in range(SECONDS):
            frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16p", layout="mono")
            frame.sample_rate, frame.pts = rate, second * rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


@pytest.fixture(scope="session")
def stage(sound: bytes) -> Iterator[Stage]:
    storage, media = MemoryStorage(), list[str]()

    def make_app(base: str) -> ASGIApp:
        app = create_app(storage, base_url=base)

        async def recording(scope: Scope, receive: Receive, send: Send) -> None:
            if "/media/" in scope["path"]:
                media.append(scope["path"])
            await app(scope, receive, send)

        return recording

    with serving(make_app) as base:
        yield _publish(storage, Site(base), sound, media)


@pytest.fixture(scope="session")
def blog() -> Iterator[str]:
    """Serve somebody's page, on another origin, that frames the player named in ``?frame=`` as strictly as it can."""

    async def post(scope: Scope, receive: Receive, send: Send) -> None:
        given = {name: html.escape(value) for name, value in Request(scope).query_params.items()}
        page = _ELEMENT.format(**given | {"attributes": html.unescape(given["attributes"])}) if "script" in given else _BLOG
        await HTMLResponse(page.format(frame=given.get("frame", "about:blank")))(scope, receive, send)

    with serving(lambda _: post) as base:
        yield base


def _publish(storage: MemoryStorage, site: Site, sound: bytes, media: list[str]) -> Stage:
    cover, face = (_picture(storage, shade) for shade in (120, 20))
    picture = site.url(art_key("majlis", face))
    show = make_show(artwork=cover)
    episode = make_episode(
        # The duration comes from the catalogue and not from the file, which is shorter so that tests are quick.
        audio=replace(AUDIO, sha256=_sha256(sound), length=len(sound)),
        notes="Who **owns** what in Bishkek.\n\n- one\n- two\n",
        chapters=(
            Chapter(start=0, title="Introduction"),
            Chapter(start=95, title="Who owns what", image="https://elsewhere.example/picture.jpg"),
            Chapter(start=310, title="The letter", image=picture),
        ),
        transcripts=tuple(Transcript(sha256="0" * 64, md5="0" * 32, length=1, language=language) for language in CUES),
    )
    gone = make_episode("gone", title="A file that is gone", audio=replace(AUDIO, sha256="01" * 32))
    broken = make_episode("broken", title="A file that is text", audio=replace(AUDIO, sha256="02" * 32))
    store(storage, media_key(episode), sound)
    store(storage, media_key(broken), b"This is no audio.\n" * 100)
    store(storage, episode_key(episode, "peaks.json"), _peaks())
    for each in (episode, gone, broken):
        for key, body in episode_files(site, show, each, CUES, peaks=each is episode).items():
            store(storage, key, body)
    hostile = replace(
        episode, slug="hostile", title=HOSTILE, chapters=(Chapter(start=0, title=HOSTILE),), transcripts=episode.transcripts[:1]
    )
    said = [Cue(start=0, end=4, text=HOSTILE, speaker=HOSTILE)]
    for key, body in episode_files(site, show, hostile, {"en": said}).items():
        store(storage, key, body)
    store(storage, media_key(hostile), sound)
    store(storage, "majlis/withdrawn/embed.html", render_embed(site, show, None, latest=False))
    newest = [episode, gone, broken]
    everything = show_files(site, show, newest, peaks=True) | {"index.html": render_home(site, [show])} | dict(assets())
    everything["majlis/episodes-1.html"] = render_older(site, show, newest, 1, 2)
    everything |= _persian(site, cover, episode)
    for key, body in everything.items():
        store(storage, key, body)
    return Stage(site, show, episode, gone, broken, media, picture)


def _persian(site: Site, cover: Artwork, like: Episode) -> dict[str, bytes]:
    show = make_show(slug="pargar", title="پرگار", language="fa", artwork=cover)
    chapters = (Chapter(start=0, title="آغاز"), Chapter(start=310, title="نامهٔ دادستانی"))
    episode = replace(like, show="pargar", title="پادشاهان فساد در قرقیزستان", chapters=chapters, transcripts=())
    # No script but ours is needed to read it: audio and picture stand with the other show.
    files = {
        "pargar/kings/embed.html": render_embed(site, show, episode, latest=False),
        "pargar/embed/latest.html": render_embed(site, show, None, latest=True),
    }
    return {
        key: body.replace(b"/pargar/media/", b"/majlis/media/").replace(b"/pargar/art/", b"/majlis/art/") for key, body in files.items()
    }


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _peaks() -> bytes:
    """Draw 1,800 points of somebody talking, as audiowaveform writes them."""
    points = np.arange(1800)
    words = np.abs(np.sin(points / 9)) * (0.55 + 0.45 * np.sin(points / 61)) * (np.sin(points / 230) > -0.9)
    highs = (8 + 110 * words).astype(int)
    data = np.column_stack([-highs, highs]).ravel().tolist()
    shape = {"version": 2, "channels": 1, "sample_rate": 8000, "samples_per_pixel": 1777, "bits": 8, "length": 1800}
    return json.dumps(shape | {"data": data}).encode()


def _picture(storage: MemoryStorage, blue: int) -> Artwork:
    """Store a square picture of majlis, and its smaller copies."""
    shade = np.linspace(40, 200, 600, dtype=np.uint8)
    red, green = np.meshgrid(shade, shade)
    buffer = io.BytesIO()
    Image.fromarray(np.dstack([red, green, np.full_like(red, blue)])).save(buffer, "PNG")
    body = buffer.getvalue()
    picture = Artwork(sha256=_sha256(body), md5="0" * 32, length=len(body), media_type="image/png", width=600, height=600)
    store(storage, art_key("majlis", picture), body)
    for key, (width, ending) in copy_keys("majlis", picture).items():
        copy = io.BytesIO()
        Image.open(buffer).resize((width, width)).save(copy, {"jpg": "JPEG"}.get(ending, ending))
        store(storage, key, copy.getvalue())
    return picture
