"""Pieces are cut, joined, filtered and encoded without losing or moving a sample that they should not."""

import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from podcast.ingest.render import Piece, Recipe, cut, decoded, encode, joined

pytestmark = pytest.mark.thorough

Sound = NDArray[Any]
RATE = 44_100


def blocks(*lengths: int) -> list[Sound]:
    return [np.full((1, length), number + 1, dtype=np.float32) for number, length in enumerate(lengths)]


def flat(sound: Any) -> list[float]:
    return [float(value) for block in sound for value in block[0]]


@pytest.mark.parametrize(("start", "end", "kept"), [(0, None, 9), (2, None, 7), (3, 5, 2), (0, 4, 4), (9, None, 0), (5, 99, 4)])
def test_a_cut_keeps_what_lies_between(start: int, end: int | None, kept: int) -> None:
    whole = flat(blocks(3, 4, 2))
    assert whole[start:end] == flat(cut(blocks(3, 4, 2), start, end))
    assert kept == len(whole[start:end])


@pytest.mark.parametrize(
    ("first", "second", "overlap", "length"), [(9, 9, 4, 14), (9, 9, 0, 18), (3, 9, 4, 9), (9, 2, 4, 9), (0, 5, 3, 5), (5, 0, 3, 5)]
)
def test_a_join_overlaps_as_far_as_both_reach(first: int, second: int, overlap: int, length: int) -> None:
    one = [np.ones((1, 1), dtype=np.float32)]
    sound = flat(joined(one * first, one * second, overlap))
    assert length == len(sound)
    assert all(0.99 < value < 1.42 for value in sound)


@pytest.mark.parametrize("codec", ["mp3", "opus", "aac"])
def test_what_is_filtered_limited_and_encoded_stays_where_it_was(folder: Path, codec: str) -> None:
    """A burst of noise is where it was, to two thousandths of a second, and no sample is lost or won; AAC ends with its last packet."""
    noise = np.random.default_rng(2).standard_normal(3 * RATE).astype(np.float32) / 400
    noise[RATE : RATE + 8000] *= 90
    source = folder / "burst.wav"
    write_wav(source, noise)
    recipe = Recipe(
        pieces=(Piece(media_type="audio/wav", end=3.0, highpass=80, denoise=True),),
        rate=48_000 if codec == "opus" else RATE, channels=1, gain=6.0, ceiling=-1.5, bitrate=96_000, codec=codec,
    )  # fmt: skip
    seconds: list[int] = []
    with source.open("rb") as file, (folder / f"burst.{codec}").open("w+b") as target:
        made = encode(file, target, recipe=msgspec.to_builtins(recipe), progress=seconds.append)
        target.seek(0)
        after = np.concatenate(list(decoded(target, recipe.media_type, replace(recipe, rate=RATE))), axis=1)[0]
    assert 3.0 == made.seconds
    assert 0 <= len(after) - 3 * RATE <= (2048 if codec == "aac" else 0)
    assert abs((folder / f"burst.{codec}").stat().st_size * 8 / 3 - 96_000) < 15_000 + (180_000 if codec == "aac" else 0)
    loud = np.flatnonzero(np.abs(after) > 0.3)
    assert abs(loud[0] - RATE) < RATE / 500
    assert abs(loud[-1] - RATE - 8000) < RATE / 500


def write_wav(path: Path, sound: Sound) -> None:

    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((sound.clip(-1, 1) * 32767).astype("<i2").tobytes())
