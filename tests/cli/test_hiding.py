"""Nothing that is printed or logged holds a secret, or steers the terminal that it is read on."""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from podcast.cli import desk
from podcast.errors import PodcastError
from podcast.hiding import hush
from tests.servers import S3Server
from tests.web import Web, serve_pages

from .conftest import Podcast

#: What somebody may have turned on who looks for a fault: every logger there is, each by its own name.
RUNNER = """
import json, logging, sys
import boto3, botocore.auth, botocore.endpoint, botocore.httpsession, botocore.parsers, psycopg, sqlalchemy.pool, urllib3.connectionpool
from podcast import fetch
from podcast.cli import main
from podcast.notify import calls
logging.basicConfig(level=logging.DEBUG)
for name in list(logging.root.manager.loggerDict):
    logging.getLogger(name).setLevel(logging.DEBUG)
fetch._PublicPool, calls._PODPING = fetch._Pool, sys.argv[1]
for words in json.loads(sys.argv[2]):
    try:
        main(words)
    except SystemExit as end:
        print(words[0], "left with", end.code)
"""
CANARIES = {
    "AWS_SECRET_ACCESS_KEY": "canary-secret/key+1",
    "AWS_SESSION_TOKEN": "canary-session-token",
    "PODCAST_PODPING_TOKEN": "canary-podping-token",
    "PODCAST_WEBHOOK_SECRET": "canary-webhook-secret",
    "PODCAST_TRANSCRIBE_KEY": "canary-transcribe-key",
}


@pytest.fixture
def web() -> Iterator[Web]:
    with serve_pages() as web:
        yield web


def repeat(request: BaseHTTPRequestHandler) -> None:
    """Answer as a badly written service does: with all that it was sent, in the headers too."""
    body = "".join(f"{name}: {value}\n" for name, value in request.headers.items()).encode() + request.path.encode()
    request.send_response(500)
    request.send_header("Content-Length", str(len(body)))
    request.send_header("Broken header without a value", "\x9b31m")
    request.wfile.write(b"".join(getattr(request, "_headers_buffer", [])) + b"no header at all\r\n\r\n" + body)
    request._headers_buffer = []  # type: ignore[attr-defined]


@pytest.mark.server
@pytest.mark.xdist_group("ministack")
def test_a_publish_with_every_log_turned_on_says_no_secret(
    podcast: Podcast, speech: Path, web: Web, ministack: S3Server, postgres_database: str
) -> None:
    database = urlsplit(postgres_database)
    host = database.netloc.rpartition("@")[2]
    names = CANARIES | {
        "PODCAST_HOOKS_WEBHOOK": web.url("/T0/canary-path"),
        "PODCAST_CATALOGUE_URL": urlunsplit(database._replace(netloc=f"postgres:canary-password@{host}")),
    }
    others = {
        "AWS_ACCESS_KEY_ID": "test",
        "PODCAST_PUBLIC_URL": "https://pod.example/",
        "PODCAST_STORAGE_URL": f"s3://{ministack.make_bucket()}",
        "PODCAST_STORAGE_ENDPOINT": ministack.endpoint,
        "PODCAST_PUBLISH_LOOK": "false",
        "PODCAST_HOOKS_PUBLISHED": 'sh -c \'tr "\\0" " " < /proc/$PPID/cmdline > arguments; echo $AWS_SECRET_ACCESS_KEY; exit 1\'',
    }
    web.otherwise = repeat
    new = ["show", "add", "--title", "Majlis", "--author", "Radio", "--email", "a@radio.example", "--category", "News > Politics"]
    work = [
        ["init", ".", *new[2:]],
        ["show", "edit", "majlis", "--from", "show.toml"],
        ["add", str(speech)],
        ["publish", "welcome-to-majlis", "--yes"],
        ["status"],
        ["status", "--json"],
        ["config"],
        ["config", "--json"],
        ["doctor", "--json"],
    ]
    (speech.parents[1] / "show.toml").write_text("podping = true")
    (speech.parents[1] / "podcast.toml").unlink()
    ran = subprocess.run(
        [sys.executable, "-X", "dev", "-c", RUNNER, web.url("/podping"), json.dumps(work)],
        env=os.environ | ministack.environment | names | others,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = ran.stdout + ran.stderr
    assert "publish left with 0" in told, told
    assert 3 == told.count("was not told of majlis"), told
    assert {"/podping", "/T0/canary-path"} <= {path.partition("?")[0] for path in web.seen}
    # Logging is on, and is heard.
    assert "DEBUG:" in told
    for text in (told, (speech.parents[1] / "arguments").read_text()):
        found = re.search(r"canary.*|AWS4-HMAC|X-Amz-S.*|Authorization: (?!\*\*\*).*|[\x9b\x1b]", text)
        assert found is None, found
    assert "podcast" in (speech.parents[1] / "arguments").read_text()


def test_a_debugger_s_own_levels_come_too_late_for_the_logs_that_hold_signatures() -> None:
    for name in ("botocore.auth", "urllib3.connectionpool", "boto3.resources"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    hush()
    assert {logging.ERROR} == {logging.getLogger(name).level for name in ("botocore.auth", "urllib3.connectionpool", "boto3.resources")}


#: A window's title, a cleared screen, one byte that means CSI, a forged line, and a line that reads backwards.
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\nError: forged\u202egnp.exe"


def is_harmless(text: str) -> bool:
    return not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text) and "\nError: forged" not in text


@pytest.mark.parametrize("kind", [PodcastError, RuntimeError, OSError, KeyError])
def test_no_error_steers_the_terminal_or_tells_a_secret(podcast: Podcast, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]) -> None:
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)

    def fail(*_: object) -> None:
        raise kind(f"{HOSTILE} {' '.join(CANARIES.values())} postgresql://podcast:canary@db.example/x")

    monkeypatch.setattr(desk, "find_project", fail)
    for words in (["config"], ["config", "--json"], ["-v", "config"]):
        ran = podcast(*words, code=1)
        assert is_harmless(ran.out + ran.err)
        assert "canary" not in ran.out + ran.err
        assert "owned" in ran.err
    if kind is PodcastError:
        assert HOSTILE in json.loads(podcast("config", "--json", code=1).err)["error"]["message"]


def test_no_title_no_notes_and_no_file_name_steer_the_terminal(podcast: Podcast, speech: Path) -> None:
    name = speech.with_name(f"{HOSTILE.replace('/', '')}.mp3")
    speech.rename(name)
    printed = [podcast("add", name, "--title", HOSTILE, "--notes", HOSTILE.replace("Error", "\n\nNote"))]
    slug = printed[0].out.split()[1]
    for words in (["view", slug], ["view", slug, "--json"], ["list"], ["search", "owned"], ["diff", slug], ["publish", slug, "--yes"]):
        printed += [podcast(*words)]
    printed += [podcast("check", code=None), podcast("status"), podcast("feed"), podcast("view", HOSTILE, code=3)]
    assert [] == [ran for ran in printed if not is_harmless(ran.out + ran.err)]
    assert "owned" in podcast("list").out


def test_a_login_in_the_endpoint_is_not_shown(podcast: Podcast, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODCAST_STORAGE_URL", "s3://bucket")
    for endpoint in ("https://canary-token@s3.example", "https://name:canary@s3.example", "canary:canary@s3.example"):
        monkeypatch.setenv("PODCAST_STORAGE_ENDPOINT", endpoint)
        printed = [
            podcast(*words, code=None) for words in (["config"], ["config", "--json"], ["doctor"], ["doctor", "--json"], ["publish"])
        ]
        assert "canary" not in "".join(ran.out + ran.err for ran in printed)
