"""The machine and the project: Python, codecs, podcast.toml, the catalogue, disks, staged files."""

import platform
import shutil
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Final

from podcast import __version__
from podcast.catalogue import Catalogue, open_catalogue
from podcast.catalogue.health import file_of, look
from podcast.ingest.codecs import missing_codecs
from podcast.ingest.staging import Staging
from podcast.model import Episode, Status

from .patient import Patient
from .table import Check, Outcome, fail, ok, skipped, warn

#: Free bytes below which a publish may fail, or soon will: an hour of FLAC is about 300 MB.
_TOO_LITTLE, _LITTLE = 200 << 20, 2 << 30
#: Episodes of a show whose staged files are looked at: the newest.
_SAMPLE: Final = 500
_NAMES: Final = 3


def _python(_: Patient) -> Outcome:
    parts = ", ".join(f"{name} {version(name)}" for name in ("av", "boto3", "sqlalchemy"))
    return ok(f"podcast {__version__}, Python {platform.python_version()}, {parts}")


def _codecs(_: Patient) -> Outcome:
    missing = missing_codecs()
    if missing:
        return fail(
            f"FFmpeg cannot write and read {', '.join(missing)} here.", "Install PyAV's own wheel: pip install --force-reinstall av"
        )
    return ok("mp3, aac and opus are written and read")


def _project(patient: Patient) -> Outcome:
    return ok(f"{patient.project.root}, public at {patient.base}")


def _opens(patient: Patient) -> Outcome:
    health = look(patient.project.catalogue_url)
    return ok(f"{health.name}, version {health.revision}, {health.engine}")


def _whole(patient: Patient) -> Outcome:
    if file_of(patient.project.catalogue_url) is None:
        return skipped("PostgreSQL watches over its own pages")
    health = look(patient.project.catalogue_url, deep=True)
    if health.damage:
        return fail(f"The catalogue {health.name} is damaged: {health.damage[0]}.", "Restore a backup; what is published stays as it is.")
    return ok("SQLite finds nothing damaged in it")


def _disk(patient: Patient) -> Outcome:
    found = [(shutil.disk_usage(_existing(place)).free, place) for place in _places(patient)]
    free, place = min(found)
    told = f"{free / 2**30:.1f} GiB are free for {place}"
    if free < _TOO_LITTLE:
        return fail(f"Only {told}.", "Make room there: `podcast gc` removes staged files that nothing needs.")
    if free < _LITTLE:
        return warn(f"Only {told}.", "Make room there before the next long recordings: `podcast gc` removes what nothing needs.")
    return ok(told)


def _places(patient: Patient) -> list[Path]:
    from podcast.storage.local import LocalStorage

    places = [patient.project.staging]
    if file := file_of(patient.project.catalogue_url):
        places.append(file.parent)
    if isinstance(patient.storage, LocalStorage):
        places.append(patient.storage.root)
    return places


def _existing(place: Path) -> Path:
    return next(each for each in (place, *place.parents) if each.exists())


def _staging(patient: Patient) -> Outcome:
    staging = Staging(patient.project.staging)
    with open_catalogue(patient.project.catalogue_url) as catalogue:
        episodes = _newest(catalogue)
    bad = [episode for episode in episodes if not _is_staged(staging, episode)]
    if not bad:
        return ok(f"the audio of the newest episodes ({len(episodes):,}) is there, as long as it should be")
    names = ", ".join(f"{one.show}/{one.slug}" for one in bad[:_NAMES]) + (" …" if len(bad) > _NAMES else "")
    message = f"The staged audio of {len(bad):,} of {len(episodes):,} episodes is missing or has another length: {names}."
    if any(one.status is not Status.PUBLISHED for one in bad):
        return fail(message, "Add the files again (podcast add FILE), or give them anew: podcast replace EP FILE")
    return warn(message, "Listeners hear them; only to store them again you must give the files anew: podcast replace EP FILE")


def _newest(catalogue: Catalogue) -> list[Episode]:
    found = (catalogue.episodes(show=show.slug, limit=_SAMPLE).episodes for show in catalogue.shows())
    return [one for page in found for one in islice(page, _SAMPLE) if one.status is not Status.WITHDRAWN]


def _is_staged(staging: Staging, episode: Episode) -> bool:
    path = staging.path(episode.audio.sha256)
    return path.is_file() and path.stat().st_size == episode.audio.length


MACHINE: Final = (
    Check(id="machine.python", about="versions", look=_python),
    Check(id="machine.codecs", about="FFmpeg writes and reads sound", look=_codecs),
    Check(id="project.file", about="podcast.toml and the environment", look=_project),
    Check(id="catalogue.opens", about="the database can be opened, and is of our version", look=_opens, needs=("project.file",)),
    Check(id="catalogue.whole", about="the database is not damaged", look=_whole, needs=("catalogue.opens",)),
    Check(id="disk.free", about="room for staging, catalogue and published files", look=_disk, needs=("project.file",)),
    Check(id="staging.whole", about="the audio of the newest episodes is staged", look=_staging, needs=("catalogue.opens",)),
)
