"""All files of an episode and of a show, by key, as publishing stores them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from podcast.formats import chapters, transcripts
from podcast.model import Cue, Episode, Show
from podcast.player.assets import host_script
from podcast.player.data import episode_json, episodes_json, latest_json
from podcast.player.embed import render_embed
from podcast.player.labels import labels
from podcast.player.maps import opml, sitemap, sitemap_index
from podcast.player.oembed import oembed_json
from podcast.player.pages import home_language, render_episode, render_home, render_show
from podcast.player.podlove import podlove_config, podlove_json, podlove_playlist
from podcast.site import Site, episode_key, show_key, transcript_key

#: Episodes in the JSON of a show; its pages and its feed have them all.
NEWEST: Final = 100


def episode_files(site: Site, show: Show, episode: Episode, cues: Mapping[str, Sequence[Cue]], *, peaks: bool = False) -> dict[str, bytes]:
    """Return an episode's own files but for its audio and pictures; ``cues`` by language, for each of its transcripts.

    ``peaks``: its waveform stands in storage as peaks.json.
    """
    files = {
        episode_key(episode, "index.html"): render_episode(site, show, episode, cues, peaks=peaks),
        episode_key(episode, "embed.html"): render_embed(site, show, episode, latest=False, peaks=peaks),
        episode_key(episode, "episode.json"): episode_json(site, show, episode),
        episode_key(episode, "oembed.json"): oembed_json(site, show, episode),
        episode_key(episode, "podlove.json"): podlove_json(site, show, episode, cues),
    }
    if episode.chapters:
        files[episode_key(episode, "chapters.json")] = chapters.to_json(episode.chapters, title=episode.title)
    for transcript in episode.transcripts:
        spoken = cues[transcript.language]
        files[transcript_key(episode, transcript, "vtt")] = transcripts.to_vtt(spoken)
        files[transcript_key(episode, transcript, "srt")] = transcripts.to_srt(spoken)
        files[transcript_key(episode, transcript, "json")] = transcripts.to_json(spoken)
    return files


def show_files(
    site: Site, show: Show, listed: Sequence[Episode], twins: Sequence[Show] = (), *, older: int = 0, peaks: bool = False
) -> dict[str, bytes]:
    """Return a show's own files but for its feed, its pictures and the pages of older episodes, of which there are ``older``.

    ``listed`` are its public episodes, newest first; ``twins`` its public twins. ``peaks``: the newest has its waveform in storage.
    """
    newest = listed[:NEWEST]
    latest = newest[0] if newest else None
    return {
        show_key(show.slug, "index.html"): render_show(site, show, listed, twins, older=older),
        show_key(show.slug, "sitemap.xml"): sitemap(site, show, listed),
        show_key(show.slug, "latest.json"): latest_json(site, show, latest),
        show_key(show.slug, "oembed.json"): oembed_json(site, show),
        show_key(show.slug, "episodes.json"): episodes_json(site, show, newest),
        show_key(show.slug, "podlove-config.json"): podlove_config(site, show),
        show_key(show.slug, "podlove-playlist.json"): podlove_playlist(site, newest),
        show_key(show.slug, "embed/latest.html"): render_embed(site, show, latest, latest=True, peaks=peaks),
        show_key(show.slug, "embed/player.js"): host_script(),
    }


def home_files(site: Site, shows: Sequence[Show], sitemaps: Iterable[str]) -> dict[str, bytes]:
    """Return the project's own files: its page, its feeds as OPML, and the index of its sitemaps. ``shows`` are the public ones."""
    found = [show for show in shows if not show.block]
    return {
        "index.html": render_home(site, shows),
        "podcasts.opml": opml(site, found, labels(home_language(shows)).podcasts),
        "sitemap.xml": sitemap_index(site, sitemaps),
    }
