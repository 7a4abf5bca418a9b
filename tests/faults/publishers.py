"""Several processes that publish on one show. As a program: one of them.

HOUSE NAME publish COUNT [MUTANT]   adds and publishes so many episodes, and says of each when it is public
HOUSE NAME freeze WORD              publishes one, and stops itself before it stores a key that holds the word
HOUSE NAME rename COUNT [MUTANT]    publishes one episode, then changes its title so many times and publishes that
"""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from podcast.catalogue import open_catalogue
from podcast.errors import CatalogueBusy, Conflict, PodcastError
from podcast.ingest.staging import Staging
from podcast.model import Status
from podcast.publish.apply import apply
from podcast.publish.press import Press, prepare
from podcast.site import Site
from podcast.storage import Progress, Storage, StoredObject, Upload, open_storage
from tests.make import make_episode, make_show

from .mutants import MUTANTS

BASE = "https://pod.example/"


@dataclass(frozen=True, kw_only=True)
class House:
    """Where the publishers work: the catalogue's URL, a folder with staging in it, and the storage as a project names it."""

    url: str
    folder: str
    storage: str = "public"
    endpoint: str | None = None

    def make(self) -> Press:
        """Make a catalogue with a show in it, and open all."""
        with open_catalogue(self.url, create=True) as catalogue:
            catalogue.add_show(make_show())
        return self.open()

    def open(self) -> Press:
        folder = Path(self.folder)
        storage = open_storage(self.storage, root=folder, endpoint=self.endpoint)
        return Press(catalogue=open_catalogue(self.url), storage=storage, staging=Staging(folder / "staging"), site=Site(BASE))


def start(house: House, name: str, *words: str | int) -> subprocess.Popen[str]:
    """Start a publisher."""
    command = [sys.executable, "-m", "tests.faults.publishers", json.dumps(asdict(house)), name, *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def add(press: Press, slug: str) -> None:
    """Add a draft with audio of its own."""
    staged = press.staging.store(f"audio of {slug}".encode())
    audio = replace(make_episode().audio, sha256=staged.sha256, md5=staged.md5, length=staged.length)
    guid = str(uuid.uuid4())
    press.catalogue.add_episode(make_episode(slug, guid=guid, status=Status.DRAFT, published=None, title=slug, audio=audio))


def publish(press: Press, slug: str) -> None:
    """Publish an episode, and whatever else there is to publish, as soon as nobody else does."""
    while True:
        try:
            plan = prepare(press, press.catalogue.show("majlis"), now=_now(), chosen=[press.catalogue.episode("majlis", slug)])
            failed = apply(plan, press, clock=_now).failed
        except (CatalogueBusy, Conflict):
            time.sleep(0.05)
            continue
        # Somebody else brought it out along with their own, or we did.
        if not failed or all(isinstance(error, Conflict) for _, error in failed):
            return
        raise failed[0][1]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _now() -> datetime:
    return datetime.now(UTC)


def _freezing(storage: Storage, word: str) -> Storage:
    """Let a storage stop its process, once, before a certain file is stored."""
    put, words = storage.put, [word]

    def put_later(upload: Upload, progress: Progress | None = None) -> StoredObject:
        if words and word in upload.key:
            words.clear()
            os.kill(os.getpid(), signal.SIGSTOP)
        return put(upload, progress)

    storage.put = put_later  # type: ignore[method-assign]
    return storage


def main() -> None:
    """Do what the words say."""
    told, name, task, what, *mutants = sys.argv[1:]
    house = House(**json.loads(told))
    for mutant in mutants:
        MUTANTS[mutant]()
    press = house.open()
    if task == "freeze":
        _freeze(replace(press, storage=_freezing(press.storage, what)), name)
    elif task == "rename":
        add(press, name)
        for number in range(int(what)):
            press.catalogue.change_episode("majlis", name, _now(), title=f"Title {number}")
            publish(press, name)
    else:
        for number in range(int(what)):
            slug = f"{name}-{number}"
            add(press, slug)
            publish(press, slug)
            feed = b"".join(press.storage.read("majlis/feed.xml")).decode()
            _say(f"{slug} {'is public' if f'<title>{slug}</title>' in feed else 'is NOT public'}")


def _freeze(press: Press, name: str) -> None:
    add(press, name)
    plan = prepare(press, press.catalogue.show("majlis"), now=_now(), chosen=[press.catalogue.episode("majlis", name)])
    try:
        apply(plan, press, clock=_now)
        _say("done")
    except PodcastError as error:
        _say(type(error).__name__)


if __name__ == "__main__":
    main()
