"""Finding episodes by what a person types: a name, a number, some words."""

import re
from typing import Any, Final
from unicodedata import normalize

from sqlalchemy import ColumnElement, Select, and_, select, text

from podcast.errors import NotFound, UsageError
from podcast.model import Episode

from .codec import read_episode
from .episodes import Episodes, missing
from .listing import begins, within
from .tables import IS_PUBLISHED, NEWEST, episodes, moved

_NUMBER: Final = re.compile(r"(?:s(?P<season>[0-9]{1,9})e)?(?P<number>[0-9]{1,9})", re.IGNORECASE)
_CANDIDATES: Final = 5

_WORD: Final = re.compile(r"[^\W_]+")
#: Nobody types more words than this, and a machine that does shall not keep us busy.
_WORDS: Final = 32
_LONGEST: Final = 200
#: Rank so many of the newest hits: a word that stands in every episode would cost a pass over all of them.
_RANKED: Final = 2000

# Both rank a word in the title ten times as high as one in the notes.
_SQLITE: Final = text(
    "SELECT hits.id AS id FROM (SELECT search.rowid AS id, bm25(search, 10.0, 1.0) AS rank FROM search"
    " CROSS JOIN episodes ON episodes.id = search.rowid"
    " WHERE search MATCH :words AND (:show IS NULL OR episodes.show = :show)"
    " ORDER BY search.rowid DESC LIMIT :ranked) AS hits ORDER BY hits.rank, hits.id DESC LIMIT :limit"
)
_POSTGRES: Final = text(
    "WITH query AS (SELECT to_tsquery('simple', replace(trim(folded(:words)), ' ', ' & ') || ':*') AS query),"
    " hits AS (SELECT id, words FROM episodes, query"
    " WHERE words @@ query AND (CAST(:show AS text) IS NULL OR show = :show) ORDER BY id DESC LIMIT :ranked)"
    " SELECT id FROM hits, query ORDER BY ts_rank('{0, 0, 0.1, 1}', words, query) DESC, id DESC LIMIT :limit"
)


class Finding(Episodes):
    """What a person may call an episode."""

    def find(self, ref: str, *, show: str | None = None) -> Episode:
        """Return the one episode that ``ref`` means; NotFound where none or several do, with names in the hint.

        ``ref`` is a slug, a number (``12``, ``s2e5``), ``latest`` (the newest that is published), the beginning of a
        slug, or any of these after ``SHOW/``. What fits earlier in this list wins; a slug that was given up as its
        episode was renamed comes before beginnings, so that a habit never means another episode.
        """
        if "/" in ref:
            given, _, ref = ref.partition("/")
            if show not in {None, given}:
                raise UsageError(f"The show is {show} and {given} at once.", hint="Leave one of them out.")
            show = given
        with self._read() as connection:
            if show is not None:
                self.show(show)
            if ref == "latest":
                return self._latest(show)
            for query in _readings(ref, show):
                found = [read_episode(row) for row in connection.execute(query)]
                if found:
                    return _only(ref, found)
            raise missing(connection, ref, show)

    def search(self, query: str, *, show: str | None = None, limit: int = 20) -> list[Episode]:
        """Return the episodes with all the words in title or notes, the best first; the last word may be a beginning.

        Any text is a query; what is neither letter nor digit only separates words. Among very many hits the newest are ranked.
        """
        words = _WORD.findall(normalize("NFC", query))[:_WORDS]
        if show is not None:
            self.show(show)
        if not words or max(map(len, words)) > _LONGEST:
            return []
        with self._read() as connection:
            sqlite = connection.dialect.name == "sqlite"
            # Quoted, a word is never one of FTS5's own (NEAR, OR, NOT).
            told = " ".join(f'"{word}"' for word in words) + "*" if sqlite else " ".join(words)
            values = {"words": told, "show": show, "ranked": _RANKED, "limit": limit}
            ids = list(connection.scalars(_SQLITE if sqlite else _POSTGRES, values))
            rows = {row.id: read_episode(row) for row in connection.execute(select(episodes).where(episodes.c.id.in_(ids)))}
        return [rows[id_] for id_ in ids]

    def _latest(self, show: str | None) -> Episode:
        found = self._one(select(episodes).where(*within(show, None), IS_PUBLISHED).order_by(*NEWEST).limit(1))
        if found is None:
            raise NotFound("Nothing is published yet, so there is no latest episode.", hint="Publish one: podcast publish EP.")
        return found


def _readings(ref: str, show: str | None) -> list[Select[Any]]:
    """Return the queries to try in turn, each in the order of the index that answers it."""
    chosen = select(episodes).where(*within(show, None)).limit(_CANDIDATES + 1)
    by_slug, slug = chosen.order_by(episodes.c.slug, episodes.c.show), episodes.c.slug
    queries = [by_slug.where(slug == ref)]
    number = _NUMBER.fullmatch(ref)
    if number:
        queries.append(chosen.where(_numbered(number)).order_by(episodes.c.season, episodes.c.show, episodes.c.id))
    former = select(moved.c.episode).where(moved.c.leads == "place", moved.c.path.endswith(f"/{ref}", autoescape=True))
    queries.append(chosen.where(episodes.c.id.in_(former)))
    if ref:
        # A number is the beginning as a whole word only: who means episode 1 does not mean the episode "1984".
        queries.append(by_slug.where(begins(slug, f"{ref}-" if number else ref)))
    return queries


def _numbered(match: re.Match[str]) -> ColumnElement[bool]:
    numbered = episodes.c.number == int(match["number"])
    return numbered if match["season"] is None else and_(numbered, episodes.c.season == int(match["season"]))


def _only(ref: str, found: list[Episode]) -> Episode:
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{episode.show}/{episode.slug}" for episode in found[:_CANDIDATES])
    more = " …" if len(found) > _CANDIDATES else ""
    raise NotFound(f"{ref!r} may be several episodes.", hint=f"Say which: {names}{more}.")
