"""File systems of their own, in a file each, whose power can be cut: what was not brought to the disk by then is gone.

A program mounts them where nobody else sees it (``unshare --mount``), so that the kernel takes them away with the
program, however that ends.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: How each is made, and mounted. ext4 by itself writes a file out when it takes the place of another; ours has no such mercy.
_KINDS = {"xfs": (["mkfs.xfs", "-q"], "loop"), "ext4": (["mkfs.ext4", "-q"], "loop,noauto_da_alloc")}
FILE_SYSTEMS = tuple(_KINDS)
#: The smallest that mkfs.xfs agrees to is 300 MB; the file has holes.
_BYTES = 320 << 20
#: Before a program that mounts: what it mounts is its own, and goes with it.
PRIVATELY = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc")


@dataclass(frozen=True)
class Disk:
    """A mounted file system: the file that holds it, the folder where it is seen, and the options of mount."""

    image: Path
    folder: Path
    options: str

    def settle(self) -> None:
        """Bring all that was written to the disk, whatever keeps ``fsync`` from doing so."""
        _do("umount", self.folder)
        self.mount()

    def cut(self) -> None:
        """Cut the power, and start anew."""
        _do("xfs_io", "-x", "-c", "shutdown", self.folder)
        self.settle()

    def mount(self) -> None:
        _do("mount", "-o", self.options, self.image, self.folder)


@contextmanager
def disk(kind: str, place: Path) -> Iterator[Disk]:
    """Make an empty file system below a folder, and mount it."""
    make, options = _KINDS[kind]
    made = Disk(place / f"{kind}.image", place / kind, options)
    made.folder.mkdir()
    with made.image.open("wb") as file:
        file.truncate(_BYTES)
    _do(*make, made.image)
    made.mount()
    try:
        yield made
    finally:
        _do("umount", made.folder)
        made.image.unlink()


def _do(*words: str | Path) -> None:
    ran = subprocess.run(words, capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(f"{words[0]}: {ran.stderr.strip()}")
