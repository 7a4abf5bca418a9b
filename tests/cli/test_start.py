"""The command starts quickly because it imports little, and every command explains itself."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from podcast.cli.app import cli

from .conftest import Podcast

HEAVY = {
    "alembic", "av", "boto3", "botocore", "feedgen", "jinja2", "lxml", "mutagen", "numpy", "PIL", "pydub", "rich",
    "sqlalchemy", "starlette", "uvicorn", "asyncio", "urllib3", "nh3", "pyromark", "anyascii",
}  # fmt: skip


def loaded(*words: str, cwd: Path) -> set[str]:
    """Run a command in a fresh interpreter and return the top-level modules that it imported."""
    code = """if True:
        import sys
        from podcast.cli import main
        try:
            main(sys.argv[1:])
        finally:
            print("|", *{name.partition(".")[0] for name in sys.modules})"""
    ran = subprocess.run([sys.executable, "-c", code, *words], cwd=cwd, capture_output=True, text=True, check=True)
    return set(ran.stdout.rpartition("|")[2].split())


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["add", "--help"], ["completion", "bash"], ["help", "sidecars"]])
def test_help_loads_no_heavy_library(tmp_path: Path, words: list[str]) -> None:
    assert set() == HEAVY & loaded(*words, cwd=tmp_path)


def test_list_loads_the_database_and_nothing_else_that_is_heavy(podcast: Podcast, project: Path) -> None:
    assert {"sqlalchemy"} == (HEAVY - {"asyncio"}) & loaded("list", cwd=project)


def test_what_is_printed_into_a_closed_output_goes_nowhere(project: Path) -> None:
    shell = ["sh", "-c", '"$0" -m podcast show list <&- >&-', sys.executable]
    ran = subprocess.run(shell, cwd=project, capture_output=True, text=True, check=True)
    assert "" == ran.stderr


def test_an_editor_is_not_started_where_there_is_no_terminal(podcast: Podcast, speech: Path) -> None:
    podcast("add", speech, "--slug", "welcome")
    assert "needs a terminal" in podcast("edit", "welcome", "-e", code=2).err


def commands(group: click.Group, above: str = "") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        found += commands(command, f"{name} ") if isinstance(command, click.Group) else [(above + name, command)]
    return found


@pytest.mark.parametrize(("name", "command"), commands(cli), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_has_help_with_an_example(name: str, command: click.Command) -> None:
    assert command.help
    assert f"podcast {name}" in command.help


@pytest.mark.parametrize("name", ["addresses", "config", "episodes", "exit-codes", "json", "notifications", "rules", "sidecars", "times"])
def test_every_topic_is_written(podcast: Podcast, name: str) -> None:
    assert len(podcast("help", name).out) > 200


def test_every_option_says_what_it_does() -> None:
    silent = [
        f"{name} {option.opts[0]}"
        for name, command in commands(cli)
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert [] == silent
