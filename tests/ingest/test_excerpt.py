"""A clip of an MP3 is made of its own frames: the same samples, exactly where and as long as asked for, and soft at the ends alone."""

import io
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from mutagen.mp3 import MP3

from podcast.ingest import mp3
from podcast.ingest.clip import Span, cut_clip
from podcast.ingest.excerpt import FADE_IN, FADE_OUT, excerpt
from podcast.ingest.gain import frames

from .sound import encode

pytestmark = pytest.mark.thorough

Sound = np.ndarray[Any, np.dtype[np.float64]]
#: Samples beside a fade that its last step may still reach.
NEAR = 1152


def cut(data: bytes, start: float, length: float, folder: Path) -> bytes:
    path = folder / "source.mp3"
    path.write_bytes(data)
    with path.open("rb") as file:
        return excerpt(file, media_type="audio/mpeg", start=start, length=length)


def decoded(data: bytes) -> tuple[int, Sound]:
    with av.open(io.BytesIO(data), "r") as container:
        parts = [(frame.sample_rate, frame.to_ndarray()) for frame in container.decode(audio=0)]
    return parts[0][0], np.concatenate([part for _, part in parts], axis=1).astype(np.float64)


@pytest.fixture(scope="module")
def low(folder: Path) -> bytes:
    """Return an MP3 of MPEG-2, in stereo, whose frames are short and keep much in those before."""
    return encode(folder / "low-excerpt.mp3", "libmp3lame", "mp3", rate=22_050, layout="stereo", bitrate=32_000)


@pytest.mark.parametrize("name", ["cbr", "bare", "vbr", "bare_vbr", "stereo", "low"])
@pytest.mark.parametrize(("start", "length"), [(0, 2), (1.234, 3), (2.9, 30)])
def test_its_samples_are_those_of_the_whole(name: str, start: float, length: float, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    hold_against_the_whole(request.getfixturevalue(name), start, length, tmp_path)


@pytest.mark.parametrize("name", ["cbr", "bare_vbr", "low"])
def test_nor_are_they_others_far_into_the_file(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    hold_against_the_whole(request.getfixturevalue(name), 9.3, 30, tmp_path)


def hold_against_the_whole(data: bytes, start: float, length: float, folder: Path) -> None:
    piece = cut(data, start, length, folder)
    rate, whole = decoded(data)
    _, clip = decoded(piece)
    wanted = whole[:, round(start * rate) :][:, : round(length * rate)]
    assert wanted.shape == clip.shape
    middle = slice(round(FADE_IN * rate) + NEAR, -round(FADE_OUT * rate) - NEAR)
    assert np.abs(wanted[:, middle]).max() > 0.01
    assert np.abs(wanted[:, middle] - clip[:, middle]).max() < 1e-6
    time = np.arange(clip.shape[1]) / rate
    for end in (slice(round(FADE_IN * rate)), slice(-round(FADE_OUT * rate), None)):
        loud = np.minimum(time / FADE_IN, (time[-1] - time) / FADE_OUT)[end].clip(0, 1)
        assert np.abs(clip[:, end] - wanted[:, end] * loud).max() < np.abs(wanted[:, end]).max() / 2


@pytest.mark.parametrize("name", ["cbr", "low"])
def test_its_outermost_hundredths_are_nearly_silent(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    rate, clip = decoded(cut(request.getfixturevalue(name), 5, 4, tmp_path))
    loud = np.abs(clip).max()
    assert np.abs(clip[:, : rate // 100]).max() < loud / 2
    assert np.abs(clip[:, -rate // 100 :]).max() < loud / 8


def test_its_frames_are_those_of_the_file_to_the_byte(cbr: bytes, tmp_path: Path) -> None:
    piece = cut(cbr, 2, 4, tmp_path)
    places = list(frames(piece))
    middle = piece[places[10] : places[-20]]
    assert len(middle) > 20_000
    assert middle in cbr


@pytest.mark.parametrize("name", ["vbr", "stereo", "low"])
def test_readers_know_how_long_it_is(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    piece = cut(request.getfixturevalue(name), 1.5, 2.25, tmp_path)
    walk = mp3.walk(piece)
    assert walk is not None
    assert 2.25 == pytest.approx(walk.seconds, abs=1e-4)
    information: Any = MP3(io.BytesIO(piece)).info  # type: ignore[no-untyped-call]
    assert 2.25 == pytest.approx(information.length, abs=1e-3)
    assert [len(piece)] == [promise.length for promise in walk.promises]


def test_a_frame_that_was_cut_off_is_left_to_a_decoder(bare: bytes, tmp_path: Path) -> None:
    assert b"" != cut(bare[:-50], 5, 4, tmp_path)
    assert b"" == cut(bare[:-50], 10, 4, tmp_path)


def test_a_span_over_a_joint_is_encoded(bare: bytes, folder: Path, tmp_path: Path) -> None:
    faster = encode(folder / "faster.mp3", "libmp3lame", "mp3", rate=48_000, options={"id3v2_version": "0", "write_xing": "0"})
    assert b"" == cut(bare + faster, 11, 4, tmp_path)
    span = Span(path=tmp_path / "source.mp3", name="It", media_type="audio/mpeg", start=11, length=4)
    assert decoded(cut_clip(span))[1].shape[1] > 3 * 44_100


def test_a_file_that_lacks_what_its_first_frames_keep_before_themselves_makes_no_noise(vbr: bytes, tmp_path: Path) -> None:
    torn = vbr[list(frames(vbr))[30] :]
    assert b"" == cut(torn, 0, 2, tmp_path)
    span = Span(path=tmp_path / "source.mp3", name="It", media_type="audio/mpeg", start=0, length=2)
    assert np.abs(decoded(cut_clip(span))[1]).max() < 1
    assert b"" != cut(torn, 2, 2, tmp_path)


def test_a_span_shorter_than_a_frame_is_encoded(cbr: bytes, tmp_path: Path) -> None:
    assert b"" == cut(cbr, 5, 0.02, tmp_path)
    assert 2000 == pytest.approx(decoded(cut(cbr, 5, 2000 / 44_100, tmp_path))[1].shape[1], abs=1)


def test_a_clip_goes_over_what_is_damaged(bare: bytes, tmp_path: Path) -> None:
    middle = list(frames(bare))[200] + 57
    (tmp_path / "source.mp3").write_bytes(bare[:middle] + np.random.default_rng(2).bytes(3000) + bare[middle:])
    span = Span(path=tmp_path / "source.mp3", name="It", media_type="audio/mpeg", start=4.9, length=1)
    assert 1 == pytest.approx(decoded(cut_clip(span))[1].shape[1] / 44_100, abs=0.1)


def test_nothing_is_cut_after_the_end(cbr: bytes, tmp_path: Path) -> None:
    assert b"" == cut(cbr, 12.1, 4, tmp_path)
    assert b"" == cut(b"no sound" * 100, 0, 4, tmp_path)
    assert b"" == cut(cbr[: list(frames(cbr))[1]], 0, 4, tmp_path)
