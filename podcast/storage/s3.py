"""A bucket of any S3-compatible store as storage."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple
from urllib.parse import urlsplit

from podcast.errors import NotFound, StorageError

from . import Overtaken, Progress, StoredObject, Upload
from .body import Window, content_md5, cut, opened, with_md5
from .keys import check_key, is_key
from .pool import at_once
from .s3_client import EXPECT, WORKERS, S3Settings, checked, open_client
from .s3_errors import Place, code_of, saying, status_of
from .s3_parts import PartedUpload
from .s3_wire import Wire

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef, ObjectIdentifierTypeDef

__all__ = ["S3Settings", "S3Storage"]

_BLOCK: Final = 1 << 18
#: How many keys one DeleteObjects may name.
_BATCH: Final = 1000
#: From so many files on, each shorter than so many bytes, one listing proves them all; so many lines of it cost as much as to ask for one.
_MANY: Final = 32
_SHORT: Final = 1 << 20
_WORTH: Final = 32
_NO_KEY: Final = {"NoSuchKey", "NotFound", "404"}
#: What stores answer that do not know DeleteObjects, or not with this checksum.
_NO_BATCHES: Final = {400, 405, 411, 501}
#: What a condition that is not met is answered with, and what stores answer that know none.
_UNMET: Final = {404, 412}
_NO_CONDITIONS: Final = {400, 403, 405, 501}
#: What botocore's names of options are in a request.
_HEADERS: Final = {
    "ContentType": "Content-Type",
    "CacheControl": "Cache-Control",
    "ContentEncoding": "Content-Encoding",
    "ACL": "x-amz-acl",
    "IfMatch": "If-Match",
    "IfNoneMatch": "If-None-Match",
}


class _Sent(NamedTuple):
    """A file that went out: the ETags that were answered, and those that it may have."""

    upload: Upload
    answered: set[str]
    expected: set[str]


class S3Storage:
    """The objects under a prefix of a bucket. Nothing is reached before the first call. Raises ConfigError.

    A file longer than ``multipart_threshold`` goes in parts of ``part_size`` (5 MiB at the least), and goes on after an interruption.
    """

    workers = WORKERS
    near = False

    def __init__(self, settings: S3Settings, *, multipart_threshold: int = 64 << 20, part_size: int = 16 << 20) -> None:
        self._settings = checked(settings)
        self._multipart_threshold = multipart_threshold
        self._part_size = part_size
        self._place = Place(self._settings.bucket, urlsplit(self._settings.endpoint or "").netloc or "AWS")
        self._lock = threading.Lock()
        self._opened: S3Client | None = None
        self._bucket_seen = False

    @property
    def settings(self) -> S3Settings:
        """Return where the bucket is, in full."""
        return self._settings

    def put(self, upload: Upload, progress: Progress | None = None) -> StoredObject:
        """Store one file whole, and ask the store what it has now."""
        return self._ask(self._store(upload, progress))

    def put_all(self, uploads: Sequence[Upload], progress: Progress | None = None) -> Iterator[StoredObject]:
        """Store many files at once; of many short ones, ask the store in the end for all together, and not for each."""
        together = sum(upload.length < _SHORT for upload in uploads) >= _MANY
        sent, failure = list[_Sent](), None

        def send(upload: Upload) -> StoredObject | _Sent:
            short = together and upload.length < _SHORT
            return self._store(upload, progress) if short else self.put(upload, progress)

        try:
            for one in at_once(self.workers, send, uploads):
                if isinstance(one, _Sent):
                    sent.append(one)
                else:
                    yield one
        except StorageError as error:
            failure = error
        yield from self._proven_together(sent)
        if failure:
            raise failure

    def head(self, key: str) -> StoredObject | None:
        """Return what is under the key, or None."""
        if not is_key(key):
            return None
        with self._saying(f"look at {key}", "s3:GetObject"):
            try:
                return _stored(key, self._look(key))
            except self._client.exceptions.ClientError as exc:
                if code_of(exc) in _NO_KEY:
                    self._see_bucket()
                    return None
                # An answer to HEAD has no body, so it cannot say why. One to GET can.
                self._client.get_object(**self._at(key), Range="bytes=0-0")["Body"].close()
                raise

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` on."""
        if not is_key(key) or (length == 0 and not self.head(key)):
            raise self._missing(key)
        with self._saying(f"read {key}", "s3:GetObject"):
            answer = None if length == 0 else self._get(key, start, length)
        if answer is None:
            return iter(())
        blocks = self._blocks(key, answer, start, length)
        next(blocks)  # From here on the generator closes the connection, also if nobody asks for a block.
        return blocks

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[StoredObject]:
        """Yield the objects whose keys begin with the prefix, in the order of keys; where the store knows how, only those ``after`` one."""
        under = len(self._name(""))
        where: dict[str, Any] = {"Bucket": self._settings.bucket, "Prefix": self._name(prefix)}
        where |= {"StartAfter": self._name(after)} if after else {}
        with self._saying("list the files", "s3:ListBucket"):
            for page in self._client.get_paginator("list_objects_v2").paginate(**where):
                if "Name" not in page:  # A web page, say, which would look like an empty bucket.
                    raise ValueError("This is no listing.")
                for entry in page.get("Contents", []):
                    key = entry["Key"][under:]
                    if is_key(key):  # What others put beside our files is theirs.
                        etag = entry.get("ETag", "").strip('"')
                        yield StoredObject(key=key, length=entry["Size"], etag=etag, type="", modified=entry["LastModified"])

    def delete(self, keys: Iterable[str]) -> None:
        """Remove the keys, a thousand in a request where the store knows how."""
        rest = iter(keys)
        while batch := list(islice(rest, _BATCH)):
            for key in batch:
                check_key(key)
            with self._saying("delete files", "s3:DeleteObject"):
                self._delete(batch)

    def abandon(self, before: datetime, ours: Callable[[str], bool]) -> int:
        """End uploads in parts of our keys that were begun before a time: they cost money, and nobody will go on with them."""
        under = len(self._name(""))
        with self._saying("list interrupted uploads", "s3:ListBucketMultipartUploads"):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._settings.bucket, Prefix=self._name(""))
            uploads = [upload for page in pages for upload in page.get("Uploads", [])]
        old = [upload for upload in uploads if upload["Initiated"] < before and ours(upload["Key"][under:])]
        with self._saying("end interrupted uploads", "s3:AbortMultipartUpload"):
            for upload in old:
                with suppress(self._client.exceptions.NoSuchUpload):
                    self._client.abort_multipart_upload(Bucket=self._settings.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        return len(old)

    @property
    def _client(self) -> "S3Client":
        with self._lock:
            if self._opened is None:
                self._opened = open_client(self._settings)
            return self._opened

    @cached_property
    def _wire(self) -> Wire:
        return Wire(self._client, self._settings.bucket)

    def _saying(self, deed: str, right: str) -> AbstractContextManager[None]:
        return saying(deed, right, self._place)

    def _name(self, key: str) -> str:
        return f"{self._settings.prefix}/{key}" if self._settings.prefix else key

    def _at(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._settings.bucket, "Key": self._name(key)}

    def _options(self, upload: Upload) -> dict[str, Any]:
        acl = {"ACL": self._settings.acl} if self._settings.acl else {}
        encoding = {"ContentEncoding": upload.encoding} if upload.encoding else {}
        revision = {} if upload.revision is None else {"Metadata": {"revision": str(upload.revision)}}
        return {"ContentType": upload.type, "CacheControl": upload.cache_control, **encoding, **acl, **revision}

    def _missing(self, key: str) -> NotFound:
        return NotFound(f"There is no {key} in the bucket {self._settings.bucket}.")

    def _storing(self, upload: Upload) -> AbstractContextManager[None]:
        check_key(upload.key)
        return self._saying(f"store {upload.key}", "s3:PutObject")

    def _store(self, upload: Upload, progress: Progress | None) -> _Sent:
        """Send a file, to be proven."""
        with self._storing(upload), opened(upload) as file:
            upload = with_md5(upload, file)
            if upload.length > self._multipart_threshold:
                parts = PartedUpload(self._client, self._at(upload.key), upload, file, self._part_size, progress)
                expected = {upload.md5, parts.etag}
                answered = self._put_onto(upload, expected, lambda condition: parts.send(self._options(upload), condition))
            else:
                expected = {upload.md5}
                answered = self._put_onto(upload, expected, lambda condition: self._send(upload, file, progress, condition))
        return _Sent(upload, {answered.strip('"')}, expected)

    def _put_onto(self, upload: Upload, ours: set[str], send: Callable[[dict[str, Any]], str]) -> str:
        """Send the file so that it replaces only what it may, where the store knows how; return the ETag. ``ours``: what it may have."""
        if upload.onto is None:
            return send({})
        try:
            return send({"IfMatch": f'"{upload.onto}"'} if upload.onto else {"IfNoneMatch": "*"})
        except self._client.exceptions.ClientError as exc:
            if status_of(exc) in _UNMET:
                found = self.head(upload.key)
                there = found.etag if found else ""
                if there in ours:  # Asked again after an answer that was lost.
                    return there
                if there != upload.onto:
                    raise Overtaken(upload.key) from exc
            elif status_of(exc) not in _NO_CONDITIONS:
                raise
        # The store knows no conditions, or means something else by them.
        return send({})

    def _send(self, upload: Upload, file: BinaryIO, progress: Progress | None, condition: dict[str, Any]) -> str:
        given = self._options(upload) | condition
        metadata = {f"x-amz-meta-{name}": value for name, value in given.pop("Metadata", {}).items()}
        options = {_HEADERS[option]: value for option, value in given.items()} | metadata
        asking = {"Expect": "100-continue"} if upload.length >= EXPECT else {}
        headers = {"Content-Length": str(upload.length), "Content-MD5": content_md5(bytes.fromhex(upload.md5)), **options, **asking}
        window = Window(file, 0, upload.length, progress)
        return self._wire.ask("PutObject", self._name(upload.key), headers, window).get("ETag", "")

    def _look(self, key: str) -> Mapping[str, str]:
        return self._wire.ask("HeadObject", self._name(key))

    def _proven(self, upload: Upload, etags: set[str], expected: set[str]) -> StoredObject:
        """Return what the store has, once it is certain that these are our bytes: by its ETags, else by reading them back.

        An ETag that is no MD5 is rare, and legal. What AWS encrypts with KMS has such a one, after it checked Content-MD5.
        """
        answer = self._look(upload.key)
        stored = _stored(upload.key, answer)
        same = {stored.etag, *etags} <= expected or answer.get("x-amz-server-side-encryption", "").startswith("aws:kms")
        if not (same and stored.length == upload.length) and self._md5(upload.key) != upload.md5:
            # Else it may be the file of before, whole: somebody in between swallowed the upload, or shows what is old.
            ours = stored.etag in etags
            if ours:
                with suppress(StorageError):
                    self.delete([upload.key])
            raise StorageError(
                f"{self._place.host} answered that it stored {upload.key}, but holds other bytes"
                f" ({stored.length} instead of {upload.length}){'; they were removed' if ours else ''}.",
                hint="It, or a proxy before it, writes the framing of uploads (aws-chunked) into files: update it, or use another."
                if ours
                else "Something before it swallows uploads or shows old files: storage.endpoint must be the S3 API itself, and no CDN.",
            )
        return stored

    def _proven_together(self, sent: Sequence[_Sent]) -> Iterator[StoredObject]:
        """Yield what the store has of files, by one listing; what that does not prove is asked for by itself."""
        listed, doubtful = self._listed([one.upload.key for one in sent]), list[_Sent]()
        for one in sent:
            found = listed.get(one.upload.key)
            if found and found.length == one.upload.length and {found.etag, *one.answered} <= one.expected:
                yield found
            else:
                doubtful.append(one)
        yield from at_once(self.workers, self._ask, doubtful)

    def _ask(self, sent: _Sent) -> StoredObject:
        with self._storing(sent.upload):
            return self._proven(*sent)

    def _listed(self, keys: Sequence[str]) -> dict[str, StoredObject]:
        """Return what a listing says of keys; nothing, or not of all, where there is none or it would take longer than to ask for each."""
        if not keys:
            return {}
        found, last = dict[str, StoredObject](), max(keys)
        with suppress(StorageError):
            for one in islice(self.list(after=min(keys)[:-1]), _WORTH * len(keys)):
                found[one.key] = one
                if one.key >= last:
                    break
        return found

    def _md5(self, key: str) -> str:
        digest = hashlib.md5(usedforsecurity=False)
        for block in self.read(key):
            digest.update(block)
        return digest.hexdigest()

    def _see_bucket(self) -> None:
        """Raise what the store says of a missing bucket, which looks like a missing key to HEAD. Asked once."""
        if not self._bucket_seen:
            try:
                self._client.list_objects_v2(Bucket=self._settings.bucket, MaxKeys=1)
            except self._client.exceptions.NoSuchBucket:
                raise
            except self._client.exceptions.ClientError:
                pass  # This key may not list, which others will say where it matters.
            self._bucket_seen = True

    def _get(self, key: str, start: int, length: int | None) -> "GetObjectOutputTypeDef | None":
        """Open the object; None where it has no byte at ``start``."""
        span: dict[str, Any] = (
            {} if not start and length is None else {"Range": f"bytes={start}-{'' if length is None else start + length - 1}"}
        )
        try:
            return self._client.get_object(**self._at(key), **span)
        except self._client.exceptions.ClientError as exc:
            if code_of(exc) in _NO_KEY:
                raise self._missing(key) from exc
            if code_of(exc) in {"InvalidRange", "416"}:
                return None
            raise

    def _blocks(self, key: str, answer: "GetObjectOutputTypeDef", start: int, length: int | None) -> Iterator[bytes]:
        # A store may ignore the range and send all; another sends the part and still says 200. Content-Range tells.
        skip = 0 if answer.get("ContentRange") else start
        with self._saying(f"read {key}", "s3:GetObject"), closing(answer["Body"]) as body:
            yield b""
            yield from cut(body.iter_chunks(_BLOCK), skip, length)

    def _delete(self, keys: Sequence[str]) -> None:
        objects: Sequence[ObjectIdentifierTypeDef] = [{"Key": self._name(key)} for key in keys]
        try:
            answer = self._client.delete_objects(Bucket=self._settings.bucket, Delete={"Objects": objects, "Quiet": True})
        except self._client.exceptions.ClientError as exc:
            if status_of(exc) not in _NO_BATCHES:
                raise
            for key in keys:
                self._client.delete_object(**self._at(key))
            return
        failed = [error for error in answer.get("Errors", []) if error.get("Code") not in _NO_KEY]
        if failed:
            raise self._client.exceptions.ClientError({"Error": failed[0]}, "DeleteObjects")


def _stored(key: str, headers: Mapping[str, str]) -> StoredObject:
    return StoredObject(
        key=key,
        length=int(headers["Content-Length"]),
        etag=headers.get("ETag", "").strip('"'),
        type=headers.get("Content-Type", ""),
        modified=parsedate_to_datetime(headers["Last-Modified"]),
        # Some stores keep the framing of an upload (aws-chunked) among the encodings.
        encoding="gzip" if "gzip" in headers.get("Content-Encoding", "") else "",
    )
