"""What is done to the loudness of a file: the means that harms least, of those that bring it where it should be."""

import pytest

from podcast.ingest.loudness import STEP, Codec, Means, plan_gain, target_of
from podcast.model import Measured


@pytest.mark.parametrize(
    ("loudness", "peak", "codec", "means", "gain"),
    [
        (-16.9, -1.1, Codec.MP3, Means.NOTHING, 0),
        (-15.1, -0.9, Codec.LOSSLESS, Means.NOTHING, 0),
        (None, -120.0, Codec.LOSSLESS, Means.NOTHING, 0),
        # Its peaks come up to full scale and no further: to encode it again would do more harm.
        (-16.5, 0.1, Codec.MP3, Means.NOTHING, 0),
        (-16.5, 0.1, Codec.LOSSLESS, Means.LIMITER, 0.5),
        (-16.5, 0.3, Codec.MP3, Means.LIMITER, 0.5),
        # One step down brings both where they should be.
        (-15.2, 0.4, Codec.MP3, Means.HEADER, -STEP),
        (-11.5, -0.5, Codec.MP3, Means.HEADER, -3 * STEP),
        (-11.5, -0.5, Codec.OPUS, Means.HEADER, -4.5),
        (-11.5, -0.5, Codec.LOSSLESS, Means.GAIN, -4.5),
        (-11.5, -0.5, Codec.LOSSY, Means.GAIN, -4.5),
        (-22.0, -10.0, Codec.MP3, Means.HEADER, 4 * STEP),
        # A step less than what would be nearest, since the peaks allow no more.
        (-18.6, -3.0, Codec.MP3, Means.LIMITER, 2.6),
        (-17.8, -2.8, Codec.MP3, Means.HEADER, STEP),
        (-22.0, -6.0, Codec.MP3, Means.LIMITER, 6),
        (-22.0, -7.6, Codec.LOSSLESS, Means.GAIN, 6),
        (-22.0, -7.2, Codec.LOSSLESS, Means.LIMITER, 6),
        (-22.0, -6.4, Codec.OPUS, Means.HEADER, 5.6),
    ],
)
def test_the_means_that_harms_least_is_chosen(loudness: float | None, peak: float, codec: Codec, means: Means, gain: float) -> None:
    plan = plan_gain(
        Measured(version=1, seconds=60, integrated_lufs=loudness, range_lu=5, true_peak_dbtp=peak, channels=(-20, -20)), codec, -16.0
    )
    assert means == plan.means
    assert abs(gain - plan.gain) < 0.01
    assert plan.why


def test_mono_is_three_lower_since_it_plays_in_two_speakers() -> None:
    assert (-19, -16, -16) == tuple(map(target_of, (1, 2, 6)))
