"""Podlove Simple Chapters in the feed, where they are asked for; links to twins in other languages."""

import pytest
from lxml import etree

from podcast.formats import rss
from podcast.formats.paging import documents
from podcast.model import Chapter, Show
from tests.formats import shows
from tests.formats.shows import SITE
from tests.make import MOMENT, make_episode, make_show

PSC = "http://podlove.org/simple-chapters"
ALTERNATES = "{http://www.w3.org/2005/Atom}link[@rel='alternate']"


def attributes(node: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in node.attrib.items()}


def chapters_of(*chapters: Chapter) -> list[dict[str, str]]:
    feed = rss.render(make_show(), [make_episode(chapters=chapters)], SITE, simple_chapters=True)
    return [attributes(node) for node in etree.fromstring(feed).iter(f"{{{PSC}}}chapter")]


def test_nothing_of_podlove_stands_in_the_feed_unless_it_is_asked_for() -> None:
    show, episodes = shows.read("twins")
    assert b"psc" not in rss.render(show, episodes, SITE)
    assert b"podlove" not in rss.render(show, episodes, SITE)


def test_the_namespace_is_declared_on_the_root_of_every_file_and_nowhere_else() -> None:
    show, episodes = shows.read("twins")
    for document in documents(1, limit=10):
        feed = rss.render(show, episodes, SITE, document, simple_chapters=True)
        assert PSC == etree.fromstring(feed).nsmap["psc"]
        assert 1 == feed.count(PSC.encode())
    assert b"xmlns" not in rss.render_item(show, episodes[0], SITE, simple_chapters=True)


def test_head_items_and_tail_are_one_feed_with_chapters_and_twins() -> None:
    show, episodes = shows.read("twins")
    twins = (shows.read("kyrgyz")[0],)
    head = rss.render_head(show, SITE, max(map(rss.changed, episodes)), twins=twins, simple_chapters=True)
    items = [rss.render_item(show, episode, SITE, simple_chapters=True) for episode in episodes]
    assert b"".join([head, *items, rss.TAIL]) == rss.render(show, episodes, SITE, twins=twins, simple_chapters=True)


@pytest.mark.parametrize(
    ("start", "written"),
    [
        (0, "00:00:00.000"),
        (59.9996, "00:01:00.000"),
        (61.25, "00:01:01.250"),
        (3599.5, "00:59:59.500"),
        (3725, "01:02:05.000"),
        (360_000, "100:00:00.000"),
    ],
)
def test_a_position_is_written_in_hours_minutes_seconds(start: float, written: str) -> None:
    assert [{"start": written, "title": "A"}] == chapters_of(Chapter(start=start, title="A"))


def test_a_chapter_that_is_hidden_or_has_no_title_is_left_out() -> None:
    shown = Chapter(start=2, title="Shown", url="https://a.example/?x=1&y=2", image="https://a.example/i.jpg")
    expected = {"start": "00:00:02.000", "title": "Shown", "href": "https://a.example/?x=1&y=2", "image": "https://a.example/i.jpg"}
    assert [expected] == chapters_of(Chapter(start=0, title="Hidden", toc=False), Chapter(start=1), shown)


def test_a_bad_link_costs_only_itself_and_no_chapters_no_list() -> None:
    assert [{"start": "00:00:00.000", "title": "A"}] == chapters_of(Chapter(start=0, title="A", url="javascript:alert(1)"))
    for chapters in ((), (Chapter(start=0),)):
        item = rss.render_item(make_show(), make_episode(chapters=chapters), SITE, simple_chapters=True)
        assert b"psc" not in item


def links(show: Show, *twins: Show) -> list[dict[str, str]]:
    return [attributes(node) for node in etree.fromstring(rss.render(show, [], SITE, twins=twins))[0].findall(ALTERNATES)]


def test_a_feed_links_to_its_twins() -> None:
    kyrgyz = shows.read("kyrgyz")[0]
    assert [] == links(make_show())
    assert [
        {
            "href": "https://cdn.radio.example/majlis-ky/feed.xml",
            "rel": "alternate",
            "type": "application/rss+xml",
            "hreflang": "ky",
            "title": "Мажлис: Өзгөчө маек",
        }
    ] == links(make_show(), kyrgyz)
    assert "https://cdn.radio.example/majlis/index.html" == etree.fromstring(rss.render(make_show(), [], SITE, twins=[kyrgyz])).findtext(
        "channel/link"
    )


def test_an_archive_page_does_not_change_with_a_twin() -> None:
    for document in documents(600, limit=10):
        heads = [rss.render_head(make_show(), SITE, MOMENT, document, twins=twins) for twins in ((), (shows.read("kyrgyz")[0],))]
        assert document.archive == (heads[0] == heads[1])
