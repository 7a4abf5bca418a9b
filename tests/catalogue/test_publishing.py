from collections.abc import Callable
from datetime import timedelta

import pytest

from podcast.catalogue import Catalogue, Outbox
from podcast.errors import CatalogueBusy, Conflict, NotFound
from podcast.model import Episode, Status
from tests.make import MOMENT, make_episode, make_show

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LATER = MOMENT + DAY

Slugs = list[str]


def slugs(episodes: list[Episode]) -> Slugs:
    return [episode.slug for episode in episodes]


@pytest.fixture
def token(catalogue: Catalogue) -> int:
    """Hold the show for publishing, with some drafts in it: ``a`` has no date, ``b`` and ``c`` have one."""
    catalogue.add_episode(make_episode("a", status=Status.DRAFT, published=None))
    catalogue.add_episode(make_episode("b", status=Status.DRAFT, published=MOMENT - DAY))
    catalogue.add_episode(make_episode("c", status=Status.SCHEDULED, published=MOMENT - 2 * DAY))
    return catalogue.acquire("publish/majlis", "here", now=MOMENT, ttl=MINUTE)


def test_what_is_due_is_scheduled_and_its_date_has_come(catalogue: Catalogue) -> None:
    catalogue.add_show(make_show(slug="other", guid="other"))
    for slug, days in {"third": 0, "first": -2, "ahead": 1}.items():
        catalogue.add_episode(make_episode(slug, status=Status.SCHEDULED, published=MOMENT + days * DAY))
    catalogue.add_episode(make_episode("second", show="other", status=Status.SCHEDULED, published=MOMENT - DAY))
    catalogue.add_episode(make_episode("draft", status=Status.DRAFT, published=MOMENT - DAY))
    catalogue.add_episode(make_episode("out", published=MOMENT - DAY))

    assert ["first", "second", "third"] == slugs(catalogue.due(MOMENT))
    assert ["first", "third"] == slugs(catalogue.due(MOMENT, "majlis"))
    assert ["first"] == slugs(catalogue.due(MOMENT - timedelta(microseconds=1), "majlis"))


def test_a_release_publishes_at_the_date_or_now(catalogue: Catalogue, token: int) -> None:
    assert 1 == catalogue.release("majlis", ["a", "b"], token=token, now=LATER)

    a, b = catalogue.episode("majlis", "a"), catalogue.episode("majlis", "b")
    assert (Status.PUBLISHED, LATER, LATER) == (a.status, a.published, a.changed)
    assert (Status.PUBLISHED, MOMENT - DAY, LATER) == (b.status, b.published, b.changed)
    assert Status.SCHEDULED is catalogue.episode("majlis", "c").status
    assert ["a", "b"] == slugs(catalogue.dirty("majlis"))


def test_a_release_promises_the_next_revision(catalogue: Catalogue, token: int) -> None:
    assert 0 == catalogue.standing("majlis").revision
    assert [1, 2, 3] == [catalogue.release("majlis", names, token=token, now=LATER) for names in (["a"], [], ["a"])]

    assert 3 == catalogue.standing("majlis").revision
    assert [Outbox(show="majlis", kind="feed", revision=number, created=LATER) for number in (1, 2, 3)] == catalogue.pending("majlis")


def test_what_is_published_stays_as_it_is(catalogue: Catalogue, token: int) -> None:
    catalogue.release("majlis", ["a"], token=token, now=LATER)
    before = catalogue.episode("majlis", "a")
    catalogue.release("majlis", ["a"], token=token, now=LATER + DAY)

    assert before == catalogue.episode("majlis", "a")


def test_a_release_is_all_or_nothing(catalogue: Catalogue, token: int) -> None:
    with pytest.raises(NotFound, match="nothing"):
        catalogue.release("majlis", ["a", "nothing"], token=token, now=LATER)
    with pytest.raises(Conflict, match="c is scheduled"):
        catalogue.release("majlis", ["a"], ["c"], token=token, now=LATER)

    assert Status.DRAFT is catalogue.episode("majlis", "a").status
    assert (0, []) == (catalogue.standing("majlis").revision, catalogue.pending("majlis"))


def test_an_episode_is_taken_down_and_comes_back_under_its_date(catalogue: Catalogue, token: int) -> None:
    catalogue.release("majlis", ["a", "b"], token=token, now=LATER)
    assert 2 == catalogue.release("majlis", [], ["a"], token=token, now=LATER + DAY)

    assert (Status.WITHDRAWN, LATER) == (catalogue.episode("majlis", "a").status, catalogue.episode("majlis", "a").published)
    assert ["b"] == slugs(list(catalogue.feed("majlis")))
    assert ["a", "b"] == slugs(catalogue.dirty("majlis"))

    catalogue.release("majlis", ["a"], token=token, now=LATER + 2 * DAY)
    assert (Status.PUBLISHED, LATER) == (catalogue.episode("majlis", "a").status, catalogue.episode("majlis", "a").published)


def test_finish_keeps_its_promises_up_to_its_revision(catalogue: Catalogue, token: int) -> None:
    for _ in range(3):
        catalogue.release("majlis", [], token=token, now=LATER)
    assert catalogue.standing("majlis").fingerprint is None

    catalogue.finish("majlis", 2, token=token, now=LATER, fingerprint="abc", edited=MOMENT, clean={})

    assert [3] == [promise.revision for promise in catalogue.pending("majlis")]
    assert "abc" == catalogue.standing("majlis").fingerprint


def finish(catalogue: Catalogue, token: int, clean: dict[str, Episode], gone: Slugs) -> Slugs:
    states = {slug: episode.changed for slug, episode in clean.items()}
    catalogue.finish("majlis", 9, token=token, now=LATER, fingerprint="abc", edited=MOMENT, clean=states, gone=gone)
    return slugs(catalogue.dirty("majlis"))


def test_what_went_out_is_clean_whether_it_was_read_before_or_after_its_release(catalogue: Catalogue, token: int) -> None:
    before = catalogue.episode("majlis", "a")
    catalogue.release("majlis", ["a", "b"], token=token, now=LATER)
    after = catalogue.episode("majlis", "b")

    assert [] == finish(catalogue, token, {"a": before, "b": after}, [])


def test_what_was_changed_since_stays_dirty(catalogue: Catalogue, token: int) -> None:
    read = catalogue.episode("majlis", "a")
    catalogue.release("majlis", ["a", "b"], token=token, now=LATER)
    # The clock of whoever edits is behind.
    catalogue.change_episode("majlis", "a", MOMENT - DAY, title="Corrected")

    assert ["a"] == finish(catalogue, token, {"a": read, "b": catalogue.episode("majlis", "b")}, [])


def test_an_edit_makes_a_published_episode_dirty_and_a_draft_not(catalogue: Catalogue, token: int) -> None:
    catalogue.release("majlis", ["a"], token=token, now=LATER)
    finish(catalogue, token, {"a": catalogue.episode("majlis", "a")}, [])
    catalogue.change_episode("majlis", "a", LATER, notes="More")
    catalogue.change_episode("majlis", "b", LATER, notes="More")

    assert ["a"] == slugs(catalogue.dirty("majlis"))


def test_what_is_gone_is_clean_and_what_came_back_is_not(catalogue: Catalogue, token: int) -> None:
    catalogue.release("majlis", ["a", "b"], token=token, now=LATER)
    catalogue.release("majlis", [], ["a"], token=token, now=LATER)

    assert ["b"] == finish(catalogue, token, {}, ["a", "b"])


def test_what_was_imported_as_published_is_dirty_until_it_went_out(catalogue: Catalogue, token: int) -> None:
    episode = catalogue.add_episode(make_episode("imported", published=MOMENT - 9 * DAY))

    assert ["imported"] == slugs(catalogue.dirty("majlis"))
    assert [] == finish(catalogue, token, {"imported": episode}, [])


def test_the_feed_is_every_published_episode_newest_first(catalogue: Catalogue) -> None:
    with catalogue.transaction():
        for number in range(450):
            # Three share each date, and are told apart by when they were made.
            moment, made = MOMENT + (number // 3) * DAY, MOMENT + number * MINUTE
            catalogue.add_episode(make_episode(f"e{number}", published=moment, created=made))
        catalogue.add_episode(make_episode("draft", status=Status.DRAFT))

    expected = [f"e{number}" for number in reversed(range(450))]
    assert expected == slugs(list(catalogue.feed("majlis")))
    assert expected[:3] == slugs(catalogue.latest("majlis", 3))
    with catalogue.snapshot():
        assert expected == slugs(list(catalogue.feed("majlis")))


def test_the_manifest_remembers_and_forgets_many_at_once(catalogue: Catalogue) -> None:
    files = [(f"majlis/media/{number}.mp3", f"{number:064}", number, "audio/mpeg") for number in range(2500)]
    keys = [f"majlis/media/{number}.mp3" for number in range(2500)] + ["assets/player.js"]
    catalogue.record("majlis", files)
    catalogue.record("majlis", [("majlis/media/0.mp3", "f" * 64, 2**40, "audio/mpeg")])
    catalogue.record(None, [("assets/player.js", "a" * 64, 5, "text/javascript")])
    catalogue.record("other", [("other/feed.xml", "b" * 64, 5, "application/rss+xml")])
    catalogue.record("majlis", [])

    catalogue.forget([key for key, *_ in files[1:]])
    catalogue.forget([])

    assert {"majlis/media/0.mp3": ("f" * 64, 2**40), "assets/player.js": ("a" * 64, 5)} == catalogue.held(keys)
    assert ["other/feed.xml"] == catalogue.held_under("other/")
    assert ["majlis/media/0.mp3"] == catalogue.held_under("majlis/media/")


@pytest.mark.parametrize("ask", [Catalogue.standing])
def test_an_unknown_show_is_not_found(catalogue: Catalogue, ask: Callable[[Catalogue, str], object]) -> None:
    with pytest.raises(NotFound, match="mejlis"):
        ask(catalogue, "mejlis")


def test_a_lease_has_one_holder_who_is_named(catalogue: Catalogue) -> None:
    catalogue.acquire("publish/majlis", "desk-1 pid 12", now=MOMENT, ttl=MINUTE)

    with pytest.raises(CatalogueBusy, match="desk-1 pid 12, until 09:01:00 UTC") as caught:
        catalogue.acquire("publish/majlis", "desk-2", now=MOMENT + MINUTE / 2, ttl=MINUTE)
    assert caught.value.hint
    assert catalogue.acquire("publish/other", "desk-2", now=MOMENT, ttl=MINUTE)


def test_a_lease_that_ran_out_or_was_given_back_is_taken_under_a_greater_token(catalogue: Catalogue) -> None:
    tokens = [catalogue.acquire("x", "a", now=MOMENT + number * MINUTE, ttl=MINUTE) for number in range(3)]
    catalogue.release_lease("x", tokens[-1])
    tokens.append(catalogue.acquire("x", "b", now=MOMENT, ttl=MINUTE))

    assert [1, 2, 3, 4] == tokens


def test_a_renewed_lease_is_held_for_longer(catalogue: Catalogue) -> None:
    token = catalogue.acquire("x", "a", now=MOMENT, ttl=MINUTE)
    catalogue.renew("x", token, now=MOMENT + MINUTE, ttl=MINUTE)

    with pytest.raises(CatalogueBusy):
        catalogue.acquire("x", "b", now=MOMENT + 1.5 * MINUTE, ttl=MINUTE)


def test_whoever_was_overtaken_can_neither_renew_nor_give_back(catalogue: Catalogue) -> None:
    old = catalogue.acquire("x", "a", now=MOMENT, ttl=MINUTE)
    catalogue.acquire("x", "b", now=MOMENT + MINUTE, ttl=MINUTE)

    with pytest.raises(Conflict, match="Another publisher took over"):
        catalogue.renew("x", old, now=MOMENT + MINUTE, ttl=MINUTE)
    catalogue.release_lease("x", old)
    with pytest.raises(CatalogueBusy, match="in hand: b"):
        catalogue.acquire("x", "c", now=MOMENT + MINUTE, ttl=MINUTE)


def test_a_lease_given_back_is_not_renewed(catalogue: Catalogue) -> None:
    token = catalogue.acquire("x", "a", now=MOMENT, ttl=MINUTE)
    catalogue.release_lease("x", token)

    with pytest.raises(Conflict):
        catalogue.renew("x", token, now=MOMENT, ttl=MINUTE)


def test_whoever_was_overtaken_publishes_nothing(catalogue: Catalogue, token: int) -> None:
    newer = catalogue.acquire("publish/majlis", "there", now=MOMENT + MINUTE, ttl=MINUTE)
    revision = catalogue.release("majlis", ["b"], token=newer, now=LATER)

    for stale in (token, newer + 1):
        with pytest.raises(Conflict, match="Another publisher took over"):
            catalogue.release("majlis", ["a"], token=stale, now=LATER)
        with pytest.raises(Conflict, match="Another publisher took over"):
            catalogue.finish("majlis", revision, token=stale, now=LATER, fingerprint="x", edited=MOMENT, clean={"b": LATER})

    assert Status.DRAFT is catalogue.episode("majlis", "a").status
    assert ([revision], ["b"], None) == (
        [promise.revision for promise in catalogue.pending("majlis")],
        slugs(catalogue.dirty("majlis")),
        catalogue.standing("majlis").fingerprint,
    )


def test_a_lease_that_ran_out_and_nobody_took_still_publishes(catalogue: Catalogue, token: int) -> None:
    assert 1 == catalogue.release("majlis", ["a"], token=token, now=MOMENT + 9 * MINUTE)


@pytest.fixture
def twins(catalogue: Catalogue, token: int) -> None:
    """Publish Majlis, with a twin that was never published and a show that is none; both feeds are as they should be."""
    catalogue.add_show(make_show(slug="kyrgyz", guid="kyrgyz", language="ky", twins=("majlis",)))
    catalogue.add_show(make_show(slug="other", guid="other"))
    catalogue.add_episode(make_episode("ky", show="kyrgyz", status=Status.DRAFT))
    catalogue.change_show("majlis", MOMENT, twins=("kyrgyz",))
    catalogue.release("majlis", ["a"], token=token, now=MOMENT)
    settle(catalogue, "majlis", token)


def settle(catalogue: Catalogue, show: str, token: int) -> None:
    standing = catalogue.standing(show)
    clean = {episode.slug: episode.changed for episode in catalogue.dirty(show)}
    catalogue.finish(show, standing.revision, token=token, now=LATER, fingerprint="made", edited=standing.edited, clean=clean)
    assert show not in catalogue.unsettled(MOMENT - 3 * DAY, "made")


@pytest.mark.usefixtures("twins")
def test_only_a_published_twin_is_linked_and_its_first_publish_stirs_the_other(catalogue: Catalogue, token: int) -> None:
    assert [] == catalogue.twins(catalogue.show("majlis"))
    assert ["majlis"] == [show.slug for show in catalogue.twins(catalogue.show("kyrgyz"))]
    before = catalogue.show("majlis")
    own = catalogue.acquire("publish/kyrgyz", "here", now=MOMENT, ttl=MINUTE)
    catalogue.release("kyrgyz", ["ky"], token=own, now=LATER)
    assert ["kyrgyz"] == [show.slug for show in catalogue.twins(catalogue.show("majlis"))]
    assert "majlis" in catalogue.unsettled(MOMENT - 3 * DAY, "made")
    assert before.changed < catalogue.show("majlis").changed
    settle(catalogue, "majlis", token)
    settle(catalogue, "kyrgyz", own)
    catalogue.release("kyrgyz", [], token=own, now=LATER)
    assert ["kyrgyz"] == catalogue.unsettled(MOMENT - 3 * DAY, "made")


@pytest.mark.usefixtures("twins")
@pytest.mark.parametrize("change", [{"title": "New"}, {"language": "kk"}, {"link": "https://radio.example/ky"}])
def test_what_a_twin_is_called_stirs_the_other(catalogue: Catalogue, change: dict[str, str]) -> None:
    catalogue.change_show("kyrgyz", LATER, **change)
    assert ["majlis"] == catalogue.unsettled(MOMENT - 3 * DAY, "made")


@pytest.mark.usefixtures("twins")
def test_what_else_changes_of_a_twin_stirs_nobody(catalogue: Catalogue) -> None:
    catalogue.change_show("kyrgyz", LATER, description="New")
    catalogue.change_show("other", LATER, title="New")
    assert [] == catalogue.unsettled(MOMENT - 3 * DAY, "made")
