"""A show without a cover can have one drawn, and check goes on saying so."""

from pathlib import Path

from .conftest import Podcast


def test_a_drawn_cover_is_a_cover_and_is_marked(podcast: Podcast, project: Path) -> None:
    assert "apple.artwork.missing" in podcast("check", "--json", code=None).out
    podcast("show", "cover", "--colour", "teal")
    artwork = podcast("show", "view", "majlis", "--json").json["artwork"]
    assert (True, 3000, "image/jpeg") == (artwork["drawn"], artwork["width"], artwork["media_type"])
    found = podcast("check", "--json", code=None).out
    assert "apple.artwork.missing" not in found
    assert "artwork.drawn" in found
    podcast("show", "cover")
    assert artwork["sha256"] != podcast("show", "view", "--json").json["artwork"]["sha256"]


def test_a_cover_of_its_own_is_not_written_over_unasked(podcast: Podcast, project: Path) -> None:
    podcast("show", "cover")
    staged = project / ".podcast" / "staging" / podcast("show", "view", "--json").json["artwork"]["sha256"]
    (project / "own.jpg").write_bytes(staged.read_bytes())
    podcast("show", "edit", "--cover", "own.jpg")
    assert "artwork.drawn" not in podcast("check", "--json", code=None).out
    podcast("show", "cover", "--no-input", code=2)
