"""Covers are shown small: each copy is made once, stored before what names it, and goes with its picture."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image

from podcast.model import Artwork
from podcast.publish.leftovers import clear
from podcast.publish.verify import distrust, verify

from .conftest import NOW, House

pytestmark = pytest.mark.thorough

ART = re.compile(rb"https://pod\.example/(majlis/art/[a-z0-9.-]+)")


@pytest.fixture
def covered(house: House) -> tuple[House, Artwork, Artwork]:
    """Return a house with one public episode that has a cover of its own, that cover, and the show's."""
    own, shows = house.picture(600), house.picture(300, "navy")
    house.catalogue.change_show("majlis", NOW, artwork=shows)
    house.add("one", artwork=own)
    house.add("plain")
    house.publish("one", "plain")
    return house, own, shows


def copies(picture: Artwork, *widths: int) -> set[str]:
    names = [f"majlis/art/{picture.sha256[:12]}-{width}" for width in widths]
    return {f"{name}.jpg" for name in names} | {f"{name}.webp" for name in names if name.endswith(("-256", "-512"))}


def stored(house: House) -> set[str]:
    return {key for key in house.storage.content() if "/art/" in key and key.endswith((".jpg", ".webp"))}


def test_each_cover_has_its_copies_and_none_is_larger_than_itself(covered: tuple[House, Artwork, Artwork]) -> None:
    house, own, shows = covered
    content = house.storage.content()
    assert copies(own, 96, 256, 512) | copies(shows, 96, 256) == stored(house)
    for key in stored(house):
        with Image.open(io.BytesIO(content[key])) as picture:
            width, ending = key.rpartition("-")[2].split(".")
            assert ({"jpg": "JPEG", "webp": "WEBP"}[ending], (int(width),) * 2) == (picture.format, picture.size)
    named = {key.decode() for body in content.values() for key in ART.findall(body)}
    assert named <= content.keys()
    assert stored(house) <= named


def test_copies_are_there_before_what_names_them_and_made_once(covered: tuple[House, Artwork, Artwork]) -> None:
    house, own, _ = covered
    written = house.storage.written
    page = written.index("majlis/one/embed.html")
    assert copies(own, 96, 256, 512) <= set(written[:page])
    written.clear()
    house.publish()
    assert [] == written
    house.catalogue.change_episode("majlis", "one", NOW, title="Other")
    house.publish(now=NOW + timedelta(hours=1))
    assert [] == [key for key in written if "/art/" in key]


def test_copies_go_with_their_picture(covered: tuple[House, Artwork, Artwork]) -> None:
    house, own, shows = covered
    show, later = house.catalogue.show("majlis"), NOW + timedelta(days=1)
    clear(house.press, [show], clock=lambda: later)
    house.catalogue.change_episode("majlis", "one", later, artwork=None)
    house.publish(now=later)
    for days in (2, 40):
        clear(house.press, [show], clock=lambda days=days: NOW + timedelta(days=days))  # type: ignore[misc]
    assert copies(shows, 96, 256) == stored(house)
    assert [] == [key for key in house.storage.content() if own.sha256[:12] in key]


def test_a_copy_that_storage_lost_is_stored_again(covered: tuple[House, Artwork, Artwork]) -> None:
    house, own, _ = covered
    lost = copies(own, 256)
    house.storage.delete(lost)
    show = house.catalogue.show("majlis")
    distrust(house.press, show, list(verify(house.press, show, chosen=lambda _: False)), clock=lambda: NOW)
    house.publish(now=NOW + timedelta(hours=1))
    assert lost <= stored(house)
