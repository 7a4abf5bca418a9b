"""Rules about a sound file and about a picture, by the facts that were measured on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from podcast.model import Artwork, Audio, format_duration

from .rules import Level, Table

_APPLE: Final = frozenset({"audio/mpeg", "audio/x-m4a"})
#: What a constant MP3 can have, in kbit/s; an average is hardly ever one of them to the bit.
_KBIT: Final = frozenset({8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320})
#: AntennaPod takes a smaller file for a fault of the server.
_SMALLEST: Final = 16_384
_LOUDNESS: Final = (-16.0, 3.0)
_SIDE: Final = (1400, 3000)
_PICTURE: Final = 512 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAudio:
    """The facts of an audio file, and what reading it cast doubt on."""

    audio: Audio
    doubts: tuple[str, ...] = ()


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
    "apple.loudness",
    Level.NOTICE,
    "Loudness is near -16 LUFS",
    source="Apple",
    remedy="Bring it to -16 LUFS with a true peak of at most -1 dBTP",
)
def _loudness(seen: SeenAudio) -> Iterator[str]:
    target, slack = _LOUDNESS
    loudness = seen.audio.loudness
    if loudness is not None and abs(loudness - target) > slack:
        yield f"Loudness is {loudness:.1f} LUFS: listeners will turn the volume {'up' if loudness < target else 'down'}"


@AUDIO.rule("audio.peak", Level.WARNING, "The true peak is below 0 dBTP", source="EBU R 128", remedy="Limit it to -1 dBTP before encoding")
def _peak(seen: SeenAudio) -> Iterator[str]:
    if seen.audio.true_peak is not None and seen.audio.true_peak > 0:
        yield f"The true peak is {seen.audio.true_peak:+.1f} dBTP: it distorts on playing"


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
