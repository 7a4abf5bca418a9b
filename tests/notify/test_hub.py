"""A real hub takes our word, fetches the feed and hands it to a subscriber, signed."""

import hashlib
import hmac
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from podcast.fetch import send
from podcast.formats import rss
from podcast.notify.calls import tell
from podcast.site import Site
from tests.make import MOMENT, make_episode, make_show
from tests.web import Web

from .conftest import Office

pytestmark = pytest.mark.server

SECRET = "of the subscriber"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """Run a hub, and give its address."""
    command = [sys.executable, "-m", "tests.notify.hub", str(tmp_path / "hub.db")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/hub"
        finally:
            process.kill()


def test_a_subscriber_gets_the_feed_with_a_valid_signature(office: Office, web: Web, hub: str) -> None:
    site = Site(web.url("/"))
    feed = rss.render(make_show(), [make_episode()], site, hubs=[hub])
    topic, callback = site.url("majlis/feed.xml"), web.url("/callback")
    web.pages["/majlis/feed.xml"] = (200, {"Link": f'<{hub}>; rel="hub", <{topic}>; rel="self"'}, feed)

    def subscriber(handler: BaseHTTPRequestHandler) -> None:
        challenge = parse_qs(urlsplit(handler.path).query).get("hub.challenge", [""])[0]
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(challenge.encode())

    web.otherwise = subscriber
    form = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": callback, "hub.secret": SECRET}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert 202 == send(hub, body=urlencode(form).encode(), headers=headers, private=True).status

    told = tell(office.settings, f"hub {hub}", show=make_show(), feed=topic, revision=1, body=b"", now=MOMENT, send=send)

    assert told.done
    ((path, got, body),) = web.posted
    assert ("/callback", feed) == (path, body)
    algorithm, _, signature = got["x-hub-signature"].partition("=")
    assert hmac.new(SECRET.encode(), body, getattr(hashlib, algorithm)).hexdigest() == signature
