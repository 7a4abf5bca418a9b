"""Every error that a user may meet.

PodcastError                 1   failed
├ UsageError                 2   a value or a combination of them makes no sense
│ └ ConfigError              2   podcast.toml, the environment, no project here
├ NotFound                   3   no such show, episode, key; or several that fit
├ Conflict                   1   it exists already, or somebody else changed it
├ CheckFailed                4   the linter found errors
├ MediaError                 1   a file that is no usable audio, picture, transcript, sidecar
├ CatalogueError             1   the database
│ └ CatalogueBusy            5   locked by somebody else: try again
├ StorageError               1   the bucket or the folder
│ └ StorageUnavailable       5   unreachable or overloaded: try again
└ FetchError                 1   an address of others
  ├ FetchPrivate             1   it leads into a private network
  └ FetchUnavailable         5   unreachable or overloaded: try again

A message says what is wrong and why, in one line; the hint says what to do. Foreign exceptions are turned into these
once, in the room that owns the library. Text from outside (a file name, an answer of a server) may stand in a message:
the command line escapes it when it prints.
"""

from typing import ClassVar


class PodcastError(Exception):
    """The base of all. ``code`` is the stable name in ``--json``."""

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "failed"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PodcastError):
    """A value that makes no sense."""

    exit_code = 2
    code = "usage"


class ConfigError(UsageError):
    """podcast.toml or the environment is wrong, or there is no project here."""

    code = "config"


class NotFound(PodcastError):
    """No such thing, or several things that fit the name."""

    exit_code = 3
    code = "not_found"


class Conflict(PodcastError):
    """It exists already, or was changed by somebody else."""

    code = "conflict"


class CheckFailed(PodcastError):
    """The linter found errors."""

    exit_code = 4
    code = "check_failed"


class MediaError(PodcastError):
    """A file that is not what it should be."""

    code = "media"


class CatalogueError(PodcastError):
    """The catalogue's database refuses."""

    code = "catalogue"


class CatalogueBusy(CatalogueError):
    """Another process holds the catalogue or the show."""

    exit_code = 5
    code = "busy"


class StorageError(PodcastError):
    """The bucket or the folder refuses."""

    code = "storage"


class StorageUnavailable(StorageError):
    """The store cannot be reached now, or asks to slow down."""

    exit_code = 5
    code = "storage_unavailable"


class FetchError(PodcastError):
    """An address of others does not give what was asked of it."""

    code = "fetch"


class FetchPrivate(FetchError):
    """An address leads into a private network, where none may."""


class FetchUnavailable(FetchError):
    """An address of others cannot be reached now."""

    exit_code = 5
    code = "fetch_unavailable"
