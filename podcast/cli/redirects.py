"""Old addresses that lead on: redirect add, list, remove."""

from typing import TYPE_CHECKING, Any

import click

from .app import cli
from .desk import desk
from .output import answer, say, table, wants_json

if TYPE_CHECKING:
    from podcast.catalogue import Moved

_WHY = {"place": "its earlier name", "page": "yours", "feed": "yours"}


@cli.group()
def redirect() -> None:
    """Lead from old addresses to what stands elsewhere now; see `podcast help addresses`."""


@redirect.command("add")
@click.argument("path", metavar="OLD-PATH")
@click.argument("target", metavar="TARGET")
def add_redirect(path: str, target: str) -> None:
    """Let an address of an earlier host lead to a show, its feed (SHOW/feed.xml) or an episode.

    The server answers it with 301. In a bucket stands a page from which browsers go on; podcast apps do not, so a feed
    that moves needs the server, or a 301 of your CDN.

    \b
    Example:
      podcast redirect add /feed/podcast majlis/feed.xml
      podcast redirect add /2019/05/kings.html kings-of-corruption
    """  # noqa: D301
    show, slug, leads = desk().catalogue.target(target, show=desk().named_show)
    moved = desk().catalogue.add_redirect(path, show, slug, leads, desk().now())
    if wants_json():
        answer(_document(moved))
        return
    say(f"/{moved.path} leads to {_target(moved)}")
    say(f"Next: podcast publish{desk().show_option(show)}")


@redirect.command("list")
def list_redirects() -> None:
    """List the old addresses and where they lead.

    \b
    Example: podcast redirect list
    """  # noqa: D301
    found = [one for one in desk().catalogue.moved(desk().named_show) if one.leads != "nothing"]
    if wants_json():
        answer({"redirects": [_document(one) for one in found]})
        return
    table(("address", "leads to", "whose"), [(f"/{one.path}", _target(one), _WHY[one.leads]) for one in found])


@redirect.command("remove")
@click.argument("path", metavar="OLD-PATH")
def remove_redirect(path: str) -> None:
    """Give an old address up: it leads nowhere from the next publish on, and may be given to another episode then.

    \b
    Example: podcast redirect remove /feed/podcast
    """  # noqa: D301
    moved = desk().catalogue.remove_redirect(path, desk().now())
    if wants_json():
        answer(_document(moved) | {"removed": True})
        return
    say(f"/{moved.path} will lead nowhere; it led to {_target(moved)}")
    say(f"Next: podcast publish{desk().show_option(moved.show)}")


def _target(moved: "Moved") -> str:
    from podcast.publish.moved import target_key

    return desk().site.url(target_key(moved))


def _document(moved: "Moved") -> dict[str, Any]:
    return {"path": f"/{moved.path}", "target": _target(moved), "show": moved.show, "slug": moved.slug, "leads": moved.leads}
