"""Where the catalogue is locked, or a folder may not be written, a command says so, loses nothing, and ends well afterwards."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .invariants import summary, violations
from .scenes import COMMANDS, Scene

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("scenes")]

_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""

#: A shorter patience; and root gives up the right to write where the modes of files forbid it (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH).
_PODCAST = """
import ctypes, os, sys
from podcast.catalogue import database
from podcast.cli import main
database.PATIENCE = 0.3
if os.geteuid() == 0:
    head, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc = ctypes.CDLL(None)
    assert libc.capget(head, sets) == 0
    sets[0] &= ~0b110
    assert libc.capset(head, sets) == 0
main(sys.argv[1:])
"""


def _podcast(root: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", _PODCAST, *words], cwd=root, capture_output=True, text=True)


def _refused(ran: "subprocess.CompletedProcess[str]", code: int, scene: Scene, root: Path) -> None:
    assert code == ran.returncode, ran
    assert ran.stderr.startswith("Error: ")
    assert "\nHint: " in ran.stderr
    assert "unexpected" not in ran.stderr
    assert [] == violations(root, scene.known())


@pytest.mark.parametrize("name", ["add", "publish", "replace", "unpublish", "gc"])
def test_a_locked_catalogue_is_told_of_and_nothing_is_lost(scenes: Path, tmp_path: Path, name: str) -> None:
    scene = Scene(scenes, name)
    root = Path(shutil.copytree(scene.project, tmp_path / "project"))
    with subprocess.Popen(
        [sys.executable, "-c", _LOCK, str(root / ".podcast" / "catalogue.db")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert b"locked\n" == holder.stdout.readline()
        _refused(_podcast(root, *COMMANDS[name]), 5, scene, root)
        holder.communicate()
    assert 0 == _podcast(root, *COMMANDS[name]).returncode
    assert scene.goal == summary(root)


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("add", ".podcast/staging"),
        ("add", ".podcast"),
        ("publish", "public/majlis/media"),
        ("publish", ".podcast"),
        ("unpublish", "public/majlis/new"),
    ],
)
def test_a_folder_that_may_not_be_written_is_told_of_and_nothing_is_lost(scenes: Path, tmp_path: Path, name: str, folder: str) -> None:
    scene = Scene(scenes, name)
    root = Path(shutil.copytree(scene.project, tmp_path / "project"))
    mode = (root / folder).stat().st_mode
    (root / folder).chmod(0o555)
    _refused(_podcast(root, *COMMANDS[name]), 1, scene, root)
    (root / folder).chmod(mode)
    again = _podcast(root, *COMMANDS[name])
    assert 0 == again.returncode, again
    assert scene.goal == summary(root)
