"""The cases of scripts/bench: seconds of CPU (of wall time where processes start), the best of several rounds, and the ratio."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from podcast.add import add_file, find_files
from podcast.catalogue import Catalogue, open_catalogue
from podcast.ingest.staging import Staging
from podcast.model import Audio, Episode, Show, Status
from podcast.publish.apply import apply
from podcast.publish.press import Press, prepare
from podcast.site import Site
from podcast.storage.local import LocalStorage

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
NOTES = "A paragraph of show notes that says what the episode is about, and names who is in it. " * 35


def main() -> None:
    cases = {"add": add, "publish": publish, "page": page, "start": start}
    for name in sys.argv[1:] or cases:
        with tempfile.TemporaryDirectory(prefix="podcast-bench-") as folder:
            cases[name](Path(folder))


def best(work: Callable[[], object], rounds: int = 3, clock: Callable[[], float] = time.process_time) -> float:
    """Return the seconds of the quickest of some rounds."""
    spans = []
    for _ in range(rounds):
        begin = clock()
        work()
        spans.append(clock() - begin)
    return min(spans)


def tell(what: str, seconds: float, beside: str, other: float) -> None:
    print(f"{what:<58} {seconds * 1000:>10.1f} ms   {seconds / other:>7.2f} x  {beside} ({other * 1000:.1f} ms)", flush=True)


def make_show(catalogue: Catalogue, slug: str = "majlis") -> Show:
    show = Show(slug=slug, guid=str(uuid.uuid4()), title=slug.title(), author="Radio", created=NOW, changed=NOW)
    catalogue.add_show(show)
    return show


def make_episode(show: str, number: int, body: bytes, status: Status = Status.PUBLISHED) -> Episode:
    digest = hashlib.sha256(body).hexdigest()
    audio = Audio(
        sha256=digest,
        md5=hashlib.md5(body, usedforsecurity=False).hexdigest(),
        length=len(body),
        media_type="audio/mpeg",
        duration=2092,
        bitrate=128_000,
        sample_rate=44_100,
        channels=1,
    )
    at = NOW - timedelta(days=1) + timedelta(seconds=number) if status is Status.PUBLISHED else None
    return Episode(
        show=show,
        slug=f"episode-{number}",
        guid=str(uuid.uuid4()),
        title=f"Episode {number}",
        notes=NOTES,
        status=status,
        published=at,
        audio=audio,
        created=NOW,
        changed=NOW,
    )


def add(folder: Path) -> None:
    """Add a folder of 1,000 small files, and look through it once more; beside it, hashing and tags by mutagen alone."""
    import mutagen

    speech = (ROOT / "episodes" / "s01e01-welcome-to-majlis.mp3").read_bytes()
    files = folder / "files"
    files.mkdir()
    for number in range(1000):
        # A tail of its own makes each file another one; it stands where ID3v1 would.
        (files / f"{number:04}.mp3").write_bytes(speech + b"TAG" + f"{number:04}".encode().ljust(125, b"\0"))

    def plain() -> None:
        for path in files.iterdir():
            hashlib.sha256(path.read_bytes()).hexdigest()
            mutagen.File(path)

    with open_catalogue(f"sqlite:///{folder / 'catalogue.db'}", create=True) as catalogue:
        show, staging = make_show(catalogue), Staging(folder / "staging")

        def read() -> None:
            found = find_files(catalogue, [files])
            for file in found.files:
                added = add_file(catalogue, staging, show, file, {}, now=NOW, zone=UTC)
                if added.error:
                    raise added.error

        floor = best(plain)
        tell("add 1,000 files of 120 kB, new", best(read, 1), "sha256 + mutagen alone", floor)
        tell("add the same folder again, nothing changed", best(read), "sha256 + mutagen alone", floor)


def publish(folder: Path) -> None:
    """Publish one episode into a show of 10, and of 1,000; beside it, feedgen writing the whole feed."""
    for size in (10, 1000):
        home = folder / str(size)
        home.mkdir()
        with open_catalogue(f"sqlite:///{home / 'catalogue.db'}", create=True) as catalogue:
            show, staging = make_show(catalogue), Staging(home / "staging")
            press = Press(catalogue=catalogue, storage=LocalStorage(home / "public"), staging=staging, site=Site("https://pod.example/"))
            with catalogue.transaction():
                for number in range(size):
                    catalogue.add_episode(make_episode("majlis", number, staged(staging, number), Status.DRAFT))
            everything = [episode for number in range(size) for episode in [catalogue.episode("majlis", f"episode-{number}")]]
            apply(prepare(press, show, now=NOW, chosen=everything), press, clock=lambda: NOW)
            spans = []
            for number in range(size, size + 3):
                catalogue.add_episode(make_episode("majlis", number, staged(staging, number), Status.DRAFT))
                begin = time.process_time()
                moment = NOW + timedelta(minutes=number)
                chosen = [catalogue.episode("majlis", f"episode-{number}")]
                apply(prepare(press, show, now=moment, chosen=chosen), press, clock=lambda: NOW)
                spans.append(time.process_time() - begin)
            tell(f"publish one episode into {size:,}", min(spans), "feedgen, the whole feed", best(lambda: feedgen(catalogue)))


def staged(staging: Staging, number: int) -> bytes:
    body = f"audio {number}".encode()
    staging.store(body)
    return body


def feedgen(catalogue: Catalogue) -> bytes:
    """Write a plain feed of the same episodes as feedgen's documentation does."""
    import lxml.etree  # noqa: F401 - feedgen fails without
    from feedgen.feed import FeedGenerator

    feed = FeedGenerator()
    feed.load_extension("podcast")
    feed.title("Majlis")
    feed.link(href="https://pod.example/majlis")
    feed.description("Majlis")
    for episode in catalogue.feed("majlis"):
        entry = feed.add_entry(order="append")
        entry.title(episode.title)
        entry.guid(episode.guid)
        entry.content(episode.notes, type="CDATA")
        entry.enclosure(f"https://pod.example/{episode.slug}.mp3", str(episode.audio.length), "audio/mpeg")
        entry.pubDate(episode.published)
        entry.podcast.itunes_duration(episode.audio.duration)
    written: bytes = feed.rss_str()
    return written


def page(folder: Path) -> None:
    """Read a page of 50 out of 100,000 episodes in 1,000 shows, the first and one from the middle; beside it, out of 50."""
    small = pages(folder / "small.db", shows=1, each=50)
    large = pages(folder / "large.db", shows=1000, each=100)
    tell("first page of 50 of a show, of 100,000 episodes", large["first"], "of 50 episodes", small["first"])
    tell("a page of 50 from the middle of all shows", large["middle"], "the first page of all shows", large["all"])
    tell("the latest episode of a show, of 100,000", large["latest"], "of 50 episodes", small["latest"])


def pages(path: Path, *, shows: int, each: int) -> dict[str, float]:
    with open_catalogue(f"sqlite:///{path}", create=True) as catalogue:
        template = make_episode("show-0", 0, b"")
        for start in range(0, shows, 50):
            with catalogue.transaction():
                for number in range(start, min(start + 50, shows)):
                    make_show(catalogue, f"show-{number}")
                    for index in range(each):
                        at = NOW - timedelta(minutes=number * each + index + 1)
                        names = {"show": f"show-{number}", "slug": f"episode-{index}", "guid": str(uuid.uuid4()), "published": at}
                        catalogue.add_episode(replace(template, **names, audio=replace(template.audio, sha256=uuid.uuid4().hex * 2)))
        cursor = None
        for _ in range(min(200, shows)):
            cursor = catalogue.episodes(limit=100, before=cursor).next or cursor
        wall = time.perf_counter
        return {
            "first": best(lambda: catalogue.episodes(show="show-0", limit=50), 50, wall),
            "all": best(lambda: catalogue.episodes(limit=50), 50, wall),
            "middle": best(lambda: catalogue.episodes(limit=50, before=cursor), 50, wall),
            "latest": best(lambda: catalogue.latest("show-0", 1), 50, wall),
        }


def start(folder: Path) -> None:
    """Start the command, for help and for a list; beside it, Python doing nothing."""
    podcast = Path(sys.executable).with_name("podcast")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PODCAST_")}

    def command(*words: str | Path) -> Callable[[], object]:
        return lambda: subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)

    command(podcast, "init", ".", "--title", "Majlis")()
    shutil.copy(ROOT / "episodes" / "s01e01-welcome-to-majlis.mp3", folder)
    command(podcast, "add", "s01e01-welcome-to-majlis.mp3")()
    wall = time.perf_counter
    floor = best(command(sys.executable, "-c", "pass"), 9, wall)
    tell("podcast --help", best(command(podcast, "--help"), 9, wall), "python -c pass", floor)
    tell("podcast list", best(command(podcast, "list"), 9, wall), "python -c pass", floor)


if __name__ == "__main__":
    main()
