"""The loop that serves an app until somebody says stop, and publishes what is due meanwhile."""

import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Generator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from podcast.errors import PodcastError
from podcast.server.patience import PatientProtocol
from podcast.server.problems import log_failure

#: After a signal, what is being sent gets this long, in seconds.
_GRACE: Final = 1


def serve(
    app: ASGIApp,
    host: str,
    port: int,
    *,
    on_ready: Callable[[str], None],
    tick: Callable[[], None] | None = None,
    every: float | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then return within two seconds.

    Port 0 takes a free one; ``on_ready`` gets the address, ending in a slash, once connections are accepted. ``tick`` runs
    in a thread every ``every`` seconds, the first time at once, and what it raises is logged in one line. Raises
    PodcastError where the address cannot be had.
    """
    listener = _listen(host, port)
    with _ticking(tick, every), listener:
        _Server(_config(app), lambda: on_ready(_address(listener))).run(sockets=[listener])


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        # What goes wrong is logged by the app in one line; uvicorn would add a traceback to each.
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=1000,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_GRACE,
    )


class _Server(uvicorn.Server):
    """uvicorn, which says when it is ready and takes a signal for a wish, not for the death of the process."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except (OSError, OverflowError) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        raise PodcastError(f"Cannot serve on {host}, port {port}: {reason}.", hint="Choose another one with --host and --port.") from exc
    # Each connection inherits it. Otherwise a body waits until the client has acknowledged the head before it: 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


@contextlib.contextmanager
def _ticking(tick: Callable[[], None] | None, every: float | None) -> Generator[None, None, None]:
    """Run ``tick`` beside the server; at the end, one that is at work gets a moment to finish."""
    if tick is None or every is None:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_tick_until, args=(over, tick, every), name="podcast-tick", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(_GRACE / 2)


def _tick_until(over: threading.Event, tick: Callable[[], None], every: float) -> None:
    while not over.is_set():
        try:
            tick()
        except Exception as exc:  # noqa: BLE001 - serving goes on, whatever the tick meets
            log_failure(exc)
        over.wait(every)
