"""What every HTML file keeps to, whatever the text in it."""

import gzip
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import pytest
from lxml import html

from podcast.model import Artwork, Category, Chapter, Cue, Episode, Funding, Owner, Person, Show, Transcript
from podcast.player import assets, episode_files, render_embed, render_home, show_files
from podcast.player.embed import render_missing
from podcast.player.labels import _LABELS, player_words
from podcast.player.pages import render_older
from podcast.player.policy import content_security_policy
from podcast.site import Site
from tests.make import MOMENT, make_episode, make_show

SITE = Site("https://podcasts.radio.example/")
ART = Artwork(sha256="ef" * 32, md5="0" * 32, length=1, media_type="image/jpeg", width=1400, height=1400)
NOTHING = "No media source currently available"
STATES = (NOTHING, "Try again", "Please wait", "could not be loaded", "Not available yet", "no longer available", "Copied to")
XSS = """javascript:/*--></title></style></textarea></script><svg/onload='xss()'><img src=x onerror="xss()">"'`${xss()}{{7*7}}"""

FULL_SHOW = make_show(
    artwork=ART,
    link="https://radio.example/",
    persons=(Person(name="Muhammad", href="https://radio.example/m", image="https://radio.example/m.jpg"),),
    funding=(Funding(url="https://radio.example/give", text="Give"),),
    copyright="Radio",
)
FULL_EPISODE = make_episode(
    notes="**Notes**",
    language="en",
    link="https://radio.example/kings",
    artwork=ART,
    chapters=(Chapter(start=310, title="The letter", url="https://radio.example/l", image="https://radio.example/l.jpg"),),
    transcripts=(Transcript(sha256="0" * 64, md5="0" * 32, length=1, language="en"),),
    persons=(Person(name="Bruce", href="https://radio.example/b", image="https://radio.example/b.jpg"),),
)
CUES = {"en": [Cue(start=0, end=4, text="Welcome", speaker="Muhammad")]}

#: Links that a phone opens in an app; each is made of the address of our own feed.
APPS = [f"{scheme}podcasts.radio.example/majlis/feed.xml" for scheme in ("podcast://", "pktc://subscribe/", "podcastaddict://")]
APPS.append("overcast://x-callback-url/add?url=https%3A%2F%2Fpodcasts.radio.example%2Fmajlis%2Ffeed.xml")

#: What names a file or a rule of rendering and is checked where it is made: no text of anybody's.
NO_TEXT = {"slug", "show", "sha256", "md5", "media_type"}


def poisoned(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the value again and again, each time with the payload in another one of its texts."""
    for field in fields(value):
        for name, bad in _poisoned_parts(getattr(value, field.name), field.name):
            yield name, replace(value, **{field.name: bad})


def _poisoned_parts(part: Any, name: str) -> Iterator[tuple[str, Any]]:
    if name in NO_TEXT or isinstance(part, Enum):
        return
    if isinstance(part, str):
        yield name, XSS
    elif is_dataclass(part):
        for inner, bad in poisoned(part):
            yield f"{name}.{inner}", bad
    elif isinstance(part, tuple) and part:
        for inner, bad in poisoned(part[0]):
            yield f"{name}.{inner}", (bad, *part[1:])


def everything(show: Show = FULL_SHOW, episode: Episode = FULL_EPISODE, site: Site = SITE) -> dict[str, bytes]:
    """Return all HTML files that these values make."""
    cues: dict[str, Sequence[Cue]] = {transcript.language: CUES["en"] for transcript in episode.transcripts}
    files = episode_files(site, show, episode, cues) | show_files(site, show, [episode]) | {"index.html": render_home(site, [show])}
    files["no-episode.html"] = render_embed(site, show, None, latest=True)
    files["missing.html"] = render_missing(site)
    files["older.html"] = render_older(site, show, [episode], 2, 3)
    return {key: body for key, body in files.items() if key.endswith(".html")}


def parse(body: bytes) -> Any:
    return html.document_fromstring(body)


def assert_harmless(key: str, body: bytes) -> None:
    """Hold what a browser would run or load against what we put there ourselves."""
    tree = parse(body)
    own = {SITE.url(name) for name, _ in assets()}
    assert [] == [element.tag for element in tree.iter("style", "svg", "math", "iframe", "object", "embed", "base", "form")], key
    data = [element for element in tree.iter("script") if element.get("type") == "application/ld+json"]
    assert all("<" not in element.text_content() and json.loads(element.text_content()) for element in data), key
    scripts = [element for element in tree.iter("script") if element not in data]
    assert own >= {element.get("src") for element in scripts}, key
    assert "" == "".join(element.text_content() for element in scripts), key
    for element in tree.iter(html.etree.Element):
        handlers = [name for name in element.attrib if str(name).startswith("on") or name in {"style", "srcdoc"}]
        assert [] == handlers, key
        for name in ("href", "src"):
            address = element.get(name, "#")
            assert address.startswith(("https://", "#", *APPS)), (key, address)
        for name in ("data-picture", "data-peaks", "data-json"):
            assert element.get(name, SITE.base).startswith(SITE.base), key
    assert {element.get("src") for element in tree.iter("img", "audio")} <= {
        *(SITE.url(f"majlis/art/efefefefefef-{width}.jpg") for width in (256, 512)),
        SITE.url("majlis/media/kings-of-corruption-abababababab.mp3"),
    }


@pytest.mark.parametrize(("key", "body"), everything().items(), ids=everything())
def test_no_page_holds_script_style_or_somebody_elses_address(key: str, body: bytes) -> None:
    assert_harmless(key, body)


@pytest.mark.parametrize(("name", "show"), [*poisoned(FULL_SHOW)], ids=[name for name, _ in poisoned(FULL_SHOW)])
def test_no_text_of_a_show_gets_out_of_its_place(name: str, show: Show) -> None:
    for key, body in everything(show=show).items():
        assert_harmless(f"{name} in {key}", body)


@pytest.mark.parametrize(("name", "episode"), [*poisoned(FULL_EPISODE)], ids=[name for name, _ in poisoned(FULL_EPISODE)])
def test_no_text_of_an_episode_gets_out_of_its_place(name: str, episode: Episode) -> None:
    for key, body in everything(episode=episode).items():
        assert_harmless(f"{name} in {key}", body)


def test_the_payload_reaches_every_text_that_the_model_has() -> None:
    shows, episodes = ({name for name, _ in poisoned(value)} for value in (FULL_SHOW, FULL_EPISODE))

    assert {"title", "description", "owner.name", "categories.text", "persons.name", "funding.url", "copyright", "author"} <= shows
    assert {"title", "notes", "guid", "link", "chapters.title", "chapters.url", "transcripts.language", "persons.href"} <= episodes
    assert (Owner, Category) == (type(FULL_SHOW.owner), type(FULL_SHOW.categories[0]))


def test_a_template_in_a_text_is_text() -> None:
    assert b"{{7*7}}" in everything(show=make_show(title="{{7*7}}"))["majlis/index.html"]


@pytest.mark.parametrize(("key", "body"), everything().items(), ids=everything())
def test_every_page_carries_the_policy_and_names_its_language(key: str, body: bytes) -> None:
    tree = parse(body)

    assert [content_security_policy(SITE)] == tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert ("en", "ltr") == (tree.get("lang"), tree.get("dir")), key
    assert body.startswith(b"<!doctype html>\n")


def test_the_policy_opens_nothing_but_the_projects_own_files() -> None:
    policy = (
        "default-src 'none'; script-src https://s3.example/bucket/assets/; style-src https://s3.example/bucket/assets/; "
        "img-src https://s3.example/bucket/; media-src https://s3.example/bucket/; "
        "connect-src https://s3.example/bucket/; base-uri 'none'; form-action 'none'"
    )

    assert policy == content_security_policy(Site("https://s3.example/bucket/"))


def test_an_address_cannot_add_to_the_policy() -> None:
    assert 7 == content_security_policy(Site("https://s3.example/a;script-src *,b/")).count(";")


@pytest.mark.parametrize("language", _LABELS)
def test_an_embed_with_its_script_and_style_has_less_than_15_kb(language: str) -> None:
    loaded = {SITE.url(key): body for key, body in assets()}
    show = make_show(language=language, artwork=ART, title="م" * 60)
    page = render_embed(SITE, show, replace(FULL_EPISODE, title="م" * 150), latest=True)
    tree = parse(page)
    files = [loaded[address] for address in tree.xpath("//link[@rel='stylesheet']/@href | //script/@src")]

    assert 2 == len(files)
    assert sum(len(gzip.compress(body)) for body in (page, *files)) < 15_000


def test_every_language_has_all_words_of_the_script() -> None:
    words = player_words()

    assert _LABELS.keys() == words.keys()
    assert [] == [(tag, name) for tag, own in words.items() for name, word in own.items() if not word]
    assert {"rtl": {"fa", "ar"}, "ltr": {"en", "ru", "ky", "kk"}} == {
        way: {tag for tag, own in words.items() if own["direction"] == way} for way in ("rtl", "ltr")
    }


def test_the_script_knows_each_word_that_it_says_or_changes() -> None:
    script = (assets()[0][1] + b"".join(everything().values())).decode()
    named = set(re.findall(r"\bwords\.(\w+)|data-word=\"(\w+)\"", script))

    assert {one or other for one, other in named} <= player_words()["en"].keys()


@pytest.mark.parametrize(
    ("tag", "direction", "word"), [("ar", "rtl", "أحدث حلقة"), ("fa-IR", "rtl", "تازه‌ترین قسمت"), ("ky", "ltr", "Акыркы чыгарылыш")]
)
def test_words_and_direction_follow_the_language(tag: str, direction: str, word: str) -> None:
    tree = parse(render_embed(SITE, make_show(language=tag), make_episode(), latest=True))

    assert (tag, direction) == (tree.get("lang"), tree.get("dir"))
    assert word in tree.text_content()
    assert "auto" == tree.find(".//h1").get("dir")


def test_an_episode_may_have_a_language_of_its_own() -> None:
    tree = parse(render_embed(SITE, make_show(language="en"), make_episode(language="fa"), latest=False))

    assert ("fa", "rtl") == (tree.get("lang"), tree.get("dir"))


@pytest.mark.parametrize(("key", "body"), everything().items(), ids=everything())
def test_no_state_stands_in_the_text_of_a_file(key: str, body: bytes) -> None:
    """A program that takes what it finds for the article finds none, in an attribute neither, but where nothing else is there."""
    text = parse(body).text_content() if "data-now" in body.decode() else body.decode()

    assert [] == [word for word in STATES if word in text], key
    assert ("no-episode" in key or "missing" in key) == ("data-now" in body.decode())


def test_a_card_with_nothing_to_play_says_why() -> None:
    empty, withdrawn = (
        parse(render_embed(SITE, make_show(), None, latest=latest)).find(".//p[@role='status']") for latest in (True, False)
    )

    assert ("empty", NOTHING) == (empty.get("data-state"), empty.get("data-now"))
    assert ("withdrawn", "This episode is no longer available") == (withdrawn.get("data-state"), withdrawn.get("data-now"))
    assert "scheduled" == parse(render_missing(SITE)).find(".//p[@role='status']").get("data-state")


def test_only_the_embed_of_the_latest_episode_calls_it_that() -> None:
    latest, one = (render_embed(SITE, make_show(), make_episode(), latest=latest).decode() for latest in (True, False))

    assert "Latest episode" in latest
    assert "Latest episode" not in one
    assert "Latest episode" not in render_embed(SITE, make_show(), None, latest=True).decode()


def test_the_audio_is_not_touched_before_somebody_plays_it() -> None:
    audio = parse(render_embed(SITE, make_show(), make_episode(), latest=True)).find(".//audio")

    assert {
        "controls": "",
        "preload": "none",
        "src": SITE.enclosure(make_episode()).url,
        "aria-label": "Kyrgyzstan’s Kings Of Corruption",
    } == dict(audio.attrib)


def test_the_show_page_offers_the_feed_and_lists_what_it_is_given() -> None:
    first, second = make_episode("first", title="First"), make_episode("second", title="Second", published=None)
    tree = parse(show_files(SITE, make_show(), [first, second])["majlis/index.html"])

    assert [SITE.url("majlis/feed.xml")] == tree.xpath("//link[@rel='alternate'][@type='application/rss+xml']/@href")
    assert [SITE.url(f"majlis/{slug}/index.html") for slug in ("first", "second")] == tree.xpath("//ol//a/@href")
    assert [MOMENT.isoformat()] == tree.xpath("//ol//time[@class='date']/@datetime")


def test_pages_tell_the_date_that_the_newsroom_s_calendar_shows() -> None:
    site, late = replace(SITE, zone="Asia/Bishkek"), make_episode(published=datetime(2026, 11, 24, 20, 30, tzinfo=UTC))
    pages = [
        show_files(site, make_show(), [late])["majlis/index.html"],
        episode_files(site, make_show(), late, {})[f"majlis/{late.slug}/index.html"],
    ]

    assert [["2026-11-25"], ["2026-11-25"]] == [parse(page).xpath("//time[@class='date']/text()") for page in pages]
    assert [["2026-11-25T02:30:00+06:00"]] * 2 == [parse(page).xpath("//time[@class='date']/@datetime") for page in pages]


def test_the_show_page_leads_to_the_same_programme_in_other_languages() -> None:
    twins = [
        make_show(slug="majlis-ky", title="Майлис", language="ky-KG"),
        make_show(slug="majlis-cs", title="<Madžlis>", language="cs", link="https://radio.example/cs"),
    ]
    tree = parse(show_files(SITE, make_show(), [], twins)["majlis/index.html"])

    pages = [("ky-KG", SITE.url("majlis-ky/index.html")), ("cs", "https://radio.example/cs")]
    assert pages == [(link.get("hreflang"), link.get("href")) for link in tree.xpath("//head/link[@hreflang]")]
    assert [("Кыргызча", "ky-KG", "Майлис"), ("cs", "cs", "<Madžlis>")] == [
        (link.text_content(), link.get("lang"), link.get("title")) for link in tree.xpath("//main//a[@hreflang]")
    ]
    assert pages == [(link.get("hreflang"), link.get("href")) for link in tree.xpath("//main//a[@hreflang]")]
    assert [] == parse(show_files(SITE, make_show(), [])["majlis/index.html"]).xpath("//*[@hreflang]")


def test_the_episode_page_shows_notes_chapters_and_transcripts() -> None:
    tree = parse(everything()["majlis/kings-of-corruption/index.html"])

    assert ["Notes"] == tree.xpath("//div[@class='notes']//strong/text()")
    assert ["#t=310"] == tree.xpath("//ol[@class='chapters']//a/@href")
    assert [SITE.url(f"majlis/kings-of-corruption/transcript.{extension}") for extension in ("vtt", "srt", "json")] == tree.xpath(
        "//details[@class='words']/p[@class='foot']/a/@href"
    )
    assert ["0:00:00 Muhammad Welcome"] == [line.text_content() for line in tree.xpath("//details[@class='words']/p[@dir]")]
    assert ["https://radio.example/b"] == tree.xpath("//ul[@class='persons']//a/@href")


def test_social_sites_find_title_picture_and_audio() -> None:
    tree = parse(everything()["majlis/kings-of-corruption/index.html"])
    graph = {meta.get("property"): meta.get("content") for meta in tree.iter("meta") if meta.get("property")}

    assert {
        "og:type": "article",
        "og:title": "Kyrgyzstan’s Kings Of Corruption",
        "og:description": "Notes",
        "og:url": "https://radio.example/kings",
        "og:site_name": "Majlis",
        "og:image": SITE.url("majlis/art/efefefefefef-1400.jpg"),
        "og:image:width": "1400",
        "og:image:height": "1400",
        "og:audio": SITE.url("majlis/media/kings-of-corruption-abababababab.mp3"),
        "og:audio:type": "audio/mpeg",
    } == graph


def test_a_chapter_that_is_hidden_or_has_no_title_is_not_listed() -> None:
    chapters = (Chapter(start=0, title="Shown"), Chapter(start=1, title="Hidden", toc=False), Chapter(start=2))
    tree = parse(everything(episode=make_episode(chapters=chapters))["majlis/kings-of-corruption/index.html"])

    assert ["Shown"] == tree.xpath("//ol[@class='chapters']//bdi/text()")


def test_only_a_chapters_picture_of_our_own_is_shown() -> None:
    images = SITE.url("majlis/art/efefefefefef-600.png"), "https://radio.example/l.jpg", None
    chapters = tuple(Chapter(start=number, title="One", image=image) for number, image in enumerate(images))
    for body in episode_files(SITE, make_show(), make_episode(chapters=chapters), {}).values():
        if body.startswith(b"<!doctype"):
            assert [images[0], None, None] == [link.get("data-picture") for link in parse(body).xpath("//ol[@class='chapters']//a")]


def test_the_data_names_the_waveform_or_it_is_not_asked_for() -> None:
    for peaks in (True, False):
        files = episode_files(SITE, make_show(), make_episode(), {}, peaks=peaks) | show_files(
            SITE, make_show(), [make_episode()], peaks=peaks
        )
        for key in ("majlis/kings-of-corruption/embed.html", "majlis/kings-of-corruption/index.html", "majlis/embed/latest.html"):
            named = parse(files[key]).xpath("//@data-peaks")
            assert ([SITE.url("majlis/kings-of-corruption/peaks.json")] if peaks else []) == named
