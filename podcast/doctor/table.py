"""What a check is, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .patient import Patient


class Verdict(StrEnum):
    """What came of a check. ``fail`` breaks publishing or playing, ``warn`` does not, or not yet."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a look gave: ``message`` in one line, ``remedy`` is what to do. Why it was skipped is the message, too."""

    verdict: Verdict
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to look at. A PodcastError that leaves ``look`` is a failure with its hint as the remedy.

    ``needs`` names the checks without whose success there is nothing to look at; ``bucket``: a folder has no such thing.
    """

    id: str
    about: str
    look: Callable[["Patient"], Outcome]
    needs: tuple[str, ...] = ()
    bucket: bool = False
    #: What --fix does: it returns what it did, in a sentence.
    mend: Callable[["Patient"], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the doctor's report."""

    id: str
    about: str
    verdict: Verdict
    message: str
    remedy: str = ""
    #: What --fix did.
    fixed: str = ""


def ok(message: str) -> Outcome:
    """Return that all is well."""
    return Outcome(verdict=Verdict.OK, message=message)


def warn(message: str, remedy: str) -> Outcome:
    """Return that something is not as it should be, and nothing breaks for it."""
    return Outcome(verdict=Verdict.WARN, message=message, remedy=remedy)


def fail(message: str, remedy: str) -> Outcome:
    """Return that something must be mended."""
    return Outcome(verdict=Verdict.FAIL, message=message, remedy=remedy)


def skipped(message: str) -> Outcome:
    """Return why nothing was looked at."""
    return Outcome(verdict=Verdict.SKIPPED, message=message)
