"""A command that is killed, or that the disk refuses, at any moment breaks no promise, and ends well when it is run again.

Here a sample of the moments, the same one every time; ``scripts/torture`` takes all of them.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from .attempts import Kind, faults_of, spread, try_all
from .scenes import COMMANDS

pytestmark = pytest.mark.server

KILLS, DEEDS, ERRORS = 16, 8, 8


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


@pytest.mark.parametrize("scene", COMMANDS)
def test_what_is_relied_on_was_brought_to_the_disk_before(scenes: Path, scene: str) -> None:
    _try(scenes, scene, "order", 1)


@pytest.mark.parametrize(
    ("mutant", "kind", "name"),
    [("feed_before_media", "kill", "rename"), ("plain_write", "kill", "write"), ("no_fsync", "order", ""), ("source_path", "deed", "")],
)
def test_publishing_that_is_broken_on_purpose_is_caught(scenes: Path, mutant: str, kind: Kind, name: str) -> None:
    found = [fault for fault in faults_of(scenes, "publish", kind) if fault.name == name]
    results = try_all(scenes, [replace(fault, mutant=mutant) for fault in spread(found, 3)], processes=1)
    assert any(result.faults for result in results)
