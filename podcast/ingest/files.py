"""Open files of users: only regular ones, never blocking, never for writing."""

import os
import stat
from pathlib import Path
from typing import Final

from podcast.errors import MediaError

# A Windows build of Python has neither of them.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def open_regular(path: Path) -> int:
    """Open a regular file (or a link to one) for reading and return its descriptor; MediaError for anything else.

    O_NONBLOCK keeps a named pipe without a writer from hanging us; what was opened is looked at, not the name.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        kind = _KINDS.get(stat.S_IFMT(mode), "no regular file")
        raise MediaError(f"{path.name} is {kind}, not a file", hint="Give the path of an ordinary file.")
    return descriptor


def read_small(path: Path, limit: int) -> bytes:
    """Return the bytes of a file of at most ``limit`` bytes; MediaError where it is larger or cannot be read."""
    with open(open_regular(path), "rb") as file:
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise unreadable(path, error) from error
    if len(data) > limit:
        raise MediaError(f"{path.name} is larger than {limit >> 10:,} KiB", hint="It is too large for what it should be.")
    return data


def unreadable(path: Path, error: Exception) -> MediaError:
    """Return the error for a file that cannot be opened or read."""
    if isinstance(error, FileNotFoundError):
        return MediaError(f"There is no file {path}", hint="Check the spelling and the folder.")
    reason = (isinstance(error, OSError) and error.strerror) or error
    return MediaError(f"{path.name} cannot be read: {reason}", hint="Check that you may read it.")
