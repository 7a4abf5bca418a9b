"""What runs along with an episode, as other programs read it: chapters."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from podcast.errors import NotFound, UsageError

from .app import cli
from .desk import desk
from .output import answer, say, size, wants_json


@cli.command()
@click.argument("ep", metavar="EP")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file: .json, .psc or .txt.")
def chapters(ep: str, output: Path | None) -> None:
    """Print the chapters of an episode, or write them for another program.

    The ending of FILE says how: .json is JSON Chapters of Podcasting 2.0, .psc Podlove Simple Chapters, .txt lines of
    "00:00:00 Title". `podcast tag` writes them into the audio, `podcast edit --chapters FILE` reads any of these, cue sheets
    and labels of Audacity.

    \b
    Example: podcast chapters latest -o chapters.psc
    """  # noqa: D301
    from podcast.formats.chapters import to_json, to_podlove, to_text

    episode = desk().episode(ep)
    if not episode.chapters:
        raise NotFound(f"{episode.slug} has no chapters.", hint=f"Give them: podcast edit {episode.slug} --chapters FILE")
    kinds = {
        ".json": lambda: to_json(episode.chapters, title=episode.title),
        ".psc": lambda: to_podlove(episode.chapters),
        ".txt": lambda: to_text(episode.chapters),
    }
    write(kinds, output)


def write(kinds: Mapping[str, Callable[[], bytes]], output: Path | None) -> None:
    """Write the kind that the ending of a file asks for; without a file print JSON where that is wanted, or else text."""
    if output is None:
        click.echo(kinds[".json" if wants_json() else ".txt"]().rstrip())
        return
    if output.suffix.lower() not in kinds:
        raise UsageError(f"{output.name} ends in none of {', '.join(kinds)}.", hint="The ending says how to write it.")
    data = kinds[output.suffix.lower()]()
    try:
        with output.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.", hint="Name another file with -o.") from error
    if wants_json():
        answer({"file": str(output), "length": len(data)})
        return
    say(f"Wrote {output}, {size(len(data))}")
