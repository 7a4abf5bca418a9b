"""What the apps will see, before anything is published: diff."""

from typing import TYPE_CHECKING

import click
import msgspec

from .app import cli
from .desk import desk
from .output import answer, count, mark, say, wants_json
from .publishing import to_publish

if TYPE_CHECKING:
    from podcast.publish.diff import Change, Difference, Item

#: Items of each kind, and characters of each side of a change, that are printed without --full.
_ITEMS = 20
_WIDTH = 100


@cli.command()
@click.argument("eps", metavar="[EP]...", nargs=-1)
@click.option("--full", is_flag=True, help="Print every item, and every change in full.")
def diff(eps: tuple[str, ...], full: bool) -> None:
    """Show what the apps will see: how the feed will differ once these episodes, and all that is due or changed, are published.

    + is new, ~ changed, - removed. Warned of first: audio that every app will download again, guids and addresses that change, episodes
    that will stay behind. = counts episodes whose item stays, while their page, chapters or transcripts go out anew. Nothing is
    published, and the exit code is 0 also where something differs.

    \b
    --json: {"differs": true, "shows": [SHOW]}
      SHOW: {"show", "warnings": [text], "channel": [CHANGE], "new", "changed", "removed": [ITEM], "beside": [title]}
      ITEM: {"guid", "title", "length", "changes": [CHANGE]}, the length that of the audio in bytes
      CHANGE: {"field", "before", "after"}, of long texts the words that differ

    \b
    Example:
      podcast diff
      podcast diff kings-of-corruption
    """  # noqa: D301
    from podcast.publish.press import prepare
    from podcast.publish.preview import difference

    now = desk().now()
    plans = [prepare(desk().press, show, now=now, chosen=chosen) for show, chosen in to_publish(eps, dry_run=True)]
    found = [difference(desk().press, plan) for plan in plans]
    differs, told = not all(one.empty for one in found), [one for one in found if one.warnings or one.beside or not one.empty]
    if wants_json():
        answer({"differs": differs, "shows": msgspec.to_builtins(told)})
        return
    for one in told:
        _print(one, full=full)
    if not told:
        say("No difference: the apps see what the catalogue holds.")
        say("Next: podcast diff EP, for a draft")


def _print(one: "Difference", *, full: bool) -> None:
    say(f"{desk().catalogue.show(one.show).title}: {len(one.new)} new, {len(one.changed)} changed, {len(one.removed)} removed")
    for warning in one.warnings:
        mark("Warning", "red", warning)
    for change in one.channel:
        mark("~", "yellow", _change(change, full=full))
    for sign, colour, items in (("+", "green", one.new), ("~", "yellow", one.changed), ("-", "red", one.removed)):
        _print_items(sign, colour, items, full=full)
    if one.beside:
        mark("=", "cyan", f"{count(len(one.beside), 'episode')} besides: the item stays; page, chapters or transcripts go out anew")


def _print_items(sign: str, colour: str, items: "tuple[Item, ...]", *, full: bool) -> None:
    for item in items if full else items[:_ITEMS]:
        mark(sign, colour, item.title)
        for change in item.changes:
            mark("", colour, f"  {_change(change, full=full)}")
    if len(items) > _ITEMS and not full:
        say(f"  {sign} and {len(items) - _ITEMS:,} more; --full prints them all")


def _change(change: "Change", *, full: bool) -> str:
    before, after = (text if full or len(text) <= _WIDTH else f"{text[:_WIDTH]}…" for text in (change.before, change.after))
    return f"{change.field}: {before or '(none)'} → {after or '(none)'}"
