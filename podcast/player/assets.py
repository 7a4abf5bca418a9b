"""The script and the style sheet of every page, under names that hold their hash."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

_STATIC: Final = Path(__file__).parent / "static"


@cache
def _asset(name: str) -> tuple[str, bytes]:
    body = (_STATIC / name).read_bytes()
    stem, _, extension = name.rpartition(".")
    return f"assets/{stem}-{hashlib.sha256(body).hexdigest()[:12]}.{extension}", body


def assets() -> list[tuple[str, bytes]]:
    """Return the key and the bytes of each file that the pages load."""
    return [_asset("player.js"), _asset("player.css")]


def player_js_key() -> str:
    """Return the key of the script."""
    return _asset("player.js")[0]


def player_css_key() -> str:
    """Return the key of the style sheet."""
    return _asset("player.css")[0]
