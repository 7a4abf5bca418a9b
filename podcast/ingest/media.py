"""All that untrusted audio bytes go through, behind one function: bytes in, plain values out, nothing stored."""

from dataclasses import dataclass
from pathlib import Path

from .files import open_regular
from .probe import Facts, read_facts
from .tags import Tags, read_tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What an audio file is, and what it says of itself."""

    facts: Facts
    tags: Tags


def read_media(path: Path, name: str) -> Media:
    """Measure a staged file and read its tags; MediaError, about ``name``, where it is no audio that we publish.

    It takes a path and returns values that can be pickled, so that it may run in a process of its own.
    """
    facts = read_facts(path, name)
    with open(open_regular(path), "rb") as file:  # noqa: PTH123 - a descriptor has no path
        return Media(facts=facts, tags=read_tags(file, facts.media_type))
