"""A cover becomes a JPEG or PNG that every app shows, and keeps its bytes where they are good."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from podcast.errors import MediaError
from podcast.ingest.artwork import read_artwork, store_artwork
from podcast.ingest.staging import Staging
from podcast.model import Artwork

from .conftest import picture

Put = Callable[[str, bytes], Path]


def stage(staging: Staging, data: bytes) -> tuple[Artwork, Image.Image]:
    artwork, _ = store_artwork(data, staging, "cover.jpg")
    kept = Image.open(staging.path(artwork.sha256))
    kept.load()
    assert (artwork.width, artwork.height) == kept.size
    assert artwork.length == staging.path(artwork.sha256).stat().st_size
    assert "RGB" == kept.mode
    return artwork, kept


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_good_picture_keeps_its_bytes(staging: Staging, put: Put, kind: str, media_type: str) -> None:
    data = picture(kind)
    artwork, warnings = read_artwork(put("cover.txt", data), staging)
    assert data == staging.path(artwork.sha256).read_bytes()
    assert (media_type, 1400, 1400, len(data)) == (artwork.media_type, artwork.width, artwork.height, artwork.length)
    assert () == warnings


def test_a_turned_picture_is_set_upright_and_keeps_no_secrets(staging: Staging) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn right
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[2] = (50.0, 5.0, 0.0)  # a place
    _, kept = stage(staging, picture(size=(300, 200), exif=exif))
    assert (200, 300) == kept.size
    assert not kept.getexif()
    top, bottom = kept.getpixel((100, 5)), kept.getpixel((100, 295))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] != bottom[0]
    assert abs(kept.convert("L").getpixel((5, 150)) - kept.convert("L").getpixel((195, 150))) < 20  # type: ignore[operator]


@pytest.mark.parametrize("data", [picture(comment=b"secret"), picture(xmp=b"<x>secret</x>")], ids=["comment", "XMP"])
def test_what_programs_wrote_into_a_picture_goes(staging: Staging, data: bytes) -> None:
    artwork, _ = stage(staging, data)
    assert b"secret" not in staging.path(artwork.sha256).read_bytes()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "L"), ("PNG", "P"), ("PNG", "1"), ("PNG", "RGBA"), ("PNG", "LA"), ("PNG", "I;16")],
)
def test_other_colours_become_rgb(staging: Staging, kind: str, mode: str) -> None:
    artwork, _ = stage(staging, picture(kind, mode, (60, 60)))
    assert {"JPEG": "image/jpeg", "PNG": "image/png"}[kind] == artwork.media_type


def test_what_is_transparent_becomes_white(staging: Staging) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (60, 60), (0, 0, 0, 0)).save(out, "PNG")
    _, kept = stage(staging, out.getvalue())
    assert (255, 255, 255) == kept.getpixel((30, 30))


def test_16_bits_of_grey_stay_grey(staging: Staging) -> None:
    out = io.BytesIO()
    Image.new("I;16", (60, 60), 0x8000).save(out, "PNG")
    _, kept = stage(staging, out.getvalue())
    assert (128, 128, 128) == kept.getpixel((30, 30))


def test_a_colour_profile_stays(staging: Staging) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    _, kept = stage(staging, picture(size=(60, 60), icc_profile=b"a profile", exif=exif))
    assert b"a profile" == kept.info["icc_profile"]


def test_the_colours_of_print_are_worked_out_by_their_profile(staging: Staging) -> None:
    # No profile of print is at hand; one of the screen in its place must be refused, and not spoil the picture.
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, kept = stage(staging, picture(mode="CMYK", size=(60, 60), icc_profile=profile))
    assert "icc_profile" not in kept.info


@pytest.mark.parametrize(("size", "smaller"), [((3001, 3001), (3000, 3000)), ((6000, 3000), (3000, 1500))])
def test_a_picture_with_too_many_pixels_is_scaled_down(staging: Staging, size: tuple[int, int], smaller: tuple[int, int]) -> None:
    artwork, _ = stage(staging, picture(size=size))
    assert smaller == (artwork.width, artwork.height)


def test_an_animated_picture_becomes_its_first_frame(staging: Staging) -> None:
    out = io.BytesIO()
    first, second = (Image.new("RGB", (60, 60), colour) for colour in ("red", "blue"))
    first.save(out, "PNG", save_all=True, append_images=[second])
    _, kept = stage(staging, out.getvalue())
    assert 1 == getattr(kept, "n_frames", 1)
    assert (255, 0, 0) == kept.getpixel((30, 30))


@pytest.mark.parametrize(
    ("size", "phrases"),
    [
        ((1400, 1400), []),
        ((3000, 3000), []),
        ((1399, 1399), ["Apple wants 1400 to 3000"]),
        ((3001, 3001), []),
        ((1500, 1400), ["not square (1500 x 1400)"]),
        ((100, 90), ["not square", "Apple wants"]),
    ],
)
def test_what_apple_refuses_is_a_warning(staging: Staging, size: tuple[int, int], phrases: list[str]) -> None:
    _, warnings = store_artwork(picture(size=size), staging, "cover.jpg")
    assert len(phrases) == len(warnings)
    assert all(phrase in warning for phrase, warning in zip(phrases, warnings, strict=True))


def huge_png(width: int, height: int) -> bytes:
    """Return a PNG whose header claims a size, and little else."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is no JPEG or PNG picture"),
        (b"words", "is no JPEG or PNG picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no JPEG or PNG picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is no JPEG or PNG picture"),
        (picture("GIF", "P", (20, 20)), "is no JPEG or PNG picture"),
        (picture("WEBP", "RGB", (20, 20)), "is no JPEG or PNG picture"),
        (picture()[:5000], "is a damaged picture"),
        (picture("PNG")[:5000], "is a damaged picture"),
        (huge_png(6001, 6000), "has 6001 x 6000 pixels"),
        (huge_png(13_000, 13_000), "has too many pixels"),
        (huge_png(60_000, 60_000), "has too many pixels"),
        (bytes((20 << 20) + 1), "is larger than 20 MiB"),
    ],
)
def test_what_is_no_cover_is_refused(staging: Staging, data: bytes, what: str) -> None:
    with pytest.raises(MediaError, match=f"^cover.jpg {what}") as caught:
        store_artwork(data, staging, "cover.jpg")
    assert "JPEG or PNG" in caught.value.hint
    assert not staging.root.exists()


@pytest.mark.thorough
def test_36_megapixels_are_not_too_many(staging: Staging) -> None:
    artwork, _ = store_artwork(picture(size=(6000, 6000)), staging, "cover.jpg")
    assert 3000 == artwork.width


def test_a_file_that_is_too_large_is_refused(staging: Staging, put: Put) -> None:
    with pytest.raises(MediaError, match=r"^cover.jpg is larger than 20,480 KiB"):
        read_artwork(put("cover.jpg", bytes((20 << 20) + 1)), staging)
