"""What a command works with: the project, its catalogue, its staging and its storage, each opened when first needed."""

import os
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from podcast.config import Project, find_project
from podcast.errors import NotFound, UsageError
from podcast.model import Episode, Show
from podcast.site import Site

from .output import settings

if TYPE_CHECKING:
    from podcast.catalogue import Catalogue
    from podcast.ingest.staging import Staging
    from podcast.notify import Settings
    from podcast.publish.press import Press
    from podcast.storage import Storage


class Desk:
    """One run's project; what was opened is closed when the command ends."""

    @cached_property
    def project(self) -> Project:
        """Find the project."""
        return find_project(settings().get("folder") or Path.cwd(), os.environ)

    @cached_property
    def catalogue(self) -> "Catalogue":
        """Open the catalogue."""
        from podcast.catalogue import open_catalogue

        catalogue = open_catalogue(self.project.catalogue_url)
        click.get_current_context().find_root().call_on_close(catalogue.close)
        return catalogue

    @cached_property
    def staging(self) -> "Staging":
        """Open the staging folder."""
        from podcast.ingest.staging import Staging

        return Staging(self.project.staging)

    @cached_property
    def storage(self) -> "Storage":
        """Open the storage."""
        from podcast.storage import open_storage

        settings_ = self.project.config.storage
        return open_storage(
            settings_.url,
            root=self.project.root,
            endpoint=settings_.endpoint,
            region=settings_.region,
            path_style=settings_.path_style,
            acl=settings_.acl,
        )

    @cached_property
    def site(self) -> Site:
        """Return the public addresses."""
        config = self.project.config
        return Site(config.public_url, redirect=config.publish.enclosures == "redirect", zone=config.time_zone)

    @cached_property
    def notify(self) -> "Settings":
        """Return who is told of a publish, and with which secrets."""
        from podcast.notify import settings_of

        return settings_of(self.project, self.site, os.environ)

    @cached_property
    def press(self) -> "Press":
        """Return what a publish works with."""
        return self.press_of(self.catalogue)

    def press_of(self, catalogue: "Catalogue") -> "Press":
        """Return what a publish works with, over a catalogue that may be another thread's own."""
        from podcast.notify import targets
        from podcast.publish.press import Press

        return Press(
            catalogue=catalogue,
            storage=self.storage,
            staging=self.staging,
            site=self.site,
            settings=self.project.config.feed,
            targets=partial(targets, self.notify),
        )

    @property
    def named_show(self) -> str | None:
        """Return the slug given with --show."""
        slug: str | None = settings().get("show")
        return slug

    def show(self) -> Show:
        """Return the show that is meant: the one named, or the only one."""
        if self.named_show:
            return self.catalogue.show(self.named_show)
        shows = self.catalogue.shows()
        if len(shows) == 1:
            return shows[0]
        if not shows:
            raise NotFound("This project has no show yet.", hint='Make one: podcast show add --title "…".')
        names = ", ".join(show.slug for show in shows)
        raise UsageError("This project has several shows, so one must be named.", hint=f"Give --show with one of: {names}.")

    def show_option(self, slug: str) -> str:
        """Return what a hint must add to name a show: nothing where the project has only one."""
        return f" --show {slug}" if len(self.catalogue.shows()) > 1 else ""

    def name(self, episode: Episode) -> str:
        """Return how a hint names an episode: with its show where the project has several."""
        return f"{episode.show}/{episode.slug}" if len(self.catalogue.shows()) > 1 else episode.slug

    def shows(self) -> list[Show]:
        """Return the show that was named, or all."""
        return [self.catalogue.show(self.named_show)] if self.named_show else self.catalogue.shows()

    def episode(self, reference: str) -> Episode:
        """Find an episode by slug, number, `latest` or the beginning of its slug."""
        return self.catalogue.find(reference, show=self.named_show)

    def now(self) -> datetime:
        """Read the clock: the one place where a command does."""
        return datetime.now(UTC)


def desk() -> Desk:
    """Return the desk of this run."""
    meta = click.get_current_context().find_root().meta
    found: Desk = meta.setdefault("podcast.desk", Desk())
    return found
