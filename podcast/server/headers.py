"""The headers that answers carry."""

from typing import Final

from podcast.player.policy import content_security_policy
from podcast.site import Site, cache_control, content_type

METHODS: Final = "GET, HEAD, OPTIONS"

#: On every answer, errors too: a player on another site cannot tell a 404 without them from a broken network.
PUBLIC: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Content-Length, Content-Range, Accept-Ranges",
    "X-Content-Type-Options": "nosniff",
}

PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Range, If-Range, If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}

_COMPRESSIBLE: Final = ("text/", "application/json", "application/rss+xml", "application/xml", "application/x-subrip", "image/svg+xml")


def is_text(key: str) -> bool:
    """Say whether a file is of a kind that is worth a gzip: never audio or a picture."""
    return content_type(key).startswith(_COMPRESSIBLE)


def is_embed(path: str) -> bool:
    """Say whether other sites may frame what stands at a path or key."""
    return path.endswith(("/embed.html", "/embed/latest.html"))


def file_headers(site: Site, key: str) -> dict[str, str]:
    """Return what a file's name alone decides."""
    headers = {"Content-Type": content_type(key), "Cache-Control": cache_control(key), "Accept-Ranges": "bytes"}
    if is_text(key):
        headers["Vary"] = "Accept-Encoding"
    return headers | (page_headers(site, embed=is_embed(key)) if key.endswith(".html") else {})


def page_headers(site: Site, *, embed: bool) -> dict[str, str]:
    """Return what browsers must know of a page; only an embed may be framed by others."""
    ancestors = "*" if embed else "'none'"
    return {
        "Content-Security-Policy": f"{content_security_policy(site)}; frame-ancestors {ancestors}",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
