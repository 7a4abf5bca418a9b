"""Many files into storage at once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from . import Progress, Storage, StoredObject, Upload


def put_all(storage: Storage, uploads: Sequence[Upload], progress: Progress | None = None) -> Iterator[StoredObject]:
    """Store the files, as many at once as suits the store, and yield each as it is done.

    The first error is raised at once; nothing new is begun then, and what is under way is waited for.
    """
    with ThreadPoolExecutor(storage.workers, thread_name_prefix="put") as pool:
        try:
            for done in as_completed([pool.submit(storage.put, upload, progress) for upload in uploads]):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)
