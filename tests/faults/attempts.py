"""One fault in one scene: the command is killed or refused, the promises are looked at, it is run again, and must reach its end.

As a program: ``make FOLDER`` makes the scenes; ``try FOLDER`` reads attempts as JSON, one a line, and answers each with a line.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from .disks import FILE_SYSTEMS, PRIVATELY, Disk, disk
from .invariants import summary, violations
from .mutants import MUTANTS
from .order import lost_by_a_power_cut
from .runner import Prepare, alone, calls, copy, die_at, kill_at, refuse_at, run, warm
from .scenes import Scene, make_scenes

Kind = Literal["kill", "deed", "function", "error", "order", "cut"]

_ROOT = Path(__file__).parents[2]
#: Exit codes that the README documents for a command that could not do its work.
_DOCUMENTED = frozenset({1, 2, 3, 4, 5, 130})


_FULL, _BROKEN = ("ENOSPC", True), ("EIO", False)
_ERRORS = {
    "write": (_FULL, _BROKEN),
    "pwrite64": (_FULL, _BROKEN),
    "openat": (_FULL,),
    "mkdir": (_FULL,),
    "fsync": (_BROKEN,),
    "fdatasync": (_BROKEN,),
    "rename": (_FULL, _BROKEN),
    "unlink": (_BROKEN,),
}


@dataclass(frozen=True)
class Attempt:
    """A fault: a kill at the n-th system call of a ``name``, or at the n-th deed or function of Python; an error of a system call.

    ``order`` is none: the command runs to its end, and what a power cut could have lost meanwhile is looked for.
    A ``cut`` is a kill at a system call on a file system of this ``disk``, whose power goes at once; without a
    number, it goes when the command has ended.
    """

    scene: str
    kind: Kind
    number: int
    name: str = ""
    error: str = ""
    for_ever: bool = False
    mutant: str = ""
    disk: str = ""


@dataclass(frozen=True)
class Result:
    """Whether the fault struck at all, and what was wrong afterwards."""

    attempt: Attempt
    struck: bool
    faults: list[str]


def attempt(scene: Scene, fault: Attempt, folder: Path, disks: Mapping[str, Disk]) -> Result:
    """Try one fault on a copy of the scene's project."""
    disk = disks.get(fault.disk)
    folder = disk.folder if disk else folder
    root, known = copy(scene.project, folder / "project"), scene.known()
    prepare, trace = _arm(fault)
    if disk:
        disk.settle()
    try:
        if fault.kind == "order":
            ran, found = calls(root, scene.words, prepare)
            return Result(fault, ran.code == 0, lost_by_a_power_cut(found, root))
        ran = run(root, scene.words, prepare, trace)
        known.hear(ran.printed)
        if disk:
            disk.cut()
        faults = [f"after {fault.kind}: {one}" for one in violations(root, known)]
        if fault.kind == "error" and ran.code:
            faults += _of_message(ran.code, ran.printed, seen=not fault.for_ever)
        again = run(root, scene.words, MUTANTS[fault.mutant] if fault.mutant else None)
        known.hear(again.printed)
        faults += [f"run again: {one}" for one in violations(root, known)]
        reached = summary(root)
        if reached != scene.goal:
            faults.append(f"run again, it comes elsewhere: {_difference(reached, scene.goal)}; it says {again.printed!r}")
        elif again.code and scene.name != "unpublish":
            faults.append(f"run again, it fails with {again.code}: {again.printed!r}")
        at_the_end = fault.kind == "cut" and not fault.number
        return Result(fault, ran.killed or at_the_end or (fault.kind == "error" and ran.code != 0), faults)
    finally:
        shutil.rmtree(folder / "project")


def _arm(fault: Attempt) -> tuple[Prepare, list[str]]:
    """Return what the command does before it begins, and the words for strace."""
    steps = [MUTANTS[fault.mutant]] if fault.mutant else []
    trace: list[str] = []
    if fault.kind in {"deed", "function"}:
        steps.append(die_at(fault.number, anywhere=fault.kind == "function"))
    else:
        steps.append(alone)
        if fault.kind == "order" or not fault.number:
            pass
        elif fault.kind in {"kill", "cut"}:
            trace = kill_at(fault.name, fault.number)
        else:
            trace = refuse_at(fault.name, fault.error, fault.number, for_ever=fault.for_ever)

    def prepare() -> None:
        for step in steps:
            step()

    return prepare, trace


def _of_message(code: int, printed: str, *, seen: bool) -> Iterator[str]:
    if code not in _DOCUMENTED:
        yield f"it left with {code}"
    if "Traceback" in printed or "unexpected" in printed or (seen and not re.search("^Error: .+\nHint: .+", printed, re.MULTILINE)):
        yield f"it says {printed!r}"


def _difference(one: object, other: object) -> str:
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    return "; ".join(f"{name}: {one[name]} instead of {other[name]}" for name in one if one[name] != other[name])


def prepare(folder: Path) -> None:
    """Make all scenes in a folder, each with the list of its faults, in a process of its own."""
    subprocess.run(_command("make", folder), check=True, stdin=subprocess.DEVNULL, cwd=_ROOT)


def faults_of(folder: Path, scene: str, kind: Kind) -> list[Attempt]:
    """Return every fault of a kind that a prepared scene can meet."""
    told = json.loads((folder / scene / "faults.json").read_text())
    found = [Attempt(scene, "kill", number, name) for name, number in told["calls"]]
    match kind:
        case "kill":
            return found
        case "error":
            return list(_errors(found))
        case "order":
            return [Attempt(scene, kind, 0)]
        case "cut":
            moments = [Attempt(scene, kind, 0), *(replace(one, kind=kind) for one in found)]
            return [replace(one, disk=disk) for one in moments for disk in FILE_SYSTEMS]
        case _:
            return [Attempt(scene, kind, number) for number in range(1, told[kind] + 1)]


def _list_faults(scene: Scene, folder: Path) -> None:
    """Write down the system calls of the scene's command that change something, and count what Python does."""
    told: dict[str, object] = {}
    root = copy(scene.project, folder / "once")
    _, found = calls(root, scene.words)
    told["calls"] = [(call.name, call.number) for call in found]
    shutil.rmtree(root)
    for kind in ("deed", "function"):
        root, tally = copy(scene.project, folder / "once"), folder / "tally"
        run(root, scene.words, die_at(0, anywhere=kind == "function", tally=tally))
        told[kind] = int(tally.read_text())
        shutil.rmtree(root)
    (scene.folder / "faults.json").write_text(json.dumps(told))


def _errors(found: Iterable[Attempt]) -> Iterator[Attempt]:
    """Yield the errors that a disk may answer these calls with: once, or from then on, as a full disk does."""
    for one in found:
        for error, for_ever in _ERRORS.get(one.name, ()):
            yield replace(one, kind="error", error=error, for_ever=for_ever)


def spread(found: Sequence[Attempt], number: int) -> list[Attempt]:
    """Return so many of them, evenly spread; always the same ones."""
    return [found[at * len(found) // number] for at in range(min(number, len(found)))]


def try_all(scenes: Path, attempts: Iterable[Attempt], *, processes: int, under: Sequence[str] = ()) -> Iterator[Result]:
    """Try faults in several processes, each under a command that may be given; yield each result as it comes."""
    listed = list(attempts)
    shares = [listed[start::processes] for start in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        for results in pool.map(lambda share: list(_in_process(scenes, share, under)), shares):
            yield from results


def _in_process(scenes: Path, attempts: Sequence[Attempt], under: Sequence[str]) -> list[Result]:
    if any(one.disk for one in attempts):
        under = (*PRIVATELY, *under)
    with trying(scenes, under) as try_one:
        return [try_one(fault) for fault in attempts]


@contextmanager
def trying(scenes: Path, under: Sequence[str] = ()) -> Iterator[Callable[[Attempt], Result]]:
    """Run a process that tries one fault after another: its start takes as long as several of them."""
    with subprocess.Popen(_command("try", scenes, under), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:
        asked, answered = process.stdin, process.stdout
        assert asked
        assert answered

        def try_one(fault: Attempt) -> Result:
            asked.write(json.dumps(asdict(fault)) + "\n")
            asked.flush()
            told = json.loads(answered.readline() or "null")
            if told is None:
                raise RuntimeError(f"it ended at {fault}")
            return Result(Attempt(**told.pop("attempt")), **told)

        yield try_one


def _command(task: str, folder: Path, under: Sequence[str] = ()) -> list[str]:
    """Return how this module runs as a program: it forks, so it must be one without threads."""
    return [*under, sys.executable, "-m", "tests.faults.attempts", task, str(folder)]


def main() -> None:
    """Make scenes, or do what the input says."""
    task, scenes = sys.argv[1], Path(sys.argv[2])
    made = list(make_scenes(scenes)) if task == "make" else []
    with tempfile.TemporaryDirectory(dir=scenes) as folder, ExitStack() as stack:
        # In both tasks, or the n-th call would not be the same one.
        for name in ("add", "publish"):
            scene = Scene(scenes, name)
            warm(copy(scene.project, Path(folder) / name), scene.words)
        for scene in made:
            _list_faults(scene, scenes)
        disks: dict[str, Disk] = {}
        for line in sys.stdin:
            fault = Attempt(**json.loads(line))
            if fault.disk and fault.disk not in disks:
                disks[fault.disk] = stack.enter_context(disk(fault.disk, Path(folder)))
            sys.stdout.write(json.dumps(asdict(attempt(Scene(scenes, fault.scene), fault, Path(folder), disks))) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
