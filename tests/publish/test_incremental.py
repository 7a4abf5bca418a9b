"""A publish renders what changed, and its feed is byte for byte what a whole render would be."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from podcast.formats import rss
from podcast.model import Episode, Show, Status

from .conftest import NOW, House

pytestmark = pytest.mark.thorough

HOUR = timedelta(hours=1)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the slugs of the items that are rendered from now on."""
    slugs: list[str] = []
    render = rss.render_item

    def count(show: Show, episode: Episode, *rest: Any, **more: Any) -> bytes:
        slugs.append(episode.slug)
        return render(show, episode, *rest, **more)

    monkeypatch.setattr(rss, "render_item", count)
    return slugs


@pytest.fixture
def full(house: House) -> House:
    """Publish a dozen episodes."""
    slugs = [f"episode-{number:02}" for number in range(12)]
    for number, slug in enumerate(slugs):
        house.add(slug, published=NOW - timedelta(days=number), notes=f"Notes of **{number}**")
    house.publish(*slugs)
    return house


def whole(house: House) -> str:
    show = house.catalogue.show("majlis")
    return rss.render(show, house.catalogue.feed("majlis"), house.press.site).decode()


CHANGES: dict[str, Callable[[House, datetime], Any]] = {
    "a new episode": lambda house, _now: house.add("new"),
    "an edited episode": lambda house, now: house.catalogue.change_episode("majlis", "episode-07", now, title="Edited"),
    "a new date": lambda house, now: house.catalogue.change_episode("majlis", "episode-07", now, published=NOW - 100 * HOUR),
    "other audio": lambda house, now: house.catalogue.change_episode("majlis", "episode-03", now, audio=house.audio(b"other")),
    "the show": lambda house, now: house.catalogue.change_show("majlis", now, author="Somebody else"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_feed_equals_a_whole_render(full: House, name: str) -> None:
    CHANGES[name](full, NOW + HOUR)
    full.publish(*(["new"] if name == "a new episode" else []), now=NOW + 2 * HOUR)
    assert whole(full) == full.feed()


def test_the_feed_equals_a_whole_render_when_one_has_left_and_come_back(full: House) -> None:
    full.publish(withdraw=["episode-05"], now=NOW + HOUR)
    assert whole(full) == full.feed()
    full.publish("episode-05", now=NOW + 2 * HOUR)
    assert whole(full) == full.feed()
    assert 12 == full.feed().count("<item>")


def test_one_new_episode_renders_its_own_item_once_for_the_linter_and_the_feed(full: House, rendered: list[str]) -> None:
    full.add("new")
    full.publish("new", now=NOW + HOUR)
    assert ["new"] == rendered


def test_one_edit_is_one_render(full: House, rendered: list[str]) -> None:
    full.catalogue.change_episode("majlis", "episode-07", NOW + HOUR, title="Edited")
    full.publish(now=NOW + 2 * HOUR)
    assert ["episode-07"] == rendered


def test_nothing_changed_is_no_render_and_no_upload(full: House, rendered: list[str]) -> None:
    before = list(full.storage.written)
    full.publish(now=NOW + HOUR)
    assert ([], before) == (rendered, full.storage.written)


def test_taking_one_down_renders_nothing(full: House, rendered: list[str]) -> None:
    full.publish(withdraw=["episode-05"], now=NOW + HOUR)
    assert [] == rendered
    assert 11 == full.feed().count("<item>")


def test_a_change_to_the_show_renders_every_item_once(full: House, rendered: list[str]) -> None:
    full.catalogue.change_show("majlis", NOW + HOUR, author="Somebody else")
    full.publish(now=NOW + 2 * HOUR)
    assert 12 == len(rendered) == len(set(rendered))


def test_an_edit_of_a_draft_changes_no_feed(full: House) -> None:
    full.add("draft")
    before = full.feed()
    full.catalogue.change_episode("majlis", "draft", NOW + HOUR, title="Still a draft")
    full.publish(now=NOW + 2 * HOUR)
    assert before == full.feed()


def test_the_database_knows_which_shows_listeners_do_not_get_as_they_are(full: House) -> None:
    """Each kind of reason makes the show known, and a publish settles it."""
    catalogue, fingerprint = full.catalogue, full.press.fingerprint

    def unsettled(now: datetime = NOW + HOUR) -> list[str]:
        return catalogue.unsettled(now, fingerprint)

    assert [] == unsettled()
    catalogue.change_episode("majlis", "episode-07", NOW + HOUR, title="Edited")
    assert ["majlis"] == unsettled()
    full.publish(now=NOW + 2 * HOUR)
    assert [] == unsettled()
    catalogue.change_show("majlis", NOW + 3 * HOUR, author="Somebody else")
    assert ["majlis"] == unsettled()
    full.publish(now=NOW + 4 * HOUR)
    assert [] == unsettled()
    full.add("later", status=Status.SCHEDULED, published=NOW + 9 * HOUR)
    assert ([], ["majlis"]) == (unsettled(NOW + 8 * HOUR), unsettled(NOW + 9 * HOUR))
    full.publish(now=NOW + 9 * HOUR)
    assert ([], ["majlis"]) == (unsettled(NOW + 9 * HOUR), catalogue.unsettled(NOW, "another version"))
