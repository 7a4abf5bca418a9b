"""A new project: its folder, podcast.toml, staging, catalogue and first show; all of it or nothing."""

import json
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from podcast.catalogue import open_catalogue
from podcast.config import FILE_NAME, Project, load_config
from podcast.errors import ConfigError, PodcastError
from podcast.ingest.staging import Staging
from podcast.model import Show
from podcast.shows import new_show
from podcast.site import Site


def make_project(
    root: Path,
    values: Mapping[str, Any],
    *,
    storage: str | None,
    endpoint: str | None,
    public_url: str | None,
    environment: Mapping[str, str],
    now: datetime,
) -> Show:
    """Make a project in ``root`` with its first show (``values`` as in :func:`podcast.shows.new_show`)."""
    new_show(values, Site("http://localhost/"), None, now)  # refuse a senseless show before anything is made
    fresh, own = not root.exists(), root / ".podcast"
    made = not own.exists()
    try:
        root.mkdir(parents=True, exist_ok=True)
        (root / FILE_NAME).write_text(_toml(storage, endpoint, public_url), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{root} cannot hold a project: {error.strerror}.", hint="Name a folder that you may write to.") from error
    try:
        return _fill(root, values, environment, now)
    except PodcastError:
        (root / FILE_NAME).unlink()
        if made:
            shutil.rmtree(own, ignore_errors=True)
        if fresh:
            shutil.rmtree(root, ignore_errors=True)
        raise


def _fill(root: Path, values: Mapping[str, Any], environment: Mapping[str, str], now: datetime) -> Show:
    project = Project(root=root, config=load_config(root / FILE_NAME, environment))
    (root / "episodes").mkdir(exist_ok=True)
    (root / ".podcast").mkdir(mode=0o700, exist_ok=True)
    with open_catalogue(project.catalogue_url, create=True) as catalogue:
        show = new_show(values, Site(project.config.public_url), Staging(project.staging), now)
        # A catalogue that others use already, or that lost its podcast.toml, is joined as it is.
        known = {one.slug: one for one in catalogue.shows()}
        if show.slug in known:
            return known[show.slug]
        catalogue.add_show(show)
    return show


def _toml(storage: str | None, endpoint: str | None, public_url: str | None) -> str:
    lines = [
        "# See `podcast help config`. Secrets stand in the environment, never here.",
        f"public_url = {json.dumps(public_url or 'http://127.0.0.1:8000/')}",
        'time_zone = "UTC"',
        "",
        "[storage]",
        f"url = {json.dumps(storage or 'public')}",
    ]
    if endpoint:
        lines.append(f"endpoint = {json.dumps(endpoint)}")
    return "\n".join(lines) + "\n"
