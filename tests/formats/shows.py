"""Three shows in three scripts, and one with every element of the table, for the golden feeds.

``python -m tests.formats.shows`` writes the golden files anew; read the difference before you commit it.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from podcast import __version__
from podcast.elements import (
    Alternate,
    Block,
    Chat,
    ContentLink,
    Image,
    Integrity,
    License,
    LiveItem,
    Location,
    Recipient,
    RemoteItem,
    Social,
    Soundbite,
    Source,
    TimeSplit,
    Trailer,
    Txt,
    UpdateFrequency,
    Value,
)
from podcast.formats.rss import render
from podcast.model import (
    Artwork,
    Category,
    Chapter,
    Enclosure,
    Episode,
    EpisodeType,
    Funding,
    Owner,
    Person,
    Show,
    ShowType,
    Transcript,
)
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


NODE = "02d5c1bf8b940dc9cadca86d1b0a3c37fbe39cee4c7e839e33bef9174531d27f52"
SONG = RemoteItem(
    feed_guid="a94f5cc9-8c58-55fc-91fe-a324087a655b",
    feed_url="https://music.example/feed.xml",
    item_guid="song/1",
    medium="music",
    title="Күү",
)
ALICE = Recipient(type="node", address=NODE, split=95, name="Alice", custom_key="906608", custom_value="01ck", fee=False)
HOST = Recipient(type="lnaddress", address="pay@radio.example", split=5, fee=True)
VALUE = Value(suggested="0.00000005000", recipients=(ALICE, HOST))
VIDEO = Alternate(
    type="video/mp4",
    length=10_562_995,
    bitrate=681_483.55,
    height=1080,
    lang="ky-KG",
    title="With pictures",
    rel="video",
    codecs="avc1.4d002a,mp4a.40.2",
    default=True,
    sources=(
        Source(uri="https://media.example/kings.mp4"),
        Source(uri="https://media.example/kings.torrent", content_type="application/x-bittorrent"),
        Source(uri="ipfs://QmfQKJcp2xdByEt8mzWr1AJUhwvb9rdWPoacvdq2roDhgh"),
    ),
    integrity=Integrity(type="sri", value="sha384-ExVqijgYHm15PqQqdXfW95x+Rs6C+d6E/ICxyQOeFevnxNLR/wtJNrNYTjIysUBo"),
)
PICTURES = (
    Image(
        href="https://media.example/wide.jpg",
        alt="A yurt & a mast",
        aspect_ratio="16/9",
        width=1920,
        height=1080,
        type="image/jpeg",
        purpose="artwork social",
    ),
    Image(href="https://media.example/square.png"),
)
BISHKEK = Location(name="Бишкек", rel="subject", geo="geo:42.87,74.59", osm="R2566100", country="kg")
LICENSE = License(name="radio-license-v1", url="https://www.radio.example/license")
TALK = Social(
    protocol="activitypub",
    uri="https://social.example/@majlis/1",
    account_id="@majlis",
    account_url="https://social.example/@majlis",
    priority=1,
)
CHAT = Chat(server="irc.radio.example", protocol="irc", account_id="@desk", space="#majlis")
LIVE = LiveItem(
    status="pending",
    start=datetime(2026, 12, 1, 12, tzinfo=UTC),
    end=datetime(2026, 12, 1, 13, 30, tzinfo=UTC),
    title="Live from Osh",
    guid="live-1",
    enclosure=Enclosure(url="https://live.example/stream.mp3", length=312, type="audio/mpeg"),
    content_links=(ContentLink(href="https://live.example/", text="Listen live"),),
    season=3,
    number=14,
    persons=(Person(name="Aida"),),
    funding=(Funding(url="https://www.radio.example/live", text="Keep us on air"),),
    license=LICENSE,
    locations=(BISHKEK,),
    images=PICTURES[:1],
    alternates=(Alternate(type="application/x-mpegURL", sources=(Source(uri="https://live.example/a.m3u8"),)),),
    value=(VALUE,),
    social=(Social(protocol="disabled"),),
    chat=CHAT,
)


def everything() -> tuple[Show, tuple[Episode, ...]]:
    """Make a show that uses every element of the table."""
    show, (kings, trailer) = latin()
    show = replace(
        show,
        short_title="Majlis Podcast",
        medium="podcast",
        license=License(name="CC-BY-4.0"),
        locations=(BISHKEK, Location(name="Prague", rel="creator")),
        images=PICTURES,
        trailers=(
            Trailer(
                title="Season 3",
                url="https://media.example/s3.mp3",
                pubdate=datetime(2026, 11, 1, 6, tzinfo=UTC),
                length=12_345_678,
                type="audio/mpeg",
                season=3,
            ),
            Trailer(title="What this is", url="https://media.example/what.mp3", pubdate=datetime(2025, 11, 1, 6, tzinfo=UTC)),
        ),
        value=(VALUE, Value(type="bitcoin", method="onchain", recipients=(replace(HOST, fee=False),))),
        txt=(
            Txt(text="S6lpp-7ZCn8-dZfGc-OoyaG", purpose="applepodcastsverify"),
            Txt(text="false", purpose="ai-content"),
            Txt(text="naj3eEZaWV"),
        ),
        social=(TALK, Social(protocol="bluesky", uri="https://bsky.example/p/1", priority=2)),
        chat=CHAT,
        update_frequency=UpdateFrequency(
            text="Every other Monday, ten times",
            rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=10",
            dtstart=datetime(2026, 8, 31, tzinfo=UTC),
        ),
        podroll=(RemoteItem(feed_guid="29cdca4a-32d8-56ba-b48b-09a011c5daa9"), SONG),
        publisher=RemoteItem(
            feed_guid="003af0a0-6a45-55cf-b765-68e3d349551a", feed_url="https://www.radio.example/publisher.xml", medium="publisher"
        ),
        remote_items=(SONG,),
        live=(LIVE,),
        podping=True,
        complete=True,
        block=True,
        blocks=(Block(id="google"), Block(id="apple", blocked=False)),
        new_feed_url="https://feeds.radio.example/majlis.xml",
    )
    kings = replace(
        kings,
        short_title="Kings Of Corruption",
        season_name="The <Silk> Road",
        number_display="6½",
        soundbites=(Soundbite(start_time=73, duration=60.5, title="The <best>"), Soundbite(start_time=0.25, duration=15)),
        license=LICENSE,
        locations=(BISHKEK,),
        images=PICTURES,
        alternates=(VIDEO, Alternate(type="audio/opus", bitrate=16_000.0, sources=(Source(uri="https://media.example/kings.opus"),))),
        value=(
            replace(
                VALUE,
                time_splits=(
                    TimeSplit(start_time=60, duration=237, remote_start_time=174.5, remote_percentage=95, remote_item=SONG),
                    TimeSplit(start_time=330, duration=53, recipients=(HOST,)),
                ),
            ),
        ),
        txt=(Txt(text="true", purpose="ai-content"),),
        social=(TALK,),
        chat=CHAT,
        funding=(Funding(url="https://www.radio.example/this", text="For this one"),),
        content_links=(ContentLink(href="https://video.example/kings", text="On video"),),
        block=True,
    )
    return show, (kings, trailer)


def twins() -> tuple[Show, tuple[Episode, ...]]:
    """Make the show in English with chapters in its feed, and links to those in Kyrgyz and Arabic."""
    show, (kings, _) = latin()
    chapters = (
        Chapter(start=0, title="Start & <welcome>"),
        Chapter(start=61.25, title="Кыргызстан", url="https://www.radio.example/?a=1&b=2", image="https://www.radio.example/c.jpg"),
        Chapter(start=90, title="Hidden", toc=False),
        Chapter(start=3725.5, title="Music"),
    )
    return show, (replace(kings, chapters=chapters),)


FEEDS = {"latin": latin, "kyrgyz": kyrgyz, "arabic": arabic, "everything": everything, "twins": twins}


def rendered(name: str) -> bytes:
    """Render one of the shows, with the version of the program taken out."""
    show, episodes = FEEDS[name]()
    others = (arabic()[0], kyrgyz()[0]) if name == "twins" else ()
    feed = render(show, episodes, SITE, twins=others, simple_chapters=name == "twins")
    return feed.replace(f"<generator>podcast/{__version__}<".encode(), b"<generator>podcast/VERSION<")


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for feed in FEEDS:
        (GOLDEN / f"{feed}.xml").write_bytes(rendered(feed))
