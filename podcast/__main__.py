"""The command, also as ``python -m podcast``."""

import sys


def run() -> None:
    """Run the command line; Ctrl-C while it is still starting ends it as quietly as later."""
    try:
        from podcast.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
