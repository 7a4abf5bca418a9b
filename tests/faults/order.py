"""What a power cut would lose, read from the system calls of a run: the order in which things are brought to the disk.

A power cut may lose whatever was not synchronised: the bytes of a file until its own fsync, its name until that of its folder.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .runner import Call

_WRITES = {"write", "pwrite64", "writev", "pwritev", "ftruncate"}
_REMOVALS = {"unlink", "unlinkat", "rmdir"}
_SYNCS = {"fsync", "fdatasync"}


def lost_by_a_power_cut(calls: Iterable[Call], root: Path) -> list[str]:
    """Return what is not on the disk when something goes on to rely on it."""
    return sorted(set(_look(calls, root)))


def _look(calls: Iterable[Call], root: Path) -> Iterator[str]:
    disk = _Disk()
    for call in calls:
        paths = [path for path in re.findall(r'[<"](/[^>"]*)[>"]', call.text) if path.startswith(f"{root}/")]
        if paths and "= -1 " not in call.text:
            first, last = (path.removeprefix(f"{root}/") for path in (paths[0], paths[-1]))
            if first.startswith(".podcast/catalogue.db"):
                if call.name in _WRITES:
                    yield from disk.names_at_risk("the catalogue goes on")
            elif first.startswith(("public", ".podcast/staging")):
                yield from disk.take(call.name, first, last)
    yield from disk.names_at_risk("the command ends")


@dataclass
class _Disk:
    """What is not on the disk yet: the bytes of files, and names that were given or taken away."""

    bytes_: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def take(self, deed: str, path: str, last: str) -> Iterator[str]:
        if deed in _WRITES:
            self.bytes_.add(path)
        elif deed in _SYNCS:
            self.bytes_.discard(path)
            self.names = {name for name in self.names if str(Path(name).parent) != path}
        elif deed.startswith("rename"):
            if path in self.bytes_:
                yield f"{last} gets its name before its bytes are on the disk"
            self.names.add(last)
        elif deed in _REMOVALS and not path.startswith((".podcast/staging", "public/.tmp")):
            self.names = {name for name in self.names if str(Path(name).parent) != path} | {path}

    def names_at_risk(self, what: str) -> Iterator[str]:
        yield from (f"{what} before {name} is on the disk, or off it" for name in self.names)
