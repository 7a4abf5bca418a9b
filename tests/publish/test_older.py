"""A long list of episodes stands in parts, each episode once, and a publish writes those parts alone that differ."""

import re
from collections.abc import Iterable
from datetime import timedelta

import pytest

from podcast.errors import StorageUnavailable
from podcast.model import Status
from podcast.publish import older
from podcast.site import HOME

from .conftest import NOW, House

HOUR = timedelta(hours=1)


@pytest.fixture
def long(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Publish six episodes, two to a part, with a draft and a scheduled one beside them."""
    monkeypatch.setattr(older, "SIZE", 2)
    slugs = [f"talk-{number:02}" for number in range(6)]
    for number, slug in enumerate(slugs):
        house.add(slug, published=NOW - timedelta(days=20 - number))
    house.add("draft")
    house.add("later", status=Status.SCHEDULED, published=NOW + timedelta(days=9))
    house.publish(*slugs)
    return house


def read(house: House, key: str) -> str:
    return b"".join(house.storage.read(key)).decode()


def named(house: House, keys: Iterable[str]) -> list[list[str]]:
    """Return the episodes that each file names, in its order."""
    return [re.findall(r"https://pod\.example/majlis/([a-z]+(?:-\d+)?)/index\.html", read(house, key)) for key in keys]


def written(house: House, since: int) -> set[str]:
    return {key for key in house.storage.written[since:] if "/" not in key or "episodes-" in key or "sitemap" in key}


def test_each_episode_stands_once_in_pages_that_lead_to_one_another_and_in_sitemaps(long: House) -> None:
    parts = [
        ["talk-05", "talk-04"],
        ["talk-03", "talk-02"],
        ["talk-01", "talk-00"],
    ]

    assert parts == named(long, ["majlis/index.html", "majlis/episodes-2.html", "majlis/episodes-1.html"])
    assert parts == named(long, ["majlis/sitemap.xml", "majlis/sitemap-2.xml", "majlis/sitemap-1.xml"])
    assert ["majlis/sitemap-1.xml", "majlis/sitemap-2.xml", "majlis/sitemap.xml"] == re.findall(
        r"https://pod\.example/([^<]+)", read(long, "sitemap.xml")
    )
    leads = {key: re.findall(r'rel="(?:next|prev)" href="https://pod\.example/majlis/([^"]+)"', read(long, f"majlis/{key}")) for key in (
        "index.html", "episodes-2.html", "episodes-1.html")}  # fmt: skip

    assert {
        "index.html": ["episodes-2.html"],
        "episodes-2.html": ["index.html", "episodes-1.html"],
        "episodes-1.html": ["episodes-2.html"],
    } == leads
    assert 'xmlUrl="https://pod.example/majlis/feed.xml"' in read(long, "podcasts.opml")
    assert not [key for key, body in long.storage.content().items() if b"draft" in body or b"later" in body]


def test_no_link_of_ours_is_dead_in_a_bucket(long: House) -> None:
    content = long.storage.content()
    texts = [body.decode() for key, body in content.items() if key.endswith((".html", ".xml", ".opml", ".json"))]
    links = {
        link for text in texts for link in re.findall(r"""(?:href|src|Url|url|loc)["']?[=:>]["']?https://pod\.example/([^"'<#?]*)""", text)
    }

    assert {"majlis/episodes-1.html", "majlis/sitemap-2.xml", "podcasts.opml", "majlis/talk-00/index.html"} <= links
    # The project's own address is that of its index.html for a server; a bucket has it where it is set to.
    assert set() == links - content.keys() - {""}


def test_one_new_episode_writes_no_part_but_the_newest_and_none_writes_nothing(long: House) -> None:
    since = len(long.storage.written)
    long.add("new")
    long.publish("new", now=NOW + HOUR)

    assert {"majlis/sitemap.xml"} == written(long, since)

    since = len(long.storage.written)
    long.publish(now=NOW + 2 * HOUR)
    assert [] == long.storage.written[since:]


@pytest.mark.thorough
def test_a_part_that_is_full_is_written_with_its_neighbour_and_the_index(long: House) -> None:
    for slug in ("talk-06", "talk-07"):
        long.add(slug)
    since = len(long.storage.written)
    long.publish("talk-06", "talk-07", now=NOW + HOUR)

    parts = {f"majlis/{name}" for name in ("episodes-2.html", "episodes-3.html", "sitemap-2.xml", "sitemap-3.xml", "sitemap.xml")}
    assert parts | {"sitemap.xml"} == written(long, since)
    assert "majlis/sitemap-3.xml" in read(long, "sitemap.xml")


@pytest.mark.thorough
def test_an_edit_writes_its_own_part(long: House) -> None:
    long.catalogue.change_episode("majlis", "talk-01", NOW + HOUR, title="Another title")
    since = len(long.storage.written)
    long.publish(now=NOW + 2 * HOUR)

    assert {"majlis/episodes-1.html", "majlis/sitemap-1.xml"} == written(long, since)
    assert "Another title" in read(long, "majlis/episodes-1.html")
    assert NOW.strftime("%Y-%m-%dT10:00:00+00:00") in read(long, "majlis/sitemap-1.xml")


def test_what_is_taken_down_leaves_no_trace_and_no_empty_part(long: House) -> None:
    long.publish(withdraw=["talk-00", "talk-04"], now=NOW + HOUR)

    content = long.storage.content()
    assert not [key for key, body in content.items() if "/media/" not in key and (b"talk-00" in body or b"talk-04" in body)]
    assert ["majlis/episodes-1.html"] == [key for key in content if "/episodes-" in key]
    assert "sitemap-2" not in read(long, "sitemap.xml")
    assert [["talk-02", "talk-01"]] == named(long, ["majlis/episodes-1.html"])


@pytest.mark.thorough
def test_a_publish_that_broke_off_before_the_index_is_made_whole_by_the_next(long: House) -> None:
    for slug in ("talk-06", "talk-07"):
        long.add(slug)
    clean = len(long.storage.written)
    long.publish("talk-06", now=NOW + HOUR)
    # As far as the new part's own files, and no further.
    long.storage.cut_at = None
    long.storage.after = lambda: setattr(
        long.storage, "cut_at", len(long.storage.written) if "majlis/sitemap-3.xml" in long.storage.written[clean:] else None
    )
    with pytest.raises(StorageUnavailable):
        long.publish("talk-07", now=NOW + 2 * HOUR)
    long.storage.cut_at, long.storage.after = None, None
    assert "sitemap-3" not in read(long, "sitemap.xml")
    long.publish(now=NOW + 3 * HOUR)

    assert "sitemap-3" in read(long, "sitemap.xml")


@pytest.mark.thorough
def test_a_storage_that_was_emptied_gets_the_projects_own_files_again(long: House) -> None:
    long.storage.delete([one.key for one in long.storage.list()])
    long.publish(now=NOW + HOUR)

    assert {*HOME, "majlis/episodes-1.html", "majlis/sitemap-2.xml"} <= long.storage.content().keys()


@pytest.mark.thorough
def test_a_show_that_is_hidden_from_directories_is_in_no_list(long: House) -> None:
    long.catalogue.change_show("majlis", NOW + HOUR, block=True)
    long.publish(now=NOW + 2 * HOUR)

    assert ("", "") == tuple("".join(re.findall(r"majlis/[a-z.]+", read(long, key))) for key in ("sitemap.xml", "podcasts.opml"))
