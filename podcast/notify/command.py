"""The operator's own command: without a shell, in a process group of its own, bounded in time and output."""

import os
import select
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, NamedTuple

from podcast.hiding import VARIABLES

#: Seconds that a command may take.
SECONDS: Final = 60.0
#: Bytes of its output that are kept; the rest is read and dropped.
_KEPT: Final = 2000
_PAUSE: Final = 0.1


class Ran(NamedTuple):
    """How a command ended; ``code`` is None where it did not by itself. ``output`` is the end of what it printed."""

    code: int | None
    how: str
    output: bytes = b""


def run(command: str, body: bytes, variables: Mapping[str, str], *, folder: Path, seconds: float = SECONDS) -> Ran:
    """Run a command with ``body`` as its standard input, without our own secrets in its environment.

    Those of the store stay: a command may go on with the bucket.
    """
    secrets = {name for name in VARIABLES if name.startswith("PODCAST_")}
    environment = {name: value for name, value in os.environ.items() if name not in secrets} | dict(variables)
    # A file, since a command that does not read a pipe would hold us up.
    with TemporaryFile() as given:
        given.write(body)
        given.seek(0)
        try:
            process = subprocess.Popen(  # noqa: S603 - the operator's own words
                shlex.split(command),
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return Ran(None, f"cannot be run ({getattr(error, 'strerror', None) or 'its quotes do not match'})")
        try:
            return _watch(process, time.monotonic() + seconds, seconds)
        finally:
            _end(process)


def _watch(process: subprocess.Popen[bytes], deadline: float, seconds: float) -> Ran:
    """Read what a command prints until it ends. What it leaves running in the background is not waited for."""
    pipe, output = _pipe(process), b""
    while (left := deadline - time.monotonic()) > 0:
        over = process.poll() is not None
        if select.select([pipe], [], [], 0 if over else min(left, _PAUSE))[0]:
            block = os.read(pipe.fileno(), 1 << 16)
            output = (output + block)[-_KEPT:]
            if block:
                continue
            # It closed its output and may go on.
            over = _wait(process, left)
        if over:
            code = process.returncode
            return Ran(code, f"exit {code}" if code >= 0 else f"ended by signal {-code}", output)
    return Ran(None, f"stopped after {seconds:g} s", output)


def _wait(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdout is None:
        raise ValueError("the command has no output")
    return process.stdout


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command that still runs, with all that it began."""
    _pipe(process).close()
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
