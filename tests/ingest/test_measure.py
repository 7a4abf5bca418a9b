"""What is measured on sound agrees with what the sound was made to be."""

import json
import struct
import wave
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from podcast.errors import MediaError
from podcast.ingest import intent
from podcast.ingest.analyse import VERSION, analyse
from podcast.ingest.measure import measure
from podcast.ingest.sound_picture import draw
from podcast.ingest.true_peak import TAPS, TruePeak
from podcast.ingest.waveform import to_json
from podcast.model import Chapter, Measured
from tests.make import make_episode

pytestmark = pytest.mark.thorough

RATE = 48_000
Sound = NDArray[np.float64]
Of = Callable[..., Measured]


def sine(decibel: float, seconds: float, frequency: float = 1000, phase: float = 0.0) -> Sound:
    time = np.arange(int(RATE * seconds)) / RATE
    return np.asarray(10 ** (decibel / 20) * np.sin(2 * np.pi * frequency * time + phase))


def silence(seconds: float) -> Sound:
    return np.zeros(int(RATE * seconds))


@pytest.fixture
def of(tmp_path: Path) -> Of:
    """Return what is measured on a WAV of these channels."""

    def measured(*channels: Sound) -> Measured:
        path = tmp_path / "sound.wav"
        with wave.open(str(path), "wb") as out:
            out.setparams((len(channels), 2, RATE, 0, "NONE", ""))
            out.writeframes(np.clip(np.rint(np.stack(channels, axis=1) * 32768), -32768, 32767).astype("<i2").tobytes())
        with path.open("rb") as file:
            return measure(file, lambda _: None)

    return measured


def test_loudness_is_that_of_ebu_tech_3341(of: Of) -> None:
    tone = sine(-23, 20)
    assert -23.0 == pytest.approx(of(tone, tone).integrated_lufs, abs=0.1)
    assert -26.0 == pytest.approx(of(tone).integrated_lufs, abs=0.1)
    gated = np.concatenate([sine(-36, 10), sine(-23, 60), sine(-36, 10)])
    found = of(gated, gated)
    assert -23.0 == pytest.approx(found.integrated_lufs, abs=0.1)
    assert 80.0 == found.seconds
    assert (-36.0, -23.0) == pytest.approx((found.loudness[5], found.loudness[40]), abs=0.1)


def test_the_range_of_loudness_is_that_of_ebu_tech_3342(of: Of) -> None:
    tone = np.concatenate([sine(-20, 20), sine(-30, 20)])
    assert 10.0 == pytest.approx(of(tone, tone).range_lu, abs=1.0)


@pytest.mark.parametrize(("frequency", "phase"), [(RATE / 4, np.pi / 4), (RATE / 6, np.pi / 3), (RATE / 8, np.pi / 8)])
def test_the_true_peak_lies_between_the_samples(of: Of, frequency: float, phase: float) -> None:
    tone = sine(-6.0, 2, frequency, phase) * np.minimum(1, np.abs(np.sin(np.pi * np.arange(2 * RATE) / 2 / RATE) * 2))
    # EBU Tech 3341 allows +0.2 and -0.4.
    assert -6.4 <= of(tone, tone).true_peak_dbtp <= -5.8


def test_a_peak_counts_wherever_it_stands(of: Of) -> None:
    for at in (0.5, 2.0, 4.0, 5.0, 5.9995):
        tone = sine(-40, 6)
        start = int(at * RATE)
        burst = sine(-1, 0.01, RATE / 4, np.pi / 4)[: len(tone) - start] * np.hanning(480)[: len(tone) - start]
        tone[start : start + len(burst)] += burst
        whole = np.fft.irfft(np.fft.rfft(tone), 8 * len(tone)) * 8
        assert 20 * np.log10(np.abs(whole).max()) == pytest.approx(of(tone).true_peak_dbtp, abs=0.2)


def test_what_is_wrong_with_two_channels_shows(of: Of) -> None:
    tone, other = sine(-20, 3), sine(-20, 3, 700)
    assert (1.0, True) == ((same := of(tone, tone)).correlation, (same.side or 0) < -50)
    assert (-1.0, True) == ((turned := of(tone, -tone)).correlation, (turned.side or 0) > 50)
    assert (0.0, 0.0) == pytest.approx((of(tone, other).correlation, of(tone, other).side), abs=0.2)
    dead = of(tone, silence(3))
    assert (None, (-23.0, -120.0)) == (dead.correlation, dead.channels)


def test_cut_off_peaks_are_told_from_full_ones(of: Of) -> None:
    # Two samples in a row are full, as the waves of a bass are.
    full = sine(0, 3, 60, np.pi / 800)
    assert 0 == of(full).clips
    cut = np.concatenate([sine(-6, 1), np.clip(sine(3, 2, 100), -1, 1)])
    found = of(cut)
    assert (40, 1.0) == (found.clips, found.first_clip)


def test_silence_is_found_before_behind_and_between(of: Of) -> None:
    talk, pause = sine(-20, 2), sine(-70, 1)
    found = of(np.concatenate([silence(3.5), talk, pause, talk, silence(2), talk, pause, pause]))
    assert (3.5, 2.0, ((8.5, 10.5),)) == (found.lead, found.tail, found.gaps)


def test_silence_alone_and_next_to_nothing_are_no_fault(of: Of) -> None:
    found = of(silence(2), silence(2))
    assert (None, -120.0, (-120.0, -120.0), 2.0) == (found.integrated_lufs, found.true_peak_dbtp, found.channels, found.lead)
    assert 0.01 == of(sine(-20, 0.01)).seconds


def test_samples_that_are_no_numbers_are_no_obstacle(folder: Path) -> None:
    samples = np.concatenate([sine(-20, 2), [np.nan, np.inf, -np.inf, 1e30], sine(-20, 2)]).astype("<f4").tobytes()
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 3, 1, RATE, RATE * 4, 4, 32, b"data", len(samples)
    )
    (folder / "odd.wav").write_bytes(head + samples)
    with (folder / "odd.wav").open("rb") as file:
        found = measure(file, lambda _: None)
    assert found == msgspec.json.decode(msgspec.json.encode(found), type=Measured)


def test_the_waveform_is_audiowaveforms(of: Of) -> None:
    found = of(np.concatenate([sine(-6.02, 60), silence(40)]), np.concatenate([sine(-12, 60), silence(40)]))
    version, flags, rate, per_pixel, length, channels = struct.unpack_from("<iIiiIi", found.peaks)
    assert (2, 1, RATE, RATE // 20, 2000, 1) == (version, flags, rate, per_pixel, length, channels)
    assert 24 + 2 * length == len(found.peaks)
    document: dict[str, Any] = json.loads(to_json(found.peaks))
    assert (2, 1, 8, RATE, RATE // 10, 1000) == tuple(
        document[name] for name in ("version", "channels", "bits", "sample_rate", "samples_per_pixel", "length")
    )
    assert [-64, 64] * 600 + [0, 0] * 400 == document["data"]


def test_a_damaged_file_is_measured_as_far_as_it_goes(folder: Path, cbr: bytes, stereo: bytes) -> None:
    path = folder / "torn.mp3"
    middle = len(cbr) // 2
    path.write_bytes(cbr[:middle] + b"\xff\xfb\x90\x64" * 400 + cbr[middle:] + stereo)
    steps: list[int] = []
    with path.open("rb") as file:
        found = analyse(file, 17, steps.append)
    assert VERSION == found.version
    # 12 seconds in mono, then 5 of another rate in stereo: measured in the form of the first.
    assert 17.0 == pytest.approx(found.seconds, abs=0.5)
    assert 1 == len(found.channels)
    assert int(found.seconds) - 2 <= sum(steps) <= int(found.seconds)


def test_of_what_cannot_be_decoded_that_is_told(folder: Path) -> None:
    nothing = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0\0\x77\1\0\2\0\x10\0data\0\0\0\0"
    for name, data, damaged in (("none.wav", nothing, 0), ("garbage.mp3", (b"\xff\xfb\x90\x64" + b"\xff" * 413) * 40, 40)):
        path = folder / name
        path.write_bytes(data)
        with path.open("rb") as file:
            found = analyse(file, 1)
        assert (0.0, None, damaged) == (found.seconds, found.integrated_lufs, found.damaged)
        assert [0, 0] == json.loads(to_json(found.peaks))["data"]
        with pytest.raises(MediaError, match="It holds no sound that can be decoded"):
            intent.measure(path, "It", 1, "Measuring", lambda _label, _seconds: nullcontext(lambda _: None))


def test_the_picture_shows_what_was_measured(of: Of) -> None:
    found = of(np.concatenate([silence(4), sine(-20, 30), silence(2), sine(-20, 20)]))
    chapters = (Chapter(start=0, title="A & B <b>"), Chapter(start=36, title="Кыргыз"), Chapter(start=50, title="hidden", toc=False))
    episode = make_episode(title="Сүйлөшүү <1>", chapters=chapters)
    svg = draw(episode, found, "svg").decode()
    for shown in ("Сүйлөшүү &lt;1&gt;", "A &amp; B &lt;b&gt;", "Кыргыз", "true peak -20.0 dBTP", ">-19<", "0:00:50"):
        assert shown in svg
    assert "hidden" not in svg
    assert 2 == svg.count("#f2d9a6")
    assert draw(episode, found, "png").startswith(b"\x89PNG")
    assert draw(make_episode(), of(silence(0.01)), "svg")


def test_what_is_passed_over_holds_no_higher_peak() -> None:
    random = np.random.default_rng(4)
    for length in (60, 800, 3_001, 9_000):
        sound = (random.uniform(-0.3, 0.3, (2, length)) * np.abs(np.sin(np.arange(length) / 90))).astype(np.float32)
        peak, at = TruePeak(2), 0
        while at < length:
            part = sound[:, at : at + int(random.integers(1, 1500))]
            peak.feed(part, float(np.abs(part).max()))
            at += part.shape[1]
        peak.end()
        between = [np.convolve(channel, TAPS[::-1, point]) for channel in sound for point in range(3)]
        assert np.abs(between).max() > np.abs(sound).max()
        assert float(np.abs(between).max()) == pytest.approx(peak.value, rel=1e-5)
