"""The duration in the catalogue is that of a full decode, to the second, whatever the file."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from podcast.add import add_files, find_files
from podcast.catalogue import open_catalogue
from podcast.ingest.staging import Staging
from podcast.model import Show

from .hostile import id3 as id3_of
from .sound import decode, encode
from .test_mp3 import BUILDS, Pieces, ape, id3, pieces

pytestmark = pytest.mark.thorough

__all__ = ["pieces"]  # a fixture

OLD_TAG = b"ID3\2\0\0\0\0\0\x0c" + b"TT2\0\0\6\0Title"
MORE: dict[str, Callable[[Pieces], bytes]] = {
    "tag of version 2.2": lambda p: OLD_TAG + p["vbr"],
    "tag of version 2.3": lambda p: id3_of(b"TIT2\0\0\0\6\0\0\0Title", 3) + p["bare_vbr"],
    "APE in front": lambda p: ape() + p["cbr"],
    "tags of all kinds": lambda p: OLD_TAG + id3() + ape() + p["vbr"] + ape(),
    "VBR joined with a wrong header": lambda p: p["vbr"] + p["vbr"],
}


@pytest.fixture(scope="module")
def files(folder: Path, pieces: Pieces, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, str]:
    """Return files of all kinds, each with the demuxer of FFmpeg that reads it."""
    there = tmp_path_factory.mktemp("durations")
    made = {f"{name}.mp3": (build(pieces), "mp3") for name, build in (BUILDS | MORE).items()}
    kinds = {"m4a": "mov", "faststart": "mov", "opus": "ogg", "vorbis": "ogg", "flac": "flac", "wav": "wav", "aiff": "aiff", "aac": "aac"}
    made |= {f"{kind}.{demuxer}.m4a": (request.getfixturevalue(kind), demuxer) for kind, demuxer in kinds.items()}
    odd = {
        "fragments": ("aac", "mp4", "mov", {"movflags": "frag_keyframe+empty_moov"}),
        "large": ("pcm_s16le", "wav", "wav", {"rf64": "always"}),
        "adpcm": ("adpcm_ima_wav", "wav", "wav", {}),
        "alac": ("alac", "mp4", "mov", {}),
        "24 bits": ("pcm_s24le", "wav", "wav", {}),
        "aifc": ("pcm_s16le", "aiff", "aiff", {}),
    }
    for name, (codec, container, demuxer, options) in odd.items():
        data = encode(folder / name, codec, container, seconds=7.2, bitrate=64_000 if codec == "aac" else None, options=options)
        made[f"{name}.wav"] = (data, demuxer)
    for name, (data, _) in made.items():
        (there / name).write_bytes(data)
    return {there / name: demuxer for name, (_, demuxer) in made.items()}


def test_the_duration_in_the_catalogue_is_that_of_a_full_decode(files: dict[Path, str], tmp_path: Path) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    with open_catalogue(f"sqlite:///{tmp_path / 'catalogue.db'}", create=True) as catalogue:
        show = Show(slug="majlis", guid=str(uuid.uuid4()), title="Majlis", author="Radio", created=now, changed=now)
        catalogue.add_show(show)
        found = find_files(catalogue, {path.parent for path in files})
        added = {one.path: one for one in add_files(catalogue, Staging(tmp_path / "staging"), show, found.files, {}, now=now, zone=UTC)}
        stored = {path: catalogue.by_source("majlis", path) for path in files}
    assert {} == {path.name: one.error.message for path, one in added.items() if one.error}
    said = {path.name: episode and episode.audio.duration for path, episode in stored.items()}
    assert {path.name: round(decode(path, demuxer)) for path, demuxer in files.items()} == said
