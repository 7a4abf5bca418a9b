"""Many files into storage at once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Final

from . import Progress, Storage, StoredObject, Upload

#: How many bytes may be under way before nothing more is begun: short files wait for the store, so they go many at once; long ones
#: fill the line, and each that is cut off is sent anew.
_UNDER_WAY: Final = 256 << 20


def put_all(storage: Storage, uploads: Sequence[Upload], progress: Progress | None = None) -> Iterator[StoredObject]:
    """Store the files, as many at once as suits the store, and yield each as it is done.

    After an error nothing new is begun; what was under way is still yielded when it succeeds, then the error is raised.
    """
    waiting = iter(uploads)
    running: dict[Future[StoredObject], int] = {}
    failure: BaseException | None = None
    with ThreadPoolExecutor(storage.workers, thread_name_prefix="put") as pool:
        while True:
            while failure is None and len(running) < storage.workers and sum(running.values()) < _UNDER_WAY:
                if (upload := next(waiting, None)) is None:
                    break
                running[pool.submit(storage.put, upload, progress)] = upload.length
            if not running:
                break
            for one in wait(running, return_when=FIRST_COMPLETED).done:
                del running[one]
                failure = failure or one.exception()
                if one.exception() is None:
                    yield one.result()
    if failure:
        raise failure
