"""What is learnt of an audio file, as plain values; the bytes themselves are read in the sandbox alone."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from podcast.model import Chapter

from .files import open_regular
from .refusal import naming
from .sandbox import Died, run

#: Bytes; tags that have more are not read.
_LARGEST: Final = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was measured. ``duration`` is whole seconds, ``seconds`` the same exactly, ``bitrate`` bit/s."""

    media_type: str
    duration: int
    seconds: float
    bitrate: int
    sample_rate: int
    channels: int
    #: Seconds that a header promises.
    promised: float | None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """Empty text and None for what a file does not say. ``date`` is as written, ``cover`` the bytes of a picture."""

    title: str = ""
    show: str = ""
    author: str = ""
    date: str = ""
    notes: str = ""
    #: All that is said, where a tag holds it (ID3 has lyrics for that).
    words: str = ""
    language: str | None = None
    season: int | None = None
    number: int | None = None
    cover: bytes | None = None
    #: From where to where it stands in the file, instead of its bytes, which the sandbox then need not hand over.
    cover_at: tuple[int, int] | None = None
    chapters: tuple[Chapter, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What an audio file is, and what it says of itself."""

    facts: Facts
    tags: Tags


def read_media(path: Path, name: str) -> Media:
    """Measure a file that nobody changes meanwhile and read its tags; MediaError, about ``name``, where it is no audio that we publish."""
    measured: list[int] = []
    with naming(name), open(open_regular(path), "rb") as file:  # noqa: PTH123 - a descriptor has no path
        try:
            media = run("probe:probe", Media, file, progress=measured.append)
            return replace(media, tags=with_cover(media.tags, file))
        except Died as death:
            if not measured:
                raise
            # Broken tags cost the tags and never the episode.
            media = run("probe:probe", Media, file, tags=False)
            return replace(media, tags=Tags(warnings=(f"reading its tags {death.what}: they were not read",)))


def with_cover(tags: Tags, file: BinaryIO) -> Tags:
    """Read the cover from the file where it was only pointed at."""
    if tags.cover_at is None:
        return tags
    start, end = (min(max(place, 0), _LARGEST) for place in tags.cover_at)
    file.seek(start)
    return replace(tags, cover=file.read(max(end - start, 0)), cover_at=None)
