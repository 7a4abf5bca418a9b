"""Three shows in three scripts, every field filled, for the golden feeds.

``python -m tests.formats.shows`` writes the golden files anew; read the difference before you commit it.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from podcast import __version__
from podcast.formats.rss import render
from podcast.model import Artwork, Category, Chapter, Episode, EpisodeType, Funding, Owner, Person, Show, ShowType, Transcript
from podcast.site import Site
from tests.make import AUDIO, MOMENT, make_episode, make_show

SITE = Site("https://cdn.radio.example/")
GOLDEN = Path(__file__).parent / "golden"

COVER = Artwork(sha256="c0" * 32, md5="c1" * 16, length=90_000, media_type="image/jpeg", width=3000, height=3000)
PICTURE = Artwork(sha256="e0" * 32, md5="e1" * 16, length=50_000, media_type="image/png", width=1400, height=1400)


def transcript(language: str) -> Transcript:
    """Make the facts of a transcript; the feed uses its language alone."""
    return Transcript(sha256="7a" * 32, md5="7b" * 16, length=4_000, language=language)


def latin() -> tuple[Show, tuple[Episode, ...]]:
    """Make a serial show in English with everything that the feed can say."""
    show = make_show(
        description="Talk & argument about Central Asia.\n\nEvery <second> week.",
        link="https://www.radio.example/majlis",
        categories=(Category(text="News", sub="Politics"), Category(text="Society & Culture")),
        explicit=True,
        type=ShowType.SERIAL,
        copyright="2026 Radio Free",
        artwork=COVER,
        persons=(Person(name="Bruce Pannier", href="https://www.radio.example/bruce?a=1&b=2", image="https://www.radio.example/b.jpg"),),
        funding=(Funding(url="https://www.radio.example/give", text="Support us"), Funding(url="https://www.radio.example/once")),
        locked=True,
    )
    kings = make_episode(
        notes="# Kings\n\nA talk with **Ali** & [Bruce](https://www.radio.example/b?x=1&y=2).\n\n"
        "> It ends with ]]> and 3 < 4.\n\n- one\n- two\n",
        season=2,
        number=7,
        explicit=False,
        link="https://www.radio.example/kings",
        artwork=PICTURE,
        chapters=(Chapter(start=0, title="Start"),),
        transcripts=(transcript("en"), transcript("ky")),
        persons=(Person(name="Ali Toktakunov", role="guest"),),
        changed=MOMENT + timedelta(hours=2),
    )
    trailer = make_episode(
        "trailer",
        title="Trailer",
        notes="Short.",
        type=EpisodeType.TRAILER,
        published=MOMENT - timedelta(days=7),
        audio=replace(AUDIO, sha256="34" * 32, media_type="audio/x-m4a", length=480_123, duration=59),
    )
    return show, (kings, trailer)


def kyrgyz() -> tuple[Show, tuple[Episode, ...]]:
    """Make a show in Kyrgyz, whose Ң Ө Ү are beyond the usual Cyrillic."""
    show = make_show(
        slug="majlis-ky",
        guid="11111111-2222-5333-8444-555555555555",
        title="Мажлис: Өзгөчө маек",
        description="Борбор Азия тууралуу. Ңы, Өө, Үү.",
        language="ky",
        author="Азаттык Үналгысы",
        owner=Owner(name="Азаттык Үналгысы", email="azattyk@radio.example"),
        artwork=COVER,
    )
    episode = make_episode(
        "kyrgyzstandyn-korruptsiyasy",
        show="majlis-ky",
        title="Кыргызстандын коррупция төрөлөрү — «Ңаалат» Үч бөлүк",
        notes="**Төрөлөр** жана акча.\n\nӨлкөнүн үчтөн бири.",
        number=12,
        persons=(Person(name="Өмүрбек Үсөнов"),),
    )
    return show, (episode,)


def arabic() -> tuple[Show, tuple[Episode, ...]]:
    """Make a show in Arabic."""
    show = make_show(
        slug="majlis-ar",
        guid="22222222-3333-5444-8555-666666666666",
        title="مجلس آسيا الوسطى",
        description="حديث عن آسيا الوسطى، كل أسبوعين.",
        language="ar-EG",
        author="راديو الحرة",
        owner=None,
        artwork=PICTURE,
        funding=(Funding(url="https://راديو.example/تبرع", text="ادعمنا"),),
    )
    episode = make_episode(
        "mlwk-alfsad",
        show="majlis-ar",
        title="ملوك الفساد في قرغيزستان (١٢)",
        notes="مع **علي** و[بروس](https://www.radio.example/بروس).",
        language="ar",
        transcripts=(transcript("ar"),),
    )
    return show, (episode,)


FEEDS = {"latin": latin, "kyrgyz": kyrgyz, "arabic": arabic}


def rendered(name: str) -> bytes:
    """Render one of the shows, with the version of the program taken out."""
    show, episodes = FEEDS[name]()
    return render(show, episodes, SITE).replace(f"<generator>podcast/{__version__}<".encode(), b"<generator>podcast/VERSION<")


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for feed in FEEDS:
        (GOLDEN / f"{feed}.xml").write_bytes(rendered(feed))
