"""A recording becomes what listeners get: as loud as it should be, by the means that harms least, with its words in step."""

# mypy: allow-untyped-calls

import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from mutagen.id3 import ID3
from mutagen.oggopus import OggOpus
from numpy.typing import NDArray

from podcast.ingest.analyse import analyse
from podcast.ingest.gain import shift_mp3
from podcast.ingest.masters import sound_of
from podcast.model import Measured

from .conftest import SPEECH, Podcast

pytestmark = pytest.mark.thorough

RATE = 44_100
#: Seconds of silence before and behind what is said, and of that.
LEAD, TAIL, SAID = 1.0, 2.0, 4.0


@pytest.fixture(scope="module")
def speech() -> NDArray[Any]:
    """Return four seconds of speech."""
    shaper = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    with av.open(str(SPEECH), "r") as file:
        sound = np.concatenate([part.to_ndarray()[0] for frame in file.decode(audio=0) for part in shaper.resample(frame)])
    return sound[: round(SAID * RATE)]


def write_wav(path: Path, sound: NDArray[Any], channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.repeat(sound, channels).clip(-1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def quiet(project: Path, speech: NDArray[Any]) -> Path:
    """Put a quiet WAV with silence at both ends into the project, with chapters and a transcript."""
    lead, tail = (np.zeros(round(seconds * RATE), dtype=np.float32) for seconds in (LEAD, TAIL))
    folder = project / "episodes"
    (folder / "quiet.chapters.txt").write_text("00:00 Salam\n00:03 News\n")
    (folder / "quiet.vtt").write_text("WEBVTT\n\n00:02.000 --> 00:03.500\nOf rivers.\n")
    return write_wav(folder / "quiet.wav", np.concatenate([lead, speech / 4, tail]))


def staged(podcast: Podcast, project: Path, slug: str) -> Path:
    return project / ".podcast" / "staging" / str(podcast("view", slug, "--json").json["audio"]["sha256"])


def measured(path: Path) -> Measured:
    with path.open("rb") as file:
        return analyse(file, 60)


def test_a_quiet_wav_becomes_an_mp3_as_loud_as_it_should_be(podcast: Podcast, quiet: Path, project: Path) -> None:
    master = quiet.read_bytes()
    podcast("add", quiet)
    before = podcast("view", "quiet", "--json").json
    assert "to be encoded as MP3, 96 kbit/s mono" in podcast("produce", "quiet", "--dry-run").out
    assert before == podcast("view", "quiet", "--json").json
    told = podcast("produce", "quiet", "--json").json
    assert "encode" == told["means"]
    found = measured(staged(podcast, project, "quiet"))
    assert found.integrated_lufs is not None
    assert (told["after"]["loudness"], told["after"]["true_peak"]) == (found.integrated_lufs, found.true_peak_dbtp)
    assert abs(found.integrated_lufs + 19) < 0.5
    assert found.true_peak_dbtp <= -0.8
    assert 7.0 == found.seconds
    # The recording is kept, where nothing clears it away, and the user's own file is as it was.
    podcast("gc", "--older-than", "0h", "--yes")
    (kept,) = (project / ".podcast" / "masters").glob("*.wav")
    assert master == kept.read_bytes() == quiet.read_bytes()
    assert "made so already" in podcast("produce", "quiet").out
    podcast("remove", "quiet", "--yes")
    assert kept.name in [one["key"] for one in podcast("gc", "--older-than", "0h", "--yes", "--json").json["waiting"]]


@pytest.mark.thorough
def test_a_preset_cuts_filters_and_joins_and_words_stay_in_step(podcast: Podcast, quiet: Path, project: Path, speech: NDArray[Any]) -> None:
    time = np.arange(2 * RATE) / RATE
    write_wav(project / "jingle.wav", np.sin(2 * np.pi * 300 * time) / 2, 2)
    with (project / "podcast.toml").open("a") as file:
        file.write(
            '\n[produce.majlis]\ntrim = true\nhighpass = 80\ndenoise = true\nintro = "jingle.wav"\noutro = "jingle.wav"\ncrossfade = 0.5\n'
        )
    podcast("add", quiet)
    told = podcast("produce", "quiet", "--json").json
    silence = measured(quiet)
    # All but 0.3 s of the silence before it goes, and all but a second of that behind it; an intro of 2 s overlaps by half a second.
    later = 1.5 - (silence.lead - 0.3)
    assert abs(told["shift"] - later) < 0.01
    found = measured(staged(podcast, project, "quiet"))
    assert found.integrated_lufs is not None
    assert abs(found.integrated_lufs + 19) < 0.5
    assert found.true_peak_dbtp <= -0.8
    assert abs(found.seconds - (7 + 2 * 1.5 - (silence.lead - 0.3) - (silence.tail - 1))) < 0.01
    episode = podcast("view", "quiet", "--json").json
    assert [1.5, round(3 + told["shift"], 3)] == [chapter["start"] for chapter in episode["chapters"]]
    words = (project / podcast("transcript", "quiet", "-o", "moved.vtt").out.split()[1].rstrip(",")).read_text()
    assert f"00:00:{2 + told['shift']:06.3f} --> 00:00:{3.5 + told['shift']:06.3f}" in words
    # What is said is heard where its words are now.
    assert abs(delay(staged(podcast, project, "quiet"), speech) - LEAD - told["shift"]) < 0.01
    # Another preset is made from the recording again, and everything moves back.
    with (project / "podcast.toml").open("a") as file:
        file.write('\n[produce.plain]\nbitrate = 64\nalternates = ["opus"]\n')
    assert 0 == podcast("produce", "quiet", "--preset", "plain", "--json").json["shift"]
    episode = podcast("view", "quiet", "--json").json
    assert ([0, 3], 7, 64_000) == (
        [one["start"] for one in episode["chapters"]],
        episode["audio"]["duration"],
        episode["audio"]["bitrate"],
    )
    # In the other format it is as long, and has the same tags.
    (opus,) = episode["renditions"]
    tags = OggOpus(project / ".podcast" / "staging" / opus["sha256"])
    assert (7, "audio/ogg", ["quiet"], ["News"]) == (opus["duration"], opus["media_type"], tags["title"], tags["chapter001name"])
    assert ", also OGG " in podcast("view", "quiet").out


def delay(path: Path, speech: NDArray[Any]) -> float:
    """Return the second at which the speech begins in a file."""
    shaper = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    with av.open(str(path), "r", format="mp3") as file:
        sound = np.concatenate([part.to_ndarray()[0] for frame in file.decode(audio=0) for part in shaper.resample(frame)])
    size = 1 << 20
    alike = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(speech, size)))
    return int(np.argmax(alike)) / RATE


@pytest.fixture
def mp3(project: Path, speech: NDArray[Any]) -> Path:
    """Put an MP3 into the project that is as loud as it should be, with tags of another program."""
    path, sound = project / "episodes" / "right.mp3", speech * 1.2
    with av.open(str(path), "w", format="mp3") as out:
        out.metadata.update({"comment": "by hand", "REPLAYGAIN_TRACK_GAIN": "-9 dB"})
        stream = out.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = 64_000
        frame = av.AudioFrame.from_ndarray(sound.astype(np.float32).reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate = RATE
        shaper = av.AudioResampler(format="fltp", layout="mono", rate=RATE, frame_size=1152)
        for part in (*shaper.resample(frame), *shaper.resample(None)):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


def test_an_mp3_that_is_right_stays_to_the_byte_but_for_its_tags(podcast: Podcast, mp3: Path, project: Path) -> None:
    podcast("add", mp3, "--title", "Right")
    assert "bit by bit" in podcast("produce", "right").out
    after = staged(podcast, project, "right")
    assert mp3.read_bytes() != after.read_bytes()
    assert sound_of(mp3, "audio/mpeg", "") == sound_of(after, "audio/mpeg", "")
    assert not (project / ".podcast" / "masters").exists()


def test_an_mp3_that_is_too_loud_is_turned_down_without_encoding_it_again(
    podcast: Podcast, mp3: Path, project: Path, tmp_path: Path
) -> None:
    loud = tmp_path / "loud.mp3"
    with mp3.open("rb") as source, loud.open("w+b") as target:
        shift_mp3(source, target, steps=4)
    podcast("add", loud)
    told = podcast("produce", "loud", "--json").json
    assert "lossless gain" == told["means"]
    tags = ID3(staged(podcast, project, "loud"))
    assert ["by hand"] == [text for frame in tags.getall("TXXX:comment") for text in frame.text]
    assert [] == tags.getall("TXXX:REPLAYGAIN_TRACK_GAIN")
    assert abs(told["after"]["loudness"] - told["before"]["loudness"] - told["gain"]) < 0.02
    assert abs(told["after"]["loudness"] + 19) <= 1
    # As long as it was, frame for frame.
    assert told["before"]["seconds"] == told["after"]["seconds"]


def test_one_that_is_encoded_takes_what_was_in_its_tags_along(podcast: Podcast, mp3: Path, project: Path) -> None:
    podcast("add", mp3, "--title", "Right")
    with (project / "podcast.toml").open("a") as file:
        file.write("\n[produce.default]\nhighpass = 60\n")
    assert "nothing below 60 Hz" in podcast("produce", "right").out
    tags = ID3(staged(podcast, project, "right"))
    assert ("Right", ["by hand"]) == (str(tags["TIT2"]), tags["TXXX:comment"].text)
    assert [] == tags.getall("TXXX:REPLAYGAIN_TRACK_GAIN")
    # And what was produced is no master: without the preset the MP3 itself is back.
    with (project / "podcast.toml").open("a") as file:
        file.write("\n[produce.plain]\n")
    podcast("produce", "right", "--preset", "plain")
    assert sound_of(mp3, "audio/mpeg", "") == sound_of(staged(podcast, project, "right"), "audio/mpeg", "")
