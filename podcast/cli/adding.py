"""Episodes on their way in and out of the catalogue: add, edit, replace, remove."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from podcast.errors import Conflict, UsageError
from podcast.model import EpisodeType, Status, format_duration

from .app import cli
from .dates import parse_when
from .desk import desk
from .document import episode_document
from .looking import contents, describe_audio
from .output import answer, bar, confirm, count, say, settings, show_error, tell, tell_doubts, wants_json
from .publishing import DRY_RUN, YES

if TYPE_CHECKING:
    from podcast.add import Added

F = TypeVar("F", bound=Callable[..., Any])

#: What a field is when it is emptied, by the name of its option.
EMPTY: dict[str, tuple[str, object]] = {
    "chapters": ("chapters", ()),
    "cover": ("artwork", None),
    "date": ("published", None),
    "explicit": ("explicit", None),
    "funding": ("funding", ()),
    "language": ("language", None),
    "license": ("license", None),
    "link": ("link", ""),
    "location": ("locations", ()),
    "notes": ("notes", ""),
    "number": ("number", None),
    "number-display": ("number_display", ""),
    "person": ("persons", ()),
    "season": ("season", None),
    "season-name": ("season_name", ""),
    "short-title": ("short_title", ""),
    "transcript": ("transcripts", ()),
    "txt": ("txt", ()),
}

_FILE = click.Path(path_type=Path)
#: A number above this is a slip of the finger.
_MOST = 999_999
_FIELDS = [
    click.option("--title", help="Its title."),
    click.option("--notes", help="Show notes in Markdown."),
    click.option("--chapters", type=_FILE, help='JSON chapters, or lines of "00:00:00 Title".'),
    click.option(
        "--transcript", "transcripts", type=_FILE, multiple=True, help="WebVTT, SRT, JSON or text; NAME.ky.vtt says its language."
    ),
    click.option("--cover", type=_FILE, help="A JPEG or PNG of its own."),
    click.option("--season", type=click.IntRange(1, _MOST), help="Number of the season."),
    click.option("--number", type=click.IntRange(1, _MOST), help="Number of the episode."),
    click.option("--type", "type", type=click.Choice([kind.value for kind in EpisodeType]), help="full, trailer or bonus."),
    click.option("--date", "published", metavar="WHEN", help="The date it carries, or when it goes out if that is ahead."),
    click.option("--language", help="BCP 47, where that is not the show's."),
    click.option("--link", help="Its page elsewhere."),
    click.option("--explicit/--no-explicit", default=None, help="Strong language."),
    click.option("--slug", help="Its name in addresses; made of the title otherwise."),
]

#: Further ones of `edit`; the rest is for --from.
_MORE = [
    click.option("--short-title", help="The title without number and name of the show (itunes:title)."),
    click.option("--season-name", help="What the season is called."),
    click.option("--number-display", metavar="TEXT", help='What apps show in the place of the number: "3½".'),
    click.option("--person", "persons", metavar="NAME:ROLE", multiple=True, help="Who is heard, in the place of the show's. Repeatable."),
    click.option("--funding", metavar='"URL TEXT"', multiple=True, help="Where listeners can give money. Repeatable."),
    click.option("--license", metavar='"NAME [URL]"', help="cc-by-4.0, or your own with the address of its text."),
    click.option("--location", "locations", metavar="PLACE", multiple=True, help="What place it is about. Repeatable."),
    click.option("--txt", metavar="[PURPOSE=]TEXT", multiple=True, help="What a service asks for: ai-content=false. Repeatable."),
    click.option("--block/--no-block", default=None, help="Hide it from Apple's directory."),
]


def episode_fields(command: F) -> F:
    """Add an option for each field of an episode."""
    return _with(_FIELDS, command)


def _with(options: list[Callable[[Any], Any]], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were given, the date read."""
    given = {name: value for name, value in values.items() if value not in (None, ())}
    if "published" in given:
        given["published"] = parse_when(given["published"], desk().project.zone)
    return given


@cli.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@episode_fields
def add(files: tuple[Path, ...], **values: Any) -> None:  # noqa: ANN401
    """Add audio files, or folders of them, as drafts.

    Files of the same stem come along: EPISODE.toml (fields), .md (notes), .vtt or .srt, .chapters.json, .jpg.
    What a flag says beats the sidecar, which beats the file's tags, which beat the file's name. The same file twice is
    one episode; of a folder, only new and changed files are read.

    \b
    Example:
      podcast add episodes/kings-of-corruption.mp3
      podcast add episodes/
    """  # noqa: D301
    from podcast.add import add_files, find_files

    given, show = _given(values), desk().show()
    found = find_files(desk().catalogue, files)
    if given and len(found.files) != 1:
        raise UsageError(
            "Fields can be given for one file only.", hint="Put them into a sidecar of the file's stem; see `podcast help sidecars`."
        )
    total = sum(file.size for file in found.files)
    with bar(f"Reading {count(len(found.files), 'file')}", total) as progress:
        one = desk()
        results = list(
            add_files(one.catalogue, one.staging, show, found.files, given, now=one.now(), zone=one.project.zone, progress=progress)
        )
    _print_added(results, found.unchanged)


def _print_added(results: "list[Added]", unchanged: int) -> None:
    failures = [added for added in results if added.error]
    if wants_json():
        answer(
            {
                "episodes": [
                    episode_document(added.episode, desk().site) | {"result": added.result, "warnings": list(added.warnings)}
                    for added in results
                    if added.episode
                ],
                "failed": [{"file": str(one.path), "message": one.error.message, "hint": one.error.hint} for one in failures if one.error],
                "unchanged": unchanged,
            }
        )
    elif len(results) == 1 and results[0].error:
        raise results[0].error
    else:
        for added in results:
            _print_one(added)
        if unchanged:
            say(f"{count(unchanged, 'file')} not changed since last time")
        drafts = [desk().name(added.episode) for added in results if added.episode and added.result == "added"]
        if drafts:
            say(f"Next: podcast publish {' '.join(drafts[:3])}{' …' if len(drafts) > 3 else ''}")
    click.get_current_context().exit(max((one.error.exit_code for one in failures if one.error), default=0))


def _print_one(added: "Added") -> None:
    if added.error:
        show_error(added.error, as_json=False, plain=False)
        return
    episode = added.episode
    if episode is None:
        return
    if added.result == "known":
        say(f"{added.path.name} is there already: {episode.slug} ({episode.status.value})")
        return
    verb = "Added" if added.result == "added" else "Updated"
    duration = format_duration(episode.audio.duration)
    say(f"{verb} {episode.slug} ({episode.status.value}): “{episode.title}”, {duration}, {describe_audio(episode)}")
    say(f"  {contents(episode)}")
    for warning in added.warnings:
        # With the name: standard error may go elsewhere than what was added.
        tell(f"  Note on {episode.slug}: {warning}")


@cli.command()
@click.argument("ep", metavar="EP")
@episode_fields
@lambda command: _with(_MORE, command)
@click.option("--from", "file", metavar="FILE.toml", type=_FILE, help="Every field there is; see `podcast help fields`.")
@click.option("-e", "--editor", is_flag=True, help="Write the notes in $EDITOR.")
@click.option("--clear", multiple=True, type=click.Choice(sorted(EMPTY)), help="Empty a field. Repeatable.")
def edit(ep: str, file: Path | None, editor: bool, clear: tuple[str, ...], **values: Any) -> None:  # noqa: ANN401
    """Change an episode; the next publish brings it to listeners.

    What a flag says beats the file of --from. A list (--person, --txt …) takes the place of the old one. With another --slug
    the old addresses lead to the new ones; see `podcast help addresses`.

    \b
    Example:
      podcast edit s2e5 --title "Kings Of Corruption"
      podcast edit latest --from soundbites.toml
    """  # noqa: D301
    from podcast.add import episode_changes
    from podcast.ingest.sidecar import read_episode_file

    episode, given = desk().episode(ep), _given(values)
    if file:
        given = read_episode_file(file, desk().project.zone) | given
    if editor:
        if settings().get("no_input") or not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError("An editor needs a terminal, and there is none.", hint="Give --notes TEXT, or --from FILE.")
        written = click.edit(episode.notes, extension=".md")
        given |= {} if written is None else {"notes": written}
    show = desk().catalogue.show(episode.show)
    fields = episode_changes(given, episode, show, desk().staging, lambda doubt: tell(f"  Note: {doubt}"))
    fields |= dict(EMPTY[name] for name in clear)
    if not fields:
        raise click.UsageError("There is nothing to change: give a field.")
    episode = desk().catalogue.change_episode(episode.show, episode.slug, desk().now(), **fields)
    if wants_json():
        answer(episode_document(episode, desk().site))
        return
    say(f"Changed {episode.slug}: {', '.join(fields)}")
    if "artwork" in fields:
        tell_doubts(episode.artwork)
    if episode.status is Status.PUBLISHED:
        say("Next: podcast publish, to bring it to listeners")


@cli.command()
@click.argument("ep", metavar="EP")
@click.argument("file", type=_FILE)
def replace(ep: str, file: Path) -> None:
    """Give an episode other audio; its guid stays, so no app takes it for a new episode.

    \b
    Example: podcast replace latest corrected.mp3
    """  # noqa: D301
    from podcast.add import replace_audio

    episode = desk().episode(ep)
    with bar("Reading", file.stat().st_size if file.is_file() else 0) as progress:
        episode, warnings = replace_audio(desk().catalogue, desk().staging, episode, file, now=desk().now(), progress=progress)
    if wants_json():
        answer(episode_document(episode, desk().site))
        return
    say(f"Replaced the audio of {episode.slug}: {format_duration(episode.audio.duration)}, {describe_audio(episode)}")
    for warning in warnings:
        tell(f"  Note: {warning}")
    if episode.status is Status.PUBLISHED:
        say("Next: podcast publish, to bring it to listeners")


@cli.command()
@click.argument("ep", metavar="EP")
@DRY_RUN
@YES
def remove(ep: str, dry_run: bool, yes: bool) -> None:
    """Remove an episode that is not public from the catalogue; its file in your folder stays.

    \b
    Example: podcast remove trial-recording
    """  # noqa: D301
    episode = desk().episode(ep)
    if episode.status is Status.PUBLISHED:
        raise Conflict(f"{episode.slug} is public.", hint=f"Take it down first: podcast unpublish {episode.slug}")
    if not dry_run:
        confirm(f"Remove {episode.slug}, “{episode.title}”?", yes=yes)
        desk().catalogue.remove_episode(episode.show, episode.slug)
    if wants_json():
        answer({"slug": episode.slug, "removed": not dry_run})
        return
    say(f"{'Would remove' if dry_run else 'Removed'} {episode.slug}")
