"""What no message, log or traceback may say: secrets, and what could steer a terminal.

Foreign text may hold either. Whatever is printed or logged goes through :func:`shown`.
"""

import logging
import os
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urlsplit

from podcast.formats.text import terminal

#: The environment's secrets; other ones (a profile's, a role's) are never handed to us.
VARIABLES: Final = (
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "PODCAST_PODPING_TOKEN",
    "PODCAST_WEBHOOK_SECRET",
    "PODCAST_HOOKS_WEBHOOK",
    "PODCAST_TRANSCRIBE_KEY",
)
#: What is shorter would hide words that are no secrets.
_SHORTEST: Final = 8
_PASSWORD: Final = re.compile(r"(://[^/\s@:]*):[^/\s@]*@")
#: They write signatures, session tokens and the paths of webhooks into their logs, also in warnings.
_TALKATIVE: Final = ("boto3", "botocore", "s3transfer", "urllib3")


def shown(text: str) -> str:
    """Return a text as one line that may be printed or logged."""
    return terminal(hidden(text))


def hidden(text: str) -> str:
    """Return a text without the secrets of this process, and without the passwords in addresses."""
    for secret in _secrets():
        text = text.replace(secret, "***")
    return _PASSWORD.sub(r"\1:***@", text)


def hush() -> None:
    """Keep the logs of libraries to errors, whatever level somebody has set: what matters of the rest is told by us."""
    below = [name for name in list(logging.root.manager.loggerDict) if name.partition(".")[0] in _TALKATIVE]
    for name in (*_TALKATIVE, *below):
        logger = logging.getLogger(name)
        logger.setLevel(max(logging.ERROR, logger.level))


def _secrets() -> Iterator[str]:
    yield from (value for name in VARIABLES if len(value := os.environ.get(name, "")) >= _SHORTEST)
    try:
        password = urlsplit(os.environ.get("PODCAST_CATALOGUE_URL", "")).password or ""
    except ValueError:
        return
    yield from (each for each in {password, unquote(password)} if len(each) >= _SHORTEST)
