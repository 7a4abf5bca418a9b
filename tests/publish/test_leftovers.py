"""What nothing needs any more goes, after a while; what a feed names never does."""

import os
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from podcast.errors import CatalogueBusy, StorageError
from podcast.model import Artwork
from podcast.publish.leftovers import Leftovers, clear
from podcast.site import media_key
from podcast.storage import StoredObject
from tests.make import make_show

from .conftest import NOW, House

pytestmark = pytest.mark.thorough

DAY = timedelta(days=1)
MONTH = timedelta(days=30)


def gc(house: House, now: datetime, **given: Any) -> Leftovers:
    return clear(house.press, house.catalogue.shows(), clock=lambda: now, **given)


def keys(found: Leftovers) -> list[str]:
    return [key for key, _ in found.gone]


@pytest.fixture
def replaced(house: House) -> tuple[House, str]:
    """Publish an episode and then other audio of it; return the key of the old one."""
    old = media_key(house.add("first"))
    house.publish("first")
    house.catalogue.change_episode("majlis", "first", NOW + DAY, audio=house.audio(b"other"))
    house.publish(now=NOW + DAY)
    return house, old


def test_replaced_audio_goes_when_it_has_been_unused_for_a_month(replaced: tuple[House, str]) -> None:
    house, old = replaced
    first = gc(house, NOW + 2 * DAY)
    assert ([], [(old, NOW + 2 * DAY + MONTH)]) == (keys(first), [(key, until) for key, _, until in first.waiting])
    assert [] == keys(gc(house, NOW + MONTH))
    assert house.storage.head(old)
    assert [old] == keys(gc(house, NOW + 2 * DAY + MONTH))
    assert house.storage.head(old) is None
    assert {} == house.catalogue.held([old])
    assert [] == keys(gc(house, NOW + 3 * MONTH))


def test_looking_changes_nothing(replaced: tuple[House, str]) -> None:
    house, old = replaced
    before = house.storage.content()
    for now in (NOW + 2 * DAY, NOW + 9 * MONTH):
        assert [] == keys(gc(house, now, dry=True))
    assert before == house.storage.content()
    assert [old] == [key for key, _, _ in gc(house, NOW + 9 * MONTH).waiting]


def test_what_is_needed_again_stays(house: House) -> None:
    episode = house.add("first")
    house.publish("first")
    house.publish(withdraw=["first"], now=NOW + DAY)
    gc(house, NOW + 2 * DAY)
    house.publish("first", now=NOW + 3 * DAY)
    assert [] == keys(gc(house, NOW + 9 * MONTH))
    assert house.storage.head(media_key(episode))


def test_withdrawn_audio_goes_and_its_embed_stays(house: House) -> None:
    episode = house.add("first")
    house.publish("first")
    house.publish(withdraw=["first"], now=NOW + DAY)
    gc(house, NOW + DAY)
    assert [media_key(episode)] == keys(gc(house, NOW + 2 * MONTH))
    assert house.storage.head("majlis/first/embed.html")


def test_what_went_is_stored_again_when_it_comes_back(house: House) -> None:
    episode = house.add("first")
    house.publish("first")
    house.publish(withdraw=["first"], now=NOW + DAY)
    gc(house, NOW + DAY)
    gc(house, NOW + 2 * MONTH)
    house.publish("first", now=NOW + 3 * MONTH)
    assert house.storage.head(media_key(episode))


def test_what_the_public_feed_names_stays_whatever_the_catalogue_says(house: House) -> None:
    episode = house.add("first")
    house.publish("first")
    house.catalogue.change_episode("majlis", "first", NOW + DAY, audio=house.audio(b"not published yet"))
    gc(house, NOW + DAY)
    assert [] == keys(gc(house, NOW + 9 * MONTH))
    assert house.storage.head(media_key(episode))


def test_nothing_of_a_fresh_site_is_a_leftover(house: House) -> None:
    house.add("first")
    house.publish("first")
    before = house.storage.content()
    for now in (NOW, NOW + 9 * MONTH):
        found = gc(house, now)
        assert ((), ()) == (found.gone, found.waiting)
    assert before == house.storage.content()


def test_an_upload_that_was_never_noted_goes(house: House) -> None:
    """A publish was killed between storing a file and noting it."""
    house.add("first")
    house.publish("first")
    name = "majlis/media/first-0123456789ab.mp3"
    body = b"orphan"
    for key in (name, "majlis/media/by-hand.mp3", "other/media/first-0123456789ab.mp3"):
        stored = StoredObject(key=key, length=len(body), etag="x", type="audio/mpeg", modified=NOW)
        house.storage._files[key] = (body, stored)
    assert [] == keys(gc(house, NOW + MONTH - timedelta(seconds=1)))
    assert [name] == keys(gc(house, NOW + MONTH + timedelta(seconds=1)))
    assert house.storage.head("majlis/media/by-hand.mp3")


def test_a_show_that_is_being_published_is_left_alone(replaced: tuple[House, str]) -> None:
    house, _ = replaced
    gc(house, NOW + DAY)
    house.catalogue.add_show(make_show(slug="another", guid=str(uuid.uuid4())))
    orphan = StoredObject(key="another/media/first-0123456789ab.mp3", length=3, etag="x", type="audio/mpeg", modified=NOW)
    house.storage._files[orphan.key] = (b"abc", orphan)
    house.catalogue.acquire("publish/majlis", "somebody", now=NOW + 9 * MONTH, ttl=DAY)
    found = gc(house, NOW + 9 * MONTH)
    assert [orphan.key] == keys(found)
    ((show, error),) = found.busy
    assert ("majlis", CatalogueBusy) == (show, type(error))
    assert house.storage.head(replaced[1])


def test_files_that_nobody_may_delete_are_told_of_and_the_other_shows_are_cleared(
    replaced: tuple[House, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, old = replaced
    gc(house, NOW + DAY)
    house.catalogue.add_show(make_show(slug="another", guid=str(uuid.uuid4())))
    orphan = StoredObject(key="another/media/first-0123456789ab.mp3", length=3, etag="x", type="audio/mpeg", modified=NOW)
    house.storage._files[orphan.key] = (b"abc", orphan)
    delete = house.storage.delete

    def refuse(keys: Iterable[str]) -> None:
        if old in (keys := list(keys)):
            raise StorageError("no", hint="s3:DeleteObject")
        delete(keys)

    with monkeypatch.context() as patch:
        patch.setattr(house.storage, "delete", refuse)
        found = gc(house, NOW + 9 * MONTH)
    assert ([orphan.key], [("majlis", "no")]) == (keys(found), [(show, error.message) for show, error in found.busy])
    assert house.storage.head(old)
    assert [old] == keys(gc(house, NOW + 9 * MONTH))


def test_only_uploads_of_our_own_files_are_ended_and_none_of_today(replaced: tuple[House, str], monkeypatch: pytest.MonkeyPatch) -> None:
    house, old = replaced
    keys = old, "majlis/talk.mp3", "other/media/first-0123456789ab.mp3", "backup.tar"
    asked: list[datetime] = []

    def abandon(before: datetime, ours: Callable[[str], bool]) -> int:
        asked.append(before)
        return sum(map(ours, keys))

    monkeypatch.setattr(house.storage, "abandon", abandon)
    assert 1 == gc(house, NOW + 2 * DAY).uploads
    assert [NOW + DAY] == asked
    assert 0 == gc(house, NOW + 2 * DAY, dry=True).uploads
    assert [NOW + DAY] == asked


def test_uploads_that_may_not_be_ended_are_told_after_all_else_is_done(
    replaced: tuple[House, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, old = replaced
    gc(house, NOW + DAY)

    def refuse(*_: object) -> int:
        raise StorageError("no", hint="s3:ListBucketMultipartUploads")

    monkeypatch.setattr(house.storage, "abandon", refuse)
    found = gc(house, NOW + 9 * MONTH)
    assert old in keys(found)
    assert found.refused
    assert "s3:ListBucketMultipartUploads" == found.refused.hint


def test_cut_off_before_it_deletes_it_goes_on_the_next_time(replaced: tuple[House, str]) -> None:
    house, old = replaced
    gc(house, NOW + 2 * DAY)
    house.storage.cut_at = len(house.storage.written)
    with pytest.raises(Exception, match="cut"):
        gc(house, NOW + 9 * MONTH)
    house.storage.cut_at = None
    # The catalogue holds it for stored no more, so nothing could point at what may be gone.
    assert "" == house.catalogue.held([old])[old][0]
    assert [old] == keys(gc(house, datetime.now(UTC) + 9 * MONTH))


def age(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_staged_files_that_nothing_is_made_of_go(replaced: tuple[House, str]) -> None:
    house, _ = replaced
    staging = house.press.staging
    for path in staging.root.iterdir():
        age(path, NOW)
    before = {path.name for path in staging.root.iterdir()}
    (staging.root / "README").write_text("by hand")
    assert () == gc(house, NOW + MONTH - timedelta(seconds=1)).staged
    gone = {name for name, _ in gc(house, NOW + MONTH + timedelta(seconds=1)).staged}
    now = house.catalogue.episode("majlis", "first").audio.sha256
    assert before - gone == {now}
    assert {now, "README"} == {path.name for path in staging.root.iterdir()}


def test_pictures_and_transcripts_in_staging_are_in_use(house: House) -> None:
    picture, cover = (
        Artwork(sha256=digit * 64, md5=digit * 32, length=9, media_type="image/png", width=1400, height=1400) for digit in "ab"
    )
    house.add("first", artwork=picture)
    house.catalogue.change_show("majlis", NOW, artwork=cover)
    assert {picture.sha256, cover.sha256} <= house.catalogue.hashes()
