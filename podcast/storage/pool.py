"""Many files into storage at once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue
from typing import Protocol, TypeVar, runtime_checkable

from . import Progress, Storage, StoredObject, Upload

S = TypeVar("S")
T = TypeVar("T")


@runtime_checkable
class _Bulk(Protocol):
    """A storage that has a way of its own for many files."""

    def put_all(self, uploads: Sequence[Upload], progress: Progress | None = None) -> Iterator[StoredObject]: ...


def put_all(storage: Storage, uploads: Sequence[Upload], progress: Progress | None = None) -> Iterator[StoredObject]:
    """Store the files, as many at once as suits the store, and yield each as it is done, or all in the end.

    After an error nothing new is begun; what was under way is still yielded when it succeeds, then the error is raised.
    """
    if isinstance(storage, _Bulk):
        return storage.put_all(uploads, progress)
    return at_once(storage.workers, lambda upload: storage.put(upload, progress), uploads)


def at_once(workers: int, work: Callable[[S], T], files: Sequence[S]) -> Iterator[T]:
    """Do a work on files, on so many at once, and yield what comes of each as it is done; with an error as in ``put_all``."""
    waiting, running = iter(files), 0
    failure: BaseException | None = None
    # To wait for the first of many futures takes a tenth of all the time that the processor spends on short files.
    done = SimpleQueue[Future[T]]()
    with ThreadPoolExecutor(workers, thread_name_prefix="put") as pool:
        while True:
            for file in islice(waiting, workers - running if failure is None else 0):
                pool.submit(work, file).add_done_callback(done.put)
                running += 1
            if not running:
                break
            one, running = done.get(), running - 1
            failure = failure or one.exception()
            if one.exception() is None:
                yield one.result()
    if failure:
        raise failure
