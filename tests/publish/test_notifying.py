"""A publish leaves word of whom to tell, as soon as its feed was read back and not before."""

from dataclasses import replace

import pytest

from podcast.errors import StorageError

from .conftest import NOW, House


@pytest.fixture
def noted(house: House) -> House:
    house.press = replace(house.press, targets=lambda _: ("hub https://hub.example/", "webhook"))
    house.add("one")
    return house


def promised(house: House) -> list[tuple[str, int]]:
    return [(one.target, one.revision) for one in house.catalogue.notifications()]


def test_targets_are_to_be_told_of_the_revision_that_was_published(noted: House) -> None:
    noted.publish("one")
    assert [("hub https://hub.example/", 1), ("webhook", 1)] == promised(noted)
    assert [NOW, NOW] == [one.next for one in noted.catalogue.notifications()]


def test_nothing_published_is_nothing_to_tell(noted: House) -> None:
    noted.publish("one")
    noted.publish()
    assert {1} == {revision for _, revision in promised(noted)}


def test_nobody_is_told_of_a_publish_that_was_cut_and_all_are_of_the_one_that_goes_on(noted: House) -> None:
    noted.publish("one")
    uncut = len(noted.storage.written)
    noted.add("two")
    for cut in range(uncut, uncut + 40):
        noted.storage.cut_at = cut
        try:
            noted.publish("two")
        except StorageError:
            assert {1} == {revision for _, revision in promised(noted)}
            assert noted.catalogue.pending("majlis") or noted.catalogue.episode("majlis", "two").status.value == "draft"
        else:
            break
    assert [] == noted.catalogue.pending("majlis")
    assert {noted.catalogue.standing("majlis").revision} == {revision for _, revision in promised(noted)}


def test_who_is_killed_after_the_word_was_left_leaves_the_outbox_open_as_well(noted: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(noted.catalogue), "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            noted.publish("one")
    assert [("hub https://hub.example/", 1), ("webhook", 1)] == promised(noted)
    noted.publish()
    assert {2} == {revision for _, revision in promised(noted)}
