"""A file from storage as an HTTP answer: 200, 206, 304, 412 or 416."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response

from podcast.server.bodies import BLOCK, LARGEST_TEXT, SMALLEST_GZIP, Copied, Stream, Texts
from podcast.server.conditional import (
    Unsatisfiable,
    accepts_gzip,
    http_date,
    is_as_expected,
    matched_etag,
    not_modified_since,
    parse_range,
    range_applies,
)
from podcast.server.headers import file_headers, is_text
from podcast.server.problems import problem
from podcast.site import Site
from podcast.storage import Storage, StoredObject
from podcast.storage.local import LocalStorage

_GZIPPED = "-gzip"


async def answer_file(storage: Storage, texts: Texts, site: Site, stored: StoredObject, method: str, asked: Headers) -> Response:
    """Answer GET or HEAD for one file; both get the same headers. ``asked`` are the request's headers."""
    headers = file_headers(site, stored.key) | {"ETag": f'"{stored.etag}"', "Last-Modified": http_date(stored.modified)}
    if not is_as_expected(asked.get("if-match"), asked.get("if-unmodified-since"), _etags(stored, asked), stored.modified):
        return problem(site, stored.key, 412, "The file is another one by now.")
    held = _held(stored, asked)
    if held is not None:
        kept = {name: value for name, value in headers.items() if name not in {"Content-Type", "Accept-Ranges"}}
        return Response(status_code=304, headers=kept | {"ETag": f'"{held}"'})
    try:
        part = _part(stored, method, asked)
    except Unsatisfiable:
        return problem(site, stored.key, 416, "The file ends before this range.", {"Content-Range": f"bytes */{stored.length}"})
    if part is not None:
        start, length = part
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{stored.length}"
        return await _stream(storage, stored, 206, headers, start, length)
    if is_text(stored.key) and stored.length <= LARGEST_TEXT:
        return await _text(texts, stored, method, headers, gzipped=_wants_gzip(stored, asked))
    if stored.encoding:
        headers["Content-Encoding"] = stored.encoding
    if method == "HEAD":
        return Response(headers=headers | {"Content-Length": str(stored.length)})
    return await _stream(storage, stored, 200, headers, 0, stored.length)


def _held(stored: StoredObject, asked: Headers) -> str | None:
    """Return the etag of the client's copy if that is as good as ours; an etag decides before a date does."""
    if "if-none-match" in asked:
        return matched_etag(", ".join(asked.getlist("if-none-match")), _etags(stored, asked))
    if "if-modified-since" in asked and not_modified_since(asked["if-modified-since"], stored.modified):
        return _etags(stored, asked)[0]
    return None


def _etags(stored: StoredObject, asked: Headers) -> tuple[str, ...]:
    """Return the names that the content goes by, the one that this client would get first."""
    if not is_text(stored.key):
        return (stored.etag,)
    plain, gzipped = stored.etag, stored.etag + _GZIPPED
    return (gzipped, plain) if _wants_gzip(stored, asked) else (plain, gzipped)


def _wants_gzip(stored: StoredObject, asked: Headers) -> bool:
    sizes = range(SMALLEST_GZIP, LARGEST_TEXT + 1)
    return is_text(stored.key) and stored.length in sizes and "range" not in asked and accepts_gzip(asked.get("accept-encoding", ""))


def _part(stored: StoredObject, method: str, asked: Headers) -> tuple[int, int] | None:
    """Return the part that is asked for; only GET has parts."""
    # A part of what is stored compressed would be a part of other bytes than the type says.
    if method != "GET" or stored.encoding or "range" not in asked or not range_applies(asked.get("if-range"), stored.etag, stored.modified):
        return None
    return parse_range(asked["range"], stored.length)


async def _text(texts: Texts, stored: StoredObject, method: str, headers: dict[str, str], *, gzipped: bool) -> Response:
    body = texts.held(stored, gzipped=gzipped)
    if body is None:
        body = await run_in_threadpool(texts.body, stored, gzipped=gzipped)
    headers["Content-Length"] = str(len(body))
    if gzipped:
        headers |= {"Content-Encoding": "gzip", "ETag": f'"{stored.etag}{_GZIPPED}"'}
    if method == "HEAD":
        return Response(headers=headers)
    return Response(body, headers=headers) if len(body) <= BLOCK else Stream(iter([body]), 200, headers)


async def _stream(storage: Storage, stored: StoredObject, status: int, headers: dict[str, str], start: int, length: int) -> Response:
    headers = headers | {"Content-Length": str(length)}
    if isinstance(storage, LocalStorage):
        return Copied(partial(storage.open, stored.key), start, status, headers)
    blocks = await run_in_threadpool(storage.read, stored.key, start, length)
    return Stream(blocks, status, headers)
