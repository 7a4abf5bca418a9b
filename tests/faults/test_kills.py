"""A command that is killed, or that the disk refuses, at any moment breaks no promise, and ends well when it is run again.

Here a sample of the moments, the same one every time; ``scripts/torture`` takes all of them.
"""

from pathlib import Path

import pytest

from .attempts import Kind, faults_of, spread, try_all
from .scenes import COMMANDS

pytestmark = pytest.mark.server

KILLS, DEEDS, ERRORS = 16, 10, 12


def _try(scenes: Path, scene: str, kind: Kind, number: int) -> None:
    results = list(try_all(scenes, spread(faults_of(scenes, scene, kind), number), processes=1))
    assert [] == [result for result in results if result.faults]
    # An error that the command can do without is no error; a kill is one always.
    assert number == len(results)
    assert all(result.struck for result in results) if kind != "error" else any(result.struck for result in results)


@pytest.mark.parametrize("scene", COMMANDS)
def test_killed_at_a_system_call(scenes: Path, scene: str) -> None:
    _try(scenes, scene, "kill", KILLS)


@pytest.mark.parametrize("scene", COMMANDS)
def test_killed_between_two_deeds_while_threads_run(scenes: Path, scene: str) -> None:
    _try(scenes, scene, "deed", DEEDS)


@pytest.mark.parametrize("scene", COMMANDS)
def test_refused_by_a_full_or_broken_disk(scenes: Path, scene: str) -> None:
    _try(scenes, scene, "error", ERRORS)
