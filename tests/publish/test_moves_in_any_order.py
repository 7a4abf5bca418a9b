"""Whatever is renamed in whatever order: each address that ever was public leads, in one step, to what it was the address of."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event

from podcast.catalogue import open_catalogue
from podcast.errors import Conflict
from podcast.formats.moved import feed_target, target
from podcast.ingest.staging import Staging
from podcast.model import Status
from podcast.publish.apply import apply
from podcast.publish.moved import rename_show
from podcast.publish.press import Press, prepare
from podcast.publish.verify import verify
from podcast.site import Site
from tests.make import make_show

from .conftest import NOW, House, Watched

pytestmark = pytest.mark.thorough

BASE = "https://pod.example/"
EPISODES = ("one", "two")
SLUGS = st.sampled_from(["one", "two", "three"])
SHOWS = st.sampled_from(["majlis", "sozduk", "talk"])


class Moving(RuleBasedStateMachine):
    template: Path

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.catalogue = open_catalogue(f"sqlite:///{shutil.copy(self.template, self.folder / 'c.db')}")
        # No power is cut here, and waiting for the disk is most of what a step costs.
        self.catalogue.close()
        event.listen(self.catalogue._engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        storage = Watched()
        press = Press(catalogue=self.catalogue, storage=storage, staging=Staging(self.folder / "staging"), site=Site(BASE))
        self.house = House(press=press, storage=storage)
        self.catalogue.add_show(make_show())
        self.guids = {slug: self.house.add(slug).guid for slug in EPISODES}
        self.now = NOW
        #: What each path was the public address of: a guid, or the show.
        self.public: dict[str, str] = {}
        self.publish()

    @property
    def show(self) -> str:
        return self.catalogue.shows()[0].slug

    @rule(one=st.sampled_from(EPISODES), slug=SLUGS)
    def rename(self, one: str, slug: str) -> None:
        episode = self.catalogue.by_guid(self.guids[one])
        assert episode
        try:
            self.catalogue.change_episode(self.show, episode.slug, self.now, slug=slug)
        except Conflict:
            # Whoever may not have it, somebody else has, or had.
            assert self.public.get(f"{self.show}/{slug}", "") != episode.guid

    @rule(slug=SHOWS)
    def rename_show(self, slug: str) -> None:
        rename_show(self.house.press, self.show, slug, clock=lambda: self.now)

    @rule(one=st.sampled_from(EPISODES))
    def withdraw(self, one: str) -> None:
        self.publish(withdraw=one)

    @rule()
    def publish(self, withdraw: str = "") -> None:
        self.now += timedelta(hours=1)
        episodes = {one: self.catalogue.by_guid(guid) for one, guid in self.guids.items()}
        leaving = [each for one, each in episodes.items() if each and one == withdraw and each.status is Status.PUBLISHED]
        chosen = [each for one, each in episodes.items() if each and one != withdraw]
        plan = prepare(self.house.press, self.catalogue.show(self.show), now=self.now, chosen=chosen, withdraw=leaving)
        assert not apply(plan, self.house.press, clock=lambda: self.now).failed
        self.public[self.show] = "show"
        self.public |= {f"{each.show}/{each.slug}": each.guid for each in episodes.values() if each and each.slug}
        self.look()

    def look(self) -> None:
        content = self.house.storage.content()
        assert [] == list(verify(self.house.press, self.catalogue.show(self.show), chosen=lambda _: True))
        for path, what in self.public.items():
            episode = self.catalogue.by_guid(what)
            key = f"{episode.show}/{episode.slug}/index.html" if episode else f"{self.show}/index.html"
            own = f"{path}/index.html"
            if episode and episode.status is not Status.PUBLISHED:
                assert own not in content
                continue
            assert (None if own == key else BASE + key) == target(content[own])
            if not episode:
                feed = f"{self.show}/feed.xml"
                assert (None if path == self.show else BASE + feed) == feed_target(content[f"{path}/feed.xml"])

    @invariant()
    def nothing_leads_nowhere(self) -> None:
        content = self.house.storage.content() if hasattr(self, "house") else {}
        for key, body in content.items():
            to = (target(body) or feed_target(body) or "").removeprefix(BASE)
            assert not to or (to in content and to != key), key

    def teardown(self) -> None:
        if hasattr(self, "catalogue"):
            self.catalogue.close()
            shutil.rmtree(self.folder)


@pytest.mark.filterwarnings("default::hypothesis.errors.NonInteractiveExampleWarning")
def test_each_address_leads_to_what_it_was_of(tmp_path: Path) -> None:
    Moving.template = tmp_path / "catalogue.db"
    open_catalogue(f"sqlite:///{Moving.template}", create=True).close()
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Moving, settings=settings(max_examples=4, stateful_step_count=5, deadline=None, suppress_health_check=checks, database=None)
    )
