"""The command, also as ``python -m podcast``."""

import os
import sys


def run() -> None:
    """Run the command line; Ctrl-C while it is still starting ends it as quietly as later."""
    _open_closed()
    try:
        from podcast.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)


def _open_closed() -> None:
    """Open what we were started without (``>&-``), or the next file that is opened takes its place, and gets what is printed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - for as long as we live


if __name__ == "__main__":
    run()
