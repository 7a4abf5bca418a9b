"""An episode's audio in another format stands in storage before a feed names it, and as long as one does."""

from base64 import b64encode
from dataclasses import replace
from datetime import timedelta

import pytest

from podcast.errors import StorageUnavailable
from podcast.publish.leftovers import clear
from podcast.publish.verify import verify
from podcast.site import rendition_key
from podcast.storage import Upload

from .conftest import NOW, House

DAY = timedelta(days=1)


@pytest.fixture
def public(house: House) -> House:
    """Publish an episode that is there as Opus too, of a show with a feed for Opus."""
    house.catalogue.change_show("majlis", NOW, formats=("opus",))
    house.add("first", renditions=(replace(house.audio(b"opus of first"), media_type="audio/ogg"),))
    house.publish("first")
    return house


def key(house: House, slug: str = "first") -> str:
    episode = house.catalogue.episode("majlis", slug)
    return rendition_key(episode, episode.renditions[0])


def faults(house: House) -> list[tuple[str, str]]:
    return [(fault.key, fault.message) for fault in verify(house.press, house.catalogue.show("majlis"), chosen=lambda _: False)]


def test_a_rendition_is_stored_first_and_feeds_say_where_and_which_bytes(public: House) -> None:
    opus, written = key(public), public.storage.written
    assert written.index(opus) < written.index("majlis/feed-opus.xml") < written.index("majlis/feed.xml")
    assert b"opus of first" == b"".join(public.storage.read(opus))
    digest = bytes.fromhex(public.catalogue.episode("majlis", "first").renditions[0].sha256)
    alternate = (
        '<podcast:alternateEnclosure type="audio/ogg" length="13" bitrate="128000" title="Opus" codecs="opus">'
        f'<podcast:source uri="https://pod.example/{opus}"/>'
        f'<podcast:integrity type="sri" value="sha256-{b64encode(digest).decode()}"/></podcast:alternateEnclosure>'
    )
    assert alternate in public.feed()
    assert f'<enclosure url="https://pod.example/{opus}" length="13" type="audio/ogg"/>'.encode() in b"".join(
        public.storage.read("majlis/feed-opus.xml")
    )


def test_without_its_staged_rendition_an_episode_stays_behind(house: House) -> None:
    episode = house.add("first", renditions=(replace(house.audio(b"opus of first"), media_type="audio/ogg"),))
    house.press.staging.path(episode.renditions[0].sha256).unlink()
    assert ["first"] == [slug for slug, _ in house.publish("first").failed]
    assert house.storage.head("majlis/feed.xml") is None


def test_a_rendition_that_is_gone_or_other_is_found(public: House) -> None:
    opus = key(public)
    assert [] == faults(public)
    public.storage.put(Upload(key=opus, body=b"x", length=1, md5="", type="x/y", cache_control=""))
    assert (opus, "has 1 bytes instead of 13") in faults(public)
    assert ("majlis/feed.xml", f"“First” says 13 bytes of {opus}, which has 1") in faults(public)
    public.storage.delete([opus])
    assert ("majlis/feed.xml", f"“First” names {opus}, which is not there") in faults(public)


def test_a_rendition_stays_until_the_audio_is_another(public: House) -> None:
    opus = key(public)
    staged = public.press.staging.path(public.catalogue.episode("majlis", "first").renditions[0].sha256)

    def gc(days: int) -> list[str]:
        return [gone for gone, _ in clear(public.press, public.catalogue.shows(), clock=lambda: NOW + days * DAY).gone]

    assert ([], []) == (gc(1), gc(99))
    assert staged.exists()
    public.catalogue.change_episode("majlis", "first", NOW + 100 * DAY, title="Other")
    assert key(public) == opus
    other = public.catalogue.change_episode("majlis", "first", NOW + 100 * DAY, audio=public.audio(b"other"))
    assert () == other.renditions
    # The feed that is out names it still.
    assert ([], []) == (gc(101), gc(199))
    public.publish(now=NOW + 200 * DAY)
    assert "alternateEnclosure" not in public.feed()
    assert ([], True) == (gc(201), opus in gc(300))


def test_a_rendition_of_a_publish_that_broke_off_before_its_feed_is_no_leftover(house: House) -> None:
    house.add("first", renditions=(replace(house.audio(b"opus of first"), media_type="audio/ogg"),))

    def cut() -> None:
        if "majlis/first/index.html" in house.storage.written:
            raise StorageUnavailable("The line was cut.", hint="Try again.")

    house.storage.after = cut
    with pytest.raises(StorageUnavailable):
        house.publish("first")
    assert house.storage.head(key(house))
    assert house.storage.head("majlis/feed.xml") is None
    assert [] == [
        one for one, *_ in clear(house.press, house.catalogue.shows(), clock=lambda: NOW + DAY, dry=True).waiting if "media" in one
    ]


def test_another_name_stores_no_rendition_again(public: House) -> None:
    opus = key(public)
    public.catalogue.change_episode("majlis", "first", NOW + DAY, slug="second")
    public.catalogue.rename_show("majlis", "assembly", NOW + DAY)
    episode = public.catalogue.episode("assembly", "second")
    assert opus == rendition_key(episode, episode.renditions[0])
