"""The linter: rules in tables, each beside the function that looks, and ``run.py``, which takes them over shows, files and feeds.

Pure: facts in, findings out. No catalogue, no storage, no clock; ``files.py`` and ``ask.py`` alone open files and addresses,
by way of ``ingest`` and ``fetch``.
"""

from typing import Any, Final

from .answer import ANSWER
from .audio import ARTWORK, AUDIO
from .channel import CHANNEL
from .document import FEED
from .episodes import EPISODE
from .item import ITEM
from .links import LINK
from .places import ELEMENT, PLACE
from .rules import Finding, Level, Rule, Table
from .run import check_audio, check_episode, check_feed, check_head, check_release, check_show
from .timed import CHAPTERS, TRANSCRIPT

#: All tables, in the order in which ``podcast help rules`` tells them.
TABLES: Final[tuple[Table[Any], ...]] = (EPISODE, AUDIO, ARTWORK, CHAPTERS, TRANSCRIPT, FEED, CHANNEL, ITEM, PLACE, ELEMENT, ANSWER, LINK)

__all__ = [
    "TABLES",
    "Finding",
    "Level",
    "Rule",
    "Table",
    "check_audio",
    "check_episode",
    "check_feed",
    "check_head",
    "check_release",
    "check_show",
]
