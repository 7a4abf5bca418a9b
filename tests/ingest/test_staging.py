"""The copy in staging is what was hashed, and the source is only read."""

import hashlib
import os
import resource
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from podcast.errors import MediaError, PodcastError
from podcast.ingest.staging import Staging

Put = Callable[[str, bytes], Path]
DATA = bytes(range(256)) * 10_000


def leftovers(staging: Staging) -> list[str]:
    return [path.name for path in staging.root.iterdir()] if staging.root.exists() else []


def test_a_copy_is_named_by_its_hash(staging: Staging, put: Put) -> None:
    staged = staging.copy(put("talk.mp3", DATA))
    assert hashlib.sha256(DATA).hexdigest() == staged.sha256
    assert hashlib.md5(DATA).hexdigest() == staged.md5
    assert len(DATA) == staged.length
    assert DATA == staging.path(staged.sha256).read_bytes()
    assert [staged.sha256] == leftovers(staging)


def test_bytes_are_stored_like_copies(staging: Staging, put: Put) -> None:
    assert staging.store(DATA) == staging.copy(put("talk.mp3", DATA))
    assert 1 == len(leftovers(staging))


def test_the_folder_is_for_its_owner_alone(staging: Staging) -> None:
    staging.store(b"x")
    assert 0o700 == stat.S_IMODE(staging.root.stat().st_mode)


def test_the_source_stays_as_it_is(staging: Staging, put: Put) -> None:
    path = put("talk.mp3", DATA)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    before, folder = path.stat(), path.parent.stat()
    staging.copy(path)
    after = path.stat()
    assert DATA == path.read_bytes()
    for name in ("st_ino", "st_mode", "st_mtime_ns", "st_ctime_ns", "st_nlink", "st_size"):
        assert getattr(before, name) == getattr(after, name)
    assert (folder.st_mtime_ns, folder.st_ctime_ns) == (path.parent.stat().st_mtime_ns, path.parent.stat().st_ctime_ns)


def test_progress_adds_up_to_the_length(staging: Staging, put: Put) -> None:
    steps: list[int] = []
    staging.copy(put("talk.mp3", DATA), progress=steps.append)
    assert len(DATA) == sum(steps)
    assert len(steps) > 1


def test_a_link_to_a_file_is_a_file(staging: Staging, put: Put) -> None:
    path = put("talk.mp3", DATA)
    link = path.with_name("link.mp3")
    link.symlink_to(path)
    assert len(DATA) == staging.copy(link).length


def test_a_name_may_be_any_bytes(staging: Staging, put: Put) -> None:
    for name in ("-rf", "a\nb.mp3", os.fsdecode(b"caf\xe9.mp3"), "n" * 255):
        assert 4 == staging.copy(put(name, b"talk")).length


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def shorten(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 10)


def touch(path: Path) -> None:
    os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))


CHANGES = {change.__name__: change for change in (append, replace, shorten, touch)}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_source_that_goes_on_changing_is_refused(staging: Staging, put: Put, change: Callable[[Path], None]) -> None:
    path = put("talk.mp3", DATA)
    with pytest.raises(MediaError, match=r"^talk.mp3 is still being written$") as caught:
        staging.copy(path, lambda _: change(path))
    assert "Wait" in caught.value.hint
    assert [] == leftovers(staging)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_source_that_changes_once_is_copied_again(staging: Staging, put: Put, change: Callable[[Path], None]) -> None:
    path, turns = put("talk.mp3", DATA), iter([change])
    staged = staging.copy(path, lambda _: next(turns, lambda _: None)(path))
    assert path.read_bytes() == staging.path(staged.sha256).read_bytes()
    assert [staged.sha256] == leftovers(staging)


def test_a_source_that_vanishes_is_refused(staging: Staging, put: Put) -> None:
    path = put("talk.mp3", DATA)
    with pytest.raises(MediaError, match="There is no file"):
        staging.copy(path, lambda _: path.unlink(missing_ok=True))
    assert [] == leftovers(staging)


def test_a_watch_may_stop_the_copy(staging: Staging, put: Put) -> None:
    def stop(block: bytes) -> None:
        raise MediaError(f"{len(block)} bytes are enough")

    with pytest.raises(MediaError, match="enough"):
        staging.copy(put("talk.mp3", DATA), stop)
    assert [] == leftovers(staging)


def test_a_watch_sees_an_empty_file(staging: Staging, put: Put) -> None:
    seen: list[bytes] = []
    staging.copy(put("talk.mp3", b""), seen.append)
    assert [b""] == seen


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


@pytest.mark.parametrize(
    ("make", "what"),
    [(pipe, "is a named pipe"), (folder, "is a folder"), (device, "is a device"), (dangling, "There is no file")],
)
def test_what_is_no_file_is_refused_at_once(staging: Staging, tmp_path: Path, make: Callable[[Path], None], what: str) -> None:
    path, errors = tmp_path / "odd.mp3", list[MediaError]()
    make(path)

    def copy() -> None:
        try:
            staging.copy(path)
        except MediaError as error:
            errors.append(error)

    thread = Thread(target=copy, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert what in errors[0].message
    assert errors[0].hint


def test_a_name_with_a_null_byte_is_refused(staging: Staging) -> None:
    with pytest.raises(MediaError, match="cannot be read"):
        staging.copy(Path("a\0b.mp3"))


def test_a_disk_that_takes_no_more_is_one_clear_error(staging: Staging, put: Put) -> None:
    path = put("talk.mp3", DATA)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(PodcastError, match=r"^The staging folder .* cannot be written: File too large$"):
            staging.copy(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [] == leftovers(staging)


def test_a_staging_folder_that_is_a_file_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PodcastError, match="cannot be written"):
        Staging(tmp_path / "file").store(b"x")


def test_what_is_of_no_use_can_go(staging: Staging) -> None:
    staged = staging.store(b"x")
    staging.discard(staged)
    staging.discard(staged)
    assert [] == leftovers(staging)


def test_what_is_there_is_not_written_again_but_is_no_leftover(staging: Staging) -> None:
    first = staging.store(b"cover")
    path = staging.path(first.sha256)
    os.utime(path, (1, 1))
    inode = path.stat().st_ino
    again = staging.store(b"cover")
    assert first == again
    assert not again.fresh
    assert inode == path.stat().st_ino
    assert 1 < path.stat().st_mtime
    path.write_bytes(b"cut")
    assert b"cover" == staging.path(staging.store(b"cover").sha256).read_bytes()
