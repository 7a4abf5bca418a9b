"""Pictures, decoded: for the sandbox, which needs all of Pillow that they may want to be imported beforehand."""

import io
import warnings
from typing import BinaryIO, Final

from PIL import (  # noqa: F401 - the plugins cannot be imported while a picture is read
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from .refusal import Refused

_MAX_PIXELS: Final = 36_000_000
_TYPES: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png"}
# Where cameras and programs leave places, names and comments.
_PRIVATE: Final = {"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "Comment", "Description", "Author"}

#: Apple takes no more pixels, and every listener downloads them.
_LARGEST: Final = 3000
#: Pixels of a cover in the tags: every listener downloads it with each episode.
_IN_TAGS: Final = 1400
_QUALITY: Final = 85
#: Looks the same as JPEG at 85.
_WEBP: Final = 80

HINT: Final = "Give a JPEG or PNG, square, 1400 to 3000 pixels wide."


def facts(data: bytes) -> tuple[str, int, int]:
    """Return the media type, width and height of a picture by its first bytes; Refused where they are of none that we know."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF")) as picture:
            return _TYPES.get(picture.format or "", f"image/{(picture.format or '').lower()}"), picture.width, picture.height
    except Exception as error:
        raise Refused("is no picture", hint=HINT) from error


def prepare(data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """Return the bytes to publish, their type, and width and height; Refused for what is no picture that apps can show."""
    try:
        # Pillow only warns of a picture that is too large to open safely; here that ends it.
        with warnings.catch_warnings(action="error"), Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
            return _checked(picture, data)
    except UnidentifiedImageError as error:
        raise Refused("is no JPEG or PNG picture", hint=HINT) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("has too many pixels to show", hint=HINT) from error
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"is a damaged picture: {error}", hint=HINT) from error


def for_tags(data: bytes) -> bytes:
    """Return a picture that is ours as tags carry it: a JPEG of at most 1400 pixels; one that is that already stays as it is."""
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
        if picture.format == "JPEG" and max(picture.size) <= _IN_TAGS:
            return data
        picture.draft("RGB", (_IN_TAGS, _IN_TAGS))
        profile = picture.info.get("icc_profile")
        small = picture.convert("RGB")
        small.thumbnail((_IN_TAGS, _IN_TAGS), Image.Resampling.LANCZOS)
        small.info = {}
        out = io.BytesIO()
        small.save(out, "JPEG", quality=_QUALITY, icc_profile=profile, progressive=True)
        return out.getvalue()


def smaller(file: BinaryIO, *, copies: list[tuple[int, str]]) -> list[bytes]:
    """Return copies of a picture that is ours, in the colours of the web: each of a width, and a "jpg" or a "webp"."""
    with Image.open(file, formats=("JPEG", "PNG")) as picture:
        width, height = picture.size
        widest = max(width for width, _ in copies)
        picture.draft("RGB", (widest, widest))
        plain = _in_rgb(picture, is_exact=True)
        plain.info = {}
        made = []
        for narrow, ending in copies:
            out = io.BytesIO()
            copy = plain.resize((narrow, max(round(height * narrow / width), 1)), Image.Resampling.LANCZOS, reducing_gap=3.0)
            if ending == "webp":
                copy.save(out, "WEBP", quality=_WEBP)
            else:
                copy.save(out, "JPEG", quality=_QUALITY, progressive=True, optimize=True)
            made.append(out.getvalue())
        return made


def _checked(picture: Image.Image, data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    if picture.width * picture.height > _MAX_PIXELS:
        raise Refused(f"has {picture.width} x {picture.height} pixels, too many to show", hint=HINT)
    picture.load()
    is_plain = (
        picture.mode == "RGB"
        and max(picture.size) <= _LARGEST
        and not _PRIVATE & picture.info.keys()
        and not getattr(picture, "is_animated", False)
    )
    if picture.format != "MPO" and is_plain:
        return data, _TYPES[picture.format or ""], picture.size
    return _made_plain(picture)


def _made_plain(picture: Image.Image) -> tuple[bytes, str, tuple[int, int]]:
    """Write the picture anew: upright, RGB, one frame, at most 3000 pixels, without metadata but its colour profile."""
    media_type = _TYPES[picture.format or ""]
    ImageOps.exif_transpose(picture, in_place=True)  # A copy of 36 million pixels would be one too many for the sandbox.
    profile = picture.info.get("icc_profile") if picture.mode == "RGB" else None
    plain = _on_white(picture) if picture.has_transparency_data else _in_rgb(picture)
    plain.thumbnail((_LARGEST, _LARGEST), Image.Resampling.LANCZOS)
    plain.info = {}  # Pillow would write some of it again.
    out = io.BytesIO()
    if media_type == "image/png":
        plain.save(out, "PNG", icc_profile=profile)
    else:
        plain.save(out, "JPEG", quality=92, icc_profile=profile)
    return out.getvalue(), media_type, plain.size


def _in_rgb(picture: Image.Image, *, is_exact: bool = False) -> Image.Image:
    """Return the picture in RGB; the colours of print, or with ``is_exact`` any, are worked out by their profile where they bring one."""
    profile = picture.info.get("icc_profile")
    if picture.mode in ({"CMYK", "RGB"} if is_exact else {"CMYK"}) and profile:
        try:
            print_, screen = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            if converted := ImageCms.profileToProfile(picture, print_, screen, outputMode="RGB"):
                return converted
        except (ImageCms.PyCMSError, OSError):
            pass  # A broken profile is as good as none.
    if picture.mode.startswith("I"):
        picture = picture.point(lambda level: level / 256, "L")  # Of 16 bits Pillow shows all as white.
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    layer = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground
