"""About the tool itself: config, help, completion."""

import re
from importlib.resources import files
from urllib.parse import urlsplit

import click
import msgspec
from click.shell_completion import get_completion_class

from podcast.errors import NotFound

from .app import cli
from .desk import desk
from .output import answer, say, wants_json

_TOPICS = ("addresses", "config", "episodes", "exit-codes", "fields", "json", "notifications", "rules", "sidecars", "times")


@cli.command()
@click.argument("key", required=False)
def config(key: str | None) -> None:
    """Show the settings in force, or one of them.

    \b
    Example: podcast config storage.url
    """  # noqa: D301
    values = dict(_flat(msgspec.to_builtins(desk().project.config)))
    values["catalogue.url"] = _without_password(values["catalogue.url"])
    values["storage.endpoint"] = values["storage.endpoint"] and re.sub("(^|(?<=://)).*@", "***@", str(values["storage.endpoint"]))
    values["hooks.webhook"] = _without_path(values["hooks.webhook"])
    if key is not None and key not in values:
        raise NotFound(f"There is no setting {key!r}.", hint=f"There are: {', '.join(values)}.")
    if key is not None:
        values = {key: values[key]}
    if wants_json():
        answer(values)
    elif key is not None:
        say(_text(values[key]))
    else:
        for name, value in values.items():
            say(f"{name:<20} {_text(value)}")


@cli.command("help")
@click.argument("topic", required=False)
def help_(topic: str | None) -> None:
    """Explain a topic or a command: config, episodes, exit-codes, fields, json, notifications, rules, sidecars, times.

    \b
    Example: podcast help sidecars
    """  # noqa: D301
    context = click.get_current_context().find_root()
    if topic is None:
        click.echo(cli.get_help(context))
        click.echo(f"\nTopics for `podcast help`: {', '.join(_TOPICS)}")
        return
    if topic == "rules":
        click.echo(_rules())
        return
    if topic in _TOPICS:
        click.echo((files("podcast.cli") / "topics" / f"{topic}.txt").read_text(encoding="utf-8").rstrip())
        return
    command = cli.get_command(context, topic)
    if command is None:
        raise NotFound(f"There is no topic or command {topic!r}.", hint=f"Topics: {', '.join(_TOPICS)}. Commands: `podcast --help`.")
    click.echo(command.get_help(click.Context(command, info_name=topic, parent=context)))
    if topic == "doctor":
        click.echo(_checks())


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands in a shell.

    \b
    Example: podcast completion bash > ~/.local/share/bash-completion/completions/podcast
    """  # noqa: D301
    found = get_completion_class(shell)
    if found:
        click.echo(found(cli, {}, "podcast", "_PODCAST_COMPLETE").source())


def _rules() -> str:
    """Write the rules of `podcast check` out of their tables."""
    from podcast.check import TABLES

    lines = ["What `podcast check` looks at. An error is refused or breaks apps, a warning loses listeners, a notice is advice."]
    for table in TABLES:
        lines += ["", table.about]
        for rule in table.rules:
            lines += [f"  {rule.id} ({rule.level}, {rule.source})", f"    {rule.text}.", f"    {rule.remedy}."]
    return "\n".join(lines)


def _checks() -> str:
    """Write what `podcast doctor` looks at out of its tables."""
    from podcast.doctor import CHECKS

    return "\n".join(["", "Checks:", *(f"  {check.id:<19} {check.about}" for check in CHECKS)])


def _flat(values: dict[str, object], above: str = "") -> list[tuple[str, object]]:
    pairs: list[tuple[str, object]] = []
    for name, value in values.items():
        pairs += _flat(value, f"{above}{name}.") if isinstance(value, dict) else [(above + name, value)]
    return pairs


def _text(value: object) -> str:
    if isinstance(value, tuple | list):
        return " ".join(map(str, value)) or "not set"
    return "not set" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _without_path(url: object) -> object:
    """Hide the path of a webhook's address, which is a secret with many services."""
    return f"{urlsplit(str(url)).scheme}://{urlsplit(str(url)).netloc}/***" if url else url


def _without_password(url: object) -> str:
    """Hide the password of a database URL."""
    head, separator, tail = re.sub(r"(?<=password=)[^&]*", "***", str(url)).partition("://")
    if not separator or "@" not in tail:
        return f"{head}{separator}{tail}"
    who, _, where = tail.rpartition("@")
    name, colon, _ = who.partition(":")
    return f"{head}://{name}{':***' if colon else ''}@{where}"
