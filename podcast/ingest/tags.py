"""What an audio file says about itself: ID3, MP4 and Vorbis comments, read by mutagen into one shape.

Everything here comes from outside. Texts are cleaned; what is wrong with a tag costs that tag and never the episode.
"""

# mutagen is typed in part.
# mypy: allow-untyped-calls
# ruff: noqa: ANN401

import base64
import binascii
import io
import math
import re
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO, Final, TypeVar

from mutagen.aiff import AIFF
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3, Frames, Frames_2_2, ID3NoHeaderError
from mutagen.mp4 import MP4
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from podcast.errors import UsageError
from podcast.formats.chapters import is_position
from podcast.formats.text import clean, language, safe_url
from podcast.model import Chapter

from . import id3
from .media import Tags

T = TypeVar("T")

#: Bytes that a parser may read; no real file has more in its tags, cover included.
LIMIT: Final = 16 << 20

_SECONDS: Final = 2.0
_MAX_CHAPTERS: Final = 1000
#: Letters; three hours of speech have fewer than 200,000.
_MAX_WORDS: Final = 1_000_000
_FRONT_COVER: Final = 3
#: Descriptions of a comment that is about the episode.
_NO_NAMES: Final = frozenset({"", "description"})
#: Bytes at the end of a file where mutagen looks for ID3v1, and whether it is none.
_OLD_TAG: Final = 128 + 3
# The rest is never parsed. TYER, TDAT and TIME are the date of v2.3; v2.2 has shorter names, and mutagen renews them all.
_WANTED: Final = "APIC CHAP COMM CTOC TALB TDES TDRC TDRL TIT2 TLAN TPE1 TPE2 TPOS TRCK USLT WXXX TYER TDAT TIME".split()  # noqa: SIM905
_KINDS: Final = {name: Frames[name] for name in _WANTED}
_FRAMES: Final = _KINDS | {name: frame for name, frame in Frames_2_2.items() if issubclass(frame, tuple(_KINDS.values()))}
#: Of the kinds of Ogg, what stands in their first page.
OGG: Final = ((b"OpusHead", OggOpus), (b"\x01vorbis", OggVorbis), (b"\x7fFLAC", OggFLAC))


safe_url("https://é.example/")  # Has it import what it needs for such names: in the sandbox it would be too late.


class _TooMuch(BaseException):
    """A parser wanted to read more than tags can hold, or for longer. (No exception that mutagen would catch.)"""


class _Budget:
    """A file of which only so much may be read."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file, self._left = file, limit
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left + 1 if size < 0 else min(size, self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise _TooMuch
        return data


def read_tags(file: BinaryIO, media_type: str, limit: int = LIMIT) -> Tags:
    """Return the tags of an audio file of this type; nothing but a warning where they are too large or broken."""
    file.seek(0)
    try:
        with _hurried():
            return _cleaned(_READERS[media_type](_Budget(file, limit)))
    except _TooMuch:
        return Tags(warnings=(f"its tags are larger than {limit >> 20} MiB, or made to keep us busy, and were not read",))
    except Exception:  # noqa: BLE001 - broken tags raise IndexError, OverflowError, RecursionError and more in mutagen
        return Tags(warnings=("its tags are damaged and were not read",))


@contextmanager
def _hurried() -> Iterator[None]:
    """Raise _TooMuch after some seconds of work: a tag of 100,000 frames takes minutes."""

    def stop(*_: object) -> None:
        raise _TooMuch

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _read_id3(file: Any) -> Tags:
    tag = file.read(10)
    tag += file.read(id3.length(tag))
    parted = id3.part(tag, _KINDS)
    end = file.seek(0, io.SEEK_END)
    file.seek(max(len(tag), end - _OLD_TAG))
    tail = file.read(_OLD_TAG)
    if parted and not parted.rest and b"TAG" not in tail:
        return _from_parts(parted, Tags())
    try:
        said = _from_id3(ID3(io.BytesIO((parted.rest if parted else tag) + tail), known_frames=_FRAMES))
    except ID3NoHeaderError:
        said = Tags()
    return _from_parts(parted, said) if parted else said


def _from_parts(tag: id3.Parted, rest: Tags) -> Tags:
    """Read what was taken out of a tag; the rest holds what mutagen found in what was left of it."""
    said, described = tag.texts, [(name, about.lower(), text) for (name, _, about), text in tag.described.items()]
    return replace(
        rest,
        title=said.get("TIT2", rest.title),
        show=said.get("TALB", rest.show),
        author=said.get("TPE1") or rest.author or said.get("TPE2", ""),
        notes=said.get("TDES") or next((text for name, about, text in described if name == "COMM" and about in _NO_NAMES), rest.notes),
        words=next((text for name, about, text in described if name == "USLT" and not about), rest.words),
        language=said.get("TLAN", rest.language),
        season=_number(said["TPOS"]) if "TPOS" in said else rest.season,
        number=_number(said["TRCK"]) if "TRCK" in said else rest.number,
        cover_at=_front(tag.pictures),
        chapters=tuple(tag.chapters[:_MAX_CHAPTERS]),
    )


def _read_chunked(file: Any) -> Tags:
    """Read the ID3 chunk of a WAV or AIFF."""
    form = file.read(4)
    file.seek(0)
    found = (AIFF if form == b"FORM" else WAVE)(file).tags if form in {b"FORM", b"RIFF"} else None
    return Tags() if found is None else _from_id3(found)


def _from_id3(tags: ID3) -> Tags:
    def text(*names: str) -> str:
        return next((said for name in names if (said := str(tags.get(name, "")))), "")

    comments = [frame for frame in tags.getall("COMM") if frame.desc.lower() in _NO_NAMES]
    pictures = [(frame.type, frame.data) for frame in tags.getall("APIC")]
    lyrics = [frame.text for frame in tags.getall("USLT") if not frame.desc]
    chapters = {frame.element_id: _id3_chapter(frame) for frame in tags.getall("CHAP")[:_MAX_CHAPTERS]}
    listed = {name for frame in tags.getall("CTOC") for name in frame.child_element_ids}
    return Tags(
        title=text("TIT2"),
        show=text("TALB"),
        author=text("TPE1", "TPE2"),
        date=text("TDRL", "TDRC"),
        notes=text("TDES") or next((str(frame) for frame in comments), ""),
        words=next(iter(lyrics), ""),
        language=text("TLAN"),
        season=_number(text("TPOS")),
        number=_number(text("TRCK")),
        cover=_front(pictures),
        chapters=tuple(id3.in_table(chapters, listed)),
    )


def _id3_chapter(frame: Any) -> Chapter:
    links = frame.sub_frames.getall("WXXX")
    return Chapter(
        start=frame.start_time / 1000,
        title=str(frame.sub_frames.get("TIT2", "")),
        end=frame.end_time / 1000 if frame.start_time < frame.end_time < 0xFFFF_FFFF else None,
        url=links[0].url if links else None,
    )


def _read_mp4(file: Any) -> Tags:
    found = MP4(file)
    tags: Mapping[str, Any] = found.tags or {}

    def first(*names: str) -> Any:
        return next((tags[name][0] for name in names if tags.get(name)), "")

    # A track of chapters begins at zero, so one without a title may only fill the time before the first.
    chapters = list(found.chapters or ())[:_MAX_CHAPTERS]
    if chapters and not chapters[0].start and not chapters[0].title:
        chapters = chapters[1:]
    return Tags(
        title=first("\xa9nam"),
        show=first("\xa9alb"),
        author=first("\xa9ART", "aART"),
        date=first("purd", "\xa9day"),
        notes=first("ldes", "desc", "\xa9cmt"),
        words=first("\xa9lyr"),
        season=(first("disk") or (0,))[0] or None,
        number=(first("trkn") or (0,))[0] or None,
        cover=bytes(first("covr")) if tags.get("covr") else None,
        chapters=tuple(Chapter(start=mark.start, title=mark.title) for mark in chapters),
    )


def _read_flac(file: Any) -> Tags:
    found = FLAC(file)
    pictures = [(picture.type, picture.data) for picture in found.pictures]
    tags = _from_comments(_lists(found.tags))
    return replace(tags, cover=_front(pictures) or tags.cover)


def _read_ogg(file: Any) -> Tags:
    head = file.read(128)
    file.seek(0)
    kind = next((kind for magic, kind in OGG if magic in head), None)
    return _from_comments(_lists(kind(file).tags)) if kind else Tags()


def _from_comments(tags: Mapping[str, list[str]]) -> Tags:
    """Read Vorbis comments; mutagen has put their keys into small letters."""

    def first(*names: str) -> str:
        return next((tags[name][0] for name in names if tags.get(name)), "")

    starts = sorted(name for name in tags if re.fullmatch(r"chapter\d{2,4}", name))
    return Tags(
        title=first("title"),
        show=first("album"),
        author=first("artist", "albumartist"),
        date=first("date"),
        notes=first("description", "comment"),
        words=first("lyrics"),
        language=first("language"),
        season=_number(first("discnumber")),
        number=_number(first("tracknumber")),
        cover=_front(_block_pictures(tags.get("metadata_block_picture", ()))),
        chapters=tuple(
            Chapter(start=_position(first(name)), title=first(f"{name}name"), url=first(f"{name}url") or None)
            for name in starts[:_MAX_CHAPTERS]
        ),
    )


def _lists(comments: Any) -> dict[str, list[str]]:
    return dict(comments or {})


def _block_pictures(blocks: Iterable[str]) -> list[tuple[int, bytes]]:
    pictures = []
    for block in blocks:
        try:
            picture = Picture(base64.b64decode(block))
        except (binascii.Error, ValueError):
            continue
        pictures.append((picture.type, picture.data))
    return pictures


def _position(text: str) -> float:
    """Return seconds of ``HH:MM:SS.mmm``; not a number where it is none, which drops the chapter."""
    match = re.fullmatch(r"(\d{1,3}):(\d\d):(\d\d(?:\.\d{1,9})?)", text.strip(), re.ASCII)
    return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3]) if match else math.nan


def _front(pictures: list[tuple[int, T]]) -> T | None:
    """Return the front cover of (type, picture), or else the first picture."""
    return next((data for kind, data in pictures if kind == _FRONT_COVER), pictures[0][1] if pictures else None)


def _number(text: str) -> int | None:
    """Return the 5 of "5/12"; zero means none."""
    match = re.match(r"\s*(\d{1,6})\b", text)
    return (int(match[1]) if match else 0) or None


def _cleaned(tags: Tags) -> Tags:
    return replace(
        tags,
        title=clean(tags.title, limit=1000),
        show=clean(tags.show, limit=1000),
        author=clean(tags.author, limit=1000),
        date=clean(tags.date, limit=40),
        notes=clean(tags.notes, limit=60_000, lines=True),
        words=clean(tags.words, limit=_MAX_WORDS, lines=True),
        language=_language(tags.language or ""),
        chapters=tuple(sorted((_clean_chapter(mark) for mark in tags.chapters if is_position(mark.start)), key=lambda mark: mark.start)),
    )


def _clean_chapter(chapter: Chapter) -> Chapter:
    title, url = clean(chapter.title, limit=500), safe_url(chapter.url) if chapter.url else None
    return chapter if (title, url) == (chapter.title, chapter.url) else replace(chapter, title=title, url=url)


def _language(text: str) -> str | None:
    """Return a BCP 47 tag. The three letters of ID3 are mostly an encoder's default, and no BCP 47 where there are two."""
    try:
        tag = language(text)
    except UsageError:
        return None
    return tag if len(tag.partition("-")[0]) == 2 else None


_READERS: Final = {
    "audio/mpeg": _read_id3,
    "audio/aac": _read_id3,
    "audio/wav": _read_chunked,
    "audio/aiff": _read_chunked,
    "audio/x-m4a": _read_mp4,
    "audio/flac": _read_flac,
    "audio/ogg": _read_ogg,
}
