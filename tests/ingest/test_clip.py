"""A clip is the span that was asked for, with soft ends, whatever the episode is encoded in; an audiogram shows it."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import av
import numpy as np
import pytest

from podcast.errors import MediaError, UsageError
from podcast.ingest.clip import Span, cut_clip, draw_clip, film_clip
from podcast.ingest.cover import draw_cover

pytestmark = pytest.mark.thorough

EPISODES = Path(__file__).parents[2] / "episodes"
FILES = {"audio/mpeg": "s01e01-welcome-to-majlis.mp3", "audio/ogg": "aral-sea.opus", "audio/x-m4a": "2026-11-13 Ысык-Көл жана суу.m4a"}


def span(media_type: str, start: float, length: float) -> Span:
    return Span(path=EPISODES / FILES[media_type], name="The audio", media_type=media_type, start=start, length=length)


def decoded(data: Path | io.BytesIO) -> np.ndarray:
    with av.open(data if isinstance(data, io.BytesIO) else str(data), "r") as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=44_100)
        parts = [part.to_ndarray()[0] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.float64)


@pytest.mark.parametrize("media_type", FILES)
def test_a_clip_is_the_sound_of_its_span(media_type: str) -> None:
    path = EPISODES / FILES[media_type]
    clip = decoded(io.BytesIO(cut_clip(span(media_type, 7.5, 4))))
    assert abs(len(clip) / 44_100 - 4) < 0.06
    whole = decoded(path)[int(7.5 * 44_100) :][: len(clip)]
    middle = slice(44_100, 3 * 44_100)
    shifts = [np.corrcoef(whole[middle], np.roll(clip, shift)[middle])[0, 1] for shift in range(-2400, 2401, 8)]
    assert max(shifts) > 0.9


def test_its_ends_are_soft() -> None:
    clip = decoded(io.BytesIO(cut_clip(span("audio/mpeg", 5, 4))))
    loud = np.abs(clip).max()
    assert np.abs(clip[:300]).max() < loud / 4
    assert np.abs(clip[-300:]).max() < loud / 4


@pytest.mark.parametrize(("start", "length"), [(0, 0), (-1, 5), (0, 601), (5, -2)])
def test_a_span_that_makes_no_sense_is_refused(start: float, length: float) -> None:
    with pytest.raises(UsageError):
        cut_clip(span("audio/mpeg", start, length))


def test_a_span_after_the_end_is_told() -> None:
    with pytest.raises(MediaError, match=r"The audio holds nothing to hear|The audio cannot be read"):
        cut_clip(span("audio/ogg", 500, 5))


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no file"):
        cut_clip(Span(path=tmp_path / "gone.mp3", name="x", media_type="audio/mpeg", start=0, length=5))


@pytest.mark.thorough
def test_a_film_has_the_sound_and_a_waveform_that_fills() -> None:
    cover = draw_cover("Мажлис", "ky")
    film = io.BytesIO(film_clip(span("audio/mpeg", 5, 3), cover, "Ысык-Көл", "ky"))
    sound = decoded(film)
    assert abs(len(sound) / 44_100 - 3) < 0.1
    assert np.abs(sound).max() > 1000
    film.seek(0)
    with av.open(film, "r") as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert (45, (1080, 1080)) == (len(frames), frames[0].shape)
    # What is lit of the line in the middle of the waveform, in the first frame, half way and at the end.
    lit = [int((frame[956:964] > 200).sum()) for frame in (frames[0], frames[22], frames[-1])]
    assert lit[0] == 0 < lit[1] * 1.5 < lit[2]
    # Cover and title.
    assert frames[0][100:640, 270:810].std() > 3
    assert (frames[0][700:870, 90:900] > 200).mean() > 0.02


def test_an_svg_stands_alone_and_holds_no_words_as_code() -> None:
    cover = draw_cover("Majlis", "en")
    root = ET.fromstring(draw_clip(span("audio/mpeg", 5, 3), cover, "<script>& ]]>", "en"))
    name = "{http://www.w3.org/2000/svg}"
    assert "<script>& ]]>" == root.findtext(f"{name}title")
    assert ["3.00s"] == [one.get("dur") for one in root.iter(f"{name}animate")]
    assert [True] == [(one.get("href") or "").startswith("data:image/jpeg;base64,") for one in root.iter(f"{name}image")]
    assert {"svg", "title", "image", "clipPath", "rect", "animate", "path"} == {one.tag.removeprefix(name) for one in root.iter()}


def test_a_film_of_an_hour_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be cut"):
        film_clip(span("audio/mpeg", 0, 181), b"", "x", "en")
