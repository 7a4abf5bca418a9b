"""Looking without changing: list, view, search."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import msgspec

from podcast.errors import MediaError, UsageError
from podcast.model import Episode, Status, format_duration

from .app import cli
from .desk import desk
from .document import episode_document, iso
from .measuring import measure_sound
from .output import answer, count, say, table, tell, wants_json, write_new

_STATUSES = {status.value: status for status in Status}


@cli.command("list")
@click.option("--draft", "status", flag_value="draft", help="Drafts only.")
@click.option("--scheduled", "status", flag_value="scheduled", help="Scheduled episodes only.")
@click.option("--published", "status", flag_value="published", help="Published episodes only.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many.")
@click.option("--before", metavar="CURSOR", help="Go on where the last list ended.")
def list_(status: str | None, limit: int, before: str | None) -> None:
    """List episodes, newest first.

    \b
    Example: podcast list --draft
    """  # noqa: D301
    catalogue = desk().catalogue
    show = desk().named_show and catalogue.show(desk().named_show or "").slug
    page = catalogue.episodes(show=show, status=_STATUSES[status] if status else None, limit=limit, before=before)
    if wants_json():
        answer({"episodes": [episode_document(episode, desk().site) for episode in page.episodes], "next": page.next})
        return
    _print(page.episodes)
    if page.next:
        tell(f"More: podcast list --before {page.next}")
    elif not page.episodes:
        tell("No episodes. Add one: podcast add FILE")


@cli.command()
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many.")
def search(query: str, limit: int) -> None:
    """Search titles and notes.

    \b
    Example: podcast search "gas pipeline"
    """  # noqa: D301
    found = desk().catalogue.search(query, show=desk().named_show, limit=limit)
    if wants_json():
        answer({"episodes": [episode_document(episode, desk().site) for episode in found]})
        return
    _print(found)
    if not found:
        tell("Nothing found. All words must stand in the title or the notes; the last may be a beginning.")


@cli.command()
@click.argument("ep", metavar="EP")
@click.option(
    "--waveform",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw its sound into a .svg or .png: waveform, loudness, chapters, silences; or write its waveform as .json or .dat.",
)
def view(ep: str, waveform: Path | None) -> None:
    """Show everything about an episode, or a picture of its sound.

    \b
    Example:
      podcast view latest
      podcast view latest --waveform latest.png
    """  # noqa: D301
    episode = desk().episode(ep)
    if waveform:
        _draw(episode, waveform)
        return
    if wants_json():
        measured = desk().catalogue.measured(episode.audio.sha256)
        facts = measured and {name: value for name, value in msgspec.to_builtins(measured).items() if name != "peaks"}
        answer(episode_document(episode, desk().site) | {"measured": facts})
        return
    for name, value in _facts(episode):
        say(f"{name:<12} {value}")
    if episode.notes:
        say()
        for line in episode.notes.splitlines():
            say(line)


def _draw(episode: Episode, file: Path) -> None:
    from podcast.ingest.sound_picture import draw
    from podcast.publish.measuring import unmeasured

    form = file.suffix.lower().removeprefix(".")
    if form not in {"svg", "png", "json", "dat"}:
        raise UsageError(f"{file} is no name of a picture.", hint="Let it end in .svg or .png, or in .json or .dat for the waveform alone.")
    measure_sound(unmeasured(desk().press, [episode]))
    measured = desk().catalogue.measured(episode.audio.sha256)
    if measured is None:
        raise MediaError(
            f"There is nothing to draw of {episode.slug}: its sound could not be measured.", hint=f"podcast check {episode.slug}"
        )
    write_new(file, draw(episode, measured, form))


def _print(episodes: Sequence[Episode]) -> None:
    """Print a list; the show stands in it wherever a program reads it or the project has several."""
    zone = desk().project.zone
    header = ("show", "slug", "status", f"date ({zone.key})", "duration", "title")
    rows = [
        (one.show, one.slug, one.status.value, _local(one.published, zone), format_duration(one.audio.duration), one.title)
        for one in episodes
    ]
    several = not sys.stdout.isatty() or len(desk().catalogue.shows()) > 1
    table(header if several else header[1:], rows if several else [row[1:] for row in rows])


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""


def _facts(episode: Episode) -> list[tuple[str, str]]:
    from podcast.ingest.analyse import describe

    audio, site = episode.audio, desk().site
    measured = desk().catalogue.measured(audio.sha256)
    facts = [
        ("title", episode.title),
        ("episode", f"{episode.show}/{episode.slug}"),
        ("status", episode.status.value),
        ("published", iso(episode.published) or "no date"),
        ("duration", format_duration(audio.duration)),
        ("audio", describe_audio(episode)),
        ("sound", describe(measured) if measured else ""),
        ("number", " ".join(f"{name} {value}" for name, value in (("season", episode.season), ("episode", episode.number)) if value)),
        ("type", episode.type.value),
        ("language", episode.language or ""),
        ("with", contents(episode)),
        ("guid", episode.guid),
    ]
    if episode.status is Status.PUBLISHED:
        facts += [("page", site.page(episode)), ("file", site.enclosure(episode).url)]
    return [(name, value) for name, value in facts if value]


def describe_audio(episode: Episode) -> str:
    """Say what the file is: MP3 128 kbit/s mono."""
    from podcast.site import EXTENSIONS

    audio = episode.audio
    channels = {1: "mono", 2: "stereo"}.get(audio.channels, f"{audio.channels} channels")
    also = "".join(f", also {EXTENSIONS[one.media_type].upper()} {round(one.bitrate / 1000)} kbit/s" for one in episode.renditions)
    return f"{EXTENSIONS[audio.media_type].upper()} {round(audio.bitrate / 1000)} kbit/s {channels}{also}"


def contents(episode: Episode) -> str:
    """Say what came with the audio: cover, 6 chapters, transcript en."""
    parts = [
        "cover" if episode.artwork else "no cover of its own",
        count(len(episode.chapters), "chapter") if episode.chapters else "no chapters",
        f"transcript {', '.join(one.language for one in episode.transcripts)}" if episode.transcripts else "no transcript",
    ]
    return ", ".join(parts)
