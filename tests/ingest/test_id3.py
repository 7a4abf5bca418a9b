"""What is taken out of a tag is what mutagen would find in it; what is odd is left to mutagen."""

# mypy: allow-untyped-calls

import io
import random

import pytest
from mutagen.id3 import APIC, CHAP, COMM, CTOC, ID3, TCON, TDRC, TIT2, TPE1, TRCK, TYER, USLT, WXXX

from podcast.ingest import id3
from podcast.ingest.media import Tags, with_cover
from podcast.ingest.tags import read_tags

COVER = b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(range(256)) * 40


def tag(version: int, encoding: int, padding: int = 0) -> bytes:
    """Return a tag with two pictures, and three chapters of which one has a picture and one a link, and one is in no table of contents."""
    later = [
        TIT2(encoding=encoding, text="Кат" if encoding else "Lettre à é"),
        WXXX(encoding=encoding, desc="лето" if encoding else "été", url="https://radio.example/letter"),
        APIC(encoding=encoding, mime="image/png", type=0, desc="", data=b"\0\0small"),
    ]
    marks = [
        CHAP(element_id="b", start_time=2500, end_time=0xFFFFFFFF, sub_frames=later),
        CHAP(element_id="a", start_time=0, end_time=2500, sub_frames=[TIT2(encoding=encoding, text="Introduction")]),
        CHAP(element_id="c", start_time=5000, end_time=4000, sub_frames=[]),
    ]
    tags, out = ID3(), io.BytesIO()
    for frame in [
        TIT2(encoding=encoding, text="Talk"),
        TPE1(encoding=encoding, text="Radio"),
        TYER(encoding=encoding, text="2017") if version == 3 else TDRC(encoding=encoding, text="2017-08-06T18:00"),
        TCON(encoding=encoding, text="Podcast"),
        TRCK(encoding=encoding, text="5/12"),
        COMM(encoding=encoding, lang="eng", desc="iTunNORM", text=" 0000"),
        COMM(encoding=encoding, lang="eng", desc="", text="Notes.\nMore."),
        COMM(encoding=encoding, lang="deu", desc="", text="Mehr"),
        USLT(encoding=encoding, lang="eng", desc="d", text="-"),
        USLT(encoding=encoding, lang="eng", desc="", text="Words at length"),
        APIC(encoding=encoding, mime="image/png", type=4, desc="back", data=b"not this one"),
        APIC(encoding=encoding, mime="image/jpeg", type=3, desc="вид" if encoding else "", data=COVER),
        CTOC(element_id="toc", flags=3, child_element_ids=["a", "b"], sub_frames=[]),
        *marks,
    ]:
        tags.add(frame)
    tags.save(out, v2_version=version, padding=lambda _: padding)
    return out.getvalue()


PLAIN = [tag(3, 0), tag(3, 1, 500), tag(4, 0, 7), tag(4, 1), tag(4, 2, 2000), tag(4, 3)]


def part(data: bytes) -> id3.Parted | None:
    return id3.part(data, {"TYER", "TDRC"})


def read(data: bytes, tail: int = 200) -> Tags:
    file = io.BytesIO(data + bytes(tail))
    return with_cover(read_tags(file, "audio/mpeg"), file)


def read_by_mutagen(data: bytes, monkeypatch: pytest.MonkeyPatch, tail: int = 200) -> Tags:
    with monkeypatch.context() as patch:
        patch.setattr(id3, "part", lambda *_: None)
        return read(data, tail)


@pytest.mark.parametrize("data", PLAIN)
def test_what_is_taken_out_is_what_mutagen_finds(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    parted = part(data)
    assert parted
    assert b"TCON" not in parted.rest
    found = read(data)
    assert ("Words at length", COVER, 3) == (found.words, found.cover, len(found.chapters))
    assert "https://radio.example/letter" == found.chapters[1].url
    assert [True, True, False] == [chapter.toc for chapter in found.chapters]
    assert read_by_mutagen(data, monkeypatch) == found


def framed(*frames: tuple[bytes, bytes], flags: int = 0, behind: bytes = b"") -> bytes:
    """Return a tag of version 2.3 of frames by name and body; the last one has these flags."""
    body = b"".join(name + len(body).to_bytes(4, "big") + b"\0\0" + body for name, body in frames[:-1])
    name, last = frames[-1]
    body += name + len(last).to_bytes(4, "big") + flags.to_bytes(2, "big") + last + behind
    size = len(body)
    return b"ID3\x03\0\0" + bytes([size >> 21, size >> 14 & 127, size >> 7 & 127, size & 127]) + body


def chapter(*frames: tuple[bytes, bytes], behind: bytes = b"") -> tuple[bytes, bytes]:
    times = bytes([0, 0, 1, 0, 0, 0, 2, 0, *[255] * 8])
    return b"CHAP", b"a\0" + times + (framed(*frames, behind=behind)[10:] if frames else b"")


TITLE = (b"TIT2", b"\0x")


@pytest.mark.parametrize(
    "odd",
    [
        framed(chapter(TITLE), chapter()),
        framed(chapter(TITLE, TITLE)),
        framed(chapter((b"TIT2", b"\x03one\0two"))),
        framed(chapter((b"TIT2", b"\x01\xff\xfex"))),
        framed(chapter((b"TIT2", b"\x05x"))),
        framed(chapter(TITLE, chapter(TITLE))),
        framed(chapter(TITLE, behind=b"more")),
        framed((b"CHAP", b"a\0short")),
        framed(TITLE, TITLE),
        framed((b"TIT2", b"\0\0")),
        framed((b"TIT2", b"\x03one\0two")),
        framed((b"COMM", b"\0eng\0x"), (b"COMM", b"\0eng\0y")),
        framed((b"USLT", b"\0\xe9ng\0x")),
        framed(TITLE, flags=0x80),
        framed(TITLE, (b"tit2", b"\0x")),
        framed(TITLE, behind=bytes(20) + b"x"),
        framed((b"APIC", b"\0PNG\0\x03\0data"), (b"APIC", b"\0PNG\0\x03\0more")),
        framed((b"APIC", b"\0image/png\0\x63\0data")),
        framed((b"APIC", b"\x01image/png\0\x03\xff\xfe\0d\0data")),
        framed((b"APIC", b"\0image/png")),
        framed((b"APIC", b"\0image/png\0")),
        b"ID3\x04" + framed((b"TIT2", b"\0" + b"x" * 0x90))[4:],
        framed(TITLE)[:-1],
        framed(TITLE)[:5] + b"\x80" + framed(TITLE)[6:],
    ],
)
def test_what_is_odd_is_left_to_mutagen(odd: bytes) -> None:
    assert part(framed(TITLE, chapter(TITLE), behind=bytes(20)))
    assert part(odd) is None


@pytest.mark.parametrize("frames", [[TITLE], [(b"TPE2", b"\0Radio")], [(b"TPE1", b"\0Radio"), (b"TYER", b"\x002017")]])
def test_the_oldest_tag_at_the_end_fills_what_is_missing(monkeypatch: pytest.MonkeyPatch, frames: list[tuple[bytes, bytes]]) -> None:
    old = b"TAG" + b"Old title".ljust(30, b"\0") + b"Old author".ljust(30, b"\0") + b"Old show".ljust(30, b"\0") + b"1999".ljust(35, b"\0")
    data = framed(*frames) + bytes(200) + old
    assert part(framed(*frames))
    assert "Old show" == read(data, tail=0).show
    assert read_by_mutagen(data, monkeypatch, tail=0) == read(data, tail=0)


@pytest.mark.thorough
def test_damage_is_left_to_mutagen(monkeypatch: pytest.MonkeyPatch) -> None:
    dice, parted = random.Random(11), 0
    for _ in range(600):
        broken = bytearray(dice.choice(PLAIN))
        for _ in range(dice.randrange(1, 3)):
            at = dice.choice([dice.randrange(len(broken)), dice.randrange(700)])
            broken[at] = dice.choice([0, 1, 3, 0x7F, 0x80, 0xFF, dice.randrange(256)])
        data = bytes(broken)
        parted += part(data) is not None
        assert read_by_mutagen(data, monkeypatch) == read(data), data
    assert 120 < parted < 560
