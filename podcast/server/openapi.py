"""The OpenAPI document: what the server answers beside files."""

from typing import Any, Final

import msgspec

from podcast.server.api import LIMIT, LONGEST, MOST
from podcast.site import Site

_Schema = dict[str, Any]


def document(site: Site) -> bytes:
    """Return the document, with the address of this site."""
    return msgspec.json.encode({**_DOCUMENT, "servers": [{"url": site.base.rstrip("/")}]})


def _problem(text: str) -> _Schema:
    names = ("type", "title", "detail")
    schema = {
        "type": "object",
        "required": [*names, "status"],
        "properties": {**{name: {"type": "string"} for name in names}, "status": {"type": "integer"}},
    }
    return {"description": text, "content": {"application/problem+json": {"schema": schema}}}


_NO: Final = {
    400: "The address is not one that this server can read.",
    404: "There is nothing public at this address.",
    410: "It was public, and is not any more.",
    422: "A parameter cannot be read.",
    501: "There is no such format.",
    502: "The storage answers with an error.",
    503: "The storage cannot be reached now.",
}


def _query(name: str, text: str, schema: _Schema, *, required: bool = False) -> _Schema:
    return {"name": name, "in": "query", "required": required, "description": text, "schema": schema}


def _get(summary: str, schema: str, no: tuple[int, ...], *, path: tuple[str, ...] = (), query: tuple[_Schema, ...] = ()) -> _Schema:
    slug = {"type": "string", "pattern": "^[a-z0-9-]+$"}
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    if schema == "OEmbed":
        content["text/xml"] = {"schema": {"type": "object"}}
    answers = {
        "200": {"description": "There it is.", "content": content},
        "304": {"description": "The client has it already."},
        **{str(status): _problem(_NO[status]) for status in (*no, 502, 503)},
    }
    parameters = [*({"name": name, "in": "path", "required": True, "schema": slug} for name in path), *query]
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers}}


_LISTED: Final = (
    _query("limit", "How many.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}),
    _query("before", "`next` of the page before.", {"type": "string"}),
    _query("q", "Words in title or notes. The best come first, on one page.", {"type": "string", "maxLength": LONGEST}),
)
_EMBEDDED: Final = (
    _query("url", "The address of a page or player here.", {"type": "string"}, required=True),
    _query("format", "json or xml.", {"type": "string", "enum": ["json", "xml"], "default": "json"}),
    _query("maxwidth", "Pixels.", {"type": "integer", "minimum": 1, "maximum": 99999}),
    _query("maxheight", "Pixels.", {"type": "integer", "minimum": 1, "maximum": 99999}),
)
_TEXT: Final = {"type": "string"}
_MAYBE: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": ["integer", "null"]}


def _object(required: str, **properties: _Schema) -> _Schema:
    return {"type": "object", "required": required.split(), "properties": properties}


def _list(of: str) -> _Schema:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}


_SCHEMAS: Final = {
    "Show": _object("slug guid title language page", slug=_TEXT, guid=_TEXT, title=_TEXT, language=_TEXT, page=_TEXT),
    "Media": _object("url type length", url=_TEXT, type=_TEXT, length={"type": "integer"}),
    "Picture": _object("url type width height", url=_TEXT, type=_TEXT, width={"type": "integer"}, height={"type": "integer"}),
    "Episode": _object(
        "state language media artwork links",
        state={"type": "string", "enum": ["published", "empty"]},
        slug=_MAYBE,
        guid=_MAYBE,
        title=_MAYBE,
        published=_MAYBE,
        duration=_COUNT,
        duration_text=_MAYBE,
        season=_COUNT,
        number=_COUNT,
        type=_MAYBE,
        language=_TEXT,
        media=_list("Media"),
        artwork=_list("Picture"),
        links={"type": "object"},
        show={"$ref": "#/components/schemas/Show"},
    ),
    "Shows": _object("shows", shows=_list("Show")),
    "Episodes": _object("show episodes", show={"$ref": "#/components/schemas/Show"}, episodes=_list("Episode"), next=_MAYBE),
    "OEmbed": _object(
        "version type html width height", version=_TEXT, type=_TEXT, html=_TEXT, width={"type": "integer"}, height={"type": "integer"}
    ),
}

_DOCUMENT: Final = {
    "openapi": "3.1.0",
    "info": {
        "title": "podcast",
        "version": "1",
        "description": "Public shows and episodes, for reading. Times are ISO 8601 in UTC, lengths bytes, durations seconds.",
    },
    "paths": {
        "/api/v1/shows": _get("All shows", "Shows", (404,)),
        "/api/v1/shows/{show}/latest": _get("A show's newest episode", "Episode", (404,), path=("show",)),
        "/api/v1/shows/{show}/episodes": _get("A show's episodes, newest first", "Episodes", (404, 422), path=("show",), query=_LISTED),
        "/api/v1/shows/{show}/episodes/{episode}": _get("One episode", "Episode", (404, 410), path=("show", "episode")),
        "/oembed": _get("The player of a page, as oEmbed has it", "OEmbed", (400, 404, 410, 422, 501), query=_EMBEDDED),
    },
    "components": {"schemas": _SCHEMAS},
}
