"""The ASGI app: an address becomes a key, the key becomes a file from storage.

Every address is made from the configured base and never from the request, whatever its Host says. Query strings are
ignored. Nobody is told apart: no cookie, no session, no log of listeners.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from podcast.catalogue import Catalogue
from podcast.errors import CatalogueError, NotFound, StorageError, StorageUnavailable, UsageError
from podcast.server import api, oembed, openapi
from podcast.server.bodies import Copied, Texts
from podcast.server.files import answer_file
from podcast.server.headers import METHODS, PREFLIGHT, PUBLIC
from podcast.server.moves import Moves
from podcast.server.problems import log_failure, problem
from podcast.server.repeats import Repeatable
from podcast.site import FRESH, Site
from podcast.storage import Storage, StoredObject
from podcast.storage.keys import is_key

_LONGEST_TARGET: Final = 8 * 1024
_LARGEST_HEAD: Final = 16 * 1024
#: A slug may be given back, so no browser is to hold on to it for ever.
_MOVED: Final = {"Cache-Control": FRESH}
_PUBLIC: Final = [(name.lower().encode(), value.encode()) for name, value in PUBLIC.items()]
_NOTHING: Final = "There is nothing at this address."
_T = TypeVar("_T")
#: Whoever watches a container asks by its number in the network.
_PROBES: Final = {"/healthz", "/readyz"}
_AUDIO: Final = re.compile(r"a/([a-z0-9-]+)/([a-z0-9-]+)\.[a-z0-9]{2,5}")


def create_app(
    storage: Storage, *, base_url: str, hosts: Sequence[str] | None = None, catalogue: Catalogue | None = None, hubs: Sequence[str] = ()
) -> ASGIApp:
    """Return the app for all that lies under the path of ``base_url``; ``hosts``, where given, are the only ones served.

    The ``catalogue`` answers lists and searches of the API; all else comes from storage. ``hubs`` are the addresses of those that
    tell others when a feed changes (WebSub).
    """
    site = Site(base_url.rstrip("/") + "/")
    server = _Server(storage, site, None if hosts is None else frozenset(host.lower() for host in hosts), catalogue, hubs)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"{scope['type']} is not served")
        response = await server.answer(Request(scope))
        response.raw_headers.extend(_PUBLIC)
        server.answered[response.status_code] += 1
        await response(scope, receive, send)

    return app


class _Server:
    """What lives as long as the app: where files come from, the address they go by, the texts in memory."""

    def __init__(
        self, storage: Storage, site: Site, hosts: frozenset[str] | None, catalogue: Catalogue | None, hubs: Sequence[str]
    ) -> None:
        self.storage = storage
        self.catalogue = catalogue
        self.answered = Counter[int]()
        self.site = site
        self.hosts = hosts
        self.hubs = "".join(f'<{hub}>; rel="hub", ' for hub in hubs)
        self.texts = Texts(storage)
        self.moves = Moves(storage, self.texts, site)
        self.prefix = urlsplit(site.base).path

    async def answer(self, request: Request) -> Response:
        """Answer a request; a store that fails is our 503 or 502, never a traceback."""
        path = str(request.scope["path"])
        refused = self._refuse(request)
        if refused is not None:
            return refused
        try:
            return await self._plain(request, path) or await self._document(request, path) or await self._file(request, path)
        except _Withdrawn:
            return problem(self.site, path, 410, "This episode was withdrawn.")
        except NotFound:
            return problem(self.site, path, 404, _NOTHING)
        except UsageError as exc:
            return problem(self.site, path, 422, exc.message)
        except CatalogueError as exc:
            log_failure(exc)
            return problem(self.site, path, 503, "The catalogue cannot be read now.", {"Retry-After": "30"})
        except StorageError as exc:
            log_failure(exc)
            if isinstance(exc, StorageUnavailable):
                return problem(self.site, path, 503, "The store cannot be reached now.", {"Retry-After": "30"})
            return problem(self.site, path, 502, "The store does not answer as it should.")
        except Exception as exc:  # noqa: BLE001 - a bug of ours is an answer too, with all the headers
            log_failure(exc)
            return problem(self.site, path, 500, "Something went wrong here.")

    def _refuse(self, request: Request) -> Response | None:
        """Answer what needs no look at storage."""
        scope, path = request.scope, str(request.scope["path"])
        named = request.headers.getlist("host")
        if len(named) > 1 or (not named and scope["http_version"] == "1.1"):
            return problem(self.site, path, 400, "A request names one host.", {"Connection": "close"})
        if self.hosts is not None and path not in _PROBES and _host_name("".join(named)) not in self.hosts:
            return problem(self.site, path, 421, "This host is not served here.")
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": METHODS, **PREFLIGHT})
        if request.method not in {"GET", "HEAD"}:
            return problem(self.site, path, 405, "Files can be read, and nothing else.", {"Allow": METHODS, "Connection": "close"})
        if len(_raw_path(scope)) + len(scope["query_string"]) > _LONGEST_TARGET:
            return problem(self.site, path, 414, "The address is too long.")
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _LARGEST_HEAD:
            return problem(self.site, path, 431, "The headers are too long.")
        # An encoded slash or dot is nothing that any link of ours holds.
        if b"%" in _raw_path(scope):
            return problem(self.site, path, 404, _NOTHING)
        return None

    async def _plain(self, request: Request, path: str) -> Response | None:
        """Answer those who watch the server: does it run, could it serve, what did it serve; the last one to this machine alone."""
        text = None
        if path == "/healthz":
            text = "ok\n"
        elif path == "/readyz":
            await self._ask(self.storage.head, "index.html")
            await run_in_threadpool(self.catalogue.public_shows if self.catalogue else list)
            text = "ok\n"
        elif path == "/metrics" and _is_from_here(request):
            rows = (f'podcast_responses_total{{status="{status}"}} {count}\n' for status, count in sorted(self.answered.items()))
            text = "# TYPE podcast_responses_total counter\n" + "".join(rows)
        return None if text is None else PlainTextResponse(text, headers={"Cache-Control": "no-store"})

    async def _document(self, request: Request, path: str) -> Response | None:
        """Answer what is no file in storage: the API, oEmbed."""
        name = path.removeprefix(self.prefix)
        if name == "openapi.json":
            return api.answer_document(openapi.document(self.site), api.JSON, request.headers)
        if name == "oembed" and request.query_params:
            return await self._embedded(request, path)
        if not name.startswith("api/v1/"):
            return None
        key = api.file_behind(name)
        if key is None:
            if self.catalogue is None:
                raise NotFound("no catalogue")
            body = await run_in_threadpool(api.list_json, self.catalogue, self.site, name, request.query_params)
            return api.answer_document(body, api.JSON, request.headers)
        stored = await self._ask(self._card, key)
        return await answer_file(self.storage, self.texts, self.site, stored, request.method, request.headers)

    def _card(self, key: str) -> StoredObject:
        """Return one of the JSON files of an episode, under an earlier slug too; NotFound where it has none. Blocks."""
        stored = self.storage.head(key)
        if stored is None:
            # Of a withdrawn episode its embed is left, which says so; of an earlier slug one that leads on.
            embed = self.storage.head(f"{key.rpartition('/')[0]}/embed.html")
            onward = self.moves.onward(embed) if embed else None
            stored = self.storage.head(f"{onward.rpartition('/')[0]}/{key.rpartition('/')[2]}") if onward else None
            if embed and not onward:
                raise _Withdrawn("withdrawn")
        if stored is None:
            raise NotFound("no episode")
        return stored

    async def _embedded(self, request: Request, path: str) -> Response:
        """Answer oEmbed's question for the player of an address."""
        query = request.query_params
        if query.get("format", "json") not in {"json", "xml"}:
            return problem(self.site, path, 501, "The formats are json and xml.")
        if not query.get("url"):
            return problem(self.site, path, 400, "Say which address: ?url=")
        key = oembed.card_key(self.site, query["url"])
        if key is None:
            raise NotFound("no player")
        stored = await self._ask(self._card, key)
        body = await run_in_threadpool(self.texts.body, stored, gzipped=False)
        fields = oembed.fitted(msgspec.json.decode(body, type=oembed.Fields), query)
        if query.get("format") == "xml":
            return api.answer_document(oembed.as_xml(fields), "text/xml; charset=utf-8", request.headers)
        return api.answer_document(msgspec.json.encode(fields), api.JSON, request.headers)

    async def _file(self, request: Request, path: str) -> Response:
        if not path.startswith(self.prefix):
            raise NotFound("outside")
        key = path.removeprefix(self.prefix)
        if key == "" or key.endswith("/"):
            key += "index.html"
        if not is_key(key):
            raise NotFound("no key")
        stored = await self._ask(self.storage.head, key)
        if stored is not None:
            onward = await run_in_threadpool(self.moves.onward, stored) if self.moves.may_lead(stored) else None
            if onward is None:
                response = await answer_file(self.storage, self.texts, self.site, stored, request.method, request.headers)
                if self.hubs and key.endswith("/feed.xml") and response.status_code < 400:
                    response.headers["Link"] = f'{self.hubs}<{self.site.url(key)}>; rel="self"'
                return self._repeatable(response, stored) if request.method == "GET" else response
            return RedirectResponse(self.site.url(onward), 301, _MOVED)
        audio = _AUDIO.fullmatch(key)
        if audio:
            return await self._lead(*audio.groups())
        page = await self._ask(self.storage.head, f"{key}/index.html")
        onward = await run_in_threadpool(self.moves.onward, page) if page else None
        if page is None or ("." in key.rpartition("/")[2] and onward is None):
            raise NotFound("no file")
        return RedirectResponse(self.site.url(onward or page.key), 301, _MOVED)

    async def _ask(self, work: Callable[[str], _T], key: str) -> _T:
        """Ask storage about a key: at once where it is near, in a thread elsewhere."""
        return work(key) if self.storage.near else await run_in_threadpool(work, key)

    def _repeatable(self, response: Response, stored: StoredObject) -> Response:
        """Return the answer, which may be given again while the file is the same; so may no answer that another file has a say in."""
        if type(response) not in {Response, Copied} or not self.storage.near or self.moves.may_lead(stored):
            return response
        status = response.status_code  # What is kept holds the bytes of the answer, and not the answer too.

        def again() -> bool:
            with suppress(StorageError):
                if self.storage.head(stored.key) == stored:
                    self.answered[status] += 1
                    return True
            return False

        if isinstance(response, Copied):
            response.again = again
            return response
        return Repeatable(response, again)

    async def _lead(self, show: str, slug: str) -> Response:
        """Lead from the address of an episode's audio that stays to where the audio is now."""
        stored = await self._ask(self.storage.head, f"{show}/{slug}/episode.json")
        if stored is None:
            raise NotFound("no episode")
        card = msgspec.json.decode(await run_in_threadpool(self.texts.body, stored, gzipped=False), type=_Card)
        return RedirectResponse(card.media[0].url, 302, {"Cache-Control": FRESH})


class _Withdrawn(NotFound):
    """It was public."""


class _Media(msgspec.Struct):
    url: str


class _Card(msgspec.Struct):
    """What the server reads of an episode's JSON."""

    media: list[_Media]


def _is_from_here(request: Request) -> bool:
    """Tell whether nobody but this machine asks: neither from elsewhere, nor through a proxy that runs here."""
    is_near = request.client is not None and request.client.host in {"127.0.0.1", "::1"}
    return is_near and not {"forwarded", "x-forwarded-for", "via"} & set(request.headers)


def _host_name(host: str) -> str:
    """Return the Host header without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()


def _raw_path(scope: Scope) -> bytes:
    """Return the path as it was sent; a server may leave it out of the scope."""
    return bytes(scope.get("raw_path") or b"")
