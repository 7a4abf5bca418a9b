"""Where bytes of others are parsed: in a process of its own with little memory, little time, no file but the given and no network.

A child imports a parser once and then takes one call after the other, so that a call costs a fraction of a millisecond. It
gets open files and plain values, and gives plain values back (MessagePack, decoded into the type that the caller expects).
What kills it (SIGXCPU, SIGALRM, want of memory, a crash) is told of as ``Died``, and the next call gets another child.

While a parser runs, its process may open no further descriptor, be it a file or a socket: so it must have imported all
that it needs beforehand. Memory is limited where the system keeps RLIMIT_DATA, as Linux does and macOS does not.
"""

import atexit
import codecs
import gc
import importlib
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, BinaryIO, Final, NoReturn, TypeVar

import msgspec

from podcast import errors
from podcast.formats.text import clean

from .refusal import Refused

T = TypeVar("T")

#: Bytes; with its libraries a parser has 512 MB at the most.
MEMORY: Final = 448 << 20
#: Of wall time and of CPU time, and for large files a second more for so many bytes.
SECONDS: Final = 15.0
_BYTES_A_SECOND: Final = 20_000_000

#: Of the encodings of tags, those that Python imports when it first meets them.
_ENCODINGS: Final = ("ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252")

_ROOM: Final = __name__.rpartition(".")[0]
_START: Final = f"import sys; sys.path[:] = sys.argv[1:]; from {__name__} import serve; serve()"
#: Linkers need these; nothing else of our environment is a parser's business.
_ENVIRONMENT: Final = {"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"}
#: One thread is enough, no program is to be found (pydub wants a PATH), and glibc keeps the memory of a cover for that of the next file.
_TUNING: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": "",
    "MALLOC_MMAP_THRESHOLD_": f"{16 << 20}",
    "MALLOC_TRIM_THRESHOLD_": f"{64 << 20}",
}
_HEAD: Final = struct.Struct(">cI")
_DONE, _REFUSED, _STEP = b"d", b"r", b"s"
_MOST_FILES: Final = 8
_OUT_OF_MEMORY: Final = 77
#: The child ends itself at its limits; only one that hangs in the system has to be ended from here.
_GRACE: Final = 5.0

_HINT: Final = "It is damaged, or was made to do harm: export it anew, as MP3 or M4A."


class Died(Refused):
    """The parser was ended by a limit, or crashed."""


def run(
    function: str,
    returns: type[T],
    *files: BinaryIO,
    seconds: float | None = None,
    writes: int = 0,
    progress: Callable[[int], None] | None = None,
    **values: object,
) -> T:
    """Call ``function`` ("module:name" of this room) with open files and plain values, in a child, and return what it returns.

    ``returns`` is the type of that, of dataclasses and plain values. ``seconds`` are as many as the size of the files wants
    where none are given; ``writes`` is how long a file may become that is open for writing. With ``progress`` the function
    gets a ``progress`` too, whose calls come through. Refused (or another error of ours) as the function raised it, Died
    where it did not live to do so.
    """
    for file in files:
        file.flush()
    limit = SECONDS + sum(map(_size, files)) / _BYTES_A_SECOND if seconds is None else seconds
    child = _take()
    try:
        child.send([function, limit, writes, progress is not None, values], [file.fileno() for file in files])
        kind, body = child.receive(limit + _GRACE)
        while kind == _STEP:
            if progress:
                progress(msgspec.msgpack.decode(body, type=int))
            kind, body = child.receive(limit + _GRACE)
    except BaseException:
        child.end()
        raise
    _idle.append(child)
    if kind != _DONE:
        _raise(*msgspec.msgpack.decode(body, type=tuple[str, str, str]))
    return msgspec.msgpack.decode(body, type=returns)


def _size(file: BinaryIO) -> int:
    """Return the bytes that a file takes on disk, which a file of gigabytes of nothing does not."""
    return os.fstat(file.fileno()).st_blocks * 512


def _raise(kind: str, message: str, hint: str) -> NoReturn:
    raise Refused(message, hint=hint) if kind == "Refused" else getattr(errors, kind, errors.MediaError)(message, hint=hint)


class _Child:
    """A process that parses, as its parent sees it."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - it is ourselves
                [sys.executable, "-I", "-W", "ignore", "-c", _START, *map(os.path.abspath, sys.path)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={name: value for name, value in os.environ.items() if name in _ENVIRONMENT} | _TUNING,
            )

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, request: object, files: list[int]) -> None:
        body = msgspec.msgpack.encode(request)
        self._socket.settimeout(None)
        try:
            socket.send_fds(self._socket, [_HEAD.pack(_DONE, len(body))], files)
            self._socket.sendall(body)
        except OSError as error:
            raise self._died() from error

    def receive(self, seconds: float) -> tuple[bytes, bytearray]:
        self._socket.settimeout(seconds)
        try:
            kind, length = _HEAD.unpack(_exactly(self._socket, _HEAD.size))
            return kind, _exactly(self._socket, length)
        except (OSError, EOFError) as error:
            raise self._died(late=isinstance(error, TimeoutError)) from error

    def end(self) -> None:
        self._process.kill()
        self.close()

    def close(self) -> None:
        """Close the connection, at which the child leaves, and wait for that."""
        self._socket.close()
        self._process.wait()

    def forget(self) -> None:
        """Leave the child to the process that we are a fork of."""
        self._socket.close()
        self._process.returncode = 0

    def _died(self, *, late: bool = False) -> Died:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.1)
        self.end()
        status = self._process.returncode
        if late or status in {-signal.SIGXCPU, -signal.SIGALRM}:
            return Died("takes longer to read than any sound file of its size", hint=_HINT)
        if status == _OUT_OF_MEMORY:
            return Died(f"wants more than {MEMORY >> 20} MB of memory to be read", hint=_HINT)
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        return Died(f"makes its reader crash ({how})", hint=_HINT)


_idle: list[_Child] = []


def _take() -> _Child:
    while _idle:
        child = _idle.pop()
        if child.is_alive():
            return child
        child.close()
    return _Child()


@atexit.register
def _leave() -> None:
    while _idle:
        _idle.pop().close()


def _forget() -> None:
    for child in _idle:
        child.forget()
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _exactly(connection: socket.socket, length: int) -> bytearray:
    data = bytearray(length)
    view, got = memoryview(data), 0
    while got < length:
        count = connection.recv_into(view[got:])
        if not count:
            raise EOFError
        got += count
    return data


def serve() -> None:
    """Be the child: take calls from standard input until that is closed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_DATA", MEMORY)
    with socket.socket(fileno=0) as connection, suppress(EOFError, OSError):
        while True:
            _serve_one(connection)


def _serve_one(connection: socket.socket) -> None:
    head, descriptors, _, _ = socket.recv_fds(connection, _HEAD.size, _MOST_FILES)
    if not head:
        raise EOFError
    body = _exactly(connection, _HEAD.unpack(head)[1])
    files = [_opened(descriptor) for descriptor in descriptors]
    answer = _call(connection, files, max(descriptors, default=2), *msgspec.msgpack.decode(body))
    for file in files:
        with suppress(OSError):  # What could not be written was told of already.
            file.close()
    _send(connection, *answer)


def _opened(descriptor: int) -> BinaryIO:
    import fcntl

    is_ours_to_write = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
    file = open(descriptor, "r+b" if is_ours_to_write else "rb")  # noqa: SIM115 - the caller closes it
    file.seek(0)  # The place in a file is one for both processes.
    return file


def _call(
    connection: socket.socket,
    files: list[BinaryIO],
    highest: int,
    function: str,
    seconds: float,
    writes: int,
    steps: bool,
    values: dict[str, Any],
) -> tuple[bytes, bytes]:
    """Return the kind of the answer, and what is in it. Want of memory ends the process: nobody knows what it left behind."""
    try:
        work = _function(function)
        if steps:
            values["progress"] = lambda step: _send(connection, _STEP, msgspec.msgpack.encode(step))
        _confine(seconds, writes, highest)
        result = work(*files, **values)
        for file in files:
            file.flush()
        return _DONE, msgspec.msgpack.encode(result)
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    except Refused as refusal:
        error = ("Refused", refusal.what, refusal.hint)
    except errors.PodcastError as refusal:
        error = (type(refusal).__name__, refusal.message, refusal.hint)
    except Exception as trouble:  # noqa: BLE001 - whatever a parser stumbles over: it is the file that made it
        error = ("Refused", f"cannot be read ({type(trouble).__name__}: {trouble})", _HINT)
    finally:
        _release()
    return _REFUSED, msgspec.msgpack.encode([clean(part, limit=1000) for part in error])


@cache
def _function(name: str) -> Callable[..., object]:
    module, _, name = name.partition(":")
    found: Callable[..., object] = getattr(importlib.import_module(f"{_ROOM}.{module}"), name)
    gc.freeze()  # What was imported stays, and is not to be looked through again and again.
    return found


def _confine(seconds: float, writes: int, highest: int) -> None:
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    _limit("RLIMIT_CPU", int(used.ru_utime + used.ru_stime + seconds) + 1, lasting=False)
    _limit("RLIMIT_FSIZE", writes, lasting=False)
    # One more than there are: mmap takes another descriptor for the file that it maps.
    _limit("RLIMIT_NOFILE", highest + 2, lasting=False)


def _release() -> None:
    import resource

    signal.setitimer(signal.ITIMER_REAL, 0)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    _limit("RLIMIT_NOFILE", 64 if hard == resource.RLIM_INFINITY else min(64, hard), lasting=False)


def _limit(name: str, value: int, *, lasting: bool = True) -> None:
    """Set a limit, for good or until it is set again; a system that has no such limit is left without."""
    import resource

    which = getattr(resource, name)
    with suppress(ValueError, OSError):
        resource.setrlimit(which, (value, value if lasting else resource.getrlimit(which)[1]))


def _send(connection: socket.socket, kind: bytes, body: bytes) -> None:
    connection.sendall(_HEAD.pack(kind, len(body)) + body)
