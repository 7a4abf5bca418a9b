"""Handing the show to browsers: serve, embed."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import click

from podcast.errors import PodcastError, UsageError
from podcast.model import Show, Status
from podcast.site import episode_key, show_key

from .app import cli
from .desk import Desk, desk
from .output import answer, say, tell, wants_json
from .standing import announce

#: A delay that is worth a word.
_LATE = timedelta(minutes=5)
_UNITS = {"s": 1, "m": 60, "h": 3600}


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 takes a free one.")
@click.option("--publish-every", metavar="TIME", help="Publish what is due, every 30s, 1m, 1h.")
def serve(host: str, port: int, publish_every: str | None) -> None:
    """Serve what is published: feed, pages, players, audio.

    Ctrl-C ends it.

    \b
    Example: podcast serve --publish-every 1m
    """  # noqa: D301
    from podcast.server.app import create_app
    from podcast.server.run import serve as run

    project = desk().project
    shows = desk().shows()
    every = _seconds(publish_every) if publish_every else None
    base = project.config.public_url
    names = [urlsplit(base).hostname or "", host, "localhost", "127.0.0.1", "::1"]
    hosts = [f"[{name}]" if ":" in name else name for name in names]
    app = create_app(desk().storage, base_url=base, hosts=hosts, catalogue=desk().catalogue, hubs=project.config.feed.hubs)

    def ready(address: str) -> None:
        _announce(address, shows, every)

    run(app, host, port, on_ready=ready, tick=_publisher(desk()) if every else None, every=every)


@cli.command()
@click.argument("ep", metavar="EP")
def embed(ep: str) -> None:
    """Print the code that puts the player of an episode, or of the `latest` one, into a web page.

    \b
    Example: podcast embed latest
    """  # noqa: D301
    from podcast.player.embed import embed_code

    site = desk().site
    if ep == "latest":
        show, episode = desk().show(), None
        address = site.url(show_key(show.slug, "embed/latest.html"))
    else:
        episode = desk().episode(ep)
        show = desk().catalogue.show(episode.show)
        address = site.url(episode_key(episode, "embed.html"))
        if episode.status is not Status.PUBLISHED:
            tell(f"{episode.slug} is not public yet: the player will say that there is nothing to play.")
    code = embed_code(site, show, episode)
    if wants_json():
        answer({"url": address, "html": code})
        return
    say(code)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+)\s*([smh]?)", text.strip())
    if not match or not int(match[1]):
        raise UsageError(f"{text!r} is no span of time.", hint="Write 30s, 1m or 1h.")
    return float(int(match[1]) * _UNITS[match[2] or "s"])


def _announce(address: str, shows: list[Show], every: float | None) -> None:
    say(f"Serving on {address}  (Ctrl-C ends it)")
    base = desk().project.config.public_url
    for show in shows:
        say(f"  {show.title}")
        for name, key in (("page", "index.html"), ("embed", "embed/latest.html"), ("feed", "feed.xml")):
            say(f"    {name:<6} {base}{show_key(show.slug, key)}")
    if not base.startswith(address):
        tell(f"The feed's addresses begin with {base}: set public_url in podcast.toml where that is not this server.")
    if every:
        say(f"Publishing what is due every {every:.0f} s.")


def _tell_failure(what: str, error: PodcastError) -> None:
    tell(f"Error: {what}: {error.message} Hint: {error.hint}")


def _publisher(from_: Desk) -> Callable[[], None]:
    """Return the work of each tick: a catalogue of its own, since it runs in a thread of its own."""

    def tick() -> None:
        from podcast.catalogue import open_catalogue
        from podcast.publish.apply import apply
        from podcast.publish.measuring import measure, to_measure
        from podcast.publish.press import prepare
        from podcast.publish.times import reckon

        with open_catalogue(from_.project.catalogue_url) as catalogue:
            press = from_.press_of(catalogue)
            moment: datetime = from_.now()
            reckon(catalogue, moment)
            slugs = {one.show for one in catalogue.due(moment)} | {one.show for one in catalogue.pending()}
            for slug in sorted(slugs):
                try:
                    plan = prepare(press, press.catalogue.show(slug), now=moment)
                    for episode, error in measure(press, to_measure(press, plan)[0]):
                        _tell_failure(f"{slug}/{episode.slug} goes out without its waveform", error)
                    outcome = apply(plan, press, clock=from_.now)
                except PodcastError as error:
                    # One show that fails does not keep the others from going out; the next tick tries it again.
                    _tell_failure(slug, error)
                    continue
                for episode in outcome.released:
                    late = moment - (episode.published or moment)
                    tell(f"Published {slug}/{episode.slug}" + (f", {late} late" if late > _LATE else ""))
                for name, reason in outcome.failed:
                    _tell_failure(f"{slug}/{name}", reason)
            announce(from_, catalogue)

    return tick
