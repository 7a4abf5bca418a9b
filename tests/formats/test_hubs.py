"""Hubs stand in the head of feed.xml, and in no other file of the feed."""

from lxml import etree

from podcast.formats import rss
from podcast.formats.paging import documents
from podcast.site import Site
from tests.make import MOMENT, make_show

SITE = Site("https://pod.example/")
HUBS = ("https://hub.example/?a=1&b=2", "https://other.example/")
ATOM_LINK = "{http://www.w3.org/2005/Atom}link"


def hubs_of(head: bytes) -> list[str | None]:
    channel = etree.fromstring(head + rss.TAIL)[0]
    return [link.get("href") for link in channel.findall(ATOM_LINK) if link.get("rel") == "hub"]


def test_each_hub_is_linked_beside_the_feed_itself() -> None:
    head = rss.render_head(make_show(), SITE, MOMENT, hubs=HUBS)
    assert list(HUBS) == hubs_of(head)
    assert b'rel="self"' in head


def test_archive_pages_and_feeds_of_other_formats_name_no_hub() -> None:
    heads = {one.name: rss.render_head(make_show(), SITE, MOMENT, one, hubs=HUBS) for one in documents(600, limit=300, formats=("opus",))}
    assert len(heads) > 2
    assert {name: list(HUBS) if name == "feed.xml" else [] for name in heads} == {name: hubs_of(head) for name, head in heads.items()}


def test_without_hubs_the_head_is_as_ever() -> None:
    assert rss.render_head(make_show(), SITE, MOMENT) == rss.render_head(make_show(), SITE, MOMENT, hubs=())
    assert b"hub" not in rss.render_head(make_show(), SITE, MOMENT)
