"""Who is to be told of a show, and with which secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from podcast.config import Project
from podcast.hiding import hidden
from podcast.model import Show
from podcast.site import Site

#: Environment variables of the secrets.
PODPING_TOKEN: Final = "PODCAST_PODPING_TOKEN"  # noqa: S105 - the name of a variable
WEBHOOK_SECRET: Final = "PODCAST_WEBHOOK_SECRET"  # noqa: S105

#: The names of targets; that of a hub is followed by its address.
HUB: Final = "hub "
PODCAST_INDEX: Final = "podcast-index"
PODPING: Final = "podping"
COMMAND: Final = "command"
WEBHOOK: Final = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the project says of notifications; the secrets stand in no ``repr``."""

    site: Site
    #: Where commands run.
    root: Path
    hubs: tuple[str, ...] = ()
    podcast_index: bool = False
    command: str = ""
    webhook: str = ""
    podping_token: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)

    def hidden(self, text: str) -> str:
        """Return a text without the secrets, should a server or a command have repeated one."""
        for secret in (self.podping_token, self.webhook_secret, self.webhook):
            text = text.replace(secret, "***") if secret else text
        return hidden(text)


def settings_of(project: Project, site: Site, environment: Mapping[str, str]) -> Settings:
    """Return the settings of a project, its secrets from the environment."""
    return Settings(
        site=site,
        root=project.root,
        hubs=project.config.feed.hubs,
        podcast_index=project.config.notify.podcast_index,
        command=project.config.hooks.published or "",
        webhook=project.config.hooks.webhook or "",
        podping_token=environment.get(PODPING_TOKEN, "").strip(),
        webhook_secret=environment.get(WEBHOOK_SECRET, "").strip(),
    )


def targets(settings: Settings, show: Show) -> list[str]:
    """Return the names of all that are to be told when the feed of a show was published: of podping only with its token."""
    return [target for target in wanted(settings, show) if target != PODPING or settings.podping_token]


def wanted(settings: Settings, show: Show) -> list[str]:
    """Return all targets, whether or not there is a token here. The directories are told nothing of a show that is hidden from them."""
    if _is_loopback(settings.site.base):
        return []
    public = [
        *(f"{HUB}{url}" for url in dict.fromkeys(settings.hubs)),
        *([PODCAST_INDEX] if settings.podcast_index else []),
        *([PODPING] if show.podping else []),
    ]
    hooks = [*([COMMAND] if settings.command else []), *([WEBHOOK] if settings.webhook else [])]
    return [*([] if show.block else public), *hooks]


def silence(settings: Settings, show: Show) -> str:
    """Say why somebody whom one would expect to be told is not; empty where there is nothing to say."""
    asked = settings.hubs or settings.podcast_index or show.podping or settings.command or settings.webhook
    if asked and _is_loopback(settings.site.base):
        return f"Nobody is told of a publish: nobody else could fetch a feed from {settings.site.base}"
    if show.podping and not show.block and not settings.podping_token:
        return f"podping is not told: {PODPING_TOKEN} is not set"
    return ""


def _is_loopback(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified
