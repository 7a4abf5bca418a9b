"""The cases of scripts/bench: seconds of CPU (of wall time where processes start), the best of several rounds, and the ratio."""

import gzip
import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench_ingest import cpu, ingest
from bench_serve import serve
from bench_sound import sound
from bench_upload import upload

from podcast.add import add_files, find_files
from podcast.catalogue import Catalogue, open_catalogue
from podcast.formats import rss
from podcast.ingest.staging import Staging
from podcast.model import Audio, Episode, Show, Status
from podcast.publish.apply import apply
from podcast.publish.feed import Writer, item_key
from podcast.publish.plan import rendered
from podcast.publish.press import Press, prepare
from podcast.publish.store import reads_back
from podcast.site import Site
from podcast.storage.local import LocalStorage

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
NOTES = "A paragraph of show notes that says what the episode is about, and names who is in it. " * 35


def main() -> None:
    cases = {
        "add": add,
        "ingest": lambda folder: ingest(folder, tell),
        "analyse": lambda folder: sound(folder, tell),
        "feed": feed,
        "publish": publish,
        "page": page,
        "start": start,
        "upload": upload,
        "embed": embed,
        "serve": serve,
    }
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
            for added in add_files(catalogue, staging, show, found.files, {}, now=NOW, zone=UTC):
                if added.error:
                    raise added.error

        floor = best(plain)
        tell("add 1,000 files of 120 kB, new", cpu(read), "sha256 + mutagen alone", floor)
        tell("add the same folder again, nothing changed", best(read), "sha256 + mutagen alone", floor)


def publish(folder: Path) -> None:
    """Publish one episode, from the plan to the last file; beside it, feedgen writing the whole of the same feed."""
    for size in (10, 1000, 10_000):
        with house(folder / str(size), size) as press:
            floor = best(lambda press=press: feedgen(press))
            tell(f"publish one episode into {size:,}, all of it", publish_some(press), "feedgen, the whole feed", floor)
    with house(folder / "one", 100) as small, house(folder / "many", 100, shows=1000) as large:
        tell("the same in a catalogue of 100,000 in 1,000 shows", publish_some(large), "of 100 in one show", publish_some(small))


def feed(folder: Path) -> None:
    """Render a feed from nothing, and bring it up to date for one new episode; beside it, feedgen writing the whole of the same feed."""
    for size in (1000, 10_000):
        with house(folder / str(size), size, kept=False) as press:
            before = peak()
            write(press)
            ours, _ = peak() - before, feedgen(press)
            print(f"memory for {size:,} items from nothing: {ours:.1f} MB, feedgen {peak() - before:.1f} MB")
            floor = best(lambda press=press: feedgen(press))
            tell(f"render {size:,} items, one by one", best(lambda press=press: render(press)), "feedgen, the whole feed", floor)
            one = min(write_one(press) for _ in range(9))
            tell(f"bring the feed of {size:,} up to date for one", one, "feedgen, the whole feed", floor)
            forget(press)
            tell(
                f"render and keep {size:,}, and store the feed", best(lambda press=press: write(press), 1), "feedgen, the whole feed", floor
            )


@contextmanager
def house(folder: Path, size: int, *, shows: int = 1, kept: bool = True) -> Iterator[Press]:
    """Make a press of shows with so many published episodes each, of which all is stored; ``kept``: and the first one's items."""
    folder.mkdir()
    with open_catalogue(f"sqlite:///{folder / 'catalogue.db'}", create=True) as catalogue:
        press = Press(
            catalogue=catalogue,
            storage=LocalStorage(folder / "public"),
            staging=Staging(folder / "staging"),
            site=Site("https://pod.example/"),
        )
        for number in range(shows):
            slug = f"majlis-{number}"
            with catalogue.transaction():
                make_show(catalogue, slug)
                for index in range(size):
                    catalogue.add_episode(make_episode(slug, index, f"{number} {index}".encode()))
        if kept:
            # As an earlier publish would have left it, without the pages of each episode.
            show = catalogue.show("majlis-0")
            token = catalogue.acquire("publish/majlis-0", "bench", now=NOW, ttl=timedelta(minutes=1))
            revision = catalogue.release("majlis-0", [], token=token, now=NOW)
            write(press)
            clean = {episode.slug: episode.changed for episode in catalogue.feed("majlis-0")}
            edited = catalogue.standing("majlis-0").edited
            catalogue.finish("majlis-0", revision, token=token, now=NOW, fingerprint=press.fingerprint, edited=edited, clean=clean)
            catalogue.release_lease("publish/majlis-0", token)
            assert show.slug not in catalogue.unsettled(NOW, press.fingerprint)
        yield press


def publish_one(press: Press) -> float:
    """Add an episode to the first show, publish it, and return the seconds of the latter."""
    number = press.catalogue.count("majlis-0")[Status.PUBLISHED]
    body = f"new {number}".encode()
    press.staging.store(body)
    episode = press.catalogue.add_episode(make_episode("majlis-0", number, body, Status.DRAFT))
    begin = time.process_time()
    plan = prepare(press, press.catalogue.show("majlis-0"), now=NOW + timedelta(minutes=number), chosen=[episode])
    apply(plan, press, clock=lambda: NOW)
    return time.process_time() - begin


def publish_some(press: Press) -> float:
    """Return the seconds of the quickest of some publishes."""
    return min(publish_one(press) for _ in range(9))


def write(press: Press) -> None:
    """Write the files of the first show's feed, store them and read them back, as a publish does."""
    with tempfile.TemporaryDirectory(prefix="podcast-bench-") as folder:
        writer = Writer(
            catalogue=press.catalogue,
            site=press.site,
            settings=press.settings,
            folder=Path(folder),
            bring=lambda episodes, _: episodes,
        )
        written = writer.write(press.catalogue.show("majlis-0"))
        assert written
        for file in written.files:
            press.storage.put(file)
            assert reads_back(press.storage, file)


def render(press: Press) -> None:
    """Render every item of the first show, and hold on to none."""
    show = press.catalogue.show("majlis-0")
    for episode in press.catalogue.feed("majlis-0"):
        rss.render_item(show, episode, press.site)


def write_one(press: Press) -> float:
    """Add an episode to the first show, and return the seconds that its feed takes: the item rendered and kept, the file stored."""
    number = press.catalogue.count("majlis-0")[Status.PUBLISHED]
    episode = press.catalogue.add_episode(make_episode("majlis-0", number, f"new {number}".encode()))
    begin = time.process_time()
    show = press.catalogue.show("majlis-0")
    item = rss.render_item(show, episode, press.site)
    press.catalogue.keep(item_key(show, press.site, press.settings), "", [(episode, item)])
    write(press)
    return time.process_time() - begin


def forget(press: Press) -> None:
    """Let all kept items go."""
    press.catalogue.change_show("majlis-0", NOW + timedelta(minutes=1), author="Somebody else")


def feedgen(press: Press) -> None:
    """Write the whole of the same feed: every episode a FeedEntry of one FeedGenerator, as feedgen's documentation does; store it."""
    show = press.catalogue.show("majlis-0")
    whole = rss._generator(show, press.site, show.changed)  # noqa: SLF001
    for episode in press.catalogue.feed("majlis-0"):
        whole.add_entry(rss._entry(show, episode, press.site), order="append")  # noqa: SLF001
    body = whole.rss_str()
    press.storage.put(rendered("majlis-0/feedgen.xml", body))


def peak() -> float:
    """Return the megabytes of memory that this process has had at the most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


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


def embed(folder: Path) -> None:
    """Weigh what a browser loads for the embed before anybody plays, in bytes of gzip; the promise is 15 KB."""
    from podcast.model import Chapter
    from podcast.player import assets, render_embed

    with open_catalogue(f"sqlite:///{folder / 'catalogue.db'}", create=True) as catalogue:
        show = make_show(catalogue)
    chapters = tuple(Chapter(start=number * 300, title=f"Chapter {number}") for number in range(8))
    episode = replace(make_episode("majlis", 1, b""), chapters=chapters)
    card = render_embed(Site("https://podcasts.radio.example/"), show, episode, latest=True)
    files = {"embed.html": card} | {key: body for key, body in assets() if "player" in key}
    weights = {name: len(gzip.compress(body)) for name, body in files.items()}
    print(f"the embed, {sum(weights.values()):,} bytes: " + ", ".join(f"{name} {weight:,}" for name, weight in weights.items()))


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
