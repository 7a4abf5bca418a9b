"""Many files into storage at once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue

from . import Progress, Storage, StoredObject, Upload


def put_all(storage: Storage, uploads: Sequence[Upload], progress: Progress | None = None) -> Iterator[StoredObject]:
    """Store the files, as many at once as suits the store, and yield each as it is done.

    After an error nothing new is begun; what was under way is still yielded when it succeeds, then the error is raised.
    """
    waiting, running = iter(uploads), 0
    failure: BaseException | None = None
    # To wait for the first of many futures takes a tenth of all the time that the processor spends on short files.
    done = SimpleQueue[Future[StoredObject]]()
    with ThreadPoolExecutor(storage.workers, thread_name_prefix="put") as pool:
        while True:
            for upload in islice(waiting, storage.workers - running if failure is None else 0):
                pool.submit(storage.put, upload, progress).add_done_callback(done.put)
                running += 1
            if not running:
                break
            one, running = done.get(), running - 1
            failure = failure or one.exception()
            if one.exception() is None:
                yield one.result()
    if failure:
        raise failure
