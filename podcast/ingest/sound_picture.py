"""A picture of an episode's sound: waveform, loudness over time, chapters and silences, as SVG or PNG.

It is worked out once as rectangles, lines and words, which either form then writes down.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from PIL import Image, ImageDraw

from podcast.formats.text import clean
from podcast.model import Episode, Measured, format_duration

from .analyse import describe
from .cover import Font, fonts_for, load_font
from .loudness import target_of
from .waveform import condense, to_json

_WIDTH, _HEIGHT = 1600, 560
_LEFT, _RIGHT = 70, 1570
_WAVE: Final = (110, 310)
_LOUD: Final = (350, 500)
#: LUFS at the top and at the foot of the lower part.
_TOP, _FOOT = -5.0, -50.0
_STEPS: Final = (1, 5, 10, 30, 60, 300, 600, 1800, 3600)
_INK, _PALE, _SILENCE, _WAVES, _LINE, _TARGET = "#222222", "#8a8a8a", "#f2d9a6", "#2f6db3", "#b3402f", "#3c8c4a"
#: Pixels of a letter on average, by its size, and the least that a chapter's name wants.
_LETTER: Final = 0.55
_LEAST: Final = 4


@dataclass(frozen=True, slots=True)
class Line:
    """Points joined to a line, or filled."""

    points: tuple[tuple[float, float], ...]
    colour: str
    filled: bool = False
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """Text whose baseline begins, or ends where ``ends``, at a point."""

    x: float
    y: float
    text: str
    colour: str = _INK
    size: int = 15
    ends: bool = False


Shape = Line | Words


def draw(episode: Episode, measured: Measured, form: str) -> bytes:
    """Return the picture as ``svg`` or ``png``, or the whole waveform in the ``dat`` or ``json`` of audiowaveform."""
    if form == "dat":
        return measured.peaks
    if form == "json":
        return to_json(measured.peaks, points=len(measured.peaks))
    return {"svg": to_svg, "png": to_png}[form](list(shapes(episode, measured)))


def shapes(episode: Episode, measured: Measured) -> Iterator[Shape]:
    """Yield what the picture is made of, from the ground up."""
    seconds = max(measured.seconds, 0.1)

    def x(second: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * min(second / seconds, 1.0)

    yield Words(_LEFT, 34, clean(episode.title, limit=90), size=22)
    yield Words(_LEFT, 60, describe(measured), _PALE)
    silences = [(0.0, measured.lead), *measured.gaps, (seconds - measured.tail, seconds)]
    for start, end in silences:
        if end > start:
            yield _box(x(start), _WAVE[0], max(x(end), x(start) + 1), _LOUD[1], _SILENCE)
    yield from _chapters(episode, x)
    yield from _wave(measured)
    yield from _loudness(measured, x)
    yield from _times(seconds, x)


def _box(left: float, top: float, right: float, bottom: float, colour: str) -> Line:
    return Line(((left, top), (right, top), (right, bottom), (left, bottom)), colour, filled=True)


def _wave(measured: Measured) -> Iterator[Shape]:
    top, bottom = _WAVE
    middle, half = (top + bottom) / 2, (bottom - top) / 2
    _, pairs = condense(measured.peaks, _RIGHT - _LEFT)
    step = (_RIGHT - _LEFT) / max(len(pairs), 1)
    upper = [(_LEFT + step * (at + 0.5), middle - half * high / 128) for at, (_, high) in enumerate(pairs)]
    lower = [(_LEFT + step * (at + 0.5), middle - half * low / 128) for at, (low, _) in enumerate(pairs)]
    yield Line(((_LEFT, middle), (_RIGHT, middle)), _WAVES)
    yield Line((*upper, *reversed(lower)), _WAVES, filled=True)


def _loudness(measured: Measured, x: Callable[[float], float]) -> Iterator[Shape]:
    def y(level: float) -> float:
        share = (min(max(level, _FOOT), _TOP) - _TOP) / (_FOOT - _TOP)
        return _LOUD[0] + (_LOUD[1] - _LOUD[0]) * share

    target = target_of(len(measured.channels))
    for level in range(-10, int(_FOOT) - 1, -10):
        yield Line(((_LEFT, y(level)), (_RIGHT, y(level))), "#dddddd")
        if abs(level - target) > 5:
            yield Words(_LEFT - 8, y(level) + 5, str(level), _PALE, ends=True)
    yield Line(((_LEFT, y(target)), (_RIGHT, y(target))), _TARGET)
    yield Words(_LEFT - 8, y(target) + 5, f"{target:.0f}", _TARGET, ends=True)
    points = tuple((x((at + 0.5) * measured.loudness_step), y(level)) for at, level in enumerate(measured.loudness))
    if len(points) > 1:
        yield Line(points, _LINE, width=1.5)


def _chapters(episode: Episode, x: Callable[[float], float]) -> Iterator[Shape]:
    listed = [chapter for chapter in episode.chapters if chapter.toc]
    ends = [*(chapter.start for chapter in listed[1:]), float("inf")]
    for chapter, end in zip(listed, ends, strict=False):
        left = x(chapter.start)
        yield Line(((left, _WAVE[0] - 20), (left, _LOUD[1])), _PALE)
        room = int((x(end) - left - 10) / (14 * _LETTER))
        if room >= _LEAST:
            title = clean(chapter.title, limit=200)
            yield Words(left + 5, _WAVE[0] - 7, title if len(title) <= room else title[: room - 1].rstrip() + "…", size=14)


def _times(seconds: float, x: Callable[[float], float]) -> Iterator[Shape]:
    step = next((step for step in _STEPS if seconds / step <= 14), _STEPS[-1])
    for second in range(0, int(seconds) + 1, step):
        yield Line(((x(second), _LOUD[1]), (x(second), _LOUD[1] + 6)), _PALE)
        if x(second) < _RIGHT - 60:
            yield Words(x(second) + 3, _LOUD[1] + 24, format_duration(second), _PALE)


def to_svg(found: list[Shape]) -> bytes:
    """Write the shapes as SVG."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">'
    lines = [head, f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>']
    for shape in found:
        if isinstance(shape, Words):
            end = ' text-anchor="end"' if shape.ends else ""
            start = f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size}" fill="{shape.colour}"{end}>'
            lines.append(f"{start}{escape(shape.text)}</text>")
        else:
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
            if shape.filled:
                lines.append(f'<polygon points="{points}" fill="{shape.colour}"/>')
            else:
                lines.append(f'<polyline points="{points}" fill="none" stroke="{shape.colour}" stroke-width="{shape.width}"/>')
    return "\n".join([*lines, "</svg>", ""]).encode()


def to_png(found: list[Shape]) -> bytes:
    """Draw the shapes; words in the system's fonts, in any script that they hold."""
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    for shape in found:
        if isinstance(shape, Words):
            pen.text((shape.x, shape.y), shape.text, fill=shape.colour, font=_font(shape), anchor="rs" if shape.ends else "ls")
        elif shape.filled and len(shape.points) > 1:
            pen.polygon(shape.points, fill=shape.colour)
        elif not shape.filled:
            pen.line(shape.points, fill=shape.colour, width=round(shape.width))
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _font(words: Words) -> Font:
    fonts = fonts_for(words.text)
    return load_font(fonts[0] if fonts else None, words.size)
