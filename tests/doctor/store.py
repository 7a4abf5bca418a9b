"""A small store that speaks S3 truthfully but for the lies that a test wants, and serves listeners by the same address."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.storage.liar import Answer, Request, refusal

BUCKET = "b"
_OLD, _NEW = "2020-01-01T00:00:00.000Z", "2090-01-01T00:00:00.000Z"


@dataclass(slots=True)
class Store:
    """``lies`` are names that stand in the code below, each beside what it makes of the truth."""

    lies: set[str] = field(default_factory=set)
    files: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    uploads: dict[str, str] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    cors: bytes = b""
    number: int = 0

    def __call__(self, request: Request) -> Answer:
        url = urlsplit(request.path)
        query = parse_qs(url.query, keep_blank_values=True)
        key = url.path.removeprefix(f"/{BUCKET}").lstrip("/")
        headers = {name.lower(): value for name, value in request.headers.items()}
        signed = "authorization" in headers
        if "web page" in self.lies:
            return Answer(body=b"<html>Welcome</html>", headers={"Content-Type": "text/html"})
        if not signed:
            return self._listener(request, key, headers, query)
        if "cors" in query:
            return self._cors_rule(request)
        if "uploads" in query or "uploadId" in query:
            return self._in_parts(request, key, query)
        if not key:
            return self._listing(query) if request.method == "GET" else self._delete_many(request)
        return self._object(request, key, headers)

    def _listener(self, request: Request, key: str, headers: Mapping[str, str], query: Mapping[str, list[str]]) -> Answer:
        if request.method == "PUT":
            return self._put(key, request.body, headers) if "open for writing" in self.lies else refusal(403, "AccessDenied")
        if not key:
            return self._listing(query) if "open listing" in self.lies else refusal(403, "AccessDenied")
        for lie, status in (("private", 403), ("elsewhere", 404), ("broken", 500)):
            if lie in self.lies:
                return Answer(status=status)
        if "no HEAD" in self.lies and request.method == "HEAD":
            return Answer(status=405)
        if "public range" in self.lies:
            headers = {name: value for name, value in headers.items() if name != "range"}
        answer = self._get(key, headers, {})
        return Answer(body=b"Please log in") if "login page" in self.lies else replace(answer, headers=answer.headers | self._cdn(headers))

    def _cdn(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return what stands before the store makes of its headers."""
        changes = {}
        if "public type" in self.lies:
            changes["Content-Type"] = "text/plain"
        if "public cache" in self.lies:
            changes["Cache-Control"] = "max-age=3600"
        if "origin" in headers and b"<AllowedOrigin>*<" in self.cors and "CDN without CORS" not in self.lies:
            changes["Access-Control-Allow-Origin"] = "*"
        return changes

    def _object(self, request: Request, key: str, headers: Mapping[str, str]) -> Answer:
        if request.method == "PUT":
            return self._put(key, request.body, headers)
        if request.method == "DELETE":
            if "undying" not in self.lies:
                self.files.pop(key, None)
            return Answer(status=204)
        return self._get(key, headers, {"Content-Length": "7"} if "length" in self.lies and request.method == "HEAD" else {})

    def _put(self, key: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if "acl" in self.lies and "x-amz-acl" in headers:
            return refusal(400, "AccessControlListNotSupported")
        md5 = hashlib.md5(body).digest()
        if headers.get("content-md5", "") not in {"", base64.b64encode(md5).decode()} and "md5" not in self.lies:
            return refusal(400, "BadDigest")
        if "if-none-match" in headers or "if-match" in headers:
            if "conditions refused" in self.lies:
                return refusal(501, "NotImplemented")
            if "conditions ignored" not in self.lies:
                return refusal(412, "PreconditionFailed")
        if "framing" in self.lies and len(body) > 100_000:
            body = b"100000\r\n" + body + b"\r\n0\r\n\r\n"
        if "other bytes" in self.lies:
            body = b"X" + body[1:]
        forgotten = {lie.removeprefix("no ") for lie in self.lies}
        kept = {"content-type": "Content-Type", "cache-control": "Cache-Control", "content-encoding": "Content-Encoding"}
        self.files[key] = body, {kept[name]: value for name, value in headers.items() if name in kept and name not in forgotten}
        return Answer(headers={"ETag": f'"{md5.hex()}"'})

    def _get(self, key: str, headers: Mapping[str, str], changes: dict[str, str]) -> Answer:
        if key not in self.files:
            return refusal(404, "NoSuchKey")
        body, kept = self.files[key]
        said = {"ETag": f'"{hashlib.md5(body).hexdigest()}"', "Last-Modified": formatdate(usegmt=True), **kept, **changes}
        if "region" in self.lies:
            said["x-amz-bucket-region"] = "eu-central-1"
        found = re.fullmatch(r"bytes=(\d+)-(\d+)", headers.get("range", ""))
        if not found or "whole for range" in self.lies:
            return Answer(headers=said, body=body)
        first, last = int(found[1]), int(found[2])
        part = body[first : last + 1] if "range" not in self.lies else body[first + 1 : last + 2]
        span = {"Content-Range": f"bytes {first}-{last}/{len(body)}"}
        return Answer(status=200 if "range with 200" in self.lies else 206, headers=said | span, body=part)

    def _listing(self, query: Mapping[str, list[str]]) -> Answer:
        prefix = query.get("prefix", [""])[0]
        keys = [] if "listing" in self.lies else sorted(key for key in self.files if key.startswith(prefix))
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.files[key][0])}</Size><LastModified>{_NEW}</LastModified></Contents>"
            for key in keys
        )
        region = {"x-amz-bucket-region": "eu-central-1"} if "region" in self.lies else {}
        return Answer(body=f"<ListBucketResult><Name>{BUCKET}</Name>{rows}</ListBucketResult>".encode(), headers=region)

    def _delete_many(self, request: Request) -> Answer:
        for key in re.findall(rb"<Key>([^<]+)</Key>", request.body):
            self.files.pop(key.decode(), None)
        return Answer(body=b"<DeleteResult></DeleteResult>")

    def _in_parts(self, request: Request, key: str, query: Mapping[str, list[str]]) -> Answer:
        upload = query.get("uploadId", [""])[0]
        if request.method == "POST" and not upload:
            self.number += 1
            self.uploads[str(self.number)] = key
            return Answer(
                body=f"<InitiateMultipartUploadResult><UploadId>{self.number}</UploadId></InitiateMultipartUploadResult>".encode()
            )
        if request.method == "PUT":
            self.parts[upload] = request.body
            return Answer(headers={"ETag": f'"{hashlib.md5(request.body).hexdigest()}"'})
        if request.method == "POST":
            del self.uploads[upload]
            self.files[key] = (b"X" if "parts" in self.lies else b"") + self.parts.pop(upload), {}
            return Answer(body=b"<CompleteMultipartUploadResult><ETag>x-1</ETag></CompleteMultipartUploadResult>")
        if request.method == "DELETE":
            self.uploads.pop(upload, None)
            return Answer(status=204)
        return self._upload_list(query.get("prefix", [""])[0]) if not upload else self._part_list(upload)

    def _upload_list(self, prefix: str) -> Answer:
        begun = _OLD if "old uploads" in self.lies else _NEW
        rows = "".join(
            f"<Upload><Key>{key}</Key><UploadId>{upload}</UploadId><Initiated>{begun}</Initiated></Upload>"
            for upload, key in self.uploads.items()
            if key.startswith(prefix) and "uploads unlisted" not in self.lies
        )
        return Answer(body=f"<ListMultipartUploadsResult>{rows}</ListMultipartUploadsResult>".encode())

    def _part_list(self, upload: str) -> Answer:
        body = self.parts[upload]
        etag = hashlib.md5(body).hexdigest()
        row = f'<Part><PartNumber>1</PartNumber><ETag>"{etag}"</ETag><Size>{len(body)}</Size></Part>'
        return Answer(body=f"<ListPartsResult>{'' if 'parts unlisted' in self.lies else row}</ListPartsResult>".encode())

    def _cors_rule(self, request: Request) -> Answer:
        if request.method == "PUT":
            self.cors = request.body
            return Answer()
        if not self.cors:
            return refusal(404, "NoSuchCORSConfiguration")
        return Answer(body=self.cors)
