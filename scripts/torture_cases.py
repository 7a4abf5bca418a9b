"""The cases of scripts/torture. A share of the time goes to each kind of fault; within it, faults come in a fixed, mixed order."""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import get_args

from tests.databases import database, postgres
from tests.faults.attempts import Attempt, Kind, faults_of, prepare, try_all
from tests.faults.publishers import House
from tests.faults.scenes import COMMANDS
from tests.faults.together import freeze, publish_together, read_while_publishing
from tests.servers import S3Server, rclone, swift

#: Moments between two functions are without number: so many of each command are tried where no time is set.
_FUNCTIONS = 300
_PROCESSES = os.cpu_count() or 2
#: The shares of the time; what is left belongs to publishers.
_SHARES: dict[Kind, float] = {"order": 0.02, "kill": 0.2, "error": 0.15, "deed": 0.15, "function": 0.08, "cut": 0.15}
#: And that of the readers.
_READERS = 0.1
#: Faults between two looks at the clock.
_BATCH = 40


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float)
    minutes = parser.parse_args().minutes
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="podcast-torture-", dir=memory if memory.is_dir() else None) as name:
        folder = Path(name)
        broken = strike(folder / "scenes", minutes)
        broken += meet(folder, minutes)
    print(f"{broken} broken promises")
    sys.exit(1 if broken else 0)


def strike(scenes: Path, minutes: float | None) -> int:
    """Try faults in every scene; return how many broke a promise."""
    scenes.mkdir()
    prepare(scenes)
    broken = 0
    for kind in get_args(Kind):
        if kind == "cut" and os.geteuid():
            print("no power is cut: only root may mount file systems")
            continue
        all_ = _mixed(scenes, kind)
        end = time.monotonic() + minutes * 60 * _SHARES[kind] if minutes else float("inf")
        done, struck, begin = Counter[str](), 0, 0
        while begin < len(all_) and time.monotonic() < end:
            for result in try_all(scenes, all_[begin : begin + _BATCH], processes=_PROCESSES):
                done[result.attempt.scene] += 1
                struck += result.struck
                broken += bool(result.faults)
                if result.faults:
                    print(f"  {result.attempt}: {'; '.join(result.faults)[:1000]}", flush=True)
            begin += _BATCH
        by_scene = ", ".join(f"{name} {number}" for name, number in sorted(done.items()))
        print(f"{kind:<9} {done.total():>6} of {len(all_):>6} tried, {struck:>6} struck: {by_scene}", flush=True)
    return broken


def _mixed(scenes: Path, kind: Kind) -> list[Attempt]:
    found = [fault for scene in COMMANDS for fault in faults_of(scenes, scene, kind)]
    random.Random(1).shuffle(found)
    return found[: _FUNCTIONS * len(COMMANDS)] if kind == "function" else found


def meet(folder: Path, minutes: float | None) -> int:
    """Let publishers and readers meet; return how many promises were broken."""
    faults: list[str] = []
    for where, house in _houses(folder):
        publishers, episodes = (8, 50) if not minutes or minutes >= 60 else (4, 10) if "bucket" not in where else (4, 3)
        faults += (lost := publish_together(house, publishers=publishers, episodes=episodes))
        print(f"{publishers} publishers, {episodes} episodes each, {where}: {len(lost)} faults", flush=True)
    # Swift wants extended attributes, which a file system in memory may lack.
    with tempfile.TemporaryDirectory(prefix="podcast-swift-") as place, swift(Path(place), tls=True) as server:
        for word in ("/media/", "/episode.json", "/feed.xml"):
            for where, house in (("a folder", _in_sqlite(folder)), ("Swift", _in_bucket(_in_sqlite(folder), server))):
                said, lost = freeze(house, word)
                faults += lost + ([] if said == "Conflict" else [f"a frozen publisher says {said}"])
                print(f"a publisher frozen before it stores a {word} in {where}: {said} when it wakes", flush=True)
    readings = read_while_publishing(_in_sqlite(folder), reads=100_000, seconds=60 * minutes * _READERS if minutes else 36_000)
    faults += readings.faults
    print(f"{readings.reads:,} reads of {readings.revisions:,} revisions of a feed: {len(readings.faults)} faults", flush=True)
    for fault in faults:
        print(f"  {fault}")
    return len(faults)


def _houses(folder: Path) -> Iterator[tuple[str, House]]:
    """Yield empty houses: either database, each with either storage. The bucket's server takes no notice of If-Match."""
    place = Path(tempfile.mkdtemp(dir=folder))
    with postgres() as running, rclone(place) as server:
        for storage in ("a folder", "a bucket"):
            for name in ("SQLite", "PostgreSQL"):
                with ExitStack() as stack:
                    house = _in_sqlite(folder)
                    if name == "PostgreSQL":
                        house = replace(house, url=stack.enter_context(database(running)))
                    if storage == "a bucket":
                        house = _in_bucket(house, server)
                    yield f"{name} and {storage}", house


def _in_bucket(house: House, server: S3Server) -> House:
    os.environ.update(server.environment)
    return replace(house, storage=f"s3://{server.make_bucket()}/pod", endpoint=server.endpoint)


def _in_sqlite(folder: Path) -> House:
    place = Path(tempfile.mkdtemp(dir=folder))
    return House(url=f"sqlite:///{place / 'catalogue.db'}", folder=str(place))


if __name__ == "__main__":
    main()
