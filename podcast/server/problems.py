"""Answers that are no, and what the log says of it: problem+json (RFC 9457), or a card where an embed was asked for."""

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.responses import Response

from podcast.errors import PodcastError
from podcast.hiding import shown
from podcast.player.embed import render_missing
from podcast.server.headers import is_embed, page_headers
from podcast.site import Site

_LOG: Final = logging.getLogger("podcast.server")


def log_failure(exc: Exception) -> None:
    """Log what went wrong in one line; the traceback of a bug only where debugging is asked for."""
    if isinstance(exc, PodcastError):
        _LOG.error("%s", shown(f"{exc.message} {exc.hint}".rstrip()))
    else:
        _LOG.error("%s: %s", type(exc).__name__, shown(str(exc)))
        for line in "".join(traceback.format_exception(exc)).splitlines():
            _LOG.debug("%s", shown(line))


def problem(site: Site, path: str, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Say no. ``detail`` is our own sentence: what the client sent is not repeated."""
    extra = {"Cache-Control": "no-store", **(headers or {})}
    if status == HTTPStatus.NOT_FOUND and is_embed(path):
        card = {"Content-Type": "text/html; charset=utf-8", **page_headers(site, embed=True)}
        return Response(render_missing(site), status, {**extra, **card})
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(msgspec.json.encode(body), status, {**extra, "Content-Type": "application/problem+json"})
