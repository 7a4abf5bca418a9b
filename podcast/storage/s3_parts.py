"""Uploads in parts that go on where an earlier attempt stopped, also one of another process.

Nothing is remembered here: the store is asked which parts it has, and a part counts where its ETag is the MD5 of our bytes.
"""

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO

from . import Progress, Upload
from .body import Window, content_md5, digests, unlike

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedMultipartUploadTypeDef, CompletedPartTypeDef


class PartedUpload:
    """One file on its way into a bucket in equal parts, the last of them shorter.

    ``where`` is Bucket and Key. Raises StorageError where the file is not what the upload says.
    """

    def __init__(
        self, client: "S3Client", where: dict[str, Any], upload: Upload, file: BinaryIO, part_size: int, progress: Progress | None
    ) -> None:
        self._client, self._where = client, where
        self._condition: dict[str, Any] = {}
        starts = range(0, upload.length, part_size)
        self._windows = [Window(file, start, min(part_size, upload.length - start), progress) for start in starts]
        self._digests, whole = digests(self._windows)
        if whole != upload.md5:
            raise unlike(upload)

    @property
    def etag(self) -> str:
        """The ETag that S3 gives to these parts joined."""
        return f"{hashlib.md5(b''.join(self._digests), usedforsecurity=False).hexdigest()}-{len(self._digests)}"

    def send(self, options: dict[str, Any], condition: dict[str, Any]) -> str:
        """Send what the store lacks, join the parts and return the store's ETag, or '' where it got lost.

        ``options`` are those of a new upload; under the ``condition`` (IfMatch, IfNoneMatch) the parts are joined.
        """
        self._condition = condition
        old = self._unfinished()
        etag = self._go_on(old) or self._finish(self._client.create_multipart_upload(**self._where, **options)["UploadId"], {})
        for upload_id in old:  # They cost money, and nobody will go on with them.
            with suppress(self._client.exceptions.ClientError):
                self._client.abort_multipart_upload(**self._where, UploadId=upload_id)
        return etag

    def _unfinished(self) -> list[str]:
        """Return the unfinished uploads of this key, the newest first; none where the store cannot list them."""
        key = self._where["Key"]
        try:
            pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._where["Bucket"], Prefix=key)
            found = [upload for page in pages for upload in page.get("Uploads", []) if upload["Key"] == key]
        except self._client.exceptions.ClientError:
            return []
        return [upload["UploadId"] for upload in sorted(found, key=lambda upload: upload["Initiated"], reverse=True)]

    def _go_on(self, uploads: list[str]) -> str | None:
        """Finish the first upload that holds parts of this file alone, and take it from the list; None where none is left.

        One with other parts is not mended: stores may refuse to take a part twice.
        """
        ours = {number: digest.hex() for number, digest in enumerate(self._digests, 1)}
        with suppress(self._client.exceptions.NoSuchUpload):
            for upload_id in uploads:
                stored = self._stored(upload_id)
                if stored.items() <= ours.items():
                    uploads.remove(upload_id)
                    return self._finish(upload_id, stored)
        return None

    def _finish(self, upload_id: str, stored: dict[int, str]) -> str:
        parts: list[CompletedPartTypeDef] = []
        for number, (window, digest) in enumerate(zip(self._windows, self._digests, strict=True), 1):
            if number in stored:
                window.skip()
                etag = f'"{stored[number]}"'
            else:
                etag = self._send_part(upload_id, number, window, content_md5(digest))
            parts.append({"PartNumber": number, "ETag": etag})
        joined: CompletedMultipartUploadTypeDef = {"Parts": parts}
        try:
            return self._client.complete_multipart_upload(**self._where, UploadId=upload_id, MultipartUpload=joined, **self._condition)[
                "ETag"
            ]
        except self._client.exceptions.NoSuchUpload:
            return ""  # Asked again after an answer that was lost: the parts are joined. What is under the key is looked at anyhow.

    def _send_part(self, upload_id: str, number: int, window: Window, md5: str) -> str:
        return self._client.upload_part(**self._where, UploadId=upload_id, PartNumber=number, Body=window, ContentMD5=md5)["ETag"]

    def _stored(self, upload_id: str) -> dict[int, str]:
        pages = self._client.get_paginator("list_parts").paginate(**self._where, UploadId=upload_id)
        return {part["PartNumber"]: part["ETag"].strip('"') for page in pages for part in page.get("Parts", [])}
