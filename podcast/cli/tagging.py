"""What the catalogue says of an episode, written into its audio: tag."""

from dataclasses import replace
from datetime import datetime

import click

from podcast.errors import MediaError
from podcast.model import Episode, Status

from .app import cli
from .desk import desk
from .output import answer, confirm, count, say, tell, wants_json


@cli.command()
@click.argument("eps", metavar="EP...", nargs=-1, required=True)
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def tag(eps: tuple[str, ...], yes: bool) -> None:
    """Write title, show, number, date, notes, cover, chapters and transcript into the audio of episodes.

    A copy gets them; your file stays as it is, and so does every byte of the sound. What other programs wrote into the tags is
    kept, and audio whose tags say all that already is left alone. With `[publish] tags = true` each episode is tagged as it is
    published or scheduled.

    \b
    Example: podcast tag kings-of-corruption
    """  # noqa: D301
    episodes = [desk().episode(ep) for ep in eps]
    public = [episode for episode in episodes if episode.status is Status.PUBLISHED]
    if public:
        confirm(f"Listeners of {count(len(public), 'public episode')} may download the audio once more. Go on?", yes=yes)
    done = [(episode, tag_episode(episode)) for episode in episodes]
    if wants_json():
        answer({"episodes": [{"slug": before.slug, "tagged": after != before, "sha256": after.audio.sha256} for before, after in done]})
        return
    for before, after in done:
        say(f"Tagged {after.slug}" if after != before else f"{after.slug} is tagged already: its audio stays as it is, bit by bit")
    if any(before in public and after != before for before, after in done):
        say("Next: podcast publish, to bring it to listeners")


def tag_episode(episode: Episode, date: datetime | None = None) -> Episode:
    """Tag the audio of an episode and return it as it is then; ``date`` is the one that it will carry."""
    from podcast.ingest.tagging import tagged, words_for

    project, catalogue, staging = desk().project, desk().catalogue, desk().staging
    dated = replace(episode, published=date or episode.published)
    words = words_for(
        dated,
        catalogue.show(episode.show),
        staging,
        page=desk().site.page(episode),
        zone=project.zone,
        old_id3=project.config.publish.id3 == "2.3",
    )
    audio, *renditions = (tagged(one, words, staging) or one for one in (episode.audio, *episode.renditions))
    return catalogue.change_episode(episode.show, episode.slug, desk().now(), audio=audio, renditions=tuple(renditions))


def tag_for_release(episode: Episode, date: datetime | None = None) -> None:
    """Tag an episode that is about to go out, where the project wants that; one that cannot be tagged goes out as it is."""
    if not desk().project.config.publish.tags:
        return
    try:
        tag_episode(episode, date or episode.published or desk().now())
    except MediaError as error:
        tell(f"{episode.slug} goes out with the tags that it has: {error.message}")
