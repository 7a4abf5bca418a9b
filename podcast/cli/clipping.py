"""Pieces of an episode: clip."""

import re
from pathlib import Path

import click

from podcast.errors import UsageError
from podcast.model import Episode, Show, format_duration

from .app import cli
from .desk import desk
from .output import bar, write_new


@cli.command()
@click.argument("ep", metavar="EP")
@click.argument("start")
@click.argument("length")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file: .mp3, .mp4 or .svg. [default: SLUG-clip.mp3]",
)
def clip(ep: str, start: str, length: str, output: Path | None) -> None:
    """Cut a short clip of an episode as MP3, with soft ends, or as a picture that moves with it.

    Of an MP3 the frames are taken as they are, so a clip sounds as the episode does, and is made at once.

    START and LENGTH are seconds, or 12:30, or 1:02:30. The ending of FILE says how: .mp4 is a square film for social sites, of at
    most 3 minutes, with the cover, the title and a waveform that fills; .svg is the same without the sound, a light picture for
    a page that plays the .mp3.

    \b
    Examples: podcast clip latest 12:30 45 -o teaser.mp3
              podcast clip latest 12:30 45 -o teaser.mp4
    """  # noqa: D301
    from podcast.ingest.clip import Span, cut_clip, draw_clip, film_clip

    episode = desk().episode(ep)
    output = output or Path(f"{episode.slug}-clip.mp3")
    if _seconds(start) >= episode.audio.duration:
        raise UsageError(
            f"{episode.slug} lasts {format_duration(episode.audio.duration)}, and {start} is after that.", hint="Begin earlier."
        )
    ending = output.suffix.lower()
    if ending not in {".mp3", ".mp4", ".svg"}:
        raise UsageError(f"{output.name} ends in none of .mp3, .mp4 and .svg.", hint="The ending says what to make.")
    span = Span(
        path=desk().staging.path(episode.audio.sha256),
        name=f"The audio of {episode.slug}",
        media_type=episode.audio.media_type,
        start=_seconds(start),
        length=_seconds(length),
    )
    if ending == ".mp3":
        write_new(output, cut_clip(span))
        return
    show = desk().catalogue.show(episode.show)
    drawn = (span, _cover(episode, show), episode.title, episode.language or show.language)
    if ending == ".svg":
        write_new(output, draw_clip(*drawn))
        return
    with bar("Making the film", int(span.length), bytes_=False) as progress:
        film = film_clip(*drawn, progress)
    write_new(output, film)


def _cover(episode: Episode, show: Show) -> bytes:
    from podcast.ingest.cover import draw_cover

    picture = episode.artwork or show.artwork
    if picture is None:
        return draw_cover(show.title, show.language)
    return desk().staging.read(picture.sha256, f"cover of {episode.slug}", "Give it again with --cover.")


def _seconds(text: str) -> float:
    if not re.fullmatch(r"(\d{1,3}:)?(\d{1,3}:)?\d{1,6}(\.\d{1,3})?", text):
        raise UsageError(f"{text!r} is no position.", hint="Write seconds, or 12:30, or 1:02:30.")
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total
