"""From a recording to what listeners get: measured, then made by the means that harms least, then measured again.

A new file is made beside the recording, which is kept. What is right already stays as it is, bit by bit.
"""

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from podcast.config import Preset
from podcast.model import Audio, Episode, Measured

from .analyse import analyse
from .draft import read_audio
from .files import open_regular
from .loudness import CEILING, OVERSHOOT, SILENCE, SLACK, STEP, Codec, Means, Plan, plan_gain, target_of
from .masters import Master, find_master, keep_master, sound_of
from .media import read_media
from .refusal import Refused, naming
from .render import Made, Piece, Recipe, rate_for
from .sandbox import run
from .staging import Staging
from .timeline import moved

Progress = Callable[[int], None]
#: Called with what is done and the seconds of sound that it is done to.
Stages = Callable[[str, int], AbstractContextManager[Progress]]

#: Of the way in which things are made; one that is higher makes them anew.
_VERSION: Final = 1
#: Seconds of silence that stay before and behind what is said.
_LEAD, _TAIL = 0.3, 1.0
#: LU by which the result may differ from its aim, and rounds until it does not.
_NEAR: Final = 0.3
_ROUNDS: Final = 2
_ROOM: Final = 64 << 20
#: Sound that is filtered and encoded takes less CPU time than it lasts, by far.
_SECONDS: Final = 60
_BITRATES: Final = {1: 96, 2: 128}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What shall be made of an episode's master, and why; nothing where it is what listeners have already."""

    episode: Episode
    master: Master
    path: Path
    preset: Preset
    #: None where the same was made of it before.
    measured: Measured | None = None
    plan: Plan
    #: None where nothing has to be encoded.
    recipe: Recipe | None = None
    #: Of the recipe's pieces, in their order.
    files: tuple[Path, ...] = ()
    #: What is done beside loudness, in words.
    deeds: tuple[str, ...] = ()
    #: Seconds by which all is later in the result than in the master.
    shift: float = 0.0
    #: A hash of all that the result depends on.
    key: str = ""

    @property
    def is_nothing(self) -> bool:
        """Say whether listeners have already what they should have."""
        return self.recipe is None and self.plan.means is Means.NOTHING and (not self.master.sound or self.measured is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """The new audio, what was measured on it, and fields of the episode that moved with it."""

    audio: Audio
    measured: Measured
    moved: Mapping[str, Any] = field(default_factory=dict)


def intend(episode: Episode, preset: Preset, *, root: Path, masters: Path, staging: Staging, stages: Stages) -> Intent:
    """Measure the master of an episode and work out what to do; nothing is changed. MediaError for what cannot be read."""
    master, path = find_master(episode, masters, staging)
    key = _key(preset, master.audio, root)
    if master.made == key:
        return Intent(
            episode=episode,
            master=master,
            path=path,
            preset=preset,
            plan=Plan(means=Means.NOTHING, gain=0.0, why="it was made so already"),
            key=key,
        )
    measured = _measure(path, episode.slug, master.audio.duration, "Measuring", stages)
    channels = 1 if preset.mono or master.audio.channels == 1 else 2
    codec = _codec(path, master.audio.media_type)
    plan = plan_gain(measured, codec, target_of(master.audio.channels))
    intent = Intent(episode=episode, master=master, path=path, preset=preset, measured=measured, plan=plan, key=key)
    deeds = _deeds(preset, measured, master.audio, channels)
    if not deeds and codec is not Codec.LOSSLESS and plan.means in {Means.NOTHING, Means.HEADER}:
        return intent
    return _with_recipe(intent, deeds, channels, root, stages)


def carry_out(intent: Intent, *, masters: Path, staging: Staging, stages: Stages) -> Produced | None:
    """Make what was intended and stage it, keep the master, and return what the episode becomes; None where nothing is to do."""
    if intent.is_nothing or intent.measured is None:
        return None
    name, was = intent.episode.slug, intent.master.audio
    with tempfile.NamedTemporaryFile(dir=staging.root, prefix=".new-") as file, naming(name):
        with open(open_regular(intent.path), "rb") as source, Path(file.name).open("r+b") as target:  # noqa: PTH123 - a descriptor has no path
            if intent.recipe:
                measured = _encode(intent, intent.recipe, target, stages)
                with suppress(Refused):  # Tags that cannot be read cost themselves alone.
                    run("carry:carry", bool, source, target, writes=_limit(intent), media_type=was.media_type)
            elif intent.plan.means is Means.HEADER:
                _shift_gain(intent, source, target)
                measured = _measure(Path(file.name), name, was.duration, "Checking", stages)
            else:
                measured = intent.measured
        result = intent.path if intent.plan.means is Means.NOTHING and not intent.recipe else Path(file.name)
        audio, _ = read_audio(result, staging)
    sound = sound_of(staging.path(audio.sha256), audio.media_type, name)
    keep_master(intent.episode, replace(intent.master, sound=sound, made=intent.key, shift=intent.shift), intent.path, masters)
    later = round(intent.shift - intent.master.shift, 3)
    return Produced(audio=audio, measured=measured, moved=moved(intent.episode, later, measured.seconds, staging))


def _key(preset: Preset, audio: Audio, root: Path) -> str:
    """Hash all that a result depends on."""
    found = hashlib.sha256(msgspec.json.encode([_VERSION, audio.sha256, preset]))
    for name in (preset.intro, preset.outro):
        if name:
            with open(open_regular(root / name), "rb") as file:  # noqa: PTH123 - a descriptor has no path
                found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


def _codec(path: Path, media_type: str) -> Codec:
    if media_type in {"audio/wav", "audio/aiff", "audio/flac"}:
        return Codec.LOSSLESS
    if media_type == "audio/ogg":
        with path.open("rb") as file:
            head = file.read(128)
        return Codec.OPUS if b"OpusHead" in head else Codec.LOSSLESS if b"\x7fFLAC" in head else Codec.LOSSY
    return Codec.MP3 if media_type == "audio/mpeg" else Codec.LOSSY


def _measure(path: Path, name: str, seconds: float, label: str, stages: Stages) -> Measured:
    with stages(label, round(seconds)) as progress, naming(name), open(open_regular(path), "rb") as file:  # noqa: PTH123
        return analyse(file, seconds, progress)


def _deeds(preset: Preset, measured: Measured, audio: Audio, channels: int) -> tuple[str, ...]:
    """Say what a preset does to the sound beside its loudness."""
    lead, tail = _cuts(preset, measured)
    return tuple(
        text
        for wanted, text in (
            (lead, f"{lead:.1f} s of silence before it cut off"),
            (tail, f"{tail:.1f} s of silence behind it cut off"),
            (preset.highpass, f"nothing below {preset.highpass} Hz"),
            (preset.denoise, "noise made fainter"),
            (channels != min(audio.channels, 2), "made mono"),
            (preset.intro, f"{preset.intro} in front"),
            (preset.outro, f"{preset.outro} behind"),
        )
        if wanted
    )


def _cuts(preset: Preset, measured: Measured) -> tuple[float, float]:
    """Return the seconds to cut off at the start and at the end."""
    if not preset.trim or measured.integrated_lufs is None:
        return 0.0, 0.0
    return max(round(measured.lead - _LEAD, 3), 0.0), max(round(measured.tail - _TAIL, 3), 0.0)


def _with_recipe(intent: Intent, deeds: tuple[str, ...], channels: int, root: Path, stages: Stages) -> Intent:
    """Add to an intent how its sound is encoded, with intro and outro as loud as the rest."""
    measured, preset, audio = intent.measured, intent.preset, intent.master.audio
    assert measured is not None  # noqa: S101 - for the type checker
    lead, tail = _cuts(preset, measured)
    filters = [("highpass", f"f={preset.highpass}")] if preset.highpass else []
    filters += [("afftdn", "nr=10:tn=1")] if preset.denoise else []
    level, target = measured.integrated_lufs, target_of(channels)
    wanted = target - level if deeds and level is not None else intent.plan.gain
    main = Piece(media_type=audio.media_type, start=lead, end=measured.seconds - tail, filters=tuple(filters))
    before, behind = (_jingle(root / name, (level or target), stages) if name else None for name in (preset.intro, preset.outro))
    parts = [(before[0], root / str(preset.intro))] if before else []
    parts += [(main, intent.path)]
    parts += [(behind[0], root / str(preset.outro))] if behind else []
    is_plain = not deeds and intent.plan.means in {Means.NOTHING, Means.GAIN}
    return replace(
        intent,
        recipe=Recipe(
            pieces=tuple(piece for piece, _ in parts),
            rate=rate_for(audio.sample_rate),
            channels=channels,
            crossfade=preset.crossfade,
            gain=wanted,
            ceiling=None if is_plain else CEILING - OVERSHOOT,
            bitrate=(preset.bitrate or _BITRATES[channels]) * 1000,
            constant=not preset.vbr,
        ),
        files=tuple(path for _, path in parts),
        deeds=deeds,
        shift=round((max(before[1] - preset.crossfade, 0.0) if before else 0.0) - lead, 3),
    )


def _jingle(path: Path, level: float, stages: Stages) -> tuple[Piece, float]:
    """Return an intro or outro, made as loud as the recording is, and its seconds."""
    facts = read_media(path, path.name).facts
    measured = _measure(path, path.name, facts.seconds, f"Measuring {path.name}", stages)
    gain = 0.0 if measured.integrated_lufs is None else level - measured.integrated_lufs
    return Piece(media_type=facts.media_type, gain=gain), measured.seconds


def _encode(intent: Intent, recipe: Recipe, target: BinaryIO, stages: Stages) -> Measured:
    """Encode a recipe and return what was measured on the result; once more where that misses its aim."""
    assert intent.measured is not None  # noqa: S101 - for the type checker
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
            return found
        recipe = replace(recipe, gain=recipe.gain + off, ceiling=(recipe.ceiling or CEILING - OVERSHOOT) - over)
    raise AssertionError


def _cook(function: str, recipe: Recipe, intent: Intent, targets: tuple[BinaryIO, ...], stages: Stages) -> Made:
    """Let the sandbox go through a recipe."""
    assert intent.measured is not None  # noqa: S101 - for the type checker
    seconds = intent.measured.seconds
    with ExitStack() as stack:
        progress = stack.enter_context(stages("Encoding" if targets else "Rehearsing", round(seconds)))
        files = [stack.enter_context(open(open_regular(path), "rb")) for path in intent.files]  # noqa: PTH123
        return run(
            function,
            Made,
            *files,
            *targets,
            seconds=_SECONDS + seconds,
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
    seconds = intent.measured.seconds if intent.measured else 0.0
    return int(intent.master.audio.length * 2 + seconds * 320_000 / 8 * 2) + _ROOM
