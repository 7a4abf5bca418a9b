"""Each right on the storage, one at a time, with files that are removed again."""

from datetime import timedelta
from typing import Final

from podcast.errors import NotFound, PodcastError
from podcast.site import is_hashed
from podcast.storage.probe import PREFIX

from .patient import Patient
from .table import Check, Outcome, fail, ok, warn

_BODY: Final = bytes(range(256)) * 4
_FIRST, _LAST = 100, 355
#: Uploads that were begun so long ago will not be gone on with.
_STALE: Final = timedelta(days=1)
_RESTART: Final = "Publishing works without it, but an interrupted upload of a long file begins anew, and what was sent of it is paid for."


def _put(patient: Patient) -> Outcome:
    patient.probe.put(patient.key("right.bin"), _BODY)
    return ok(f"stored {len(_BODY):,} bytes")


def _head(patient: Patient) -> Outcome:
    said = patient.probe.head(patient.key("right.bin")).headers.get("content-length")
    if said != str(len(_BODY)):
        return fail(
            f"A file of {len(_BODY)} bytes is said to have {said or 'no length'}.", "Nothing can be verified there: use another store."
        )
    return ok("a file is there, as long as it was")


def _get(patient: Patient) -> Outcome:
    if patient.probe.get(patient.key("right.bin")).body != _BODY:
        return fail("Other bytes come back than were stored.", "See that storage.endpoint is the S3 API itself, and no cache or proxy.")
    return ok("the same bytes come back")


def _range(patient: Patient) -> Outcome:
    seen, wanted = patient.probe.get(patient.key("right.bin"), (_FIRST, _LAST)), _BODY[_FIRST : _LAST + 1]
    whole = "Ranges come with status 200"
    if seen.body == wanted and seen.status == 206:
        return ok("a range comes with status 206")
    if seen.body == wanted or seen.body == _BODY:
        return warn(
            f"{whole if seen.body == wanted else 'A range is answered with the whole file'}.",
            "Apple refuses that: let listeners come by another address (a CDN, or `podcast serve`) in public_url.",
        )
    return fail("A range holds other bytes than it should.", "No app can seek in such a file: use another store.")


def _list(patient: Patient) -> Outcome:
    key = patient.key("right.bin")
    if key not in patient.probe.keys(f"{patient.folder}/"):
        return fail(
            "What was just stored is not in the listing.", "`podcast gc` and `podcast verify` need a true listing: use another store."
        )
    return ok("what was stored is listed")


def _delete(patient: Patient) -> Outcome:
    key = patient.key("gone.bin")
    patient.probe.put(key, b"gone")
    patient.probe.delete(key)
    try:
        patient.probe.head(key)
    except NotFound:
        return ok("what is removed is gone")
    return fail(
        "What was removed is still there.", "See whether the bucket keeps versions or locks its objects: `podcast gc` could free nothing."
    )


def _multipart(patient: Patient) -> Outcome:
    key, bucket = patient.key("parts.bin"), patient.bucket
    upload = bucket.begin(key)
    patient.began(key, upload)
    bucket.join(key, upload, bucket.send_part(key, upload, _BODY))
    patient.ended(key, upload)
    if bucket.get(key).body != _BODY:
        return fail("A file that was sent in parts has other bytes.", "Files over 64 MiB go in parts: use another store.")
    return ok("a file went in parts")


def _uploads(patient: Patient) -> Outcome:
    key, bucket = patient.key("listed.bin"), patient.bucket
    upload = bucket.begin(key)
    patient.began(key, upload)
    etag = bucket.send_part(key, upload, _BODY)
    try:
        listed = upload in {each for _, each, _ in bucket.uploads(key)} and bucket.parts(key, upload) == [etag]
        ours = [begun for each, _, begun in bucket.uploads() if is_hashed(each) or each.startswith(f"{PREFIX}/")]
        old = sum(begun < patient.clock() - _STALE for begun in ours)
    except PodcastError as error:
        return warn(error.message, f"{error.hint} {_RESTART}")
    if not listed:
        return warn("An upload in parts is not listed, or not with its parts.", _RESTART)
    if old:
        return warn(f"{old:,} uploads were begun more than a day ago, and never ended.", "They cost money: `podcast gc --yes` ends them.")
    return ok("unfinished uploads and their parts are listed")


def _abort(patient: Patient) -> Outcome:
    key, bucket = patient.key("ended.bin"), patient.bucket
    upload = bucket.begin(key)
    patient.began(key, upload)
    try:
        bucket.abort(key, upload)
    except PodcastError as error:
        return warn(error.message, f"{error.hint} Publishing works without it, but what an interrupted upload left is paid for.")
    patient.ended(key, upload)
    return ok("an unfinished upload was ended")


def _clean(patient: Patient) -> Outcome:
    left, said = patient.clean()
    patient.sweep()
    if left:
        return fail(
            f"{len(left):,} files of this examination stay in {patient.folder}/{f': {said}' if said else '.'}",
            "Remove them with another key or in the provider's panel, and give this key the right s3:DeleteObject.",
        )
    return ok("nothing of this examination stays in storage")


RIGHTS: Final = (
    Check(id="storage.put", about="a file can be stored", look=_put, needs=("project.file", "storage.reach")),
    Check(id="storage.head", about="a file can be looked at", look=_head, needs=("storage.put",)),
    Check(id="storage.get", about="a file can be read", look=_get, needs=("storage.put",)),
    Check(id="storage.range", about="a part of a file can be read", look=_range, needs=("storage.put",)),
    Check(id="storage.list", about="files can be listed", look=_list, needs=("storage.put",)),
    Check(id="storage.delete", about="a file can be removed", look=_delete, needs=("storage.put",)),
    Check(id="storage.multipart", about="a long file can be sent in parts", look=_multipart, needs=("storage.put",), bucket=True),
    Check(id="storage.uploads", about="interrupted uploads can be gone on with", look=_uploads, needs=("storage.put",), bucket=True),
    Check(id="storage.abort", about="interrupted uploads can be ended", look=_abort, needs=("storage.put",), bucket=True),
)
#: Last of all.
CLEAN: Final = (Check(id="storage.clean", about="the examination leaves nothing behind", look=_clean, needs=("project.file",)),)
