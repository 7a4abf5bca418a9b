"""What an audio file sounds like: asked here, found out by ``measure.py`` in the sandbox."""

from collections.abc import Callable
from typing import BinaryIO, Final

from podcast.model import Measured

from . import sandbox

#: Of the analysis: what an earlier one found is measured anew.
VERSION: Final = 1
#: How many times faster than it is heard a file is gone through, on a slow and busy machine.
_SPEED: Final = 20


def analyse(file: BinaryIO, duration: float, progress: Callable[[int], None] | None = None) -> Measured:
    """Measure an open audio file of ``duration`` seconds; Refused where that cannot be done.

    ``progress`` gets the seconds of sound that were gone through since its last call.
    """
    seconds = sandbox.SECONDS + duration / _SPEED
    return sandbox.run("measure:measure", Measured, file, seconds=seconds, progress=progress or (lambda _: None))


def describe(measured: Measured) -> str:
    """Say in a line how loud a file is: -16.2 LUFS, range 6.1 LU, true peak -1.2 dBTP."""
    loudness = "silent" if measured.integrated_lufs is None else f"{measured.integrated_lufs:.1f} LUFS"
    return f"{loudness}, range {measured.range_lu:.1f} LU, true peak {measured.true_peak_dbtp:+.1f} dBTP"
