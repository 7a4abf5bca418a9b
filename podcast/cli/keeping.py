"""What keeps a site in order: gc and verify."""

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from podcast.errors import UsageError

from .app import cli
from .desk import desk
from .output import answer, bar, confirm, count, say, size, tell, wants_json
from .publishing import DRY_RUN, YES

if TYPE_CHECKING:
    from podcast.publish.leftovers import Leftovers


@cli.command()
@click.option("--older-than", metavar="SPAN", default="30d", show_default=True, help="How long it must have been unused: 30d, 12h.")
@DRY_RUN
@YES
def gc(older_than: str, dry_run: bool, yes: bool) -> None:
    """Remove what nothing needs any more, from storage and staging.

    Replaced and withdrawn audio, old pictures, files of an older player, uploads that broke off. What is unused is noted by the first
    run that sees it and removed by the first one after SPAN, since apps hold on to old feeds. Of the recordings in .podcast/masters
    those go that no episode is made of any more, since it was removed or has other audio. Run it once a week. A show that is being
    published now is left as it is; then the exit code is 5. So is one whose files storage does not let us delete; then it is 1.

    \b
    Example:
      podcast gc --dry-run
      podcast gc --yes
    """  # noqa: D301
    from podcast.publish.leftovers import clear

    grace = _span(older_than)
    press, shows, masters = desk().press, desk().shows(), desk().project.masters
    found = clear(press, shows, clock=desk().now, grace=grace, dry=True, masters=masters)
    if not dry_run:
        if found.gone or found.staged or found.masters:
            if not yes and not wants_json():
                say(f"To remove: {_found(found)}")
            confirm("Go on?", yes=yes)
        found = clear(press, shows, clock=desk().now, grace=grace, masters=masters)
    if wants_json():
        answer(
            {
                "done": not dry_run,
                "gone": [{"key": key, "length": length} for key, length in found.gone],
                "waiting": [{"key": key, "length": length, "until": until.isoformat()} for key, length, until in found.waiting],
                "staged": [{"name": name, "length": length} for name, length in found.staged],
                "masters": [{"name": name, "length": length} for name, length in found.masters],
                "uploads": found.uploads,
                "busy": [{"show": show, "message": error.message, "hint": error.hint} for show, error in found.busy],
                "refused": found.refused.message if found.refused else None,
            }
        )
    else:
        _print_leftovers(found, done=not dry_run)
    click.get_current_context().exit(max((error.exit_code for _, error in found.busy), default=0))


def _found(found: "Leftovers") -> str:
    recordings = f", {_total(found.masters, 'recording')} that no episode is made of" if found.masters else ""
    return f"{_total(found.gone, 'file')} from storage, {_total(found.staged, 'file')} from staging{recordings}"


def _print_leftovers(found: "Leftovers", *, done: bool) -> None:
    verb = "Removed" if done else "Would remove"
    for key, length in found.gone:
        say(f"  - {key}  {size(length)}")
    say(f"{verb} {_found(found)}")
    if found.uploads:
        say(f"Ended {count(found.uploads, 'interrupted upload')}")
    if found.waiting:
        first = min(until for _, _, until in found.waiting)
        waiting = _total([(key, length) for key, length, _ in found.waiting], "file")
        say(f"Unused, and kept for a while: {waiting}; the first may go on {first:%Y-%m-%d}")
    for show, error in found.busy:
        tell(f"Error: {show or 'what the shows share'} is left as it is: {error.message}")
        tell(f"Hint: {error.hint}")
    if found.refused:
        tell(f"Warning: {found.refused.message}")
        tell(f"Hint: {found.refused.hint}")


@cli.command()
@click.option("--read-data", is_flag=True, help="Read every file and compare its hash, too.")
@click.option("--read-data-subset", metavar="PERCENT", help="Read so many in a hundred files, others each day: 5%.")
@click.option("--max-duration", metavar="SPAN", help="Stop reading files after so long: 10m, 2h.")
@click.option("--fix", is_flag=True, help="Let the next publish store again what is faulty.")
def verify(read_data: bool, read_data_subset: str | None, max_duration: str | None, fix: bool) -> None:
    """Compare storage with the catalogue and with what the public feeds say.

    Every file must be there with its length, every address of a feed must have its file, every published episode must stand in its feed.
    With --read-data the bytes are read and hashed. Exit code 4 where something is wrong.

    \b
    Example:
      podcast verify
      podcast verify --read-data-subset 5% --max-duration 10m
    """  # noqa: D301
    from podcast.publish.verify import Fault, distrust, sampled
    from podcast.publish.verify import verify as look

    now = desk().now()
    percent = 100.0 if read_data else _percent(read_data_subset) if read_data_subset else 0.0
    end = now + _span(max_duration) if max_duration else None
    choose, looked, read = sampled(percent, f"{now:%Y-%m-%d}"), 0, 0

    def chosen(key: str) -> bool:
        nonlocal read
        wanted = choose(key) and (end is None or desk().now() < end)
        read += wanted
        return wanted

    def seen(_key: str) -> None:
        nonlocal looked
        looked += 1
        progress(1)

    found = dict[str, list[Fault]]()
    shows = desk().shows()
    places = [*shows, *([] if desk().named_show else [None])]
    total = sum(len(desk().catalogue.remembered(show.slug if show else None)) for show in places)
    with bar("Verifying", total, bytes_=False) as progress:
        for show in places:
            faults = list(look(desk().press, show, chosen=chosen, seen=seen))
            found[show.slug if show else ""] = faults
            if fix and faults:
                for one in [show] if show else shows[:1]:
                    distrust(desk().press, one, faults, clock=desk().now)
    faults = [fault for some in found.values() for fault in some]
    if wants_json():
        answer({"files": looked, "read": read, "fixed": fix, "faults": [{"key": fault.key, "message": fault.message} for fault in faults]})
    else:
        for fault in faults:
            say(f"  ✗ {fault.key} {fault.message}")
        say(f"Looked at {count(looked, 'file')}, read {read:,}: {count(len(faults), 'fault')}")
        if faults:
            say("Next: podcast publish, which stores them again" if fix else "Next: podcast verify --fix, then podcast publish")
    click.get_current_context().exit(4 if faults else 0)


def _percent(value: str) -> float:
    number = value.removesuffix("%")
    try:
        percent = float(number)
    except ValueError:
        percent = 0
    if not 0 < percent <= 100:
        raise UsageError(f"{value!r} is no share of the files.", hint="Write it like 5%.")
    return percent


def _total(files: "list[tuple[str, int]] | tuple[tuple[str, int], ...]", thing: str) -> str:
    return f"{count(len(files), thing)} ({size(sum(length for _, length in files))})"


def _span(value: str) -> timedelta:
    number, unit = value[:-1], value[-1:]
    units = {"d": "days", "h": "hours", "m": "minutes"}
    if unit not in units or not (number.isascii() and number.isdecimal()) or len(number) > 5:
        raise UsageError(f"{value!r} is no span of time.", hint="Write it like 30d or 12h.")
    return timedelta(**{units[unit]: int(number)})
