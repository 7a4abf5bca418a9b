"""The walk over an MP3 agrees with a full decode, whatever stands between the frames."""

# mypy: allow-untyped-calls

import io
import random
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from mutagen.apev2 import APEv2
from mutagen.id3 import ID3, TIT2

from podcast.errors import MediaError
from podcast.ingest import mp3
from podcast.ingest.media import Facts, read_media

from .conftest import NO_ID3
from .sound import SECONDS, decode, encode, with_header

Put = Callable[[str, bytes], Path]


def facts(put: Put, data: bytes) -> Facts:
    path = put("talk.mp3", data)
    return read_media(path, path.name).facts


def noise(length: int) -> bytes:
    return random.Random(5).randbytes(length)


def id3(title: str = "A title") -> bytes:
    tags, out = ID3(), io.BytesIO()
    tags.add(TIT2(encoding=3, text=title))
    tags.save(out)
    return out.getvalue()


def ape(title: str = "A title") -> bytes:
    tags, out = APEv2(), io.BytesIO()
    tags["Title"] = title
    tags.save(out)
    return out.getvalue()


def id3v1() -> bytes:
    return b"TAG" + b"A title".ljust(125, b"\0")


Pieces = dict[str, bytes]
BUILDS: dict[str, Callable[[Pieces], bytes]] = {
    "constant": lambda p: p["cbr"],
    "constant without a header": lambda p: p["bare"],
    "variable": lambda p: p["vbr"],
    "variable without a header": lambda p: p["bare_vbr"],
    "other rate and stereo": lambda p: p["stereo"],
    "MPEG 2": lambda p: p["low"],
    "MPEG 2, stereo, tagged": lambda p: id3() + p["low_stereo"],
    "MPEG 2.5": lambda p: p["lowest"],
    "header says double": lambda p: with_header(p["cbr"], frames=2),
    "header says half": lambda p: with_header(p["vbr"], frames=0.5),
    "header says zero": lambda p: with_header(p["vbr"], frames=0),
    "header is silent": lambda p: with_header(p["cbr"], flags=0),
    "64 KB of junk in front": lambda p: noise(65_536) + p["cbr"],
    "2 MB of junk in front": lambda p: noise(2_000_000) + p["vbr"],
    "zeros in front": lambda p: bytes(100_000) + p["bare"],
    "zeros in mid-file": lambda p: p["bare"][:40_000] + bytes(30_000) + p["bare"][40_000:],
    "tag in front": lambda p: id3() + p["cbr"],
    "two tags in front": lambda p: id3() + id3() + p["cbr"],
    "tag in mid-file": lambda p: p["cbr"][:40_130] + id3() + p["cbr"][40_130:],
    "old tag at the end": lambda p: p["cbr"] + id3v1(),
    "APE at the end": lambda p: p["cbr"] + ape(),
    "both at the end": lambda p: p["bare"] + ape() + id3v1(),
    "junk at the end": lambda p: p["vbr"] + noise(50_000),
    "joined": lambda p: p["cbr"] + p["cbr"],
    "joined bare": lambda p: p["bare"] + p["bare"],
    "joined with tags between": lambda p: id3() + p["cbr"] + id3v1() + id3() + p["cbr"] + id3v1(),
    "joined of two kinds": lambda p: p["bare"] + p["stereo"] + p["bare_vbr"],
    "cut without a header": lambda p: p["bare"][: len(p["bare"]) // 2],
    "cut a little": lambda p: p["cbr"][:-1000],
}


@pytest.fixture(scope="session")
def pieces(folder: Path, cbr: bytes, bare: bytes, vbr: bytes, bare_vbr: bytes, stereo: bytes) -> Pieces:
    def low(rate: int, layout: str) -> bytes:
        name = f"low-{rate}-{layout}.mp3"
        return encode(folder / name, "libmp3lame", "mp3", seconds=4, rate=rate, layout=layout, bitrate=32_000, options=NO_ID3)

    lows = {"low": low(24_000, "mono"), "low_stereo": low(22_050, "stereo"), "lowest": low(11_025, "mono")}
    return {"cbr": cbr, "bare": bare, "vbr": vbr, "bare_vbr": bare_vbr, "stereo": stereo} | lows


@pytest.mark.parametrize("build", BUILDS.values(), ids=BUILDS)
def test_the_duration_is_what_a_decoder_gets(build: Callable[[Pieces], bytes], pieces: Pieces, put: Put) -> None:
    path = put("talk.mp3", build(pieces))
    found = read_media(path, path.name).facts
    assert "audio/mpeg" == found.media_type
    assert decode(path, "mp3") == pytest.approx(found.seconds, abs=0.12)
    assert round(found.seconds) == found.duration


def test_a_constant_bitrate_is_exact(put: Put, cbr: bytes, stereo: bytes) -> None:
    found = facts(put, id3() + cbr + id3v1())
    assert (64_000, 44_100, 1, SECONDS) == (found.bitrate, found.sample_rate, found.channels, found.duration)
    found = facts(put, stereo)
    assert (128_000, 48_000, 2, 5) == (found.bitrate, found.sample_rate, found.channels, found.duration)


def test_a_variable_bitrate_is_the_average(put: Put, bare_vbr: bytes) -> None:
    found = facts(put, bare_vbr)
    assert len(bare_vbr) * 8 / found.seconds == pytest.approx(found.bitrate, rel=0.01)


def test_tags_do_not_count_as_audio(put: Put, bare_vbr: bytes) -> None:
    assert facts(put, bare_vbr).bitrate == facts(put, id3("x" * 50_000) + bare_vbr + ape()).bitrate


def test_padding_that_players_leave_out_is_left_out(put: Put, cbr: bytes) -> None:
    assert float(SECONDS) == pytest.approx(facts(put, cbr).seconds, abs=0.001)


@pytest.mark.parametrize("part", [0.25, 0.5, 0.8])
def test_a_truncated_file_is_refused(put: Put, cbr: bytes, vbr: bytes, part: float) -> None:
    for data in (cbr, vbr, id3() + cbr, with_header(cbr, flags=1)):
        with pytest.raises(MediaError, match=r"^talk.mp3 is truncated: its header promises 0:00:12, the file holds 0:00:") as caught:
            facts(put, data[: int(len(data) * part)])
        assert "again" in caught.value.hint


def test_the_second_of_joined_files_may_be_the_truncated_one(put: Put, cbr: bytes) -> None:
    with pytest.raises(MediaError, match=r"promises 0:00:24, the file holds 0:00:1[78]"):
        facts(put, id3() + cbr + id3() + cbr[: len(cbr) // 2])


def test_a_frame_that_is_cut_off_does_not_count(put: Put, bare: bytes) -> None:
    assert 1152 / 44_100 == pytest.approx(facts(put, bare).seconds - facts(put, bare[:-50]).seconds)


def test_a_lost_second_is_no_truncation(put: Put, cbr: bytes) -> None:
    assert SECONDS - 1 == facts(put, cbr[: -len(cbr) // SECONDS]).duration


@pytest.mark.parametrize("kind", ["low", "low_stereo", "lowest", "stereo"])
def test_the_header_is_found_in_every_kind_of_frame(put: Put, pieces: Pieces, kind: str) -> None:
    found = facts(put, pieces[kind])
    assert found.seconds == pytest.approx(found.promised or 0)
    assert round(found.seconds, 3) == found.duration


def test_the_header_of_another_encoder_is_a_promise_too(put: Put, bare: bytes) -> None:
    frames = 460
    vbri = (bare[:4] + bytes(32) + struct.pack(">4s3HII", b"VBRI", 1, 0, 0, len(bare) + 208, frames)).ljust(208, b"\0")
    assert frames * 1152 / 44_100 == pytest.approx(facts(put, vbri + bare).promised or 0)
    with pytest.raises(MediaError, match="truncated"):
        facts(put, vbri + bare[: len(bare) // 2])


def test_a_wrong_count_of_frames_in_a_whole_file_is_a_warning(put: Put, cbr: bytes) -> None:
    found = facts(put, with_header(cbr, frames=2))
    assert SECONDS == found.duration
    assert 2 * SECONDS == round(found.promised or 0)
    assert ("its header says 0:00:24, it holds 0:00:12: players may show the wrong time",) == found.warnings


def test_a_wrong_count_of_frames_and_bytes_is_a_truncation(put: Put, cbr: bytes) -> None:
    with pytest.raises(MediaError, match="truncated"):
        facts(put, with_header(cbr, frames=2, length=2))


def test_a_file_longer_than_its_header_is_a_warning(put: Put, cbr: bytes) -> None:
    assert any("its header says 0:00:12, it holds 0:00:24" in warning for warning in facts(put, cbr + cbr).warnings)


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("variable", "many players seek imprecisely"),
        ("variable without a header", "no header to seek by"),
        ("64 KB of junk in front", "65,536 bytes in front of the audio"),
        ("zeros in mid-file", "in mid-file are no audio"),
        ("joined with tags between", "joined from 2 parts"),
        ("joined of two kinds", "joined from 3 parts"),
        ("header says half", "its header says 0:00:06"),
    ],
)
def test_what_players_stumble_over_is_a_warning(put: Put, pieces: Pieces, name: str, phrase: str) -> None:
    assert phrase in " | ".join(facts(put, BUILDS[name](pieces)).warnings)


def test_a_good_file_has_no_warning(put: Put, cbr: bytes) -> None:
    assert () == facts(put, id3() + cbr + ape() + id3v1()).warnings
    assert () == facts(put, id3("x" * 50_000) + ape("x" * 50_000) + cbr).warnings


def test_what_only_looks_like_frames_ends_soon(put: Put) -> None:
    with pytest.raises(MediaError, match="too damaged"):
        facts(put, b"\xff\xfb\x90\x00" * 300_000)


def test_noise_is_no_mp3() -> None:
    assert mp3.walk(noise(3_000_000)) is None


def test_a_tag_that_claims_more_than_the_file_is_no_audio(put: Put) -> None:
    with pytest.raises(MediaError, match="holds tags and no audio"):
        facts(put, b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(1000))


@pytest.mark.parametrize("seed", range(40))
def test_damage_never_ends_in_another_error(put: Put, pieces: Pieces, seed: int) -> None:
    dice = random.Random(seed)
    data = bytearray(id3() + pieces[dice.choice(["cbr", "vbr", "stereo"])] + ape())
    for _ in range(dice.randrange(1, 60)):
        at = dice.randrange(len(data))
        data[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(4))
    with suppress(MediaError):
        assert facts(put, bytes(data)).duration >= 0


@pytest.mark.parametrize("tail", [b"APETAGEX", b"APETAGEX" + bytes(24), b"TAG", b"ID3", b"ID3\x04\x00\x00\x00\x00\x00\x00"])
def test_a_stump_of_a_tag_does_no_harm(put: Put, cbr: bytes, tail: bytes) -> None:
    assert SECONDS == facts(put, cbr + tail).duration
    assert SECONDS == facts(put, tail + cbr).duration
    with pytest.raises(MediaError):
        facts(put, tail)


@pytest.mark.parametrize("pattern", ["p", "n", "np", "nnp", "pppppppppn"])
def test_short_frames_are_counted_however_many_are_padded(pattern: str) -> None:
    plain, padded = b"\xff\xf3\x14\xc0" + bytes(20), b"\xff\xf3\x16\xc0" + bytes(21)
    walk = mp3.walk(b"".join({"n": plain, "p": padded}[kind] for kind in pattern * 1000))
    assert walk
    assert len(pattern) * 24.0 == walk.seconds
    assert (8000, True, 24_000, 1, 1) == (walk.bitrate, walk.constant, walk.rate, walk.channels, walk.parts)
    assert sum({"n": 24, "p": 25}[kind] for kind in pattern) * 1000 == walk.length


@pytest.mark.parametrize("rest", [0, 1, 100])
def test_two_bitrates_in_turn_are_no_constant_one_whatever_is_counted_at_once(rest: int) -> None:
    # 128 and 160 kbit/s, so that each run of an even number of frames begins with the same header.
    frames = [bytes.fromhex("fffb9064") + bytes(413), bytes.fromhex("fffba064") + bytes(518)]
    data = b"".join(frames * 128) + frames[0] * rest
    found = mp3.walk(data + frames[1][:200])
    assert found
    assert (False, len(data), 256 + rest) == (found.constant, found.length, round(found.seconds * 44_100 / 1152))
    assert abs(found.bitrate - len(data) * 8 / found.seconds) <= 1


@pytest.mark.parametrize("stream", [b"\xff\xfb\x50\xc4", b"\xff\xf3\x44\x04"], ids=["padded", "equal"])
def test_frames_counted_many_at_once_are_those_counted_singly(stream: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, padded = (mp3.parse_header(stream[:2] + bytes([stream[2] | more]) + stream[3:]) for more in (0, 2))
    assert plain
    assert padded
    frames = [stream + bytes(plain.size - 4)] * 49
    if padded.rate == 44_100:
        frames[1:] = [stream[:2] + bytes([stream[2] | 2]) + stream[3:] + bytes(padded.size - 4)] * 48
    dice = random.Random(5)
    for spoilt in [(byte, bit, at) for byte in range(4) for bit in range(8) for at in (dice.randrange(49), dice.randrange(50, 196))]:
        data = bytearray(b"".join(frames * 4))
        byte, bit, at = spoilt
        data[len(b"".join((frames * 4)[:at])) + byte] ^= 1 << bit
        monkeypatch.undo()
        monkeypatch.setattr(mp3, "_REGULAR", len(b"".join(frames)))
        at_once = mp3.walk(bytes(data))
        monkeypatch.setattr(mp3, "_skip_runs", lambda _data, position, *_: position)
        singly = mp3.walk(bytes(data))
        assert singly
        assert at_once
        assert singly.seconds == pytest.approx(at_once.seconds), spoilt
        assert replace(singly, seconds=0) == replace(at_once, seconds=0), spoilt


def test_a_stream_that_turns_to_stereo_is_what_most_of_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mp3, "_REGULAR", 49 * 96)
    mono, stereo = (b"\xff\xf3\x44" + mode + bytes(92) for mode in (b"\xc4", b"\x04"))
    found = mp3.walk(mono * 98 + stereo * 490)
    assert found
    assert (2, 588) == (found.channels, round(found.seconds * 24_000 / 576))
