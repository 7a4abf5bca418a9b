"""The lease by which one process at a time publishes a show, and what becomes of that of a process which was killed."""

import os
import re
import socket
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from podcast.catalogue import Catalogue

#: A publisher that is silent for so long may be replaced by another.
LEASE = timedelta(minutes=10)


def take(catalogue: Catalogue, name: str, now: datetime) -> int:
    """Take a lease and return its token: at once where its holder was a process beside us that is no more; else CatalogueBusy."""
    return catalogue.acquire(name, f"{_place()} pid {os.getpid()}", now=now, ttl=LEASE, is_dead=_is_dead)


def _place() -> str:
    """Return the machine, and the container: numbers of processes mean something only inside one."""
    container = ""
    with suppress(OSError):
        container = f" {Path('/proc/self/ns/pid').stat().st_ino}"
    return f"{socket.gethostname()}{container}"


def _is_dead(holder: str) -> bool:
    """Tell whether a holder was a process of this machine and container, and is no more."""
    here = re.fullmatch(rf"{re.escape(_place())} pid (\d+)", holder)
    if not here:
        return False
    try:
        os.kill(int(here[1]), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
