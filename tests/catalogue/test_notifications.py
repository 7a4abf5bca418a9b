"""Who is to be told: one entry for each show and target, in both databases."""

from datetime import timedelta

import pytest

from podcast.catalogue import Catalogue, Notification
from tests.make import MOMENT, make_show

LATER = MOMENT + timedelta(minutes=1)


def promised(catalogue: Catalogue, revision: int = 1, target: str = "podping") -> Notification:
    catalogue.promise_notifications("majlis", revision, [target], now=MOMENT)
    return next(one for one in catalogue.notifications("majlis") if one.target == target)


def test_an_entry_comes_back_as_it_was_promised(catalogue: Catalogue) -> None:
    one = promised(catalogue)
    assert ("majlis", "podping", 1, MOMENT, MOMENT) == (one.show, one.target, one.revision, one.created, one.next)
    assert ("waiting", 0, "", None, None) == (one.state, one.tries, one.answer, one.tried, one.told)


def test_entries_are_those_of_one_show_or_of_all(catalogue: Catalogue) -> None:
    catalogue.add_show(make_show(slug="azattyk", guid="ff0da254-7f0f-4b4a-b1a5-b5cf1e1dcc6c"))
    catalogue.promise_notifications("majlis", 1, ["webhook", "podping"], now=MOMENT)
    catalogue.promise_notifications("azattyk", 1, ["podping"], now=MOMENT)
    assert [("azattyk", "podping"), ("majlis", "podping"), ("majlis", "webhook")] == [
        (one.show, one.target) for one in catalogue.notifications()
    ]
    assert ["podping"] == [one.target for one in catalogue.notifications("azattyk")]


def test_nobody_to_tell_is_nothing_to_do(catalogue: Catalogue) -> None:
    catalogue.promise_notifications("majlis", 1, [], now=MOMENT)
    assert [] == catalogue.notifications()


def test_only_one_claims_an_entry(catalogue: Catalogue) -> None:
    one = promised(catalogue)
    assert [True, False] == [catalogue.claim_notification(one, LATER) for _ in range(2)]
    (claimed,) = catalogue.notifications()
    assert (1, LATER) == (claimed.tries, claimed.next)


def test_an_entry_that_was_promised_anew_is_not_claimed_as_it_was(catalogue: Catalogue) -> None:
    one = promised(catalogue)
    promised(catalogue, 2)
    assert not catalogue.claim_notification(one, LATER)


@pytest.mark.parametrize("done", [True, False])
def test_what_came_of_a_try_is_kept_and_a_later_promise_stands(catalogue: Catalogue, done: bool) -> None:
    one = promised(catalogue)
    catalogue.claim_notification(one, LATER)
    promised(catalogue, 2)
    catalogue.settle_notification(one, done=done, answer="200", next_=None, now=LATER)
    (now,) = catalogue.notifications()
    assert ("waiting", 2, MOMENT, "200", LATER, 1 if done else None) == (
        now.state, now.revision, now.next, now.answer, now.tried, now.told,
    )  # fmt: skip


@pytest.mark.parametrize(("done", "state"), [(True, "told"), (False, "given up")])
def test_a_settled_entry_begins_anew_with_the_next_revision(catalogue: Catalogue, done: bool, state: str) -> None:
    one = promised(catalogue)
    catalogue.claim_notification(one, LATER)
    catalogue.settle_notification(one, done=done, answer="", next_=None, now=LATER)
    assert state == catalogue.notifications()[0].state
    catalogue.promise_notifications("majlis", 2, ["podping"], now=LATER)
    (now,) = catalogue.notifications()
    assert ("waiting", 0, LATER) == (now.state, now.tries, now.created)


def test_the_last_publish_is_when_the_outbox_was_last_done(catalogue: Catalogue) -> None:
    assert catalogue.last_publish("majlis") is None
    token = catalogue.acquire("publish/majlis", "we", now=MOMENT, ttl=timedelta(minutes=5))
    revision = catalogue.release("majlis", [], token=token, now=MOMENT)
    assert catalogue.last_publish("majlis") is None
    catalogue.finish("majlis", revision, token=token, now=LATER, fingerprint="", edited=MOMENT, clean={})
    assert LATER == catalogue.last_publish("majlis")
