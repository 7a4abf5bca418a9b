import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from podcast.model import Artwork, Chapter, Transcript
from podcast.player.data import episode_json, episodes_json, latest_json
from podcast.site import Site
from tests.make import make_episode, make_show

SITE = Site("https://podcasts.radio.example/pod/")
ART = Artwork(sha256="ef" * 32, md5="0" * 32, length=1, media_type="image/jpeg", width=1400, height=1400)
EPISODE = make_episode(
    season=2,
    number=5,
    chapters=(Chapter(start=0, title="Introduction"),),
    transcripts=tuple(Transcript(sha256="0" * 64, md5="0" * 32, length=1, language=tag) for tag in ("en", "ky")),
)


def test_the_latest_episode_in_full() -> None:
    assert {
        "show": {
            "slug": "majlis",
            "guid": "9b024349-ccf0-5f69-a609-6b82873eab3c",
            "title": "Majlis",
            "language": "en",
            "page": "https://podcasts.radio.example/pod/majlis/index.html",
        },
        "state": "published",
        "slug": "kings-of-corruption",
        "guid": EPISODE.guid,
        "title": "Kyrgyzstan’s Kings Of Corruption",
        "published": "2026-11-25T09:00:00Z",
        "duration": 2092,
        "duration_text": "0:34:52",
        "season": 2,
        "number": 5,
        "type": "full",
        "language": "en",
        "media": [
            {
                "url": "https://podcasts.radio.example/pod/majlis/media/kings-of-corruption-abababababab.mp3",
                "type": "audio/mpeg",
                "length": 33472000,
            }
        ],
        "artwork": [
            {
                "url": f"https://podcasts.radio.example/pod/majlis/art/efefefefefef-{width}.jpg",
                "type": "image/jpeg",
                "width": width,
                "height": width,
            }
            for width in (1400, 512, 256, 96)
        ],
        "links": {
            "page": "https://podcasts.radio.example/pod/majlis/kings-of-corruption/index.html",
            "embed": "https://podcasts.radio.example/pod/majlis/kings-of-corruption/embed.html",
            "feed": "https://podcasts.radio.example/pod/majlis/feed.xml",
            "chapters": "https://podcasts.radio.example/pod/majlis/kings-of-corruption/chapters.json",
            "transcripts": [
                {
                    "language": "en",
                    "vtt": "https://podcasts.radio.example/pod/majlis/kings-of-corruption/transcript.vtt",
                    "srt": "https://podcasts.radio.example/pod/majlis/kings-of-corruption/transcript.srt",
                    "json": "https://podcasts.radio.example/pod/majlis/kings-of-corruption/transcript.json",
                },
                {
                    "language": "ky",
                    "vtt": "https://podcasts.radio.example/pod/majlis/kings-of-corruption/transcript-ky.vtt",
                    "srt": "https://podcasts.radio.example/pod/majlis/kings-of-corruption/transcript-ky.srt",
                    "json": "https://podcasts.radio.example/pod/majlis/kings-of-corruption/transcript-ky.json",
                },
            ],
        },
    } == json.loads(latest_json(SITE, make_show(artwork=ART), EPISODE))


def test_before_the_first_episode_the_shape_is_the_same_and_empty() -> None:
    full, empty = (json.loads(latest_json(SITE, make_show(), episode)) for episode in (EPISODE, None))

    assert full.keys() == empty.keys()
    assert full["links"].keys() == empty["links"].keys()
    assert ("empty", None, []) == (empty["state"], empty["title"], empty["media"])
    assert "https://podcasts.radio.example/pod/majlis/embed/latest.html" == empty["links"]["embed"]


def test_the_list_holds_the_same_episodes_without_repeating_the_show() -> None:
    one = json.loads(episode_json(SITE, make_show(), EPISODE))
    show = one.pop("show")

    assert {"show": show, "episodes": [one]} == json.loads(episodes_json(SITE, make_show(), [EPISODE]))


def test_the_same_episode_is_the_same_bytes_whatever_zone_its_time_came_in() -> None:
    elsewhere = replace(EPISODE, published=datetime(2026, 11, 25, 15, 0, tzinfo=timezone(timedelta(hours=6))))

    assert latest_json(SITE, make_show(), EPISODE) == latest_json(SITE, make_show(), elsewhere)


def test_an_own_page_is_linked_only_where_it_is_safe_to_follow() -> None:
    def page(link: str) -> str:
        return str(json.loads(episode_json(SITE, make_show(), replace(EPISODE, link=link)))["links"]["page"])

    assert "https://radio.example/kings" == page("https://radio.example/kings")
    assert page("") == page("javascript:alert(1)")
