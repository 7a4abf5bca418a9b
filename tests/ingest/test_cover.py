"""A cover is drawn of any title, in any script that a font of the system holds, and can be read."""

import io

import pytest
from PIL import Image

from podcast.errors import UsageError
from podcast.ingest.cover import draw_cover, fonts_for

pytestmark = pytest.mark.thorough

TITLES = [
    ("Majlis", "en"),
    ("Майлис: Борбор Азия", "ky"),
    ("مجلس آسیای مرکزی", "fa"),
    ("中亚播客", "zh"),
    ("Rindfleischetikettierung " * 7, "de"),
]


def picture(data: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(data))
    assert ("JPEG", "RGB", (3000, 3000)) == (found.format, found.mode, found.size)
    return found.convert("L")


@pytest.mark.parametrize(("title", "language"), TITLES, ids=lambda value: value[:9])
def test_the_title_stands_in_the_picture_and_not_at_its_edge(title: str, language: str) -> None:
    white = picture(draw_cover(title, language, "#203040")).point(lambda value: 255 * (value > 200))
    box = white.getbbox()
    assert bool(fonts_for(title.strip())) == bool(box)
    if box:
        assert min(box[0], box[1], 3000 - box[2], 3000 - box[3]) > 100


def test_a_title_that_is_read_from_the_right_stands_there() -> None:
    # In Latin letters, for which there is a font everywhere.
    left, _, right, _ = picture(draw_cover("Majlis", "fa", "#203040")).point(lambda value: 255 * (value > 200)).getbbox() or (0, 0, 0, 0)
    assert left > 3000 - right


def test_letters_of_no_font_leave_the_pattern_alone() -> None:
    assert [] == fonts_for("𖬀𐀀𞤀")
    assert not any(picture(draw_cover("𖬀𐀀𞤀", "en", "#203040")).histogram()[200:])


@pytest.mark.parametrize(("colour", "dark"), [("black", False), ("#1a4d7a", False), ("white", True), ("#f0c040", True), ("teal", False)])
def test_the_ink_is_dark_on_a_light_ground(colour: str, dark: bool) -> None:
    counts = picture(draw_cover("Majlis", "en", colour)).histogram()
    assert any(counts[:40]) if dark else any(counts[241:])


def test_same_title_same_picture() -> None:
    assert draw_cover("Majlis", "en") == draw_cover("Majlis", "en")
    assert draw_cover("Majlis", "en") != draw_cover("Majlis 2", "en")


def test_what_is_no_colour_is_refused() -> None:
    with pytest.raises(UsageError, match="no colour"):
        draw_cover("Majlis", "en", "#12")
