"""Single requests to a bucket: what each key may do, and what the store makes of what S3 leaves open."""

import hashlib
import os
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from podcast.errors import NotFound

from .body import content_md5
from .probe import Seen
from .s3_client import S3Settings, open_client, uses_path_style
from .s3_errors import Place, code_of, saying, status_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CORSRuleTypeDef

_ATTEMPTS: Final = 2
_NO_KEY: Final = {"NoSuchKey", "NotFound", "404"}
#: By this rule a player on any site may read chapters, transcripts and sound, and know how long they are.
CORS_RULE: Final["CORSRuleTypeDef"] = {
    "AllowedOrigins": ["*"],
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedHeaders": ["*"],
    "ExposeHeaders": ["ETag", "Content-Length", "Content-Range", "Accept-Ranges"],
    "MaxAgeSeconds": 86400,
}


class BucketProbe:
    """Asks one bucket, with the key of the environment or, where not ``signed``, as somebody who has none.

    ``clock`` is read whenever an answer comes: ``skew`` is by how much the store's clock was ahead of it then.
    """

    def __init__(self, settings: S3Settings, clock: Callable[[], datetime], *, signed: bool = True) -> None:
        self._settings, self._clock, self._signed = settings, clock, signed
        self.skew: timedelta | None = None
        #: The bucket's region, where the store says it.
        self.told_region: str | None = None

    @property
    def endpoint(self) -> str | None:
        """Return the address of the API; None for AWS."""
        return self._settings.endpoint

    @property
    def prefix(self) -> str:
        """Return what stands before every key, without a slash at its end."""
        return self._settings.prefix

    @property
    def acl(self) -> str | None:
        """Return the ACL that uploads carry."""
        return self._settings.acl

    @property
    def path_style(self) -> bool:
        """Tell whether the bucket stands in the path of addresses."""
        return uses_path_style(self._settings)

    @property
    def region(self) -> str:
        """Return the region that requests are signed for."""
        return str(self._client.meta.region_name)

    def stranger(self) -> "BucketProbe":
        """Return the same bucket for somebody who has no key."""
        return BucketProbe(self._settings, self._clock, signed=False)

    def other_style(self) -> "BucketProbe":
        """Return the same bucket with the other kind of addresses."""
        return BucketProbe(replace(self._settings, path_style=not self.path_style), self._clock)

    def reach(self) -> None:
        """Ask whether the store knows the bucket and the key; that it allows no listing is another matter."""
        with self._saying("reach the bucket", "s3:ListBucket"):
            try:
                answer = self._client.list_objects_v2(Bucket=self._settings.bucket, Prefix=self._name("_"), MaxKeys=1)
            except self._client.exceptions.ClientError as exc:
                if code_of(exc) != "AccessDenied":
                    raise
            else:
                if "Name" not in answer:
                    raise ValueError("This is no listing.")

    def put(
        self,
        key: str,
        body: bytes,
        *,
        type: str = "application/octet-stream",  # noqa: A002
        cache_control: str = "no-store",
        **options: str,
    ) -> None:
        """Store some bytes; ``options`` are further ones of PutObject. Nothing is compared."""
        options = {"ContentMD5": _md5(body)} | options
        self._ask(f"store {key}", "s3:PutObject", "put_object", key, Body=body, ContentType=type, CacheControl=cache_control, **options)

    def head(self, key: str) -> Seen:
        """Look at a key."""
        return self._ask(f"look at {key}", "s3:GetObject", "head_object", key)

    def get(self, key: str, span: tuple[int, int] | None = None) -> Seen:
        """Read a key."""
        options = {"Range": f"bytes={span[0]}-{span[1]}"} if span else {}
        return self._ask(f"read {key}", "s3:GetObject", "get_object", key, **options)

    def keys(self, prefix: str) -> list[str]:
        """Return the keys under a prefix."""
        with self._saying("list the files", "s3:ListBucket"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._settings.bucket, Prefix=self._name(prefix))
            return [entry["Key"][len(self._name("")) :] for page in pages for entry in page.get("Contents", [])]

    def delete(self, key: str) -> None:
        """Remove a key."""
        self._ask(f"delete {key}", "s3:DeleteObject", "delete_object", key)

    def begin(self, key: str) -> str:
        """Begin an upload in parts and return its id."""
        with self._saying("begin an upload in parts", "s3:PutObject"):
            return self._client.create_multipart_upload(**self._at(key))["UploadId"]

    def send_part(self, key: str, upload: str, body: bytes) -> str:
        """Send the first part and return its ETag."""
        with self._saying("send a part of an upload", "s3:PutObject"):
            return self._client.upload_part(**self._at(key), UploadId=upload, PartNumber=1, Body=body, ContentMD5=_md5(body))["ETag"]

    def join(self, key: str, upload: str, etag: str) -> None:
        """Make a file of the one part."""
        with self._saying("join the parts of an upload", "s3:PutObject"):
            parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
            self._client.complete_multipart_upload(**self._at(key), UploadId=upload, MultipartUpload=parts)  # type: ignore[arg-type]

    def parts(self, key: str, upload: str) -> list[str]:
        """Return the ETags of the parts that the store has of an upload."""
        with self._saying("list the parts of an upload", "s3:ListMultipartUploadParts"):
            return [part["ETag"] for part in self._client.list_parts(**self._at(key), UploadId=upload).get("Parts", [])]

    def uploads(self, prefix: str = "") -> list[tuple[str, str, datetime]]:
        """Return key, id and beginning of each unfinished upload under a prefix."""
        under = len(self._name(""))
        with self._saying("list unfinished uploads", "s3:ListBucketMultipartUploads"):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._settings.bucket, Prefix=self._name(prefix))
            found = [each for page in pages for each in page.get("Uploads", [])]
            return [(each["Key"][under:], each["UploadId"], each["Initiated"]) for each in found]

    def abort(self, key: str, upload: str) -> None:
        """End an unfinished upload."""
        with self._saying("end an unfinished upload", "s3:AbortMultipartUpload"), suppress(self._client.exceptions.NoSuchUpload):
            self._client.abort_multipart_upload(**self._at(key), UploadId=upload)

    def refuses_wrong_md5(self, key: str) -> bool:
        """Tell whether the store refuses a body whose Content-MD5 is another's."""
        return self._refusal(key, ContentMD5=_md5(b"other")) > 0

    def conditions(self, key: str) -> dict[str, str]:
        """Return what becomes of a condition that does not hold: honoured, ignored, or refused, whatever it says."""
        self.put(key, b"first")
        new = _judged(self._refusal(key, IfNoneMatch="*"))
        same = _judged(self._refusal(key, IfMatch=f'"{secrets.token_hex(16)}"'))
        return {"If-None-Match": new, "If-Match": same}

    def allow_other_sites(self) -> bool:
        """Add the rule for other sites to those of the bucket; False where it stands there already."""
        rules: list[Any] = []
        with self._saying("read the bucket's CORS rules", "s3:GetBucketCORS"):
            try:
                rules = self._client.get_bucket_cors(Bucket=self._settings.bucket).get("CORSRules", [])
            except self._client.exceptions.ClientError as exc:
                if code_of(exc) not in {"NoSuchCORSConfiguration", "404"}:
                    raise
        if any({"GET", "HEAD"} <= set(rule["AllowedMethods"]) and "*" in rule["AllowedOrigins"] for rule in rules):
            return False
        with self._saying("write the bucket's CORS rules", "s3:PutBucketCORS"):
            self._client.put_bucket_cors(Bucket=self._settings.bucket, CORSConfiguration={"CORSRules": [*rules, CORS_RULE]})
        return True

    @cached_property
    def _client(self) -> "S3Client":
        client = open_client(self._settings, attempts=_ATTEMPTS, signed=self._signed)
        client.meta.events.register("before-parse.s3", self._note)
        return client

    def _note(self, response_dict: dict[str, Any], **_: object) -> None:
        """Look at the clock and at the headers of an answer, also of a refusal."""
        headers = response_dict["headers"]
        with suppress(ValueError, TypeError):
            self.skew = parsedate_to_datetime(headers.get("date", "")) - self._clock()
        self.told_region = headers.get("x-amz-bucket-region") or self.told_region

    def _ask(self, deed: str, right: str, operation: str, key: str, **options: object) -> Seen:
        with self._saying(deed, right):
            try:
                answer = getattr(self._client, operation)(**self._at(key), **options)
            except self._client.exceptions.ClientError as exc:
                if code_of(exc) in _NO_KEY:
                    raise NotFound(f"There is no {key} in the bucket {self._settings.bucket}.") from exc
                raise
            body = answer["Body"].read() if "Body" in answer else b""
            said = answer["ResponseMetadata"]
            return Seen(status=said["HTTPStatusCode"], headers=said["HTTPHeaders"], body=body)

    def _refusal(self, key: str, **options: str) -> int:
        """Return the status by which the store refuses an upload for what it says, or 0 where it takes it."""
        with self._saying(f"store {key}", "s3:PutObject"):
            try:
                self._client.put_object(**self._at(key), Body=b"second", **options)  # type: ignore[arg-type]
            except self._client.exceptions.ClientError as exc:
                if status_of(exc) not in {400, 409, 412, 501}:
                    raise
                return status_of(exc)
        return 0

    def _saying(self, deed: str, right: str) -> AbstractContextManager[None]:
        return saying(deed, right, Place(self._settings.bucket, urlsplit(self._settings.endpoint or "").netloc or "AWS"))

    def _name(self, key: str) -> str:
        return f"{self._settings.prefix}/{key}" if self._settings.prefix else key

    def _at(self, key: str) -> dict[str, Any]:
        return {"Bucket": self._settings.bucket, "Key": self._name(key)}


def _md5(body: bytes) -> str:
    return content_md5(hashlib.md5(body, usedforsecurity=False).digest())


def _judged(status: int) -> str:
    return {0: "ignored", 412: "honoured"}.get(status, "refused")


def trusted_authorities() -> str:
    """Return the file of the authorities that boto3 trusts."""
    from botocore.httpsession import get_cert_path

    return os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE") or str(get_cert_path(True))
