"""The player in a frame on somebody's page: the latest episode of a show, or one episode for ever.

What the player says of its state ("Please wait" and so on) stands in its script, never in the text of the file: programs
that read pages take the first text they find for the article. The script writes the words into the live region; where
there is no episode, the style sheet shows an attribute, so that it needs no script.
"""

from markupsafe import escape

from podcast.model import Episode, Show
from podcast.player.addresses import episode_page, show_page
from podcast.player.parts import apps, chapter_rows, transcript_rows
from podcast.player.render import render_card
from podcast.site import Site, episode_key, show_key

#: What the card needs with a title of two lines and no panel open.
HEIGHT = 300


def render_embed(site: Site, show: Show, episode: Episode | None, *, latest: bool, peaks: bool = False) -> bytes:
    """Render the card; ``episode=None`` where the show has none yet, or where it was withdrawn. ``peaks``: it has a peaks.json."""
    return render_card(
        "embed.html",
        site,
        (episode.language if episode else None) or show.language,
        show=show,
        episode=episode,
        latest=latest,
        cover=site.covers(show, episode),
        webp=site.webp_covers(show, episode),
        show_page=show_page(site, show),
        page=episode_page(site, episode) if episode else "",
        own_page=site.url(episode_key(episode, "index.html")) if episode else "",
        popout=site.url(episode_key(episode, "embed.html")) if episode else "",
        audio=site.media(episode) if episode else None,
        peaks=site.url(episode_key(episode, "peaks.json")) if episode and peaks else None,
        chapters=chapter_rows(site, episode) if episode else [],
        transcripts=transcript_rows(site, episode) if episode else [],
        feed=site.url(show_key(show.slug, "feed.xml")),
        apps=apps(site, show),
        code=embed_code(site, show, None if latest else episode),
    )


def render_missing(site: Site) -> bytes:
    """Render the card that stands where an embed was asked for that is not there (any more)."""
    return render_card("missing.html", site, "en", cover=None)


def embed_code(site: Site, show: Show, episode: Episode | None = None) -> str:
    """Return the HTML that a blog pastes in; without an episode it always plays the latest one."""
    key = episode_key(episode, "embed.html") if episode else show_key(show.slug, "embed/latest.html")
    title = f"{show.title}: {episode.title}" if episode else show.title
    return (
        f'<iframe src="{escape(site.url(key))}" title="{escape(title)}" width="100%" height="{HEIGHT}" '
        'loading="lazy" allow="autoplay; clipboard-write" style="border:0"></iframe>'
    )
