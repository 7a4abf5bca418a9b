"""What tags say arrives clean in one shape, and no tag can do harm."""

# mypy: allow-untyped-calls

import base64
import io
import random
import tracemalloc
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from mutagen.aiff import AIFF
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, CHAP, COMM, CTOC, ID3, TALB, TCON, TDES, TDRC, TIT2, TLAN, TPE1, TPOS, TRCK, WXXX, CTOCFlags
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from podcast.ingest.media import Tags, read_media
from podcast.ingest.tags import read_tags
from podcast.model import Chapter

from .conftest import picture
from .sound import encode

Put = Callable[[str, bytes], Path]

COVER = picture(size=(40, 40))
SAID = Tags(
    title="Коррупция королдору",
    show="Majlis",
    author="Radio Free",
    date="2017-08-06",
    notes="A talk.\n\nIn two parts.",
    language="ky",
    season=2,
    number=5,
    cover=COVER,
)
CHAPTERS = (
    Chapter(start=0, title="Introduction"),
    Chapter(start=2.5, title="Кат", url="https://radio.example/letter"),
)


def frames() -> list[Any]:
    return [
        TIT2(encoding=3, text=SAID.title),
        TALB(encoding=3, text=SAID.show),
        TPE1(encoding=3, text=SAID.author),
        TDRC(encoding=3, text=SAID.date),
        COMM(encoding=3, lang="eng", desc="iTunNORM", text=" 0000"),
        COMM(encoding=3, lang="eng", desc="", text=SAID.notes.replace("\n", "\r\n")),
        TLAN(encoding=3, text="ky"),
        TPOS(encoding=3, text="2"),
        TRCK(encoding=3, text="5/12"),
        TCON(encoding=3, text="Podcast"),
        APIC(encoding=3, mime="image/png", type=4, desc="back", data=b"not this one"),
        APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=COVER),
    ]


def chapter_frames() -> list[Any]:
    later = [TIT2(encoding=3, text="Кат"), WXXX(encoding=3, desc="", url="https://radio.example/letter")]
    first = [TIT2(encoding=3, text="Introduction")]
    return [
        CTOC(element_id="toc", flags=CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED, child_element_ids=["a", "b"], sub_frames=[]),
        CHAP(element_id="b", start_time=2500, end_time=0xFFFFFFFF, start_offset=0xFFFFFFFF, end_offset=0xFFFFFFFF, sub_frames=later),
        CHAP(element_id="a", start_time=0, end_time=0, start_offset=0xFFFFFFFF, end_offset=0xFFFFFFFF, sub_frames=first),
    ]


def comments() -> dict[str, list[str]]:
    return {
        "TITLE": [SAID.title],
        "ALBUM": [SAID.show],
        "ARTIST": [SAID.author],
        "DATE": [SAID.date],
        "DESCRIPTION": [SAID.notes],
        "LANGUAGE": ["ky"],
        "DISCNUMBER": ["2"],
        "TRACKNUMBER": ["5"],
        "CHAPTER000": ["00:00:02.500"],
        "CHAPTER000NAME": ["Кат"],
        "CHAPTER000URL": ["https://radio.example/letter"],
        "CHAPTER001": ["00:00:00.000"],
        "CHAPTER001NAME": ["Introduction"],
    }


def block() -> Picture:
    made = Picture()
    made.type, made.mime, made.data = 3, "image/jpeg", COVER
    return made


def tagged_id3(data: bytes, version: int = 4, encoding: int = 3) -> bytes:
    tags, out = ID3(), io.BytesIO()
    for frame in frames() + chapter_frames():
        frame.encoding = encoding
        tags.add(frame)
    if version == 3:
        tags.update_to_v23()
    tags.save(out, v2_version=version)
    return out.getvalue() + data


def tagged_chunk(kind: Any, data: bytes) -> bytes:
    out = io.BytesIO(data)
    file = kind(out)
    file.add_tags()
    for frame in frames() + chapter_frames():
        file.tags.add(frame)
    file.save(out)
    return out.getvalue()


def tagged_comments(kind: Any, data: bytes) -> bytes:
    out = io.BytesIO(data)
    file = kind(out)
    file.update(comments())
    if kind is FLAC:
        file.add_picture(block())
    else:
        file["METADATA_BLOCK_PICTURE"] = [base64.b64encode(block().write()).decode()]
    out.seek(0)
    file.save(out)
    return out.getvalue()


def read(put: Put, data: bytes) -> Tags:
    """Return what ingest reads: in a process that opens no file, not even to import the codec of an encoding."""
    path = put("tagged", data)
    return read_media(path, path.name).tags


def expected(**fields: Any) -> Tags:
    return Tags(**({name: getattr(SAID, name) for name in Tags.__slots__} | {"chapters": CHAPTERS} | fields))


@pytest.mark.parametrize(("version", "encoding"), [(3, 1), (4, 1), (4, 2), (4, 3)])
def test_id3(put: Put, cbr: bytes, aac: bytes, version: int, encoding: int) -> None:
    assert expected() == read(put, tagged_id3(cbr, version, encoding))
    assert expected() == read(put, tagged_id3(aac, version, encoding))


def test_id3_of_the_oldest_kind(put: Put, bare: bytes) -> None:
    def frame(name: bytes, body: bytes) -> bytes:
        return name + len(body).to_bytes(3, "big") + body

    body = frame(b"TT2", b"\0Talk") + frame(b"TP1", b"\0Radio") + frame(b"TYE", b"\x002017") + frame(b"TDA", b"\x000608")
    body += frame(b"COM", b"\0eng\0Notes") + frame(b"PIC", b"\0JPG\x03\0" + COVER) + frame(b"TRK", b"\x003/4")
    data = b"ID3\x02\0\0" + syncsafe(len(body)) + body + bare
    assert Tags(title="Talk", author="Radio", date="2017-08-06", notes="Notes", number=3, cover=COVER) == read(put, data)


def test_id3_in_chunks(put: Put, wav: bytes, aiff: bytes) -> None:
    assert expected() == read(put, tagged_chunk(WAVE, wav))
    assert expected() == read(put, tagged_chunk(AIFF, aiff))


def test_comments(put: Put, opus: bytes, vorbis: bytes, flac: bytes) -> None:
    for kind, data in ((OggOpus, opus), (OggVorbis, vorbis), (FLAC, flac)):
        assert expected() == read(put, tagged_comments(kind, data))


def test_mp4(put: Put, folder: Path) -> None:
    marks: list[Any] = [
        {"id": 1, "start": 0, "end": 2500, "time_base": Fraction(1, 1000), "metadata": {"title": "Introduction"}},
        {"id": 2, "start": 2500, "end": 9000, "time_base": Fraction(1, 1000), "metadata": {"title": "Кат"}},
    ]
    out = io.BytesIO(encode(folder / "chapters.m4a", "aac", "mp4", chapters=marks))
    file = MP4(out)
    if file.tags is None:
        file.add_tags()
    file.update(
        {
            "\xa9nam": [SAID.title],
            "\xa9alb": [SAID.show],
            "\xa9ART": [SAID.author],
            "\xa9day": [SAID.date],
            "ldes": [SAID.notes],
            "desc": ["A talk."],
            "disk": [(2, 0)],
            "trkn": [(5, 12)],
            "covr": [MP4Cover(COVER, MP4Cover.FORMAT_JPEG)],
        }
    )
    file.save(out)
    titles = tuple(Chapter(start=mark.start, title=mark.title) for mark in CHAPTERS)
    assert expected(language=None, chapters=titles) == read(put, out.getvalue())


def test_no_tags_say_nothing(put: Put, bare: bytes, flac: bytes, m4a: bytes, opus: bytes, wav: bytes) -> None:
    for data in (bare, flac, m4a, opus, wav):
        assert Tags() == read(put, data)


def test_old_tags_at_the_end_are_read(put: Put, bare: bytes) -> None:
    assert "Majlis" == read(put, bare + b"TAG" + b"Majlis".ljust(125, b"\0")).title


def one(*given: Any, data: bytes) -> bytes:
    tags, out = ID3(), io.BytesIO()
    for frame in given:
        tags.add(frame)
    tags.save(out)
    return out.getvalue() + data


def test_texts_are_cleaned(put: Put, bare: bytes) -> None:
    dirty = "  A\x1b[2J \u202etalk\ufffe\n about\u0301 it "
    found = read(put, one(TIT2(encoding=3, text=dirty), TPE1(encoding=3, text="x" * 5000), data=bare))
    assert "A[2J talk about\u0301 it" == found.title
    assert 1000 == len(found.author)


def test_a_link_that_leads_nowhere_good_is_dropped(put: Put, bare: bytes) -> None:
    sub = [TIT2(encoding=3, text="x"), WXXX(encoding=3, desc="", url="javascript:alert(1)")]
    mark = CHAP(element_id="a", start_time=1000, end_time=2000, start_offset=0, end_offset=0, sub_frames=sub)
    assert (Chapter(start=1, title="x", end=2),) == read(put, one(mark, data=bare)).chapters


@pytest.mark.parametrize(("text", "number"), [("0", None), ("7", 7), ("07/10", 7), ("A1", None), ("", None), ("12345678", None)])
def test_numbers(put: Put, bare: bytes, text: str, number: int | None) -> None:
    assert number == read(put, one(TRCK(encoding=3, text=text), data=bare)).number


@pytest.mark.parametrize(("text", "tag"), [("ky", "ky"), ("en_us", "en-US"), ("eng", None), ("XXX", None), ("some words", None)])
def test_languages(put: Put, bare: bytes, text: str, tag: str | None) -> None:
    assert tag == read(put, one(TLAN(encoding=3, text=text), data=bare)).language


def test_a_description_beats_a_comment(put: Put, bare: bytes) -> None:
    given = [COMM(encoding=3, lang="eng", desc="", text="comment"), TDES(encoding=3, text="description")]
    assert "description" == read(put, one(*given, data=bare)).notes


def test_a_chapter_without_a_time_is_dropped(put: Put, opus: bytes) -> None:
    out = io.BytesIO(opus)
    file = OggOpus(out)
    file.update({"CHAPTER000": ["soon"], "CHAPTER001": ["00:00:01"], "CHAPTER001NAME": ["x"]})
    file.save(out)
    assert (Chapter(start=1, title="x"),) == read(put, out.getvalue()).chapters


def test_tags_that_are_too_large_are_left_out(put: Put, bare: bytes) -> None:
    data = one(TIT2(encoding=3, text="x"), APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=bytes(17 << 20)), data=bare)
    assert Tags(warnings=("its tags are larger than 16 MiB, or made to keep us busy, and were not read",)) == read(put, data)


def test_a_cover_of_ten_megabytes_is_read(put: Put, bare: bytes) -> None:
    data = one(APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=bytes(10 << 20)), data=bare)
    assert 10 << 20 == len(read(put, data).cover or b"")


def test_frames_that_nobody_needs_are_not_unpacked(put: Put, bare: bytes) -> None:
    size = 50 << 20
    packed = size.to_bytes(4, "big") + zlib.compress(b"\0" + bytes(size))
    frame = b"TXXX" + syncsafe(len(packed)) + b"\x00\x09" + packed
    path = put("bomb.mp3", b"ID3\x04\0\0" + syncsafe(len(frame)) + frame + bare)
    tracemalloc.start()
    with path.open("rb") as file:
        assert Tags() == read_tags(file, "audio/mpeg")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 << 20


def syncsafe(size: int) -> bytes:
    return bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127])


def nested(depth: int) -> bytes:
    body = b""
    for _ in range(depth):
        body = b"x\0" + bytes(16) + body
        size = len(body)
        body = b"CHAP" + syncsafe(size) + b"\0\0" + body
    size = len(body)
    return b"ID3\x04\0\0" + syncsafe(size) + body


def test_chapters_within_chapters_without_end_are_damage(put: Put, bare: bytes) -> None:
    assert Tags(warnings=("its tags are damaged and were not read",)) == read(put, nested(5000) + bare)


@pytest.mark.parametrize("kind", ["cbr", "m4a", "opus", "flac", "wav"])
def test_damage_never_ends_in_an_error(request: pytest.FixtureRequest, kind: str) -> None:
    data: bytes = request.getfixturevalue(kind)
    types = {"cbr": "audio/mpeg", "m4a": "audio/x-m4a", "opus": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav"}
    tag: dict[str, Callable[[bytes], bytes]] = {
        "cbr": tagged_id3,
        "opus": lambda sound: tagged_comments(OggOpus, sound),
        "flac": lambda sound: tagged_comments(FLAC, sound),
        "wav": lambda sound: tagged_chunk(WAVE, sound),
    }
    whole = tag.get(kind, bytes)(data)
    dice = random.Random(7)
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(dice.randrange(1, 40)):
            at = dice.choice([dice.randrange(len(broken)), dice.randrange(3000)])
            broken[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(4))
        assert isinstance(read_tags(io.BytesIO(bytes(broken)), types[kind]), Tags)
