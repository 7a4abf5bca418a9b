"""Which bucket, and the boto3 client that speaks to it. The only module that imports boto3."""

import hashlib
import os
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from podcast import __version__
from podcast.errors import ConfigError
from podcast.hiding import hush

from .body import Window, content_md5
from .keys import is_key

if TYPE_CHECKING:
    from boto3.session import Session
    from botocore.loaders import Loader
    from types_boto3_s3 import S3Client

#: As many requests at once as publishing makes, and the connections for them with a little to spare.
WORKERS = 32
_POOL = WORKERS + 2
#: From this length on it pays to ask before sending (Expect: 100-continue); below it is one more journey for nothing.
EXPECT = 8 << 20
#: Seconds without a byte after which a connection is given up, and how often a request is made: a stalled store is told of in minutes.
CONNECT_TIMEOUT, READ_TIMEOUT, ATTEMPTS = 10.0, 30.0, 5
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_HOST = re.compile(_BUCKET.pattern + r"|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings:
    """Where the bucket is. Keys and secrets come from the AWS credential chain alone (environment, profile, role).

    ``endpoint`` may lack its scheme; None is what AWS_ENDPOINT_URL says, or AWS. None for the others: the region by the endpoint
    (``auto`` for R2, else us-east-1, at AWS the chain's), path style at every endpoint but AWS's, no ACL header at all.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    path_style: bool | None = None
    acl: str | None = None


def checked(settings: S3Settings) -> S3Settings:
    """Return the settings with the prefix and the endpoint in their full form. Raises ConfigError."""
    prefix = settings.prefix.strip("/")
    if not _BUCKET.fullmatch(settings.bucket):
        raise ConfigError("storage.url names no bucket.", hint="Write it as s3://BUCKET or s3://BUCKET/PREFIX.")
    if prefix and not is_key(prefix):
        raise ConfigError(
            f"{prefix!r} is no prefix for names in a bucket.", hint="Use ASCII letters, digits, '_', '-', '.' and single slashes."
        )
    text = settings.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return replace(settings, prefix=prefix, endpoint=_endpoint(text, settings.bucket) if text else None)


def _endpoint(text: str, bucket: str) -> str:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host) or parts.scheme not in {"http", "https"}:
        raise ConfigError("storage.endpoint is no address of a host.", hint="Write it as https://HOST or https://HOST:PORT.")
    if "@" in parts.netloc:
        raise ConfigError(
            "storage.endpoint holds a user name or a password.",
            hint="Take it out; put the keys into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
    if parts.path.strip("/") or parts.query or parts.fragment or host.startswith(f"{bucket}."):
        raise ConfigError(
            f"storage.endpoint must be the host alone, not the address of a bucket in it: {parts.netloc}{parts.path}",
            hint="Take the bucket out; it stands in storage.url.",
        )
    return f"{parts.scheme}://{parts.netloc}"


def is_aws(endpoint: str | None) -> bool:
    """Tell whether the endpoint is Amazon's own."""
    host = urlsplit(endpoint or "").hostname or ""
    return endpoint is None or host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def uses_path_style(settings: S3Settings) -> bool:
    """Tell whether the bucket stands in the path of addresses, not in the name of the host."""
    return not is_aws(settings.endpoint) if settings.path_style is None else settings.path_style


def open_client(settings: S3Settings, *, attempts: int | None = None, signed: bool = True) -> "S3Client":
    """Return a client; no request is made. Raises botocore's exceptions, and ValueError for an endpoint that is no address.

    Without ``signed`` its requests are those of somebody who has no key.
    """
    from botocore import UNSIGNED
    from botocore.config import Config

    hush()
    style = {True: "path", False: "virtual", None: "auto" if is_aws(settings.endpoint) else "path"}[settings.path_style]
    config = Config(
        signature_version="s3v4" if signed else UNSIGNED,
        # botocore's own checksums travel in a framing (aws-chunked) that many stores refuse and a few write into the file.
        # Every body of ours carries Content-MD5, which all stores enforce, AWS too.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": style},
        retries={"mode": "standard", "total_max_attempts": attempts or ATTEMPTS},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        max_pool_connections=_POOL,
        # botocore's own, with all that it found out about this machine, is put together anew for each request, and takes its time.
        user_agent=f"podcast/{__version__}",
    )
    session = open_session()
    region = settings.region or _region(settings.endpoint) or session.region_name or "us-east-1"
    client: S3Client = session.client("s3", endpoint_url=settings.endpoint, region_name=region, config=config)
    client.meta.events.register("before-sign.s3.UploadPart", _drop_expect)
    for operation in ("PutObject", "UploadPart"):
        client.meta.events.register(f"before-send.s3.{operation}", _count)
    client.meta.events.register("before-call.s3.DeleteObjects", _add_md5)
    client.meta.events.register("before-parse.s3", _mark_busy)
    _trust_once(client)
    return client


def _trust_once(client: Any) -> None:  # noqa: ANN401 - its parts bear no public name
    """Let a bundle of certificates be read once. urllib3 reads it for each connection, and that of botocore takes 20 to 40 ms each time."""
    context = client._endpoint.http_session._manager.connection_pool_kw["ssl_context"]  # noqa: SLF001
    context.load_verify_locations = cache(context.load_verify_locations)


def open_session(access_key: str | None = None, secret_key: str | None = None) -> "Session":
    """Return a session, which finds the keys by itself where they are not given.

    All share what botocore reads about S3: to read that takes ten times as long as all the rest.
    """
    import boto3
    import botocore.session

    session = botocore.session.get_session()
    session.register_component("data_loader", _loader())
    return boto3.session.Session(access_key, secret_key, botocore_session=session)


@cache
def _loader() -> "Loader":
    from botocore.loaders import create_loader

    return create_loader()


def _region(endpoint: str | None) -> str | None:
    """Return the region that an endpoint other than AWS's expects, or None."""
    if is_aws(endpoint):
        return None
    host = urlsplit(endpoint or "").hostname or ""
    return "auto" if host.endswith(".r2.cloudflarestorage.com") else "us-east-1"


class _Request(Protocol):
    """What botocore hands to handlers."""

    headers: dict[str, str]
    body: object


def _drop_expect(request: _Request, **_: object) -> None:
    """Send a short body without asking first. boto3 asks whenever the body is a file."""
    if int(request.headers.get("Content-Length") or 0) < EXPECT:
        del request.headers["Expect"]


def _count(request: _Request, **_: object) -> None:
    """Let the body report what is read of it from now on: what was read before was read to sign it."""
    if isinstance(request.body, Window):
        request.body.sending = True


def _add_md5(params: dict[str, Any], **_: object) -> None:
    """Give the list of keys the one checksum that every store accepts; botocore would send CRC32 alone."""
    params["headers"]["Content-MD5"] = content_md5(hashlib.md5(params["body"], usedforsecurity=False).digest())


def _mark_busy(response_dict: dict[str, Any], **_: object) -> None:
    """Let 429 be asked again as 503 is. botocore does not, and R2 says so of more than one write in a second to one key."""
    if response_dict["status_code"] == 429:
        response_dict["status_code"] = 503
