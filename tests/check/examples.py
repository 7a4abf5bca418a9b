"""For each rule about episodes, audio, pictures, chapters and transcripts: a thing that breaks it. ``SOUND`` breaks none."""

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from podcast.check.answer import SeenAnswer
from podcast.check.audio import SeenAudio
from podcast.check.episodes import SeenEpisode
from podcast.check.links import ORIGIN, Link, SeenLink
from podcast.check.timed import SeenChapters, SeenTranscript
from podcast.fetch import Probed
from podcast.model import Artwork, Chapter, Cue, Measured, Person, ShowType, Transcript
from tests.make import AUDIO, MOMENT, make_episode, make_show

ARTWORK: Final = Artwork(sha256="c0" * 32, md5="c1" * 16, length=90_000, media_type="image/jpeg", width=1400, height=1400)
ENGLISH: Final = Transcript(sha256="7a" * 32, md5="7b" * 16, length=4_000, language="en")
CHAPTERS: Final = (Chapter(start=0, title="Start"), Chapter(start=10.5, title="The letter", end=20))
CUES: Final = (Cue(start=0, end=900, text="Hello."), Cue(start=900, end=2090, text="Goodbye."))


def episode(*, show: dict[str, Any] | None = None, **fields: Any) -> SeenEpisode:
    """Make an episode as the rules see it."""
    given: dict[str, Any] = {"notes": "A [talk](https://radio.example/a_(b)).", "transcripts": (ENGLISH,)}
    return SeenEpisode(episode=make_episode(**(given | fields)), show=make_show(**(show or {})), now=MOMENT)


def audio(*doubts: str, **fields: Any) -> SeenAudio:
    """Make the facts of a sound file as the rules see them."""
    return SeenAudio(audio=replace(AUDIO, **fields), doubts=doubts)


def sound(*, channels: int = 2, **fields: Any) -> SeenAudio:
    """Make what was measured on good stereo, or mono, with some facts of your own."""
    given: dict[str, Any] = {
        "seconds": 2092.0,
        "integrated_lufs": -16.0 if channels > 1 else -19.0,
        "true_peak_dbtp": -0.1,
        "levels": (-19.0, -20.0)[:channels],
    }
    given |= fields
    measured = Measured(version=1, range_lu=6.0, channels=given.pop("levels"), **given)
    return SeenAudio(audio=replace(AUDIO, channels=channels), measured=measured)


def picture(**fields: Any) -> Artwork:
    """Make a picture."""
    return replace(ARTWORK, **fields)


def chapters(*found: Chapter) -> SeenChapters:
    """Put chapters into an episode of 0:34:52."""
    return SeenChapters(chapters=found, duration=2092)


def transcript(*cues: Cue) -> SeenTranscript:
    """Put cues into an episode of 0:34:52."""
    return SeenTranscript(cues=cues, duration=2092, language="en")


def answer(
    url: str = "https://radio.example/feed.xml", length: int = 100_000, head: int = 200, again: int = 304, **headers: str
) -> SeenAnswer:
    """Make an answer; an underscore in the name of a header is a hyphen."""
    given = {"content_type": "application/rss+xml; charset=utf-8", "etag": '"a"', "cache_control": "max-age=300"} | headers
    return SeenAnswer(
        url=url, headers={name.replace("_", "-"): value for name, value in given.items()}, length=length, head=head, again=again
    )


def link(kind: str = "audio", *, status: int = 0, head: int = 200, **fields: Any) -> SeenLink:
    """Make the answer to a link, as a good server gives it; headers by ``headers``, what the feed says by ``told``."""
    url, media_type = {
        "audio": ("https://radio.example/a.mp3", "audio/mpeg"),
        "picture": ("https://radio.example/a.jpg", "image/jpeg"),
        "transcript": ("https://radio.example/a.vtt", "text/vtt"),
        "chapters": ("https://radio.example/a.json", "application/json+chapters"),
    }[kind]
    told = {"type": "" if kind == "picture" else media_type, "length": 21_000 if kind == "audio" else 0, "url": url} | fields.pop(
        "told", {}
    )
    headers = {"content-type": f"{media_type}; charset=utf-8", "content-range": "bytes 0-1/21000", "access-control-allow-origin": "*"}
    headers |= fields.pop("headers", {})
    got = Probed(url=url, status=status or (206 if kind == "audio" else 200), headers=headers, body=b"")
    seen = Probed(url=url, status=head, headers=headers, body=b"") if kind in {"audio", "picture"} else None
    given: dict[str, Any] = {"got": got, "head": seen, "picture": "image/jpeg" if kind == "picture" else ""}
    return SeenLink(link=Link(kind=kind, where="majlis", **told), **(given | fields))


_NONE: Final[dict[str, Any]] = {"got": None, "head": None}

#: By table. An episode without number in an episodic show is sound; one with a number is in a serial one.
SOUND: Final[dict[str, list[Any]]] = {
    "episode": [
        episode(),
        episode(show={"type": ShowType.SERIAL}, number=1),
        episode(title="ะ" * 255, notes="Two\r\nlines, [a](mailto:desk@radio.example), <a href='https://radio.example'>b</a>, x](y z"),
        episode(published=None),
    ],
    "audio": [
        *(audio(bitrate=1000 * kbit) for kbit in (32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320)),
        audio(length=16_384),
        audio(length=500_000_000, duration=43_200),
        sound(integrated_lufs=-18.9, correlation=0.9, side=-12.0),
        sound(channels=1, integrated_lufs=-21.9),
        sound(integrated_lufs=-13.1, true_peak_dbtp=0.0, clips=10, first_clip=1.0, lead=3.0, tail=5.0, gaps=((60.0, 65.0),), damaged=10),
        audio(media_type="audio/x-m4a", bitrate=24_123, channels=2),
    ],
    "artwork": [picture(), picture(width=3000, height=3000, length=512 * 1024)],
    "chapters": [
        chapters(),
        chapters(*(Chapter(start=number, title="x") for number in range(255))),
        chapters(*CHAPTERS),
        chapters(CHAPTERS[0], Chapter(start=0, toc=False), CHAPTERS[1]),
    ],
    "transcript": [transcript(*CUES), transcript(Cue(start=0, end=1500.5, text="a" * 300), Cue(start=1500, end=2093, text="b"))],
    "answer of a server": [
        answer(),
        answer(content_type="Text/XML", etag="", last_modified="Wed, 25 Nov 2026 09:00:00 GMT"),
        answer(length=200_000, content_encoding="gzip", vary="Origin, Accept-Encoding"),
        answer(cache_control="", expires="Wed, 25 Nov 2026 09:05:00 GMT"),
    ],
    "answer to a link": [
        *(link(kind) for kind in ("audio", "picture", "transcript", "chapters")),
        link(headers={"content-type": "audio/mp3"}),
        link(headers={"content-range": "bytes 0-1/*"}),
        link("transcript", headers={"access-control-allow-origin": ORIGIN}),
        link("picture", told={"url": "https://radio.example/picture"}),
    ],
}

BROKEN: Final[dict[str, list[Any]]] = {
    "episode.title.missing": [episode(title=" \x00")],
    "psp1.title.length": [episode(title="x" * 256), episode(title="x" * 10_000)],
    "text.characters": [episode(title="a\x07b"), episode(title="\ud800"), episode(notes="a\u202eb"), episode(notes="a\r\nb\x0c")],
    "notes.missing": [episode(notes=" \n")],
    "notes.length": [episode(notes="word " * 200_000)],
    "psp1.description.length": [episode(notes="word\n\n" * 1000)],
    "notes.html": [episode(notes="<div>" * 100_000), episode(notes="a <SCRIPT src=x>")],
    "link.scheme": [
        episode(notes="[a](javascript:alert(1))"),
        episode(notes='[a](data:text/html,x "t")'),
        episode(notes="<a HREF = 'file:///etc/passwd'>a</a>"),
        episode(notes="[a](relative.html)"),
        episode(link="ftp://radio.example/"),
        episode(chapters=(Chapter(start=0, title="Start", url="javascript:x"),)),
        episode(chapters=(Chapter(start=0, title="Start", image="x"),)),
        episode(persons=(Person(name="Ali", href="mailto:ali@radio.example"),)),
        episode(persons=(Person(name="Ali", image="file:///a.jpg"),)),
    ],
    "rss.date.implausible": [episode(published=datetime(year, 1, 1, tzinfo=UTC)) for year in (1970, 1999, 2028, 2099)],
    "apple.serial.number": [episode(show={"type": ShowType.SERIAL})],
    "transcript.language": [episode(transcripts=(ENGLISH, replace(ENGLISH, sha256="7c" * 32)))],
    "audio.empty": [audio(length=0), audio(duration=0)],
    "audio.small": [audio(length=16_383)],
    "audio.structure": [audio("it was joined from 2 parts")],
    "audio.vbr": [audio(bitrate=127_998)],
    "audio.bitrate": [audio(bitrate=24_000), audio(media_type="audio/x-m4a", bitrate=321_000)],
    "audio.rate": [audio(sample_rate=22_050)],
    "audio.channels": [audio(channels=6)],
    "apple.audio.format": [audio(media_type="audio/ogg")],
    "audio.length": [audio(length=500_000_001), audio(duration=43_201)],
    "apple.loudness": [
        *(sound(integrated_lufs=loudness) for loudness in (-44.9, -19.5, -10.0)),
        *(sound(channels=1, integrated_lufs=loudness) for loudness in (-22.5, -15.5)),
    ],
    "audio.undecodable": [sound(seconds=0.0, integrated_lufs=None, levels=(), damaged=2_000)],
    "audio.damaged": [sound(damaged=11)],
    "audio.quiet": [sound(integrated_lufs=-45.1), sound(integrated_lufs=None, levels=(-120.0, -120.0), lead=2092.0)],
    "audio.peak": [sound(true_peak_dbtp=0.3)],
    "audio.clipped": [sound(clips=11, first_clip=754.2)],
    "audio.channel.dead": [sound(levels=(-20.0, -120.0)), sound(levels=(-61.0, -19.0))],
    "audio.phase": [sound(correlation=-0.6, side=6.0)],
    "audio.mono": [sound(correlation=1.0, side=-51.0)],
    "audio.silence.ends": [sound(lead=3.1), sound(tail=5.1)],
    "audio.silence.gap": [sound(gaps=((60.0, 65.1), (90.0, 92.0))), sound(gaps=((60.0, 70.0),) * 6)],
    "apple.artwork.size": [picture(width=1399, height=1399), picture(width=3001, height=3001), picture(width=3001), picture(height=600)],
    "artwork.drawn": [picture(drawn=True)],
    "apple.artwork.square": [picture(height=1401)],
    "artwork.bytes": [picture(length=512 * 1024 + 1)],
    "chapters.time": [chapters(*CHAPTERS, Chapter(start=math.inf, title="Never")), chapters(Chapter(start=0, title="Start", end=math.inf))],
    "chapters.order": [chapters(CHAPTERS[1], CHAPTERS[0])],
    "chapters.same-start": [chapters(CHAPTERS[0], CHAPTERS[1], Chapter(start=0, title="Again"))],
    "chapters.after-end": [chapters(*CHAPTERS, Chapter(start=2092, title="End"))],
    "chapters.span": [chapters(Chapter(start=0, title="Start", end=0))],
    "chapters.title": [chapters(Chapter(start=0, title=" "))],
    "chapters.first": [chapters(CHAPTERS[1])],
    "chapters.number": [chapters(*(Chapter(start=number, title="x") for number in range(256)))],
    "transcript.readable": [SeenTranscript(cues=None, duration=2092, language="en")],
    "transcript.empty": [transcript(), transcript(Cue(start=0, end=2000, text=" "))],
    "transcript.order": [transcript(*reversed(CUES)), transcript(Cue(start=1500, end=1400, text="a"))],
    "transcript.moment": [transcript(*CUES, Cue(start=2000, end=2000.001, text="a"))],
    "transcript.overlap": [transcript(Cue(start=0, end=1502, text="a"), Cue(start=1500, end=2000, text="b"))],
    "transcript.after-end": [transcript(*CUES, Cue(start=2094, end=2095, text="c"))],
    "transcript.short": [transcript(Cue(start=0, end=1045, text="a"))],
    "transcript.cue-length": [transcript(Cue(start=0, end=2000, text="a" * 301))],
    "http.type": [answer(content_type="text/html"), answer(content_type="")],
    "http.validator": [answer(etag="")],
    "http.compressed": [answer(length=100_001)],
    "http.head": [answer(head=405), answer(head=0)],
    "http.conditional": [answer(again=200), answer(again=0), answer(again=200, etag="", last_modified="x")],
    "http.charset": [answer(content_type="application/rss+xml; charset=ISO-8859-1"), answer(content_type='text/xml; charset="cp1252"')],
    "http.cache": [answer(cache_control="")],
    "http.vary": [answer(content_encoding="gzip"), answer(content_encoding="gzip", vary="Origin")],
    "http.https": [answer("http://radio.example/feed.xml")],
    "link.dead": [link(**_NONE, dead="it answers 404")],
    "link.unreachable": [link(**_NONE, unreachable="it answers 503")],
    "link.private": [link(**_NONE, private=True)],
    "link.unchecked": [link(**_NONE)],
    "link.head": [link(head=405), link("picture", head=404)],
    "link.range": [link(status=200)],
    "link.length": [link(told={"length": 21_001}), link(status=200, headers={"content-length": "20999"})],
    "link.type": [
        link(headers={"content-type": "text/html"}),
        link("chapters", headers={"content-type": "application/json"}),
        link("picture", picture="image/webp"),
        link("picture", headers={"content-type": "image/png"}),
        link("picture", told={"url": "https://radio.example/a.png"}),
    ],
    "link.content": [link("picture", unreadable="it is no picture")],
    "link.cors": [
        link(kind, headers={"access-control-allow-origin": allowed})
        for kind in ("transcript", "chapters")
        for allowed in ("", "https://radio.example")
    ],
}
