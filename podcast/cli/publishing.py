"""What changes for listeners: publish, schedule, unpublish; and the feed as it is now."""

from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import click

from podcast.errors import CatalogueBusy, Conflict, PodcastError, UsageError
from podcast.model import Episode, Show, Status, format_duration

from .app import cli
from .dates import parse_when, wall_time
from .desk import desk
from .measuring import measure_sound
from .output import answer, bar, confirm, count, say, size, tell, wants_json
from .standing import announce
from .tagging import tag_for_release

if TYPE_CHECKING:
    from podcast.publish.plan import Plan
    from podcast.publish.press import Outcome

DRY_RUN = click.option("-n", "--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
YES = click.option("-y", "--yes", is_flag=True, help="Do not ask.")

#: Seconds between two tries to become the publisher of a show.
_PAUSE = 0.25


@cli.command()
@click.argument("eps", metavar="[EP]...", nargs=-1)
@DRY_RUN
@YES
def publish(eps: tuple[str, ...], dry_run: bool, yes: bool) -> None:
    """Publish episodes, and everything that is due or has changed.

    Uploads what storage lacks, checks it, and swaps the feed last. Without EP: all that is due, in every show.
    May be interrupted at any point and run again.

    \b
    Example:
      podcast publish kings-of-corruption
      podcast publish --dry-run
    """  # noqa: D301
    for episode in map(desk().episode, eps):
        if episode.status is Status.PUBLISHED:
            tell(f"{episode.slug} is published already; what has changed of it goes out.")
        elif episode.status is Status.SCHEDULED and episode.published and episode.published > desk().now():
            tell(f"{episode.slug} goes out by itself at {episode.published:%Y-%m-%d %H:%M} UTC; `podcast schedule` changes that.")
        elif not dry_run:
            tag_for_release(episode)
    _carry_out([(show, some, []) for show, some in to_publish(eps, dry_run=dry_run)], dry_run=dry_run, yes=yes)


@cli.command()
@click.argument("ep", metavar="EP")
@DRY_RUN
@YES
def unpublish(ep: str, dry_run: bool, yes: bool) -> None:
    """Take an episode out of the feed and its pages off the site.

    Its audio stays in storage for a while, since apps hold on to old feeds; `podcast publish EP` brings it back.

    \b
    Example: podcast unpublish s2e5
    """  # noqa: D301
    episode = desk().episode(ep)
    if episode.status is Status.SCHEDULED:
        if not dry_run:
            desk().catalogue.change_episode(episode.show, episode.slug, desk().now(), status=Status.DRAFT)
        if wants_json():
            answer({"slug": episode.slug, "status": Status.DRAFT.value, "dry_run": dry_run})
            return
        say(f"{'Would make' if dry_run else 'Made'} {episode.slug} a draft again: it was not public yet.")
        return
    interrupted = episode.status is Status.WITHDRAWN and episode in desk().catalogue.dirty(episode.show)
    if episode.status is not Status.PUBLISHED and not interrupted:
        raise Conflict(f"{episode.slug} is not public: it is {episode.status.value}.", hint="`podcast list --published` shows what is.")
    _carry_out([(desk().catalogue.show(episode.show), [], [episode])], dry_run=dry_run, yes=yes)


@cli.command()
@click.argument("ep", metavar="EP")
@click.argument("when")
@DRY_RUN
def schedule(ep: str, when: str, dry_run: bool) -> None:
    """Let an episode go out at a time.

    WHEN is like "2026-12-01 06:00", in the project's time zone, or with an offset: 2026-12-01T06:00+06:00.
    It goes out with the first `podcast publish` after that, or by `podcast serve --publish-every 1m`.

    \b
    Example: podcast schedule kings-of-corruption "2026-12-01 06:00"
    """  # noqa: D301
    episode, now = desk().episode(ep), desk().now()
    moment = parse_when(when, desk().project.zone)
    if episode.status is Status.PUBLISHED:
        raise Conflict(f"{episode.slug} is public already.", hint="`podcast unpublish` takes it down.")
    if moment <= now:
        raise UsageError(f"{when} is in the past.", hint=f"Publish it at once: podcast publish {episode.slug}")
    if not dry_run:
        tag_for_release(episode, moment)
        episode = desk().catalogue.change_episode(
            episode.show, episode.slug, now, status=Status.SCHEDULED, published=moment, wall=wall_time(when, desk().project.zone)
        )
    local = moment.astimezone(desk().project.zone)
    if wants_json():
        answer({"slug": episode.slug, "published": moment.isoformat(), "dry_run": dry_run})
        return
    say(f"{'Would schedule' if dry_run else 'Scheduled'} {episode.slug} for {local:%Y-%m-%d %H:%M %Z}.")
    say("Next: podcast serve --publish-every 1m, or `podcast publish --yes` from a timer")


@cli.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
def feed(output: Path | None) -> None:
    """Print the feed of a show as the catalogue now makes it.

    \b
    Example: podcast feed -o feed.xml
    """  # noqa: D301
    from podcast.formats import rss
    from podcast.formats.paging import documents

    show, settings = desk().show(), desk().project.config.feed
    episodes = list(desk().catalogue.feed(show.slug))
    *_, document = documents(len(episodes), limit=settings.limit, slim_after=settings.slim_after, formats=show.formats)
    twins = desk().catalogue.twins(show)
    data = rss.render(show, episodes, desk().site, document, twins=twins, simple_chapters=settings.simple_chapters, hubs=settings.hubs)
    if output is None:
        click.echo(data, nl=False)
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.", hint="Give another file with -o.") from error
    tell(f"Wrote {output}, {size(len(data))}")


def to_publish(eps: Sequence[str], *, dry_run: bool) -> list[tuple[Show, list[Episode]]]:
    """Return the shows of the named episodes with these, or else every show that listeners do not get as it is."""
    chosen = [desk().episode(ep) for ep in eps]
    slugs = {episode.show for episode in chosen} or _unsettled(dry_run=dry_run)
    return [(desk().catalogue.show(slug), [one for one in chosen if one.show == slug]) for slug in sorted(slugs)]


def _unsettled(*, dry_run: bool) -> set[str]:
    """Return the shows, all or the one that was named, of which listeners do not get what the catalogue holds."""
    from podcast.publish.press import unsettled
    from podcast.publish.times import reckon

    for episode in reckon(desk().catalogue, desk().now(), dry=dry_run):
        tell(
            f"{episode.slug} goes out at {episode.published:%Y-%m-%d %H:%M} UTC now: the clocks of {episode.wall.split()[1]} were changed."
        )
    slugs = unsettled(desk().press, desk().now())
    if not desk().named_show:
        return slugs
    show = desk().show()
    # A list has no episode to name: its first publish is asked for by its own name.
    return slugs & {show.slug} | ({show.slug} if show.lists_feeds else set())


def _carry_out(work: list[tuple[Show, list[Episode], list[Episode]]], *, dry_run: bool, yes: bool) -> None:
    """Plan each show, show the plans, ask, apply, and say what became of them; exit 1 where an episode stayed behind."""
    from podcast.publish.press import prepare

    now = desk().now()
    plans = [prepare(desk().press, show, now=now, chosen=chosen, withdraw=leaving) for show, chosen, leaving in work]
    plans = [plan for plan in plans if not plan.empty]
    if dry_run:
        _print_plans(plans, "Would change", documents=[_plan_document(plan) for plan in plans])
        return
    if not plans and not wants_json():
        _nothing()
    if plans and not yes:
        if not wants_json():
            _print_plans(plans, "To change:", documents=None)
        confirm("Go on?", yes=False)
    documents, codes = [], [0]
    for plan in plans:
        try:
            warnings = _listen(plan)
            outcome = _apply(plan)
        except PodcastError as error:
            # One show that fails does not keep the others from going out.
            if len(plans) == 1:
                raise
            codes.append(error.exit_code)
            documents.append(_plan_document(plan) | {"error": {"code": error.code, "message": error.message, "hint": error.hint}})
            tell(f"Error: {plan.show.slug}: {error.message} Hint: {error.hint}")
            continue
        documents.append(_plan_document(plan, outcome) | {"warnings": warnings})
        codes += [error.exit_code for _, error in outcome.failed]
        if not wants_json():
            _print_outcome(plan, outcome)
        _look(plan, outcome)
    told = announce(desk(), desk().catalogue)
    if wants_json():
        answer({"shows": documents, "notifications": told})
    click.get_current_context().exit(max(codes))


def _look(plan: "Plan", outcome: "Outcome") -> None:
    """Say for what directories refuse the show, and what apps will stumble over at the public addresses; it is out all the same."""
    from podcast.check import check_head
    from podcast.check.survey import is_local
    from podcast.publish.outside import look_outside

    if is_local(desk().site.base):
        return
    for finding in check_head(desk().catalogue.show(plan.show.slug), desk().site, now=desk().now()):
        tell(f"Warning: {finding.where}: {finding.message} [{finding.rule}]")
    if desk().project.config.publish.look:
        for line in look_outside(desk().site, plan.show, outcome.released):
            tell(f"Warning: {line}")


def _listen(plan: "Plan") -> list[str]:
    """Measure the sound that goes out with a plan, and return what is missing of that; it goes out all the same."""
    from podcast.publish.measuring import to_measure, undecodable

    now, later = to_measure(desk().press, plan)
    warnings, more = measure_sound(now), []
    if later:
        what = f"Not listened to, and so without waveform and loudness: {count(len(later), 'more episode')} of {plan.show.slug}."
        more.append(f"{what} Hint: `podcast check --listen` measures them all; publish again after that")
    for episode in undecodable(desk().press, plan):
        what = f"Nothing of the new sound of {episode.slug} can be decoded: nothing is to be heard of it."
        more.append(f"{what} Hint: podcast replace {episode.slug} FILE")
    for warning in more:
        tell(f"Warning: {warning}")
    return warnings + more


def _apply(plan: "Plan") -> "Outcome":
    """Carry out a plan; where somebody else is publishing the show, wait for that as long as for a lock of the catalogue."""
    from podcast.catalogue import database
    from podcast.publish.apply import apply

    end, told = monotonic() + database.PATIENCE, False
    while True:
        try:
            with bar(f"Uploading {plan.show.slug}", plan.length) as progress:
                return apply(plan, desk().press, clock=desk().now, progress=progress)
        except CatalogueBusy as error:
            if monotonic() >= end:
                raise
            if not told:
                tell(f"{error.message} Waiting up to {database.PATIENCE:.0f} s for it.")
            told = True
        sleep(_PAUSE)


def _print_plans(plans: list["Plan"], verb: str, *, documents: list[dict[str, Any]] | None) -> None:
    if documents is not None and wants_json():
        answer({"shows": documents})
        return
    for plan in plans:
        files = f", {count(len(plan.uploads), 'file')} to upload, {size(plan.length)}" if plan.uploads else ""
        files += "; storage has lost what was stored there, so all of it goes up again" if plan.gone else ""
        say(f"{verb} {plan.show.title}{files}")
        for sign, episodes in (("+", plan.release), ("~", plan.refresh[:20]), ("-", plan.withdraw), ("@", plan.approve)):
            for one in episodes:
                when = f", at {one.published:%Y-%m-%d %H:%M} UTC" if sign == "@" and one.published else ""
                say(f"  {sign} {one.slug}  “{one.title}”  {format_duration(one.audio.duration)}{when}")
        if len(plan.refresh) > 20:
            say(f"  ~ and {len(plan.refresh) - 20} more")
    if not plans:
        _nothing()


def _nothing() -> None:
    drafts = sum(desk().catalogue.count(show.slug).get(Status.DRAFT, 0) for show in desk().shows())
    say("Nothing to publish: listeners have what the catalogue holds.")
    if drafts:
        say(f"Next: podcast publish EP, for one of {count(drafts, 'draft')} (podcast list --draft)")


def _print_outcome(plan: "Plan", outcome: "Outcome") -> None:
    site, show = desk().site, plan.show
    for episode in outcome.released:
        say(f"Published {episode.slug}: {site.page(episode)}")
    for episode in outcome.already:
        say(f"{episode.slug} was published by somebody else meanwhile: {site.page(episode)}")
    for episode in outcome.withdrawn:
        say(f"Took down {episode.slug}; its audio stays in storage for apps that hold the old feed")
    for episode in outcome.approved:
        say(f"Scheduled {episode.slug}: its date, {episode.published:%Y-%m-%d %H:%M} UTC, is ahead")
    for slug, error in outcome.failed:
        tell(f"Error: {slug} stayed behind: {error.message}")
        tell(f"Hint: {error.hint}")
    for key, length in outcome.grown:
        tell(f"Warning: {key} has {size(length)} now, and every app fetches it again and again. Hint: [feed] in `podcast help config`")
    if outcome.revision is not None:
        uploaded = count(len(outcome.stored), "file")
        say(f"Feed of {show.title}, revision {outcome.revision}: {site.url(show.slug + '/feed.xml')} ({uploaded} stored)")
        if outcome.released:
            say(f"Next: podcast embed latest{desk().show_option(show.slug)}, for the player's code")


def _plan_document(plan: "Plan", outcome: "Outcome | None" = None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "show": plan.show.slug,
        "release": [episode.slug for episode in plan.release],
        "approve": [episode.slug for episode in plan.approve],
        "refresh": [episode.slug for episode in plan.refresh],
        "withdraw": [episode.slug for episode in plan.withdraw],
        "uploads": [{"key": file.key, "length": file.length} for file in plan.uploads],
        "bytes": plan.length,
        "done": outcome is not None,
    }
    if outcome:
        document |= {
            "revision": outcome.revision,
            "released": [episode.slug for episode in outcome.released],
            "already": [episode.slug for episode in outcome.already],
            "failed": [{"slug": slug, "message": error.message, "hint": error.hint} for slug, error in outcome.failed],
            "stored": outcome.stored,
            "removed": outcome.removed,
        }
    return document
