"""The linter: check."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from podcast.errors import CheckFailed, PodcastError, UsageError
from podcast.model import Cue, Episode, Status, Transcript

from .app import cli
from .desk import desk
from .measuring import measure_sound
from .output import answer, bar, count, mark, say, tell, wants_json

if TYPE_CHECKING:
    from podcast.check import Finding
    from podcast.check.links import Link
    from podcast.formats.feed_reader import Tag

_COLOURS = {"error": "red", "warning": "yellow", "notice": "cyan"}
_LEVELS = list(_COLOURS)
#: Of one rule, so many places are printed; --json names them all.
_PLACES = 5


@cli.command()
@click.argument("what", metavar="[EP|FILE|URL]", required=False)
@click.option("--fix", is_flag=True, help="First mend what loses nothing: stray characters and spaces, the order of chapters.")
@click.option("--listen", is_flag=True, help="First measure all sound that never was: two seconds or so for half an hour of it.")
@click.option("--links", is_flag=True, help="Also ask each file that a feed names: is it there, how long, of what type?")
def check(what: str | None, fix: bool, listen: bool, links: bool) -> None:
    """Check shows and episodes against what RSS, Apple, Spotify, YouTube and Podcasting 2.0 ask for.

    Without an argument: every show, or that of --show, and every episode that is not withdrawn. EP: one episode, to whose
    sound it listens. FILE: an audio file, likewise, or anybody's feed. URL: a feed, and how it is served. Exit code 4 where
    there is an error; `podcast help rules` lists the rules. What --fix mended goes out with the next publish. --links goes
    out to the network, for ten minutes at most.

    \b
    Example:
      podcast check
      podcast check kings-of-corruption
      podcast check episodes/new.mp3
    """  # noqa: D301
    fixed = _fix(what) if fix else []
    if listen and what is None:
        _listen()
    found: list[Link] = []
    findings = [*_findings(what, found if links else None)]
    findings += _ask(found, what) if links else []
    levels = Counter(finding.level.value for finding in findings)
    errors, warnings = levels["error"], levels["warning"]
    if wants_json():
        answer({"findings": msgspec.to_builtins(findings), "errors": errors, "warnings": warnings, "fixed": fixed})
    else:
        for one in fixed:
            say(f"Fixed {one['where']}: {', '.join(one['fields'])}")
        _print(findings)
        say(f"{count(errors, 'error')}, {count(warnings, 'warning')}, {count(levels['notice'], 'notice')}")
        if not findings:
            say("Nothing to mend.")
        if not errors and (what is None or not _is_file(what)):
            say("Next: podcast publish")
    if errors:
        raise CheckFailed(f"The check found {count(errors, 'error')}.", hint="Mend what is marked as an error, and check again.")


def _listen() -> None:
    """Measure whatever was not measured yet: of an archive, say, that was published at once."""
    from podcast.publish.measuring import unmeasured

    episodes = [episode for show in desk().shows() for episode in _episodes(show.slug)]
    parts = [episodes[at : at + 500] for at in range(0, len(episodes), 500)]
    measure_sound([episode for part in parts for episode in unmeasured(desk().press, part)])


def _fix(what: str | None) -> list[dict[str, Any]]:
    """Mend what is asked for in the catalogue, and say which fields of what."""
    from podcast.check.fix import fixed_episode, fixed_show

    if what is not None and _is_file(what):
        raise UsageError(
            "Files and addresses are never changed.", hint="--fix mends what the catalogue holds: leave it out, or name an episode."
        )
    catalogue, now, fixed = desk().catalogue, desk().now(), []
    for show in desk().shows() if what is None else []:
        if fields := fixed_show(show):
            catalogue.change_show(show.slug, now, **fields)
            fixed.append({"where": show.slug, "fields": list(fields)})
    for episode in [desk().episode(what)] if what else [one for show in desk().shows() for one in _episodes(show.slug)]:
        if fields := fixed_episode(episode):
            catalogue.change_episode(episode.show, episode.slug, now, **fields)
            fixed.append({"where": f"{episode.show}/{episode.slug}", "fields": list(fields)})
    return fixed


def _ask(links: "list[Link]", what: str | None) -> "list[Finding]":
    from podcast.check.ask import check_links

    own = what if what is not None and "://" in what else "" if what is not None and _is_file(what) else desk().site.base
    number = len({link.url for link in links})
    with bar("Links", number, bytes_=False) as done:
        found = list(check_links(links, own=own, done=done))
    tell(f"Asked for {number:,} of the files that are public.")
    return found


def _findings(what: str | None, links: "list[Link] | None") -> "Iterator[Finding]":
    from podcast.check import check_episode, check_show
    from podcast.check.links import links_of

    def visit(place: "Tag", where: str) -> None:
        if links is not None:
            links.extend(links_of(place, where))

    if what is not None and _is_file(what):
        from podcast.check.files import check_address, check_file

        now = desk().now()
        yield from check_address(what, now=now, visit=visit) if "://" in what else check_file(Path(what), now=now, visit=visit)
        return
    site, now = desk().site, desk().now()
    if what is not None:
        from podcast.publish.measuring import unmeasured

        episode, measured = desk().episode(what), desk().catalogue.measured
        measure_sound(unmeasured(desk().press, [episode]))
        show = desk().catalogue.show(episode.show)
        yield from check_episode(show, episode, site, now=now, read_cues=_read_cues, measured=measured, visit=visit)
        return
    for show in desk().shows():
        settings = desk().project.config.feed
        episodes, measured = _episodes(show.slug), desk().catalogue.measured
        yield from check_show(show, episodes, site, now=now, read_cues=_read_cues, measured=measured, settings=settings, visit=visit)


def _is_file(what: str) -> bool:
    """Tell a file or an address from the name of an episode, which has no full stop."""
    return "://" in what or "." in what or Path(what).is_file()


def _episodes(show: str) -> Iterator[Episode]:
    """Yield the episodes of a show that are not withdrawn, newest first."""
    before = None
    while True:
        page = desk().catalogue.episodes(show=show, limit=500, before=before)
        yield from (episode for episode in page.episodes if episode.status is not Status.WITHDRAWN)
        before = page.next
        if before is None:
            return


def _read_cues(transcript: Transcript) -> tuple[Cue, ...] | None:
    from podcast.formats import transcripts

    try:
        return transcripts.parse(desk().staging.read(transcript.sha256, "transcript", ""))
    except PodcastError:
        return None


def _print(findings: "Sequence[Finding]") -> None:
    """Print the findings by place: those of one rule in the first few places only, and what to do about it once."""
    told: Counter[str] = Counter()
    places: dict[str, list[Finding]] = {}
    for finding in findings:
        places.setdefault(finding.where, []).append(finding)
    for where, found in places.items():
        found.sort(key=lambda finding: _LEVELS.index(finding.level))
        shown = [finding for finding in found if told[finding.rule] < _PLACES or finding.level == "error"]
        if shown:
            say(where)
        for finding in shown:
            mark(finding.level, _COLOURS[finding.level], f"{finding.message}  [{finding.rule}]")
            if not told[finding.rule]:
                say(f"           {finding.hint}")
            told[finding.rule] += 1
    for rule, number in Counter(finding.rule for finding in findings).items():
        if number > told[rule]:
            say(f"{rule}: {number - told[rule]:,} more (--json names all)")
