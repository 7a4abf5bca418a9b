"""All checks in their order: each stands for itself, and none that fails stops the others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from podcast.errors import PodcastError

from .bucket import REACH, TRAITS
from .machine import MACHINE
from .patient import Patient
from .public import PUBLIC
from .rights import CLEAN, RIGHTS
from .table import Check, Outcome, Row, Verdict, fail, skipped

CHECKS: Final = (*MACHINE, *REACH, *RIGHTS, *TRAITS, *PUBLIC, *CLEAN)
_BAD: Final = frozenset({Verdict.FAIL, Verdict.SKIPPED})


def examine(patient: Patient, checks: Sequence[Check] = CHECKS, *, fix: bool = False) -> Iterator[Row]:
    """Yield a row for each check; with ``fix``, mend what can be mended safely, and look again. Leaves nothing behind, whatever happens."""
    verdicts: dict[str, Verdict] = {}
    try:
        for check in checks:
            row = _row(check, _look(check, patient, verdicts))
            if fix and check.mend and row.verdict in {Verdict.WARN, Verdict.FAIL}:
                row = _mended(check, row, patient)
            verdicts[check.id] = row.verdict
            yield row
    finally:
        patient.clean()


def _look(check: Check, patient: Patient, verdicts: Mapping[str, Verdict]) -> Outcome:
    missing = [need for need in check.needs if verdicts.get(need) in _BAD]
    if missing:
        return skipped(f"waits for {missing[0]}")
    try:
        if check.bucket and not patient.is_bucket:
            return skipped("the project publishes into a folder")
        return check.look(patient)
    except PodcastError as error:
        return fail(error.message, error.hint)
    except OSError as error:
        return fail(
            f"The system refuses{f' {error.filename}' if error.filename else ''}: {error.strerror or error}.", "See what stands there."
        )
    except Exception as error:  # noqa: BLE001 - a fault in one check must not hide what the others see; its text may hold anything
        return fail(f"This check itself went wrong: {type(error).__name__}.", "This is a fault in podcast: report it.")


def _mended(check: Check, row: Row, patient: Patient) -> Row:
    assert check.mend  # noqa: S101 - the caller looked
    try:
        done = check.mend(patient)
    except PodcastError as error:
        return replace(row, fixed=f"not mended: {error.message}", remedy=error.hint or row.remedy)
    return replace(_row(check, _look(check, patient, {})), fixed=done)


def _row(check: Check, outcome: Outcome) -> Row:
    return Row(id=check.id, about=check.about, verdict=outcome.verdict, message=outcome.message, remedy=outcome.remedy)
