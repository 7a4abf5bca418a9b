"""A command that is killed, or that the disk refuses, at any moment breaks no promise, and ends well when it is run again.

Here a sample of the moments, the same one every time; ``scripts/torture`` takes all of them.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from .attempts import Attempt, Kind, Result, faults_of, spread
from .scenes import COMMANDS

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("scenes")]

TryOne = Callable[[Attempt], Result]

KILLS, DEEDS, ERRORS = 16, 8, 8


def _try(try_one: TryOne, scenes: Path, scene: str, kind: Kind, number: int) -> None:
    results = [try_one(fault) for fault in spread(faults_of(scenes, scene, kind), number)]
    assert [] == [result for result in results if result.faults]
    # An error that the command can do without is no error; a kill is one always.
    assert number == len(results)
    assert all(result.struck for result in results) if kind != "error" else any(result.struck for result in results)


@pytest.mark.parametrize("scene", COMMANDS)
def test_killed_at_a_system_call(try_one: TryOne, scenes: Path, scene: str) -> None:
    _try(try_one, scenes, scene, "kill", KILLS)


@pytest.mark.parametrize("scene", COMMANDS)
def test_killed_between_two_deeds_while_threads_run(try_one: TryOne, scenes: Path, scene: str) -> None:
    _try(try_one, scenes, scene, "deed", DEEDS)


@pytest.mark.parametrize("scene", COMMANDS)
def test_refused_by_a_full_or_broken_disk(try_one: TryOne, scenes: Path, scene: str) -> None:
    _try(try_one, scenes, scene, "error", ERRORS)


@pytest.mark.parametrize("scene", COMMANDS)
def test_what_is_relied_on_was_brought_to_the_disk_before(try_one: TryOne, scenes: Path, scene: str) -> None:
    _try(try_one, scenes, scene, "order", 1)


@pytest.mark.parametrize(
    ("mutant", "kind", "name"),
    [
        ("feed_before_media", "kill", "rename"),
        ("plain_write", "kill", "write"),
        ("no_fsync", "order", ""),
        ("source_path", "deed", ""),
        ("guid_from_title", "deed", ""),
    ],
)
def test_publishing_that_is_broken_on_purpose_is_caught(try_one: TryOne, scenes: Path, mutant: str, kind: Kind, name: str) -> None:
    found = [fault for fault in faults_of(scenes, "publish", kind) if fault.name == name]
    assert any(try_one(replace(fault, mutant=mutant)).faults for fault in spread(found, 3))
