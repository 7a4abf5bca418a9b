"""What can be mended without asking, since nothing is lost: stray characters and white space, and the order of chapters."""

from dataclasses import replace
from typing import Any

from podcast.formats.text import clean
from podcast.model import Chapter, Episode, Person, Show

#: Nothing is cut here.
_WHOLE = 10_000_000


def fixed_show(show: Show) -> dict[str, Any]:
    """Return the fields of a show that would be mended, with their new values."""
    fields: dict[str, Any] = {name: _line(getattr(show, name)) for name in ("title", "author", "copyright")}
    fields |= {"description": _text(show.description), "persons": tuple(map(_person, show.persons))}
    return {name: value for name, value in fields.items() if value != getattr(show, name)}


def fixed_episode(episode: Episode) -> dict[str, Any]:
    """Return the fields of an episode that would be mended, with their new values."""
    chapters = sorted(map(_chapter, episode.chapters), key=lambda chapter: chapter.start)
    fields: dict[str, Any] = {
        "title": _line(episode.title),
        "notes": _text(episode.notes),
        "persons": tuple(map(_person, episode.persons)),
        "chapters": tuple(chapters),
    }
    return {name: value for name, value in fields.items() if value != getattr(episode, name)}


def _chapter(chapter: Chapter) -> Chapter:
    return replace(chapter, title=_line(chapter.title))


def _person(person: Person) -> Person:
    return replace(person, name=_line(person.name))


def _line(text: str) -> str:
    """Clean a text of one line; one that nothing would be left of stays."""
    return clean(text, limit=_WHOLE) or text


def _text(text: str) -> str:
    return clean(text, limit=_WHOLE, lines=True)
