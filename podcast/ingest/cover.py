"""A cover drawn of a show's title and a colour, for a show that has none: in the system's fonts, in any script that they hold."""

import colorsys
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from PIL import Image, ImageColor, ImageDraw, ImageFont

from podcast.errors import UsageError
from podcast.formats.text import clean, direction

Font = ImageFont.FreeTypeFont

_SIDE: Final = 3000
_MARGIN: Final = 260
_LEADING: Final = 1.25
_RINGS: Final = 9
_MOST: Final = 200
_FOLDERS: Final = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
#: What is wanted in a name of a font, the best first; what is in it at worst.
_GOOD: Final = ("notosans", "dejavusans", "liberationsans", "arial", "helvetica", "freesans", "sans")
_BAD: Final = ("italic", "oblique", "mono", "condensed", "narrow", "light", "thin", "symbol", "emoji", "serif")
#: No font has a glyph of its own for it.
_NO_LETTER: Final = "\uffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    """Where words go, and the sizes of letters that are tried. In pixels."""

    left: int
    top: int
    width: int
    height: int
    largest: int
    smallest: int
    step: int


_ROOM: Final = _SIDE - 2 * _MARGIN
_PAGE: Final = _Box(left=_MARGIN, top=_MARGIN, width=_ROOM, height=_ROOM, largest=640, smallest=120, step=20)
#: Width and height of a title beneath a cover, as an audiogram has it.
WORDS: Final = (920, 190)
_LABEL: Final = _Box(left=0, top=0, width=WORDS[0], height=WORDS[1], largest=64, smallest=24, step=2)


def draw_cover(title: str, language: str, colour: str | None = None) -> bytes:
    """Return a JPEG of 3000 x 3000 pixels; without a font that has every letter of the title, the pattern stands alone.

    ``colour`` is one of CSS ("#1a4d7a", "teal"); without it the title decides. Same title, same picture. UsageError for no colour.
    """
    title = clean(title, limit=_MOST)
    ground = _colour(colour, title)
    picture = Image.new("RGB", (_SIDE, _SIDE), ground)
    draw = ImageDraw.Draw(picture)
    _rings(draw, ground, title)
    if fonts := fonts_for(title):
        _write(draw, title, fonts[0], _ink(ground), _PAGE, is_right=direction(language) == "rtl")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, progressive=True)
    return out.getvalue()


def draw_words(title: str, language: str) -> bytes:
    """Return a title as a PNG of WORDS pixels, white on black; all black without a font that has every letter of it."""
    title = clean(title, limit=_MOST)
    picture = Image.new("L", WORDS)
    if fonts := fonts_for(title):
        _write(ImageDraw.Draw(picture), title, fonts[0], "white", _LABEL, is_right=direction(language) == "rtl")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _colour(given: str | None, title: str) -> tuple[int, int, int]:
    if given is None:
        hue = sha256(title.encode()).digest()[0] / 256
        return _of_floats(colorsys.hls_to_rgb(hue, 0.3, 0.55))
    try:
        return ImageColor.getcolor(given, "RGB")[:3]  # type: ignore[index, return-value]
    except ValueError as error:
        raise UsageError(f"{clean(given, limit=40)!r} is no colour.", hint='Write it like "#1a4d7a" or teal.') from error


def _of_floats(parts: tuple[float, float, float]) -> tuple[int, int, int]:
    red, green, blue = (round(part * 255) for part in parts)
    return red, green, blue


def _ink(ground: tuple[int, int, int]) -> str:
    red, green, blue = ((part / 255) ** 2.2 for part in ground)
    # Where black and white are read equally well on it (WCAG's formula of contrast).
    return "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.18 else "#111111"


def _rings(draw: ImageDraw.ImageDraw, ground: tuple[int, int, int], title: str) -> None:
    """Draw arcs around a corner, as waves go out from a mast; the title decides which corner."""
    hue, light, full = colorsys.rgb_to_hls(*(part / 255 for part in ground))
    corner = sha256(title.encode()).digest()[1] % 4
    x, y = _SIDE * (corner % 2), _SIDE * (corner // 2)
    for number in range(_RINGS, 0, -1):
        radius = _SIDE * 1.3 * number / _RINGS
        # Away from the ink, so that no ring makes it harder to read.
        shade = min(max(light + (number % 2) * (-0.06 if _ink(ground) == "white" else 0.06), 0.0), 1.0)
        fill = _of_floats(colorsys.hls_to_rgb(hue, shade, full))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _write(draw: ImageDraw.ImageDraw, title: str, path: str | None, ink: str, box: _Box, *, is_right: bool) -> None:
    """Write the title as large as it goes into a box, in the middle of its height."""
    for size in range(box.largest, box.smallest - 1, -box.step):
        font = load_font(path, size)
        lines = list(_lines(draw, title, font, box.width))
        if len(lines) * size * _LEADING <= box.height and all(draw.textlength(line, font) <= box.width for line in lines):
            break
    top = box.top + (box.height - len(lines) * size * _LEADING) / 2
    for number, line in enumerate(lines):
        x = box.left + (box.width if is_right else 0)
        middle = top + (number + 0.5) * size * _LEADING
        draw.text((x, middle), line, ink, font, anchor="rm" if is_right else "lm")


def _lines(draw: ImageDraw.ImageDraw, title: str, font: Font, room: int) -> Iterator[str]:
    """Yield lines of whole words; of letters where a title knows no spaces, as Chinese does."""
    spaced = " " in title or title.isascii()
    line = ""
    for word in title.split() if spaced else title:
        longer = f"{line} {word}".strip() if spaced else line + word
        if line and draw.textlength(longer, font) > room:
            yield line
            line = word
        else:
            line = longer
    yield line


def load_font(path: str | None, size: int) -> Font:
    """Return a font; None is the one that Pillow brings along, which has Latin letters alone."""
    font = ImageFont.truetype(path, size) if path else ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


def fonts_for(title: str) -> list[str | None]:
    """Return the path of the first font that has every letter of a title; nothing where none has."""
    for path in (*_fonts(), None):
        try:
            if _has(load_font(path, 40), title):
                return [path]
        except (OSError, TypeError, ValueError):
            continue
    return []


def _has(font: Font, title: str) -> bool:
    missing = _shape(font, _NO_LETTER)
    return bool(title) and all(_shape(font, letter) != missing for letter in set(title) if not letter.isspace())


def _shape(font: Font, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)


@lru_cache(maxsize=1)
def _fonts() -> list[str]:
    """Return the paths of the system's fonts, bold ones without serifs first."""
    found = [str(path) for folder in _FOLDERS for path in _files(Path(folder).expanduser())]
    return sorted(found, key=_rank)


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.suffix.lower() in {".ttf", ".otf", ".ttc"}) if folder.is_dir() else ()


def _rank(path: str) -> tuple[int, int, int, str]:
    name = Path(path).stem.lower().replace("-", "").replace(" ", "")
    good = next((number for number, part in enumerate(_GOOD) if part in name), len(_GOOD))
    return sum(part in name for part in _BAD), "bold" not in name, good, path
