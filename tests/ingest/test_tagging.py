"""Tags are written into a copy, other programs read them, and the sound stays as it is."""

# mypy: allow-untyped-calls

import hashlib
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import av
import eyed3  # type: ignore[import-untyped]
import pytest
from mutagen.id3 import APIC, CHAP, COMM, ID3, PRIV, TDRC, TIT2, TRCK, TSOT, TXXX
from mutagen.mp4 import MP4
from PIL import Image

from podcast.errors import MediaError
from podcast.formats.transcripts import parse
from podcast.ingest.artwork import store_artwork
from podcast.ingest.draft import read_audio, read_draft, read_transcripts
from podcast.ingest.media import with_cover
from podcast.ingest.mp3 import skip_tags
from podcast.ingest.staging import Staging
from podcast.ingest.tagging import Words, tagged, words_for
from podcast.ingest.tags import read_tags
from podcast.model import Audio, Chapter, Episode, Show

from .conftest import picture

pytestmark = pytest.mark.thorough

COVER = picture(size=(700, 700))
WORDS = Words(
    title="Коррупция королдору",
    show="Majlis",
    author="Radio Free",
    date="2017-08-06",
    season=2,
    number=5,
    notes="A talk. مجلس",
    url="https://radio.example/majlis/5/",
    language="kir",
    cover=COVER,
    chapters=(
        Chapter(start=0, title="Introduction"),
        Chapter(start=2.5, title="Кат, узун аталыш", url="https://radio.example/letter"),
        Chapter(start=9.25, title="End"),
    ),
    transcripts=(("kir", "Аида: салам"),),
    duration=12,
)
KINDS = ["cbr", "bare", "m4a", "faststart", "opus", "vorbis", "flac", "wav", "aiff", "aac"]


def put(staging: Staging, data: bytes) -> Audio:
    path = staging.root.parent / "master"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return read_audio(path, staging)[0]


def write(staging: Staging, data: bytes, words: Words = WORDS) -> bytes:
    """Return the file with these tags; the one that it was made of stays as it is."""
    audio = put(staging, data)
    made = tagged(audio, words, staging)
    assert made is not None
    assert data == staging.path(audio.sha256).read_bytes()
    return staging.path(made.sha256).read_bytes()


def sound(data: bytes) -> str:
    """Return a hash of all packets of the sound with their times."""
    digest = hashlib.sha256()
    with av.open(io.BytesIO(data), "r") as file:
        for packet in file.demux(file.streams.audio[0]):
            digest.update(repr((packet.pts, packet.duration)).encode() + bytes(packet))
    return digest.hexdigest()


def chapters(data: bytes) -> list[tuple[float, Any]]:
    with av.open(io.BytesIO(data)) as file:
        return [(float(mark["start"] * (mark["time_base"] or 0)), mark["metadata"].get("title")) for mark in file.chapters()]


@pytest.fixture(params=KINDS)
def data(request: pytest.FixtureRequest) -> bytes:
    found: bytes = request.getfixturevalue(request.param)
    return found


def test_every_kind_of_file_says_it_all_and_sounds_the_same(staging: Staging, data: bytes) -> None:
    audio = put(staging, data)
    made = write(staging, data)
    tags = with_cover(read_tags(io.BytesIO(made), audio.media_type), io.BytesIO(made))
    assert (WORDS.title, WORDS.show, WORDS.author, WORDS.date) == (tags.title, tags.show, tags.author, tags.date)
    assert (WORDS.season, WORDS.number, WORDS.notes, WORDS.cover) == (tags.season, tags.number, tags.notes, tags.cover)
    assert "Аида: салам" == tags.words
    marks = [(chapter.start, chapter.title) for chapter in WORDS.chapters]
    assert marks == [(chapter.start, chapter.title) for chapter in tags.chapters]
    assert marks == chapters(made)
    assert sound(data) == sound(made)
    assert [] == list(staging.root.glob(".new-*"))


def test_audio_that_says_it_all_already_stays_bit_by_bit(staging: Staging, data: bytes) -> None:
    made = put(staging, write(staging, data))
    assert tagged(made, WORDS, staging) is None


def test_what_changed_is_written_again_and_old_chapters_go(staging: Staging, data: bytes) -> None:
    made = write(staging, data)
    fewer = write(staging, made, replace(WORDS, title="Another", chapters=WORDS.chapters[1:2]))
    lead = [(0.0, "")] if b"ftyp" in data[:16] else []
    assert [*lead, (2.5, "Кат, узун аталыш")] == chapters(fewer)
    assert [(2.5, "Кат, узун аталыш")] == [
        (c.start, c.title) for c in read_tags(io.BytesIO(fewer), put(staging, fewer).media_type).chapters
    ]
    assert [] == chapters(write(staging, fewer, replace(WORDS, chapters=())))
    assert sound(data) == sound(fewer)


@pytest.mark.parametrize("old", [False, True], ids=["2.4", "2.3"])
def test_an_mp3_is_read_by_eyed3_and_by_ffmpeg(staging: Staging, tmp_path: Path, cbr: bytes, old: bool) -> None:
    made = write(staging, cbr, replace(WORDS, old_id3=old))
    path = tmp_path / "made.mp3"
    path.write_bytes(made)
    tag = eyed3.load(path).tag
    assert (2, 3 if old else 4, 0) == tag.version
    assert (WORDS.title, WORDS.show, WORDS.author, "Podcast") == (tag.title, tag.album, tag.artist, tag.genre.name)
    assert (5, 2) == (tag.track_num[0], tag.disc_num[0])
    assert (WORDS.notes, WORDS.url) == (tag.comments[0].text, tag.audio_file_url.rstrip("\0"))
    assert [(3, "image/jpeg", COVER)] == [(image.picture_type, image.mime_type, image.image_data) for image in tag.images]
    assert ["Аида: салам"] == [lyrics.text for lyrics in tag.lyrics]
    assert [c.title for c in WORDS.chapters] == [tag.chapters[f"ch{number}".encode()].title for number in range(3)]
    assert [(0, 2500), (2500, 9250), (9250, 12_000)] == [tuple(tag.chapters[f"ch{number}".encode()].times) for number in range(3)]
    with av.open(str(path)) as file:
        assert {"title": WORDS.title, "album": "Majlis", "track": "5", "genre": "Podcast"}.items() <= file.metadata.items()
        assert (700, 700) == (file.streams.video[0].width, file.streams.video[0].height)


def test_the_bytes_behind_the_tag_of_an_mp3_are_the_same(staging: Staging, cbr: bytes) -> None:
    made = write(staging, cbr)
    assert cbr[skip_tags(cbr, 0) :] == made[skip_tags(made, 0) :]


def test_links_and_hidden_chapters_stand_in_an_mp3(staging: Staging, cbr: bytes) -> None:
    words = replace(WORDS, chapters=(*WORDS.chapters, Chapter(start=10, title="Aside", toc=False)))
    made = write(staging, cbr, words)
    tags = ID3(io.BytesIO(made))
    assert "https://radio.example/letter" == tags["CHAP:ch1"].sub_frames["WXXX:"].url
    assert ["ch0", "ch1", "ch2"] == tags["CTOC:toc"].child_element_ids
    assert 4 == len(tags.getall("CHAP"))
    found = read_tags(io.BytesIO(made), "audio/mpeg").chapters
    assert [(one.title, one.toc) for one in words.chapters] == [(one.title, one.toc) for one in found]


@pytest.mark.parametrize(
    ("form", "why"), [(b"RIFF\xff\xff\xff\xff", "does not say where it ends"), (b"RF64\xff\xff\xff\xff", "more than 4 GB")]
)
def test_a_wav_behind_which_no_tags_fit_is_told_of(staging: Staging, wav: bytes, form: bytes, why: str) -> None:
    audio = put(staging, wav)
    staging.path(audio.sha256).write_bytes(form + wav[8:])
    with pytest.raises(MediaError, match=why):
        tagged(audio, WORDS, staging)


def test_a_tag_counts_no_more_than_255_chapters(staging: Staging, cbr: bytes) -> None:
    many = tuple(Chapter(start=number / 100, title=f"{number}") for number in range(300))
    made = write(staging, cbr, replace(WORDS, chapters=many))
    assert 255 == len(ID3(io.BytesIO(made))["CTOC:toc"].child_element_ids)
    assert tagged(put(staging, made), replace(WORDS, chapters=many), staging) is None


@pytest.mark.parametrize("version", [3, 4])
def test_what_other_programs_wrote_is_kept(staging: Staging, cbr: bytes, version: int) -> None:
    tags = ID3()
    icon = APIC(encoding=3, mime="image/png", type=13, desc="", data=b"icon")
    for frame in (
        COMM(encoding=1, lang="eng", desc="iTunNORM", text=" 0000"),
        COMM(encoding=1, lang="eng", desc="", text="old"),
        TXXX(encoding=1, desc="REPLAYGAIN_TRACK_GAIN", text="-3 dB"),
        PRIV(owner="studio", data=b"\x00\x01"),
        TRCK(encoding=0, text="5/12"),
        TSOT(encoding=1, text="sorted"),
        icon,
        CHAP(
            "x", 2500, 3000, sub_frames=[TIT2(encoding=1, text="old"), APIC(encoding=0, mime="image/png", type=0, desc="", data=b"in it")]
        ),
    ):
        tags.add(frame)
    tags.unknown_frames = [b"ABCD" + bytes((0, 0, 0, 200, 0, 0) if version == 3 else (0, 0, 1, 72, 0, 0)) + b"u" * 200]
    tags._unknown_v2_version = version
    file = io.BytesIO(cbr)
    tags.save(file, v2_version=version)
    made = ID3(io.BytesIO(write(staging, file.getvalue())), translate=False)
    assert version == made.version[1]
    assert [" 0000"] == made["COMM:iTunNORM:eng"].text
    assert [WORDS.notes] == [str(frame) for frame in made.getall("COMM") if not frame.desc]
    assert ["-3 dB"] == made["TXXX:REPLAYGAIN_TRACK_GAIN"].text
    assert b"\x00\x01" == made["PRIV:studio:\x00\x01"].data
    assert ["5/12"] == made["TRCK"].text
    assert ["sorted"] == made["TSOT"].text
    assert b"u" * 200 == made.unknown_frames[0][10:]
    assert {(13, b"icon"), (3, COVER)} == {(frame.type, frame.data) for frame in made.getall("APIC")}
    assert b"in it" == made["CHAP:ch1"].sub_frames.getall("APIC")[0].data
    assert "Кат, узун аталыш" == str(made["CHAP:ch1"].sub_frames["TIT2"])


def test_a_time_survives_in_a_tag_of_2_3(staging: Staging, cbr: bytes) -> None:
    file = io.BytesIO(cbr)
    tags = ID3()
    tags.add(TDRC(encoding=3, text="2017-08-06T18:00"))
    tags.save(file)
    made = ID3(io.BytesIO(write(staging, file.getvalue(), replace(WORDS, old_id3=True))), translate=False)
    assert ("2017", "0608", "1800") == (str(made["TYER"]), str(made["TDAT"]), str(made["TIME"]))


def test_atoms_of_others_stay_when_chapters_are_put_in(staging: Staging, tmp_path: Path, m4a: bytes) -> None:
    path = tmp_path / "a.m4a"
    path.write_bytes(m4a)
    file = MP4(path)
    file["----:com.apple.iTunes:iTunNORM"] = [b"0000"]
    file["trkn"] = [(5, 12)]
    file["cprt"] = ["Radio"]
    file.save()
    made = MP4(io.BytesIO(write(staging, path.read_bytes())))
    assert ([b"0000"], [(5, 12)], ["Radio"]) == (made["----:com.apple.iTunes:iTunNORM"], made["trkn"], made["cprt"])


def test_the_index_of_an_mp4_with_chapters_stands_in_front(staging: Staging, m4a: bytes) -> None:
    made = write(staging, m4a)
    assert made.index(b"moov") < made.index(b"mdat")


def test_an_episode_says_what_the_catalogue_says(staging: Staging, tmp_path: Path, cbr: bytes) -> None:
    moment = datetime(2026, 11, 30, 20, tzinfo=UTC)
    artwork, _ = store_artwork(picture("PNG", size=(1600, 1600)), staging, "cover.png")
    vtt = tmp_path / "a.vtt"
    vtt.write_text("WEBVTT\n\n00:00.000 --> 00:02.000\n<v Аида>салам\n")
    show = Show(slug="majlis", guid="g", title="Majlis", author="Radio", language="ky", artwork=artwork, created=moment, changed=moment)
    episode = Episode(
        show="majlis",
        slug="one",
        guid="e",
        title="One",
        notes="**A** talk",
        published=moment,
        number=5,
        audio=put(staging, cbr),
        transcripts=read_transcripts([("ky", vtt)], staging, 12)[0],
        created=moment,
        changed=moment,
    )
    words = words_for(episode, show, staging, page="https://radio.example/", zone=ZoneInfo("Asia/Bishkek"))
    assert ("One", "Majlis", "Radio", "2026-12-01", 5, "A talk", "kir") == (
        words.title,
        words.show,
        words.author,
        words.date,
        words.number,
        words.notes,
        words.language,
    )
    assert (("kir", "Аида: салам"),) == words.transcripts
    cover = Image.open(io.BytesIO(words.cover or b""))
    assert ("JPEG", (1400, 1400)) == (cover.format, cover.size)


def test_a_good_cover_goes_into_the_tags_as_it_is(staging: Staging, cbr: bytes) -> None:
    moment = datetime(2026, 11, 30, tzinfo=UTC)
    artwork, _ = store_artwork(COVER, staging, "cover.jpg")
    show = Show(slug="majlis", guid="g", title="Majlis", artwork=artwork, created=moment, changed=moment)
    episode = Episode(show="majlis", slug="one", guid="e", title="One", audio=put(staging, cbr), created=moment, changed=moment)
    assert COVER == words_for(episode, show, staging, page="", zone=ZoneInfo("UTC")).cover


def test_what_the_catalogue_does_not_say_stays_as_it_is(staging: Staging, data: bytes) -> None:
    made = write(staging, data)
    audio = put(staging, made)
    little = Words(title=WORDS.title, show=WORDS.show, author="", duration=12, chapters=WORDS.chapters)
    assert tagged(audio, little, staging) is None


def test_a_transcript_in_the_tags_becomes_one_with_times_by_guess(staging: Staging, tmp_path: Path, cbr: bytes) -> None:
    path = tmp_path / "talk.mp3"
    path.write_bytes(write(staging, cbr, replace(WORDS, transcripts=(("kir", "Аида: салам.\n\nБолот: салам."),))))
    draft = read_draft(path, staging, language="ky", zone=ZoneInfo("UTC"))
    (transcript,) = draft.transcripts
    assert "ky" == transcript.language
    assert ["Аида: салам.", "Болот: салам."] == [cue.text for cue in parse(staging.path(transcript.sha256).read_bytes())]
    assert "the transcript in its tags: it has no times: each sentence got one by its length" in draft.warnings
