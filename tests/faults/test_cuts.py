"""A power cut at any moment, on real file systems, loses nothing that was acknowledged and leaves no torn feed; the same command goes on.

Here a sample of the moments; ``scripts/torture`` takes hundreds.
"""

import random
from pathlib import Path

import pytest

from .attempts import Attempt, faults_of, try_all
from .disks import FILE_SYSTEMS
from .scenes import COMMANDS

pytestmark = [pytest.mark.server, pytest.mark.root, pytest.mark.xdist_group("scenes")]

#: Cuts while a command is at work; and one for each, when it has ended.
DURING = 5


@pytest.mark.parametrize("disk", FILE_SYSTEMS)
def test_a_power_cut(scenes: Path, disk: str) -> None:
    cuts = [fault for scene in COMMANDS for fault in faults_of(scenes, scene, "cut") if fault.disk == disk]
    at_the_end = [fault for fault in cuts if not fault.number]
    during = random.Random(disk).sample([fault for fault in cuts if fault.number], DURING)
    results = list(try_all(scenes, [*at_the_end, *during], processes=1))
    assert [] == [result for result in results if result.faults]
    assert len(COMMANDS) + DURING == len(results)
    assert all(result.struck for result in results)


def test_a_system_that_brings_nothing_to_the_disk_is_caught(scenes: Path) -> None:
    cuts = [Attempt("publish", "cut", 0, disk=disk) for disk in FILE_SYSTEMS]
    results = list(try_all(scenes, cuts, processes=1, under=["eatmydata"]))
    assert len(FILE_SYSTEMS) == len(results)
    assert all("after cut: new is published, by its word, and draft by the catalogue" in result.faults for result in results)


def test_a_feed_that_gets_its_name_before_its_bytes_are_on_the_disk_is_caught(scenes: Path) -> None:
    (result,) = try_all(scenes, [Attempt("publish", "cut", 0, disk="xfs", mutant="no_fsync")], processes=1)
    assert any("feed.xml is not whole" in fault for fault in result.faults)
