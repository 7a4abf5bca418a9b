"""Whatever is done in whatever order: guids stay, old addresses lead on, and what listeners see follows from releases alone."""

import shutil
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event

from podcast.catalogue import Catalogue, open_catalogue
from podcast.errors import Conflict, NotFound
from podcast.model import Status
from tests.make import MOMENT, make_episode, make_show

pytestmark = pytest.mark.thorough

SOME = ["a", "b", "a-2", "c"]
SLUGS = st.sampled_from(SOME)
GUIDS = st.sampled_from(["g1", "g2", "g3", "g4", "g5"])


@dataclass
class Known:
    """What the model remembers of an episode."""

    slug: str
    guid: str
    status: Status = Status.DRAFT
    released: bool = False
    dirty: bool = False


class Rules(RuleBasedStateMachine):
    template: Path

    known = Bundle("known")

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.catalogue: Catalogue = open_catalogue(f"sqlite:///{shutil.copy(self.template, self.folder / 'c.db')}")
        # No power is cut here, and waiting for the disk is most of what a step costs.
        self.catalogue.close()
        event.listen(self.catalogue._engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        self.catalogue.add_show(make_show())
        self.token = self.catalogue.acquire("publish/majlis", "here", now=MOMENT, ttl=timedelta(days=1))
        self.episodes: list[Known] = []
        self.used: set[str] = set()
        #: Old slugs of what was public, and those that were given up and still have their pages.
        self.old: dict[str, Known] = {}
        self.given_up: set[str] = set()
        self.revision = 0
        self.finished = 0
        self.moment = MOMENT

    def now(self) -> object:
        self.moment += timedelta(seconds=1)
        return self.moment

    @rule(slug=SLUGS, guid=GUIDS, target=known)
    def add(self, slug: str, guid: str) -> Known | None:
        fits = guid not in self.used and slug not in {*(one.slug for one in self.episodes), *self.old, *self.given_up}
        try:
            self.catalogue.add_episode(make_episode(slug, guid=guid, status=Status.DRAFT, published=None))
        except Conflict:
            assert not fits
            return Known("gone", "gone")
        assert fits
        self.used.add(guid)
        self.episodes.append(Known(slug, guid))
        return self.episodes[-1]

    def here(self, one: Known) -> bool:
        return any(one is other for other in self.episodes)

    @rule(one=known, slug=SLUGS)
    def rename(self, one: Known, slug: str) -> None:
        if not self.here(one) or slug == one.slug:
            return
        free = slug not in {*(other.slug for other in self.episodes), *self.given_up} and self.old.get(slug, one) is one
        fits = free and not (one.status is Status.WITHDRAWN and one.dirty)
        try:
            self.catalogue.change_episode("majlis", one.slug, self.moment, slug=slug)
        except Conflict:
            assert not fits
        else:
            assert fits
            self.old.pop(slug, None)
            if one.released:
                self.old[one.slug] = one
            one.dirty = one.dirty or one.status is Status.PUBLISHED
            one.slug = slug

    @rule(slug=SLUGS)
    def give_up(self, slug: str) -> None:
        try:
            self.catalogue.remove_redirect(f"majlis/{slug}", self.moment)
        except NotFound:
            assert slug not in self.old
        else:
            del self.old[slug]
            self.given_up.add(slug)
            self.revision += 1

    @rule()
    def forget(self) -> None:
        self.catalogue.forget_redirects([f"majlis/{slug}" for slug in SOME])
        self.given_up.clear()

    @rule(one=known)
    def edit(self, one: Known) -> None:
        if self.here(one):
            self.now()
            self.catalogue.change_episode("majlis", one.slug, self.moment, title=str(self.moment))
            one.dirty = one.dirty or one.status is Status.PUBLISHED

    @rule(one=known, status=st.sampled_from(Status))
    def set_status(self, one: Known, status: Status) -> None:
        if not self.here(one) or status is one.status:
            return
        down = one.status is Status.WITHDRAWN and one.dirty
        fits = one.status is not Status.PUBLISHED and not down and status in {Status.DRAFT, Status.SCHEDULED}
        try:
            self.catalogue.change_episode("majlis", one.slug, self.moment, status=status, published=MOMENT)
        except Conflict:
            assert not fits
        else:
            assert fits
            one.status = status

    @rule(one=known)
    def release(self, one: Known) -> None:
        if self.here(one):
            self.revision += 1
            assert self.revision == self.catalogue.release("majlis", [one.slug], token=self.token, now=self.moment)
            one.dirty = one.dirty or one.status is not Status.PUBLISHED
            one.status, one.released = Status.PUBLISHED, True

    @rule(one=known)
    def withdraw(self, one: Known) -> None:
        if not self.here(one):
            return
        fits = one.status in {Status.PUBLISHED, Status.WITHDRAWN}
        try:
            revision = self.catalogue.release("majlis", [], [one.slug], token=self.token, now=self.moment)
        except Conflict:
            assert not fits
        else:
            self.revision += 1
            assert (fits, self.revision) == (True, revision)
            one.dirty = one.dirty or one.status is Status.PUBLISHED
            one.status = Status.WITHDRAWN

    @rule(behind=st.integers(0, 2))
    def finish(self, behind: int) -> None:
        feed = {episode.slug: episode.changed for episode in self.catalogue.feed("majlis")}
        gone = [one.slug for one in self.episodes if one.status is Status.WITHDRAWN]
        done = max(self.revision - behind, 0)
        self.catalogue.finish("majlis", done, token=self.token, now=self.moment, fingerprint="x", edited=MOMENT, clean=feed, gone=gone)
        self.finished = max(self.finished, done)
        for one in self.episodes:
            one.dirty = one.dirty and one.status not in {Status.PUBLISHED, Status.WITHDRAWN}

    @rule(one=consumes(known))
    def remove(self, one: Known) -> None:
        if not self.here(one):
            return
        try:
            self.catalogue.remove_episode("majlis", one.slug)
        except Conflict:
            assert one.status is Status.PUBLISHED or (one.status is Status.WITHDRAWN and one.dirty)
        else:
            assert one.status is not Status.PUBLISHED
            self.episodes.remove(one)
            self.old = {slug: other for slug, other in self.old.items() if other is not one}

    @invariant()
    def the_catalogue_is_as_remembered(self) -> None:
        if not hasattr(self, "catalogue"):
            return
        found = {(episode.slug, episode.guid, episode.status) for episode in self.catalogue.episodes().episodes}
        assert {(one.slug, one.guid, one.status) for one in self.episodes} == found
        published = {one.slug for one in self.episodes if one.status is Status.PUBLISHED}
        assert published == {episode.slug for episode in self.catalogue.feed("majlis")}
        shown = {Status.PUBLISHED, Status.WITHDRAWN}
        assert {one.slug for one in self.episodes if one.dirty and one.status in shown} == {
            episode.slug for episode in self.catalogue.dirty("majlis")
        }
        leads = {one.path.removeprefix("majlis/"): one.slug for one in self.catalogue.moved() if one.leads == "place"}
        assert {slug: one.slug for slug, one in self.old.items()} == leads
        # So each address leads to where something stands, at once, and never in a circle.
        assert leads.keys().isdisjoint(one.slug for one in self.episodes)
        assert list(range(self.finished + 1, self.revision + 1)) == [promise.revision for promise in self.catalogue.pending("majlis")]

    def teardown(self) -> None:
        if hasattr(self, "catalogue"):
            self.catalogue.close()
            shutil.rmtree(self.folder)


@pytest.mark.filterwarnings("default::hypothesis.errors.NonInteractiveExampleWarning")
def test_the_rules_hold_in_any_order(sqlite_template: Path) -> None:
    Rules.template = sqlite_template
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Rules, settings=settings(max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=checks, database=None)
    )
