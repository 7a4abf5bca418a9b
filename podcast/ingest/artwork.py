"""Covers: a JPEG or PNG, known by its bytes, without what a camera wrote into it."""

import io
import warnings
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from podcast.model import Artwork

from .files import read_small
from .refusal import Refused, naming
from .staging import Staging

LIMIT: Final = 20 << 20
_MAX_PIXELS: Final = 36_000_000
_TYPES: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png"}
# Where cameras and programs leave places, names and comments.
_PRIVATE: Final = {"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "Comment", "Description", "Author"}
_APPLE: Final = range(1400, 3001)

_HINT: Final = "Give a JPEG or PNG, square, 1400 to 3000 pixels wide."


def read_artwork(path: Path, staging: Staging) -> tuple[Artwork, tuple[str, ...]]:
    """Stage the picture in a file; MediaError where it is none that podcast apps can show."""
    return store_artwork(read_small(path, LIMIT), staging, path.name)


def store_artwork(data: bytes, staging: Staging, name: str) -> tuple[Artwork, tuple[str, ...]]:
    """Stage a picture and return it with warnings; MediaError, about ``name``, where it is none that podcast apps can show.

    The bytes stay as they are where they can. Turned pictures are set upright, other colours than RGB converted, and
    what is private left out. Nothing is ever scaled up.
    """
    with naming(name):
        if len(data) > LIMIT:
            raise Refused(f"is larger than {LIMIT >> 20} MiB", hint=_HINT)
        kept, media_type, (width, height) = _prepare(data)
    staged = staging.store(kept)
    artwork = Artwork(sha256=staged.sha256, md5=staged.md5, length=staged.length, media_type=media_type, width=width, height=height)
    return artwork, tuple(artwork_doubts(width, height))


def picture_facts(data: bytes) -> tuple[str, int, int] | None:
    """Return the media type, width and height of a picture by its first bytes; None where they are of no picture that we know."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF")) as picture:
            return _TYPES.get(picture.format or "", f"image/{(picture.format or '').lower()}"), picture.width, picture.height
    except Exception:  # noqa: BLE001 - whatever a decoder stumbles over, it is none
        return None


def _prepare(data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """Return the bytes to publish, their type, and width and height."""
    try:
        # Pillow only warns of a picture that is too large to open safely; here that ends it.
        with warnings.catch_warnings(action="error"), Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
            return _checked(picture, data)
    except UnidentifiedImageError as error:
        raise Refused("is no JPEG or PNG picture", hint=_HINT) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("has too many pixels to show", hint=_HINT) from error
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"is a damaged picture: {error}", hint=_HINT) from error


def _checked(picture: Image.Image, data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    if picture.width * picture.height > _MAX_PIXELS:
        raise Refused(f"has {picture.width} x {picture.height} pixels, too many to show", hint=_HINT)
    picture.load()
    is_plain = picture.mode == "RGB" and not _PRIVATE & picture.info.keys() and not getattr(picture, "is_animated", False)
    if picture.format != "MPO" and is_plain:
        return data, _TYPES[picture.format or ""], picture.size
    return _made_plain(picture)


def _made_plain(picture: Image.Image) -> tuple[bytes, str, tuple[int, int]]:
    """Write the picture anew: upright, RGB, one frame, without metadata but its colour profile."""
    media_type = _TYPES[picture.format or ""]
    upright = ImageOps.exif_transpose(picture)
    profile = picture.info.get("icc_profile") if picture.mode == "RGB" else None
    plain = _on_white(upright) if upright.has_transparency_data else upright.convert("RGB")
    plain.info = {}  # Pillow would write some of it again.
    out = io.BytesIO()
    if media_type == "image/png":
        plain.save(out, "PNG", icc_profile=profile)
    else:
        plain.save(out, "JPEG", quality=92, icc_profile=profile)
    return out.getvalue(), media_type, plain.size


def _on_white(picture: Image.Image) -> Image.Image:
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    ground.alpha_composite(layer)
    return ground.convert("RGB")


def artwork_doubts(width: int, height: int) -> list[str]:
    """Return what Apple and the apps will say of a cover of this size."""
    doubts = []
    if width != height:
        doubts.append(f"the cover is not square ({width} x {height}): most apps crop it")
    if width not in _APPLE or height not in _APPLE:
        doubts.append(f"the cover is {width} x {height} pixels: Apple wants 1400 to 3000")
    return doubts
