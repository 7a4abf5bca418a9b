"""Answers that are no: problem+json (RFC 9457), or a small card where an embed was asked for."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.responses import Response

from podcast.player.embed import render_missing
from podcast.server.headers import is_embed, page_headers
from podcast.site import Site


def problem(site: Site, path: str, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Say no. ``detail`` is our own sentence: what the client sent is not repeated."""
    extra = {"Cache-Control": "no-store", **(headers or {})}
    if status == HTTPStatus.NOT_FOUND and is_embed(path):
        card = {"Content-Type": "text/html; charset=utf-8", **page_headers(site, embed=True)}
        return Response(render_missing(site), status, {**extra, **card})
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(msgspec.json.encode(body), status, {**extra, "Content-Type": "application/problem+json"})
