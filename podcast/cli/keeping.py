"""What keeps a site in order: gc."""

from datetime import timedelta

import click

from podcast.errors import UsageError

from .app import cli
from .desk import desk
from .output import answer, confirm, count, say, size, wants_json
from .publishing import DRY_RUN, YES


@cli.command()
@click.option("--older-than", metavar="SPAN", default="30d", show_default=True, help="How long it must have been unused: 30d, 12h.")
@DRY_RUN
@YES
def gc(older_than: str, dry_run: bool, yes: bool) -> None:
    """Remove what nothing needs any more, from storage and staging.

    Replaced and withdrawn audio, old pictures, files of an older player, uploads that broke off. What is unused is noted by the first
    run that sees it and removed by the first one after SPAN, since apps hold on to old feeds. Run it once a week.

    \b
    Example:
      podcast gc --dry-run
      podcast gc --yes
    """  # noqa: D301
    from podcast.publish.leftovers import clear

    grace = _span(older_than)
    press, shows = desk().press, desk().shows()
    found = clear(press, shows, clock=desk().now, grace=grace, dry=True)
    if not dry_run:
        if found.gone or found.staged:
            if not yes and not wants_json():
                say(f"To remove: {_total(found.gone, 'file')} from storage, {_total(found.staged, 'file')} from staging")
            confirm("Go on?", yes=yes)
        found = clear(press, shows, clock=desk().now, grace=grace)
    if wants_json():
        answer(
            {
                "done": not dry_run,
                "gone": [{"key": key, "length": length} for key, length in found.gone],
                "waiting": [{"key": key, "length": length, "until": until.isoformat()} for key, length, until in found.waiting],
                "staged": [{"name": name, "length": length} for name, length in found.staged],
                "uploads": found.uploads,
            }
        )
        return
    verb = "Would remove" if dry_run else "Removed"
    for key, length in found.gone:
        say(f"  - {key}  {size(length)}")
    say(f"{verb} {_total(found.gone, 'file')} from storage, {_total(found.staged, 'file')} from staging")
    if found.uploads:
        say(f"Ended {count(found.uploads, 'interrupted upload')}")
    if found.waiting:
        first = min(until for _, _, until in found.waiting)
        waiting = _total([(key, length) for key, length, _ in found.waiting], "file")
        say(f"Unused, and kept for a while: {waiting}; the first may go on {first:%Y-%m-%d}")


def _total(files: "list[tuple[str, int]] | tuple[tuple[str, int], ...]", thing: str) -> str:
    return f"{count(len(files), thing)} ({size(sum(length for _, length in files))})"


def _span(value: str) -> timedelta:
    number, unit = value[:-1], value[-1:]
    units = {"d": "days", "h": "hours", "m": "minutes"}
    if unit not in units or not (number.isascii() and number.isdecimal()) or len(number) > 5:
        raise UsageError(f"{value!r} is no span of time.", hint="Write it like 30d or 12h.")
    return timedelta(**{units[unit]: int(number)})
