import json

from podcast.model import Chapter, Cue, Transcript
from podcast.player import assets, embed_code, episode_files, show_files
from podcast.player.embed import render_embed
from podcast.site import Site
from podcast.storage.keys import is_key
from tests.make import make_episode, make_show

SITE = Site("https://podcasts.radio.example/")
CUES = {"en": [Cue(start=0, end=4, text="Welcome", speaker="Muhammad")], "ky": [Cue(start=0, end=4, text="Салам")]}
TRANSCRIPTS = tuple(Transcript(sha256="0" * 64, md5="0" * 32, length=1, language=tag) for tag in CUES)


def test_an_episode_has_page_embed_and_data() -> None:
    assert {
        "majlis/kings-of-corruption/index.html",
        "majlis/kings-of-corruption/embed.html",
        "majlis/kings-of-corruption/episode.json",
        "majlis/kings-of-corruption/oembed.json",
        "majlis/kings-of-corruption/podlove.json",
    } == episode_files(SITE, make_show(), make_episode(), {}).keys()


def test_chapters_and_transcripts_are_files_of_their_own() -> None:
    episode = make_episode(chapters=(Chapter(start=310, title="The letter"),), transcripts=TRANSCRIPTS)

    files = episode_files(SITE, make_show(), episode, CUES)

    assert "The letter" == json.loads(files["majlis/kings-of-corruption/chapters.json"])["chapters"][0]["title"]
    assert b"Welcome" in files["majlis/kings-of-corruption/transcript.vtt"]
    assert "Салам".encode() in files["majlis/kings-of-corruption/transcript-ky.srt"]
    assert "Салам" in json.loads(files["majlis/kings-of-corruption/transcript-ky.json"])["segments"][0]["body"]
    assert 5 + 1 + 6 == len(files)


def test_a_show_has_page_data_and_the_embed_of_its_newest_episode() -> None:
    newest, older = make_episode("newest", title="The newest"), make_episode("older", title="The older")

    files = show_files(SITE, make_show(), [newest, older])

    assert {
        "majlis/index.html",
        "majlis/latest.json",
        "majlis/oembed.json",
        "majlis/sitemap.xml",
        "majlis/episodes.json",
        "majlis/podlove-config.json",
        "majlis/podlove-playlist.json",
        "majlis/embed/latest.html",
        "majlis/embed/player.js",
    } == files.keys()
    assert render_embed(SITE, make_show(), newest, latest=True) == files["majlis/embed/latest.html"]
    assert "The newest" == json.loads(files["majlis/latest.json"])["title"]
    assert ["newest", "older"] == [each["slug"] for each in json.loads(files["majlis/episodes.json"])["episodes"]]


def test_a_show_without_episodes_has_the_same_files() -> None:
    assert show_files(SITE, make_show(), [make_episode()]).keys() == show_files(SITE, make_show(), []).keys()


def test_the_same_values_are_the_same_bytes() -> None:
    episode = make_episode(chapters=(Chapter(start=1, title="One"),), transcripts=TRANSCRIPTS)

    first, second = (episode_files(SITE, make_show(), episode, CUES) | show_files(SITE, make_show(), [episode]) for _ in range(2))

    assert first == second
    assert all(body.endswith(b"\n") for key, body in first.items() if key.endswith(".html"))


def test_every_key_may_stand_in_storage() -> None:
    keys = [*episode_files(SITE, make_show(), make_episode(), {}), *show_files(SITE, make_show(), []), *(key for key, _ in assets())]

    assert [] == [key for key in keys if not is_key(key)]


def test_the_code_for_a_blog_escapes_what_it_names() -> None:
    code = embed_code(SITE, make_show(title='"><script>'), make_episode(title="a & b"))

    assert 'title="&#34;&gt;&lt;script&gt;: a &amp; b"' in code
    assert 'src="https://podcasts.radio.example/majlis/kings-of-corruption/embed.html"' in code
    assert "majlis/embed/latest.html" in embed_code(SITE, make_show())
