"""From a recording to what listeners get: produce."""

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from podcast.config import Preset
from podcast.errors import Conflict, NotFound
from podcast.model import Episode, Status, format_duration

from .app import cli
from .desk import desk
from .output import answer, bar, confirm, say, size, wants_json
from .publishing import DRY_RUN, YES
from .tagging import tag_episode

if TYPE_CHECKING:
    from podcast.ingest.intent import Intent
    from podcast.ingest.produce import Produced


@cli.command()
@click.argument("ep", metavar="EP")
@click.option("--preset", metavar="NAME", help="One of [produce.NAME] in podcast.toml. [default: that of the show's name, or `default`]")
@DRY_RUN
@YES
def produce(ep: str, preset: str | None, dry_run: bool, yes: bool) -> None:
    """Make of a recording what listeners get: as loud as Apple wants it, as MP3, with its tags.

    It is measured first. What is right already stays as it is, bit by bit; an MP3 or Opus of the wrong loudness is turned up or
    down without encoding it anew where that will do; all else is encoded, with peaks held below -1 dBTP. Presets in podcast.toml
    cut silence off both ends, filter, and join intro and outro; chapters and transcripts move along. With `alternates` in its preset
    it is made as Opus or AAC as well, which the feed has as alternate enclosures. The recording is kept in .podcast/masters, and
    another preset is made from it again.

    \b
    Example:
      podcast produce latest --dry-run
      podcast produce latest --preset studio
    """  # noqa: D301
    from podcast.ingest.intent import intend
    from podcast.ingest.produce import carry_out

    episode = desk().episode(ep)
    stages = partial(bar, bytes_=False)
    project = desk().project
    intent = intend(episode, _preset(preset, episode), root=project.root, masters=project.masters, staging=desk().staging, stages=stages)
    if dry_run:
        _report(intent, None, done=False)
        return
    is_public = episode.status is Status.PUBLISHED
    if intent.is_nothing:
        tagged = episode if is_public else tag_episode(episode)
        _report(intent, None, done=True, tagged=tagged != episode)
        return
    if is_public:
        confirm("Listeners of a public episode may download the audio once more. Go on?", yes=yes)
    produced = carry_out(intent, masters=project.masters, staging=desk().staging, stages=stages)
    _put(episode, produced)
    _report(intent, produced, done=True)
    if not wants_json():
        say(f"Next: podcast publish {desk().name(episode)}")


def _put(episode: Episode, produced: "Produced") -> None:
    """Give an episode what was produced, with its tags; Conflict where it was changed in the minutes that this took."""
    catalogue = desk().catalogue
    with catalogue.transaction():
        now = catalogue.episode(episode.show, episode.slug)
        if any(getattr(now, name) != getattr(episode, name) for name in ("audio", *produced.moved)):
            raise Conflict(f"{episode.slug} was changed meanwhile: it stays as it is.", hint="Run the same command again.")
        changed = catalogue.change_episode(
            episode.show, episode.slug, desk().now(), audio=produced.audio, renditions=produced.renditions, **produced.moved
        )
    catalogue.keep_measured(tag_episode(changed).audio.sha256, produced.measured)


def _preset(name: str | None, episode: Episode) -> Preset:
    presets = desk().project.config.produce
    if name is not None and name not in presets:
        known = ", ".join(sorted(presets)) or "none yet"
        raise NotFound(f"There is no preset {name!r}.", hint=f"podcast.toml has: {known}. Write one as [produce.{name}].")
    return presets[name] if name else presets.get(episode.show) or presets.get("default") or Preset()


def _report(intent: "Intent", produced: "Produced | None", *, done: bool, tagged: bool = False) -> None:
    slug, recipe = intent.episode.slug, intent.recipe
    if wants_json():
        answer(_document(intent, produced, done=done))
        return
    if intent.is_nothing:
        why = "it was made so already" if intent.is_made else intent.plan.why
        say(f"{slug}: {why}, so its audio stays as it is, bit by bit{'; only its tags were written anew' if tagged else ''}")
        return
    say(f"{slug}: {intent.plan.why}")
    for deed in intent.deeds:
        say(f"  {deed}")
    if recipe:
        kind = "mono" if recipe.channels == 1 else "stereo"
        say(f"  {'encoded' if done else 'to be encoded'} as MP3, {recipe.bitrate // 1000} kbit/s {'' if recipe.constant else 'VBR '}{kind}")
    for other in intent.alternates:
        name = {"opus": "Opus", "aac": "AAC"}[other.codec]
        say(f"  {'encoded' if done else 'to be encoded'} as {name} as well, {other.bitrate // 1000} kbit/s")
    if recipe and recipe.channels == 2 and intent.measured.correlation == 1:
        say("  both channels are the same: `mono = true` in its preset makes it a quarter smaller")
    if produced:
        found, audio = produced.measured, produced.audio
        level = (
            "silence" if found.integrated_lufs is None else f"{found.integrated_lufs:.1f} LUFS, peaks at {found.true_peak_dbtp:+.1f} dBTP"
        )
        say(f"Produced {slug}: {format_duration(audio.duration)}, {level}, {size(audio.length)}")


def _document(intent: "Intent", produced: "Produced | None", *, done: bool) -> dict[str, Any]:
    def levels(measured: Any) -> dict[str, Any] | None:  # noqa: ANN401
        return measured and {"loudness": measured.integrated_lufs, "true_peak": measured.true_peak_dbtp, "seconds": measured.seconds}

    return {
        "slug": intent.episode.slug,
        "means": "nothing" if intent.is_nothing else "encode" if intent.recipe else intent.plan.means.value,
        "gain": round(intent.plan.gain, 2),
        "why": intent.plan.why,
        "deeds": list(intent.deeds),
        "shift": intent.shift,
        "alternates": [other.codec for other in intent.alternates],
        "before": levels(intent.measured),
        "after": levels(produced and produced.measured),
        "master": intent.master.audio.sha256,
        "done": done,
    }
