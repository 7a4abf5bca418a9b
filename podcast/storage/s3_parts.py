"""Uploads in parts that go on where an earlier attempt stopped, also one of another process.

Nothing is remembered here: the store is asked which parts it has, and a part counts where its ETag is the MD5 of our bytes.
"""

import hashlib
from typing import TYPE_CHECKING, Any, BinaryIO

from . import Progress, Upload
from .body import Window, content_md5, digests, unlike
from .s3_errors import code_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef


class PartedUpload:
    """One file on its way into a bucket in equal parts, the last of them shorter.

    ``where`` is Bucket and Key. Raises StorageError where the file is not what the upload says.
    """

    def __init__(
        self, client: "S3Client", where: dict[str, Any], upload: Upload, file: BinaryIO, part_size: int, progress: Progress | None
    ) -> None:
        self._client, self._where = client, where
        starts = range(0, upload.length, part_size)
        self._windows = [Window(file, start, min(part_size, upload.length - start), progress) for start in starts]
        self._digests, whole = digests(self._windows)
        if whole != upload.md5:
            raise unlike(upload)

    @property
    def etag(self) -> str:
        """The ETag that S3 gives to these parts joined."""
        return f"{hashlib.md5(b''.join(self._digests), usedforsecurity=False).hexdigest()}-{len(self._digests)}"

    def send(self, options: dict[str, Any]) -> str:
        """Send what the store lacks, join the parts and return the store's ETag. ``options`` are those of a new upload."""
        found = self._unfinished()
        if found:
            try:
                return self._finish(found)
            except self._client.exceptions.ClientError as exc:
                if code_of(exc) != "NoSuchUpload":
                    raise
        return self._finish(self._client.create_multipart_upload(**self._where, **options)["UploadId"])

    def _unfinished(self) -> str | None:
        """Return the newest unfinished upload of this key, or None, also where the store cannot list them."""
        key = self._where["Key"]
        try:
            pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._where["Bucket"], Prefix=key)
            found = [upload for page in pages for upload in page.get("Uploads", []) if upload["Key"] == key]
        except self._client.exceptions.ClientError:
            return None
        return max(found, key=lambda upload: upload["Initiated"])["UploadId"] if found else None

    def _finish(self, upload_id: str) -> str:
        etags = self._stored(upload_id)
        for number, (window, digest) in enumerate(zip(self._windows, self._digests, strict=True), 1):
            if etags.get(number, "").strip('"') == digest.hex():
                window.skip()
            else:
                etags[number] = self._send_part(upload_id, number, window, digest)
        parts: list[CompletedPartTypeDef] = [{"PartNumber": number, "ETag": etags[number]} for number in range(1, len(self._windows) + 1)]
        return self._client.complete_multipart_upload(**self._where, UploadId=upload_id, MultipartUpload={"Parts": parts})["ETag"]

    def _send_part(self, upload_id: str, number: int, window: Window, digest: bytes) -> str:
        md5 = content_md5(digest)
        return self._client.upload_part(**self._where, UploadId=upload_id, PartNumber=number, Body=window, ContentMD5=md5)["ETag"]

    def _stored(self, upload_id: str) -> dict[int, str]:
        pages = self._client.get_paginator("list_parts").paginate(**self._where, UploadId=upload_id)
        return {part["PartNumber"]: part["ETag"] for page in pages for part in page.get("Parts", [])}
