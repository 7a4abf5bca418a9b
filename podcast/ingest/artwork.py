"""Covers: a JPEG or PNG, known by its bytes, without what a camera wrote into it. Decoded in the sandbox alone."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from podcast.model import Artwork

from .files import open_regular, read_small
from .refusal import Refused, naming
from .sandbox import run
from .staging import Staging

LIMIT: Final = 20 << 20
_APPLE: Final = range(1400, 3001)


def read_artwork(path: Path, staging: Staging) -> tuple[Artwork, tuple[str, ...]]:
    """Stage the picture in a file; MediaError where it is none that podcast apps can show."""
    return store_artwork(read_small(path, LIMIT), staging, path.name)


def store_artwork(data: bytes, staging: Staging, name: str) -> tuple[Artwork, tuple[str, ...]]:
    """Stage a picture and return it with warnings; MediaError, about ``name``, where it is none that podcast apps can show.

    The bytes stay as they are where they can. Turned pictures are set upright, other colours than RGB converted, and
    what is private left out. What is larger than 3000 pixels is scaled down, nothing is ever scaled up.
    """
    with naming(name):
        if len(data) > LIMIT:
            raise Refused(f"is larger than {LIMIT >> 20} MiB", hint="Give a JPEG or PNG, square, 1400 to 3000 pixels wide.")
        kept, media_type, (width, height) = _prepared(data)
    staged = staging.store(kept)
    artwork = Artwork(sha256=staged.sha256, md5=staged.md5, length=staged.length, media_type=media_type, width=width, height=height)
    return artwork, tuple(artwork_doubts(width, height))


@lru_cache(maxsize=2)
def _prepared(data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """Prepare a picture once where each file of a folder has the same in its tags."""
    return run("picture:prepare", tuple[bytes, str, tuple[int, int]], data=data)


def smaller_copies(path: Path, copies: Iterable[tuple[int, str]], name: str) -> list[bytes]:
    """Return copies of a staged picture, each as wide as told, a "jpg" or a "webp"; MediaError, about ``name``, where it cannot be read."""
    with naming(name), open(open_regular(path), "rb") as file:  # noqa: PTH123 - a descriptor has no path
        return run("picture:smaller", list[bytes], file, copies=list(copies))


def picture_facts(data: bytes) -> tuple[str, int, int] | None:
    """Return the media type, width and height of a picture by its first bytes; None where they are of no picture that we know."""
    try:
        return run("picture:facts", tuple[str, int, int], data=data)
    except Refused:
        return None


def artwork_doubts(width: int, height: int) -> list[str]:
    """Return what Apple and the apps will say of a cover of this size."""
    doubts = []
    if width != height:
        doubts.append(f"the cover is not square ({width} x {height}): most apps crop it")
    if width not in _APPLE or height not in _APPLE:
        doubts.append(f"the cover is {width} x {height} pixels: Apple wants 1400 to 3000")
    return doubts
