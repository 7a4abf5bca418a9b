"""Everything that the command line prints goes through here, with control characters of foreign text made visible."""

import json
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from podcast.errors import PodcastError, UsageError
from podcast.hiding import shown
from podcast.model import Artwork
from podcast.storage import Progress

#: Below U+0100 ``shown`` writes what JSON does not know.
_LATIN_CONTROLS = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}


def say(text: str = "") -> None:
    """Print a line of the result, whatever stands in it; nothing with -q."""
    if not settings().get("quiet"):
        click.echo(shown(text))


def mark(word: str, colour: str, text: str) -> None:
    """Print a line that begins with a coloured word."""
    if not settings().get("quiet"):
        color = False if settings().get("no_color") or "NO_COLOR" in os.environ else None
        click.echo(f"  {click.style(f'{word:<7}', fg=colour)}  {shown(text)}", color=color)


def tell(text: str) -> None:
    """Print a line about the work, to standard error; nothing with -q."""
    if not settings().get("quiet"):
        click.echo(shown(text), err=True)


def answer(document: Any) -> None:  # noqa: ANN401
    """Print the one JSON document of ``--json``."""
    click.echo(_json(document, indent=2))


def wants_json() -> bool:
    """Tell whether the result is asked for as JSON."""
    return bool(settings().get("json"))


def settings() -> dict[str, Any]:
    """Return the global options of this run."""
    context = click.get_current_context(silent=True)
    return context.find_root().meta.setdefault("podcast", {}) if context else {}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows: a table on a terminal, tab-separated lines without a header elsewhere."""
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(shown(cell) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        grid.add_column(name, overflow="fold" if name == "title" else "ellipsis", no_wrap=name != "title")
    for row in rows:
        grid.add_row(*(Text(shown(cell)) for cell in row))
    Console(no_color=settings().get("no_color") or None).print(grid)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something changes outside; without a terminal only --yes will do."""
    if yes:
        return
    if settings().get("no_input") or settings().get("json") or not sys.stdin.isatty():
        raise click.UsageError("This changes what listeners see, and there is nobody to ask. Give --yes to go on, or --dry-run to look.")
    click.confirm(shown(question), abort=True, err=True)


def tell_doubts(picture: Artwork | None) -> None:
    """Print what Apple and the apps will say of a cover."""
    from podcast.ingest.artwork import artwork_doubts

    for doubt in artwork_doubts(picture.width, picture.height) if picture else ():
        tell(f"  Note: {doubt}")


def show_error(error: PodcastError, *, as_json: bool, plain: bool) -> None:
    """Print an error, with what to do about it."""
    if as_json:
        document = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
        click.echo(_json(document), err=True)
        return
    color = False if plain or "NO_COLOR" in os.environ else None
    click.echo(click.style("Error: ", fg="red", bold=True) + shown(error.message), err=True, color=color)
    if error.hint:
        click.echo(click.style("Hint: ", bold=True) + shown(error.hint), err=True, color=color)


def show_traceback(error: BaseException) -> None:
    """Print where an unexpected error came from, set off from what we say ourselves."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        click.echo(f"  {shown(line)}", err=True)


@contextmanager
def bar(label: str, total: int, *, bytes_: bool = True) -> Iterator[Progress]:
    """Show a progress bar on standard error while work goes on; nothing where that is no terminal."""
    if not sys.stderr.isatty() or settings().get("quiet") or not total:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = [DownloadColumn(), TransferSpeedColumn()] if bytes_ else [MofNCompleteColumn()]
    console = Console(stderr=True, no_color=settings().get("no_color") or None)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), *columns, TimeRemainingColumn(), console=console, transient=True
    ) as progress:
        task = progress.add_task(label, total=total)
        yield lambda amount: progress.update(task, advance=amount)


def size(length: int) -> str:
    """Write a number of bytes for people: 33.5 MB."""
    value = float(length)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def count(number: int, thing: str) -> str:
    """Write a number with its noun: 1 file, 2 files."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, and say so; UsageError where it is there, or cannot be written."""
    try:
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", hint="Name another file with -o.") from error
    if wants_json():
        answer({"file": str(path), "length": len(data)})
        return
    say(f"Wrote {path}, {size(len(data))}")


def _json(document: Any, indent: int | None = None) -> str:  # noqa: ANN401
    """Write JSON that a terminal shows as it is; a program reads the same."""
    # A file's name need not be Unicode, and JSON must be.
    text = json.dumps(document, ensure_ascii=False, indent=indent).encode(errors="replace").decode()
    return "\n".join(shown(line) for line in text.translate(_LATIN_CONTROLS).split("\n"))
