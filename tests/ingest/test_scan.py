"""The audio files of a folder, with what tells whether they changed."""

import os
from pathlib import Path

import pytest

from podcast.errors import MediaError
from podcast.ingest.scan import audio_files


def write(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * (number + 1))
        os.utime(path, ns=(0, 1_000 * (number + 1)))


def test_audio_is_found_by_its_ending_and_sorted(tmp_path: Path) -> None:
    write(tmp_path, "b.MP3", "a.opus", "deep/er/c.m4a", "notes.txt", "mp3", ".hidden.mp3", ".git/d.mp3", "e.mp3.part")
    expected = [("a.opus", 2, 2_000), ("b.MP3", 1, 1_000), ("deep/er/c.m4a", 3, 3_000)]
    assert [(str(tmp_path / name), (size, time)) for name, size, time in expected] == list(audio_files(tmp_path).items())


@pytest.mark.parametrize("ending", ["mp3", "m4a", "m4b", "mp4", "ogg", "oga", "opus", "flac", "wav", "aac", "aif", "aiff"])
def test_every_ending_of_audio_is_known(tmp_path: Path, ending: str) -> None:
    write(tmp_path, f"talk.{ending}")
    assert 1 == len(audio_files(tmp_path))


@pytest.mark.parametrize("sidecar", ["talk.one.toml", "talk.one.md", "talk.one.ky.vtt", "talk.one.chapters.json", "talk.one.jpg"])
def test_a_changed_sidecar_is_a_change(tmp_path: Path, sidecar: str) -> None:
    write(tmp_path, "talk.one.mp3", "talk.two.mp3", "other.toml", sidecar)
    assert [4_000, 2_000] == [mtime_ns for _, mtime_ns in audio_files(tmp_path).values()]


def test_a_loop_of_links_is_walked_once(tmp_path: Path) -> None:
    write(tmp_path, "deep/talk.mp3")
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.mp3").symlink_to(tmp_path / "nowhere")
    (tmp_path / "itself.mp3").symlink_to(tmp_path / "itself.mp3")
    assert [str(tmp_path / "deep" / "talk.mp3")] == list(audio_files(tmp_path))


def test_folders_and_pipes_are_no_audio(tmp_path: Path) -> None:
    (tmp_path / "folder.mp3").mkdir()
    os.mkfifo(tmp_path / "pipe.mp3")
    assert {} == audio_files(tmp_path)


def test_names_may_be_any_bytes(tmp_path: Path) -> None:
    names = [os.fsdecode(b"\xff.mp3"), "a\nb.mp3", "-rf.mp3"]
    write(tmp_path, *names)
    assert sorted(names, key=os.fsencode) == [Path(found).name for found in audio_files(tmp_path)]


def test_no_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name in ("file", "nothing"):
        with pytest.raises(MediaError):
            audio_files(tmp_path / name)
