"""A folder as storage: whole files or none, nothing outside it, and what a disk may refuse."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast.errors import StorageError
from podcast.storage import Upload
from podcast.storage.keys import is_key
from podcast.storage.local import LocalStorage

from .conftest import content, upload

FEED = "majlis/feed.xml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def storage(root: Path) -> LocalStorage:
    return LocalStorage(root)


def names(folder: Path) -> list[str]:
    """Return every file under the folder, the hidden ones too."""
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if not each.is_dir())


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException) -> Iterator[None]:
    """Let a function of os fail."""

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, name, fail)
        yield


@pytest.mark.parametrize("name", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt()])
def test_a_put_that_fails_leaves_the_old_file_and_no_other(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: BaseException
) -> None:
    old = storage.put(upload(FEED, b"old"))
    with failing(monkeypatch, name, error), pytest.raises((StorageError, KeyboardInterrupt)):
        storage.put(upload(FEED, b"the new one"))
    assert names(root) == [FEED]
    assert content(storage, FEED) == b"old"
    assert old == storage.head(FEED)


def test_a_put_interrupted_while_it_copies_leaves_the_old_file_and_no_other(storage: LocalStorage, root: Path) -> None:
    storage.put(upload(FEED, b"old"))

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        storage.put(upload(FEED, b"the new one"), interrupt)
    assert names(root) == [FEED]
    assert content(storage, FEED) == b"old"


def test_a_file_reaches_the_disk_before_its_name_and_the_name_before_the_answer(
    storage: LocalStorage, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.put(upload(FEED, b"old"))
    done: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def path_of(descriptor: int) -> Path:
        return Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(root)

    def record_fsync(descriptor: int) -> None:
        path = path_of(descriptor)
        temporary = path.parts[:1] == (".tmp",)
        assert not temporary or os.fstat(descriptor).st_size == 3
        done.append(("fsync", ".tmp" if temporary else str(path)))
        fsync(descriptor)

    def record_replace(old: Path, new: Path) -> None:
        done.append(("replace", str(Path(new).relative_to(root))))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", record_fsync)
    monkeypatch.setattr(os, "replace", record_replace)
    storage.put(upload(FEED, b"new"))
    assert done == [("fsync", ".tmp"), ("replace", FEED), ("fsync", "majlis")]

    done.clear()
    storage.put(upload("a/b/c.txt", b"new"))
    assert done == [("fsync", "a"), ("fsync", "."), ("fsync", ".tmp"), ("replace", "a/b/c.txt"), ("fsync", "a/b")]

    done.clear()
    storage.put(upload(FEED, b"new"))
    assert done == [("fsync", FEED), ("fsync", "majlis")]


def test_a_file_that_is_there_already_is_not_written_again(storage: LocalStorage, root: Path) -> None:
    first = storage.put(upload(FEED, b"same"))
    inode = (root / FEED).stat().st_ino
    told: list[int] = []
    assert first == storage.put(upload(FEED, b"same"), told.append)
    assert inode == (root / FEED).stat().st_ino
    assert told == [4]


def test_a_new_file_is_younger_than_the_old_one_even_when_the_clock_went_back(storage: LocalStorage, root: Path) -> None:
    first = storage.put(upload(FEED, b"old"))
    ahead = (root / FEED).stat().st_mtime_ns + 3600 * 10**9
    os.utime(root / FEED, ns=(ahead, ahead))
    second = storage.put(upload(FEED, b"new"))
    assert (root / FEED).stat().st_mtime_ns > ahead
    assert first.etag != second.etag


def test_the_etag_is_the_same_in_another_process(storage: LocalStorage, root: Path) -> None:
    assert storage.put(upload(FEED, b"x")) == LocalStorage(root).head(FEED)


def test_a_file_edited_in_place_has_another_etag(storage: LocalStorage, root: Path) -> None:
    before = storage.put(upload(FEED, b"x"))
    (root / FEED).write_bytes(b"other")
    assert before.etag != storage.head(FEED).etag  # type: ignore[union-attr]


def test_files_are_readable_as_the_umask_says(storage: LocalStorage, root: Path) -> None:
    old = os.umask(0o022)
    try:
        storage.put(upload(FEED, b"x"))
    finally:
        os.umask(old)
    assert stat.S_IMODE((root / FEED).stat().st_mode) == 0o644


def test_leftovers_of_killed_processes_go_after_a_day(storage: LocalStorage, root: Path) -> None:
    storage.put(upload(FEED, b"x"))
    for name, age in (("old", 90_000), ("young", 80_000)):
        path = root / ".tmp" / name
        path.write_bytes(b"half")
        then = path.stat().st_mtime - age
        os.utime(path, (then, then))
    LocalStorage(root).put(upload(FEED, b"y"))
    assert names(root) == [".tmp/young", FEED]


def test_hidden_and_foreign_files_are_not_listed(storage: LocalStorage, root: Path) -> None:
    storage.put(upload(FEED, b"x"))
    for name in (".tmp/x", "majlis/.DS_Store", "majlis/Ünicode.txt", "majlis/a b.txt", ".git/config"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"x")
    os.mkfifo(root / "majlis" / "pipe")
    assert [each.key for each in storage.list()] == [FEED]
    assert storage.head("majlis/pipe") is None
    assert storage.head("majlis") is None


def test_path_is_for_the_web_server(storage: LocalStorage, root: Path) -> None:
    storage.put(upload(FEED, b"x"))
    assert root / FEED == storage.path(FEED)
    for key in ("majlis", "majlis/none.xml", "../files/majlis/feed.xml", "/etc/hostname", "majlis//feed.xml", ".tmp", "a\0b"):
        assert storage.path(key) is None


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Return a folder beside the storage, with a file."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.txt").write_bytes(b"secret")
    return folder


def test_a_link_out_of_the_storage_leads_nowhere(storage: LocalStorage, root: Path, outside: Path) -> None:
    root.mkdir()
    (root / "link").symlink_to(outside)
    (root / "file.txt").symlink_to(outside / "secret.txt")
    for key in ("link/secret.txt", "file.txt"):
        assert storage.head(key) is None
        assert storage.path(key) is None
        storage.delete([key])
    assert list(storage.list()) == []
    for key in ("link/new.txt", "link/a/new.txt"):
        with pytest.raises(StorageError, match="symbolic link") as caught:
            storage.put(upload(key, b"x"))
        assert "storage.url" in caught.value.hint
    storage.put(upload("file.txt", b"replaces the link"))
    assert content(storage, "file.txt") == b"replaces the link"
    assert names(outside) == ["secret.txt"]
    assert (outside / "secret.txt").read_bytes() == b"secret"


def test_the_root_itself_may_be_a_link(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "link").symlink_to(outside)
    storage = LocalStorage(tmp_path / "link")
    storage.put(upload(FEED, b"x"))
    assert outside / FEED == storage.path(FEED)


@given(st.text(alphabet="./ab\0~-", max_size=12))
def test_no_key_leads_out_of_the_root(name: str) -> None:
    if is_key(name):
        path = os.path.normpath(f"/root/{name}")
        assert f"/root/{name}" == path
        assert not any(part.startswith(".") for part in name.split("/"))


def test_folders_that_become_empty_go(storage: LocalStorage, root: Path) -> None:
    storage.put(upload("a/b/c.txt", b"x"))
    storage.put(upload("a/d.txt", b"x"))
    storage.delete(["a/b/c.txt"])
    assert not (root / "a" / "b").exists()
    storage.delete(["a/d.txt"])
    assert not (root / "a").exists()
    assert root.exists()


def test_a_file_in_the_place_of_a_folder_is_told(storage: LocalStorage) -> None:
    storage.put(upload("a/b.txt", b"x"))
    for key in ("a/b.txt/c.txt", "a"):
        with pytest.raises(StorageError) as caught:
            storage.put(upload(key, b"x"))
        assert "remove" in caught.value.hint
    assert [each.key for each in storage.list()] == ["a/b.txt"]


@contextmanager
def rights_back() -> Iterator[None]:
    """Be root again for a moment, if this test ever was."""
    user = os.geteuid()
    os.seteuid(os.getuid())
    yield
    os.seteuid(user)


@pytest.fixture
def closed() -> Iterator[Path]:
    """Return a folder in which this test may do nothing; root, whom rights do not bind, is somebody else meanwhile."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(user)
            folder.chmod(0o755)


def test_a_folder_without_the_right_to_write_is_told(closed: Path) -> None:
    for root in (closed, closed / "files"):
        with pytest.raises(StorageError, match="Permission denied") as caught:
            LocalStorage(root).put(upload(FEED, b"x"))
        assert caught.value.message.startswith(f"Cannot store {FEED}: ")
        assert f"right to write in {root}" in caught.value.hint
        assert caught.value.exit_code == 1
    assert names(closed) == []


def test_a_folder_without_the_right_to_read_is_told(closed: Path) -> None:
    locked = closed / "files"
    with rights_back():
        closed.chmod(0o755)
        LocalStorage(locked).put(upload(FEED, b"x"))
        locked.chmod(0)
    calls: list[Callable[[LocalStorage], object]] = [
        lambda storage: storage.head(FEED),
        lambda storage: storage.path(FEED),
        lambda storage: storage.read(FEED),
        lambda storage: list(storage.list()),
        lambda storage: storage.delete([FEED]),
    ]
    for call in calls:
        with pytest.raises(StorageError, match="Permission denied"):
            call(LocalStorage(locked))
    with rights_back():
        locked.chmod(0o755)


def error_of_put(root: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int) -> StorageError:
    storage = LocalStorage(root)
    storage.put(upload(FEED, b"old"))
    with failing(monkeypatch, name, OSError(code, os.strerror(code))), pytest.raises(StorageError) as caught:
        storage.put(upload(FEED, bytes(3 << 20)))
    assert content(storage, FEED) == b"old"
    assert names(root) == [FEED]
    return caught.value


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (errno.EROFS, "read-only"),
        (errno.EACCES, "right to write"),
        (errno.EPERM, "right to write"),
        (errno.EXDEV, "one file system"),
        (errno.ENOSPC, "Need 3.0 MiB, have "),
        (errno.EDQUOT, "Need 3.0 MiB, have "),
        (errno.EFBIG, "Need 3.0 MiB, have "),
    ],
)
def test_what_the_disk_refuses_has_a_hint(root: Path, monkeypatch: pytest.MonkeyPatch, code: int, hint: str) -> None:
    error = error_of_put(root, monkeypatch, "replace", code)
    assert os.strerror(code) in error.message
    assert hint in error.hint


def test_a_file_larger_than_the_disk_is_refused_before_it_is_copied(storage: LocalStorage, root: Path, tmp_path: Path) -> None:
    huge, length = tmp_path / "huge", 1 << 43
    with huge.open("wb") as file:
        file.truncate(length)  # 8 TiB, of which nothing is on the disk.

    def copied(_: int) -> None:
        raise AssertionError("It was copied.")

    with pytest.raises(StorageError) as caught:
        storage.put(Upload(key="a.mp3", body=huge, length=length, md5="0" * 32, type="audio/mpeg", cache_control=""), copied)
    assert "Need 8388608.0 MiB, have " in caught.value.hint
    assert names(root) == []
