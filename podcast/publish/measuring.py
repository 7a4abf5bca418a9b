"""What goes out is listened to first, outside of the show's lease: for its waveform, and for what is wrong with its sound."""

from collections.abc import Callable, Sequence
from typing import BinaryIO, Final

from podcast.errors import CatalogueError, PodcastError
from podcast.ingest.analyse import VERSION, analyse
from podcast.ingest.refusal import naming
from podcast.model import Episode
from podcast.site import media_key

from .plan import Plan, staged_file
from .press import Press
from .store import refuse_cut

#: More at once are an archive, whose waveforms can wait for `podcast check --listen`.
_MOST: Final = 10


def unmeasured(press: Press, episodes: Sequence[Episode]) -> list[Episode]:
    """Return those of the episodes whose sound was never measured."""
    new = press.catalogue.unmeasured({episode.audio.sha256 for episode in episodes}, VERSION)
    return [episode for episode in episodes if episode.audio.sha256 in new]


def to_measure(press: Press, plan: Plan) -> tuple[list[Episode], list[Episode]]:
    """Return the episodes that go out with new sound: the first ten, and those that can wait."""
    new = unmeasured(press, [*plan.seen, *_replaced(plan)])
    return new[:_MOST], new[_MOST:]


def undecodable(press: Press, plan: Plan) -> list[Episode]:
    """Return the episodes that get other sound, of which nothing can be decoded. A new episode stays behind, by the linter."""
    found = [(episode, press.catalogue.measured(episode.audio.sha256)) for episode in _replaced(plan)]
    return [episode for episode, measured in found if measured and not measured.seconds]


def _replaced(plan: Plan) -> list[Episode]:
    uploads = {file.key for file in plan.uploads if not plan.gone}
    return [episode for episode in plan.refresh if media_key(episode) in uploads]


def measure(press: Press, episodes: Sequence[Episode], progress: Callable[[int], None] | None = None) -> list[tuple[Episode, PodcastError]]:
    """Measure the sound of episodes and keep it; return those with which that cannot be done, and why. Raises CatalogueError.

    ``progress`` gets the seconds of sound that were gone through.
    """
    failed = list[tuple[Episode, PodcastError]]()
    for episode in episodes:
        try:
            with naming(episode.slug), _open(press, episode) as file:
                found = analyse(file, episode.audio.duration, progress)
            press.catalogue.keep_measured(episode.audio.sha256, found)
        except CatalogueError:  # No publish can go on after it.
            raise
        except PodcastError as error:
            failed.append((episode, error))
    return failed


def _open(press: Press, episode: Episode) -> BinaryIO:
    file = staged_file(media_key(episode), episode.audio, press.staging.path(episode.audio.sha256))
    refuse_cut([file])
    return press.staging.path(episode.audio.sha256).open("rb")
