"""What stands in deploy/ fits the program, as far as that can be seen without a container, systemd and a proxy."""

import json
import re
import shlex
from pathlib import Path
from typing import Final

import pytest
from starlette.applications import Starlette

from podcast.cli.serving import serve
from podcast.server.run import _config

ROOT: Final = Path(__file__).parents[2]
CONTAINER, SERVICE, NGINX, CADDY = (
    (ROOT / "deploy" / name).read_text() for name in ("Containerfile", "podcast.service", "nginx.conf", "Caddyfile")
)
RULES: Final = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]


def gets_in(path: str) -> bool:
    """Say whether a builder is given a file: the last rule that matches it, or a folder above it, decides."""
    above = ["/".join(path.split("/")[: depth + 1]) for depth in range(path.count("/") + 1)]
    inside = True
    for rule in RULES:
        pattern = re.escape(rule.removeprefix("!")).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if any(re.fullmatch(pattern, each) for each in above):
            inside = rule.startswith("!")
    return inside


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "podcast.env",
        "podcast.toml",
        "catalogue.db",
        "radio/public/majlis/feed.xml",
        ".git/config",
        "tests/make.py",
        "podcast/.env",
        "podcast/server/podcast.env",
        "podcast/catalogue.db",
        "podcast/catalogue.db-wal",
        "podcast/podcast.toml",
        "podcast/server/.mypy_cache/x.json",
        "podcast/server/__pycache__/app.cpython-311.pyc",
    ],
)
def test_no_secret_and_no_catalogue_gets_into_an_image(path: str) -> None:
    assert not gets_in(path)


def test_all_that_the_image_is_made_of_gets_into_it() -> None:
    named = [word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE) for word in line.split()]
    sources = [path for name in named for path in ([ROOT / name] if (ROOT / name).is_file() else (ROOT / name).rglob("*.*"))]
    kinds = {".py", ".html", ".css", ".js", ".txt", ".typed", ".toml", ".md"}

    assert {"pyproject.toml", "README.md", "LICENSE", "podcast"} == set(named)
    assert [] == [
        path for path in sources if path.suffix in kinds and "cache" not in str(path) and not gets_in(str(path.relative_to(ROOT)))
    ]


def test_the_program_is_called_as_it_can_be() -> None:
    entry, in_container = (json.loads(re.findall(rf"^{word} (.+)$", CONTAINER, re.MULTILINE)[-1]) for word in ("ENTRYPOINT", "CMD"))
    [in_service] = re.findall(r"^ExecStart=(.+)$", SERVICE, re.MULTILINE)

    assert ["podcast"] == entry
    for program, *arguments in ([*entry, *in_container], shlex.split(in_service)):
        assert ("podcast", "serve") == (Path(program).name, arguments[0])
        assert "1m" == serve.make_context("serve", arguments[1:]).params["publish_every"]


def test_a_proxy_asks_where_the_program_listens_and_gives_up_idle_connections_first() -> None:
    port = serve.make_context("serve", []).params["port"]
    [nginx], [caddy] = re.findall(r"keepalive_timeout (\d+)s;", NGINX), re.findall(r"keepalive (\d+)s", CADDY)

    assert f"server 127.0.0.1:{port};" in NGINX
    assert f"reverse_proxy 127.0.0.1:{port} " in CADDY
    assert f"EXPOSE {port}\n" in CONTAINER
    assert f"http://127.0.0.1:{port}/readyz" in CONTAINER
    assert max(int(nginx), int(caddy)) < _config(Starlette()).timeout_keep_alive


def test_a_proxy_says_that_it_is_one_and_leaves_gzip_to_the_server() -> None:
    assert 'proxy_set_header Via "' in NGINX
    assert 'header_up Via "' in CADDY
    assert "compression off" in CADDY
    assert not re.search(r"^\s*(gzip|encode)\b", NGINX + CADDY, re.MULTILINE)
