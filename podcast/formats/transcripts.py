"""Transcripts: WebVTT, SRT, the JSON of Podcasting 2.0 and plain text, all to and from one list of cues.

webvtt-py reads the blocks of WebVTT and SRT. It passes over a cue whose time it cannot read, so the time lines are
checked first: a transcript with a hole is an error with its line, never a shorter transcript. Voices, tags and entities
are read here, since a cue may hold several speakers and webvtt-py gives the first.
"""

import html
import math
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, dropwhile, groupby, pairwise
from typing import Final

import msgspec
import webvtt.models
import webvtt.srt
import webvtt.vtt

from podcast.errors import MediaError
from podcast.model import Cue

from . import plain_words
from .text import clean, decode

#: A transcript file that is larger is refused; three hours, timed word by word in JSON, are below 5 MB.
MAX_BYTES: Final = 16 * 1024 * 1024

_VERSION: Final = "1.0.0"
_MAX_TEXT: Final = 20_000
_MAX_SPEAKER: Final = 128
_LAST: Final = 1_000 * 3_600
_HINT: Final = "Give WebVTT, SRT or the JSON of Podcasting 2.0."
#: What a card of SRT holds, and for how many seconds it must be seen.
_LINE: Final = 32
_LINES: Final = 2
_SHORTEST: Final = 0.1

_VTT_TIMES: Final = re.compile(r"\s*(?:\d{2,3}:)?[0-5]\d:[0-5]\d\.\d{3}\s*-->\s*(?:\d{2,3}:)?[0-5]\d:[0-5]\d\.\d{3}(?:\s.*)?", re.ASCII)
_SRT_TIMES: Final = re.compile(r"\s*\d{1,3}:[0-5]\d:[0-5]\d[,.]\d{3}\s*-->\s*\d{1,3}:[0-5]\d:[0-5]\d[,.]\d{3}(?:\s.*)?", re.ASCII)
_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
_VOICE: Final = re.compile(r"<v(?:\.[^\s>]*)?(?:\s+([^>]*))?>|</v>")
_TAG: Final = re.compile(r"<[^<>]*>")
_SRT_STYLE: Final = re.compile(r"\{\\[^{}]*\}")
# SRT has no escapes, and some players read HTML in it.
_SRT_SAFE: Final = str.maketrans("<>", "‹›")


class _Segment(msgspec.Struct):
    start: float = msgspec.field(name="startTime")
    end: float | None = msgspec.field(name="endTime", default=None)
    body: str = ""
    speaker: str | None = None


class _Transcript(msgspec.Struct):
    segments: list[_Segment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Cues in the order of time, and what was wrong with the times of the file that they come from."""

    cues: tuple[Cue, ...]
    doubts: tuple[str, ...] = ()


def parse(data: bytes) -> tuple[Cue, ...]:
    """Return the cues of a file in the order of time; MediaError, with the place, where it is no transcript."""
    return read(data).cues


def read(data: bytes, *, duration: float | None = None, plain: bool = False) -> Reading:
    """Return the cues of a file, and what was wrong with its times; MediaError, with the place, where it is no transcript.

    With ``plain`` a text without times is one too: its sentences are spread over the ``duration`` of the audio.
    """
    if len(data) > MAX_BYTES:
        raise MediaError(f"The transcript has {len(data)} bytes; more than {MAX_BYTES} is no transcript", hint=_HINT)
    text = decode(data, what="transcript")
    written, doubts = _read(text, duration if plain else None)
    found = list(written)
    cues = sorted((cue for one in found for cue in _cue(one.start, one.end, one.text, one.speaker)), key=lambda cue: cue.start)
    if not cues:
        raise MediaError("The transcript holds no words", hint=_HINT)
    return Reading(cues=tuple(cues), doubts=(*doubts, *_doubts(found, duration)))


def _doubts(cues: Sequence[Cue], duration: float | None) -> Iterator[str]:
    """Tell of times that cannot be right, as they stand in the file."""
    empty = [cue.start for cue in cues if cue.end <= cue.start]
    back = [later.start for first, later in pairwise(cues) if later.start < first.start]
    late = [cue.start for cue in cues if duration is not None and cue.start > duration + 1]
    for starts, what in (
        (empty, "end before they begin or with that: they are shown for a moment only"),
        (back, "begin before the one above them: they were sorted"),
        (late, "begin after the end of the audio"),
    ):
        if starts:
            yield f"{len(starts):,} of its {len(cues):,} cues {what}, the first at {_clock(starts[0], '.')}"


def to_vtt(cues: Iterable[Cue]) -> bytes:
    """Return WebVTT, the speakers as ``<v Name>``."""
    blocks = ["WEBVTT"]
    for cue in _tidy(cues):
        voice = f"<v {_escape(cue.speaker)}>" if cue.speaker else ""
        blocks.append(f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{voice}{_escape(cue.text)}")
    return ("\n\n".join(blocks) + "\n").encode()


def to_srt(cues: Iterable[Cue]) -> bytes:
    """Return SRT as Podcasting 2.0 wants it: cards of two lines of 32 characters, the speaker before the words.

    It knows no escapes, so ``<`` and ``>`` become ``‹`` and ``›``.
    """
    cards = [card for cue in _tidy(cues) for card in _cards(cue)]
    return "\n".join(
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{words}\n" for number, (start, end, words) in enumerate(cards, 1)
    ).encode()


def _cards(cue: Cue) -> Iterator[tuple[float, float, str]]:
    """Yield the start, end and lines of the cards that hold a cue, each shown for its share of letters."""
    words = _spoken(cue.speaker, cue.text).translate(_SRT_SAFE)
    lines = textwrap.wrap(words, _LINE, break_on_hyphens=False) or [words]
    cards = ["\n".join(lines[at : at + _LINES]) for at in range(0, len(lines), _LINES)]
    if cue.end - cue.start < _SHORTEST * len(cards):
        cards = ["\n".join(lines)]
    ends = list(accumulate(map(len, cards), initial=0))
    for card, (before, after) in zip(cards, pairwise(ends), strict=True):
        length = cue.end - cue.start
        yield cue.start + length * before / ends[-1], cue.start + length * after / ends[-1], card


def to_json(cues: Iterable[Cue]) -> bytes:
    """Return the JSON of Podcasting 2.0: segments with startTime, endTime, body and, where known, speaker."""
    segments = []
    for cue in _tidy(cues):
        speaker = {"speaker": cue.speaker} if cue.speaker else {}
        segments.append({**speaker, "startTime": cue.start, "endTime": cue.end, "body": cue.text})
    return msgspec.json.encode({"version": _VERSION, "segments": segments})


def to_text(cues: Iterable[Cue]) -> str:
    """Return plain text for readers and for search: a paragraph for each turn of a speaker."""
    turns = groupby(_tidy(cues), key=lambda cue: cue.speaker)
    return "\n\n".join(_spoken(speaker, " ".join(cue.text for cue in turn)) for speaker, turn in turns)


def _read(text: str, duration: float | None) -> tuple[Iterable[Cue], tuple[str, ...]]:
    """Return the cues as they stand in the file, and what is to be said of them."""
    start = text.lstrip()
    if start.startswith("{"):
        return _from_json(text), ()
    lines = _LINE_BREAK.split(text)
    if start.startswith("WEBVTT"):
        return _from_vtt(lines), ()
    if "-->" in start:
        return plain_words.with_speakers(list(_from_srt(lines))), ()
    if plain_words.is_timed(text):
        return plain_words.with_speakers(_placed(plain_words.timed(text))), ()
    if duration and start and not start.startswith("<"):
        return plain_words.with_speakers(list(plain_words.spread(text, duration))), (
            "it has no times: each sentence got one by its length",
        )
    raise MediaError("The transcript is neither WebVTT nor SRT nor JSON", hint=_HINT)


def _placed(cues: Iterable[Cue]) -> list[Cue]:
    """Return the cues; MediaError where one stands at no position."""
    found = list(cues)
    for cue in found:
        if cue.end >= _LAST:
            raise MediaError(f"A line of the transcript stands at {cue.start:g} seconds, which is no position", hint=_HINT)
    return found


def _from_json(text: str) -> Iterator[Cue]:
    try:
        document = msgspec.json.decode(text, type=_Transcript, strict=False)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise MediaError(f"The transcript is no JSON of Podcasting 2.0: {error}", hint=_HINT) from error
    for number, segment in enumerate(document.segments, 1):
        end = segment.start if segment.end is None else segment.end
        if not all(math.isfinite(time) and 0 <= time < _LAST for time in (segment.start, end)):
            raise MediaError(f"Segment {number} of the transcript stands at {segment.start}, which is no position in seconds", hint=_HINT)
        yield Cue(start=segment.start, end=end, text=segment.body, speaker=segment.speaker or "")


def _from_vtt(lines: Sequence[str]) -> Iterator[Cue]:
    _check_times(lines, _VTT_TIMES, "00:05:10.500 --> 00:05:14.000")
    for caption in webvtt.vtt.parse(_from_first_word(lines)).captions:
        for speaker, words in _voices(caption.raw_text):
            yield Cue(start=_seconds(caption.start_time), end=_seconds(caption.end_time), text=_plain(words), speaker=_plain(speaker))


def _from_srt(lines: Sequence[str]) -> Iterator[Cue]:
    for number in _check_times(lines, _SRT_TIMES, "00:05:10,500 --> 00:05:14,000"):
        if number < 2 or not lines[number - 2].strip().isdigit():
            raise MediaError(f"Line {number} of the transcript: the number of the cue is missing above its time", hint=_HINT)
    for caption in webvtt.srt.parse(_from_first_word(lines)):
        words = _TAG.sub("", _SRT_STYLE.sub("", caption.raw_text))
        yield Cue(start=_seconds(caption.start_time), end=_seconds(caption.end_time), text=words)


def _from_first_word(lines: Sequence[str]) -> list[str]:
    """Return the lines as webvtt-py wants them: the first one says what it is, and is nothing but that."""
    words = list(dropwhile(lambda line: not line.strip(), lines))
    return [words[0].strip(), *words[1:]]


def _check_times(lines: Sequence[str], pattern: re.Pattern[str], example: str) -> list[int]:
    """Return the numbers of the lines with an arrow; MediaError where one of them is no pair of times."""
    numbers = [number for number, line in enumerate(lines, 1) if "-->" in line]
    for number in numbers:
        if not pattern.fullmatch(lines[number - 1]):
            line = clean(lines[number - 1], limit=60)
            raise MediaError(f'Line {number} of the transcript is no pair of times: "{line}"', hint=f"It should look like {example}.")
    return numbers


def _voices(raw: str) -> Iterator[tuple[str, str]]:
    """Yield speaker and words for each voice span of a cue, tags and entities still in."""
    speaker, position = "", 0
    for match in _VOICE.finditer(raw):
        yield speaker, raw[position : match.start()]
        speaker, position = match[1] or "", match.end()
    yield speaker, raw[position:]


def _plain(raw: str) -> str:
    return html.unescape(_TAG.sub("", raw))


def _cue(start: float, end: float, text: str, speaker: str) -> Iterator[Cue]:
    """Yield the cue, unless it says nothing; one that ends before it begins lasts a millisecond, as WebVTT demands."""
    words = clean(text, limit=_MAX_TEXT)
    if words:
        start = round(start, 3)
        yield Cue(start=start, end=max(round(end, 3), round(start + 0.001, 3)), text=words, speaker=clean(speaker, limit=_MAX_SPEAKER))


def _tidy(cues: Iterable[Cue]) -> Iterator[Cue]:
    """Clean once more what is to be written: a line break in a cue would begin the next one."""
    for cue in cues:
        yield from _cue(cue.start, cue.end, cue.text, cue.speaker)


def _seconds(time: webvtt.models.Timestamp) -> float:
    return time.hours * 3600 + time.minutes * 60 + time.seconds + time.milliseconds / 1000


def _clock(position: float, point: str) -> str:
    seconds, thousandths = divmod(round(position * 1000), 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}{point}{thousandths:03}"


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def _spoken(speaker: str, words: str) -> str:
    return f"{speaker}: {words}" if speaker else words
