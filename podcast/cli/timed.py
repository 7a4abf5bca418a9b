"""What runs along with an episode, as other programs read it: chapters, transcript, transcribe."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from podcast.config import TranscribeSettings
from podcast.errors import ConfigError, NotFound, UsageError
from podcast.model import Episode, Transcript

from .app import cli
from .desk import desk
from .output import answer, say, tell, wants_json, write_new


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


@cli.command()
@click.argument("ep", metavar="EP")
@click.option("--language", help="BCP 47, where there are several.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file: .vtt, .srt, .json or .txt.")
def transcript(ep: str, language: str | None, output: Path | None) -> None:
    """Print the transcript of an episode, or write it for another program.

    The ending of FILE says how: .vtt is WebVTT, .srt SRT, .json the JSON of Podcasting 2.0, .txt plain text.
    `podcast edit --transcript FILE` reads any of these.

    \b
    Example: podcast transcript latest -o transcript.srt
    """  # noqa: D301
    from podcast.formats.transcripts import parse, to_json, to_srt, to_text, to_vtt

    episode = desk().episode(ep)
    found = next((one for one in episode.transcripts if language in {None, one.language}), None)
    hint = f"Give it one: podcast edit {episode.slug} --transcript FILE"
    if found is None:
        raise NotFound(f"{episode.slug} has no transcript{f' in {language}' if language else ''}.", hint=hint)
    cues = parse(desk().staging.read(found.sha256, f"transcript of {episode.slug}", hint))
    kinds = {
        ".vtt": lambda: to_vtt(cues),
        ".srt": lambda: to_srt(cues),
        ".json": lambda: to_json(cues),
        ".txt": lambda: to_text(cues).encode(),
    }
    write(kinds, output)


@cli.command()
@click.argument("eps", metavar="EP...", nargs=-1, required=True)
def transcribe(eps: tuple[str, ...]) -> None:
    """Have the transcripts written that are missing, by the command or the service of [transcribe] in podcast.toml.

    It gets the audio file and gives the words; see `podcast help config`. A transcript that is there is never written over.

    \b
    Example: podcast transcribe latest
    """  # noqa: D301
    settings = desk().project.config.transcribe
    if not (settings.command or settings.url):
        raise ConfigError("Nobody is there to transcribe.", hint='Name a command or a service in podcast.toml: [transcribe] command = "…".')
    documents = []
    for episode in map(desk().episode, eps):
        spoken = episode.language or desk().catalogue.show(episode.show).language
        missing = not episode.transcripts
        if missing:
            made, doubts = _listen(episode, spoken, settings)
            desk().catalogue.change_episode(episode.show, episode.slug, desk().now(), transcripts=(made,))
            for doubt in doubts:
                tell(f"  Note: {doubt}")
        documents.append({"slug": episode.slug, "transcribed": missing})
        if not wants_json():
            say(
                f"Transcribed {episode.slug} ({spoken}): read it before you publish"
                if missing
                else f"{episode.slug} has a transcript already"
            )
    if wants_json():
        answer({"episodes": documents})


def _listen(episode: Episode, language: str, settings: TranscribeSettings) -> tuple[Transcript, tuple[str, ...]]:
    from podcast.ingest import transcribe, transcribe_api

    if settings.command:
        return transcribe.transcribe(episode, language, settings.command, desk().staging, folder=desk().project.root)
    key = os.environ.get(transcribe_api.KEY, "").strip()
    return transcribe_api.ask_for_transcript(episode, language, settings.url or "", settings.model, key, desk().staging)


def write(kinds: Mapping[str, Callable[[], bytes]], output: Path | None) -> None:
    """Write the kind that the ending of a file asks for; without a file print JSON where that is wanted, or else text."""
    if output is None:
        click.echo(kinds[".json" if wants_json() else ".txt"]().rstrip())
        return
    if output.suffix.lower() not in kinds:
        raise UsageError(f"{output.name} ends in none of {', '.join(kinds)}.", hint="The ending says how to write it.")
    write_new(output, kinds[output.suffix.lower()]())
