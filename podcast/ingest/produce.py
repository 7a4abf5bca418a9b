"""From a recording to what listeners get: measured, then made by the means that harms least, then measured again.

A new file is made beside the recording, which is kept. What is right already stays as it is, bit by bit.
"""

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from podcast.model import Audio, Measured

from .analyse import analyse
from .draft import read_audio
from .files import open_regular
from .intent import Intent, Stages, measure
from .loudness import CEILING, OVERSHOOT, SILENCE, SLACK, STEP, Means, target_of
from .masters import Result, keep_master, sound_of
from .refusal import Refused, naming
from .render import Made, Recipe
from .sandbox import run
from .staging import Staging
from .timeline import moved

#: LU by which the result may differ from its aim, and rounds until it does not.
_NEAR: Final = 0.3
_ROUNDS: Final = 2
_ROOM: Final = 64 << 20
#: At least, and twice what the sound lasts: filtering and encoding take less than that by far, also where much else is going on.
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """The new audio, what was measured on it, and fields of the episode that moved with it."""

    audio: Audio
    renditions: tuple[Audio, ...]
    measured: Measured
    moved: Mapping[str, Any] = field(default_factory=dict)


def carry_out(intent: Intent, *, masters: Path, staging: Staging, stages: Stages) -> Produced:
    """Make what was intended and stage it, keep the master, and return what the episode becomes."""
    name, was = intent.episode.slug, intent.master.audio
    with ExitStack() as stack, naming(name):
        source, target = stack.enter_context(open(open_regular(intent.path), "rb")), stack.enter_context(_new_file(staging))  # noqa: PTH123
        if intent.recipe:
            measured, recipe = _encode(intent, intent.recipe, target, stages)
            intent = replace(intent, recipe=recipe)
            with suppress(Refused):  # Tags that cannot be read cost themselves alone.
                where: dict[str, Any] = {"shift": intent.shift, "begins": intent.begins}
                run("carry:carry", bool, source, target, writes=_limit(intent), media_type=was.media_type, **where)
        elif intent.plan.means is Means.HEADER:
            _shift_gain(intent, source, target)
            measured = measure(Path(target.name), name, was.duration, "Checking", stages)
        else:
            measured = intent.measured
        others = [stack.enter_context(_new_file(staging)) for _ in intent.alternates]
        for other, file in zip(intent.alternates, others, strict=True):
            _cook("render:encode", other, intent, (file,), stages)
        # Only now, so that a run that is interrupted leaves none of them.
        audio, *renditions = (
            read_audio(path, staging)[0]
            for path in (intent.path if intent.is_right else Path(target.name), *(Path(file.name) for file in others))
        )
    result = Result(made=intent.key, shift=intent.shift, begins=intent.begins)
    if intent.last or not intent.is_right:
        sound = sound_of(staging.path(audio.sha256), audio.media_type, name)
        keep_master(intent.episode, replace(intent.master, results=intent.master.results | {sound: result}), intent.path, masters)
    return Produced(
        audio=audio,
        renditions=tuple(renditions),
        measured=measured,
        moved=moved(intent.episode, intent.last or Result(), result, measured.seconds, staging),
    )


def _new_file(staging: Staging) -> Any:  # noqa: ANN401 - tempfile names its type in its stubs alone
    return tempfile.NamedTemporaryFile(dir=staging.root, prefix=".new-")


def _encode(intent: Intent, recipe: Recipe, target: BinaryIO, stages: Stages) -> tuple[Measured, Recipe]:
    """Encode a recipe, once more where that misses its aim; return what was measured on the result, and the recipe that it is of."""
    level = intent.measured.integrated_lufs
    aim = level and (target_of(recipe.channels) if intent.deeds else level + recipe.gain)
    if recipe.ceiling is not None and aim:
        made = _cook("render:rehearse", recipe, intent, (), stages)
        if made.loudness is not None and made.loudness > SILENCE:
            recipe = replace(recipe, gain=recipe.gain + aim - made.loudness)
    for round_ in range(1, _ROUNDS + 1):
        target.truncate(0)
        made = _cook("render:encode", recipe, intent, (target,), stages)
        with stages("Checking", round(made.seconds)) as progress:
            found = analyse(target, made.seconds, progress)
        off = aim - found.integrated_lufs if aim and found.integrated_lufs is not None else 0.0
        over = max(found.true_peak_dbtp - CEILING, 0.0)
        if round_ == _ROUNDS or (abs(off) <= _NEAR and over <= SLACK):
            return found, recipe
        recipe = replace(recipe, gain=recipe.gain + off, ceiling=(recipe.ceiling or CEILING - OVERSHOOT) - over)
    raise AssertionError


def _cook(function: str, recipe: Recipe, intent: Intent, targets: tuple[BinaryIO, ...], stages: Stages) -> Made:
    """Let the sandbox go through a recipe."""
    seconds = intent.measured.seconds
    label = "Rehearsing" if not targets else "Encoding" if recipe.codec == "mp3" else f"Encoding {recipe.codec}"
    with ExitStack() as stack:
        progress = stack.enter_context(stages(label, round(seconds)))
        files = [stack.enter_context(open(open_regular(path), "rb")) for path in intent.files or (intent.path,)]  # noqa: PTH123
        return run(
            function,
            Made,
            *files,
            *targets,
            seconds=_SECONDS + 2 * seconds,
            writes=_limit(intent),
            progress=progress,
            recipe=msgspec.to_builtins(recipe),
        )


def _shift_gain(intent: Intent, source: BinaryIO, target: BinaryIO) -> None:
    """Write the gain into frames or header, and forget what the tags said of the old loudness."""
    media_type, limit = intent.master.audio.media_type, _limit(intent)
    if media_type == "audio/mpeg":
        run("gain:shift_mp3", int, source, target, writes=limit, steps=round(intent.plan.gain / STEP))
    else:
        run("gain:shift_opus", float, source, target, writes=limit, gain=intent.plan.gain)
    with suppress(Refused):
        run("carry:forget_loudness", bool, target, writes=limit, media_type=media_type)


def _limit(intent: Intent) -> int:
    """Return how long the result may become, in bytes."""
    return intent.master.audio.length * 2 + round(intent.measured.seconds * 80_000) + _ROOM
