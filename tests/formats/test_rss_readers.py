"""What real readers get out of a feed is what the model holds."""

import calendar
import io
from typing import Any, TypeAlias

import feedparser
import podcastparser
import pytest

from podcast.formats import notes, rss
from podcast.formats.namespaces import NAMESPACES
from podcast.formats.text import safe_url
from podcast.model import Episode, Show
from tests.formats import shows

Parsed: TypeAlias = Any
SITE = shows.SITE


@pytest.fixture(params=shows.FEEDS)
def feed(request: pytest.FixtureRequest) -> tuple[Show, tuple[Episode, ...], bytes]:
    feed = shows.load(request.param)
    return feed.show, feed.episodes, feed.rendered()


def test_feedparser_reads_the_show(feed: tuple[Show, tuple[Episode, ...], bytes]) -> None:
    show, episodes, xml = feed
    parsed = feedparser.parse(xml, sanitize_html=False)
    channel = parsed.feed
    assert not parsed.bozo
    assert (show.title, show.language, show.author) == (channel.title, channel.language, channel.author)
    assert show.short_title == channel.get("itunes_title", "")
    assert (show.block, show.complete) == (bool(channel.get("itunes_block")), channel.get("itunes_complete") == "Yes")
    assert show.new_feed_url == channel.get("itunes_new-feed-url", "")
    assert show.description == channel.subtitle
    assert SITE.show_page(show) == channel.link
    assert SITE.artwork(show) == channel.image.href
    assert show.copyright == channel.get("rights", "")
    assert show.type == channel.itunes_type
    assert show.guid == channel.podcast_guid
    assert f"{SITE.base}{show.slug}/feed.xml" == next(link.href for link in channel.links if link.rel == "self")
    assert [name for found in show.categories for name in (found.text, found.sub) if name] == [tag.term for tag in channel.tags]
    assert max(map(rss.changed, episodes)).timestamp() == calendar.timegm(channel.updated_parsed)
    if show.owner:
        assert {"name": show.owner.name, "email": show.owner.email} == channel.publisher_detail


def test_feedparser_reads_the_episodes(feed: tuple[Show, tuple[Episode, ...], bytes]) -> None:
    show, episodes, xml = feed
    parsed = feedparser.parse(xml, sanitize_html=False)
    assert len(episodes) == len(parsed.entries)
    for episode, entry in zip(episodes, parsed.entries, strict=True):
        assert (episode.title, episode.guid, SITE.page(episode)) == (entry.title, entry.id, entry.link)
        assert notes.to_feed_html(episode.notes) == entry.get("summary", "")
        whole = notes.to_html(episode.notes, rel=None)
        assert ([whole] if whole != notes.to_feed_html(episode.notes) else []) == [one.value for one in entry.get("content", ())]
        assert episode.short_title == entry.get("itunes_title", "")
        assert episode.block == bool(entry.get("itunes_block"))
        assert (SITE.artwork(show, episode) if episode.artwork else None) == entry.get("image", {}).get("href")
        assert episode.published is not None
        assert episode.published.timestamp() == calendar.timegm(entry.published_parsed)
        enclosure = SITE.enclosure(episode)
        assert [(enclosure.url, str(enclosure.length), enclosure.type)] == [(e.href, e.length, e.type) for e in entry.enclosures]
        assert str(episode.audio.duration) == entry.itunes_duration
        assert episode.type == entry.itunes_episodetype
        assert (episode.season, episode.number) == tuple(
            int(n) if n else None for n in (entry.get("itunes_season"), entry.get("itunes_episode"))
        )


def test_podcastparser_reads_the_show(feed: tuple[Show, tuple[Episode, ...], bytes]) -> None:
    show, _, xml = feed
    parsed = podcastparser.parse("https://cdn.radio.example/feed.xml", io.BytesIO(xml))
    assert (show.title, show.description, show.language) == (parsed["title"], parsed["description"], parsed["language"])
    assert (show.author, show.explicit, show.type) == (parsed["itunes_author"], parsed["explicit"], parsed["type"])
    assert (SITE.show_page(show), SITE.artwork(show)) == (parsed["link"], parsed["cover_url"])
    assert [[name for name in (found.text, found.sub) if name] for found in show.categories] == parsed["itunes_categories"]
    assert show.new_feed_url == parsed.get("new_url", "")
    owner = {"name": show.owner.name, "email": show.owner.email} if show.owner else None
    assert owner == parsed.get("itunes_owner")


def test_podcastparser_reads_the_episodes(feed: tuple[Show, tuple[Episode, ...], bytes]) -> None:
    show, episodes, xml = feed
    found: list[Parsed] = podcastparser.parse("https://cdn.radio.example/feed.xml", io.BytesIO(xml))["episodes"]
    by_guid = {parsed["guid"]: parsed for parsed in found}
    assert {episode.guid for episode in episodes} == set(by_guid)
    for episode in episodes:
        parsed = by_guid[episode.guid]
        assert (episode.title, SITE.page(episode), episode.audio.duration) == (parsed["title"], parsed["link"], parsed["total_time"])
        assert episode.published is not None
        assert episode.published.timestamp() == parsed["published"]
        enclosure = SITE.enclosure(episode)
        assert [{"url": enclosure.url, "file_size": enclosure.length, "mime_type": enclosure.type}] == parsed["enclosures"]
        assert (episode.number, episode.season, episode.type) == (parsed.get("number"), parsed.get("season"), parsed["type"])
        assert (show.explicit if episode.explicit is None else episode.explicit) == parsed["explicit"]
        assert notes.to_html(episode.notes, rel=None) == parsed.get("description_html", "")
        assert (SITE.artwork(show, episode) if episode.artwork else None) == parsed.get("episode_art_url")


def with_the_other_address(xml: bytes) -> bytes:
    """Return the feed with the older of the two addresses of the podcast namespace, the only one that podcastparser knows."""
    return xml.replace(NAMESPACES["podcast"].encode(), b"https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md")


def test_podcastparser_reads_podcasting_20(feed: tuple[Show, tuple[Episode, ...], bytes]) -> None:
    show, episodes, xml = feed
    parsed = podcastparser.parse("https://cdn.radio.example/feed.xml", io.BytesIO(with_the_other_address(xml)))
    # Of several it keeps the last one.
    assert [safe_url(one.url) for one in show.funding][-1:] == [parsed[name] for name in ("funding_url",) if name in parsed]
    assert show.locked == parsed["import_prohibited"]
    found = {episode["guid"]: episode for episode in parsed["episodes"]}
    for episode in episodes:
        read = found[episode.guid]
        persons = [
            {
                "name": one.name,
                "role": one.role,
                "group": one.group,
                "href": one.href and safe_url(one.href),
                "img": one.image and safe_url(one.image),
            }
            for one in episode.persons
        ]
        assert persons == read.get("persons", [])
        address = f"{SITE.base}{show.slug}/{episode.slug}"
        assert (f"{address}/chapters.json" if episode.chapters else None) == read.get("chapters_json_url")
        assert bool(episode.transcripts) == read.get("transcript_url", "").startswith(f"{address}/transcript")


def test_podcastparser_reads_simple_chapters() -> None:
    parsed = podcastparser.parse("https://cdn.radio.example/feed.xml", io.BytesIO(shows.load("twins").rendered()))
    # It drops the fractions of a second.
    assert [
        {"start": 0, "title": "Start & <welcome>"},
        {
            "start": 61,
            "title": "Кыргызстан",
            "href": "https://www.radio.example/?a=1&b=2",
            "image": "https://www.radio.example/c.jpg",
        },
        {"start": 3725, "title": "Music"},
    ] == parsed["episodes"][0]["chapters"]


def podcasting_20(parsed: Parsed) -> dict[str, Any]:
    """Return what feedparser keeps of the podcast namespace: the last element of each name, its attributes or else its text."""
    return {name.removeprefix("podcast_"): value for name, value in parsed.items() if name.startswith("podcast_")}


BISHKEK = {"country": "kg", "geo": "geo:42.87,74.59", "osm": "R2566100", "rel": "subject"}
DESK = {"accountid": "@desk", "protocol": "irc", "server": "irc.radio.example", "space": "#majlis"}
SONG = {
    "feedguid": "a94f5cc9-8c58-55fc-91fe-a324087a655b",
    "feedurl": "https://music.example/feed.xml",
    "itemguid": "song/1",
    "medium": "music",
    "title": "Күү",
}
LICENSE = {"url": "https://www.radio.example/license"}
VALUE = {"method": "keysend", "suggested": "0.00000005000", "type": "lightning"}
PAY = {"address": "pay@radio.example", "fee": "true", "split": "5", "type": "lnaddress"}


def test_feedparser_reads_podcasting_20_of_the_show() -> None:
    """The live item stands last, and so it is what feedparser keeps of the elements that it holds."""
    assert {
        "alternateenclosure": {"type": "application/x-mpegurl"},
        "block": {"id": "apple"},
        "chat": DESK,
        "contentlink": {"href": "https://live.example/"},
        "episode": "14",
        "funding": {"url": "https://www.radio.example/live"},
        "guid": "903d441d-3555-5853-9495-f9b10e82d77e",
        "image": {
            "alt": "A yurt & a mast",
            "aspect-ratio": "16/9",
            "height": "1080",
            "href": "https://media.example/wide.jpg",
            "purpose": "artwork social",
            "type": "image/jpeg",
            "width": "1920",
        },
        "license": LICENSE,
        "liveitem": {"end": "2026-12-01T13:30:00Z", "start": "2026-12-01T12:00:00Z", "status": "pending"},
        "location": BISHKEK,
        "locked": {"owner": "podcasts@radio.example"},
        "medium": "podcast",
        "person": {"group": "cast", "role": "host"},
        "podping": {"usespodping": "true"},
        "podroll": "",
        "publisher": "",
        "remoteitem": SONG,
        "season": "3",
        "socialinteract": {"protocol": "disabled"},
        "source": {"uri": "https://live.example/a.m3u8"},
        "trailer": {"pubdate": "Sat, 01 Nov 2025 06:00:00 +0000", "url": "https://media.example/what.mp3"},
        "txt": "naj3eEZaWV",
        "updatefrequency": {"dtstart": "2026-08-31T00:00:00Z", "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=10"},
        "value": VALUE,
        "valuerecipient": PAY,
    } == podcasting_20(feedparser.parse(shows.load("everything").rendered()).feed)


def test_feedparser_reads_podcasting_20_of_an_episode() -> None:
    address = "https://cdn.radio.example/majlis/kings-of-corruption"
    assert {
        "alternateenclosure": {"bitrate": "16000", "type": "audio/opus"},
        "chapters": {"type": "application/json+chapters", "url": f"{address}/chapters.json"},
        "chat": DESK,
        "contentlink": {"href": "https://video.example/kings"},
        "episode": {"display": "6½"},
        "funding": {"url": "https://www.radio.example/this"},
        "image": {"href": "https://media.example/square.png"},
        "integrity": {"type": "sri", "value": "sha384-ExVqijgYHm15PqQqdXfW95x+Rs6C+d6E/ICxyQOeFevnxNLR/wtJNrNYTjIysUBo"},
        "license": LICENSE,
        "location": BISHKEK,
        "person": {"group": "cast", "role": "guest"},
        "remoteitem": SONG,
        "season": {"name": "The <Silk> Road"},
        "socialinteract": {
            "accountid": "@majlis",
            "accounturl": "https://social.example/@majlis",
            "priority": "1",
            "protocol": "activitypub",
            "uri": "https://social.example/@majlis/1",
        },
        "soundbite": {"duration": "15", "starttime": "0.25"},
        "source": {"uri": "https://media.example/kings.opus"},
        "transcript": {"language": "ky", "type": "application/json", "url": f"{address}/transcript-ky.json"},
        "txt": {"purpose": "ai-content"},
        "value": VALUE,
        "valuerecipient": PAY,
        "valuetimesplit": {"duration": "53", "starttime": "330"},
    } == podcasting_20(feedparser.parse(shows.load("everything").rendered()).entries[0])
