"""How the parsers say no without knowing the file's name."""

from collections.abc import Iterator
from contextlib import contextmanager

from podcast.errors import MediaError


class Refused(Exception):
    """What is wrong with the bytes, as the rest of a sentence that begins with the file's name: "is empty"."""

    def __init__(self, what: str, *, hint: str) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Turn a refusal into a MediaError about the file of this name."""
    try:
        yield
    except Refused as refusal:
        raise MediaError(f"{name} {refusal.what}", hint=refusal.hint) from refusal
