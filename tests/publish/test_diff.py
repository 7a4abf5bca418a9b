"""What the apps will see is told before it is published, and what they will take badly first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast.config import FeedSettings
from podcast.elements import Person
from podcast.errors import StorageError
from podcast.formats import rss
from podcast.formats.namespaces import ATOM, NAMESPACES
from podcast.model import Episode, Show
from podcast.publish.diff import Difference, compare, read
from podcast.publish.press import prepare
from podcast.publish.preview import difference, public_files
from tests.formats.shows import SITE
from tests.formats.test_rss_hostile import hostile_episodes, hostile_shows

from .conftest import NOW, House

pytestmark = pytest.mark.thorough

HOUR = timedelta(hours=1)
LONG = "A paragraph of notes that is longer than what Apple takes.\n\n" * 100


def diff(house: House, *slugs: str, withdraw: tuple[str, ...] = (), now: Any = NOW + HOUR) -> Difference:
    chosen, leaving = ([house.catalogue.episode("majlis", slug) for slug in some] for some in (slugs, withdraw))
    return difference(house.press, prepare(house.press, house.catalogue.show("majlis"), now=now, chosen=chosen, withdraw=leaving))


def titles(found: Difference) -> dict[str, list[str]]:
    kinds = {"new": found.new, "changed": found.changed, "removed": found.removed}
    return {kind: [item.title for item in items] for kind, items in kinds.items() if items}


def changes(found: Difference) -> dict[str, tuple[str, str]]:
    (item,) = found.changed
    return {change.field: (change.before, change.after) for change in item.changes}


def edit(house: House, **fields: Any) -> None:
    house.catalogue.change_episode("majlis", "second", NOW + HOUR, **fields)


@pytest.fixture
def public(house: House) -> House:
    """Publish three episodes."""
    for slug in ("first", "second", "third"):
        house.add(slug, notes="In 2017 they met and spoke of the lake.")
    house.publish("first", "second", "third")
    return house


def test_before_the_first_publish_everything_is_new(house: House) -> None:
    house.add("first")
    found = diff(house, "first")
    assert ({"new": ["First"]}, (), ()) == (titles(found), found.channel, found.warnings)


def test_what_was_just_published_does_not_differ(public: House) -> None:
    assert diff(public).empty


@pytest.mark.parametrize("feed", [{"limit": 10}, {"limit": 12, "slim_after": 5}, {"gzip": True}, {"simple_chapters": True}])
def test_nor_does_a_feed_in_pages_or_compressed(house: House, feed: dict[str, Any]) -> None:
    house = replace(house, press=replace(house.press, settings=FeedSettings(**feed)))
    slugs = [house.add(f"episode-{number}", notes=LONG, published=NOW - number * HOUR).slug for number in range(25)]
    house.publish(*slugs)
    assert diff(house).empty
    # The second of them stands in the feed and in a page.
    edited = {"episode-3", "episode-7", "episode-20"}
    for slug in edited:
        house.catalogue.change_episode("majlis", slug, NOW + HOUR, title="Edited")
    assert {"changed": ["Edited", "Edited", "Edited"]} == titles(diff(house))


def test_a_draft_by_itself_is_no_difference_and_named_it_is_new(public: House) -> None:
    public.add("fourth")
    assert diff(public).empty
    assert {"new": ["Fourth"]} == titles(diff(public, "fourth"))


def test_what_is_taken_down_is_removed(public: House) -> None:
    found = diff(public, withdraw=("second",))
    assert ({"removed": ["Second"]}, ()) == (titles(found), found.warnings)


def test_the_last_one_taken_down_is_warned_of(house: House) -> None:
    house.add("first")
    house.publish("first")
    assert ("No item is left: directories take the show down",) == diff(house, withdraw=("first",)).warnings


def test_an_edit_is_told_field_by_field(public: House) -> None:
    edit(public, title="The Lake", persons=(Person(name="Ali"),), season=2)
    found = diff(public)
    assert {"changed": ["The Lake"]} == titles(found)
    assert {
        "title": ("Second", "The Lake"),
        "persons": ("", "Ali role=host group=cast"),
        "season": ("", "2"),
    } == changes(found)
    assert () == found.warnings


def test_of_long_notes_the_words_that_differ_are_told(public: House) -> None:
    edit(public, notes="In 2018 they met and spoke of the lake.")
    assert {"notes": ("<p>In 2017 they met and …", "<p>In 2018 they met and …")} == changes(diff(public))


def test_of_notes_too_long_for_apple_the_difference_is_told_once(public: House) -> None:
    edit(public, notes=f"In 2017. {LONG}")
    public.publish(now=NOW + HOUR)
    public.catalogue.change_episode("majlis", "second", NOW + 2 * HOUR, notes=f"In 2018. {LONG}")
    assert {"notes": ("<p>In 2017. A paragraph of …", "<p>In 2018. A paragraph of …")} == changes(diff(public, now=NOW + 3 * HOUR))


def test_what_a_publish_would_not_write_is_not_told(public: House) -> None:
    """The feed in storage is only written where the catalogue has news."""
    body = public.feed().replace("Second", "Tampered with").encode()
    public.storage._files["majlis/feed.xml"] = (body, public.storage._files["majlis/feed.xml"][1])
    assert diff(public).empty


def test_an_item_that_was_held_back_is_told_once_it_can_go_out(public: House) -> None:
    audio = public.audio(b"other audio")
    edit(public, audio=audio)
    public.press.staging.path(audio.sha256).unlink()
    assert ["second"] == [slug for slug, _ in public.publish(now=NOW + HOUR).failed]
    public.audio(b"other audio")
    assert {"changed": ["Second"]} == titles(diff(public, now=NOW + 2 * HOUR))


def test_other_audio_is_warned_of_with_what_it_costs(public: House) -> None:
    for slug in ("first", "second"):
        public.catalogue.change_episode("majlis", slug, NOW + HOUR, audio=replace(public.audio(slug.encode() * 2), length=30_000_000))
    found = diff(public)
    assert ("2 items will be downloaded again by apps: other audio, 60.0 MB for each listener",) == found.warnings
    assert {"enclosure"} == {change.field for item in found.changed for change in item.changes}


def test_another_guid_for_the_same_episode_is_warned_of(public: House) -> None:
    """The catalogue keeps guids for ever; the feed in storage may be of another program."""
    feed = b"".join(public.storage.read("majlis/feed.xml"))
    guid = public.catalogue.episode("majlis", "second").guid.encode()
    body = feed.replace(guid, b"of another program")
    stored = public.storage._files["majlis/feed.xml"][1]
    public.storage._files["majlis/feed.xml"] = (body, stored)
    edit(public, title="Second")
    public.catalogue.change_show("majlis", NOW + HOUR, author="Somebody")
    found = diff(public)
    assert {"new": ["Second"], "removed": ["Second"]} == titles(found)
    assert ("1 item will be shown as new, and downloaded again: another guid stands for the same episode",) == found.warnings


def test_a_change_of_the_show_is_told(public: House) -> None:
    public.catalogue.change_show("majlis", NOW + HOUR, author="Somebody Else")
    (change,) = diff(public).channel
    assert ("author", "Radio Free", "Somebody Else") == (change.field, change.before, change.after)


def test_another_address_of_the_feed_is_warned_of(public: House) -> None:
    house = replace(public, press=replace(public.press, site=replace(public.press.site, base="https://other.example/")))
    found = diff(house)
    assert "The feed names another address as its own: apps may move there" in found.warnings
    assert any("3 items will be downloaded again" in warning for warning in found.warnings)


def test_a_feed_in_pages_that_gets_another_address_is_compared_whole(house: House) -> None:
    house = replace(house, press=replace(house.press, settings=FeedSettings(limit=10)))
    house.publish(*(house.add(f"episode-{number}", published=NOW - number * HOUR).slug for number in range(12)))
    moved = replace(house, press=replace(house.press, site=replace(house.press.site, base="https://other.example/")))
    found = diff(moved)
    assert (0, 12) == (len(found.new), len(found.changed))
    assert any("12 items will be downloaded again" in warning for warning in found.warnings)


def test_a_renamed_show_is_compared_with_its_feed_where_that_was(public: House) -> None:
    public.catalogue.rename_show("majlis", "talk", NOW + HOUR)
    found = difference(public.press, prepare(public.press, public.catalogue.show("talk"), now=NOW + HOUR))
    assert {"changed": ["Third", "Second", "First"]} == titles(found)
    assert {"link"} == {change.field for item in found.changed for change in item.changes}
    assert ("The feed names another address as its own: apps may move there",) == found.warnings


def test_an_episode_whose_files_change_beside_the_feed_is_told(public: House) -> None:
    edit(public, language="ky")
    public.catalogue.change_episode("majlis", "third", NOW + HOUR, title="Edited")
    found = diff(public)
    assert ({"changed": ["Edited"]}, ("Second",)) == (titles(found), found.beside)
    public.publish(now=NOW + HOUR)
    assert () == diff(public, now=NOW + 2 * HOUR).beside


def test_links_to_other_feeds_and_hubs_are_told(public: House) -> None:
    named = replace(public, press=replace(public.press, settings=FeedSettings(hubs=("https://hub.example/",))))
    (change,) = diff(named).channel
    assert ("hubs", "") == (change.field, change.before)


def test_looking_publishes_nothing(public: House) -> None:
    edit(public, title="Edited")
    before = public.storage.content()
    diff(public)
    assert before == public.storage.content()


def test_once_it_is_published_nothing_differs(public: House) -> None:
    edit(public, title="Edited")
    public.add("fourth")
    public.publish("fourth", now=NOW + HOUR)
    assert diff(public, now=NOW + 2 * HOUR).empty


def test_what_cannot_go_out_is_no_item_and_is_told(public: House) -> None:
    episode = public.add("fourth")
    public.press.staging.path(episode.audio.sha256).unlink()
    found = diff(public, "fourth")
    assert found.empty
    (warning,) = found.warnings
    assert warning.startswith("fourth will stay behind: The staged copy of majlis/media/fourth-")


def test_a_season_is_told_once_and_its_name_too(public: House) -> None:
    edit(public, season=2)
    public.publish(now=NOW + HOUR)
    public.catalogue.change_episode("majlis", "second", NOW + 2 * HOUR, season_name="The Lake")
    assert {"season": ("2", "2 name=The Lake")} == changes(diff(public, now=NOW + 3 * HOUR))


def test_white_space_alone_is_no_news() -> None:
    before, after = (read([f"<rss><channel><title>{title}</title></channel></rss>".encode()]) for title in ("The Lake", "The  Lake "))
    assert compare("majlis", before, after).empty


def test_a_feed_that_cannot_be_read_to_its_end_is_told(public: House) -> None:
    body = public.feed()
    public.storage._files["majlis/feed.xml"] = (body[: body.rindex("<item>") + 20].encode(), public.storage._files["majlis/feed.xml"][1])
    edit(public, title="Edited")
    assert any("could not be read to its end (line " in warning for warning in diff(public).warnings)


def test_a_damaged_compressed_feed_is_refused_in_words(public: House) -> None:
    public.storage._files["majlis/feed.xml"] = (b"\x1f\x8bnothing", public.storage._files["majlis/feed.xml"][1])
    edit(public, title="Edited")
    with pytest.raises(StorageError, match=r"majlis/feed\.xml in storage is compressed and damaged"):
        diff(public)


def test_pages_that_point_at_one_another_are_read_once(public: House) -> None:
    body = public.feed().replace("<item>", '<atom:link rel="next" href="https://pod.example/majlis/feed.xml"/><item>', 1)
    public.storage._files["majlis/feed.xml"] = (body.encode(), public.storage._files["majlis/feed.xml"][1])
    assert 1 == len(list(public_files(public.press, "majlis")))


def test_only_what_changed_is_rendered(public: House, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    render_item = rss.render_item

    def watched(show: Show, episode: Episode, *rest: Any, **more: Any) -> bytes:
        seen.append(episode.slug)
        return render_item(show, episode, *rest, **more)

    monkeypatch.setattr(rss, "render_item", watched)
    edit(public, title="Edited")
    assert {"changed": ["Edited"]} == titles(diff(public))
    assert ["second"] == seen


@given(hostile_shows(), st.lists(hostile_episodes(), max_size=3))
@settings(max_examples=25, deadline=None)
def test_a_feed_does_not_differ_from_itself(show: Show, episodes: list[Episode]) -> None:
    feed = read([rss.render(show, episodes, SITE)])
    found = compare(show.slug, feed, read([rss.render(show, episodes, SITE)]))
    assert (True, ()) == (found.empty, found.warnings)


@pytest.mark.parametrize(
    ("element", "warning"),
    [
        ("<podcast:guid>{}</podcast:guid>", "podcast:guid changes: directories will take this for another podcast"),
        ("<itunes:new-feed-url>{}</itunes:new-feed-url>", "The feed names another address as its own: apps may move there"),
        ('<atom:link rel="self" href="{}"/>', "The feed names another address as its own: apps may move there"),
    ],
)
def test_what_makes_it_another_podcast_is_warned_of(element: str, warning: str) -> None:
    root = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in {**NAMESPACES, "atom": ATOM}.items())
    before, after = (read([f"<rss {root}><channel>{element.format(value)}</channel></rss>".encode()]) for value in ("one", "other"))
    assert (warning,) == compare("majlis", before, after).warnings
    assert compare("majlis", before, before).empty


def test_when_the_last_change_was_and_who_wrote_the_feed_is_no_news() -> None:
    before, after = (
        read([f"<rss><channel><lastBuildDate>{value}</lastBuildDate><generator>{value}</generator></channel></rss>".encode()])
        for value in ("one", "other")
    )
    assert compare("majlis", before, after).empty
