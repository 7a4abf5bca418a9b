"""Publishing broken on purpose, in ways that the harness must catch."""

from collections.abc import Callable

from podcast.ingest.staging import Staging

MUTANTS: dict[str, Callable[[], None]] = {}
