"""What was measured on the sound of files, by their bytes, in both databases."""

from dataclasses import replace
from datetime import timedelta

from podcast.catalogue import Catalogue
from podcast.model import Measured, Status
from tests.catalogue.conftest import RunSql
from tests.make import MOMENT, make_episode

FOUND = Measured(
    version=2,
    seconds=1.5,
    integrated_lufs=None,
    range_lu=0.0,
    true_peak_dbtp=-1.25,
    channels=(-20.0, -21.5),
    gaps=((1.0, 3.5),),
    peaks=bytes(range(256)),
)


def test_what_was_measured_comes_back_until_it_is_measured_anew(catalogue: Catalogue) -> None:
    assert catalogue.measured("ab" * 32) is None
    for found in (FOUND, replace(FOUND, version=3, clips=7)):
        catalogue.keep_measured("ab" * 32, found)
        assert found == catalogue.measured("ab" * 32)


def test_an_older_version_counts_for_nothing(catalogue: Catalogue) -> None:
    catalogue.keep_measured("a", FOUND)
    assert {"b"} == catalogue.unmeasured(["a", "b"], 2)
    assert {"a", "b"} == catalogue.unmeasured(["a", "b"], 3)
    assert set() == catalogue.unmeasured([], 3)


def test_a_damaged_row_is_as_none(catalogue: Catalogue, sql: RunSql) -> None:
    catalogue.keep_measured("a", FOUND)
    sql("UPDATE measured SET facts = '{'")
    assert catalogue.measured("a") is None


def test_the_pages_of_a_public_episode_are_written_again_for_its_waveform(catalogue: Catalogue) -> None:
    episode = catalogue.add_episode(make_episode(status=Status.DRAFT))
    token = catalogue.acquire("publish/majlis", "me", now=MOMENT, ttl=timedelta(days=1))
    revision = catalogue.release("majlis", [episode.slug], token=token, now=MOMENT)
    state = catalogue.episode("majlis", episode.slug).changed
    catalogue.finish(
        "majlis", revision, token=token, now=MOMENT, fingerprint="", edited=catalogue.standing("majlis").edited, clean={episode.slug: state}
    )
    assert [] == catalogue.dirty("majlis")
    catalogue.keep_measured(episode.audio.sha256, FOUND)
    assert [episode.slug] == [one.slug for one in catalogue.dirty("majlis")]
    assert state == catalogue.episode("majlis", episode.slug).changed


def test_what_no_episode_has_is_forgotten(catalogue: Catalogue) -> None:
    used = catalogue.add_episode(make_episode()).audio.sha256
    for sha256 in (used, "gone"):
        catalogue.keep_measured(sha256, FOUND)
    catalogue.drop_measured()
    assert {"gone"} == catalogue.unmeasured([used, "gone"], 2)
