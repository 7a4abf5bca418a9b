"""What shall be made of a recording, worked out from what is measured on it and from a preset, and why."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from podcast.config import Preset
from podcast.model import Audio, Episode, Measured

from .analyse import VERSION, analyse
from .files import open_regular
from .loudness import CEILING, OVERSHOOT, Codec, Means, Plan, plan_gain, target_of
from .masters import Master, Result, find_master
from .media import read_media
from .refusal import Refused, naming
from .render import Piece, Recipe, rate_for
from .staging import Staging

Progress = Callable[[int], None]
#: Called with what is done and the seconds of sound that it is done to.
Stages = Callable[[str, int], AbstractContextManager[Progress]]

#: Of the way in which things are made; one that is higher makes them anew.
_VERSION: Final = 1
#: Seconds of silence that stay before and behind what is said.
_LEAD, _TAIL = 0.3, 1.0
#: kbit/s for speech, by channels.
_BITRATES: Final = {1: 96, 2: 128}
#: Of the formats beside it: their media type, and kbit/s as above. Opus is as good with two thirds.
ALTERNATES: Final = {"opus": ("audio/ogg", {1: 64, 2: 96}), "aac": ("audio/x-m4a", {1: 96, 2: 128})}
#: What Opus knows.
_OPUS_RATE: Final = 48_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What shall be made of an episode's master, and why; nothing where it is what listeners have already."""

    episode: Episode
    master: Master
    path: Path
    #: How the audio that the episode has was made of its master; None where it is the master.
    last: Result | None
    #: A hash of all that the result depends on.
    key: str
    preset: Preset
    measured: Measured
    plan: Plan
    #: None where nothing has to be encoded.
    recipe: Recipe | None = None
    #: Of the recipe's pieces, in their order.
    files: tuple[Path, ...] = ()
    #: What is done beside loudness, in words.
    deeds: tuple[str, ...] = ()
    #: Seconds by which all is later in the result than in the master, and where in it that begins.
    shift: float = 0.0
    begins: float = 0.0

    @property
    def is_made(self) -> bool:
        """Say whether the episode's audio was made in just this way."""
        return self.last is not None and self.last.made == self.key and self._has_alternates

    @property
    def is_nothing(self) -> bool:
        """Say whether the episode's audio is what it should be."""
        return self.is_made or (self.is_right and self.last is None and self._has_alternates)

    @property
    def is_right(self) -> bool:
        """Say whether the master is what listeners should get, bit by bit."""
        return self.recipe is None and self.plan.means is Means.NOTHING

    @property
    def alternates(self) -> tuple[Recipe, ...]:
        """Return how the other formats are encoded: as the audio is, and none that it has itself."""
        audio = self.master.audio
        whole = Piece(media_type=audio.media_type, end=self.measured.seconds)
        own = self.recipe or Recipe(pieces=(whole,), rate=rate_for(audio.sample_rate), channels=min(audio.channels, 2), gain=self.plan.gain)
        codecs = self._codecs(self.recipe.media_type if self.recipe else audio.media_type)
        return tuple(
            replace(own, codec=codec, rate=_OPUS_RATE if codec == "opus" else own.rate, bitrate=ALTERNATES[codec][1][own.channels] * 1000)
            for codec in codecs
        )

    @property
    def _has_alternates(self) -> bool:
        wanted = {ALTERNATES[codec][0] for codec in self._codecs(self.episode.audio.media_type)}
        return wanted == {one.media_type for one in self.episode.renditions}

    def _codecs(self, media_type: str) -> list[str]:
        return [codec for codec in dict.fromkeys(self.preset.alternates) if ALTERNATES[codec][0] != media_type]


def intend(
    episode: Episode,
    preset: Preset,
    *,
    root: Path,
    masters: Path,
    staging: Staging,
    stages: Stages,
    known: Callable[[str], Measured | None] = lambda _: None,
) -> Intent:
    """Measure the master of an episode and work out what to do; nothing is changed. MediaError for what cannot be read.

    ``known`` returns what was measured on the file of a SHA-256 before.
    """
    master, path, last = find_master(episode, masters, staging)
    key = _key(preset, master.audio, root)
    kept = known(master.audio.sha256)
    is_fresh = kept is not None and kept.version >= VERSION
    measured = kept if kept and is_fresh else measure(path, episode.slug, master.audio.duration, "Measuring", stages)
    channels = 1 if preset.mono or master.audio.channels == 1 else 2
    codec = _codec(path, master.audio.media_type)
    plan = plan_gain(measured, codec, target_of(master.audio.channels))
    deeds = _deeds(preset, measured, master.audio, channels)
    intent = Intent(episode=episode, master=master, path=path, last=last, key=key, preset=preset, measured=measured, plan=plan)
    encoded = deeds or codec is Codec.LOSSLESS or plan.means in {Means.GAIN, Means.LIMITER}
    return _with_recipe(intent, deeds, channels, root, stages) if encoded and not intent.is_made else intent


def _key(preset: Preset, audio: Audio, root: Path) -> str:
    """Hash all that a result depends on."""
    # Other formats change nothing about this one.
    own = {name: value for name, value in msgspec.to_builtins(preset).items() if name != "alternates"}
    found = hashlib.sha256(msgspec.json.encode([_VERSION, audio.sha256, own]))
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


def measure(path: Path, name: str, seconds: float, label: str, stages: Stages) -> Measured:
    """Measure a file, which a message calls by ``name``."""
    with stages(label, round(seconds)) as progress, naming(name), open(open_regular(path), "rb") as file:  # noqa: PTH123
        found = analyse(file, seconds, progress)
        if not found.seconds:
            raise Refused("holds no sound that can be decoded", hint="Export it anew, as MP3 or M4A.")
        return found


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
    lead, tail = _cuts(preset, measured)
    level, target = measured.integrated_lufs, target_of(channels)
    wanted = target - level if deeds and level is not None else intent.plan.gain
    main = Piece(media_type=audio.media_type, start=lead, end=measured.seconds - tail, highpass=preset.highpass, denoise=preset.denoise)
    before, behind = (_jingle(root / name, (level or target), stages) if name else None for name in (preset.intro, preset.outro))
    parts = [(before[0], root / str(preset.intro))] if before else []
    parts += [(main, intent.path)]
    parts += [(behind[0], root / str(preset.outro))] if behind else []
    begins = max(round(before[1] - preset.crossfade, 3), 0.0) if before else 0.0
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
        shift=round(begins - lead, 3),
        begins=begins,
    )


def _jingle(path: Path, level: float, stages: Stages) -> tuple[Piece, float]:
    """Return an intro or outro, made as loud as the recording is, and its seconds."""
    facts = read_media(path, path.name).facts
    measured = measure(path, path.name, facts.seconds, f"Measuring {path.name}", stages)
    gain = 0.0 if measured.integrated_lufs is None else level - measured.integrated_lufs
    return Piece(media_type=facts.media_type, gain=gain, end=measured.seconds), measured.seconds
