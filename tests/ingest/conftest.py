"""Sound, pictures and a staging folder for the tests of ingest."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from podcast.ingest.staging import Staging

from .sound import encode

#: No ID3 in front and no Xing header, where a test wants to add them itself.
BARE = {"id3v2_version": "0", "write_xing": "0"}
NO_ID3 = {"id3v2_version": "0"}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sound")


@pytest.fixture(scope="session")
def cbr(folder: Path) -> bytes:
    """Return an MP3 of constant bitrate with an Info header and without tags."""
    return encode(folder / "cbr.mp3", "libmp3lame", "mp3", options=NO_ID3)


@pytest.fixture(scope="session")
def bare(folder: Path) -> bytes:
    """Return an MP3 of constant bitrate that is frames and nothing else."""
    return encode(folder / "bare.mp3", "libmp3lame", "mp3", options=BARE)


@pytest.fixture(scope="session")
def vbr(folder: Path) -> bytes:
    """Return an MP3 of variable bitrate with a Xing header."""
    return encode(folder / "vbr.mp3", "libmp3lame", "mp3", options=NO_ID3, codec_options={"abr": "1"})


@pytest.fixture(scope="session")
def bare_vbr(folder: Path) -> bytes:
    """Return an MP3 of variable bitrate that is frames and nothing else."""
    return encode(folder / "bare_vbr.mp3", "libmp3lame", "mp3", options=BARE, codec_options={"abr": "1"})


@pytest.fixture(scope="session")
def stereo(folder: Path) -> bytes:
    """Return an MP3 of another rate, bitrate and number of channels."""
    return encode(folder / "stereo.mp3", "libmp3lame", "mp3", seconds=5, rate=48_000, layout="stereo", bitrate=128_000, options=NO_ID3)


@pytest.fixture(scope="session")
def m4a(folder: Path) -> bytes:
    return encode(folder / "plain.m4a", "aac", "mp4")


@pytest.fixture(scope="session")
def faststart(folder: Path) -> bytes:
    return encode(folder / "fast.m4a", "aac", "mp4", options={"movflags": "+faststart"})


@pytest.fixture(scope="session")
def opus(folder: Path) -> bytes:
    return encode(folder / "sound.opus", "libopus", "ogg", rate=48_000)


@pytest.fixture(scope="session")
def vorbis(folder: Path) -> bytes:
    return encode(folder / "sound.ogg", "vorbis", "ogg", layout="stereo", codec_options={"strict": "-2"})


@pytest.fixture(scope="session")
def flac(folder: Path) -> bytes:
    return encode(folder / "sound.flac", "flac", "flac", bitrate=None)


@pytest.fixture(scope="session")
def wav(folder: Path) -> bytes:
    return encode(folder / "sound.wav", "pcm_s16le", "wav", bitrate=None)


@pytest.fixture(scope="session")
def aiff(folder: Path) -> bytes:
    return encode(folder / "sound.aiff", "pcm_s16be", "aiff", bitrate=None)


@pytest.fixture(scope="session")
def aac(folder: Path) -> bytes:
    return encode(folder / "sound.aac", "aac", "adts")


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "project" / "staging")


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Write a file into a folder of the producer's and return its path."""
    there = tmp_path / "episodes"
    there.mkdir()

    def write(name: str, data: bytes) -> Path:
        path = there / name
        path.write_bytes(data)
        return path

    return write


def picture(kind: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (1400, 1400), **options: object) -> bytes:
    """Return the bytes of a picture, brighter from left to right."""
    out = io.BytesIO()
    gradient = Image.linear_gradient("L").rotate(90).resize(size)
    gradient.convert(mode).save(out, kind, **options)
    return out.getvalue()
