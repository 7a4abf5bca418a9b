"""What a power cut would lose, read from the system calls of a run: the order in which things are brought to the disk.

A power cut may lose whatever was not synchronised: the bytes of a file until its own fsync, its name until that of its folder.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from .runner import Call

_WRITES = {"write", "pwrite64", "writev", "pwritev", "ftruncate"}
_SYNCS = {"fsync", "fdatasync"}


def lost_by_a_power_cut(calls: Iterable[Call], root: Path) -> list[str]:
    """Return what is not on the disk when something goes on to rely on it."""
    return sorted(set(_look(calls, root)))


def _look(calls: Iterable[Call], root: Path) -> Iterator[str]:
    bytes_, names = set[str](), dict[str, str]()
    for call in calls:
        paths = [path for path in re.findall(r'[<"](/[^>"]*)[>"]', call.text) if path.startswith(str(root))]
        if call.name == "openat":
            paths = paths[-1:]  # The folder it is relative to stands first.
        if not paths or "= -1 " in call.text:
            continue
        path, last = paths[0].removeprefix(f"{root}/"), paths[-1].removeprefix(f"{root}/")
        if path.startswith(".podcast/catalogue.db"):
            if call.name in _WRITES:
                yield from (f"the catalogue goes on before {name} is on the disk: {deed}" for name, deed in names.items())
        elif path.startswith(("public/", ".podcast/staging")) or path == "public":
            if call.name in _WRITES:
                bytes_.add(path)
            elif call.name in _SYNCS:
                bytes_.discard(path)
                names = {name: deed for name, deed in names.items() if str(Path(name).parent) != path}
            elif call.name.startswith("rename"):
                if path in bytes_:
                    yield f"{last} gets its name before its bytes are on the disk"
                names[last] = "rename"
            elif call.name in {"unlink", "unlinkat", "rmdir"}:
                names = {name: deed for name, deed in names.items() if name != path and str(Path(name).parent) != path}
                if path.startswith("public/") and not path.startswith("public/.tmp"):
                    names[path] = call.name
    yield from (f"the command ends before {name} is on the disk: {deed}" for name, deed in names.items())
