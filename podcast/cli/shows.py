"""A new project and its shows: init, show add, edit, list, view, remove."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from podcast.config import FILE_NAME, find_project
from podcast.errors import Conflict, PodcastError
from podcast.model import ShowType
from podcast.site import Site

from .app import cli
from .desk import desk
from .document import show_document
from .output import answer, confirm, count, say, settings, table, tell_doubts, wants_json
from .publishing import YES

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FIELDS = [
    click.option("--title", help="Its title."),
    click.option("--description", help="What it is about, up to 4,000 bytes: half as many letters of Cyrillic."),
    click.option("--link", help="Its website; without one, the page that is published here."),
    click.option("--author", help="Who makes it (itunes:author; Spotify wants one)."),
    click.option("--email", help="The owner's address, to which directories send a code."),
    click.option("--language", help="BCP 47: en, ky, ar, pt-BR."),
    click.option("--category", "categories", multiple=True, help='Apple\'s: "News" or "News > Politics". Repeatable.'),
    click.option("--cover", type=_FILE, help="A square JPEG or PNG, 1400 to 3000 px."),
    click.option("--copyright", help="Without the word or the sign."),
    click.option("--type", "type", type=click.Choice([kind.value for kind in ShowType]), help="serial: to be heard from the first on."),
    click.option("--explicit/--no-explicit", default=None, help="Strong language."),
    click.option("--locked/--no-locked", default=None, help="Ask other hosts not to import it."),
]
_MORE = [
    click.option("--from", "file", metavar="FILE.toml", type=_FILE, help="Every field there is; see `podcast help fields`."),
    click.option("--short-title", help="What Apple shows in the place of its title (itunes:title)."),
    click.option("--twin", "twins", metavar="SHOW", multiple=True, help="The same programme in another language. Repeatable."),
    click.option("--format", "formats", metavar="NAME", multiple=True, help="A feed of its own for opus, aac, flac, mp3. Repeatable."),
    click.option("--person", "persons", metavar="NAME:ROLE", multiple=True, help="Who makes it: host, producer, … Repeatable."),
    click.option("--funding", metavar='"URL TEXT"', multiple=True, help="Where listeners can give money. Repeatable."),
    click.option("--license", metavar='"NAME [URL]"', help="cc-by-4.0, or your own with the address of its text."),
    click.option("--location", "locations", metavar="PLACE", multiple=True, help="What place it is about. Repeatable."),
    click.option("--txt", metavar="[PURPOSE=]TEXT", multiple=True, help="A proof that a service asks for: applepodcastsverify=CODE."),
    click.option("--medium", help="podcast, music, audiobook, video …"),
    click.option("--new-feed-url", metavar="URL", help="Where the feed has moved to, for apps that still read it here."),
    click.option("--complete/--no-complete", default=None, help="No episode will ever follow."),
    click.option("--block/--no-block", default=None, help="Hide it from every directory."),
]


def show_fields_options(command: F) -> F:
    """Add an option for each field of a show."""
    return _with(_FIELDS, command)


def _with(options: list[Callable[[Any], Any]], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that were given; an option that was not repeated once was not given."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value not in (None, ())}


@cli.command()
@click.argument("directory", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=".")
@show_fields_options
@click.option("--slug", help="Its name in addresses; made of the title otherwise.")
@click.option("--storage", metavar="URL", help="A folder, or s3://BUCKET/PREFIX. [default: public]")
@click.option("--endpoint", metavar="URL", help="The S3 service, where that is not AWS.")
@click.option(
    "--public-url",
    metavar="URL",
    help="Where listeners reach what is published; the show's podcast:guid is made of it at the first publish. [default: http://127.0.0.1:8000/]",
)
def init(directory: Path, storage: str | None, endpoint: str | None, public_url: str | None, **values: Any) -> None:  # noqa: ANN401
    """Make a project: podcast.toml, a folder for episodes, the catalogue and the first show.

    \b
    Example: podcast init radio --title Majlis --author "Radio Free" --email desk@radio.example
    """  # noqa: D301
    from podcast.project import make_project

    root = ((settings().get("folder") or Path()) / directory).absolute()
    if (root / FILE_NAME).exists():
        raise Conflict(f"There is a project in {root} already.", hint="A further show: podcast show add. Settings: podcast.toml.")
    if not values["title"] and sys.stdin.isatty() and not settings().get("no_input"):
        _ask(values)
    show = make_project(
        root, _given(values), storage=storage, endpoint=endpoint, public_url=public_url, environment=os.environ, now=desk().now()
    )
    if wants_json():
        answer({"project": str(root), "show": show_document(show, Site(find_project(root, os.environ).config.public_url))})
        return
    say(f"Made {root / FILE_NAME}, with the show {show.slug}: “{show.title}”, {show.language}")
    if not show.artwork or not show.owner or not show.author or not show.categories:
        missing = [
            name
            for name, there in (("cover", show.artwork), ("author", show.author), ("email", show.owner), ("category", show.categories))
            if not there
        ]
        say(f"Directories will ask for: {', '.join(missing)} (podcast show edit {show.slug} --help)")
    say(f"Next: {'' if root == Path.cwd() else f'cd {directory} && '}podcast add FILE")


def _ask(values: dict[str, Any]) -> None:
    """Ask for what a show cannot do without, in the terminal."""
    values["title"] = click.prompt("Title of the show", err=True)
    values["language"] = values["language"] or click.prompt("Language (en, ky, ar …)", default="en", value_proc=_language, err=True)
    for name, question in (("author", "Author"), ("email", "E-mail of the owner")):
        values[name] = values[name] or click.prompt(f"{question} (Enter leaves it out)", default="", show_default=False, err=True) or None


def _language(value: str) -> str:
    from podcast.formats.text import language

    try:
        return language(value)
    except PodcastError as error:
        raise click.BadParameter(f"{error.message}. {error.hint}") from error


@cli.group("show")
def show_() -> None:
    """Manage the shows of this project."""


@show_.command("add")
@show_fields_options
@click.option("--slug", help="Its name in addresses; made of the title otherwise.")
def add_show(**values: Any) -> None:  # noqa: ANN401
    """Make a further show.

    \b
    Example: podcast show add --title "Майлис" --language ky
    """  # noqa: D301
    from podcast.shows import new_show

    show = new_show(_given(values), desk().site, desk().staging, desk().now())
    desk().catalogue.add_show(show)
    if wants_json():
        answer(show_document(show, desk().site))
        return
    say(f"Added the show {show.slug}: “{show.title}”, {show.language}")
    say(f"Next: podcast add FILE --show {show.slug}")


@show_.command("edit")
@click.argument("slug", required=False)
@show_fields_options
@lambda command: _with(_MORE, command)
@click.option("--slug", "new", metavar="NEW", help="Another name in addresses; the old ones lead to the new ones.")
def edit_show(slug: str | None, file: Path | None, new: str | None, **values: Any) -> None:  # noqa: ANN401
    """Change a show; the next publish brings it to listeners.

    What a flag says beats the file of --from. A list (--person, --txt …) takes the place of the old one; "" empties it.
    With another --slug the old addresses lead to the new ones, the feed's too; see `podcast help addresses`.

    \b
    Example:
      podcast show edit majlis --cover cover.jpg --category "News > Politics"
      podcast show edit majlis --from show.toml
    """  # noqa: D301
    from podcast.add import checked_slug
    from podcast.publish.moved import rename_show
    from podcast.shows import change_show, fields_of_file, show_fields

    show = desk().catalogue.show(slug) if slug else desk().show()
    fields = show_fields((fields_of_file(file, show) if file else {}) | _given(values), show, desk().staging)
    if not fields and not new:
        raise click.UsageError("There is nothing to change: give a field.")
    if new:
        show = rename_show(desk().press, show.slug, checked_slug(new), clock=desk().now)
    show = change_show(desk().catalogue, show.slug, fields, desk().now())
    if wants_json():
        answer(show_document(show, desk().site))
        return
    say(f"Changed {show.slug}: {', '.join([*(['slug'] if new else []), *fields])}")
    if "artwork" in fields:
        tell_doubts(show.artwork)
    say(f"Next: podcast publish --show {show.slug}")


@show_.command("cover")
@click.argument("slug", required=False)
@click.option("--colour", metavar="COLOUR", help='One of CSS: "#1a4d7a", teal. [default: made of the title]')
@YES
def draw_cover(slug: str | None, colour: str | None, yes: bool) -> None:
    """Draw a cover of a show's title and a colour, until there is a better one.

    `podcast check` goes on saying that it was only drawn.

    \b
    Example: podcast show cover majlis --colour teal
    """  # noqa: D301
    from podcast.shows import drawn_cover

    show = desk().catalogue.show(slug) if slug else desk().show()
    if show.artwork and not show.artwork.drawn:
        confirm(f"{show.slug} has a cover of its own. Draw another in its place?", yes=yes)
    show = desk().catalogue.change_show(show.slug, desk().now(), artwork=drawn_cover(show, colour, desk().staging))
    if wants_json():
        answer(show_document(show, desk().site))
        return
    say(f"Drew a cover for {show.slug}")
    say(f"Next: podcast publish --show {show.slug}")


@show_.command("list")
def list_shows() -> None:
    """List the shows.

    \b
    Example: podcast show list
    """  # noqa: D301
    shows = desk().catalogue.shows()
    if wants_json():
        answer({"shows": [show_document(show, desk().site) for show in shows]})
        return
    rows = [(show.slug, show.language, str(sum(desk().catalogue.count(show.slug).values())), show.title) for show in shows]
    table(("show", "language", "episodes", "title"), rows)


@show_.command("view")
@click.argument("slug", required=False)
def view_show(slug: str | None) -> None:
    """Show everything about a show.

    \b
    Example: podcast show view majlis
    """  # noqa: D301
    show = desk().catalogue.show(slug) if slug else desk().show()
    document = show_document(show, desk().site)
    if wants_json():
        answer(document)
        return
    for name, value in document.items():
        if value not in (None, "", [], ()):
            say(f"{name:<16} {_plain(value)}")


def _plain(value: object) -> str:
    """Write a value of a document for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items() if one not in (None, "", [], ()))
    return "; ".join(map(_plain, value)) if isinstance(value, list | tuple) else str(value)


@show_.command("remove")
@click.argument("slug")
@YES
def remove_show(slug: str, yes: bool) -> None:
    """Remove a show that was never published.

    \b
    Example: podcast show remove trial
    """  # noqa: D301
    from podcast.shows import remove_show

    episodes = sum(desk().catalogue.count(desk().catalogue.show(slug).slug).values())
    confirm(f"Remove the show {slug} and its {count(episodes, 'draft')}?", yes=yes)
    remove_show(desk().catalogue, slug, desk().now())
    if wants_json():
        answer({"show": slug, "removed": True})
        return
    say(f"Removed the show {slug}")
