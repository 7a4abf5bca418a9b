"""The operator's command: what it gets, how it may fail, and that it never holds a publish up."""

import json
import os
import resource
import select
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from podcast.notify.command import Ran, run

from .conftest import FEED, Office

pytestmark = pytest.mark.thorough

Script = Callable[[str], str]
LONG = 60


def test_it_gets_the_document_and_variables_in_the_folder_of_the_project(
    office: Office, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODCAST_WEBHOOK_SECRET", "tea")
    monkeypatch.setenv("PODCAST_PODPING_TOKEN", "cake")
    monkeypatch.setenv("PODCAST_TRANSCRIBE_KEY", "milk")
    office.configure(command=script("json.dump([dict(os.environ), json.load(sys.stdin)], open('got.json', 'w'))"))
    assert [("command", True, "exit 0")] == [(one.target, one.done, one.answer) for one in office.publish(5)]
    environment, document = json.loads((tmp_path / "got.json").read_text())
    assert ("majlis", "5", FEED) == tuple(environment[f"PODCAST_HOOK_{name}"] for name in ("SHOW", "REVISION", "FEED"))
    assert set() == {"PODCAST_WEBHOOK_SECRET", "PODCAST_PODPING_TOKEN", "PODCAST_TRANSCRIBE_KEY"} & environment.keys()
    assert ("feed.published", 5) == (document["type"], document["data"]["revision"])


def test_no_shell_reads_it(office: Office, tmp_path: Path) -> None:
    office.configure(command="echo $HOME; touch made > made")
    assert ["exit 0: $HOME; touch made > made"] == [one.answer for one in office.publish(1)]
    assert not (tmp_path / "made").exists()


def test_one_that_fails_is_run_again(office: Office, script: Script, tmp_path: Path) -> None:
    office.configure(command=script("print('No network'); sys.exit(0 if os.path.exists('up') else 3)"))
    assert [(False, "exit 3: No network")] == [(one.done, one.answer) for one in office.publish(1)]
    (tmp_path / "up").touch()
    assert [True] == [one.done for one in office.run(hours=1)]


@pytest.mark.parametrize("command", ["/no/such/command", "'", "/"])
def test_one_that_cannot_be_run_is_told(office: Office, command: str) -> None:
    office.configure(command=command)
    (sent,) = office.publish(1)
    assert not sent.done
    assert "cannot be run" in sent.answer


def test_a_machine_that_is_full_is_no_failure_of_anything_else(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.configure(command="true")
    office.published(1)
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", "/no/such/folder")
        assert ["the system refuses: No such file or directory"] == [one.answer for one in office.run()]
    assert [True] == [one.done for one in office.run(minutes=2)]


def test_one_that_hangs_is_stopped_with_all_that_it_began(tmp_path: Path) -> None:
    command = "sh -c 'sleep 300 & echo $! > child; echo begun; sleep 300'"
    assert Ran(None, "stopped after 4 s", b"begun\n") == run(command, b"", {}, folder=tmp_path, seconds=4)
    child = int((tmp_path / "child").read_text())
    assert not is_alive(child, seconds=30)


def is_alive(process: int, *, seconds: float) -> bool:
    """Tell whether a process goes on for some time."""
    try:
        watch = os.pidfd_open(process)
    except ProcessLookupError:
        return False
    try:
        return not select.select([watch], [], [], seconds)[0]
    finally:
        os.close(watch)


def test_one_that_closes_its_output_and_hangs_is_stopped(script: Script, tmp_path: Path) -> None:
    command = script("os.close(1); os.close(2); time.sleep(300)")
    assert Ran(None, "stopped after 1 s", b"") == run(command, b"", {}, folder=tmp_path, seconds=1)


def test_what_it_leaves_in_the_background_is_not_waited_for(script: Script, tmp_path: Path) -> None:
    command = script("open('child', 'w').write(str(subprocess.Popen(['sleep', '300']).pid))")
    assert 0 == run(command, b"", {}, folder=tmp_path, seconds=LONG).code
    child = int((tmp_path / "child").read_text())
    assert is_alive(child, seconds=0.1)
    os.kill(child, signal.SIGKILL)


def test_a_gigabyte_of_output_is_read_in_little_memory_and_its_end_is_kept(script: Script, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    command = script("block = b'a' * (1 << 20)\nfor _ in range(1024): os.write(1, block)\nos.write(1, b'the end')")
    ran = run(command, b"", {}, folder=tmp_path, seconds=LONG)
    assert (0, True) == (ran.code, ran.output.endswith(b"the end"))
    assert len(ran.output) <= 2000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_large_document_that_is_not_read_holds_nothing_up(tmp_path: Path) -> None:
    assert 0 == run("true", b"a" * 5_000_000, {}, folder=tmp_path, seconds=LONG).code


def test_one_that_is_killed_says_by_what(script: Script, tmp_path: Path) -> None:
    assert "ended by signal 9" == run(script("os.kill(os.getpid(), 9)"), b"", {}, folder=tmp_path).how
