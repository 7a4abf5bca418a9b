"""A catalogue of the first version, with everything in it, goes on where it stood: nothing is uploaded anew, the feed is written."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, bindparam, create_engine, text

from podcast.catalogue import open_catalogue, schema
from podcast.ingest.staging import Staging
from podcast.model import Status, Transcript
from podcast.publish.leftovers import clear
from podcast.publish.plan import staged_file
from podcast.publish.press import Press
from podcast.site import Site, media_key
from tests.make import make_show

from .conftest import NOW, House, Watched

DATABASES = ["sqlite", pytest.param("postgres", marks=[pytest.mark.server, pytest.mark.xdist_group("postgres")])]
LEASE = "publish/majlis"
DAY = timedelta(days=1)


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'old.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_database")


@pytest.fixture
def upgraded(url: str, tmp_path: Path) -> Iterator[House]:
    """Make a catalogue of the first version with two public episodes and a draft; yield it as this version opens it.

    The transcript of ``second`` is gone from staging.
    """
    steps = shutil.copytree(schema.MIGRATIONS, tmp_path / "steps", ignore=shutil.ignore_patterns("__pycache__", "000[2-9]*"))
    storage, staging, site = Watched(), Staging(tmp_path / "staging"), Site("https://pod.example/")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", steps)
        patched.setattr(schema, "REVISION", "0001")
        with open_catalogue(url, create=True) as catalogue, closing(engine.connect()) as connection:
            # The code of today, which fills it, looks there.
            connection.execute(text("CREATE TABLE moved (path TEXT, show TEXT, episode BIGINT, leads TEXT)"))
            connection.commit()
            house = House(press=Press(catalogue=catalogue, storage=storage, staging=staging, site=site), storage=storage)
            catalogue.add_show(make_show())
            lost = Transcript(sha256="0" * 64, md5="0" * 32, length=9, language="en")
            made = [house.add("first"), house.add("second", transcripts=(lost,))]
            house.add("draft")
            token = catalogue.acquire(LEASE, "old", now=NOW, ttl=DAY)
            revision = catalogue.release("majlis", ["first", "second"], token=token, now=NOW)
            states = {one.slug: catalogue.episode("majlis", one.slug).changed for one in made}
            edited = catalogue.standing("majlis").edited
            catalogue.finish("majlis", revision, token=token, now=NOW, fingerprint="old", edited=edited, clean=states)
            catalogue.release_lease(LEASE, token)
    with closing(engine.connect()) as connection, connection.begin():
        connection.execute(text("DROP TABLE moved"))
        for episode in made:
            file = staged_file(media_key(episode), episode.audio, staging.path(episode.audio.sha256))
            storage.put(file)
            row = {"key": file.key, "sha256": file.sha256, "length": file.length, "type": file.type}
            connection.execute(text("INSERT INTO manifest VALUES (:key, 'majlis', :sha256, :length, :type)"), row)
            item = f"<item><title>Old {episode.slug}</title></item>".encode()
            insert = text("INSERT INTO items SELECT id, 'old', :xml FROM episodes WHERE slug = :slug")
            connection.execute(insert.bindparams(bindparam("xml", type_=LargeBinary)), {"xml": item, "slug": episode.slug})
    engine.dispose()
    storage.written.clear()
    with open_catalogue(url) as catalogue:
        yield House(press=replace(house.press, catalogue=catalogue), storage=storage)


def test_what_was_public_stays_public_and_no_audio_goes_up_again(upgraded: House) -> None:
    slugs = {episode.slug: episode.status for episode in upgraded.catalogue.episodes(show="majlis").episodes}
    assert {"first": Status.PUBLISHED, "second": Status.PUBLISHED, "draft": Status.DRAFT} == slugs
    upgraded.publish("draft", now=NOW + DAY)
    draft = media_key(upgraded.catalogue.episode("majlis", "draft"))
    assert [draft] == [key for key in upgraded.storage.written if "/media/" in key]
    assert 3 == upgraded.feed().count("<item>")
    upgraded.catalogue.change_episode("majlis", "first", NOW + 2 * DAY, title="Edited")
    upgraded.publish(now=NOW + 2 * DAY)
    assert "Edited" in upgraded.feed()
    shows = upgraded.catalogue.shows()
    assert () == clear(upgraded.press, shows, clock=lambda: NOW + 3 * DAY).gone
    assert () == clear(upgraded.press, shows, clock=lambda: NOW + 90 * DAY).gone


def test_an_episode_that_cannot_be_rendered_keeps_its_item_of_before(upgraded: House) -> None:
    outcome = upgraded.publish("draft", now=NOW + DAY)
    assert ["second"] == [slug for slug, _ in outcome.failed]
    assert ["draft"] == [episode.slug for episode in outcome.released]
    assert "Old second" in upgraded.feed()
    assert "Old first" not in upgraded.feed()
