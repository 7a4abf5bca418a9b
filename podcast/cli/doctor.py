"""The doctor: is this machine, this project, its storage and its public address fit?"""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
import msgspec

from podcast.errors import CheckFailed

from .app import cli
from .desk import desk
from .output import answer, bar, count, mark, say, wants_json

if TYPE_CHECKING:
    from podcast.doctor import Row

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red", "skipped": "cyan"}
_SIGNS = {"ok": "✓", "warn": "!", "fail": "✗", "skipped": "-"}


@cli.command()
@click.option("--fix", is_flag=True, help="Write the bucket's CORS rule where it is missing; nothing else is changed.")
def doctor(fix: bool) -> None:
    """Look whether this machine, the project, its storage and its public address are fit, and say how to mend each.

    Small files are stored under _podcast-doctor/ and removed again: each right of the key is tried alone, and what is
    stored is asked for at the public address as an app would. Exit code 0 where all is well (warnings are allowed), 4
    where something must be mended. `podcast help doctor` lists the checks.

    \b
    Example: podcast doctor
    """  # noqa: D301
    from podcast.doctor import CHECKS, Patient, examine

    rows: list[Row] = []
    with bar("Checks", len(CHECKS), bytes_=False) as done:
        for row in examine(Patient(lambda: desk().project, desk().now), fix=fix):
            rows.append(row)
            done(1)
    verdicts = Counter(row.verdict.value for row in rows)
    if wants_json():
        answer({"checks": msgspec.to_builtins(rows), **{name: verdicts[name] for name in _COLOURS}})
    else:
        _print(rows)
        say(f"{verdicts['ok']} well, {count(verdicts['warn'], 'warning')}, {verdicts['fail']} to mend, {verdicts['skipped']} skipped")
    if verdicts["fail"]:
        raise CheckFailed(
            f"The doctor found {count(verdicts['fail'], 'thing')} to mend.", hint="Do what stands under each, and look again."
        )


def _print(rows: "Sequence[Row]") -> None:
    signs = _SIGNS if sys.stdout.isatty() else {}
    skipped: dict[str, list[str]] = {}
    for row in rows:
        if row.verdict == "skipped":
            skipped.setdefault(row.message, []).append(row.id)
            continue
        mark(signs.get(row.verdict, row.verdict), _COLOURS[row.verdict], f"{row.id:<19} {row.message}")
        for more in (row.fixed, row.remedy):
            if more:
                say(f"{'':<31}{more}")
    for reason, names in skipped.items():
        mark(signs.get("skipped", "skipped"), _COLOURS["skipped"], f"{', '.join(names)}: {reason}")
