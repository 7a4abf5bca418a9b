"""Old addresses in the catalogue: what was public leads on when it gets another slug, and no address has two meanings."""

from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy.exc import IntegrityError

from podcast.catalogue import Catalogue, Moved
from podcast.errors import Conflict, NotFound, UsageError
from podcast.model import Status
from podcast.player import show_files
from podcast.site import Site, media_key
from tests.catalogue.conftest import RunSql
from tests.make import MOMENT, make_episode, make_show

UP, DRAFT = Status.PUBLISHED, Status.DRAFT


def rename(catalogue: Catalogue, *slugs: str) -> None:
    for old, new in pairwise(slugs):
        catalogue.change_episode("majlis", old, MOMENT, slug=new)


def leads(catalogue: Catalogue) -> dict[str, str | None]:
    return {one.path: one.slug for one in catalogue.moved("majlis") if one.leads != "nothing"}


def test_what_was_public_gets_another_slug_and_keeps_its_guid_its_audio_and_its_old_address(catalogue: Catalogue) -> None:
    before = catalogue.add_episode(make_episode("a"))
    catalogue.remember_file("/a.mp3", 1, 2, "majlis", "a")
    rename(catalogue, "a", "b", "c")

    after = catalogue.episode("majlis", "c")
    assert (before.guid, media_key(before)) == (after.guid, media_key(after))
    assert after == catalogue.by_source("majlis", "/a.mp3")
    assert [Moved("majlis/a", "majlis", "c", "place"), Moved("majlis/b", "majlis", "c", "place")] == catalogue.moved()
    assert [after] == catalogue.dirty("majlis")


def test_audio_that_is_replaced_afterwards_goes_by_the_new_slug(catalogue: Catalogue) -> None:
    episode = catalogue.add_episode(make_episode("a"))
    rename(catalogue, "a", "b")
    other = catalogue.change_episode("majlis", "b", MOMENT, audio=replace(episode.audio, sha256="0" * 64))

    assert "majlis/media/b-000000000000.mp3" == media_key(other)


def test_a_slug_goes_back_to_whom_it_belonged(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a"))
    rename(catalogue, "a", "b", "a")

    assert {"majlis/b": "a"} == leads(catalogue)


def test_an_old_address_is_given_to_nobody_else(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a"))
    catalogue.add_episode(make_episode("other", status=DRAFT))
    rename(catalogue, "a", "b")

    assert "a-2" == catalogue.free_slug("majlis", "a")
    with pytest.raises(Conflict, match="leads elsewhere") as added:
        catalogue.add_episode(make_episode("a", guid="new"))
    with pytest.raises(Conflict, match="leads elsewhere"):
        rename(catalogue, "other", "a")
    with pytest.raises(Conflict, match="address of this site"):
        catalogue.add_redirect("majlis/a", "majlis", None, "page", MOMENT)
    assert "Take another slug, or give the address up: podcast redirect remove majlis/a." == added.value.hint


def test_one_that_was_given_up_is_free_once_its_pages_are_removed(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a"))
    token = catalogue.acquire("publish/majlis", "here", now=MOMENT, ttl=MOMENT - MOMENT)
    catalogue.release("majlis", [], token=token, now=MOMENT)
    rename(catalogue, "a", "b")
    catalogue.remove_redirect("/majlis/a/", MOMENT)

    assert 2 == len(catalogue.pending("majlis"))
    with pytest.raises(Conflict, match="still to be removed"):
        catalogue.add_episode(make_episode("a", guid="new"))
    with pytest.raises(NotFound):
        catalogue.remove_redirect("majlis/a", MOMENT)
    catalogue.forget_redirects(["majlis/a"])
    catalogue.add_episode(make_episode("a", guid="new"))


def test_a_draft_that_was_never_public_leaves_nothing_behind(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a", status=DRAFT))
    rename(catalogue, "a", "b")

    assert [] == catalogue.moved()
    catalogue.add_episode(make_episode("a", guid="new"))


def test_an_episode_that_is_removed_takes_its_old_addresses_along(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a", status=DRAFT))
    catalogue.add_redirect("old/a", "majlis", "a", "page", MOMENT)
    catalogue.remove_episode("majlis", "a")

    assert [] == catalogue.moved()


def test_one_that_is_still_being_taken_down_keeps_its_slug(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a", status=Status.WITHDRAWN))
    with pytest.raises(Conflict, match="still being taken down"):
        rename(catalogue, "a", "b")


def test_an_address_of_another_host_leads_to_a_show_or_an_episode_of_it(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a"))
    assert Moved("feed/podcast", "majlis", None, "feed") == catalogue.add_redirect("/feed/podcast/", "majlis", None, "feed", MOMENT)
    catalogue.add_redirect("/shows/index.html", "majlis", None, "page", MOMENT)
    catalogue.add_redirect("/2019/kings.html", "majlis", "a", "page", MOMENT)
    catalogue.add_redirect("majlis/rss.xml", "majlis", None, "feed", MOMENT)
    rename(catalogue, "a", "b")

    expected = {"2019/kings.html": "b", "feed/podcast": None, "majlis/a": "b", "majlis/rss.xml": None, "shows": None}
    assert expected == leads(catalogue)
    with pytest.raises(NotFound):
        catalogue.add_redirect("old", "majlis", "none", "page", MOMENT)


WRONG = [
    "",
    "/",
    "?p=12",
    "a/majlis/x.mp3",
    "assets/x",
    "healthz",
    "index.html",
    "//evil.example",
    "a b",
    "ж",
    "x/../y",
    ".x",
    "x.html/y",
    "%2e",
]
OWN = [
    "majlis",
    "majlis/feed.xml",
    "majlis/feed-opus.xml",
    *show_files(Site("https://pod.example/"), make_show(), []),
    "majlis/episodes-1.html",
    "majlis/sitemap-1.xml",
    "majlis/media/x",
    "majlis/up",
    "majlis/up/x",
]


def test_what_is_no_path_or_is_an_address_of_ours_leads_nowhere_else(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("up"))
    for path in WRONG:
        with pytest.raises(UsageError):
            catalogue.add_redirect(path, "majlis", None, "page", MOMENT)
    for path in OWN:
        with pytest.raises(Conflict):
            catalogue.add_redirect(path, "majlis", None, "page", MOMENT)
    assert [] == catalogue.moved()


def test_a_show_cannot_take_an_address_that_leads_on(catalogue: Catalogue) -> None:
    catalogue.add_redirect("blog", "majlis", None, "page", MOMENT)
    with pytest.raises(Conflict, match="leads elsewhere"):
        catalogue.add_show(make_show(slug="blog", guid="blog"))


def test_the_database_itself_holds_the_rules(catalogue: Catalogue, sql: RunSql) -> None:
    catalogue.add_episode(make_episode("a"))
    catalogue.add_episode(make_episode("other", status=DRAFT))
    rename(catalogue, "a", "b")

    for statement in (
        "UPDATE episodes SET slug = 'a' WHERE slug = 'other'",
        "UPDATE episodes SET slug = 'c' WHERE slug = 'b'",
        "INSERT INTO moved (path, show, leads) VALUES ('x', 'none', 'page')",
        "INSERT INTO moved (path, show, leads) VALUES ('x', 'majlis', 'away')",
        "INSERT INTO moved (path, show, episode, leads) SELECT 'x', 'majlis', id, 'feed' FROM episodes",
    ):
        with pytest.raises(IntegrityError):
            sql(statement)


def test_a_show_gets_another_slug_with_everything_that_is_its_own(catalogue: Catalogue, sql: RunSql) -> None:
    catalogue.add_show(make_show(slug="majlis-ky", guid="ky", language="ky"))
    for one, other in (("majlis", "majlis-ky"), ("majlis-ky", "majlis")):
        catalogue.change_show(one, MOMENT, twins=(other,))
    episode = catalogue.add_episode(make_episode("a"))
    catalogue.add_episode(make_episode("trial", status=DRAFT))
    catalogue.remember_file("/a.mp3", 1, 2, "majlis", "a")
    token = catalogue.acquire("publish/majlis", "here", now=MOMENT, ttl=MOMENT - MOMENT)
    catalogue.release("majlis", [], token=token, now=MOMENT)
    catalogue.record("majlis", [("majlis/feed.xml", "0" * 64, 1, "text/xml")])
    before = catalogue.show("majlis")
    after = catalogue.rename_show("majlis", "sozduk", MOMENT)

    assert (before.guid, before.title, ("majlis-ky",)) == (after.guid, after.title, after.twins)
    assert ("sozduk",) == catalogue.show("majlis-ky").twins
    renamed = catalogue.episode("sozduk", "a")
    assert (episode.guid, media_key(episode), renamed) == (renamed.guid, media_key(renamed), catalogue.by_source("sozduk", "/a.mp3"))
    assert "sozduk/media/trial-abababababab.mp3" == media_key(catalogue.episode("sozduk", "trial"))
    assert {"majlis": None, "majlis/a": "a"} == {one.path: one.slug for one in catalogue.moved("sozduk")}
    assert ([1], ["majlis/feed.xml"]) == (
        [one.revision for one in catalogue.pending("sozduk")],
        [one.key for one in catalogue.stored("sozduk")],
    )
    assert ["sozduk"] == catalogue.unsettled(MOMENT, "x")
    with pytest.raises(Conflict, match="leads elsewhere"):
        catalogue.add_show(make_show(guid="new"))
    with pytest.raises(IntegrityError):
        sql("UPDATE shows SET slug = 'other' WHERE slug = 'sozduk'")


def test_a_show_goes_back_to_its_slug_and_its_episodes_with_it(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a"))
    token = catalogue.acquire("publish/majlis", "here", now=MOMENT, ttl=MOMENT - MOMENT)
    catalogue.release("majlis", [], token=token, now=MOMENT)
    catalogue.rename_show("majlis", "sozduk", MOMENT)
    catalogue.rename_show("sozduk", "majlis", MOMENT)
    assert {"sozduk": None, "sozduk/a": "a"} == leads(catalogue)
    catalogue.rename_show("majlis", "sozduk", MOMENT)
    catalogue.change_episode("sozduk", "a", MOMENT, slug="b")
    catalogue.rename_show("sozduk", "majlis", MOMENT)

    assert {"majlis/a": "b", "sozduk": None, "sozduk/a": "b", "sozduk/b": "b"} == leads(catalogue)
    assert ["sozduk"] == catalogue.former_slugs("majlis")


def test_a_show_that_was_never_public_leaves_nothing_behind(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a", status=DRAFT))
    catalogue.rename_show("majlis", "sozduk", MOMENT)

    assert [] == catalogue.moved()
    assert "a" == catalogue.episode("sozduk", "a").slug
    catalogue.add_show(make_show(guid="new"))


def test_a_show_cannot_take_what_is_of_another(catalogue: Catalogue) -> None:
    catalogue.add_show(make_show(slug="other", guid="other"))
    catalogue.add_redirect("blog/x", "other", None, "page", MOMENT)
    for new, words in (("other", "There is a show"), ("blog", "/blog/x leads elsewhere")):
        with pytest.raises(Conflict, match=words):
            catalogue.rename_show("majlis", new, MOMENT)
    with pytest.raises(UsageError):
        catalogue.rename_show("majlis", "media", MOMENT)
