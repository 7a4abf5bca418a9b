"""A short clip of an episode, with soft ends: for a social post, or to hear where a chapter begins."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from podcast.errors import UsageError

from .cover import draw_words
from .files import open_regular
from .refusal import naming
from .sandbox import run

#: Seconds; pydub holds all of a clip in memory.
LONGEST: Final = 600.0
#: Seconds of a film, of which each frame is encoded.
LONGEST_FILM: Final = 180.0
#: Seconds that a second of a clip may take.
_SLOW: Final = 2.0
_LEAST: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a clip is cut from: a staged file, and seconds in it. ``name`` is how a message calls it."""

    path: Path
    name: str
    media_type: str
    start: float
    length: float


def cut_clip(span: Span) -> bytes:
    """Return a span as MP3 with soft ends; less where the audio ends before. What is an MP3 already is not encoded again.

    UsageError for a span that makes no sense, MediaError where there is nothing to hear in it.
    """
    return _made("excerpt:excerpt", span, LONGEST) or _made("snippet:cut", span, LONGEST)


def film_clip(span: Span, cover: bytes, title: str, language: str, progress: Callable[[int], None] | None = None) -> bytes:
    """Return a span as a square MP4 with cover, title and a waveform that fills; errors as of :func:`cut_clip`.

    ``progress`` gets the seconds that were made.
    """
    return _made(
        "audiogram:film", span, LONGEST_FILM, progress=progress or (lambda _: None), cover=cover, words=draw_words(title, language)
    )


def draw_clip(span: Span, cover: bytes, title: str, language: str) -> bytes:
    """Return the same as SVG, which is to run beside the MP3."""
    return _made("audiogram:drawing", span, LONGEST, cover=cover, words=draw_words(title, language), title=title)


def _made(function: str, span: Span, longest: float, **values: Any) -> bytes:  # noqa: ANN401
    if not (0 < span.length <= longest and span.start >= 0):
        raise UsageError(f"A clip of {span.length:g} s from {span.start:g} s on cannot be cut.", hint=f"Take up to {longest:.0f} seconds.")
    seconds = _LEAST + span.length * _SLOW
    with naming(span.name), open(open_regular(span.path), "rb") as file:  # noqa: PTH123 - a descriptor has no path
        where: dict[str, Any] = {"media_type": span.media_type, "start": span.start, "length": span.length}
        return run(function, bytes, file, seconds=seconds, **where, **values)
