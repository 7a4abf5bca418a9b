"""Let ``python -m podcast`` be the command."""

from podcast.cli import main

main()
