"""An audio file becomes a draft: sidecars beat tags, tags beat the name, and the source is only read."""

# mypy: allow-untyped-calls

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from mutagen.id3 import APIC, CHAP, COMM, ID3, TDRC, TIT2, TLAN, TPOS, TRCK

from podcast.errors import MediaError, PodcastError
from podcast.formats import transcripts
from podcast.ingest.draft import Draft, read_audio, read_draft
from podcast.ingest.mp4_chapters import remux
from podcast.ingest.staging import Staging
from podcast.model import Audio, Chapter, Cue, EpisodeType

from .conftest import picture
from .sound import SECONDS

Put = Callable[[str, bytes], Path]

VTT = b"WEBVTT\n\n00:00:00.000 --> 00:00:02.000\n<v Aida>Hello.\n"
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n"


def draft(path: Path, staging: Staging, zone: str = "UTC") -> Draft:
    return read_draft(path, staging, language="en", zone=ZoneInfo(zone))


def tagged(data: bytes, cover: bytes | None = None) -> bytes:
    tags, out = ID3(), io.BytesIO()
    marks = [CHAP(element_id="a", start_time=1000, end_time=2000, start_offset=0, end_offset=0, sub_frames=[TIT2(encoding=3, text="x")])]
    for frame in (
        TIT2(encoding=3, text="From the tags"),
        TDRC(encoding=3, text="2016-01-02T10:00"),
        COMM(encoding=3, lang="eng", desc="", text="Notes of the tags"),
        TPOS(encoding=3, text="7"),
        TRCK(encoding=3, text="8"),
        TLAN(encoding=3, text="ky"),
        *marks,
        *([APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=cover)] if cover is not None else []),
    ):
        tags.add(frame)
    tags.save(out)
    return out.getvalue() + data


def test_chapters_of_an_mp4_are_read_where_they_are_in_its_track_alone(put: Put, staging: Staging, m4a: bytes) -> None:
    made = io.BytesIO()
    remux(io.BytesIO(m4a), made, (Chapter(start=0.0), Chapter(start=2.5, title="Кат"), Chapter(start=7.0, title="End")), SECONDS)
    assert made.getvalue().count(b"chpl") == 1
    path = put("track.m4a", made.getvalue().replace(b"chpl", b"free"))
    assert [(2.5, "Кат"), (7.0, "End")] == [(mark.start, mark.title) for mark in draft(path, staging).chapters]


def test_the_name_says_what_nothing_else_says(put: Put, staging: Staging, cbr: bytes) -> None:
    path = put("2017-08-06 s02e05 A talk.mp3", cbr)
    found = draft(path, staging, "Asia/Bishkek")
    audio = Audio(
        sha256=hashlib.sha256(cbr).hexdigest(),
        md5=hashlib.md5(cbr).hexdigest(),
        length=len(cbr),
        media_type="audio/mpeg",
        duration=SECONDS,
        bitrate=64_000,
        sample_rate=44_100,
        channels=1,
    )
    expected = Draft(
        audio=audio,
        title="A talk",
        slug=None,
        notes="",
        published=datetime(2017, 8, 5, 18, tzinfo=UTC),
        season=2,
        number=5,
        type=EpisodeType.FULL,
        explicit=None,
        language=None,
        link="",
        artwork=None,
        chapters=(),
        transcripts=(),
        persons=(),
        warnings=(),
        source=path,
    )
    assert expected == found
    assert cbr == staging.path(audio.sha256).read_bytes()


def test_tags_beat_the_name(put: Put, staging: Staging, cbr: bytes) -> None:
    found = draft(put("2017-08-06 s02e05 A talk.mp3", tagged(cbr, picture())), staging)
    assert ("From the tags", "Notes of the tags", 7, 8) == (found.title, found.notes, found.season, found.number)
    assert datetime(2016, 1, 2, 10, tzinfo=UTC) == found.published
    assert "ky" == found.language
    assert (Chapter(start=1, end=2, title="x"),) == found.chapters
    assert found.artwork
    assert picture() == staging.path(found.artwork.sha256).read_bytes()


def test_a_sidecar_beats_the_tags(put: Put, staging: Staging, cbr: bytes) -> None:
    path = put("talk.mp3", tagged(cbr, picture()))
    put("talk.toml", b'title = "Mine"\ndate = 2020-01-01\nseason = 1\nnumber = 2\nlanguage = "uz"\nnotes = ""')
    put("talk.jpg", picture(size=(1500, 1500)))
    put("talk.chapters.txt", b"00:00:03 Three\n")
    found = draft(path, staging)
    assert ("Mine", 1, 2, "uz") == (found.title, found.season, found.number, found.language)
    assert datetime(2020, 1, 1, tzinfo=UTC) == found.published
    assert 1500 == (found.artwork and found.artwork.width)
    assert (Chapter(start=3, title="Three"),) == found.chapters


def test_a_year_alone_beats_no_date(put: Put, staging: Staging, cbr: bytes) -> None:
    tags, out = ID3(), io.BytesIO()
    tags.add(TDRC(encoding=3, text="2016"))
    tags.save(out)
    assert datetime(2017, 8, 6, tzinfo=UTC) == draft(put("2017-08-06 Talk.mp3", out.getvalue() + cbr), staging).published


def test_the_shows_own_language_is_nothing_to_say(put: Put, staging: Staging, cbr: bytes) -> None:
    tags, out = ID3(), io.BytesIO()
    tags.add(TLAN(encoding=3, text="en"))
    tags.save(out)
    assert draft(put("talk.mp3", out.getvalue() + cbr), staging).language is None


def test_transcripts_are_staged_as_webvtt(put: Put, staging: Staging, cbr: bytes) -> None:
    path = put("talk.mp3", cbr)
    put("talk.vtt", VTT)
    put("talk.ky.srt", SRT)
    found = draft(path, staging)
    assert ["en", "ky"] == [transcript.language for transcript in found.transcripts]
    first, second = (staging.path(transcript.sha256).read_bytes() for transcript in found.transcripts)
    assert (Cue(start=0, end=2, text="Hello.", speaker="Aida"),) == transcripts.parse(first)
    assert second.startswith(b"WEBVTT")
    assert (Cue(start=1, end=2, text="Hello."),) == transcripts.parse(second)


def test_a_transcript_speaks_the_episodes_language(put: Put, staging: Staging, cbr: bytes) -> None:
    path = put("talk.mp3", cbr)
    put("talk.vtt", VTT)
    put("talk.toml", b'language = "kk"')
    assert ["kk"] == [transcript.language for transcript in draft(path, staging).transcripts]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("talk.vtt", b"not a transcript", "talk.vtt: "),
        ("talk.chapters.json", b"{", "talk.chapters.json: "),
        ("talk.chapters.txt", b"no time here", "talk.chapters.txt: "),
        ("talk.jpg", b"no picture", "talk.jpg is no JPEG or PNG picture"),
        ("talk.toml", b"titel = 1", "talk.toml, line 1: unknown key `titel`"),
    ],
)
def test_a_broken_sidecar_is_refused(put: Put, staging: Staging, cbr: bytes, name: str, data: bytes, message: str) -> None:
    path = put("talk.mp3", cbr)
    put(name, data)
    with pytest.raises(MediaError) as caught:
        draft(path, staging)
    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_a_broken_cover_in_the_tags_is_a_warning(put: Put, staging: Staging, cbr: bytes) -> None:
    found = draft(put("talk.mp3", tagged(cbr, b"no picture")), staging)
    assert found.artwork is None
    assert ("the cover in its tags is no JPEG or PNG picture",) == found.warnings


def test_chapters_after_the_end_are_a_warning(put: Put, staging: Staging, cbr: bytes) -> None:
    path = put("talk.mp3", cbr)
    put("talk.chapters.txt", b"00:00 One\n10:00 Two\n")
    assert ("1 of its 2 chapters begin after the end of the audio",) == draft(path, staging).warnings


def test_warnings_about_the_audio_arrive(put: Put, staging: Staging, cbr: bytes) -> None:
    path = put("talk.mp3", cbr + cbr)
    assert 1 == len(draft(path, staging).warnings)
    assert draft(path, staging).warnings == read_audio(path, staging)[1]


def test_audio_alone_knows_no_sidecars(put: Put, staging: Staging, cbr: bytes) -> None:
    path = put("talk.mp3", cbr)
    put("talk.toml", b"wrong")
    audio, warnings = read_audio(path, staging)
    assert (SECONDS, len(cbr), ()) == (audio.duration, audio.length, warnings)


@pytest.mark.parametrize("name", ["a\nb.mp3", "-rf.mp3", os.fsdecode(b"caf\xe9.mp3"), "n" * 251 + ".mp3", "cafe\u0301.mp3", "con.mp3"])
def test_a_good_file_with_an_odd_name_is_added(put: Put, staging: Staging, cbr: bytes, name: str) -> None:
    path = put(name, cbr)
    put(os.fsdecode(os.fsencode(name)[:-4]) + ".md", b"Notes") if len(name) < 250 else None
    found = draft(path, staging)
    assert found.title
    assert found.title.isprintable()
    assert found.title.encode()
    assert path == found.source
    assert ("" if len(name) >= 250 else "Notes") == found.notes


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "is empty"), (b"words", "is text"), (b"#EXTM3U\n", "is a playlist"), (picture(), "is a picture")],
)
def test_what_is_no_audio_leaves_nothing_behind(put: Put, staging: Staging, data: bytes, what: str) -> None:
    path = put("talk.mp3", data)
    put("talk.vtt", VTT)
    with pytest.raises(MediaError, match=f"^talk.mp3 {what}"):
        draft(path, staging)
    assert not staging.root.exists() or not any(staging.root.iterdir())


def test_a_truncated_file_leaves_nothing_behind(put: Put, staging: Staging, cbr: bytes) -> None:
    with pytest.raises(MediaError, match=r"^talk.mp3 is truncated"):
        read_audio(put("talk.mp3", cbr[: len(cbr) // 2]), staging)
    assert not any(staging.root.iterdir())


def test_what_is_surely_no_audio_is_refused_before_it_is_copied(put: Put, staging: Staging) -> None:
    steps: list[int] = []
    with pytest.raises(MediaError, match="is a ZIP"):
        read_audio(put("talk.mp3", b"PK\x03\x04" + bytes(10_000_000)), staging, steps.append)
    assert [] == steps


def test_no_such_file_is_one_clear_error(staging: Staging, tmp_path: Path) -> None:
    for path in (tmp_path / "none.mp3", tmp_path / "no folder" / "none.mp3"):
        with pytest.raises(MediaError, match="There is no file") as caught:
            draft(path, staging)
        assert caught.value.hint


def test_the_source_and_its_folder_stay_as_they_are(put: Put, staging: Staging, cbr: bytes) -> None:
    path = put("talk.mp3", tagged(cbr, picture()))
    others = [put("talk.vtt", VTT), put("talk.toml", b"title = 'x'"), put("talk.png", picture("PNG", "L")), path, path.parent]
    for other in others:
        other.chmod(0o555 if other.is_dir() else 0o444)
    before = [(other.stat(), other.is_file() and other.read_bytes()) for other in others]
    draft(path, staging)
    after = [(other.stat(), other.is_file() and other.read_bytes()) for other in others]
    for (old, old_bytes), (new, new_bytes) in zip(before, after, strict=True):
        assert old_bytes == new_bytes
        assert (old.st_ino, old.st_mode, old.st_mtime_ns, old.st_ctime_ns) == (new.st_ino, new.st_mode, new.st_mtime_ns, new.st_ctime_ns)


def test_the_same_file_twice_is_the_same_draft(put: Put, staging: Staging, cbr: bytes) -> None:
    path = put("talk.mp3", tagged(cbr, picture()))
    assert draft(path, staging) == draft(path, staging)
    assert 2 == len(list(staging.root.iterdir()))


def test_a_full_disk_is_no_media_error(put: Put, tmp_path: Path, cbr: bytes) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PodcastError) as caught:
        draft(put("talk.mp3", cbr), Staging(tmp_path / "file"))
    assert not isinstance(caught.value, MediaError)


def test_the_room_is_cheap_to_enter() -> None:
    code = "import sys, podcast.ingest; print(sorted({'av', 'mutagen', 'PIL', 'numpy', 'pydub'} & set(sys.modules)))"
    assert "[]" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_folder_can_be_scanned_and_staged_without_heavy_libraries() -> None:
    code = "import sys, podcast.ingest.scan, podcast.ingest.staging; print(sorted({'av', 'mutagen', 'PIL', 'numpy'} & set(sys.modules)))"
    assert "[]" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
