"""Tags, written by mutagen: for the sandbox. Each kind of file has a function that changes only what does not say it yet."""

# mutagen is typed in part.
# mypy: allow-untyped-calls
# ruff: noqa: ANN401

import base64
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from functools import singledispatch
from typing import Any, BinaryIO, Final

import msgspec
from mutagen.aiff import AIFF
from mutagen.flac import FLAC, Picture
from mutagen.id3 import (
    APIC,
    CHAP,
    COMM,
    CTOC,
    ID3,
    TALB,
    TCON,
    TDRC,
    TIME,
    TIT2,
    TLAN,
    TPE1,
    TPOS,
    TRCK,
    USLT,
    WOAF,
    WXXX,
    CTOCFlags,
    Frame,
    ID3NoHeaderError,
    PictureType,
    TextFrame,
)
from mutagen.id3._tags import save_frame
from mutagen.id3._util import ID3SaveConfig
from mutagen.mp4 import MP4, AtomDataType, MP4Cover, MP4FreeForm
from mutagen.wave import WAVE

from podcast.formats.chapters import clock, spans
from podcast.model import Chapter

from .mp4_chapters import from_zero, remux
from .refusal import Refused
from .tagging import Words
from .tags import OGG

GENRE: Final = "Podcast"
#: A table of contents counts in one byte.
_MOST_CHAPTERS: Final = 255
#: The length of a WAV by a program that writes as it records, and cannot go back.
_UNKNOWN: Final = b"\xff" * 4
_NO_OFFSET: Final = 0xFFFF_FFFF
#: Frames of v2.4 that players read in v2.3 too, though the standard does not have them there.
_KEPT_IN_23: Final = ("TSOA", "TSOP", "TSOT", "RVA2", "TDRL", "TDTG", "TSST", "TMOO", "TPRO", "TDEN")


def retag(source: BinaryIO, target: BinaryIO, *, media_type: str, words: Mapping[str, Any]) -> bool:
    """Write ``source`` with other tags into ``target``, an empty file; False, and nothing written, where it has these tags."""
    try:
        return _WRITERS[media_type](source, target, msgspec.convert(words, Words))
    except Refused:
        raise
    except Exception as error:
        hint = "Export it anew, as MP3 or M4A, or publish it as it is."
        raise Refused(f"cannot be tagged ({type(error).__name__}: {error})", hint=hint) from error


def _copy(source: BinaryIO, target: BinaryIO) -> BinaryIO:
    source.seek(0)
    shutil.copyfileobj(source, target, 1 << 20)
    target.seek(0)
    return target


def _write_id3(source: BinaryIO, target: BinaryIO, words: Words) -> bool:
    try:
        tags = ID3(source)
    except ID3NoHeaderError:
        tags = ID3()
    version = _version(tags, words)
    if not _put_frames(tags, words) and tags.version[1] <= version:
        return False
    _prepare(tags, version)
    tags.save(_copy(source, target), v2_version=version)
    return True


def _write_chunked(source: BinaryIO, target: BinaryIO, words: Words) -> bool:
    """Write the ID3 chunk of a WAV or AIFF."""
    form, size = source.read(4), source.read(4)
    source.seek(0)
    if form not in {b"FORM", b"RIFF"}:
        raise Refused("is a WAV for more than 4 GB (RF64), into which no tags fit", hint="Export it as FLAC or MP3.")
    if size == _UNKNOWN:
        raise Refused("is a WAV that does not say where it ends, so that no tags fit behind", hint="Export it anew, or as FLAC or MP3.")
    file: Any = AIFF(source) if form == b"FORM" else WAVE(source)
    if file.tags is None:
        file.add_tags()
    version = _version(file.tags, words)
    if not _put_frames(file.tags, words) and file.tags.version[1] <= version:
        return False
    _prepare(file.tags, version)
    _copy(source, target)
    file.save(target, v2_version=version)
    return True


def _version(tags: ID3, words: Words) -> int:
    """Return the version of ID3 to write: frames that nobody knows can be kept in their own version only."""
    return 3 if words.old_id3 or (tags.version[1] == 3 and len(tags)) else 4


def _prepare(tags: ID3, version: int) -> None:
    """Make a tag fit for its version, and put its chapters into the order of time."""
    if version == 3:
        kept = {key: frame for key, frame in tags.items() if key in _KEPT_IN_23}
        moment = str(tags.get("TDRC", ""))
        tags.update_to_v23()
        tags.update(kept)
        # mutagen drops the time where hour or minute is zero.
        if match := re.match(r"\d{4}-\d\d-\d\d[T ](\d\d):(\d\d)", moment):
            tags.setall("TIME", [TIME(encoding=0, text=match[1] + match[2])])
    # mutagen sorts frames by their length, and many players take chapters as they come: it leaves alone what it does not know.
    marks = sorted(tags.getall("CHAP"), key=lambda frame: frame.start_time)
    tags.delall("CHAP")
    config = ID3SaveConfig(version, "/" if version == 3 else None)
    unknown = tags.unknown_frames if tags.version[1] == version else []
    tags.unknown_frames = [*unknown, *(save_frame(mark, config=config) for mark in marks)]
    tags._unknown_v2_version = version  # noqa: SLF001


def _put_frames(tags: ID3, words: Words) -> bool:
    """Put our frames into a tag in the place of those that say something else; False where all is said already."""
    changed = _put_chapters(tags, words)
    for name, mine, wanted in _frames(tags, words):
        if wanted and list(map(_said, mine)) != list(map(_said, wanted)):
            others = [frame for frame in tags.getall(name) if frame not in mine]
            tags.delall(name)
            for frame in (*others, *wanted):
                tags.add(frame)
            changed = True
    return changed


def _frames(tags: ID3, words: Words) -> Iterable[tuple[str, list[Any], list[Frame]]]:
    """Yield for each kind of frame those in the tag that say what ours would say, and ours."""
    texts: list[tuple[type[TextFrame], str | int | None]] = [
        (TIT2, words.title),
        (TALB, words.show),
        (TPE1, words.author),
        (TDRC, words.date),
        (TRCK, words.number),
        (TPOS, words.season),
        (TCON, GENRE),
        (TLAN, words.language if words.language != "und" else ""),
    ]
    for kind, text in texts:
        yield kind.__name__, tags.getall(kind.__name__), [kind(encoding=3, text=str(text))] if text else []
    plain = [frame for frame in tags.getall("COMM") if not frame.desc]
    yield "COMM", plain, [COMM(encoding=3, lang=words.language, desc="", text=words.notes)] if words.notes else []
    yield "WOAF", tags.getall("WOAF"), [WOAF(url=words.url)] if words.url else []
    lyrics = [frame for frame in tags.getall("USLT") if not frame.desc]
    yield "USLT", lyrics, [USLT(encoding=3, lang=code, desc="", text=text) for code, text in words.transcripts]
    yield "APIC", *_covers(tags, words)


def _covers(tags: ID3, words: Words) -> tuple[list[Any], list[Frame]]:
    there = tags.getall("APIC")
    fronts = [frame for frame in there if frame.type == PictureType.COVER_FRONT] or [
        frame for frame in there if frame.type == PictureType.OTHER
    ]
    taken = {frame.desc for frame in there if frame not in fronts}
    name = next(name for name in ("", "Cover", "Front cover", "Front") if name not in taken)
    cover = APIC(encoding=3, mime="image/jpeg", type=PictureType.COVER_FRONT, desc=name, data=words.cover or b"")
    return fronts, [cover] if words.cover else []


def _put_chapters(tags: ID3, words: Words) -> bool:
    """Put our chapters in the place of others; one that stays where it is keeps its picture and whatever else stands in it."""
    there = sorted(tags.getall("CHAP"), key=lambda frame: frame.start_time)
    before = {frame.start_time: frame for frame in there}
    marks, shown = list[CHAP](), list[str]()
    for number, (chapter, end) in enumerate(spans(words.chapters[:_MOST_CHAPTERS], words.duration)):
        marks.append(_mark(f"ch{number}", chapter, end, before.get(round(chapter.start * 1000))))
        shown += [f"ch{number}"] if chapter.toc else []
    listed = [mark.start_time for mark in marks if mark.element_id in shown]  # type: ignore[attr-defined]
    if list(map(_said, there)) == list(map(_said, marks)) and listed == _contents(tags, there):
        return False
    tags.delall("CHAP")
    tags.delall("CTOC")
    for mark in marks:
        tags.add(mark)
    if shown:
        tags.add(CTOC("toc", CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED, shown, [TIT2(encoding=3, text=words.title)]))
    return True


def _contents(tags: ID3, marks: Iterable[Any]) -> list[int]:
    """Return where the chapters begin that the table of contents lists."""
    starts = {frame.element_id: frame.start_time for frame in marks}
    tables = [frame for frame in tags.getall("CTOC") if frame.flags & CTOCFlags.TOP_LEVEL]
    return [starts[name] for frame in tables for name in frame.child_element_ids if name in starts]


def _mark(name: str, chapter: Chapter, end: float, before: Any) -> CHAP:
    inside = [frame for frame in before.sub_frames.values() if frame.FrameID not in {"TIT2", "WXXX"}] if before else []
    inside += [TIT2(encoding=3, text=chapter.title)] if chapter.title else []
    inside += [WXXX(encoding=3, desc="", url=chapter.url)] if chapter.url else []
    return CHAP(name, round(chapter.start * 1000), round(end * 1000), _NO_OFFSET, _NO_OFFSET, inside)


@singledispatch
def _said(frame: Any) -> object:
    """Return what a frame says, whatever its encoding."""
    return str(frame)


_said.register(TDRC, lambda frame: str(frame)[:10])
_said.register(TRCK, lambda frame: str(frame).partition("/")[0].lstrip("0"))
_said.register(TPOS, lambda frame: str(frame).partition("/")[0].lstrip("0"))
_said.register(COMM, lambda frame: str(frame).replace("\r\n", "\n"))
_said.register(USLT, lambda frame: (frame.lang, frame.text))
_said.register(WOAF, lambda frame: frame.url)
_said.register(APIC, lambda frame: frame.data)


@_said.register(CHAP)
def _(frame: Any) -> object:
    titles, links = frame.sub_frames.getall("TIT2"), frame.sub_frames.getall("WXXX")
    return frame.start_time, frame.end_time, str(titles[0]) if titles else "", links[0].url if links else ""


def _write_comments(source: BinaryIO, target: BinaryIO, words: Words, kind: Callable[[BinaryIO], Any]) -> bool:
    """Write Vorbis comments."""
    file = kind(source)
    if file.tags is None:
        file.add_tags()
    changed = _put_comments(file.tags, words)
    if words.cover:
        changed |= (_put_block if isinstance(file, FLAC) else _put_picture)(file, words.cover)
    if changed:
        _copy(source, target)
        file.save(target)
    return changed


def _put_comments(tags: Any, words: Words) -> bool:
    wanted: dict[str, list[str]] = {
        "title": [words.title],
        "album": [words.show],
        "artist": [words.author],
        "date": [words.date],
        "genre": [GENRE],
        "tracknumber": [str(words.number or "")],
        "discnumber": [str(words.season or "")],
        "description": [words.notes],
        "language": [words.language if words.language != "und" else ""],
        "url": [words.url],
        "lyrics": [text for _, text in words.transcripts],
    }
    wanted = {name: texts for name, texts in wanted.items() if texts and all(texts)}
    changed = False
    for name, texts in wanted.items():
        said = tags.get(name, [])
        if said != texts and not (name == "date" and said and said[0][:10] == words.date):
            tags[name] = texts
            changed = True
    there = [(name, text) for name, text in tags if re.fullmatch(r"chapter\d{2,4}(name|url)?", name.lower())]
    marks = _comment_chapters(chapter for chapter in words.chapters if chapter.toc)
    if sorted((name.lower(), text) for name, text in there) != sorted(marks):
        # In this order: readers want the time before the name.
        tags[:] = [*(pair for pair in tags if pair not in there), *marks]
        changed = True
    return changed


def _comment_chapters(chapters: Iterable[Chapter]) -> list[tuple[str, str]]:
    found = list[tuple[str, str]]()
    for number, chapter in enumerate(chapters):
        name = f"chapter{number:03}"
        found += [(name, clock(chapter.start)), (f"{name}name", chapter.title)]
        found += [(f"{name}url", chapter.url)] if chapter.url else []
    return found


def _front_block(cover: bytes) -> Picture:
    picture = Picture()
    picture.type, picture.mime, picture.data = PictureType.COVER_FRONT, "image/jpeg", cover
    return picture


def _put_block(file: FLAC, cover: bytes) -> bool:
    pictures = file.pictures
    fronts = [picture for picture in pictures if picture.type == PictureType.COVER_FRONT]
    if any(picture.data == cover for picture in fronts):
        return False
    file.clear_pictures()
    for picture in (_front_block(cover), *(picture for picture in pictures if picture not in fronts)):
        file.add_picture(picture)
    return True


def _put_picture(file: Any, cover: bytes) -> bool:
    blocks = [(block, Picture(base64.b64decode(block))) for block in file.tags.get("metadata_block_picture", [])]
    fronts = [picture for _, picture in blocks if picture.type == PictureType.COVER_FRONT]
    if any(picture.data == cover for picture in fronts):
        return False
    others = [block for block, picture in blocks if picture not in fronts]
    file.tags["metadata_block_picture"] = [base64.b64encode(_front_block(cover).write()).decode(), *others]
    return True


def _write_ogg(source: BinaryIO, target: BinaryIO, words: Words) -> bool:
    head = source.read(128)
    source.seek(0)
    kind = next((kind for magic, kind in OGG if magic in head), None)
    if kind is None:
        raise Refused("holds nothing that we can tag", hint="Export it as Opus or MP3.")
    return _write_comments(source, target, words, kind)


def _write_mp4(source: BinaryIO, target: BinaryIO, words: Words) -> bool:
    """Write MP4 atoms. mutagen cannot write chapters: where these differ, the packets are put into a new container first."""
    file = MP4(source)
    if file.tags is None:
        file.add_tags()
    changed = _put_atoms(file.tags, words)
    shown = from_zero(tuple(chapter for chapter in words.chapters if chapter.toc))
    marks = [(chapter.start, chapter.title) for chapter in shown]
    if [(round(mark.start, 3), mark.title) for mark in file.chapters or ()] == marks:
        if changed:
            file.save(_copy(source, target))
        return changed
    source.seek(0)
    remux(source, target, shown, words.duration)
    target.seek(0)
    fresh: Any = MP4(target)
    if fresh.tags is None:
        fresh.add_tags()
    fresh.tags.clear()
    fresh.tags.update(file.tags)
    target.seek(0)
    fresh.save(target)
    return True


def _put_atoms(tags: Any, words: Words) -> bool:
    def pair(name: str, number: int | None) -> list[tuple[int, int]]:
        return [(number, (tags.get(name) or [(0, 0)])[0][1])] if number else []

    language = MP4FreeForm(words.language.encode(), AtomDataType.UTF8)
    wanted: dict[str, Any] = {
        "\xa9nam": [words.title],
        "\xa9alb": [words.show],
        "\xa9ART": [words.author],
        "\xa9day": [words.date],
        "\xa9gen": [GENRE],
        "trkn": pair("trkn", words.number),
        "disk": pair("disk", words.season),
        "desc": [words.notes[:255]],
        "ldes": [words.notes],
        "\xa9url": [words.url],
        "\xa9lyr": [text for _, text in words.transcripts[:1]],
        "----:com.apple.iTunes:LANGUAGE": [language] if words.language != "und" else [],
        "pcst": True,
        "stik": [21],
    }
    changed = False
    for name, value in wanted.items():
        said = tags.get(name, [])
        if value and value != [""] and said != value and not (name == "\xa9day" and said and said[0][:10] == words.date):
            tags[name] = value
            changed = True
    if words.cover and words.cover not in (bytes(cover) for cover in tags.get("covr", [])):
        tags["covr"] = [MP4Cover(words.cover, MP4Cover.FORMAT_JPEG)]
        changed = True
    return changed


_WRITERS: Final[dict[str, Callable[[BinaryIO, BinaryIO, Words], bool]]] = {
    "audio/mpeg": _write_id3,
    "audio/aac": _write_id3,
    "audio/wav": _write_chunked,
    "audio/aiff": _write_chunked,
    "audio/x-m4a": _write_mp4,
    "audio/flac": lambda source, target, words: _write_comments(source, target, words, FLAC),
    "audio/ogg": _write_ogg,
}
