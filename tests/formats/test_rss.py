"""The bytes of a feed: golden files, the joining of items, stability, and the rules of RSS, Apple and PSP-1."""

import locale
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from xml.parsers import expat

import pytest
from lxml import etree

from podcast.errors import UsageError
from podcast.formats import rss
from podcast.formats.namespaces import NAMESPACES, RULES
from podcast.formats.paging import Document
from podcast.model import Artwork, Category, Chapter, Episode, EpisodeType, Funding, Owner, Person, Show
from podcast.site import EXTENSIONS, Site
from tests.formats import shows
from tests.make import AUDIO, MOMENT, make_episode, make_show

Node: TypeAlias = Any

SITE = shows.SITE
NS = NAMESPACES | {"atom": "http://www.w3.org/2005/Atom", "content": "http://purl.org/rss/1.0/modules/content/"}


def channel_of(feed: bytes) -> Node:
    return etree.fromstring(feed)[0]


def channel(show: Show, *episodes: Episode) -> Node:
    return channel_of(rss.render(show, episodes, SITE))


def item(episode: Episode, show: Show | None = None) -> Node:
    return channel(show or make_show(), episode).find("item")


def texts(node: Node, path: str) -> list[str]:
    return [found.text for found in node.findall(path, NS)]


def attributes(node: Node, path: str) -> list[dict[str, str]]:
    return [dict(found.attrib) for found in node.findall(path, NS)]


def archive(count: int) -> list[Episode]:
    """Make episodes that differ in everything that an item can hold, newest first."""
    return [
        make_episode(
            f"episode-{number}",
            title=f"Ң {number} & <more>",
            notes=f"**Part {number}** ]]> & more\n\n" * (number % 40),
            number=number or None,
            season=number % 3 or None,
            type=list(EpisodeType)[number % 3],
            artwork=shows.PICTURE if number % 5 == 0 else None,
            chapters=(Chapter(start=0),) * (number % 2),
            transcripts=(shows.transcript("en"),) * (number % 2),
            persons=(Person(name=f"Guest {number}"),) * (number % 4),
            published=MOMENT - timedelta(days=number),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("name", shows.FEEDS)
def test_the_feed_is_the_golden_one(name: str) -> None:
    assert (shows.GOLDEN / f"{name}.xml").read_bytes().decode() == shows.golden(name).decode()


def test_head_items_and_tail_are_the_bytes_of_a_whole_feedgen_render() -> None:
    show, _ = shows.read("latin")
    episodes = archive(300)
    whole = rss._generator(show, SITE, MOMENT)
    for episode in episodes:
        whole.add_entry(rss._entry(show, episode, SITE), order="append")
    joined = rss.render_head(show, SITE, MOMENT) + b"".join(rss.render_item(show, episode, SITE) for episode in episodes) + rss.TAIL
    assert whole.rss_str() == joined
    assert joined == rss.render(show, episodes, SITE)


def test_episodes_may_come_as_a_stream() -> None:
    episodes = archive(3)

    def stream() -> Iterator[Episode]:
        yield from episodes

    assert rss.render(make_show(), episodes, SITE) == rss.render(make_show(), stream(), SITE)


@pytest.mark.parametrize("name", shows.FEEDS)
def test_the_same_values_are_the_same_bytes(name: str) -> None:
    assert shows.golden(name) == shows.golden(name)


@pytest.mark.parametrize(
    "environment", [{"TZ": "Asia/Bishkek", "LC_ALL": "C"}, {"TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7"}]
)
def test_the_bytes_do_not_depend_on_time_zone_locale_or_hash_seed(environment: dict[str, str]) -> None:
    code = "import sys; from tests.formats import shows; sys.stdout.buffer.write(shows.golden('kyrgyz'))"
    elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=os.environ | environment)
    assert shows.golden("kyrgyz") == elsewhere.stdout


def test_rendering_never_touches_the_locale_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    touched: list[object] = []
    monkeypatch.setattr(locale, "setlocale", lambda *given: touched.append(given))
    rss.render(*shows.read("latin"), SITE)
    assert [] == touched


def test_an_episode_without_a_date_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="kings-of-corruption") as caught:
        rss.render_item(make_show(), make_episode(published=None), SITE)
    assert caught.value.hint


def test_an_item_is_one_element_on_lines_of_its_own() -> None:
    rendered = rss.render_item(make_show(), make_episode(notes="Hello"), SITE)
    assert rendered.startswith(b"<item><title>")
    assert rendered.endswith(b"</item>\n")
    assert 1 == rendered.count(b"<item>")
    assert b"xmlns" not in rendered


class TestXmlAndRss:
    """R01 to R13."""

    @pytest.mark.parametrize("name", shows.FEEDS)
    def test_r01_well_formed_utf_8_from_byte_0_without_doctype(self, name: str) -> None:
        feed = shows.golden(name)
        assert feed.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<rss ")
        assert b"<!DOCTYPE" not in feed
        feed.decode("utf-8")
        expat.ParserCreate().Parse(feed, True)
        etree.fromstring(feed)

    def test_r01_a_doctype_in_notes_stays_text(self) -> None:
        feed = rss.render(make_show(title="<!DOCTYPE x>"), [make_episode(notes='<!DOCTYPE x [<!ENTITY a "b">]> &a;')], SITE)
        assert "<!DOCTYPE x>" == channel_of(feed).findtext("title")
        assert b"<!DOCTYPE" not in feed

    def test_r02_rss_2_with_one_channel(self) -> None:
        root = etree.fromstring(rss.render(make_show(), [], SITE))
        assert ("rss", "2.0", ["channel"]) == (root.tag, root.get("version"), [child.tag for child in root])

    @pytest.mark.parametrize("name", ["title", "link", "description", "language", "generator", "lastBuildDate"])
    def test_r03_channel_elements_stand_once_and_are_not_empty(self, name: str) -> None:
        (text,) = texts(channel(make_show(title="\x00", description=" ", link="javascript:x")), name)
        assert text.strip()

    def test_r03_an_empty_title_falls_back_on_the_slug(self) -> None:
        assert "kings-of-corruption" == item(make_episode(title="\x00 \u202e")).findtext("title")

    def test_r04_namespaces_are_exact_and_declared_on_the_root(self) -> None:
        declared = etree.fromstring(rss.render(make_show(), [], SITE)).nsmap
        assert {
            "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
            "podcast": "https://podcastindex.org/namespace/1.0",
            "atom": "http://www.w3.org/2005/Atom",
            "content": "http://purl.org/rss/1.0/modules/content/",
        } == declared

    def test_r05_dates_are_rfc_2822_in_english_and_utc(self) -> None:
        bishkek = datetime(2026, 1, 3, 4, 5, 6, 789, tzinfo=timezone(timedelta(hours=6)))
        found = item(make_episode(published=bishkek))
        assert ["Fri, 02 Jan 2026 22:05:06 +0000"] == texts(found, "pubDate")

    def test_r06_one_guid_verbatim_and_no_permalink(self) -> None:
        guid = item(make_episode(guid="  tag:Åñ,2017:?p=1&x=<2>")).findall("guid")
        assert [("  tag:Åñ,2017:?p=1&x=<2>", {"isPermaLink": "false"})] == [(found.text, dict(found.attrib)) for found in guid]

    @pytest.mark.parametrize("media_type", [kind for kind in EXTENSIONS if kind.startswith("audio/")])
    def test_r07_one_enclosure_with_exact_url_length_and_type(self, media_type: str) -> None:
        episode = make_episode(audio=replace(AUDIO, media_type=media_type, length=12_345_678))
        url = f"https://cdn.radio.example/majlis/media/kings-of-corruption-abababababab.{EXTENSIONS[media_type]}"
        assert [{"url": url, "length": "12345678", "type": media_type}] == attributes(item(episode), "enclosure")

    def test_r08_the_feed_names_its_own_address(self) -> None:
        expected = {"href": "https://cdn.radio.example/majlis/feed.xml", "rel": "self", "type": "application/rss+xml"}
        assert [expected] == attributes(channel(make_show()), "atom:link")

    def test_r08_the_website_is_not_the_feed(self) -> None:
        assert ["https://cdn.radio.example/majlis/index.html"] == texts(channel(make_show()), "link")
        assert ["https://www.radio.example/"] == texts(channel(make_show(link="https://www.radio.example/")), "link")

    def test_r09_the_language_is_the_shows(self) -> None:
        assert ["uz-Cyrl"] == texts(channel(make_show(language="uz-Cyrl")), "language")

    def test_r11_the_picture_has_title_and_link_of_the_channel(self) -> None:
        found = channel(make_show(artwork=shows.COVER, link="https://www.radio.example/"))
        picture = {child.tag: child.text for child in found.find("image")}
        assert {
            "url": "https://cdn.radio.example/majlis/art/c0c0c0c0c0c0-3000.jpg",
            "title": found.findtext("title"),
            "link": found.findtext("link"),
        } == picture

    def test_r12_text_is_escaped_once(self) -> None:
        feed = rss.render(make_show(title="A & B <c>"), [make_episode(title="D & E")], SITE)
        assert b"<title>A &amp; B &lt;c&gt;</title>" in feed
        assert b"<title>D &amp; E</title>" in feed
        assert b"&amp;amp;" not in feed

    def test_r13_channel_elements_come_before_items_and_items_in_the_order_given(self) -> None:
        found = channel(make_show(), *archive(5))
        tags = [child.tag for child in found]
        assert ["item"] * 5 == tags[-5:]
        assert "item" not in tags[:-5]
        assert [f"Ң {number} & <more>" for number in range(5)] == texts(found, "item/title")


class TestLastBuildDate:
    """H07: the newest change, never the present."""

    @pytest.mark.parametrize(
        ("show_changed", "episode_changed", "published"),
        [(3, 1, 2), (1, 3, 2), (1, 2, 3)],
    )
    def test_it_is_the_newest_of_all(self, show_changed: int, episode_changed: int, published: int) -> None:
        show = make_show(changed=MOMENT + timedelta(hours=show_changed))
        old = make_episode("old", published=MOMENT - timedelta(days=9))
        new = make_episode("new", changed=MOMENT + timedelta(hours=episode_changed), published=MOMENT + timedelta(hours=published))
        assert ["Wed, 25 Nov 2026 12:00:00 +0000"] == texts(channel(show, new, old), "lastBuildDate")

    def test_an_empty_feed_was_built_when_the_show_changed(self) -> None:
        assert ["Wed, 25 Nov 2026 09:00:00 +0000"] == texts(channel(make_show()), "lastBuildDate")


class TestApple:
    """A01 to A13 and PSP-1, as far as rendering goes."""

    def test_a01_pictures_end_in_their_type(self) -> None:
        png = Artwork(sha256="9" * 64, md5="", length=1, media_type="image/png", width=1400, height=1400)
        found = channel(make_show(artwork=shows.COVER), make_episode(artwork=png))
        assert [{"href": "https://cdn.radio.example/majlis/art/c0c0c0c0c0c0-3000.jpg"}] == attributes(found, "itunes:image")
        assert [{"href": "https://cdn.radio.example/majlis/art/999999999999-1400.png"}] == attributes(found, "item/itunes:image")

    def test_a01_without_a_picture_no_element(self) -> None:
        found = channel(make_show(artwork=None), make_episode())
        assert [] == attributes(found, ".//itunes:image")
        assert None is found.find("image")

    def test_a02_categories_are_nested_and_the_first_comes_first(self) -> None:
        found = channel(make_show(categories=(Category(text="News", sub="Politics"), Category(text="Society & Culture"))))
        assert ["News", "Society & Culture"] == [node["text"] for node in attributes(found, "itunes:category")]
        assert ["Politics"] == [node["text"] for node in attributes(found, "itunes:category/itunes:category")]

    @pytest.mark.parametrize(("own", "expected"), [(None, "true"), (True, "true"), (False, "false")])
    def test_a03_explicit_is_true_or_false_on_channel_and_item(self, own: bool | None, expected: str) -> None:
        found = channel(make_show(explicit=True), make_episode(explicit=own))
        assert ["true"] == texts(found, "itunes:explicit")
        assert [expected] == texts(found, "item/itunes:explicit")

    def test_a04_the_author_is_named_or_else_the_owner(self) -> None:
        assert ["Radio Free"] == texts(channel(make_show()), "itunes:author")
        assert ["Azattyk"] == texts(channel(make_show(author="", owner=Owner(name="Azattyk", email="a@b.example"))), "itunes:author")

    def test_a05_the_owner_has_name_and_email_or_is_hidden(self) -> None:
        found = channel(make_show())
        assert ["Radio Free"] == texts(found, "itunes:owner/itunes:name")
        assert ["podcasts@radio.example"] == texts(found, "itunes:owner/itunes:email")
        assert b"podcasts@radio.example" not in rss.render(make_show(owner=None), [], SITE)

    def test_a06_serial_and_episodic(self) -> None:
        assert ["serial"] == texts(channel(shows.read("latin")[0]), "itunes:type")
        assert ["episodic"] == texts(channel(make_show()), "itunes:type")

    def test_a07_duration_is_whole_seconds(self) -> None:
        assert ["2092"] == texts(item(make_episode()), "itunes:duration")

    @pytest.mark.parametrize("media_type", ["audio/mpeg", "audio/x-m4a"])
    def test_a08_the_path_of_the_audio_ends_in_its_type(self, media_type: str) -> None:
        (enclosure,) = attributes(item(make_episode(audio=replace(AUDIO, media_type=media_type))), "enclosure")
        assert urlsplit(enclosure["url"]).path.endswith((".mp3", ".m4a"))

    @pytest.mark.parametrize("kind", EpisodeType)
    def test_a10_episode_type_season_and_number(self, kind: EpisodeType) -> None:
        found = item(make_episode(type=kind, season=2, number=7))
        assert [kind.value] == texts(found, "itunes:episodeType")
        assert (["2"], ["7"]) == (texts(found, "itunes:season"), texts(found, "itunes:episode"))
        assert (["2"], ["7"]) == (texts(found, "podcast:season"), texts(found, "podcast:episode"))

    def test_a10_numbers_below_one_are_not_written(self) -> None:
        found = item(make_episode(season=0, number=-1))
        assert [] == found.findall("itunes:season", NS) + found.findall("podcast:episode", NS)

    def test_a11_short_notes_are_the_description_in_cdata(self) -> None:
        rendered = rss.render_item(make_show(), make_episode(notes="Hello **you**"), SITE)
        assert b"<description><![CDATA[<p>Hello <strong>you</strong></p>]]></description>" in rendered
        assert b"content:encoded" not in rendered

    def test_a11_long_notes_are_cut_for_the_description_and_whole_in_content_encoded(self) -> None:
        found = item(make_episode(notes="Сөз *жана* сөз. " * 2000))
        (description,), (whole,) = texts(found, "description"), texts(found, "content:encoded")
        assert 3000 < len(description.encode()) <= 4000
        assert 2000 == whole.count("<em>жана</em>")

    def test_a11_the_description_of_the_show_is_cut_at_4000_bytes(self) -> None:
        (description,) = texts(channel(make_show(description="ң" * 3000)), "description")
        assert "ң" * 2000 == description

    def test_a11_without_notes_no_description(self) -> None:
        assert [] == item(make_episode(notes=" \x00")).findall("description")

    def test_a12_no_address_of_audio_stands_twice(self) -> None:
        urls = [found["url"] for found in attributes(channel(make_show(), *archive(50)), "item/enclosure")]
        assert 50 == len(set(urls))

    def test_psp1_values_have_at_most_255_characters(self) -> None:
        long = "ң" * 600
        found = channel(make_show(title=long, author=long, copyright=long), make_episode(title=long))
        for path in ("title", "itunes:author", "copyright", "item/title"):
            assert ["ң" * 255] == texts(found, path)

    def test_psp1_copyright_is_left_out_where_there_is_none(self) -> None:
        assert [] == channel(make_show()).findall("copyright")


class TestPodcastNamespace:
    """The core of Podcasting 2.0."""

    def test_guid_and_locked(self) -> None:
        found = channel(make_show(locked=True))
        assert ["9b024349-ccf0-5f69-a609-6b82873eab3c"] == texts(found, "podcast:guid")
        assert (["yes"], [{"owner": "podcasts@radio.example"}]) == (texts(found, "podcast:locked"), attributes(found, "podcast:locked"))
        assert ["no"] == texts(channel(make_show()), "podcast:locked")

    def test_transcripts_in_three_formats_for_each_language(self) -> None:
        found = item(make_episode(transcripts=(shows.transcript("ky"), shows.transcript("ru"))))
        base = "https://cdn.radio.example/majlis/kings-of-corruption/transcript"
        kinds = (("vtt", "text/vtt"), ("srt", "application/x-subrip"), ("json", "application/json"))
        expected = [
            {"url": f"{base}{suffix}.{extension}", "type": kind, "language": language}
            for suffix, language in (("", "ky"), ("-ru", "ru"))
            for extension, kind in kinds
        ]
        assert expected == attributes(found, "podcast:transcript")

    def test_chapters_only_where_there_are_some(self) -> None:
        url = "https://cdn.radio.example/majlis/kings-of-corruption/chapters.json"
        expected = [{"url": url, "type": "application/json+chapters"}]
        assert expected == attributes(item(make_episode(chapters=(Chapter(start=0),))), "podcast:chapters")
        assert [] == attributes(item(make_episode()), "podcast:chapters")

    def test_persons_of_show_and_episode(self) -> None:
        host = Person(name="Ү & Ө", href="https://a.example/?a=1&b=2", image="https://a.example/ү.jpg")
        found = channel(make_show(persons=(host,)), make_episode(persons=(Person(name="G", role="guest"), Person(name="H"))))
        href, img = "https://a.example/?a=1&b=2", "https://a.example/%D2%AF.jpg"
        assert [{"role": "host", "group": "cast", "img": img, "href": href}] == attributes(found, "podcast:person")
        assert (["Ү & Ө"], ["G", "H"]) == (texts(found, "podcast:person"), texts(found, "item/podcast:person"))

    def test_funding_with_its_text_or_the_title_of_the_show(self) -> None:
        found = channel(make_show(funding=(Funding(url="https://a.example/1", text="Give"), Funding(url="https://a.example/2"))))
        assert ["Give", "Majlis"] == texts(found, "podcast:funding")

    def test_one_bad_person_or_link_costs_only_itself(self) -> None:
        show = make_show(funding=(Funding(url="javascript:alert(1)"), Funding(url="https://a.example/")), persons=(Person(name="\x00"),))
        found = channel(show, make_episode(link="javascript:alert(1)"))
        assert [{"url": "https://a.example/"}] == attributes(found, "podcast:funding")
        assert [] == found.findall("podcast:person", NS)
        assert ["https://cdn.radio.example/majlis/kings-of-corruption/index.html"] == texts(found, "item/link")


@pytest.mark.parametrize("name", shows.FEEDS)
def test_every_element_of_the_namespaces_stands_where_the_table_says(name: str) -> None:
    prefixes = {uri: prefix for prefix, uri in NAMESPACES.items()}
    seen = set()
    for node in channel_of(shows.golden(name)).iter():
        tag = etree.QName(node)
        if tag.namespace in prefixes:
            full = f"{prefixes[tag.namespace]}:{tag.localname}"
            above = etree.QName(node.getparent())
            parent = f"{prefixes[above.namespace]}:{above.localname}" if above.namespace else above.localname
            assert parent in RULES[full].parents
            seen.add(full)
    assert name != "everything" or seen == {rule for rule in RULES if rule.partition(":")[0] in NAMESPACES}


def test_a_stream_stands_in_the_feed_and_makes_no_archive_page_anew() -> None:
    show, _ = shows.read("live")
    for archive in (False, True):
        head = rss.render_head(show, SITE, MOMENT, Document(name="feed-1.xml", spans=(), archive=archive))
        assert (not archive) == (b"<podcast:liveItem" in head)


def test_a_site_under_a_path_and_a_port_is_kept() -> None:
    feed = rss.render(make_show(), [make_episode()], Site("http://127.0.0.1:8000/pods/"))
    assert b'url="http://127.0.0.1:8000/pods/majlis/media/' in feed
    assert b"<link>http://127.0.0.1:8000/pods/majlis/index.html</link>" in feed


def test_changed_is_the_later_of_date_and_change() -> None:
    later = datetime(2026, 12, 1, tzinfo=UTC)
    assert later == rss.changed(make_episode(published=later))
    assert later == rss.changed(make_episode(changed=later))
    assert MOMENT == rss.changed(make_episode(published=None))
