"""Transcripts as plain text: with a time in front of some lines, or without any; and who speaks, where names stand in front."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Final

from podcast.model import Cue

from .chapter_lists import seconds

_TIMED: Final = re.compile(r"[\[(]?(?P<time>(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?:[.,]\d{1,3})?)[\])]?(?:\s+(?P<words>.*)|$)", re.ASCII)
_SPEAKER: Final = re.compile(r"(?P<name>[^\W\d_][^:<>]{0,39}): +(?P<words>\S.*)", re.DOTALL)
_SENTENCE: Final = re.compile(r"(?<=[.!?…。؟।])\s+")
#: A cue of more letters than these is divided between sentences.
_LONG: Final = 200
#: Letters that are spoken in a second, for the last words of all.
_PACE: Final = 15
_MOST_WORDS: Final = 4


def is_timed(text: str) -> bool:
    """Tell whether the first line of a text begins with a time."""
    return bool(_TIMED.match(text.lstrip()))


def timed(text: str) -> Iterator[Cue]:
    """Yield a cue for each time and the lines from there to the next one."""
    turns = list[tuple[float, list[str]]]()
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _TIMED.fullmatch(line)
        start = seconds(match["time"]) if match else None
        if match and start is not None:
            turns.append((start, [match["words"] or ""]))
        elif turns:
            turns[-1][1].append(line)
    spoken = [(start, " ".join(filter(None, lines))) for start, lines in turns]
    ends = [following for _, (following, _) in pairwise(spoken)] + [start + max(len(words) / _PACE, 1.0) for start, words in spoken[-1:]]
    for (start, words), end in zip(spoken, ends, strict=True):
        yield Cue(start=start, end=end, text=words)


def spread(text: str, duration: float) -> Iterator[Cue]:
    """Yield the sentences of a text without times over a duration, each for as long as it has letters."""
    parts = [part for paragraph in re.split(r"\n\s*\n", text) for part in _divided(" ".join(paragraph.split()))]
    ends = list(accumulate(map(len, parts), initial=0))
    for part, (start, end) in zip(parts, pairwise(ends), strict=True):
        yield Cue(start=duration * start / ends[-1], end=duration * end / ends[-1], text=part)


def _divided(paragraph: str) -> Iterator[str]:
    """Yield a paragraph in pieces of whole sentences."""
    piece = ""
    for sentence in filter(None, _SENTENCE.split(paragraph)):
        if piece and len(piece) + len(sentence) > _LONG:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()
    if piece:
        yield piece


def with_speakers(cues: Sequence[Cue]) -> Iterable[Cue]:
    """Return the cues with their speakers where "Aida: …" stands in front of words more than once; not where one is known."""
    found = [_SPEAKER.fullmatch(cue.text) for cue in cues]
    names = Counter(
        match["name"] for match in found if match and len(match["name"].split()) <= _MOST_WORDS and not match["name"][0].islower()
    )
    for cue, match in zip(cues, found, strict=True):
        if match and names[match["name"]] > 1 and not cue.speaker:
            yield replace(cue, speaker=match["name"], text=match["words"])
        else:
            yield cue
