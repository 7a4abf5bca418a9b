"""What must hold in a project on disk at every moment, whatever was killed in it."""

import gzip
import hashlib
import io
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from PIL import Image

from podcast.catalogue import Catalogue, open_catalogue
from podcast.config import Project, find_project
from podcast.model import Episode, Status
from podcast.site import WIDTHS, art_key, media_key

#: Stands in title and notes of what must never become public, and of nothing else.
SECRET = "xsecretx"

_HASHED = re.compile(r"([0-9a-f]{12})(?:-\d+)?\.\w+$")


@dataclass
class Known:
    """What somebody outside remembers: what was public before, and what a command has said that it did."""

    #: Slug → guid of each episode that ever was.
    guids: dict[str, str] = field(default_factory=dict)
    revision: int = 0
    #: lastBuildDate of the feed, in seconds.
    built: float = 0
    #: Slugs of what is in the feed for certain, and is not any more for certain.
    public: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)
    #: Hashes of the source files, by path in the project.
    sources: dict[str, str] = field(default_factory=dict)

    def hear(self, printed: str) -> None:
        """Take a command by its word."""
        for slug in re.findall(r"^Published (\S+):", printed, re.MULTILINE):
            self.public.add(slug)
        for slug in re.findall(r"^Added (\S+) \(", printed, re.MULTILINE):
            self.guids.setdefault(slug, "")
        for slug in re.findall(r"^Took down (\S+);", printed, re.MULTILINE):
            self.public.discard(slug)
            self.private.add(slug)


@dataclass(frozen=True)
class Feed:
    """The public feed: guid → the addresses that an item names, with their tags, and when it was built."""

    built: float
    items: dict[str, ET.Element]
    addresses: set[str]


def remember(root: Path) -> Known:
    """Return what is known of a project in which nobody is at work."""
    project, known = _project(root), Known()
    with open_catalogue(project.catalogue_url) as catalogue:
        episodes = _episodes(catalogue)
        known.guids = {one.slug: one.guid for one in episodes}
        known.public = {one.slug for one in episodes if one.status is Status.PUBLISHED}
        known.private = {one.slug for one in episodes if one.status is Status.WITHDRAWN}
        known.revision = max((catalogue.standing(show.slug).revision for show in catalogue.shows()), default=0)
        known.built = max((read_feed(path, project).built for path in _feeds(project, catalogue)), default=0)
    known.sources = {str(path.relative_to(root)): _sha256(path) for path in (root / "episodes").iterdir()}
    return known


def violations(root: Path, known: Known) -> list[str]:
    """Return each way in which the project breaks its promises, in words; and learn from it what must hold from now on."""
    project = _project(root)
    faults = [f"the source {name} was altered" for name, sha256 in known.sources.items() if _sha256(root / name) != sha256]
    # It is opened as the next command would: an interrupted transaction is undone by that.
    with open_catalogue(project.catalogue_url) as catalogue:
        faults += _of_database(project)
        episodes = _episodes(catalogue)
        faults += _of_guids(episodes, known)
        faults += _of_staging(project, episodes, known)
        public = _files(project)
        feeds = list(_feeds(project, catalogue))
        if known.public and not feeds:
            faults.append("the public feed is gone")
        for path in feeds:
            faults += _of_feed(path, project, catalogue, episodes, known)
        faults += _of_secrets(public, episodes)
        faults += _of_files(public, project)
        faults += _of_manifest(public, catalogue)
        revision = max((catalogue.standing(show.slug).revision for show in catalogue.shows()), default=0)
        if revision < known.revision:
            faults.append(f"the revision went back from {known.revision} to {revision}")
        known.revision = revision
    return faults


def read_feed(path: Path, project: Project) -> Feed:
    """Read a public feed as an app does; ET.ParseError where it is not whole."""
    return parse_feed(path.read_bytes(), project.config.public_url)


def parse_feed(data: bytes, base: str) -> Feed:
    """Read the bytes of a feed."""
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    tree = ET.fromstring(data)
    items = {item.findtext("guid") or "": item for item in tree.iter("item")}
    if len(items) != len(list(tree.iter("item"))):
        raise ET.ParseError("two items have one guid")
    values = [value for tag in tree.iter() for value in (*tag.attrib.values(), tag.text or "")]
    built = parsedate_to_datetime(tree.findtext("channel/lastBuildDate") or "").timestamp()
    return Feed(built, items, {value.removeprefix(base) for value in values if value.startswith(base)} - {""})


def _of_database(project: Project) -> Iterator[str]:
    if not project.catalogue_url.startswith("sqlite"):
        return
    connection = sqlite3.connect(project.catalogue_url.removeprefix("sqlite:///"))
    try:
        for pragma in ("integrity_check", "foreign_key_check"):
            yield from (f"{pragma}: {row}" for row in connection.execute(f"PRAGMA {pragma}") if row != ("ok",))
    finally:
        connection.close()


def _of_guids(episodes: Iterable[Episode], known: Known) -> Iterator[str]:
    there = {one.slug: one.guid for one in episodes}
    for slug, guid in known.guids.items():
        if slug not in there:
            yield f"{slug} was acknowledged and is lost"
        elif guid and guid != there[slug]:
            yield f"{slug} has another guid than before"
    if len(set(there.values())) < len(there):
        yield "two episodes have one guid"
    known.guids |= there


def _of_staging(project: Project, episodes: Iterable[Episode], known: Known) -> Iterator[str]:
    """What an episode is made of is in staging, whole, from the moment on that the catalogue names it."""
    for one in episodes:
        pictures = [one.artwork.sha256] if one.artwork else []
        for sha256 in (one.audio.sha256, *(transcript.sha256 for transcript in one.transcripts), *pictures):
            path = project.staging / sha256
            if not path.exists() or _sha256(path) != sha256:
                yield f"{one.slug}: its staged file {sha256[:12]} is gone or was cut"


def _of_feed(path: Path, project: Project, catalogue: Catalogue, episodes: list[Episode], known: Known) -> Iterator[str]:
    try:
        feed = read_feed(path, project)
    except (ET.ParseError, EOFError, OSError, ValueError) as error:
        yield f"{path.name} is not whole: {error}"
        return
    if feed.built < known.built:
        yield f"the date of {path.name} went back"
    known.built = feed.built
    yield from _of_addresses(feed, project)
    own = [one for one in episodes if one.show == path.parent.name]
    for one in own:
        yield from _of_word(one, one.guid in feed.items, known)
    if not catalogue.pending(path.parent.name):
        dirty = {one.slug for one in catalogue.dirty(path.parent.name)}
        yield from _of_state([one for one in own if one.slug not in dirty], feed, project)


def _of_addresses(feed: Feed, project: Project) -> Iterator[str]:
    root = _public(project)
    yield from (f"the feed names {key}, which is not there" for key in sorted(feed.addresses) if not (root / key).is_file())
    for item in feed.items.values():
        address, length, _ = _enclosure(item)
        path = root / address.removeprefix(project.config.public_url)
        if path.is_file() and path.stat().st_size != int(length):
            yield f"the feed tells another length of {address}"


def _of_word(one: Episode, told: bool, known: Known) -> Iterator[str]:
    """What a command has said is so; what is about to be taken down may be gone already."""
    if one.status in {Status.DRAFT, Status.SCHEDULED}:
        if told:
            yield f"{one.slug} is {one.status.value}, and in the feed"
        if one.slug in known.public:
            yield f"{one.slug} is published, by its word, and {one.status.value} by the catalogue"
    if one.slug in known.public and one.status is Status.PUBLISHED and not told:
        yield f"{one.slug} is published, by its word, and not in the feed"
    if one.slug in known.private and one.status is Status.WITHDRAWN and told:
        yield f"{one.slug} is taken down, by its word, and still in the feed"


def _of_state(settled: Iterable[Episode], feed: Feed, project: Project) -> Iterator[str]:
    """Where nothing is promised any more, the feed says what the catalogue says."""
    for one in settled:
        item = feed.items.get(one.guid)
        if (item is not None) != (one.status is Status.PUBLISHED):
            yield f"{one.slug} is {one.status.value}, nothing is promised any more, and the feed says otherwise"
        wanted = project.config.public_url + media_key(one), str(one.audio.length), one.audio.media_type
        if item is not None and _enclosure(item) != wanted:
            yield f"{one.slug}: the feed says {_enclosure(item)} instead of {wanted}"


def _enclosure(item: ET.Element) -> tuple[str, str, str]:
    found = item.find("enclosure")
    values = found.attrib if found is not None else {}
    return values.get("url", ""), values.get("length", "0"), values.get("type", "")


def _of_secrets(public: dict[str, bytes], episodes: Iterable[Episode]) -> Iterator[str]:
    """Nothing of a draft is public: neither its words, nor its guid, nor, while it is one, any file of its own."""
    drafts = [one for one in episodes if one.status not in {Status.PUBLISHED, Status.WITHDRAWN}]
    marks = {SECRET, *(one.guid for one in drafts)}
    for key, body in public.items():
        text = body.decode(errors="replace")
        yield from (f"{key} tells of a draft: {mark}" for mark in marks if mark in text or mark in key)
        for one in drafts:
            if key.startswith(f"{one.show}/{one.slug}/") and not key.endswith("/embed.html"):
                yield f"{key} is of a draft"


def _of_files(public: dict[str, bytes], project: Project) -> Iterator[str]:
    """What carries a hash in its name has it; what is to be parsed can be."""
    for key, body in public.items():
        named = _HASHED.search(key) if "/media/" in key or "/art/" in key else None
        if named and not hashlib.sha256(body).hexdigest().startswith(named[1]) and not _is_copy(key, body):
            yield f"{key} holds other bytes than its name says"
        if key.endswith(".json"):
            try:
                json.loads(body)
            except ValueError:
                yield f"{key} is torn"
        if key.endswith(".html") and not body.rstrip().endswith(b"</html>"):
            yield f"{key} is torn"
        if key.endswith(".vtt") and not body.startswith(b"WEBVTT"):
            yield f"{key} is torn"


def _is_copy(key: str, body: bytes) -> bool:
    """Say whether this is a whole picture as wide as its name says, which then holds the hash of what it is a copy of."""
    try:
        with Image.open(io.BytesIO(body)) as picture:
            picture.load()
            return picture.width in WIDTHS and key.endswith((f"-{picture.width}.jpg", f"-{picture.width}.webp"))
    except OSError:
        return False


def _of_manifest(public: dict[str, bytes], catalogue: Catalogue) -> Iterator[str]:
    """What the catalogue takes for stored is stored; its bytes may be newer where a publish broke off before it noted them."""
    unfinished = {entry.show for entry in catalogue.pending()}
    for show in (*catalogue.shows(), None):
        for file in catalogue.remembered(show.slug if show else None):
            body = public.get(file.key)
            if not file.sha256:
                continue  # About to be removed.
            if body is None:
                yield f"{file.key} is remembered as stored, and is not there"
            elif hashlib.sha256(body).hexdigest() != file.sha256 and show and show.slug not in unfinished:
                yield f"{file.key} has other bytes than are remembered"


def summary(root: Path) -> dict[str, object]:
    """Return where a project stands, without times and random guids: what two runs to the same end have in common."""
    project = _project(root)
    with open_catalogue(project.catalogue_url) as catalogue:
        episodes = _episodes(catalogue)
        names = {one.guid: one.slug for one in episodes}
        return {
            "episodes": [
                [
                    one.slug,
                    one.status.value,
                    one.title,
                    one.notes,
                    one.audio.sha256,
                    len(one.chapters),
                    [transcript.sha256 for transcript in one.transcripts],
                    art_key(one.show, one.artwork) if one.artwork else "",
                ]
                for one in sorted(episodes, key=lambda one: one.slug)
            ],
            "feeds": [_slugs(path, project, names) for path in _feeds(project, catalogue)],
            "public": sorted(_files(project)),
            "pending": bool(catalogue.pending()),
            "dirty": sorted(one.slug for show in catalogue.shows() for one in catalogue.dirty(show.slug)),
            "staged": sorted(path.name for path in project.staging.iterdir() if not path.name.startswith(".new-")),
        }


def _slugs(path: Path, project: Project, names: Mapping[str, str]) -> list[str]:
    try:
        return [names.get(guid, "?") for guid in read_feed(path, project).items]
    except ET.ParseError:
        return ["torn"]


def _project(root: Path) -> Project:
    return find_project(root, {})


def _public(project: Project) -> Path:
    return project.root / project.config.storage.url


def _files(project: Project) -> dict[str, bytes]:
    root = _public(project)
    found = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    return {key: path.read_bytes() for key, path in found.items() if not key.startswith(".tmp/")}


def _feeds(project: Project, catalogue: Catalogue) -> Iterator[Path]:
    paths = [_public(project) / show.slug / "feed.xml" for show in catalogue.shows()]
    yield from (path for path in paths if path.exists())


def _episodes(catalogue: Catalogue) -> list[Episode]:
    return [one for show in catalogue.shows() for one in catalogue.episodes(show=show.slug, limit=500).episodes]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
