"""Jinja as every page uses it: everything escaped, an unknown name is an error, the same input is the same bytes."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from podcast.formats.text import direction
from podcast.model import format_duration
from podcast.player.assets import page_css_key, page_js_key, player_css_key, player_js_key
from podcast.player.labels import labels
from podcast.player.policy import content_security_policy
from podcast.site import Site


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["duration"] = format_duration
    environment.filters["position"] = lambda seconds: f"{seconds:.1f}".removesuffix(".0")
    return environment


def render_card(template: str, site: Site, language: str, **values: object) -> bytes:
    """Fill the template of something small, which loads the player's style sheet alone."""
    return _render(template, site, language, [player_css_key()], [player_js_key()], values)


def render_page(template: str, site: Site, language: str, *, player: bool = False, **values: object) -> bytes:
    """Fill the template of a whole page; ``player``: one is on it."""
    scripts = [*([player_js_key()] if player else []), page_js_key()]
    return _render(template, site, language, [player_css_key(), page_css_key()], scripts, values)


def _render(template: str, site: Site, language: str, css: list[str], js: list[str], values: dict[str, object]) -> bytes:
    """Every template gets ``site language direction words policy css js`` beside its own values, ``cover`` among them."""
    text = (
        _environment()
        .get_template(template)
        .render(
            site=site,
            language=language,
            direction=direction(language),
            words=labels(language),
            policy=content_security_policy(site),
            css=[site.url(key) for key in css],
            js=[site.url(key) for key in js],
            **values,
        )
    )
    return text.encode()
