"""One call to one target. Every outcome is a :class:`Told`; only a fault of ours raises."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from urllib.parse import urlencode

from podcast.errors import FetchError, FetchUnavailable
from podcast.formats.text import clean
from podcast.model import Show

from .command import run
from .settings import HUB, PODCAST_INDEX, PODPING, PODPING_TOKEN, WEBHOOK, WEBHOOK_SECRET, Settings

if TYPE_CHECKING:
    from podcast.fetch import Probed

_PODPING: Final = "https://podping.cloud/"
_PODCAST_INDEX: Final = "https://api.podcastindex.org/api/1.0/hub/pubnotify"
#: Characters of an answer that are kept.
_WORDS: Final = 200


class Send(Protocol):
    """How a request goes out: :func:`podcast.fetch.send`."""

    def __call__(self, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None, private: bool = False) -> "Probed":
        """Send, a POST where there is a body, and follow no redirect."""
        ...


class Told(NamedTuple):
    """How a target took it."""

    done: bool
    answer: str
    #: How long it asked us to wait.
    wait: timedelta = timedelta()
    #: Whether it did not answer at all: then others need not try it now.
    silent: bool = False


def tell(settings: Settings, target: str, *, show: Show, feed: str, revision: int, body: bytes, now: datetime, send: Send) -> Told:
    """Tell one target that a feed was published; ``body`` is the hooks' document."""
    if target.startswith(HUB):
        # Some hubs read the one, some the other, and WebSub's specification leaves it open.
        form = urlencode({"hub.mode": "publish", "hub.url": feed, "hub.topic": feed}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return _ask(settings, send, target.removeprefix(HUB), now, body=form, headers=headers, private=True)
    if target == PODCAST_INDEX:
        return _ask(settings, send, f"{_PODCAST_INDEX}?{urlencode({'url': feed})}", now)
    if target == PODPING:
        if not settings.podping_token:
            return Told(done=False, answer=f"{PODPING_TOKEN} is not set")
        query = urlencode({"url": feed, "reason": "update", "medium": show.medium or "podcast"})
        return _ask(settings, send, f"{_PODPING}?{query}", now, headers={"Authorization": settings.podping_token})
    if target == WEBHOOK:
        return _webhook(settings, send, feed, revision, body, now)
    return _command(settings, show.slug, feed, revision, body)


def signed(secret: str, name: str, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers of Standard Webhooks: HMAC-SHA256 over name, time and body, so that no old one can be sent again."""
    moment = str(int(now.timestamp()))
    digest = hmac.digest(_key(secret), b".".join((name.encode(), moment.encode(), body)), "sha256")
    return {"webhook-id": name, "webhook-timestamp": moment, "webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}


def _key(secret: str) -> bytes:
    """Return the key of a secret: decoded where it is written as Standard Webhooks has it, ``whsec_`` and Base64."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def _webhook(settings: Settings, send: Send, feed: str, revision: int, body: bytes, now: datetime) -> Told:
    if not settings.webhook_secret:
        return Told(done=False, answer=f"{WEBHOOK_SECRET} is not set, and nothing goes out unsigned")
    # The same however often it is tried, so that the receiver can tell a repetition.
    name = "msg_" + hashlib.sha256(f"{feed} {revision}".encode()).hexdigest()[:24]
    headers = {"Content-Type": "application/json", **signed(settings.webhook_secret, name, body, now)}
    return _ask(settings, send, settings.webhook, now, body=body, headers=headers, private=True)


def _command(settings: Settings, show: str, feed: str, revision: int, body: bytes) -> Told:
    variables = {"PODCAST_HOOK_SHOW": show, "PODCAST_HOOK_REVISION": str(revision), "PODCAST_HOOK_FEED": feed}
    ran = run(settings.command, body, variables, folder=settings.root)
    return Told(done=ran.code == 0, answer=_words(settings, ran.how, ran.output))


def _ask(
    settings: Settings,
    send: Send,
    url: str,
    now: datetime,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    private: bool = False,
) -> Told:
    """Send. ``private`` where the address is the operator's own word: it may be in the house."""
    try:
        answer = send(url, body=body, headers=headers, private=private)
    except FetchError as error:
        return Told(done=False, answer=settings.hidden(error.message), silent=isinstance(error, FetchUnavailable))
    if 200 <= answer.status < 300:
        return Told(done=True, answer=str(answer.status))
    if 300 <= answer.status < 400:
        return Told(done=False, answer=f"{answer.status}: it has moved, and a redirect is not followed")
    words = _words(settings, str(answer.status), answer.body)
    return Told(done=False, answer=words, wait=_wait(answer.headers.get("retry-after", ""), now))


def _words(settings: Settings, how: str, text: bytes) -> str:
    said = clean(settings.hidden(text.decode(errors="replace")), limit=_WORDS)
    return f"{how}: {said}" if said else how


def _wait(value: str, now: datetime) -> timedelta:
    """Return how long a Retry-After asks to wait: seconds, or a date."""
    if value.isascii() and value.isdecimal() and len(value) < 9:
        return timedelta(seconds=int(value))
    try:
        moment = parsedate_to_datetime(value)
        return max(timedelta(), moment.replace(tzinfo=moment.tzinfo or UTC) - now)
    except (ValueError, OverflowError):
        return timedelta()
