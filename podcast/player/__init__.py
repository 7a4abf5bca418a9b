"""What a listener's browser gets, rendered: JSON, the embed, pages, their script and style sheet.

Pure: a model value goes in, bytes come out under the keys of ``podcast.site``, the same bytes for the same value. No
network, no storage, no catalogue and no clock here, and nothing in a page that comes from anywhere but the site itself.
"""

from podcast.player.assets import assets
from podcast.player.embed import embed_code, render_embed
from podcast.player.files import episode_files, home_files, show_files
from podcast.player.pages import render_home

__all__ = ["assets", "embed_code", "episode_files", "home_files", "render_embed", "render_home", "show_files"]
