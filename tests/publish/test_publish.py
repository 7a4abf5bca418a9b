"""What a publish promises to listeners, whatever happens in its middle."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from podcast.errors import CatalogueBusy, CheckFailed, Conflict, MediaError, StorageError, StorageUnavailable
from podcast.formats.namespaces import feed_guid
from podcast.model import Artwork, Chapter, Status, Transcript
from podcast.publish.apply import apply
from podcast.publish.lease import LEASE, take
from podcast.publish.press import prepare, unsettled
from podcast.site import HOME, Site, media_key
from podcast.storage import Progress, StoredObject, Upload
from tests.make import MOMENT, make_episode, make_show

from .conftest import NOW, House

#: What Python's uuid4 gives, and the podcast:guid of another address.
RANDOM, FROM_ELSEWHERE = "6f1c6b7e-7b1c-4b3a-9d1e-2f60a1f5a001", feed_guid("https://other.example/feed.xml")
ADDRESS = re.compile(r'(?:url|href)="https://pod\.example/([^"]*)"')


def test_the_feed_is_stored_last_after_all_that_it_names(house: House) -> None:
    house.add("one")
    house.publish("one")
    order = house.storage.written
    assert "majlis/feed.xml" == order[-1]
    assert order.index(media_key(house.catalogue.episode("majlis", "one"))) < order.index("majlis/one/index.html")


def test_every_address_in_the_feed_answers(house: House) -> None:
    house.add("one")
    house.add("two")
    house.publish("one", "two")
    named = set(ADDRESS.findall(house.feed()))
    assert {"majlis/feed.xml"} < named
    assert set() == named - set(house.storage.content())


def test_a_show_that_was_never_published_replaces_no_feed(house: House) -> None:
    house.add("first")
    body = b"<rss>ten years</rss>"
    house.storage.put(Upload(key="majlis/feed.xml", body=body, length=len(body), md5="", type="x/y", cache_control=""))
    house.storage.written.clear()
    with pytest.raises(Conflict, match="lose all its episodes"):
        house.publish("first")
    assert [] == house.storage.written
    house.storage.delete(["majlis/feed.xml"])
    assert not house.publish("first").failed


@pytest.mark.parametrize(
    ("guid", "address", "shown"),
    [
        (RANDOM, "https://pod.example/", feed_guid("https://pod.example/later/feed.xml")),
        (RANDOM, "http://127.0.0.1:8000/", RANDOM),
        (FROM_ELSEWHERE, "https://pod.example/", FROM_ELSEWHERE),
    ],
)
def test_the_first_feed_of_a_show_says_the_guid_of_its_address_and_each_later_one_the_same(
    house: House, guid: str, address: str, shown: str
) -> None:
    house.catalogue.add_show(make_show(slug="later", guid=guid))
    for slug, base in {"one": address, "two": "https://elsewhere.example/"}.items():
        press = replace(house.press, site=Site(base))
        plan = prepare(press, house.catalogue.show("later"), now=NOW, chosen=[house.add(slug, show="later")])
        apply(plan, press, clock=lambda: NOW)
        assert f"<podcast:guid>{shown}</podcast:guid>".encode() in house.storage.content()["later/feed.xml"]


def test_keys_that_may_not_ask_for_what_is_not_there_publish_all_the_same(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    head = house.storage.head

    def strict(key: str) -> StoredObject:
        if found := head(key):
            return found
        raise StorageError("AccessDenied")

    monkeypatch.setattr(house.storage, "head", strict)
    house.add("first")
    assert not house.publish("first").failed


def test_publishing_again_stores_nothing(house: House) -> None:
    house.add("one")
    house.publish("one")
    before = list(house.storage.written)
    outcome = house.publish(now=NOW + timedelta(hours=1))
    assert before == house.storage.written
    assert [] == outcome.stored
    assert prepare(house.press, house.catalogue.show("majlis"), now=NOW).empty


def test_an_episode_is_published_at_the_moment_that_its_page_and_the_feed_say(house: House) -> None:
    house.add("one")
    house.publish("one")
    episode = house.catalogue.episode("majlis", "one")
    assert (Status.PUBLISHED, NOW) == (episode.status, episode.published)
    assert "<pubDate>Thu, 26 Nov 2026 09:00:00 +0000</pubDate>" in house.feed()
    assert "2026-11-26" in b"".join(house.storage.read("majlis/one/episode.json")).decode()


@pytest.mark.parametrize("other", [False, True], ids=["first publish", "second publish"])
def test_cut_off_before_any_write_the_feed_stays_whole_and_the_next_run_converges(house: House, other: bool) -> None:
    """Cut the line before each write in turn; at every moment every address in the public feed must answer."""
    storage = house.storage
    if other:
        house.add("zero")
        house.publish("zero")
        house.catalogue.change_episode("majlis", "zero", NOW, title="Zero, once more", audio=house.audio(b"other audio"))
    house.add("one", notes="Some **notes**")
    house.add("two")
    start = len(storage.written)

    def whole() -> None:
        content = storage.content()
        feed = content.get("majlis/feed.xml", b"").decode()
        assert set() == set(ADDRESS.findall(feed)) - set(content)
        assert not feed or feed.rstrip().endswith("</rss>")

    storage.after = whole
    for cut in range(200):
        storage.cut_at = start + cut
        try:
            house.publish("one", "two")
        except StorageUnavailable:
            whole()
        else:
            break
    assert 5 < cut < 200
    feed = house.feed()
    assert 2 + other == feed.count("<item>")
    assert prepare(house.press, house.catalogue.show("majlis"), now=NOW).empty
    assert [] == house.catalogue.pending("majlis")


def test_what_was_stored_before_an_interruption_is_not_stored_again(house: House) -> None:
    house.add("one")
    house.storage.cut_at = 4
    with pytest.raises(StorageUnavailable):
        house.publish("one")
    house.storage.cut_at = None
    house.publish("one")
    assert sorted(set(house.storage.written)) == sorted(house.storage.written)


def test_an_episode_whose_staged_file_is_gone_stays_behind_alone(house: House) -> None:
    bad = house.add("bad")
    house.add("good")
    house.press.staging.path(bad.audio.sha256).unlink()
    outcome = house.publish("bad", "good")
    assert ["bad"] == [slug for slug, _ in outcome.failed]
    assert ["good"] == [episode.slug for episode in outcome.released]
    assert Status.DRAFT is house.catalogue.episode("majlis", "bad").status
    assert 1 == house.feed().count("<item>")


def test_a_cut_staged_file_is_not_uploaded(house: House) -> None:
    bad = house.add("bad")
    path = house.press.staging.path(bad.audio.sha256)
    path.chmod(0o600)
    path.write_bytes(b"cut")
    assert 1 == len(house.publish("bad").failed)
    assert media_key(bad) not in house.storage.content()


def test_nothing_of_a_draft_or_of_a_scheduled_episode_reaches_storage(house: House) -> None:
    house.add("public")
    hidden = [house.add("secret-draft"), house.add("secret-later", status=Status.SCHEDULED, published=NOW + timedelta(days=1))]
    house.publish("public")
    told = "\n".join([*house.storage.content(), *(body.decode(errors="replace") for body in house.storage.content().values())])
    assert "secret" not in told.lower()
    assert all(episode.guid not in told and episode.audio.sha256[:12] not in told for episode in hidden)


def test_a_scheduled_episode_goes_out_by_itself_when_its_time_has_come(house: House) -> None:
    house.add("later", status=Status.SCHEDULED, published=NOW + timedelta(hours=1))
    assert [] == house.publish(now=NOW).released
    outcome = house.publish(now=NOW + timedelta(hours=1))
    assert ["later"] == [episode.slug for episode in outcome.released]
    assert NOW + timedelta(hours=1) == house.catalogue.episode("majlis", "later").published


def test_publishing_a_draft_with_a_date_ahead_schedules_it(house: House) -> None:
    house.add("ahead", published=NOW + timedelta(days=3))
    outcome = house.publish("ahead")
    assert ["ahead"] == [episode.slug for episode in outcome.approved]
    assert Status.SCHEDULED is house.catalogue.episode("majlis", "ahead").status


def test_a_draft_with_a_date_behind_keeps_it(house: House) -> None:
    house.add("old", published=MOMENT - timedelta(days=4000))
    house.publish("old")
    assert MOMENT - timedelta(days=4000) == house.catalogue.episode("majlis", "old").published


def test_unpublishing_takes_it_out_of_the_feed_and_removes_its_pages(house: House) -> None:
    house.add("gone")
    house.add("stays")
    house.publish("gone", "stays")
    house.publish(withdraw=["gone"])
    content = house.storage.content()
    assert "gone" not in house.feed()
    assert {"majlis/gone/embed.html"} == {key for key in content if key.startswith("majlis/gone/")}
    assert b"<audio" not in content["majlis/gone/embed.html"]
    assert Status.WITHDRAWN is house.catalogue.episode("majlis", "gone").status
    assert b"gone" not in content["majlis/index.html"]
    assert prepare(house.press, house.catalogue.show("majlis"), now=NOW).empty


def test_cut_off_while_pages_are_removed_they_come_back_with_the_episode(house: House) -> None:
    house.add("gone", notes="Notes", chapters=(Chapter(start=0, title="One"),))
    house.publish("gone")
    delete = house.storage.delete

    def cut(keys: Iterable[str]) -> None:
        listed = list(keys)
        delete(listed)
        if listed:
            raise StorageUnavailable("The line was cut.")

    house.storage.delete = cut  # type: ignore[method-assign]
    with pytest.raises(StorageUnavailable):
        house.publish(withdraw=["gone"])
    house.storage.delete = delete  # type: ignore[method-assign]
    house.publish("gone", now=NOW + timedelta(hours=1))
    assert set() == set(ADDRESS.findall(house.feed())) - set(house.storage.content())


def test_the_date_of_the_feed_never_goes_back(house: House) -> None:
    house.add("old")
    house.add("new", published=NOW - timedelta(hours=1))
    house.publish("old", now=NOW - timedelta(days=9))
    house.publish("new")
    house.publish(withdraw=["new"], now=NOW + timedelta(hours=1))
    assert "<lastBuildDate>Thu, 26 Nov 2026 10:00:00 +0000</lastBuildDate>" in house.feed()


def test_a_withdrawn_episode_comes_back_under_its_guid_and_address(house: House) -> None:
    first = house.add("back")
    house.publish("back")
    feed = house.feed()
    house.publish(withdraw=["back"], now=NOW + timedelta(hours=1))
    house.publish("back", now=NOW + timedelta(hours=2))
    assert first.guid == house.catalogue.episode("majlis", "back").guid
    without_build = re.compile("<lastBuildDate>.*?</lastBuildDate>")
    assert without_build.sub("", feed) == without_build.sub("", house.feed())
    assert "majlis/back/index.html" in house.storage.content()


def test_replaced_audio_has_a_new_address_and_the_same_guid_and_the_old_file_stays(house: House) -> None:
    old = house.add("one")
    house.publish("one")
    house.catalogue.change_episode("majlis", "one", NOW, audio=replace(house.audio(b"corrected audio"), duration=99))
    house.publish(now=NOW + timedelta(hours=1))
    new = house.catalogue.episode("majlis", "one")
    feed = house.feed()
    assert old.guid in feed
    assert media_key(new) in feed
    assert media_key(old) not in feed
    assert "<itunes:duration>99</itunes:duration>" in feed
    assert {media_key(old), media_key(new)} <= set(house.storage.content())


def test_a_change_to_the_show_is_brought_to_every_page(house: House) -> None:
    house.add("one")
    house.publish("one")
    house.catalogue.change_show("majlis", NOW, title="Majlis Podcast")
    house.publish(now=NOW + timedelta(hours=1))
    content = house.storage.content()
    for key in (
        "majlis/feed.xml",
        "majlis/index.html",
        "majlis/one/index.html",
        "majlis/one/embed.html",
        "majlis/embed/latest.html",
        "index.html",
    ):
        assert b"Majlis Podcast" in content[key], key


def test_an_edit_while_the_publish_runs_is_not_lost(house: House) -> None:
    """The pages were rendered before the edit; the next publish must render them again."""
    house.add("one")
    house.publish("one")
    house.catalogue.change_episode("majlis", "one", NOW, title="First change")
    edited: list[bool] = []

    def edit() -> None:
        if not edited:
            edited.append(True)
            house.catalogue.change_episode("majlis", "one", NOW + timedelta(minutes=1), title="Second change")

    house.storage.after = edit
    house.publish(now=NOW + timedelta(minutes=2))
    house.storage.after = None
    house.publish(now=NOW + timedelta(minutes=3))
    assert b"Second change" in house.storage.content()["majlis/one/index.html"]


def test_a_show_has_one_publisher_at_a_time(house: House) -> None:
    house.add("one")
    house.catalogue.acquire("publish/majlis", "somebody else", now=NOW, ttl=LEASE)
    with pytest.raises(CatalogueBusy) as caught:
        house.publish("one")
    assert "somebody else" in caught.value.message
    assert {} == house.storage.content()


def test_a_dead_publisher_is_replaced_when_its_lease_has_ended(house: House) -> None:
    house.add("one")
    house.catalogue.acquire("publish/majlis", "a dead one", now=NOW - 2 * LEASE, ttl=LEASE)
    assert 1 == len(house.publish("one").released)


@pytest.mark.parametrize(("pid", "place", "free"), [("dead", "here", True), ("alive", "here", False), ("dead", "elsewhere", False)])
def test_a_publisher_that_was_killed_beside_us_is_replaced_at_once(house: House, pid: str, place: str, free: bool) -> None:
    house.add("one")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        if pid == "dead":
            other.kill()
            other.wait()
        token = take(house.catalogue, "publish/majlis", NOW)
        with sqlite3.connect(str(house.press.staging.root.parent / "catalogue.db")) as connection:
            holder = connection.execute("SELECT holder FROM leases").fetchone()[0].replace(f"pid {os.getpid()}", f"pid {other.pid}")
            connection.execute("UPDATE leases SET holder = ?", [holder if place == "here" else f"elsewhere pid {other.pid}"])
        connection.close()
        if free:
            assert 1 == len(house.publish("one").released)
            with pytest.raises(Conflict):
                house.catalogue.record("majlis", [("x", "y", 1, "z")], lease=("publish/majlis", token))
        else:
            with pytest.raises(CatalogueBusy):
                house.publish("one")
        other.kill()


def test_a_plan_changes_nothing(house: House) -> None:
    house.add("one")
    show = house.catalogue.show("majlis")
    plan = prepare(house.press, show, now=NOW, chosen=[house.catalogue.episode("majlis", "one")])
    assert not plan.empty
    assert {} == house.storage.content()
    assert Status.DRAFT is house.catalogue.episode("majlis", "one").status


def test_progress_counts_every_byte_of_the_uploads(house: House) -> None:
    house.add("one")
    house.add("two")
    chosen = [house.catalogue.episode("majlis", slug) for slug in ("one", "two")]
    plan = prepare(house.press, house.catalogue.show("majlis"), now=NOW, chosen=chosen)
    told: list[int] = []
    apply(plan, house.press, clock=lambda: NOW, progress=told.append)
    assert plan.length == sum(told)


def test_a_show_that_was_never_published_is_named_nowhere(house: House) -> None:
    house.catalogue.add_show(make_show(slug="secret-show", title="Secret Show", guid="6d0c9a3c-8f0e-5d0a-9f4e-000000000003"))
    house.add("one")
    house.publish("one")
    assert b"secret" not in b"".join(house.storage.content().values()).lower()


def test_player_files_are_shared_between_shows_and_stored_once(house: House) -> None:
    house.catalogue.add_show(make_show(slug="second", guid="6d0c9a3c-8f0e-5d0a-9f4e-000000000002"))
    house.add("one")
    house.publish("one")
    assets = [key for key in house.storage.written if key.startswith("assets/")]
    apply(prepare(house.press, house.catalogue.show("second"), now=NOW), house.press, clock=lambda: NOW)
    assert assets == [key for key in house.storage.written if key.startswith("assets/")]


def test_a_file_replaced_while_the_publish_runs_is_stored_before_a_feed_names_it(house: House) -> None:
    house.add("one")
    house.publish("one")
    house.add("two")
    other = house.audio(b"other audio")
    replaced: list[bool] = []

    def replace_once() -> None:
        content = house.storage.content()
        assert set() == set(ADDRESS.findall(house.feed())) - set(content)
        if not replaced:
            replaced.append(True)
            house.catalogue.change_episode("majlis", "one", NOW + timedelta(minutes=1), audio=other)

    house.storage.after = replace_once
    house.publish("two", now=NOW + timedelta(minutes=2))
    assert media_key(house.catalogue.episode("majlis", "one")) in house.feed()


def test_public_audio_whose_staged_copy_is_gone_stays_as_it_was_and_stops_nobody(house: House) -> None:
    house.add("one")
    house.publish("one")
    item = house.feed().partition("<item>")[2]
    lost = house.audio(b"lost audio")
    house.catalogue.change_episode("majlis", "one", NOW, audio=lost)
    house.press.staging.path(lost.sha256).unlink()
    house.add("two")
    outcome = house.publish("two", now=NOW + timedelta(hours=1))
    assert (["one"], ["two"]) == ([slug for slug, _ in outcome.failed], [episode.slug for episode in outcome.released])
    assert house.feed().endswith(item)
    assert ["one"] == [slug for slug, _ in house.publish(now=NOW + timedelta(hours=2)).failed]
    found = house.audio(b"lost audio")
    assert lost == found
    house.publish(now=NOW + timedelta(hours=3))
    assert media_key(house.catalogue.episode("majlis", "one")) in house.feed()


def test_a_transcript_that_is_gone_stops_its_own_episode_alone(house: House) -> None:
    house.add("bad", transcripts=(Transcript(sha256="c" * 64, md5="d" * 32, length=4, language="en"),))
    house.add("good")
    outcome = house.publish("bad", "good")
    assert (["bad"], ["good"]) == ([slug for slug, _ in outcome.failed], [episode.slug for episode in outcome.released])


def test_a_cover_of_the_show_that_is_gone_is_told_and_no_feed_names_it(house: House) -> None:
    house.add("one")
    house.publish("one")
    lost = Artwork(sha256="a" * 64, md5="b" * 32, length=5, media_type="image/jpeg", width=1400, height=1400)
    house.catalogue.change_show("majlis", NOW, artwork=lost)
    with pytest.raises(MediaError, match="gone"):
        house.publish(now=NOW + timedelta(hours=1))
    assert set() == set(ADDRESS.findall(house.feed())) - set(house.storage.content())


def while_it_publishes(house: House, act: Callable[[], object]) -> None:
    """Do something once, after the first file was stored."""
    done: list[bool] = []

    def once() -> None:
        if not done:
            done.append(True)
            act()

    house.storage.after = once


def test_an_episode_that_was_called_off_meanwhile_does_not_go_out(house: House) -> None:
    house.add("off", status=Status.SCHEDULED, published=NOW)
    while_it_publishes(house, lambda: house.catalogue.change_episode("majlis", "off", NOW, status=Status.DRAFT))
    outcome = house.publish()
    assert (["off"], []) == ([slug for slug, _ in outcome.failed], outcome.released)
    assert "<item>" not in house.feed()
    assert [] == [key for key in house.storage.content() if key.startswith("majlis/off/")]


def test_an_episode_that_was_put_off_meanwhile_waits_for_its_new_date(house: House) -> None:
    house.add("later", status=Status.SCHEDULED, published=NOW)
    date = NOW + timedelta(days=30)
    while_it_publishes(house, lambda: house.catalogue.change_episode("majlis", "later", NOW, published=date))
    house.publish()
    assert (Status.SCHEDULED, date) == ((episode := house.catalogue.episode("majlis", "later")).status, episode.published)
    assert "<item>" not in house.feed()


def test_a_plan_that_has_grown_old_brings_nothing_back_that_was_taken_down(house: House) -> None:
    house.add("one", status=Status.SCHEDULED, published=NOW)
    house.add("two")
    old = prepare(house.press, house.catalogue.show("majlis"), now=NOW, chosen=[house.catalogue.episode("majlis", "two")])
    house.publish("two")
    house.catalogue.change_episode("majlis", "two", NOW, title="Two, edited")
    older = prepare(house.press, house.catalogue.show("majlis"), now=NOW)
    house.publish(withdraw=["one", "two"], now=NOW + timedelta(hours=1))
    for plan in (old, older):
        apply(plan, house.press, clock=lambda: NOW + timedelta(hours=2))
    assert "<item>" not in house.feed()
    assert {"majlis/one/embed.html", "majlis/two/embed.html"} == {
        key for key in house.storage.content() if key.startswith(("majlis/one/", "majlis/two/"))
    }
    assert {Status.WITHDRAWN} == {house.catalogue.episode("majlis", slug).status for slug in ("one", "two")}


def test_where_nobody_may_delete_the_others_go_out_and_the_pages_that_stay_are_told_of(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.add("one")
    house.add("two")
    house.publish("one")

    def refuse(keys: Iterable[str]) -> None:
        if list(keys):
            raise StorageError("Nobody may delete.", hint="Give the right.")

    with monkeypatch.context() as patch:
        patch.setattr(house.storage, "delete", refuse)
        for chosen, leaving in (([], ["one"]), (["two"], [])):
            outcome = house.publish(*chosen, withdraw=leaving)
            assert (chosen, []) == ([one.slug for one in outcome.released], outcome.withdrawn)
            assert [("one", "It is out of the feed, but its pages are still there. Nobody may delete.")] == [
                (slug, error.message) for slug, error in outcome.failed
            ]
            assert [] == house.catalogue.pending("majlis")
    assert ["Two"] == re.findall(r"<item><title>(\w+)", house.feed())
    assert ["one"] == [episode.slug for episode in house.publish().withdrawn]
    assert ["majlis/one/embed.html"] == [key for key in house.storage.content() if key.startswith("majlis/one/")]


def test_of_two_who_publish_the_same_episode_the_second_finds_it_public(house: House) -> None:
    house.add("one")
    plans = [prepare(house.press, house.catalogue.show("majlis"), now=NOW, chosen=[house.catalogue.episode("majlis", "one")]) for _ in "ab"]
    first, second = (apply(plan, house.press, clock=lambda: NOW) for plan in plans)
    assert (["one"], []) == ([one.slug for one in first.released], first.already)
    assert (["one"], [], [], None) == ([one.slug for one in second.already], second.released, second.failed, second.revision)


def test_what_an_overtaken_publisher_wrote_last_is_written_again(house: House) -> None:
    """A stalls in the PUT of its feed until its lease has ended; B publishes; then A's old feed lands: the store knows no conditions."""
    house.add("one")
    house.add("two")
    clock, put, stalled = [NOW], house.storage.put, list[bool]()

    def stall(upload: Upload, progress: Progress | None = None) -> StoredObject:
        if upload.key == "majlis/feed.xml" and not stalled:
            stalled.append(True)
            clock[0] = NOW + 2 * LEASE
            house.publish("two", now=clock[0])
            assert 2 == house.feed().count("<item>")
        return put(replace(upload, onto=None), progress)

    house.storage.put = stall  # type: ignore[method-assign]
    plan = prepare(house.press, house.catalogue.show("majlis"), now=NOW, chosen=[house.catalogue.episode("majlis", "one")])
    with pytest.raises(Conflict, match="took over"):
        apply(plan, house.press, clock=lambda: clock[0])
    assert 1 == house.feed().count("<item>")
    house.publish(now=clock[0] + timedelta(minutes=1))
    assert 2 == house.feed().count("<item>")


def test_the_lease_is_held_on_to_while_bytes_go_out(house: House) -> None:
    """An upload that takes longer than the lease, and tells of its progress, is not taken for dead."""
    house.add("one")
    clock, put = [NOW], house.storage.put

    def slow(upload: Upload, progress: Progress | None = None) -> StoredObject:
        for _ in range(3):
            clock[0] += LEASE / 2
            assert progress
            progress(0)
            with pytest.raises(CatalogueBusy):
                house.catalogue.acquire("publish/majlis", "another", now=clock[0], ttl=LEASE)
        return put(upload, progress)

    house.storage.put = slow  # type: ignore[method-assign]
    plan = prepare(house.press, house.catalogue.show("majlis"), now=NOW, chosen=[house.catalogue.episode("majlis", "one")])
    assert 1 == len(apply(plan, house.press, clock=lambda: clock[0]).released)


@pytest.mark.parametrize("then", ["schedule", "remove"])
def test_pages_that_are_still_to_be_taken_down_are_not_forgotten(house: House, then: str) -> None:
    house.add("one")
    house.publish("one")
    house.storage.cut_at = len(house.storage.written)
    with pytest.raises(StorageUnavailable):
        house.publish(withdraw=["one"], now=NOW + timedelta(hours=1))
    house.storage.cut_at = None
    forget: dict[str, Callable[[], object]] = {
        "remove": lambda: house.catalogue.remove_episode("majlis", "one"),
        "schedule": lambda: house.catalogue.change_episode(
            "majlis", "one", NOW, status=Status.SCHEDULED, published=NOW + timedelta(days=9)
        ),
    }
    with pytest.raises(Conflict, match="still being taken down"):
        forget[then]()
    house.publish(now=NOW + timedelta(hours=2))
    assert ["majlis/one/embed.html"] == [key for key in house.storage.content() if key.startswith("majlis/one/")]


def test_an_interrupted_publish_leaves_no_page_of_what_is_not_public(house: House) -> None:
    house.add("public")
    house.publish("public")
    house.add("secret")
    for cut in range(1, 30):
        house.storage.cut_at = len(house.storage.written) + cut
        try:
            house.publish("secret", now=NOW + timedelta(hours=1))
        except StorageUnavailable:
            pages = [key for key in house.storage.content() if key.startswith("majlis/secret/")]
            assert not pages or house.catalogue.episode("majlis", "secret").status is Status.PUBLISHED
        else:
            return
    pytest.fail("the publish never ended")


def test_an_edit_of_what_was_taken_down_is_no_publish(house: House) -> None:
    house.add("one")
    house.publish("one")
    house.publish(withdraw=["one"], now=NOW + timedelta(hours=1))
    house.catalogue.change_episode("majlis", "one", NOW + timedelta(hours=2), title="Edited")
    assert prepare(house.press, house.catalogue.show("majlis"), now=NOW + timedelta(hours=3)).empty


def test_a_first_publish_in_which_every_episode_fails_makes_no_show_public(house: House) -> None:
    bad = house.add("bad")
    house.press.staging.path(bad.audio.sha256).unlink()
    assert 1 == len(house.publish("bad").failed)
    assert "majlis/feed.xml" not in house.storage.content()
    assert 0 == house.catalogue.standing("majlis").revision


def test_a_show_without_a_published_episode_stays_unseen(house: House) -> None:
    house.add("draft")
    house.catalogue.change_show("majlis", NOW, title="Another Title")
    assert prepare(house.press, house.catalogue.show("majlis"), now=NOW).empty


def test_storage_that_lost_everything_is_filled_again(house: House) -> None:
    house.add("one")
    house.add("two")
    house.publish("one", "two")
    before = house.storage.content()
    house.storage.delete(list(before))
    assert {"majlis"} == unsettled(house.press, NOW)
    house.publish(now=NOW + timedelta(hours=1))
    assert before.keys() == house.storage.content().keys()
    assert set() == set(ADDRESS.findall(house.feed())) - set(house.storage.content())
    assert set() == unsettled(house.press, NOW)


def test_an_error_of_the_linter_stops_its_own_episode_alone(house: House) -> None:
    staged = house.press.staging.store(b"this is no transcript")
    broken = Transcript(sha256=staged.sha256, md5=staged.md5, length=staged.length, language="en")
    house.add("silent", audio=replace(house.audio(b"silence"), duration=0))
    house.add("broken", transcripts=(broken,))
    house.add("good")
    outcome = house.publish("silent", "broken", "good")
    assert (["silent", "broken"], ["good"]) == ([slug for slug, _ in outcome.failed], [episode.slug for episode in outcome.released])
    assert "[audio.empty]" in outcome.failed[0][1].message
    assert CheckFailed is type(outcome.failed[0][1])


def test_shows_that_go_public_at_the_same_time_are_both_on_the_home_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.catalogue.add_show(replace(make_show(), slug="radio", guid=str(uuid4()), title="Radio"))
    house.add("talk")
    episode = house.catalogue.add_episode(replace(make_episode("news"), show="radio", guid=str(uuid4()), audio=house.audio(b"news")))
    put = house.storage.put

    def slow(upload: Upload, progress: Progress | None = None) -> StoredObject:
        """Let the other show be published whole before the first home page comes through."""
        if upload.key == "index.html":
            monkeypatch.setattr(house.storage, "put", put)
            radio = house.catalogue.show("radio")
            apply(prepare(house.press, radio, now=NOW, chosen=[episode]), house.press, clock=lambda: NOW)
        return put(upload, progress)

    monkeypatch.setattr(house.storage, "put", slow)
    house.publish("talk")

    for key in HOME:
        content = b"".join(house.storage.read(key)).decode()
        assert [True, True] == ["majlis" in content, "radio" in content], key
