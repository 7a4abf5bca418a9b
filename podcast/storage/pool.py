"""Many files into storage at once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice

from . import Progress, Storage, StoredObject, Upload


def put_all(storage: Storage, uploads: Sequence[Upload], progress: Progress | None = None) -> Iterator[StoredObject]:
    """Store the files, as many at once as suits the store, and yield each as it is done.

    After an error nothing new is begun; what was under way is still yielded when it succeeds, then the error is raised.
    """
    waiting = iter(uploads)
    running: set[Future[StoredObject]] = set()
    failure: BaseException | None = None
    with ThreadPoolExecutor(storage.workers, thread_name_prefix="put") as pool:
        while True:
            if failure is None:
                running |= {pool.submit(storage.put, upload, progress) for upload in islice(waiting, storage.workers - len(running))}
            if not running:
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                failure = failure or one.exception()
                if one.exception() is None:
                    yield one.result()
    if failure:
        raise failure
