"""Louder and quieter without encoding anew: the sound is scaled, nothing else changes, and it can be taken back to the byte."""

import io
import random
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from podcast.ingest.gain import frames, shift_mp3, shift_opus
from podcast.ingest.loudness import STEP
from podcast.ingest.mp3 import parse_header
from podcast.ingest.refusal import Refused

from .sound import encode

pytestmark = pytest.mark.thorough

Sound = np.ndarray[Any, np.dtype[np.float64]]


def shifted(data: bytes, steps: int, folder: Path) -> bytes:
    path = folder / "target"
    with io.BytesIO(data) as source, path.open("w+b") as target:
        shift_mp3(source, target, steps=steps)
    return path.read_bytes()


def decoded(data: bytes) -> Sound:
    with av.open(io.BytesIO(data), "r") as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).astype(np.float64)


@pytest.fixture(scope="module")
def low(folder: Path) -> bytes:
    """Return an MP3 of MPEG-2, in stereo."""
    return encode(folder / "low.mp3", "libmp3lame", "mp3", seconds=4, rate=24_000, layout="stereo")


@pytest.mark.parametrize("name", ["cbr", "vbr", "stereo", "low"])
def test_an_mp3_is_scaled_and_nothing_else(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    data: bytes = request.getfixturevalue(name)
    quieter = shifted(b"ID3\4\0\0\0\0\0\5junk." + data, -4, tmp_path)
    assert data != quieter[15:]
    assert data == shifted(quieter, 4, tmp_path)[15:]
    before, after = decoded(data), decoded(quieter)
    assert before.shape == after.shape
    assert np.abs(after - before * 10 ** (-4 * STEP / 20)).max() < 1e-5


def test_headers_and_sizes_stay(cbr: bytes, tmp_path: Path) -> None:
    louder = shifted(cbr, 2, tmp_path)
    assert len(cbr) == len(louder)
    at = list(frames(cbr))
    assert [parse_header(cbr[place : place + 4]) for place in at] == [parse_header(louder[place : place + 4]) for place in at]
    assert all(cbr[place : place + 4] == louder[place : place + 4] for place in at)


def test_a_gain_of_more_than_eight_bits_is_refused(cbr: bytes, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="without encoding it again"):
        shifted(cbr, 200, tmp_path)


def crafted(number: int) -> bytes:
    """Return a frame of MPEG-1, mono, 64 kbit/s, 44.1 kHz, with a checksum; the gains of frame 0 are 0 and 2, of the others 150."""
    frame = bytearray(b"\xff\xfa\x50\xc0\0\0" + random.Random(number).randbytes(202))
    bits = int.from_bytes(frame[6:23], "big")
    for granule, gain in enumerate((150, 150) if number else (0, 2)):
        low = 136 - 18 - 59 * granule
        bits &= ~(0xFFF << low - 12 | 0xFF << low - 29)
        bits |= 200 << low - 12 | gain << low - 29
    frame[6:23] = bits.to_bytes(17, "big")
    frame[4:6] = crc(frame).to_bytes(2, "big")
    return bytes(frame)


def gains(frame: bytes) -> list[int]:
    bits = int.from_bytes(frame[6:23], "big")
    return [bits >> 136 - 18 - 59 * granule - 29 & 0xFF for granule in range(2)]


def test_checksums_are_made_anew_and_unsound_ones_left(tmp_path: Path) -> None:
    pieces = [crafted(number) for number in range(6)]
    pieces[5] = pieces[5][:4] + b"\1\2" + pieces[5][6:]
    louder = shifted(b"".join(pieces), 3, tmp_path)
    after = [louder[start : start + 208] for start in range(0, 6 * 208, 208)]
    assert [True] * 5 + [False] == [crc(frame) == int.from_bytes(frame[4:6], "big") for frame in after]
    assert [[0, 5], *[[153, 153]] * 5] == list(map(gains, after))
    assert b"".join(pieces) == shifted(louder, -3, tmp_path)


def test_what_is_nearly_nothing_does_not_become_loud(tmp_path: Path) -> None:
    quieter = shifted(b"".join(crafted(number) for number in range(6)), -3, tmp_path)
    assert [0, 2] == gains(quieter[:208])
    assert [147, 147] == gains(quieter[208:])


def crc(frame: bytes | bytearray) -> int:
    """Work the checksum of a mono frame out bit by bit, as the standard draws it."""
    register = 0xFFFF
    for byte in (*frame[2:4], *frame[6:23]):
        for place in range(7, -1, -1):
            out = register >> 15 ^ byte >> place & 1
            register = register << 1 & 0xFFFF ^ (0x8005 if out else 0)
    return register


def test_opus_is_scaled_by_its_header(opus: bytes, tmp_path: Path) -> None:
    path = tmp_path / "target"
    with (tmp_path / "source").open("w+b") as source, path.open("w+b") as target:
        source.write(opus)
        source.seek(0)
        assert -4.0 == shift_opus(source, target, gain=-4.0)
    before, after = decoded(opus), decoded(path.read_bytes())
    assert np.abs(after - before * 10 ** (-4 / 20)).max() < 1e-4
    assert len(opus) == path.stat().st_size


def test_joined_opus_is_refused(opus: bytes, tmp_path: Path) -> None:
    with (tmp_path / "source").open("w+b") as source, (tmp_path / "target").open("w+b") as target:
        source.write(opus + opus)
        source.seek(0)
        with pytest.raises(Refused, match="joined"):
            shift_opus(source, target, gain=-4.0)
