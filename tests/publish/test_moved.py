"""Another slug for what is public: listeners lose nothing, the old addresses lead on, and nothing is uploaded twice."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from podcast.errors import CatalogueBusy, StorageUnavailable
from podcast.formats.moved import feed_target, target
from podcast.model import Chapter, Status
from podcast.publish.apply import apply
from podcast.publish.lease import take
from podcast.publish.leftovers import clear
from podcast.publish.moved import rename_show
from podcast.publish.press import prepare
from podcast.publish.verify import verify
from podcast.site import art_key, media_key

from .conftest import NOW, House

pytestmark = pytest.mark.thorough

BASE = "https://pod.example/"


@pytest.fixture
def public(house: House) -> House:
    house.add("a")
    house.add("other")
    house.publish("a", "other")
    house.storage.written.clear()
    return house


def rename(house: House, old: str, new: str) -> None:
    house.catalogue.change_episode("majlis", old, NOW, slug=new)


def lead(house: House, key: str) -> str | None:
    return target(house.storage.content()[key])


def item(house: House, title: str) -> str:
    return next(line for line in house.feed().splitlines() if line.startswith("<item>") and f"<title>{title}<" in line)


def faults(house: House) -> list[str]:
    found = verify(house.press, house.catalogue.show("majlis"), chosen=lambda _: True)
    return [f"{fault.key} {fault.message}" for fault in found]


def test_only_the_link_of_the_item_changes_and_no_audio_goes_up(public: House) -> None:
    before = item(public, "A")
    rename(public, "a", "b")
    public.publish()

    assert before.replace("/majlis/a/index.html", "/majlis/b/index.html") == item(public, "A")
    assert [] == [key for key in public.storage.written if "/media/" in key]


def test_pages_lead_to_the_new_ones_and_everything_else_is_a_copy(public: House) -> None:
    rename(public, "a", "b")
    public.publish()

    assert f"{BASE}majlis/b/index.html" == lead(public, "majlis/a/index.html")
    assert f"{BASE}majlis/b/embed.html" == lead(public, "majlis/a/embed.html")
    page = public.storage.content()["majlis/a/index.html"].decode()
    assert f'<link rel="canonical" href="{BASE}majlis/b/index.html">' in page
    assert '<meta name="robots" content="noindex">' in page
    assert public.storage.content()["majlis/b/episode.json"] == public.storage.content()["majlis/a/episode.json"]
    assert [] == faults(public)


def test_a_second_name_collapses_the_chain_and_the_first_takes_its_own_back(public: House) -> None:
    for old, new in (("a", "b"), ("b", "c")):
        rename(public, old, new)
        public.publish()
    assert {f"{BASE}majlis/c/index.html"} == {lead(public, f"majlis/{slug}/index.html") for slug in ("a", "b")}

    rename(public, "c", "a")
    public.publish()
    assert {f"{BASE}majlis/a/index.html"} == {lead(public, f"majlis/{slug}/index.html") for slug in ("b", "c")}
    assert lead(public, "majlis/a/index.html") is None
    assert [] == faults(public)


def test_replaced_audio_is_found_at_the_old_address_of_the_audio_too(public: House) -> None:
    rename(public, "a", "b")
    public.publish()
    other = public.catalogue.change_episode("majlis", "b", NOW, audio=public.audio(b"other audio"))
    public.publish(now=NOW + timedelta(days=1))

    assert media_key(other).startswith("majlis/media/b-")
    assert f"{BASE}{media_key(other)}" == json.loads(public.storage.content()["majlis/a/episode.json"])["media"][0]["url"]


def test_what_is_taken_down_is_gone_under_all_its_names_and_comes_back_under_all(public: House) -> None:
    public.catalogue.add_redirect("2019/a", "majlis", "a", "page", NOW)
    rename(public, "a", "b")
    public.publish(withdraw=["b"])

    assert ["majlis/a/embed.html"] == [key for key in public.storage.content() if key.startswith(("majlis/a/", "majlis/b/", "2019/"))]
    assert lead(public, "majlis/a/embed.html") is None
    rename(public, "b", "c")
    public.publish("c", now=NOW + timedelta(days=1))
    assert {f"{BASE}majlis/c/index.html"} == {lead(public, f"{path}/index.html") for path in ("majlis/a", "majlis/b", "2019/a")}
    assert [] == faults(public)


def test_gc_keeps_old_addresses_and_the_audio_and_takes_what_is_left_of_the_old_pages(public: House) -> None:
    episode = public.catalogue.change_episode("majlis", "a", NOW, chapters=(Chapter(start=0.0, title="One"),))
    public.publish()
    public.catalogue.add_redirect("feed/podcast", "majlis", None, "feed", NOW)
    rename(public, "a", "b")
    public.publish()
    kept = set(public.storage.content())
    for day in (1, 40, 80):
        clear(public.press, [public.catalogue.show("majlis")], clock=lambda day=day: NOW + timedelta(days=day))  # type: ignore[misc]

    assert kept == set(public.storage.content())
    assert {media_key(episode), "majlis/a/chapters.json", "majlis/b/chapters.json"} <= kept


def test_an_address_that_is_given_up_goes_with_the_next_publish_and_nothing_below_it(public: House) -> None:
    for path, slug in (("blog", None), ("blog/a", "a"), ("x.html", "a")):
        public.catalogue.add_redirect(path, "majlis", slug, "page", NOW)
    public.publish()
    assert f"{BASE}majlis/a/index.html" == lead(public, "x.html")
    for path in ("blog", "x.html"):
        public.catalogue.remove_redirect(path, NOW)
    public.publish()

    assert ["blog/a/index.html"] == [key for key in public.storage.content() if key.startswith(("blog", "x"))]
    assert {"blog/a"} == {one.path for one in public.catalogue.moved()}
    assert not public.publish().stored


def test_an_old_name_that_is_given_up_is_free_for_another_episode(public: House) -> None:
    rename(public, "a", "b")
    public.publish()
    public.catalogue.remove_redirect("majlis/a", NOW)
    public.publish()
    assert [] == [key for key in public.storage.content() if key.startswith("majlis/a/")]
    public.add("a", guid="new", audio=public.audio(b"new"))
    public.publish("a")

    assert lead(public, "majlis/a/index.html") is None
    assert [] == faults(public)


def test_an_emptied_storage_gets_its_old_addresses_again(public: House) -> None:
    public.catalogue.add_redirect("feed/podcast", "majlis", None, "feed", NOW)
    rename(public, "a", "b")
    public.publish()
    before = public.storage.content()
    public.storage.delete(list(before))
    public.publish()

    assert before == public.storage.content()


def every_lead_ends(house: House) -> None:
    """Check that whatever stands in storage now leads to what stands there too, and that no address of before is lost."""
    content = house.storage.content()
    for key, body in content.items():
        to = target(body) or feed_target(body)
        assert to is None or to.removeprefix(BASE) in content, key
    assert {"majlis/a/index.html", "majlis/a/embed.html", "majlis/a/episode.json", "majlis/feed.xml", "majlis/index.html"} <= set(content)


def test_at_no_moment_does_an_address_lead_nowhere(public: House) -> None:
    public.storage.after = lambda: every_lead_ends(public)
    rename(public, "a", "b")
    public.publish()
    move_show(public)
    assert len(public.storage.written) > 20


@pytest.mark.parametrize("cut", [3, 9])
def test_a_move_that_was_cut_off_goes_on(public: House, cut: int) -> None:
    rename(public, "a", "b")
    public.storage.cut_at = cut
    with pytest.raises(StorageUnavailable):
        move_show(public)
    every_lead_ends(public)
    public.storage.cut_at = None
    apply(prepare(public.press, public.catalogue.show("sozduk"), now=NOW), public.press, clock=lambda: NOW)

    every_lead_ends(public)
    assert f"{BASE}sozduk/b/index.html" == lead(public, "majlis/a/index.html")
    assert f"{BASE}sozduk/feed.xml" == feed_target(public.storage.content()["majlis/feed.xml"])


def move_show(house: House) -> None:
    """Give the show another slug and publish it there."""
    rename_show(house.press, "majlis", "sozduk", clock=lambda: NOW)
    apply(prepare(house.press, house.catalogue.show("sozduk"), now=NOW), house.press, clock=lambda: NOW)


def test_a_show_moves_with_its_listeners_and_no_audio_goes_up(public: House) -> None:
    before = public.feed()
    guids = re.findall("<guid[^>]*>[^<]+", before) + re.findall("<podcast:guid>[^<]+|<enclosure[^>]+", before)
    move_show(public)
    content = public.storage.content()
    feed, old = content["sozduk/feed.xml"].decode(), content["majlis/feed.xml"].decode()

    assert guids == re.findall("<guid[^>]*>[^<]+", feed) + re.findall("<podcast:guid>[^<]+|<enclosure[^>]+", feed)
    assert f"<itunes:new-feed-url>{BASE}sozduk/feed.xml</itunes:new-feed-url>" in old
    assert feed == old.replace(f"<itunes:new-feed-url>{BASE}sozduk/feed.xml</itunes:new-feed-url>", "").replace("\n\n", "\n")
    assert [] == [key for key in public.storage.written if "/media/" in key]
    pages = {"index.html", "embed/latest.html", "a/index.html", "a/embed.html"}
    assert {f"{BASE}sozduk/{name}" for name in pages} == {lead(public, f"majlis/{name}") for name in pages}
    assert content["sozduk/latest.json"] == content["majlis/latest.json"]


def test_what_is_published_afterwards_reaches_those_who_read_the_old_feed(public: House) -> None:
    move_show(public)
    public.catalogue.add_episode(replace(public.catalogue.episode("sozduk", "a"), slug="new", guid="new", title="New", status=Status.DRAFT))
    chosen = [public.catalogue.episode("sozduk", "new")]
    apply(prepare(public.press, public.catalogue.show("sozduk"), now=NOW, chosen=chosen), public.press, clock=lambda: NOW)

    assert b"<title>New</title>" in public.storage.content()["majlis/feed.xml"]
    found = verify(public.press, public.catalogue.show("sozduk"), chosen=lambda _: True)
    assert [] == [f"{fault.key} {fault.message}" for fault in found]


def test_gc_keeps_what_a_show_left_behind_but_for_its_old_pictures(public: House) -> None:
    move_show(public)
    kept = set(public.storage.content())
    for day in (1, 40, 80):
        clear(public.press, [public.catalogue.show("sozduk")], clock=lambda day=day: NOW + timedelta(days=day))  # type: ignore[misc]
    assert kept == set(public.storage.content())


def test_a_show_that_is_being_published_keeps_its_slug(public: House) -> None:
    take(public.catalogue, "publish/majlis", NOW)
    with pytest.raises(CatalogueBusy):
        rename_show(public.press, "majlis", "sozduk", clock=lambda: NOW)
    assert "majlis" == public.catalogue.show("majlis").slug


def test_until_a_moved_show_is_published_gc_keeps_what_its_feed_names(public: House) -> None:
    cover = public.picture(90)
    public.catalogue.change_show("majlis", NOW, artwork=cover)
    public.publish()
    rename_show(public.press, "majlis", "sozduk", clock=lambda: NOW)
    for day in (1, 40):
        clear(public.press, [public.catalogue.show("sozduk")], clock=lambda day=day: NOW + timedelta(days=day))  # type: ignore[misc]

    assert art_key("majlis", cover) in public.storage.content()


def test_a_show_that_gives_its_old_address_up_keeps_the_audio_there(public: House) -> None:
    move_show(public)
    public.catalogue.remove_redirect("majlis", NOW)
    apply(prepare(public.press, public.catalogue.show("sozduk"), now=NOW), public.press, clock=lambda: NOW)

    left = {key for key in public.storage.content() if key.startswith("majlis/")}
    assert {media_key(public.catalogue.episode("sozduk", slug)) for slug in ("a", "other")} <= left
    assert {"a", "other", "media"} == {key.split("/")[1] for key in left}
