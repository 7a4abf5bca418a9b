"""The JSON API: what storage holds under addresses of its own, and lists of episodes from the catalogue.

Reading only, and only what is public: the same that pages and feed show.
"""

import hashlib
import re
from typing import Final

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from podcast.catalogue import Catalogue
from podcast.errors import NotFound, UsageError
from podcast.model import Episode, Status
from podcast.player.data import page_json, shows_json
from podcast.server.conditional import matched_etag
from podcast.site import FRESH, Site

_SHOW: Final = re.compile(r"api/v1/shows/([a-z0-9-]+)/(latest|episodes)")
_EPISODE: Final = re.compile(r"api/v1/shows/([a-z0-9-]+)/episodes/([a-z0-9-]+)")
JSON: Final = "application/json; charset=utf-8"
#: Episodes in a list, where the client does not say how many, and at the most.
LIMIT: Final = 20
MOST: Final = 100
#: Letters of a search that are read.
LONGEST: Final = 200


def file_behind(path: str) -> str | None:
    """Return the key of the file that answers an address of the API; None where the catalogue does, or nothing."""
    one, of_show = _EPISODE.fullmatch(path), _SHOW.fullmatch(path)
    if one:
        return f"{one[1]}/{one[2]}/episode.json"
    return f"{of_show[1]}/latest.json" if of_show and of_show[2] == "latest" else None


def list_json(catalogue: Catalogue, site: Site, path: str, query: QueryParams) -> bytes:
    """Return the list of shows, or of a show's episodes; NotFound, or UsageError for a query that cannot be read. Blocks."""
    shows = catalogue.public_shows()
    if path == "api/v1/shows":
        return shows_json(site, shows)
    match = _SHOW.fullmatch(path)
    show = next((show for show in shows if match and show.slug == match[1]), None)
    if show is None:
        raise NotFound("no public show")
    return page_json(site, show, *_episodes(catalogue, show.slug, query))


def answer_document(body: bytes, content_type: str, asked: Headers) -> Response:
    """Answer with a document that was made for this request, or 304 where the client has it already."""
    etag = hashlib.sha256(body).hexdigest()[:32]
    headers = {"ETag": f'"{etag}"', "Cache-Control": FRESH}
    if "if-none-match" in asked and matched_etag(", ".join(asked.getlist("if-none-match")), (etag,)):
        return Response(status_code=304, headers=headers)
    return Response(body, headers={"Content-Type": content_type, **headers})


def _episodes(catalogue: Catalogue, show: str, query: QueryParams) -> tuple[list[Episode], str | None]:
    limit = _limit(query.get("limit", str(LIMIT)))
    words = query.get("q", "")[:LONGEST]
    if words:
        # The best first, so that there is no next page. Drafts among them are not for the public.
        found = catalogue.search(words, show=show, limit=2 * MOST)
        return [episode for episode in found if episode.status is Status.PUBLISHED][:limit], None
    page = catalogue.episodes(show=show, status=Status.PUBLISHED, limit=limit, before=query.get("before"))
    return list(page.episodes), page.next


def _limit(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST:
        raise UsageError(f"limit is a number from 1 to {MOST}.")
    return int(text)
