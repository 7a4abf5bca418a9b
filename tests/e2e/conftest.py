"""The demo show, published and served by the real command, once for all tests of this folder."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EPISODES = ROOT / "episodes"
LONG = 34 * 60 + 52


@dataclass(frozen=True)
class Project:
    """A project on disk, and the command run in it."""

    root: Path
    base: str
    environment: Mapping[str, str]

    def podcast(self, *words: str | Path) -> str:
        """Run the command, which must succeed, and return what it printed."""
        ran = subprocess.run(
            [sys.executable, "-m", "podcast", *words], cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert 0 == ran.returncode, ran.stderr
        return ran.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.podcast(*words, "--json"))

    def publish_all(self) -> None:
        """Add everything in the project's folder of episodes and publish it."""
        self.podcast("add", "episodes")
        drafts = [one["slug"] for one in self.json("list", "--draft")["episodes"]]
        self.podcast("publish", "--yes", *drafts)

    @property
    def feed_url(self) -> str:
        return self.base + "majlis/feed.xml"


def make_project(root: Path, base: str, *words: str, **environment: str) -> Project:
    """Make a project with the show Majlis and the demo's episodes beside it, not added yet."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PODCAST_"))}
    project = Project(root=root, base=base, environment=kept | environment | {"PYTHONPATH": str(ROOT), "PODCAST_PUBLISH_LOOK": "false"})
    project.podcast(
        "init", ".", "--title", "Majlis", "--author", "Radio", "--email", "desk@radio.example", "--category", "News > Politics",
        "--description", "One question every week.", "--cover", EPISODES / "cover.jpg", "--public-url", base, *words,
    )  # fmt: skip
    shutil.copytree(EPISODES, root / "episodes", dirs_exist_ok=True)
    return project


@pytest.fixture(scope="session")
def long_episode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Encode the episode of 0:34:52 as scripts/demo does."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from demo_show import encode  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    path = tmp_path_factory.mktemp("long") / "kings-of-corruption.mp3"
    encode(EPISODES / "s01e01-welcome-to-majlis.mp3", path)
    return path


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, long_episode: Path) -> Iterator[Project]:
    """Publish the demo show to a folder and serve it with `podcast serve`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    project = make_project(tmp_path_factory.mktemp("served"), f"http://127.0.0.1:{port}/")
    shutil.copy(long_episode, project.root / "episodes")
    project.publish_all()
    words = [sys.executable, "-m", "podcast", "serve", "--port", str(port)]
    with subprocess.Popen(words, cwd=project.root, env=project.environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        assert server.stdout.readline().startswith("Serving on ")
        yield project
        server.send_signal(signal.SIGINT)
        assert 0 == server.wait(timeout=10)
