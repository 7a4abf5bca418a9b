"""What is no audio is refused by what it is, whatever its name says."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from podcast.errors import MediaError
from podcast.ingest.media import read_media
from podcast.ingest.sniff import refuse_at_once

from .conftest import picture

Put = Callable[[str, bytes], Path]


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as files:
        files.writestr("a.txt", "text")
    return out.getvalue()


def other_picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, kind)
    return out.getvalue()


OTHERS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "one byte": (b"x", "is text"),
    "text": (b"Just a few words.\n" * 100, "is text"),
    "Cyrillic text": (("Кыргызстан " * 2000).encode(), "is text"),
    "UTF-16 text": ("Кыргызстан".encode("utf-16"), "is text"),
    "noise": (bytes(range(200, 0, -1)) * 50, "is binary data"),
    "zeros": (bytes(70_000), "is nothing but zeros"),
    "page": (b"\n <!DOCTYPE html><html><body>404</body></html>", "is a web page"),
    "feed": (b'<?xml version="1.0"?><rss version="2.0"></rss>', "is an XML file"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is an XML file"),
    "M3U": (b"#EXTM3U\n#EXTINF:1,x\nfile:///etc/passwd\n", "is a playlist"),
    "ffconcat": (b"ffconcat version 1.0\nfile /etc/passwd\n", "is a playlist"),
    "PLS": (b"[playlist]\nFile1=http://127.0.0.1/x\n", "is a playlist"),
    "DASH": (b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>', "is a playlist"),
    "SDP": (b"v=0\no=- 0 0 IN IP4 127.0.0.1\n", "is text"),
    "JPEG": (picture(), "is a picture"),
    "PNG": (picture("PNG"), "is a picture"),
    "GIF": (other_picture("GIF"), "is a picture"),
    "WebP": (other_picture("WEBP"), "is a picture"),
    "BMP": (other_picture("BMP"), "is a picture"),
    "TIFF": (other_picture("TIFF"), "is a picture"),
    "AVIF": (b"\x00\x00\x00\x1cftypavif" + bytes(100), "is a picture"),
    "ZIP": (archive(), "is a ZIP archive"),
    "gzip": (b"\x1f\x8b\x08" + bytes(100), "is an archive"),
    "PDF": (b"%PDF-1.7\n", "is a PDF"),
    "Matroska": (b"\x1aE\xdf\xa3" + bytes(100), "is Matroska"),
    "AVI": (b"RIFF\x00\x01\x00\x00AVI LIST", "is a video"),
    "MPEG-TS": ((b"G" + bytes(187)) * 9, "is a video"),
    "WMA": (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), "is Windows Media"),
    "program": (b"\x7fELF\x02\x01\x01", "is a program"),
    "Layer II": (b"\xff\xfd\x80\x00" + bytes(500), "is MPEG Layer II"),
    "Theora": (b"OggS\x00\x02" + bytes(20) + b"\x01\x2a\x80theora\x03\x02\x01" + bytes(32), "is a video"),
    "Speex": (b"OggS\x00\x02" + bytes(20) + b"\x01\x50Speex   1.2" + bytes(69), "is Speex"),
    "Ogg without sound": (b"OggS\x00\x02" + bytes(20) + b"\x01\x08fishead\x00", "holds no Ogg audio"),
}


@pytest.mark.parametrize(("data", "what"), OTHERS.values(), ids=OTHERS)
def test_what_is_no_audio_is_named(put: Put, data: bytes, what: str) -> None:
    path = put("talk.mp3", data)
    with pytest.raises(MediaError, match=f"^talk.mp3 {what}") as caught:
        read_media(path, path.name)
    assert caught.value.hint
    assert "\n" not in caught.value.message


TAGS = {
    "empty": b"ID3\x04\x00\x00\x00\x00\x00\x00",
    "filled": b"ID3\x04\x00\x00\x00\x00\x00\x05xxxxx",
    "with a footer": b"ID3\x04\x00\x10\x00\x00\x00\x05xxxxx3DI\x04\x00\x10\x00\x00\x00\x05",
}


@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS)
def test_a_tag_in_front_hides_nothing(put: Put, tag: bytes, flac: bytes, aac: bytes) -> None:
    for data, what in ((b"#EXTM3U\n", "is a playlist"), (picture(), "is a picture"), (b"words " * 99, "is text")):
        path = put("talk.mp3", tag + data)
        with pytest.raises(MediaError, match=f"^talk.mp3 {what}"):
            read_media(path, path.name)
    for data, media_type in ((flac, "audio/flac"), (aac, "audio/aac")):
        path = put("talk.mp3", tag + data)
        assert (media_type, 12) == (read_media(path, path.name).facts.media_type, read_media(path, path.name).facts.duration)


@pytest.mark.parametrize("kind", ["cbr", "m4a", "opus", "flac", "wav", "aiff", "aac"])
def test_the_first_look_lets_audio_pass(request: pytest.FixtureRequest, kind: str) -> None:
    data: bytes = request.getfixturevalue(kind)
    refuse_at_once(data[: 1 << 20])


def test_three_bytes_of_anything_are_no_crash(put: Put) -> None:
    for first in range(256):
        for data in (bytes([first]), bytes([0xFF, first]), bytes([0xFF, 0xFB, first]), bytes([first]) * 40):
            path = put("talk.mp3", data)
            with pytest.raises(MediaError):
                read_media(path, path.name)
