"""What has to be done to the loudness of a file, by the means that harms it least. Pure.

Apple asks for -16 LUFS in stereo, give or take one, and true peaks below -1 dBTP. A mono file plays in two
speakers, and so 3 LU louder than it measures.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from podcast.model import Measured

TOLERANCE: Final = 1.0
CEILING: Final = -1.0
#: What a measurement of true peak may err by.
SLACK: Final = 0.2
#: By how much an encoder's peaks stand above those that it was given.
OVERSHOOT: Final = 0.5
#: dB; what one step of an MP3's global_gain does, to the hundredth.
STEP: Final = 20 * math.log10(2) / 4
#: LUFS; below that a file holds no programme.
SILENCE: Final = -60.0


class Codec(StrEnum):
    """What a file's sound is kept as, as far as it matters here."""

    MP3 = "mp3"
    OPUS = "opus"
    #: PCM, FLAC: encoding it costs nothing.
    LOSSLESS = "lossless"
    #: Encoding it again costs a generation.
    LOSSY = "lossy"


class Means(StrEnum):
    """From the one that harms least to the one that harms most."""

    NOTHING = "nothing"
    HEADER = "lossless gain"
    GAIN = "gain"
    LIMITER = "gain and limiter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """By what means, by how many dB, and why, in words."""

    means: Means
    gain: float
    why: str


def target_of(channels: int) -> float:
    """Return the loudness in LUFS that a file of so many channels shall have."""
    return -19.0 if channels == 1 else -16.0


def plan_gain(measured: Measured, codec: Codec, target: float) -> Plan:
    """Choose the means that harms least; what is within the tolerance is left as it is."""
    loudness, peak = measured.integrated_lufs, measured.true_peak_dbtp
    if loudness is None or loudness < SILENCE:
        return Plan(means=Means.NOTHING, gain=0.0, why="it is silent")
    level = f"{loudness:.1f} LUFS with peaks at {peak:+.1f} dBTP"
    if _fits(loudness, peak, target):
        return Plan(means=Means.NOTHING, gain=0.0, why=f"{level} is right already")
    if codec is not Codec.LOSSLESS and abs(loudness - target) <= TOLERANCE and peak <= SLACK:
        return Plan(means=Means.NOTHING, gain=0.0, why=f"{level} is loud enough, and encoding it again would harm more than its peaks do")
    steps = {Codec.MP3: STEP, Codec.OPUS: 1 / 256}.get(codec)
    gain = steps and _in_steps(loudness, peak, target, steps)
    if gain:
        how = f"{round(gain / STEP):+d} steps of 1.5 dB" if codec is Codec.MP3 else f"{gain:+.1f} dB in its header"
        return Plan(means=Means.HEADER, gain=gain, why=f"{level} shall be {target:.0f} LUFS: {how}, without encoding it again")
    gain = target - loudness
    means = Means.GAIN if peak + gain <= CEILING - OVERSHOOT else Means.LIMITER
    with_limiter = ", its peaks held below -1 dBTP" if means is Means.LIMITER else ""
    loss = "" if codec is Codec.LOSSLESS else "; it is encoded a second time, so give the lossless recording where there is one"
    return Plan(means=means, gain=gain, why=f"{level} shall be {target:.0f} LUFS: {gain:+.1f} dB{with_limiter}{loss}")


def _fits(loudness: float, peak: float, target: float) -> bool:
    return abs(loudness - target) <= TOLERANCE and peak <= CEILING + SLACK


def _in_steps(loudness: float, peak: float, target: float, step: float) -> float | None:
    """Return the whole number of steps, in dB, that comes nearest to the target and keeps the peaks down; None where none fits."""
    count = min(round((target - loudness) / step), math.floor((CEILING + SLACK - peak) / step))
    return count * step if _fits(loudness + count * step, peak + count * step, target) else None
