"""Sound is measured in passing, told of by check and view, and drawn."""

import json
from pathlib import Path

import pytest

from podcast.ingest.sandbox import Died
from podcast.model import Measured
from podcast.publish import measuring
from tests.ingest.sound import encode

from .conftest import Podcast

pytestmark = pytest.mark.thorough


@pytest.fixture
def quiet(project: Path) -> Path:
    path = project / "episodes" / "quiet.mp3"
    encode(path, "libmp3lame", "mp3", seconds=3, rate=16_000, bitrate=64_000)
    return path


def test_what_goes_out_is_measured_once_and_drawn(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    assert "LUFS" not in podcast("view", "welcome").out
    podcast("publish", "welcome", "--yes")
    assert Path("public/majlis/welcome-to-majlis/peaks.json").is_file()
    assert "\nsound        -" in podcast("view", "welcome").out
    for name in ("sound.svg", "sound.PNG"):
        podcast("view", "welcome", "--waveform", name)
        assert Path(name).stat().st_size > 5_000
    for name in ("sound.json", "sound.dat"):
        podcast("view", "welcome", "--waveform", name)
    whole, dat = json.loads(Path("sound.json").read_text()), Path("sound.dat").read_bytes()
    # Twenty pairs a second, the same in both forms; what is published is no longer than a screen is wide.
    assert whole["length"] * 2 == len(whole["data"]) == len(dat) - 24
    assert whole["sample_rate"] == 20 * whole["samples_per_pixel"]
    assert [value & 0xFF for value in whole["data"]] == list(dat[24:])
    assert "cannot be written" in podcast("view", "welcome", "--waveform", "sound.svg", code=2).err
    assert ".svg or .png" in podcast("view", "welcome", "--waveform", "sound.gif", code=2).err


def test_a_check_of_one_episode_or_file_listens_to_it(podcast: Podcast, quiet: Path) -> None:
    assert "apple.loudness" in podcast("check", quiet).out
    podcast("add", quiet)
    assert "apple.loudness" not in podcast("check", code=4).out
    assert "apple.loudness" in podcast("check", "quiet").out
    assert "apple.loudness" in podcast("check", code=4).out


def test_staged_audio_that_is_gone_is_no_obstacle(podcast: Podcast, quiet: Path) -> None:
    podcast("add", quiet)
    for file in Path(".podcast/staging").iterdir():
        file.unlink()
    ran = podcast("check", "quiet")
    assert "Warning: The sound of quiet was not measured: The staged" in ran.err
    assert "nothing to draw" in podcast("view", "quiet", "--waveform", "sound.svg", code=1).err


def test_what_went_out_unheard_is_told_of_and_heard_all_at_once(
    podcast: Podcast, speech: Path, quiet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "_MOST", 1)
    podcast("add", speech, quiet)
    ran = podcast("publish", "welcome", "quiet", "--yes", "--json")
    [warning] = json.loads(ran.out)["shows"][0]["warnings"]
    assert warning.startswith("Not listened to, and so without waveform and loudness: 1 more episode of majlis.")
    assert warning in ran.err
    podcast("check", "--listen", code=4)
    podcast("publish", "--yes")
    assert 2 == len(list(Path("public").rglob("peaks.json")))


def test_sound_that_nobody_can_decode_does_not_go_out(podcast: Podcast, speech: Path, quiet: Path) -> None:
    garbage = quiet.with_name("garbage.mp3")
    garbage.write_bytes((b"\xff\xfb\x90\x64" + b"\xff" * 413) * 400)
    podcast("add", quiet, garbage)
    ran = podcast("publish", "quiet", "garbage", "--yes", code=4)
    assert "garbage stayed behind: Nothing of the file can be decoded" in ran.err
    assert ("published", "draft") == tuple(podcast("view", slug, "--json").json["status"] for slug in ("quiet", "garbage"))
    podcast("remove", "garbage", "--yes")
    podcast("replace", "quiet", garbage)
    assert "Warning: Nothing of the new sound of quiet can be decoded" in podcast("publish", "--yes").err


def test_sound_that_takes_too_long_to_measure_goes_out_unmeasured(podcast: Podcast, quiet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def analyse(*_: object) -> Measured:
        raise Died("took more than 15 seconds", hint="Try again.")

    monkeypatch.setattr(measuring, "analyse", analyse)
    podcast("add", quiet)
    assert "Warning: The sound of quiet was not measured: quiet took more than 15 seconds" in podcast("publish", "quiet", "--yes").err
    assert "published" == podcast("view", "quiet", "--json").json["status"]
    assert not Path("public/majlis/quiet/peaks.json").exists()
