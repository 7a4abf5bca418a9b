"""A command run in a fork of this process, which has imported everything already; watched, killed or refused at a chosen call.

Two ways to a chosen call. ``strace`` counts system calls: the honest one. ``sys.setprofile`` counts what Python itself does:
calls of the operating system and of the database, or any function at all; it is quick, and lets threads run as they will.
"""

import contextlib
import ctypes
import gc
import importlib
import io
import itertools
import mmap
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import types
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import msgspec

from podcast import add, check, cli, ingest  # noqa: F401 - imported once, here, for all forks
from podcast.catalogue import catalogue  # noqa: F401
from podcast.ingest import picture, probe, refusal, sandbox  # noqa: F401
from podcast.publish import apply, leftovers  # noqa: F401
from podcast.storage import local, pool

#: System calls that change what is on the disk.
CHANGING = frozenset(
    {
        "openat",
        "write",
        "pwrite64",
        "writev",
        "pwritev",
        "fsync",
        "fdatasync",
        "rename",
        "renameat",
        "renameat2",
        "link",
        "linkat",
        "unlink",
        "unlinkat",
        "mkdir",
        "mkdirat",
        "rmdir",
        "ftruncate",
        "truncate",
        "utimensat",
        "chmod",
        "fchmod",
        "sendfile",
        "copy_file_range",
    }
)
#: What Python does to files and databases: its builtin functions of these names, where they belong to one of these.
_DEEDS = frozenset(
    {
        "open",
        "write",
        "flush",
        "close",
        "__exit__",
        "fsync",
        "replace",
        "rename",
        "unlink",
        "remove",
        "mkdir",
        "rmdir",
        "utime",
        "execute",
        "executemany",
        "commit",
        "rollback",
    }
)
_ACTORS = (io.FileIO, io.BufferedWriter, io.BufferedRandom, sqlite3.Connection, sqlite3.Cursor)
_MODULES = frozenset({"posix", "io", "_io"})

Prepare = Callable[[], None]


@dataclass(frozen=True)
class Ran:
    """What became of a command: its exit code, or minus the signal that killed it, and all that it had printed."""

    code: int
    printed: str

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class _Paper(io.RawIOBase):
    """What is written here reaches the parent at once and without a system call, so that a kill takes no word back."""

    def __init__(self, memory: mmap.mmap) -> None:
        self.memory = memory

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        length = int.from_bytes(self.memory[:8], "little")
        written = bytes(data)[: len(self.memory) - 8 - length]
        self.memory[8 + length : 8 + length + len(written)] = written
        self.memory[:8] = (length + len(written)).to_bytes(8, "little")
        return len(bytes(data))


def run(root: Path, words: Sequence[str], prepare: Prepare | None = None, trace: Sequence[str] = ()) -> Ran:
    """Run a command of podcast in a folder. ``trace`` are words for strace, which is attached before anything happens."""
    memory = mmap.mmap(-1, 1 << 18)
    gate, opener = os.pipe()
    child = os.fork()
    if child == 0:
        _be_podcast(root, words, prepare, memory, gate)
    os.close(gate)
    with contextlib.ExitStack() as stack:
        if trace:
            stack.enter_context(_traced(child, trace))
        os.write(opener, b"1")
        os.close(opener)
        _, status = os.waitpid(child, 0)
    length = int.from_bytes(memory[:8], "little")
    return Ran(os.waitstatus_to_exitcode(status), memory[8 : 8 + length].decode())


def warm(root: Path, words: Sequence[str]) -> None:
    """Run a command in this very process, so that its forks find templates and statements compiled: it halves their time."""
    quiet = io.StringIO()
    with contextlib.chdir(root), contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet), contextlib.suppress(SystemExit):
        cli.main(list(words))
    gc.collect()
    gc.freeze()


def _be_podcast(root: Path, words: Sequence[str], prepare: Prepare | None, memory: mmap.mmap, gate: int) -> None:
    code: object = 70
    sandbox.__dict__["_Child"] = _Here
    try:
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(0x59616D61, -1, 0, 0, 0)  # PR_SET_PTRACER: a tracer that is not our parent may attach.
        os.chdir(root)
        (root / "tmp").mkdir(exist_ok=True)
        tempfile.tempdir = str(root / "tmp")
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123
        sys.stdout = sys.stderr = io.TextIOWrapper(_Paper(memory), encoding="utf-8", write_through=True)
        os.read(gate, 1)
        if prepare:
            prepare()
        cli.main(list(words))
    except SystemExit as left:
        code = left.code
    finally:
        sys.setprofile(None)
        os._exit(code if isinstance(code, int) else 1)


@contextlib.contextmanager
def _traced(child: int, words: Sequence[str]) -> Iterator[None]:
    command = ["strace", "-f", "-p", str(child), *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as tracer:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        if "attached" not in said:
            os.kill(child, signal.SIGKILL)
            raise RuntimeError(f"strace cannot look into a process of ours: {said.strip()}")
        yield
        tracer.stderr.read()


class _Here:
    """A sandbox without a process: no child changes anything, and to start hundreds of them takes minutes."""

    def is_alive(self) -> bool:
        return True

    def send(self, request: list[Any], files: list[int]) -> None:
        function, _, _, steps, values = request
        module, _, name = function.partition(":")
        work = getattr(importlib.import_module(f"podcast.ingest.{module}"), name)
        if steps:
            values = {**values, "progress": lambda _step: None}
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(os.fdopen(os.dup(file), "rb")) for file in files]
            try:
                self.answer = b"d", msgspec.msgpack.encode(work(*opened, **values))
            except refusal.Refused as refused:
                self.answer = b"r", msgspec.msgpack.encode(("Refused", refused.what, refused.hint))

    def receive(self, _seconds: float) -> tuple[bytes, bytes]:
        return self.answer

    def close(self) -> None: ...

    end = forget = close


# One thread, so that the n-th call is the same one in every run: strace counts for each thread by itself.


class _Inline:
    """A pool without threads."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*arguments))
        except Exception as error:  # noqa: BLE001 - it is handed on, as a pool does
            future.set_exception(error)
        return future


def alone() -> None:
    """Store one file after the other, in the thread that asks for it."""
    pool.__dict__["ThreadPoolExecutor"] = _Inline
    local.LocalStorage.workers = 1


@dataclass(frozen=True)
class Call:
    """One system call of a run: the n-th of its name, and what strace wrote of it."""

    name: str
    number: int
    text: str


def calls(root: Path, words: Sequence[str], prepare: Prepare = alone) -> tuple[Ran, list[Call]]:
    """Run a command to its end, and return all its calls that change something."""
    log = root.parent / f"{root.name}.strace"
    ran = run(root, words, prepare, ["-y", "-o", str(log), "-e", f"trace={','.join(sorted(CHANGING))}", "-e", "signal=none"])
    counted: Counter[str] = Counter()
    found = []
    for line in log.read_text(errors="replace").splitlines():
        match = re.match(r"\d+ +(\w+)\((.*)", line)
        if not match or "resumed" in line:
            continue
        name, text = match[1], match[2]
        counted[name] += 1
        if name != "openat" or "O_CREAT" in text:
            found.append(Call(name, counted[name], text))
    log.unlink()
    return ran, found


def kill_at(name: str, number: int) -> list[str]:
    """Return strace's words for a kill just before the n-th call of a name."""
    return ["-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={number}"]


def refuse_at(name: str, error: str, number: int, *, for_ever: bool) -> list[str]:
    """Return strace's words for an error of the n-th call of a name, and of all after it with ``for_ever``."""
    when = f"{number}+" if for_ever else str(number)
    return ["-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={name}:error={error}:when={when}"]


def die_at(number: int, *, anywhere: bool = False, tally: Path | None = None) -> Prepare:
    """Return what kills the process at its n-th deed, before or after it; ``anywhere``: at its n-th call of a function.

    With ``tally`` it lives, and the number of its deeds, or functions, is written there.
    """

    def prepare() -> None:
        counter = itertools.count(1)

        def step() -> None:
            if next(counter) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        def watch(_frame: types.FrameType, event: str, deed: Any) -> None:
            if (event == "call") if anywhere else (event in {"c_call", "c_return"} and _is_deed(deed)):
                step()

        if tally:
            leave = os._exit

            def leave_word(code: int) -> None:
                sys.setprofile(None)
                tally.write_text(str(next(counter) - 1))
                leave(code)

            os._exit = leave_word  # type: ignore[assignment]
        threading.setprofile(watch)
        sys.setprofile(watch)

    return prepare


def _is_deed(deed: Any) -> bool:
    if deed.__name__ not in _DEEDS:
        return False
    owner = getattr(deed, "__self__", None)
    return owner.__name__ in _MODULES if isinstance(owner, types.ModuleType) else isinstance(owner, _ACTORS)


def copy(source: Path, target: Path) -> Path:
    """Copy a project, times and all."""
    return Path(shutil.copytree(source, target))
