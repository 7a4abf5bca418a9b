"""podcast diff at the command line."""

from pathlib import Path

from .conftest import Podcast


def test_diff_tells_what_publishing_will_bring(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech)
    assert "No difference" in podcast("diff").out
    assert podcast("diff", "welcome").out.startswith("Majlis: 1 new, 0 changed, 0 removed\n  +")
    podcast("publish", "welcome", "--yes")
    podcast("edit", "welcome", "--title", "The \x1b[31mLake\u202e")
    ran = podcast("diff")
    assert "~        The [31mLake\n             title: Welcome to Majlis → The [31mLake\n" in ran.out
    answer = podcast("diff", "--json").json
    assert (True, "majlis", ["title"]) == (
        answer["differs"],
        answer["shows"][0]["show"],
        [change["field"] for change in answer["shows"][0]["changed"][0]["changes"]],
    )
    podcast("publish", "--yes")
    assert {"differs": False, "shows": []} == podcast("diff", "--json").json


def test_of_many_items_some_are_printed_and_the_rest_counted(podcast: Podcast, speech: Path) -> None:
    body = speech.read_bytes()
    for number in range(23):
        (speech.parent / f"part-{number:02}.mp3").write_bytes(body + b"TAG" + f"{number:02}".encode().ljust(125, b"\0"))
    podcast("add", "episodes")
    slugs = [one["slug"] for one in podcast("list", "--json").json["episodes"]]
    ran = podcast("diff", *slugs)
    assert (20, "  + and 4 more; --full prints them all") == (ran.out.count("\n  +  "), ran.out.splitlines()[-1])
    assert 24 == podcast("diff", "--full", *slugs).out.count("\n  +  ")
