"""Sound that is measured in passing, by publish and check."""

from collections.abc import Sequence

from podcast.model import Episode

from .desk import desk
from .output import bar, tell


def measure_sound(episodes: Sequence[Episode]) -> list[str]:
    """Measure the sound of episodes; say of which that could not be done, and return that."""
    if not episodes:
        return []
    from podcast.publish.measuring import measure

    with bar("Measuring the sound", sum(episode.audio.duration for episode in episodes), bytes_=False) as progress:
        failed = measure(desk().press, episodes, progress)
    warnings = [f"The sound of {episode.slug} was not measured: {error.message} Hint: {error.hint}" for episode, error in failed]
    for warning in warnings:
        tell(f"Warning: {warning}")
    return warnings
