"""The addresses that lead elsewhere: where a show or an episode stood before, and what an earlier host gave out."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, delete, or_, select, text, update
from sqlalchemy import insert as plain_insert

from podcast.errors import Conflict, NotFound, UsageError
from podcast.model import Show
from podcast.site import media_key

from .codec import episode_values, read_episode
from .finding import Finding
from .inserting import insert
from .listing import at, begins
from .moved import leave
from .publishing import Publishing, promise
from .records import Moved
from .shows import after, check_slug, find_show
from .tables import episodes, manifest, moved, notifications, outbox, packs, shows

#: Names that every storage takes; a dot in the last one only, so that no page becomes the folder of another.
_PATH: Final = re.compile(r"(?:[A-Za-z0-9_-]{1,200}/){0,8}[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}")
#: What the server and the player have for themselves.
_RESERVED: Final = frozenset(
    {"a", "api", "assets", "healthz", "index.html", "metrics", "oembed", "openapi.json", "podcasts.opml", "readyz", "sitemap.xml"}
)
#: What a show has of its own, beside the folders of its episodes.
_OF_SHOW: Final = re.compile(
    r"(?:media|art|embed)(?:/.*)?|(?:index|episodes-\d+)\.html|(?:latest|episodes|oembed|podlove-config|podlove-playlist)\.json"
    r"|(?:feed(?:-[a-z0-9-]+)?|sitemap(?:-\d+)?)\.xml"
)

_FORMER: Final = (
    select(moved.c.path).where(moved.c.show == bindparam("of"), moved.c.episode.is_(None), moved.c.leads == "place").order_by(moved.c.path)
)
_MOVED: Final = (
    select(moved.c.path, moved.c.show, episodes.c.slug, moved.c.leads)
    .select_from(moved.outerjoin(episodes, episodes.c.id == moved.c.episode))
    .order_by(moved.c.path)
)
_MOVED_OF: Final = _MOVED.where(moved.c.show == bindparam("of"))


class Redirects(Finding, Publishing):
    """What a catalogue knows of addresses that lead elsewhere."""

    def moved(self, show: str | None = None) -> list[Moved]:
        """Return the addresses that lead to a show and its episodes, or all, by path."""
        with self._read() as connection:
            rows = connection.execute(_MOVED) if show is None else connection.execute(_MOVED_OF, {"of": show})
            return [Moved(*row) for row in rows]

    def target(self, given: str, *, show: str | None = None) -> tuple[str, str | None, str]:
        """Return show, slug and ``leads`` of what a person names: SHOW for its page, SHOW/feed.xml, or an episode as ``find`` takes it."""
        name = given.removesuffix("/feed.xml")
        if name in {one.slug for one in self.shows()}:
            return name, None, "page" if name == given else "feed"
        episode = self.find(given, show=show)
        return episode.show, episode.slug, "page"

    def add_redirect(self, path: str, show: str, slug: str | None, leads: str, now: datetime) -> Moved:
        """Let an address of another host lead to the ``page`` of a show or an episode, or to the ``feed`` of a show.

        UsageError for what is no path, Conflict where we have something there ourselves.
        """
        path = read_path(path)
        with self._write() as connection:
            find_show(connection, show, lock=True)
            _refuse_own(connection, path)
            number = None
            if slug is not None:
                self._episode(connection, show, slug, lock=True)
                number = connection.scalar(select(episodes.c.id).where(at(show, slug)))
            statement = insert(connection, moved).values(path=path, show=show, episode=number, leads=leads)
            new = {name: statement.excluded[name] for name in ("show", "episode", "leads")}
            connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=new))
            self._publish_again(connection, show, slug, now)
        return Moved(path, show, slug, leads)

    def remove_redirect(self, path: str, now: datetime) -> Moved:
        """Let an address lead nowhere from the next publish on; from then on it may be given to an episode. NotFound."""
        path = read_path(path)
        with self._write() as connection:
            found = next((one for one in self.moved() if one.path == path and one.leads != "nothing"), None)
            if found is None:
                raise NotFound(f"Nothing leads on from /{path}.", hint="`podcast redirect list` shows what does.")
            connection.execute(update(moved).where(moved.c.path == path).values(episode=None, leads="nothing"))
            if not self._publish_again(connection, found.show, None, now):
                self.forget_redirects([path])
        return found

    def former_slugs(self, show: str) -> list[str]:
        """Return the slugs that a show had before, in their order."""
        with self._read() as connection:
            return list(connection.scalars(_FORMER, {"of": show}))

    def rename_show(self, slug: str, new: str, now: datetime) -> Show:
        """Give a show another slug; what was public leads on from its old addresses, and audio stays where it is.

        Conflict where an address under the new one is taken. The caller holds the lease of the show.
        """
        check_slug(new)
        with self._write() as connection:
            old = find_show(connection, slug, lock=True)
            if new == slug:
                return old
            self._refuse_taken(connection, slug, new)
            connection.execute(text("PRAGMA defer_foreign_keys = ON" if self._sqlite else "SET CONSTRAINTS ALL DEFERRED"))
            if connection.scalar(select(shows.c.revision).where(shows.c.slug == slug)):
                leave(connection, slug, slug)
            self._move_episodes(connection, slug, new)
            moment = after(now, old.changed)
            connection.execute(update(shows).where(shows.c.slug == slug).values(slug=new, changed=moment, edited=moment))
            for table in (outbox, packs, notifications, manifest):
                connection.execute(update(table).where(table.c.show == slug).values(show=new))
            for twin in self.shows():
                if slug in twin.twins:
                    self.change_show(twin.slug, now, twins=tuple(sorted({*twin.twins, new} - {slug})))
            return self.show(new)

    def _refuse_taken(self, connection: Connection, slug: str, new: str) -> None:
        """Raise Conflict where another show has a slug, or something that is not of this one leads on from an address under it."""
        others = moved.c.show != slug, or_(moved.c.path == new, begins(moved.c.path, f"{new}/"))
        if connection.scalar(select(shows.c.slug).where(shows.c.slug == new)):
            raise Conflict(f"There is a show {new} already.", hint="Give it another slug.")
        taken = connection.scalar(select(moved.c.path).where(*others).limit(1))
        if taken:
            raise Conflict(
                f"/{taken} leads elsewhere.", hint=f"Take another slug, or give the address up: podcast redirect remove {taken}."
            )

    def _move_episodes(self, connection: Connection, slug: str, new: str) -> None:
        rows = connection.execute(select(episodes).where(episodes.c.show == slug)).all()
        places = [{"path": f"{slug}/{row.slug}", "show": slug, "episode": row.id, "leads": "place"} for row in rows if row.released]
        old = [(row.id, read_episode(row)) for row in rows if row.released]
        kept = [{"one": number, "new_more": episode_values(replace(one, media=media_key(one)))["more"]} for number, one in old]
        connection.execute(delete(moved).where(moved.c.path == new))
        if rows:
            connection.execute(delete(moved).where(moved.c.path == bindparam("own")), [{"own": f"{new}/{row.slug}"} for row in rows])
        if places:
            connection.execute(plain_insert(moved), places)
            connection.execute(update(episodes).where(episodes.c.id == bindparam("one")).values(more=bindparam("new_more")), kept)
        connection.execute(update(episodes).where(episodes.c.show == slug).values(show=new))

    def forget_redirects(self, paths: Iterable[str]) -> None:
        """Forget addresses that were given up, once their pages are removed."""
        with self._write() as connection:
            for path in paths:
                connection.execute(delete(moved).where(moved.c.path == path, moved.c.leads == "nothing"))

    def _publish_again(self, connection: Connection, show: str, slug: str | None, now: datetime) -> bool:
        """Have the next publish write the pages of a show, or of an episode; False where listeners have none of it yet."""
        if slug is not None:
            dirty = update(episodes).where(at(show, slug), episodes.c.status == "published").values(dirty=True)
            return bool(connection.execute(dirty).rowcount)
        public = bool(connection.scalar(select(shows.c.revision).where(shows.c.slug == show)))
        if public:
            promise(connection, show, now)
        return public


def read_path(given: str) -> str:
    """Return a path as it is kept, without slashes around it; UsageError for what cannot lead on."""
    path = given.strip().removeprefix("/").removesuffix("/index.html").removesuffix("/")
    if not _PATH.fullmatch(path) or path.partition("/")[0] in _RESERVED:
        raise UsageError(
            f"{given!r} cannot lead elsewhere.",
            hint="Give a path of this site, of letters, digits, - and _, without ? and %: /feed/podcast or /shows/majlis.html.",
        )
    return path


def _refuse_own(connection: Connection, path: str) -> None:
    """Raise Conflict for an address at which we have something ourselves, or had."""
    first, _, rest = path.partition("/")
    second = f"{first}/{rest.partition('/')[0]}"
    places = select(moved.c.path).where(moved.c.path.in_([first, second]), moved.c.leads == "place")
    stood = set(connection.scalars(places))
    ours = first in stood or connection.scalar(select(shows.c.slug).where(shows.c.slug == first))
    there = connection.scalar(select(episodes.c.slug).where(at(first, rest.partition("/")[0])))
    if second in stood or there or (ours and (not rest or _OF_SHOW.fullmatch(rest))):
        raise Conflict(f"/{path} is an address of this site itself.", hint="`podcast redirect list` shows what leads where.")
