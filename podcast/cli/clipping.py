"""Pieces of an episode: clip."""

import re
from pathlib import Path

import click

from podcast.errors import UsageError
from podcast.model import format_duration

from .app import cli
from .desk import desk
from .output import write_new


@cli.command()
@click.argument("ep", metavar="EP")
@click.argument("start")
@click.argument("length")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file. [default: SLUG-clip.mp3]")
def clip(ep: str, start: str, length: str, output: Path | None) -> None:
    """Cut a short clip of an episode as MP3, with soft ends.

    START and LENGTH are seconds, or 12:30, or 1:02:30.

    \b
    Example: podcast clip latest 12:30 45 -o teaser.mp3
    """  # noqa: D301
    from podcast.ingest.clip import cut_clip

    episode = desk().episode(ep)
    output = output or Path(f"{episode.slug}-clip.mp3")
    if _seconds(start) >= episode.audio.duration:
        raise UsageError(
            f"{episode.slug} lasts {format_duration(episode.audio.duration)}, and {start} is after that.", hint="Begin earlier."
        )
    path = desk().staging.path(episode.audio.sha256)
    write_new(output, cut_clip(path, episode.audio.media_type, _seconds(start), _seconds(length)))


def _seconds(text: str) -> float:
    if not re.fullmatch(r"(\d{1,3}:)?(\d{1,3}:)?\d{1,6}(\.\d{1,3})?", text):
        raise UsageError(f"{text!r} is no position.", hint="Write seconds, or 12:30, or 1:02:30.")
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total
