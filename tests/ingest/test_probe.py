"""Each container's type and duration come from its bytes, and a header that promises too much is found out."""

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from podcast.errors import MediaError
from podcast.ingest.demux import DEMUXERS as DEMUXERS_OF_INGEST
from podcast.ingest.demux import read_packets
from podcast.ingest.media import Facts, read_media
from podcast.ingest.refusal import Refused

from .sound import SECONDS, decode, encode

Put = Callable[[str, bytes], Path]
DEMUXERS = {"m4a": "mov", "faststart": "mov", "opus": "ogg", "vorbis": "ogg", "flac": "flac", "wav": "wav", "aiff": "aiff", "aac": "aac"}
TYPES = {"mov": "audio/x-m4a"}


def facts(put: Put, data: bytes, name: str = "talk.mp3") -> Facts:
    path = put(name, data)
    return read_media(path, path.name).facts


@pytest.mark.parametrize("kind", DEMUXERS)
def test_type_and_duration_are_the_bytes_own(request: pytest.FixtureRequest, put: Put, kind: str) -> None:
    data: bytes = request.getfixturevalue(kind)
    path = put("named wrongly.mp3", data)
    found = read_media(path, path.name).facts
    assert TYPES.get(DEMUXERS[kind], f"audio/{DEMUXERS[kind]}") == found.media_type
    assert decode(path, DEMUXERS[kind]) == pytest.approx(found.seconds, abs=0.06)
    assert SECONDS == found.duration
    assert (48_000 if kind == "opus" else 44_100, 2 if kind == "vorbis" else 1) == (found.sample_rate, found.channels)
    assert len(data) * 8 / SECONDS == pytest.approx(found.bitrate, rel=0.07)
    assert () == found.warnings


def test_a_header_is_only_a_promise(put: Put, flac: bytes, wav: bytes, m4a: bytes, aiff: bytes, opus: bytes) -> None:
    for data in (flac, wav, m4a, aiff):
        assert float(SECONDS) == pytest.approx(facts(put, data).promised or 0, abs=0.05)
    assert facts(put, opus).promised is None


@pytest.mark.parametrize("kind", ["faststart", "flac", "wav", "aiff"])
def test_a_truncated_file_is_refused(request: pytest.FixtureRequest, put: Put, kind: str) -> None:
    data: bytes = request.getfixturevalue(kind)
    with pytest.raises(MediaError, match=r"^talk.mp3 is truncated: its header promises 0:00:12, the file holds 0:00:0[67]$") as caught:
        facts(put, data[: len(data) * 11 // 20])
    assert "again" in caught.value.hint


def test_an_mp4_cut_before_its_index_is_refused(put: Put, m4a: bytes) -> None:
    with pytest.raises(MediaError, match="is truncated: it ends before its index"):
        facts(put, m4a[: len(m4a) // 2])


def test_an_mp4_without_an_index_is_refused(put: Put, m4a: bytes) -> None:
    with pytest.raises(MediaError, match="lacks its index"):
        facts(put, m4a[:28])


def test_a_fragmented_mp4_counts_its_fragments(put: Put, folder: Path) -> None:
    data = encode(folder / "fragments.m4a", "aac", "mp4", options={"movflags": "frag_keyframe+empty_moov"})
    assert SECONDS == facts(put, data).duration


def test_a_streamed_wav_promises_nothing(put: Put, wav: bytes) -> None:
    at = wav.index(b"data")
    streamed = wav[:4] + b"\xff\xff\xff\xff" + wav[8 : at + 4] + b"\xff\xff\xff\xff" + wav[at + 8 :]
    found = facts(put, streamed)
    assert (SECONDS, None) == (found.duration, found.promised)
    assert SECONDS // 2 == facts(put, streamed[: len(streamed) // 2]).duration


def test_a_wav_of_more_than_4_gib_may_say_so_elsewhere(put: Put, folder: Path) -> None:
    data = encode(folder / "large.wav", "pcm_s16le", "wav", bitrate=None, options={"rf64": "always"})
    assert b"RF64" == data[:4]
    assert (SECONDS, "audio/wav") == (facts(put, data).duration, facts(put, data).media_type)


def test_a_wav_with_another_codec_inside_is_measured_by_its_packets(put: Put, folder: Path) -> None:
    data = encode(folder / "adpcm.wav", "adpcm_ima_wav", "wav", bitrate=None)
    assert SECONDS == facts(put, data).duration


def test_adts_promises_nothing(put: Put, folder: Path, aac: bytes) -> None:
    quiet = encode(folder / "quiet.aac", "aac", "adts", seconds=3, bitrate=12_000)
    found = facts(put, quiet + aac)
    assert (SECONDS + 3, None) == (found.duration, found.promised)


def test_a_flac_in_ogg_is_known(put: Put) -> None:
    page = struct.pack("<4sBBqIII", b"OggS", 0, 2, 0, 7, 0, 0)
    streaminfo = bytes(10) + (48_000 << 44 | 1 << 41 | 15 << 36 | 480_000).to_bytes(8, "big") + bytes(16)
    packet = b"\x7fFLAC\x01\x00\x00\x00fLaC" + b"\x00\x00\x00\x22" + streaminfo
    first = page + bytes([1, len(packet)]) + packet
    middle = struct.pack("<4sBBqIII", b"OggS", 0, 0, -1, 7, 1, 0) + bytes([1, 200]) + bytes(200)
    last = struct.pack("<4sBBqIII", b"OggS", 0, 4, 480_000, 7, 1, 0) + bytes([1, 200]) + bytes(200)
    found = facts(put, first + middle + last)
    assert (10, 48_000, 2) == (found.duration, found.sample_rate, found.channels)


def test_chained_ogg_counts_every_stream(put: Put, opus: bytes, vorbis: bytes) -> None:
    for parts in ((opus, opus), (opus, vorbis), (vorbis, vorbis, opus)):
        found = facts(put, b"".join(parts))
        assert len(parts) * SECONDS == found.duration
        assert (f"it was joined from {len(parts)} streams: some players stop at a join; export it anew",) == found.warnings


def test_streams_that_play_together_count_once(put: Put, opus: bytes) -> None:
    first = next(at for at in pages(opus) if at)
    other = opus[:14] + b"\x01\x02\x03\x04" + opus[18:first]
    found = facts(put, opus[:first] + other + opus[first:])
    assert (SECONDS, ()) == (found.duration, found.warnings)


def test_opus_leaves_out_its_pre_skip(put: Put, opus: bytes) -> None:
    at = opus.index(b"OpusHead") + 10
    whole = facts(put, opus).seconds
    late = facts(put, opus[:at] + struct.pack("<H", struct.unpack("<H", opus[at : at + 2])[0] + 48_000) + opus[at + 2 :]).seconds
    assert whole - 1 == pytest.approx(late)


def test_opus_counts_at_48_khz_whatever_was_recorded(put: Put, opus: bytes) -> None:
    at = opus.index(b"OpusHead") + 12
    found = facts(put, opus[:at] + struct.pack("<I", 44_100) + opus[at + 4 :])
    assert (SECONDS, 44_100) == (found.duration, found.sample_rate)


def test_a_page_that_is_cut_off_does_not_count(put: Put, opus: bytes) -> None:
    assert facts(put, opus[:-10]).seconds < facts(put, opus).seconds


def test_an_ogg_cut_out_of_a_broadcast_begins_at_zero(put: Put, opus: bytes) -> None:
    shifted = bytearray(opus)
    for at in pages(opus):
        granule = struct.unpack_from("<q", opus, at + 6)[0]
        if granule > 0:
            struct.pack_into("<q", shifted, at + 6, granule + 48_000 * 7200)
    assert SECONDS == pytest.approx(facts(put, bytes(shifted)).seconds, abs=1.1)


def pages(ogg: bytes) -> Iterator[int]:
    at = ogg.find(b"OggS")
    while at >= 0:
        yield at
        at = ogg.find(b"OggS", at + 4)


def test_an_ogg_without_its_end_is_a_warning(put: Put, opus: bytes) -> None:
    found = facts(put, opus[: len(opus) // 2])
    assert 4 <= found.duration <= 7
    assert any("may not have been copied whole" in warning for warning in found.warnings)


def test_junk_between_ogg_pages_is_stepped_over(put: Put, opus: bytes) -> None:
    at = list(pages(opus))[4]
    assert SECONDS == facts(put, opus[:at] + b"OggS" + bytes(5000) + opus[at:]).duration


def test_the_demuxer_is_never_guessed(flac: bytes, aiff: bytes, wav: bytes, put: Put) -> None:
    other = put("other.wav", wav)
    playlist = f"ffconcat version 1.0\nfile {other}\n".encode()
    for data, media_type in ((flac, "audio/wav"), (aiff, "audio/wav"), (playlist, "audio/wav"), (playlist, "audio/x-m4a")):
        with pytest.raises(Refused):
            read_packets(io.BytesIO(data), media_type)


def test_a_header_of_zeros_is_refused_without_a_search(put: Put) -> None:
    path = put("zeros.wav", b"RIFF\xff\xff\xff\xffWAVE")
    with path.open("r+b") as file:
        file.truncate(4_400_000_000)
    with pytest.raises(MediaError, match="holds no audio"):
        read_media(path, path.name)


def test_a_video_is_refused(put: Put, tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    with pytest.raises(MediaError, match="is a video"):
        facts(put, path.read_bytes(), "video.m4a")


def test_an_mp4_whose_sound_is_empty_is_refused(put: Put, folder: Path) -> None:
    data = encode(folder / "nothing.m4a", "aac", "mp4", options={"movflags": "+faststart"}, seconds=1)
    with pytest.raises(MediaError):
        facts(put, data[: data.index(b"mdat") + 4])


def test_ffmpeg_follows_no_name_that_stands_in_a_file(put: Put, flac: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    other = put("other.flac", flac)
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:30\n#EXTINF:30,\nfile://{other}\n#EXT-X-ENDLIST\n".encode()
    monkeypatch.setitem(DEMUXERS_OF_INGEST, "audio/x-playlist", "hls")
    assert 0 == read_packets(io.BytesIO(playlist), "audio/x-playlist").length
    with av.open(io.BytesIO(playlist), "r", format="hls") as container:
        assert sum(packet.size for packet in container.demux()), "it would follow it, were it let to"
