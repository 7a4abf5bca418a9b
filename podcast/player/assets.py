"""The script and the style sheets, under names that hold their hash."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

from podcast.player.labels import player_words

_STATIC: Final = Path(__file__).parent / "static"


@cache
def _asset(name: str) -> tuple[str, bytes]:
    body = (_STATIC / name).read_bytes()
    if name == "player.js":
        body = f"const WORDS = {json.dumps(player_words(), ensure_ascii=False, separators=(',', ':'))};\n".encode() + body
    stem, _, extension = name.rpartition(".")
    return f"assets/{stem}-{hashlib.sha256(body).hexdigest()[:12]}.{extension}", body


def assets() -> list[tuple[str, bytes]]:
    """Return the key and the bytes of each file that the embed and the pages load."""
    return [_asset(name) for name in ("player.js", "player.css", "page.js", "page.css")]


def host_script() -> bytes:
    """Return the script that defines ``<podcast-player>`` in a page of somebody else's. Its name holds no hash, since that page stays."""
    return (_STATIC / "host.js").read_bytes()


def player_js_key() -> str:
    """Return the key of the script."""
    return _asset("player.js")[0]


def player_css_key() -> str:
    """Return the key of the style sheet of the player, which is all that an embed loads."""
    return _asset("player.css")[0]


def page_js_key() -> str:
    """Return the key of the script of a page."""
    return _asset("page.js")[0]


def page_css_key() -> str:
    """Return the key of what a page looks like around its player."""
    return _asset("page.css")[0]
