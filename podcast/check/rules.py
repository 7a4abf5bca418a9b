"""What a rule and a finding are, and how rules stand in tables: the row, and beside it the function that looks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

from podcast.formats.text import clean

#: Characters of a message.
_LONGEST: Final = 400

T = TypeVar("T")


class Level(StrEnum):
    """How much it matters: an ``error`` breaks apps or is refused, a ``warning`` loses listeners, a ``notice`` is advice."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that something breaks. ``where`` names the thing, ``message`` says what is wrong with it."""

    rule: str
    level: Level
    where: str
    message: str
    #: Who asks for it.
    source: str
    #: What to do.
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[T]):
    """A row. ``text`` says what must hold; ``check`` yields a message for each fault that it sees."""

    id: str
    level: Level
    about: str
    text: str
    source: str
    remedy: str
    check: Callable[[T], Iterable[str]]


class Table(Generic[T]):
    """The rules about one kind of thing, in the order in which they are told."""

    def __init__(self, about: str) -> None:
        self.about = about
        self.rules: list[Rule[T]] = []

    def rule(
        self, id_: str, level: Level, text: str, *, source: str, remedy: str
    ) -> Callable[[Callable[[T], Iterable[str]]], Callable[[T], Iterable[str]]]:
        """Put the decorated function into the table, as the check of a new row."""

        def add(check: Callable[[T], Iterable[str]]) -> Callable[[T], Iterable[str]]:
            self.rules.append(Rule(id=id_, level=level, about=self.about, text=text, source=source, remedy=remedy, check=check))
            return check

        return add

    def run(self, thing: T, where: str) -> Iterator[Finding]:
        """Yield what is wrong with a thing."""
        for rule in self.rules:
            yield from run_rule(rule, thing, where)


def run_rule(rule: Rule[T], thing: T, where: str) -> Iterator[Finding]:
    """Yield what one rule finds. Foreign text may stand in ``where`` and in messages: here it becomes one short line."""
    for message in rule.check(thing):
        yield Finding(
            rule=rule.id,
            level=rule.level,
            where=clean(where, limit=_LONGEST),
            message=clean(message, limit=_LONGEST),
            source=rule.source,
            hint=rule.remedy,
        )
