"""Podcast apps and their parsers read our feed over HTTP, and find in it what the catalogue holds."""

import hashlib
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import feedparser
import podcastparser
import pytest

from .conftest import LONG, Project

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("chromium")]


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as response:
        body: bytes = response.read()
        return body


def catalogue(served: Project) -> list[dict[str, Any]]:
    episodes: list[dict[str, Any]] = served.json("list", "--published")["episodes"]
    assert 4 == len(episodes)
    return episodes


def test_feedparser_finds_every_field_of_the_catalogue(served: Project) -> None:
    feed = feedparser.parse(fetch(served.feed_url))
    assert not feed.bozo
    assert ("Majlis", "en", "Radio", "One question every week.") == (
        feed.feed.title,
        feed.feed.language,
        feed.feed.author,
        feed.feed.description,
    )
    for item, episode in zip(feed.entries, catalogue(served), strict=True):
        assert (episode["title"], episode["guid"], episode["link"]) == (item.title, item.id, item.link)
        assert episode["published"] == "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*item.published_parsed[:6])
        assert str(episode["duration"]) == item.itunes_duration
        (enclosure,) = item.enclosures
        assert (episode["enclosure"]["url"], str(episode["enclosure"]["length"]), episode["enclosure"]["type"]) == (
            enclosure.href,
            enclosure.length,
            enclosure.type,
        )
        assert (str(episode["season"] or ""), str(episode["number"] or "")) == (
            item.get("itunes_season", ""),
            item.get("itunes_episode", ""),
        )


def test_podcastparser_finds_every_field_of_the_catalogue(served: Project, tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(fetch(served.feed_url))
    with path.open("rb") as stream:
        feed = podcastparser.parse(served.feed_url, stream)
    assert "Majlis" == feed["title"]
    for item, episode in zip(feed["episodes"], catalogue(served), strict=True):
        assert (episode["title"], episode["guid"], episode["duration"]) == (item["title"], item["guid"], item["total_time"])
        (enclosure,) = item["enclosures"]
        facts = episode["enclosure"]
        assert (facts["url"], facts["length"], facts["type"]) == (enclosure["url"], enclosure["file_size"], enclosure["mime_type"])
        assert len(episode["chapters"]) == len(item.get("chapters", episode["chapters"]))


def test_every_enclosure_answers_with_the_bytes_that_the_catalogue_measured(served: Project) -> None:
    for episode in catalogue(served):
        body = fetch(episode["enclosure"]["url"])
        assert (episode["audio"]["sha256"], episode["enclosure"]["length"]) == (hashlib.sha256(body).hexdigest(), len(body))


def test_the_long_episode_lasts_what_it_says(served: Project) -> None:
    newest = catalogue(served)[0]
    assert ("Kyrgyzstan’s Kings Of Corruption", LONG, "0:34:52") == (newest["title"], newest["duration"], newest["duration_text"])
    assert 5 == len(newest["chapters"])


def test_gpodder_subscribes_and_downloads_the_audio_byte_by_byte(served: Project, tmp_path: Path) -> None:
    environment = os.environ | {"GPODDER_HOME": str(tmp_path / "home"), "GPODDER_DOWNLOAD_DIR": str(tmp_path / "downloads")}

    def gpo(*words: str) -> str:
        ran = subprocess.run(["gpo", *words], env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
        assert 0 == ran.returncode, ran.stderr
        return ran.stdout

    gpo("subscribe", served.feed_url)
    gpo("update")
    gpo("download")
    downloaded = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "downloads").rglob("*") if path.is_file()}
    assert {episode["audio"]["sha256"] for episode in catalogue(served)} <= downloaded
