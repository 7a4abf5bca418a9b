"""A project in a temporary folder, and the command line run in it as a user runs it."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from podcast.cli import main

EPISODES = Path(__file__).parents[2] / "episodes"
SPEECH = EPISODES / "s01e01-welcome-to-majlis.mp3"


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Podcast = Callable[..., Ran]


def written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()


@pytest.fixture
def podcast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Podcast:
    """Return a function that runs a command in an empty folder; no traceback may ever be printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "dumb")

    def run(*words: str | Path, code: int | None = 0, stdin: str = "") -> Ran:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            with pytest.raises(SystemExit) as left:
                main([str(word) for word in words])
        ran = Ran(int(left.value.code or 0), written(out), written(err))
        assert "Traceback" not in ran.err or {"-v", "--verbose"} & set(words)
        assert code is None or code == ran.code, ran
        return ran

    return run


@pytest.fixture
def project(podcast: Podcast, tmp_path: Path) -> Path:
    """Make a project with the show Majlis in the current folder."""
    podcast("init", ".", "--title", "Majlis", "--author", "Radio", "--email", "desk@radio.example", "--category", "News > Politics")
    return tmp_path


@pytest.fixture
def speech(project: Path) -> Path:
    """Put half a minute of speech into the project's folder of episodes, without sidecars."""
    return Path(shutil.copy(SPEECH, project / "episodes" / "welcome.mp3"))
