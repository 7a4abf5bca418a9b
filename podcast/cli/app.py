"""The group of all commands, the global options, and the one place where an error becomes a message and an exit code."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from podcast import __version__
from podcast.errors import PodcastError, UsageError

from .output import show_error, show_traceback


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:  # noqa: ANN401
    if value not in (None, False):
        context.find_root().meta.setdefault("podcast", {})[parameter.name] = value


def global_options() -> list[click.Option]:
    """Return the options that every command takes, before or after its name."""

    def option(*names: str, help: str, **more: Any) -> click.Option:  # noqa: A002, ANN401
        return click.Option(list(names), help=help, expose_value=False, callback=_remember, **more)

    return [
        option("-C", "folder", help="Work in this folder's project.", type=click.Path(path_type=Path), metavar="DIR"),
        option("--show", "show", help="The show, where the project has several.", metavar="SLUG"),
        option("--json", "json", help="Print one JSON document.", is_flag=True),
        option("-q", "--quiet", "quiet", help="Print errors only.", is_flag=True),
        option("-v", "--verbose", "verbose", help="Say more; show where an unexpected error came from.", is_flag=True),
        option("--no-color", "no_color", help="Print without colours.", is_flag=True),
        option("--no-input", "no_input", help="Never ask.", is_flag=True),
    ]


class Command(click.Command):
    """A command that takes the global options too."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **settings)
        self.params += global_options()


class Group(click.Group):
    """A group whose commands take the global options too."""

    command_class = Command

    def __init__(self, *arguments: Any, **settings: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **settings)
        self.params += global_options()


Group.group_class = Group


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="podcast")
def cli() -> None:
    """Publish podcasts from audio files to any S3-compatible storage.

    \b
    Example:
      podcast init radio --title Majlis --language en
      podcast add episodes/kings-of-corruption.mp3
      podcast publish kings-of-corruption
      podcast serve

    An episode (EP) is named by its slug, its number (12, s2e5), `latest`, or the beginning of its slug.
    """  # noqa: D301


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code; nothing but messages reaches the user."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = cli.main(words, prog_name="podcast", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has gone, as `podcast list | head` does. Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 128 + signal.SIGPIPE
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted. Run the same command again to go on.", err=True)
        code = 130
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        code = 2
    except click.ClickException as error:
        code = _report(UsageError(error.format_message(), hint=_usage_hint(error)), words)
    except PodcastError as error:
        code = _report(error, words)
    except OSError as error:
        code = _report(PodcastError(f"The system refuses: {error.strerror or error}.", hint="Look at what it names, and try again."), words)
    except Exception as error:  # noqa: BLE001 - a user gets a sentence, whatever happened
        if {"-v", "--verbose"} & set(words):
            show_traceback(error)
        what = f"Something unexpected went wrong: {type(error).__name__}: {error}"
        code = _report(PodcastError(what, hint="This is a fault in podcast. Run it again with --verbose and report what it prints."), words)
    sys.exit(code if isinstance(code, int) else 0)


def _report(error: PodcastError, words: Sequence[str]) -> int:
    show_error(error, as_json="--json" in words, plain="--no-color" in words)
    return error.exit_code


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"See `{context.command_path} --help`." if context else ""


# Each adds its commands to the group.
from . import (  # noqa: E402, F401
    adding,
    checking,
    clipping,
    config,
    differing,
    doctor,
    keeping,
    looking,
    producing,
    publishing,
    redirects,
    serving,
    shows,
    standing,
    tagging,
    timed,
)
