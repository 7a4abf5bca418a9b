"""A notification is tried until it was heard, with growing pauses, and given up in the end; no failure is anybody else's."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from typing import NoReturn

import pytest

from podcast.catalogue import Notification, open_catalogue
from podcast.notify import Sent, send_due
from podcast.notify.queue import TRIES, pause
from tests.make import MOMENT, make_show

from .conftest import OK, Office


@pytest.fixture
def hub(office: Office) -> Office:
    """Configure one hub, which knows nothing yet."""
    office.configure(hubs=(office.web.url("/hub"),))
    return office


def test_what_was_told_is_told_once(hub: Office) -> None:
    hub.web.pages["/hub"] = OK
    assert [True] == [one.done for one in hub.publish(1)]
    assert [] == hub.run(days=1)
    assert ("told", 1, "200", MOMENT) == (hub.entry.state, hub.entry.told, hub.entry.answer, hub.entry.tried)


def test_what_failed_is_tried_again_when_its_time_has_come_and_then_is_done(hub: Office) -> None:
    hub.web.pages["/hub"] = (503, {}, b"Busy")
    (failed,) = hub.publish(1)
    assert (False, "503: Busy") == (failed.done, failed.answer)
    assert "waiting" == hub.entry.state
    hub.web.pages["/hub"] = OK
    assert [] == hub.run(seconds=59)
    assert [True] == [one.done for one in hub.run(seconds=31)]
    assert ["/hub", "/hub"] == hub.web.seen


def test_pauses_grow_and_differ_from_one_target_to_the_next(hub: Office) -> None:
    hub.publish(1)
    moments = [hub.now]
    for _ in range(6):
        assert hub.entry.next
        hub.run(seconds=(hub.entry.next - hub.now).total_seconds())
        moments.append(hub.now)
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    for number, waited in enumerate(pauses):
        assert timedelta(minutes=1) * 2**number <= waited <= timedelta(minutes=1.5) * 2**number
    hub.configure(hubs=tuple(hub.web.url(f"/hub{number}") for number in range(20)))
    hub.published(2)
    assert len({pause(one) for one in hub.catalogue.notifications()}) > 10


def give_up(office: Office) -> None:
    for _ in range(TRIES):
        if office.entry.next:
            office.run(seconds=(office.entry.next - office.now).total_seconds())


def test_it_is_given_up_after_some_days_with_a_record(hub: Office) -> None:
    hub.web.pages["/hub"] = (410, {}, b"Gone")
    hub.publish(1)
    give_up(hub)
    assert TRIES == len(hub.web.seen)
    assert ("given up", "410: Gone", None) == (hub.entry.state, hub.entry.answer, hub.entry.told)
    assert timedelta(days=2) < hub.now - MOMENT < timedelta(days=5)
    assert [] == hub.run(days=9)


def test_the_next_publish_begins_anew_after_it_was_given_up(hub: Office) -> None:
    hub.publish(1)
    give_up(hub)
    hub.web.pages["/hub"] = OK
    assert [(2, True)] == [(one.revision, one.done) for one in hub.publish(2)]
    assert ("told", 2) == (hub.entry.state, hub.entry.told)


def test_several_revisions_are_one_notification(hub: Office) -> None:
    hub.web.pages["/hub"] = OK
    for revision in (1, 2, 3):
        hub.published(revision)
    assert [3] == [one.revision for one in hub.run()]
    assert ["/hub"] == hub.web.seen


def test_a_new_revision_is_told_at_once_and_goes_on_counting_tries(hub: Office) -> None:
    hub.publish(1)
    hub.now += timedelta(seconds=5)
    hub.publish(2)
    assert (2, 2, MOMENT) == (hub.entry.tries, hub.entry.revision, hub.entry.created)


def test_a_revision_that_was_told_is_not_promised_again(hub: Office) -> None:
    hub.web.pages["/hub"] = OK
    hub.publish(2)
    assert [] == hub.publish(2) + hub.publish(1)
    assert ["/hub"] == hub.web.seen


def test_a_revision_that_comes_while_an_earlier_one_is_told_is_told_too(hub: Office) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        if len(hub.web.seen) == 1:
            hub.published(2)
        handler.send_response(200)
        handler.end_headers()

    hub.web.pages["/hub"] = page
    assert [1] == [one.revision for one in hub.publish(1)]
    assert [2] == [one.revision for one in hub.run()]
    assert [] == hub.run(days=1)


@pytest.mark.parametrize("value", ["7200", format_datetime(MOMENT + timedelta(hours=2), usegmt=True)])
def test_who_asks_for_time_gets_it(hub: Office, value: str) -> None:
    hub.web.pages["/hub"] = (429, {"Retry-After": value}, b"")
    (failed,) = hub.publish(1)
    assert MOMENT + timedelta(hours=2) == failed.next


@pytest.mark.parametrize("value", ["", "-5", "soon", "999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "٣"])
def test_who_asks_for_nonsense_is_tried_within_a_day(hub: Office, value: str) -> None:
    hub.web.pages["/hub"] = (429, {"Retry-After": value.encode().decode("latin-1")}, b"")
    (failed,) = hub.publish(1)
    assert failed.next
    assert timedelta(minutes=1) <= failed.next - MOMENT <= timedelta(days=1)


def test_a_redirect_is_not_followed(hub: Office) -> None:
    hub.web.pages |= {"/hub": (307, {"Location": "/other"}, b""), "/other": OK}
    assert ["307: it has moved, and a redirect is not followed"] == [one.answer for one in hub.publish(1)]
    assert ["/hub"] == hub.web.seen


def test_who_is_not_there_is_told_later(hub: Office) -> None:
    hub.configure(hubs=("http://127.0.0.1:1/hub",))
    (failed,) = hub.publish(1)
    assert (False, "http://127.0.0.1:1 cannot be reached: it does not answer, or ends too early") == (failed.done, failed.answer)


def test_who_does_not_answer_in_time_is_told_later(hub: Office) -> None:
    def page(_: BaseHTTPRequestHandler) -> None:
        hub.web.over.wait(10)

    hub.seconds = 0.3
    hub.web.pages["/hub"] = page
    (failed,) = hub.publish(1)
    assert failed.answer.endswith("it does not answer in time")


@pytest.mark.parametrize(("status", "done"), [(200, True), (500, False)])
def test_of_a_huge_answer_only_the_beginning_is_read(hub: Office, status: int, done: bool) -> None:
    over = threading.Event()

    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"abc " * 10_000)
        except OSError:
            over.set()

    hub.web.pages["/hub"] = page
    (sent,) = hub.publish(1)
    assert done == sent.done
    assert len(hub.entry.answer) < 300
    assert over.wait(10)


def test_what_is_no_http_is_told_later(hub: Office) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"\x00" * 500)

    hub.web.pages["/hub"] = page
    assert [False] == [one.done for one in hub.publish(1)]


def test_one_that_fails_does_not_keep_the_others_from_being_told(hub: Office) -> None:
    hub.configure(hubs=("http://127.0.0.1:1/", hub.web.url("/hub"), hub.web.url("/gone")))
    hub.web.pages["/hub"] = OK
    assert [False, True, False] == [one.done for one in sorted(hub.publish(1), key=lambda one: hub.settings.hubs.index(one.target[4:]))]


def test_who_does_not_answer_for_one_show_is_not_waited_for_with_the_next(hub: Office) -> None:
    hub.catalogue.add_show(make_show(slug="azattyk", guid="ff0da254-7f0f-4b4a-b1a5-b5cf1e1dcc6c"))
    hub.configure(hubs=("http://127.0.0.1:1/",))
    hub.published(1)
    hub.published(1, "azattyk")
    assert ["azattyk"] == [one.show for one in hub.run()]
    assert ["majlis"] == [one.show for one in hub.run(seconds=1)]


def test_who_was_killed_before_it_told_leaves_it_to_the_next_run(hub: Office) -> None:
    hub.web.pages["/hub"] = OK
    hub.published(1)
    with pytest.raises(KeyboardInterrupt):
        send_due(hub.catalogue, hub.settings, killed, hub.now)
    assert [] == hub.web.seen
    assert [True] == [one.done for one in hub.run(minutes=2)]


def killed(url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None, private: bool = False) -> NoReturn:
    raise KeyboardInterrupt


def test_two_at_the_same_time_tell_once(hub: Office) -> None:
    second: list[list[Sent]] = []

    def page(handler: BaseHTTPRequestHandler) -> None:
        second.append(hub.run())
        handler.send_response(200)
        handler.end_headers()

    hub.web.pages["/hub"] = page
    assert [True] == [one.done for one in hub.publish(1)]
    assert ([[]], ["/hub"]) == (second, hub.web.seen)


def test_two_that_saw_the_same_entry_tell_once(hub: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, both = hub.catalogue.notifications, threading.Barrier(2)

    def read() -> list[Notification]:
        entries = seen()
        both.wait(10)
        return entries

    hub.web.pages["/hub"] = OK
    hub.published(1)
    monkeypatch.setattr(hub.catalogue, "notifications", read)
    with ThreadPoolExecutor(2) as pool:
        sent = [one.done for run in pool.map(lambda _: hub.run(), range(2)) for one in run]
    assert ([True], ["/hub"]) == (sent, hub.web.seen)


def test_a_clock_that_goes_back_does_not_put_it_off_for_a_year(hub: Office) -> None:
    hub.now = datetime(2028, 1, 1, tzinfo=UTC)
    hub.publish(1)
    hub.web.pages["/hub"] = OK
    hub.now = MOMENT
    assert [True] == [one.done for one in hub.run()]


def test_a_clock_that_goes_forward_gives_nothing_up(hub: Office) -> None:
    hub.publish(1)
    hub.run(days=4000)
    assert "waiting" == hub.entry.state


def test_entries_outlive_the_process(hub: Office, tmp_path: object) -> None:
    hub.published(1)
    hub.catalogue.close()
    hub.web.pages["/hub"] = OK
    with open_catalogue(f"sqlite:///{tmp_path}/catalogue.db") as catalogue:
        hub.catalogue = catalogue
        assert [True] == [one.done for one in hub.run()]
