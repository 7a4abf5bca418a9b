from lxml import etree

from podcast.player.maps import opml, sitemap
from podcast.server.headers import file_headers
from podcast.site import Site
from tests.make import make_episode, make_show

SITE = Site("https://podcasts.radio.example/a&b/")


def test_a_page_that_names_another_as_the_true_one_is_in_no_sitemap() -> None:
    own, theirs = make_episode("own"), make_episode("theirs", link="https://radio.example/theirs")

    found = etree.fromstring(sitemap(SITE, make_show(link="https://radio.example/"), [own, theirs]))

    assert [SITE.url("majlis/own/index.html")] == found.xpath("//*[local-name()='loc']/text()")


def test_opml_holds_any_text() -> None:
    title = "«Ток» & <\"шоу\"> 'پرگار'"

    found = etree.fromstring(opml(SITE, [make_show(title=title), make_show(slug="other")], "Podcasts"))

    outlines = found.findall("body/outline")
    assert [title, "Majlis"] == [outline.get("text") for outline in outlines]
    assert ["majlis", "other"] == [(outline.get("xmlUrl") or "").split("/")[-2] for outline in outlines]


def test_each_is_served_as_what_it_is() -> None:
    types = [file_headers(SITE, key)["Content-Type"] for key in ("majlis/sitemap-1.xml", "sitemap.xml", "podcasts.opml", "majlis/feed.xml")]

    assert ["application/xml", "application/xml", "text/x-opml", "application/rss+xml"] == [one.partition(";")[0] for one in types]
