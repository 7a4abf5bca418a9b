"""What a publish left half done, or could not do, is not lost: the next one goes on, and gc keeps what is still shown."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from podcast.config import FeedSettings
from podcast.errors import CatalogueBusy, StorageError, StorageUnavailable
from podcast.formats import rss
from podcast.model import Episode, Transcript
from podcast.player import assets
from podcast.publish.leftovers import clear
from podcast.publish.press import unsettled
from podcast.publish.verify import distrust, verify
from podcast.site import Site, media_key
from podcast.storage import Progress, StoredObject, Upload

from .conftest import NOW, House

pytestmark = pytest.mark.thorough

DAY = timedelta(days=1)
MONTH = timedelta(days=30)


def gc(house: House, now: datetime) -> list[str]:
    """Clear, and return what was removed."""
    return [key for key, _ in clear(house.press, house.catalogue.shows(), clock=lambda: now).gone]


def lose_audio(house: House, slug: str) -> Episode:
    """Replace the audio of an episode by a file that is gone from staging."""
    audio = house.audio(b"lost")
    house.press.staging.path(audio.sha256).unlink()
    return house.catalogue.change_episode("majlis", slug, NOW + DAY, audio=audio)


def with_transcript(house: House, slug: str) -> Transcript:
    """Add an episode that has a transcript."""
    staged = house.press.staging.store(b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n")
    transcript = Transcript(language="en", sha256=staged.sha256, md5=staged.md5, length=staged.length)
    house.add(slug, transcripts=(transcript,))
    return transcript


def test_an_emptied_storage_is_filled_in_the_end_though_the_publish_that_fills_it_is_cut_off(house: House) -> None:
    house.catalogue.change_show("majlis", NOW, formats=("opus",))
    house.add("first")
    house.publish("first")
    house.catalogue.change_show("majlis", NOW, formats=())
    house.publish()
    before = house.storage.content().keys()
    house.storage._files.clear()
    house.storage.cut_at = len(house.storage.written) + 1
    with pytest.raises(StorageUnavailable):
        house.publish(now=NOW + DAY)
    house.storage.cut_at = None
    assert {"majlis"} == unsettled(house.press, NOW + DAY)
    house.publish(now=NOW + DAY)
    assert before == house.storage.content().keys()


def test_gc_keeps_what_is_needed_also_where_nobody_noted_that_it_was_stored(house: House) -> None:
    key = media_key(house.add("first"))
    house.publish("first")
    body, stored = house.storage._files[key]
    house.storage._files[key] = (body, replace(stored, modified=NOW))
    house.catalogue.forget([key])
    assert [] == gc(house, NOW + 3 * MONTH)
    assert house.storage.head(key)


@pytest.mark.parametrize("site", [Site("https://pod.example/", redirect=True), Site("https://other.example/")])
def test_gc_keeps_the_audio_that_is_public_until_the_new_one_is(house: House, site: Site) -> None:
    """The feed names the card of the episode, or addresses of a site that has moved since."""
    house.press = replace(house.press, site=replace(site, base="https://pod.example/"))
    old = media_key(house.add("first"))
    house.publish("first")
    house.press = replace(house.press, site=site)
    house.catalogue.change_episode("majlis", "first", NOW + DAY, audio=house.audio(b"not published yet"))
    gc(house, NOW + DAY)
    assert [] == gc(house, NOW + 9 * MONTH)
    assert house.storage.head(old)


def test_gc_keeps_an_older_player_while_a_page_may_need_it(house: House) -> None:
    transcript = with_transcript(house, "first")
    house.publish("first")
    old = StoredObject(key="assets/player-000000000000.js", length=3, etag="x", type="text/javascript", modified=NOW)
    house.storage._files[old.key] = (b"old", old)
    house.catalogue.record(None, [(old.key, "0" * 64, old.length, old.type)])
    house.press.staging.path(transcript.sha256).unlink()
    house.catalogue.change_show("majlis", NOW + DAY, title="Other")
    house.publish(now=NOW + DAY)
    gc(house, NOW + DAY)
    assert [] == gc(house, NOW + 3 * MONTH)
    house.catalogue.change_episode("majlis", "first", NOW + 3 * MONTH, transcripts=())
    house.publish(now=NOW + 3 * MONTH)
    gc(house, NOW + 3 * MONTH)
    assert old.key in gc(house, NOW + 5 * MONTH)
    assert all(house.storage.head(key) for key, _ in assets())


def test_gc_cut_off_before_it_deletes_a_page_finds_it_the_next_time(house: House) -> None:
    with_transcript(house, "first")
    house.publish("first")
    house.catalogue.change_episode("majlis", "first", NOW + DAY, transcripts=())
    house.publish(now=NOW + DAY)
    gc(house, NOW + DAY)
    house.storage.cut_at = 0
    with pytest.raises(StorageUnavailable):
        gc(house, NOW + 2 * MONTH)
    house.storage.cut_at = None
    gc(house, NOW + 2 * MONTH)
    assert house.storage.head("majlis/first/transcript.vtt") is None


def test_audio_that_was_public_again_waits_its_whole_time_anew(house: House) -> None:
    house.add("first")
    house.publish("first")
    house.publish(withdraw=["first"], now=NOW + DAY)
    gc(house, NOW + DAY)
    house.publish("first", now=NOW + 2 * DAY)
    house.publish(withdraw=["first"], now=NOW + 40 * DAY)
    assert [] == gc(house, NOW + 41 * DAY)


def test_an_episode_whose_name_begins_with_feed_is_no_feed(house: House) -> None:
    house.add("feedback")
    house.publish("feedback")
    assert [] == list(verify(house.press, house.catalogue.show("majlis"), chosen=lambda _: True))


def test_the_shows_pages_name_only_audio_that_is_there(house: House) -> None:
    house.add("first")
    house.add("second")
    house.publish("first", "second")
    missing = media_key(lose_audio(house, "first"))
    assert ["first"] == [slug for slug, _ in house.publish(now=NOW + DAY).failed]
    assert [] == [key for key, body in house.storage.content().items() if missing.encode() in body]
    assert b"second" in house.storage.content()["majlis/latest.json"]


def test_the_shows_pages_show_what_was_replaced_while_they_were_written(house: House) -> None:
    house.add("first")

    def replace_audio() -> None:
        if house.storage.written[-1] == "majlis/first/index.html":
            house.storage.after = None
            house.catalogue.change_episode("majlis", "first", NOW + DAY, audio=house.audio(b"other"))

    house.storage.after = replace_audio
    house.publish("first")
    new = media_key(house.catalogue.episode("majlis", "first"))
    assert house.storage.head(new)
    assert new.encode() in house.storage.content()["majlis/latest.json"]


def test_an_episode_that_stays_as_it_was_stops_no_new_kind_of_item(house: House) -> None:
    house.add("first")
    house.add("second")
    house.publish("first")
    house.publish("second", now=NOW + DAY)
    old = media_key(house.catalogue.episode("majlis", "first"))
    lose_audio(house, "first")
    house.press = replace(house.press, settings=FeedSettings(slim_after=1))
    house.add("third")
    assert ["third"] == [episode.slug for episode in house.publish("third", now=NOW + 2 * DAY).released]
    assert old in house.feed()


def test_an_episode_whose_pages_could_not_be_written_is_told_of_again(house: House) -> None:
    transcript = with_transcript(house, "first")
    house.publish("first")
    house.press.staging.path(transcript.sha256).unlink()
    house.catalogue.change_show("majlis", NOW + DAY, title="Other")
    for now in (NOW + DAY, NOW + 2 * DAY):
        assert {"majlis"} == unsettled(house.press, now)
        assert ["first"] == [slug for slug, _ in house.publish(now=now).failed]


def test_a_feed_that_did_not_read_back_is_written_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    put = house.storage.put

    def damage(upload: Upload, progress: Progress | None = None) -> StoredObject:
        stored = put(upload, progress)
        if upload.key == "majlis/feed.xml":
            house.storage._files[upload.key] = (b"x" * stored.length, stored)
        return stored

    house.add("first")
    with monkeypatch.context() as patched:
        patched.setattr(house.storage, "put", damage)
        with pytest.raises(StorageError, match="reads back"):
            house.publish("first")
    house.publish(now=NOW + DAY)
    assert "<rss" in house.feed()


def test_a_show_edited_during_the_uploads_is_in_the_new_item_too(house: House) -> None:
    house.add("first")

    def edit() -> None:
        house.storage.after = None
        house.catalogue.change_show("majlis", NOW + DAY, author="Somebody Else")

    house.storage.after = edit
    house.publish("first")
    show, episode = house.catalogue.show("majlis"), house.catalogue.episode("majlis", "first")
    assert rss.render_item(show, episode, house.press.site).decode().strip() in house.feed()


def test_what_verify_found_waits_for_a_publish_to_end(house: House) -> None:
    """It would be forgotten that pages are missing: this publish does not write them, and says that all is done."""
    house.add("first")
    house.publish("first")
    house.catalogue.acquire("publish/majlis", "somebody", now=NOW, ttl=DAY)
    with pytest.raises(CatalogueBusy):
        distrust(house.press, house.catalogue.show("majlis"), [], clock=lambda: NOW)


def test_the_embed_of_a_withdrawn_episode_names_the_player_of_today(house: House) -> None:
    """In somebody's blog it stays for ever, and gc removes the files of an older player."""
    for slug in ("first", "second"):
        house.add(slug)
    house.publish("first", "second")
    house.publish(withdraw=["first"], now=NOW + DAY)
    house.press = replace(house.press, site=Site("https://other.example/"))
    house.publish(now=NOW + 2 * DAY)
    cards = {slug: house.storage.content()[f"majlis/{slug}/embed.html"] for slug in ("first", "second")}
    assert all(f"https://other.example/{key}".encode() in body for body in cards.values() for key, _ in assets() if "player" in key)
    assert [True, False] == [b"<audio" not in cards[slug] for slug in ("first", "second")]
