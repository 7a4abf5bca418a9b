"""What a publish waits for, and what is said while storage cannot be asked or an episode is late."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from podcast.catalogue import Catalogue, open_catalogue
from podcast.cli.desk import Desk
from podcast.cli.serving import _publisher
from podcast.model import Status
from podcast.storage import Progress, StoredObject, Upload
from podcast.storage.local import LocalStorage

from .conftest import Podcast

pytestmark = pytest.mark.thorough


def now() -> datetime:
    """Return the time, which for the command that waits is that of the clock."""
    return datetime.now(UTC)


@pytest.fixture
def catalogue(podcast: Podcast, speech: Path, project: Path) -> Iterator[Catalogue]:
    podcast("add", speech, "--slug", "welcome")
    with open_catalogue(f"sqlite:///{project}/.podcast/catalogue.db") as catalogue:
        yield catalogue


def test_a_publish_waits_for_another_one_and_says_so_once(podcast: Podcast, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    token = catalogue.acquire("publish/majlis", "somebody", now=now(), ttl=timedelta(minutes=5))
    pauses = list[float]()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            catalogue.release_lease("publish/majlis", token)
            # It published the same episode.
            _publisher(Desk())()

    catalogue.change_episode("majlis", "welcome", now(), status=Status.SCHEDULED, published=now())
    monkeypatch.setattr("podcast.cli.publishing.sleep", pause)
    ran = podcast("publish", "welcome", "--yes")
    assert 2 == len(pauses)
    assert 1 == ran.err.count("Somebody else has publish/majlis in hand: somebody")
    assert "welcome was published by somebody else meanwhile: http" in ran.out


def test_who_publishes_for_long_is_not_waited_for(podcast: Podcast, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue.acquire("publish/majlis", "somebody", now=now(), ttl=timedelta(minutes=5))
    monkeypatch.setattr("podcast.catalogue.database.PATIENCE", 0.1)
    assert "Error: Somebody else has publish/majlis in hand" in podcast("publish", "welcome", "--yes", code=5).err
    assert Status.DRAFT is catalogue.episode("majlis", "welcome").status


def test_an_interrupted_publish_says_how_to_go_on_and_holds_nobody_up(
    podcast: Podcast, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = LocalStorage.put

    def interrupt(storage: LocalStorage, upload: Upload, progress: Progress | None = None) -> StoredObject:
        if upload.key == "majlis/feed.xml":
            raise KeyboardInterrupt
        return put(storage, upload, progress)

    with monkeypatch.context() as patch:
        patch.setattr(LocalStorage, "put", interrupt)
        ran = podcast("publish", "welcome", "--yes", code=130)
    assert ("", "Interrupted. Run the same command again to go on.") == (ran.out, ran.err.strip())
    assert "interrupted: revision 1 was begun and is not public yet" in podcast("status").out
    monkeypatch.setattr("podcast.cli.publishing.sleep", pytest.fail)
    assert "Feed of Majlis, revision 2: " in podcast("publish", "welcome", "--yes").out
    podcast("verify")


@pytest.mark.usefixtures("no_pauses")
def test_status_tells_what_the_catalogue_knows_while_storage_cannot_be_reached(
    podcast: Podcast, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    podcast("publish", "welcome", "--yes")
    assert "" == podcast("status", "--json").json["shows"][0]["storage"]
    for name, value in {"URL": "s3://bucket", "ENDPOINT": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(f"PODCAST_STORAGE_{name}", value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "geheim-geheim")
    ran = podcast("status")
    assert "majlis: 1 published\n  feed: revision 1, " in ran.out
    assert "Warning: what storage holds is not known: Cannot look at majlis/feed.xml: 127.0.0.1:9 cannot be reached." in ran.err
    assert "Listeners get" not in ran.out
    assert "cannot be reached" in podcast("status", "--json").json["shows"][0]["storage"]


@pytest.mark.parametrize(("minutes", "late"), [(6, True), (1, False)])
def test_what_a_daemon_that_was_down_publishes_late_is_said_to_be_late(
    podcast: Podcast, catalogue: Catalogue, capsys: pytest.CaptureFixture[str], minutes: int, late: bool
) -> None:
    due = now() - timedelta(minutes=minutes)
    catalogue.change_episode("majlis", "welcome", now(), status=Status.SCHEDULED, published=due)
    _publisher(Desk())()
    said = capsys.readouterr().err
    assert "Published majlis/welcome" in said
    assert late == bool(re.search(r"Published majlis/welcome, 0:06:0\d\S* late", said))
    assert due == catalogue.episode("majlis", "welcome").published
