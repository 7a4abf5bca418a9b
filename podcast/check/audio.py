"""Rules about a sound file and about a picture, by the facts that were measured on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from podcast.ingest.loudness import target_of
from podcast.model import Artwork, Audio, Measured, format_duration

from .rules import Level, Table

_APPLE: Final = frozenset({"audio/mpeg", "audio/x-m4a"})
#: What a constant MP3 can have, in kbit/s; an average is hardly ever one of them to the bit.
_KBIT: Final = frozenset({8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320})
#: AntennaPod takes a smaller file for a fault of the server.
_SMALLEST: Final = 16_384
#: By how many LU loudness may differ before anybody minds, and LUFS below which nothing is to be made out.
_SLACK: Final = 3.0
_QUIET: Final = -45.0
#: Cut-off peaks that nobody hears.
_CLIPS: Final = 10
#: Damaged packets that nobody minds, as at the joints of a file that was cut.
_DAMAGED: Final = 10
#: Decibels between two channels of which one is dead, and the level in dBFS of one that is not.
_DEAD: Final = 40.0
_SOUND: Final = -60.0
#: Correlation of two channels that take each other away; decibels of their difference where they are the same.
_UPSIDE_DOWN: Final = -0.5
_SAME: Final = -50.0
#: Seconds of silence in front, behind and between.
_LEAD: Final = 3.0
_TAIL: Final = 5.0
_GAP: Final = 5.0
_PLACES: Final = 5
_SIDE: Final = (1400, 3000)
_PICTURE: Final = 512 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAudio:
    """The facts of an audio file, and what reading it cast doubt on."""

    audio: Audio
    doubts: tuple[str, ...] = ()
    #: What was measured on its sound; None where nobody has.
    measured: Measured | None = None


AUDIO: Final = Table[SeenAudio]("audio")
ARTWORK: Final = Table[Artwork]("artwork")

_EXPORT: Final = "Export it again: MP3, constant bitrate, 44.1 kHz; 64 kbit/s mono or 128 kbit/s stereo suit speech"


@AUDIO.rule("audio.empty", Level.ERROR, "A file holds bytes and sound", source="RSS 2.0", remedy="podcast replace EP FILE")
def _empty(seen: SeenAudio) -> Iterator[str]:
    if seen.audio.length <= 0:
        yield "The file has 0 bytes"
    elif seen.audio.duration <= 0:
        yield "The file holds less than half a second of sound"


@AUDIO.rule(
    "audio.small",
    Level.WARNING,
    "A file has at least 16,384 bytes",
    source="AntennaPod",
    remedy="Publish a longer file, or one of a higher bitrate",
)
def _small(seen: SeenAudio) -> Iterator[str]:
    if 0 < seen.audio.length < _SMALLEST:
        yield f"The file has {seen.audio.length:,} bytes: AntennaPod does not believe that it is an episode"


@AUDIO.rule("audio.structure", Level.WARNING, "A file is whole, and its header tells the truth", source="practice", remedy=_EXPORT)
def _structure(seen: SeenAudio) -> Iterator[str]:
    yield from (f"Of the file: {doubt}" for doubt in seen.doubts)


@AUDIO.rule("audio.vbr", Level.WARNING, "An MP3 has a constant bitrate", source="practice", remedy=_EXPORT)
def _variable(seen: SeenAudio) -> Iterator[str]:
    told = any("variable bitrate" in doubt for doubt in seen.doubts)
    if seen.audio.media_type == "audio/mpeg" and seen.audio.bitrate not in {1000 * kbit for kbit in _KBIT} and not told:
        yield f"The bitrate varies, around {seen.audio.bitrate / 1000:.0f} kbit/s: many players seek to the wrong place"


@AUDIO.rule("audio.bitrate", Level.NOTICE, "The bitrate is between 32 and 320 kbit/s, WAV and FLAC apart", source="Apple", remedy=_EXPORT)
def _bitrate(seen: SeenAudio) -> Iterator[str]:
    kbit = seen.audio.bitrate / 1000
    if seen.audio.media_type in {"audio/wav", "audio/aiff", "audio/flac"} or seen.audio.duration <= 0:
        return
    if seen.audio.media_type == "audio/mpeg" and kbit < 32:
        yield f"{kbit:.0f} kbit/s is little for an MP3: voices sound hollow"
    if kbit > 320:
        yield f"{kbit:.0f} kbit/s is more than anybody hears, and every listener pays for it"


@AUDIO.rule("audio.rate", Level.NOTICE, "The sample rate is 44.1 or 48 kHz", source="Apple", remedy=_EXPORT)
def _rate(seen: SeenAudio) -> Iterator[str]:
    if seen.audio.sample_rate not in {44_100, 48_000}:
        yield f"The sample rate is {seen.audio.sample_rate / 1000:g} kHz"


@AUDIO.rule("audio.channels", Level.WARNING, "A file is mono or stereo", source="Apple", remedy=_EXPORT)
def _channels(seen: SeenAudio) -> Iterator[str]:
    if seen.audio.channels > 2:
        yield f"The file has {seen.audio.channels} channels"


@AUDIO.rule(
    "apple.audio.format",
    Level.WARNING,
    "Audio is MP3 or M4A",
    source="Apple",
    remedy="Publish MP3 or M4A; Apple passes over the episode otherwise",
)
def _format(seen: SeenAudio) -> Iterator[str]:
    if seen.audio.media_type not in _APPLE:
        yield f"The file is {seen.audio.media_type}, which Apple Podcasts and others do not take"


@AUDIO.rule(
    "audio.length",
    Level.NOTICE,
    "A file is smaller than 500 MB and shorter than 12 hours",
    source="practice",
    remedy="Divide it into several episodes",
)
def _length(seen: SeenAudio) -> Iterator[str]:
    if seen.audio.length > 500_000_000:
        yield f"The file has {seen.audio.length / 1_000_000:,.0f} MB: over a telephone network that is long to wait for"
    if seen.audio.duration > 12 * 3600:
        yield f"The file lasts {format_duration(seen.audio.duration)}"


@AUDIO.rule(
    "audio.undecodable", Level.ERROR, "The sound can be decoded", source="practice", remedy="Export it anew: podcast replace EP FILE"
)
def _undecodable(seen: SeenAudio) -> Iterator[str]:
    if seen.measured and not seen.measured.seconds:
        yield "Nothing of the file can be decoded: players show the episode, and nothing is to be heard"


@AUDIO.rule(
    "audio.damaged",
    Level.WARNING,
    "No part of the sound is damaged",
    source="practice",
    remedy="Copy or export it anew: podcast replace EP FILE",
)
def _damaged(seen: SeenAudio) -> Iterator[str]:
    if seen.measured and seen.measured.seconds and seen.measured.damaged > _DAMAGED:
        yield f"{seen.measured.damaged:,} pieces of the sound are damaged: there it crackles or is silent"


_PRODUCE: Final = "podcast produce EP mends it"


@AUDIO.rule(
    "apple.loudness",
    Level.WARNING,
    "Loudness is within 3 LU of the -16 LUFS that Apple asks for, in mono of -19",
    source="Apple",
    remedy=_PRODUCE,
)
def _loudness(seen: SeenAudio) -> Iterator[str]:
    loudness = seen.measured.integrated_lufs if seen.measured else None
    if loudness is None or loudness < _QUIET:
        return
    target = target_of(seen.audio.channels)
    if abs(loudness - target) > _SLACK:
        yield f"Loudness is {loudness:.1f} LUFS, not {target:.0f}: listeners will turn the volume {'up' if loudness < target else 'down'}"


@AUDIO.rule("audio.quiet", Level.WARNING, "Something is to be heard", source="practice", remedy="Listen to the file; export it anew")
def _quiet(seen: SeenAudio) -> Iterator[str]:
    if seen.measured and seen.measured.seconds and seen.measured.integrated_lufs is None:
        yield "The file is silent from beginning to end"
    elif seen.measured and (seen.measured.integrated_lufs or 0) < _QUIET:
        yield f"Loudness is {seen.measured.integrated_lufs:.1f} LUFS: that is hardly to be heard"


@AUDIO.rule("audio.peak", Level.WARNING, "The true peak is below 0 dBTP", source="EBU R 128", remedy=_PRODUCE)
def _peak(seen: SeenAudio) -> Iterator[str]:
    if seen.measured and seen.measured.true_peak_dbtp >= 0.05:  # As it is written.
        yield f"The true peak is {seen.measured.true_peak_dbtp:+.1f} dBTP: it distorts on playing"


@AUDIO.rule(
    "audio.clipped",
    Level.WARNING,
    "No peaks are cut off",
    source="practice",
    remedy="Export it anew from the recording, with less gain; what is cut off nothing brings back",
)
def _clipped(seen: SeenAudio) -> Iterator[str]:
    measured = seen.measured
    if measured and measured.clips > _CLIPS and measured.first_clip is not None:
        yield f"Peaks are cut off in {measured.clips:,} places, the first at {format_duration(int(measured.first_clip))}: voices crackle"


@AUDIO.rule(
    "audio.channel.dead",
    Level.WARNING,
    "Both channels of stereo are to be heard",
    source="practice",
    remedy="Export it as mono, of the channel with sound",
)
def _dead(seen: SeenAudio) -> Iterator[str]:
    if (levels := _two(seen)) and max(levels) - min(levels) > _DEAD:
        yield f"Of two channels, only the {'left' if levels[0] > levels[1] else 'right'} has sound: who listens with one ear hears nothing"


@AUDIO.rule(
    "audio.phase",
    Level.WARNING,
    "The channels are not upside down to each other",
    source="practice",
    remedy="Turn the polarity of one channel round, and export it anew",
)
def _phase(seen: SeenAudio) -> Iterator[str]:
    if seen.measured and (seen.measured.correlation or 0.0) < _UPSIDE_DOWN:
        yield "Left and right are out of phase: on one loudspeaker the sound goes away"


@AUDIO.rule(
    "audio.mono",
    Level.NOTICE,
    "What is the same in both channels is mono",
    source="practice",
    remedy="Export it as mono: half the bytes for listeners",
)
def _mono(seen: SeenAudio) -> Iterator[str]:
    measured = seen.measured
    if measured and (measured.correlation or 0.0) > 0 and measured.side is not None and measured.side < _SAME:
        yield "The file is stereo, and both channels are the same"


@AUDIO.rule("audio.silence.ends", Level.WARNING, "Sound begins at once, and the file ends with it", source="practice", remedy=_PRODUCE)
def _ends(seen: SeenAudio) -> Iterator[str]:
    if not (measured := seen.measured) or measured.integrated_lufs is None:
        return
    if measured.lead > _LEAD:
        yield f"The file begins with {measured.lead:.0f} seconds of silence: listeners take it for broken"
    if measured.tail > _TAIL:
        yield f"The file ends with {measured.tail:.0f} seconds of silence"


@AUDIO.rule(
    "audio.silence.gap",
    Level.WARNING,
    "No silence lasts longer than 5 seconds",
    source="practice",
    remedy="Listen to the places, and cut them shorter",
)
def _gaps(seen: SeenAudio) -> Iterator[str]:
    gaps = [(start, end) for start, end in (seen.measured.gaps if seen.measured else ()) if end - start > _GAP]
    if gaps:
        places = ", ".join(format_duration(int(start)) for start, _ in gaps[:_PLACES]) + (" …" if len(gaps) > _PLACES else "")
        longest = max(end - start for start, end in gaps)
        yield f"Silence of up to {longest:.0f} seconds at {places}: listeners think that it is over"


def _two(seen: SeenAudio) -> tuple[float, ...]:
    """Return the levels of two channels of which one has sound; nothing for other files."""
    levels = seen.measured.channels if seen.measured else ()
    return levels if len(levels) == 2 and max(levels) > _SOUND else ()


_COVER: Final = "Give a square JPEG or PNG, 1400 to 3000 pixels wide (--cover FILE)"


@ARTWORK.rule("apple.artwork.size", Level.WARNING, "A picture is 1400 to 3000 pixels wide and high", source="Apple", remedy=_COVER)
def _size(picture: Artwork) -> Iterator[str]:
    smallest, largest = _SIDE
    if not (smallest <= picture.width <= largest and smallest <= picture.height <= largest):
        yield f"The picture has {picture.width} x {picture.height} pixels"


@ARTWORK.rule("artwork.drawn", Level.NOTICE, "A cover is a picture of its own", source="practice", remedy=_COVER)
def _drawn(picture: Artwork) -> Iterator[str]:
    if picture.drawn:
        yield "The cover was drawn of the title, for want of a picture"


@ARTWORK.rule("apple.artwork.square", Level.WARNING, "A picture is square", source="Apple", remedy=_COVER)
def _square(picture: Artwork) -> Iterator[str]:
    if picture.width != picture.height:
        yield f"The picture is {picture.width} x {picture.height}: most apps cut it to a square"


@ARTWORK.rule(
    "artwork.bytes", Level.NOTICE, "A picture has at most 512 KiB", source="practice", remedy="Save it as a JPEG of quality 80 to 85"
)
def _bytes(picture: Artwork) -> Iterator[str]:
    if picture.length > _PICTURE:
        yield f"The picture has {picture.length / 1024:,.0f} KiB: lists with it load slowly"
