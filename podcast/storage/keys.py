"""Which names a file may have in storage: the same in a bucket and in a folder, and safe in both."""

import re

from podcast.errors import StorageError

#: Segments of ASCII letters, digits, ``_``, ``-`` and ``.``, none of them empty or hidden (which shuts out ``..`` too).
#: 255 is what a folder can name, 1,024 what a bucket can.
_KEY = re.compile(r"(?!\.)[A-Za-z0-9_.-]{1,255}(?:/(?!\.)[A-Za-z0-9_.-]{1,255})*", re.ASCII)
_LONGEST = 1024


def is_key(name: str) -> bool:
    """Tell whether a file may be stored under this name."""
    return len(name) <= _LONGEST and _KEY.fullmatch(name) is not None


def check_key(name: str) -> None:
    """Raise StorageError where no file may be stored under this name."""
    if not is_key(name):
        raise StorageError(
            f"{name!r} cannot be a name in storage.",
            hint="Names are made of ASCII letters, digits, '_', '-', '.' and single slashes; no part begins with a dot.",
        )
