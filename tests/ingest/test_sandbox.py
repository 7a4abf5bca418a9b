"""A parser has little memory and time, no further file and no network; what ends it is told of, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from podcast.errors import MediaError, UsageError
from podcast.ingest import sandbox
from podcast.ingest.refusal import Refused
from podcast.ingest.sandbox import Died, run

pytestmark = pytest.mark.thorough

#: A parser that does what it is told: its text is Python.
PARSER = """
import ctypes, json, mmap, os, resource, signal, socket, sys, threading, time
from podcast.errors import UsageError
from podcast.ingest.refusal import Refused
libc = ctypes.CDLL(None)

def obey(*files, words, progress=None):
    names = {"files": files, "progress": progress}
    exec(words, globals(), names)
    return names.get("found")
"""


@pytest.fixture
def parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the children find a module that is none of ours."""
    (tmp_path / "obedient.py").write_text(PARSER)
    start = f"import sys; sys.path[:] = sys.argv[1:]; import podcast.ingest as room; room.__path__.append({str(tmp_path)!r}); "
    monkeypatch.setattr(sandbox, "_START", start + "from podcast.ingest.sandbox import serve; serve()")
    monkeypatch.setattr(sandbox, "_idle", [])
    yield
    for child in sandbox._idle:
        child.close()


def obey(words: str, *files: object, **options: object) -> object:
    return run("obedient:obey", object, *files, words=words, **options)  # type: ignore[arg-type]


def test_files_and_values_come_and_go(parser: None, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(name.encode())
    with (tmp_path / "one").open("rb") as one, (tmp_path / "two").open("rb") as two:
        one.read()
        assert [b"one", b"two"] == obey("found = [file.read() for file in files]", one, two)
    steps: list[int] = []
    assert "ä" == obey("progress(3); progress(4); found = 'ä'", progress=steps.append)
    assert [3, 4] == steps


def test_a_child_takes_one_call_after_the_other(parser: None) -> None:
    assert obey("found = os.getpid()") == obey("found = os.getpid()")
    assert os.getpid() != obey("found = os.getpid()")


def test_calls_at_once_have_a_child_each(parser: None) -> None:
    found: list[object] = []
    both = threading.Barrier(2)

    def call() -> None:
        both.wait()
        found.append(obey("time.sleep(0.2); found = os.getpid()"))

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 2 == len(set(found))


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        ("raise Refused('is empty', hint='Fill it.')", Refused, "^is empty$"),
        ("raise UsageError('No.', hint='Yes.')", UsageError, "^No.$"),
        ("[][1]", Refused, r"^cannot be read \(IndexError: list index out of range\)$"),
        ("raise ValueError('\\x1b[31m' + 'x' * 5000)", Refused, r"^cannot be read \(ValueError: \[31mx{900,}"),
        ("found = object()", Refused, r"^cannot be read \(TypeError"),
        ("(lambda f: f(f))(lambda f: f(f))", Refused, r"^cannot be read \(RecursionError"),
    ],
)
def test_what_a_parser_raises_comes_through(parser: None, words: str, kind: type[Exception], message: str) -> None:
    child = obey("found = os.getpid()")
    with pytest.raises(kind, match=message) as caught:
        obey(words)
    assert not isinstance(caught.value, Died)
    assert caught.value.hint  # type: ignore[attr-defined]
    assert child == obey("found = os.getpid()")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("bytearray(460 << 20)", r"^wants more than 448 MB of memory"),
        ("while True: pass", "^takes longer to read"),
        ("time.sleep(60)", "^takes longer to read"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", r"^makes its reader crash \(SIGSEGV\)"),
        ("os._exit(3)", r"^makes its reader crash \(status 3\)"),
    ],
)
def test_what_ends_a_parser_is_told_of_and_the_next_call_works(parser: None, words: str, message: str) -> None:
    with pytest.raises(Died, match=message) as caught:
        obey(words, seconds=0.2)
    assert caught.value.hint
    assert 7 == obey("found = 7")
    assert 1 == len(sandbox._idle)


@pytest.mark.parametrize(
    ("words", "ended_by"),
    [("time.sleep(60)", signal.SIGALRM), ("signal.setitimer(signal.ITIMER_REAL, 0)\nwhile True: pass", signal.SIGXCPU)],
    ids=["by the clock", "on the processor"],
)
def test_a_child_ends_itself_at_its_time(parser: None, words: str, ended_by: signal.Signals) -> None:
    """Its parent may be gone by then."""
    obey("found = 1")
    child = sandbox._idle[0]._process
    with pytest.raises(Died, match="takes longer to read"):
        obey(words, seconds=0.5)
    assert -ended_by == child.returncode


def test_a_large_file_has_more_time_and_a_hollow_one_has_not(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(2_000_000))
    with path.open("r+b") as file:
        dense = sandbox._size(file)
        file.truncate(4_400_000_000)
        assert 2_000_000 == pytest.approx(dense, rel=0.1)
        assert dense == pytest.approx(sandbox._size(file), rel=0.1)


@pytest.mark.parametrize(
    "words",
    [
        "open('/etc/hostname')",
        "os.listdir('/')",
        "socket.socket()",
        "os.pipe()",
        "os.dup(0)",
    ],
)
def test_a_parser_opens_no_file_and_no_connection(parser: None, words: str) -> None:
    hold = "held = mmap.mmap(files[0].fileno(), 0, access=mmap.ACCESS_READ)\n"
    with Path(__file__).open("rb") as file, pytest.raises(Refused, match="Too many open files"):
        obey(hold + words, file)


def test_a_file_that_is_only_read_cannot_be_written(parser: None, tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_bytes(b"as it was")
    with path.open("rb") as file, pytest.raises(Refused, match="Bad file descriptor"):
        obey("os.write(files[0].fileno(), b'x')", file)
    assert b"as it was" == path.read_bytes()


def test_a_file_to_write_grows_no_further_than_is_said(parser: None, tmp_path: Path) -> None:
    path = tmp_path / "made"
    with path.open("w+b") as file:
        obey("files[0].write(bytes(100)); files[0].flush()", file, writes=100)
        assert 100 == path.stat().st_size
        with pytest.raises(Refused, match="File too large"):
            obey("files[0].write(bytes(101)); files[0].flush()", file, writes=100)


def test_a_child_knows_nothing_of_our_environment_and_files(parser: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODCAST_S3_SECRET", "swordfish")
    with Path(__file__).open("rb") as mine:
        os.set_inheritable(mine.fileno(), True)
        found = obey("found = [str(dict(os.environ)), os.getcwd(), os.fstat(0).st_mode]\ntry: os.fstat(3)\nexcept OSError: found.append(3)")
    assert isinstance(found, list)
    assert "swordfish" not in found[0]
    assert ["/", 3] == [found[1], found[3]]


def _wait_for(pid: int) -> bool:
    """Say whether a process that is not our child goes within ten seconds."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        signal.sigtimedwait([], 0.05)
    return False


PARENT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # A shell lets its background jobs ignore it.
from podcast.ingest import sandbox
child = sandbox._take()
sandbox._idle.append(child)
print(child._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_no_child_outlives_its_parent(ending: int) -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.send_signal(ending)
        parent.wait(10)
    assert _wait_for(child)


def test_an_interrupt_ends_the_child_that_is_at_work(parser: None) -> None:
    me, before = threading.get_ident(), signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.3, lambda: signal.pthread_kill(me, signal.SIGINT))
    timer.start()
    child = sandbox._take()
    sandbox._idle.append(child)
    with pytest.raises(KeyboardInterrupt):
        obey("time.sleep(60)", seconds=60)
    timer.join()
    signal.signal(signal.SIGINT, before)
    assert not child.is_alive()
    assert [] == sandbox._idle


def test_a_fork_leaves_the_children_to_its_parent(parser: None) -> None:
    before = obey("found = os.getpid()")
    pid = os.fork()
    if pid == 0:
        os._exit(len(sandbox._idle))
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert before == obey("found = os.getpid()")


def test_a_file_that_dies_is_named(parser: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from podcast.ingest import media

    path = tmp_path / "bomb.mp3"
    path.write_bytes(b"x")
    monkeypatch.setattr(media, "run", lambda *_, **__: obey("bytearray(460 << 20)"))
    with pytest.raises(MediaError, match=r"^bomb.mp3 wants more than 448 MB of memory to be read$"):
        media.read_media(path, path.name)
