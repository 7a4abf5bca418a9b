"""Sound that is measured in passing, by publish and check."""

from collections.abc import Sequence

from podcast.model import Episode

from .desk import desk
from .output import bar, tell


def measure_sound(episodes: Sequence[Episode]) -> None:
    """Measure the sound of episodes, and say of which that could not be done."""
    if not episodes:
        return
    from podcast.publish.measuring import measure

    with bar("Measuring the sound", sum(episode.audio.duration for episode in episodes), bytes_=False) as progress:
        failed = measure(desk().press, episodes, progress)
    for episode, error in failed:
        tell(f"Warning: The sound of {episode.slug} was not measured: {error.message} Hint: {error.hint}")
