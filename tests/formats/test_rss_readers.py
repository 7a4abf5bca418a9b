"""What real readers get out of a feed is what the model holds."""

import calendar
import io
from typing import Any, TypeAlias

import feedparser
import podcastparser
import pytest

from podcast.formats import notes, rss
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
