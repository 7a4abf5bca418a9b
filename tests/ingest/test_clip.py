"""A clip is the span that was asked for, with soft ends, whatever the episode is encoded in."""

import io
from pathlib import Path

import av
import numpy as np
import pytest

from podcast.errors import MediaError, UsageError
from podcast.ingest.clip import cut_clip

EPISODES = Path(__file__).parents[2] / "episodes"
FILES = {"audio/mpeg": "s01e01-welcome-to-majlis.mp3", "audio/ogg": "aral-sea.opus", "audio/x-m4a": "2026-11-13 Ысык-Көл жана суу.m4a"}


def decoded(data: Path | io.BytesIO) -> np.ndarray:
    with av.open(data if isinstance(data, io.BytesIO) else str(data), "r") as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=44_100)
        parts = [part.to_ndarray()[0] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.float64)


@pytest.mark.parametrize("media_type", FILES)
def test_a_clip_is_the_sound_of_its_span(media_type: str) -> None:
    path = EPISODES / FILES[media_type]
    clip = decoded(io.BytesIO(cut_clip(path, media_type, 7.5, 4)))
    assert abs(len(clip) / 44_100 - 4) < 0.06
    whole = decoded(path)[int(7.5 * 44_100) :][: len(clip)]
    middle = slice(44_100, 3 * 44_100)
    shifts = [np.corrcoef(whole[middle], np.roll(clip, shift)[middle])[0, 1] for shift in range(-2400, 2401, 8)]
    assert max(shifts) > 0.9


def test_its_ends_are_soft() -> None:
    clip = decoded(io.BytesIO(cut_clip(EPISODES / FILES["audio/mpeg"], "audio/mpeg", 5, 4)))
    loud = np.abs(clip).max()
    assert np.abs(clip[:300]).max() < loud / 4
    assert np.abs(clip[-300:]).max() < loud / 4


@pytest.mark.parametrize(("start", "length"), [(0, 0), (-1, 5), (0, 601), (5, -2)])
def test_a_span_that_makes_no_sense_is_refused(start: float, length: float) -> None:
    with pytest.raises(UsageError):
        cut_clip(EPISODES / FILES["audio/mpeg"], "audio/mpeg", start, length)


def test_a_span_after_the_end_is_told() -> None:
    with pytest.raises(MediaError, match=r"nothing to hear|cannot be read"):
        cut_clip(EPISODES / FILES["audio/ogg"], "audio/ogg", 500, 5)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be read"):
        cut_clip(tmp_path / "gone.mp3", "audio/mpeg", 0, 5)
