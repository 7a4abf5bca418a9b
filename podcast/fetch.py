"""The one way out to addresses of others: bounded in bytes, time and redirects, and never into a private network by surprise.

An address is judged where it counts, by the far end of the connection that was made: a name may resolve to anything, and
to something else a moment later. Every redirect is a new address and is judged again. No proxy, no cookie, no login.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, TypeVar
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from podcast import __version__
from podcast.errors import FetchError, FetchPrivate, FetchUnavailable
from podcast.hiding import hush

#: Bytes of an answer, as they come and unpacked alike.
LIMIT: Final = 50 << 20
_REDIRECTS: Final = 5
_SECONDS: Final = 60.0
_TIMEOUT: Final = urllib3.Timeout(connect=10, read=20)
_BLOCK: Final = 1 << 16
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer of 200: ``url`` after all redirects, the names of ``headers`` in small letters, ``body`` unpacked."""

    url: str
    headers: Mapping[str, str]
    body: bytes


#: The connections that were made inside ``_cut_after``.
_made: ContextVar[list[socket.socket] | None] = ContextVar("_made", default=None)


def _noted(connected: socket.socket) -> socket.socket:
    made = _made.get()
    if made is not None:
        # Another handle of the same connection: TLS takes this one's away.
        made.append(connected.dup())
    return connected


@contextmanager
def _cut_after(seconds: float) -> Iterator[None]:
    """Shut the connections made inside after a time: a server that drips its headers would hold us up for days."""
    made: list[socket.socket] = []
    before = _made.set(made)
    timer = threading.Timer(seconds, _shut, [made])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        _made.reset(before)
        for one in made:
            one.close()


def _shut(made: list[socket.socket]) -> None:
    for connected in made:
        with suppress(OSError):
            connected.shutdown(socket.SHUT_RDWR)


class _Private(Exception):
    """The far end is not on the public Internet."""


def _refuse_private(connected: socket.socket) -> socket.socket:
    if is_private(connected.getpeername()[0]):
        connected.close()
        raise _Private
    return connected


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _noted(super()._new_conn())


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _noted(super()._new_conn())


class _PublicConnection(_Connection):
    def _new_conn(self) -> socket.socket:
        return _refuse_private(super()._new_conn())


class _PublicTlsConnection(_TlsConnection):
    def _new_conn(self) -> socket.socket:
        return _refuse_private(super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTlsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTlsConnection


def is_private(address: str) -> bool:
    """Tell whether an IP address is anything but a public one."""
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return not (mapped or found).is_global or found.is_multicast


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """An answer of any status; ``body`` is its beginning."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(url: str, *, private: bool = False, limit: int = LIMIT, seconds: float = _SECONDS) -> Fetched:
    """Return what an address answers. ``private`` allows addresses of this machine and its network.

    FetchUnavailable where trying again may help, FetchError otherwise.
    """
    deadline = time.monotonic() + seconds

    def take(url: str, response: urllib3.BaseHTTPResponse) -> Fetched:
        _refuse_status(url, response.status)
        return Fetched(url=url, headers=_headers(response), body=_read(response, url, limit, deadline))

    return _follow(url, private, "GET", {"Accept-Encoding": "gzip"}, take)


def probe(
    url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, private: bool = False, limit: int = 0, seconds: float = 30
) -> Probed:
    """Return what an address answers, whatever the status, and at most ``limit`` bytes of it; the errors are those of :func:`fetch`."""
    deadline = time.monotonic() + seconds

    def take(url: str, response: urllib3.BaseHTTPResponse) -> Probed:
        body = bytearray()
        while len(body) < limit and time.monotonic() < deadline and (block := response.read1(_BLOCK, decode_content=True)):
            body += block
        return Probed(url=url, status=response.status, headers=_headers(response), body=bytes(body[:limit]))

    return _follow(url, private, method, {"Accept-Encoding": "identity"} | dict(headers or {}), take)


def send(
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    private: bool = False,
    limit: int = 2000,
    seconds: float = 10,
) -> Probed:
    """Send something, a POST where there is a body, and return the answer, whatever its status, with the beginning of it.

    No redirect is followed: neither the body nor a secret goes where another server points. Messages name the host alone,
    since the rest of the address may be a secret. The errors are those of :func:`fetch`.
    """
    parts = urlsplit(_checked(url))
    method, shown, said = "GET" if body is None else "POST", f"{parts.scheme}://{parts.netloc}", b""
    with (
        # Later than the timeout, which knows better what to say.
        _cut_after(seconds + 1),
        _pools(private, urllib3.Timeout(seconds)) as pools,
        _asked(pools, url, shown, method, {"Accept-Encoding": "identity"} | dict(headers or {}), body) as response,
    ):
        # Who said what became of it may end as it likes.
        with suppress(urllib3.exceptions.HTTPError, OSError):
            said = response.read1(limit, decode_content=False)[:limit]
        return Probed(url=url, status=response.status, headers=_headers(response), body=said)


def post_form(
    url: str, fields: Mapping[str, str | tuple[str, bytes, str]], *, headers: Mapping[str, str], limit: int, seconds: float
) -> Probed:
    """Send a form to an address that the operator set, be it in a private network, and return the whole answer, whatever its status.

    A field is a text, or a file: its name, bytes and type. No redirect is followed, as by :func:`send`; the errors are those of
    :func:`fetch`.
    """
    parts = urlsplit(_checked(url))
    body, kind = urllib3.encode_multipart_formdata(dict(fields))
    said = {"Accept": "*/*", "Accept-Encoding": "identity", "Content-Type": kind} | dict(headers)
    deadline = time.monotonic() + seconds
    with (
        _cut_after(seconds + 1),
        _pools(True, urllib3.Timeout(connect=10, read=seconds)) as pools,
        _asked(pools, url, f"{parts.scheme}://{parts.netloc}", "POST", said, body) as response,
    ):
        return Probed(url=url, status=response.status, headers=_headers(response), body=_read(response, url, limit, deadline))


_T = TypeVar("_T")
_Take = Callable[[str, urllib3.BaseHTTPResponse], _T]


def _pools(private: bool, timeout: urllib3.Timeout) -> urllib3.PoolManager:
    hush()
    pools = urllib3.PoolManager(num_pools=_REDIRECTS + 1, timeout=timeout, retries=False)
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool} if private else {"http": _PublicPool, "https": _PublicTlsPool}
    return pools


def _follow(url: str, private: bool, method: str, headers: Mapping[str, str], take: _Take[_T]) -> _T:
    """Ask an address, and where it sends us, and take the last answer."""
    with _pools(private, _TIMEOUT) as pools:
        for _ in range(_REDIRECTS + 1):
            location, answers = _ask(pools, _checked(url), method, headers, take)
            if answers:
                return answers[0]
            url = _target(url, location)
    raise FetchError(f"{_shown(url)} is reached by more than {_REDIRECTS} redirects.", hint="Give the address where they end.")


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    except ValueError:
        fits = False
    if not fits:
        raise FetchError(f"{_shown(url)} is no address of the web.", hint="Write it whole, without a login: https://radio.example/feed.xml")
    return url


def _target(url: str, location: str) -> str:
    """Return where a redirect leads."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _shown(url: str) -> str:
    """Return an address for a message: without query and login, which may hold a secret."""
    scheme, _, rest = url.partition("?")[0].partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"[:200] if rest else scheme[:200]


def _headers(response: urllib3.BaseHTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _ask(pools: urllib3.PoolManager, url: str, method: str, headers: Mapping[str, str], take: _Take[_T]) -> tuple[str, tuple[_T, ...]]:
    """Return where an address sends us, or else the one answer."""
    with _asked(pools, url, _shown(url), method, headers) as response:
        location = response.get_redirect_location()
        return (location, ()) if location else ("", (take(url, response),))


@contextmanager
def _asked(
    pools: urllib3.PoolManager, url: str, shown: str, method: str, headers: Mapping[str, str], body: bytes | None = None
) -> Iterator[urllib3.BaseHTTPResponse]:
    """Send a request, and turn whatever goes wrong until the end of its answer into our errors; ``shown`` is the address for these."""
    said = {"User-Agent": f"podcast/{__version__}", "Accept": "application/rss+xml, application/xml, */*;q=0.5"} | dict(headers)
    try:
        response = pools.request(method, url, headers=said, body=body, redirect=False, preload_content=False)
        try:
            yield response
        finally:
            response.close()
    except _Private as error:
        raise FetchPrivate(f"{shown} leads into a private network.", hint="Only public addresses are followed.") from error
    except (urllib3.exceptions.LocationValueError, urllib3.exceptions.DecodeError, UnicodeError, ValueError) as error:
        raise FetchError(f"{shown} cannot be fetched: its answer makes no sense", hint="Check the address.") from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise FetchUnavailable(f"{shown} cannot be reached: {_reason(error)}", hint="Check the address, and try again.") from error


def _refuse_status(url: str, status: int) -> None:
    if status in _BUSY:
        raise FetchUnavailable(f"{_shown(url)} answers {status}.", hint="The server is busy or broken: try again later.")
    if status != 200:
        raise FetchError(f"{_shown(url)} answers {status}.", hint="Open it in a browser: does it need a login, or has it moved?")


def _read(response: urllib3.BaseHTTPResponse, url: str, limit: int, deadline: float) -> bytes:
    body = bytearray()
    # Not stream(), which waits for a whole block: a server that drips would never let the deadline be seen.
    while block := response.read1(_BLOCK, decode_content=True):
        body += block
        if len(body) > limit:
            raise FetchError(f"{_shown(url)} holds more than {limit >> 20} MiB.", hint="Nothing that is wanted there is as large as that.")
        if time.monotonic() > deadline:
            raise FetchUnavailable(f"{_shown(url)} takes too long.", hint="Try again later.")
    return bytes(body)


def _reason(error: Exception) -> str:
    """Say what happened, without the names of urllib3's objects."""
    if isinstance(error, urllib3.exceptions.NameResolutionError):
        return "there is no such host"
    # A refused connection is one of urllib3's timeouts as well.
    if isinstance(error, urllib3.exceptions.TimeoutError) and not isinstance(error, urllib3.exceptions.NewConnectionError):
        return "it does not answer in time"
    if isinstance(error, urllib3.exceptions.SSLError):
        return "its certificate is not valid"
    return "it does not answer, or ends too early"
