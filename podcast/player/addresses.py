"""Where a link of ours leads: a newsroom's own page where it named one that is safe to follow, else the page that we publish."""

from podcast.formats.text import safe_url
from podcast.model import Episode, Show
from podcast.site import Site, episode_key, show_key


def show_page(site: Site, show: Show) -> str:
    """Return the address of the show's website."""
    return (show.link and safe_url(show.link)) or site.url(show_key(show.slug, "index.html"))


def episode_page(site: Site, episode: Episode) -> str:
    """Return the address of the episode's page."""
    return (episode.link and safe_url(episode.link)) or site.url(episode_key(episode, "index.html"))
