"""What an S3 API's refusals mean, in our words: every foreign exception becomes a StorageError here, once.

Stores word the same trouble differently, or not at all (an answer to HEAD has no body; radosgw sends no message), so the
code decides, then the HTTP status. A store's own words are passed on only where they cannot hold a secret.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from podcast.errors import PodcastError, StorageError, StorageUnavailable


class Place(NamedTuple):
    """Whom we speak to, for the messages."""

    bucket: str
    host: str


_KEYS: Final = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_PROFILE) to a key of this bucket."
_CLOCK: Final = ("this computer's clock differs from the store's", "Set the clock; turn on its synchronisation (NTP).")
_SESSION: Final = ("the session of this key is over", "Get new temporary credentials, and set AWS_SESSION_TOKEN with them.")
_REGION: Final = ("the bucket {bucket} is in another region{region}", "Set storage.region to the bucket's region.")
_RIGHTS: Final = ("{host} does not allow it to this key", "Give the key the right {right} on the bucket {bucket}.")
_CHANGED: Final = (
    "{host} received other bytes than were sent",
    "Try again. If it stays so, a proxy before the store alters uploads, or the file changed after it was measured.",
)
_ACL: Final = ("{host} takes no ACL", "Remove storage.acl, and make the bucket readable by a policy or in the provider's panel.")
_FULL: Final = ("the store has no room left for it", "Make room or raise the quota of the bucket {bucket}.")
_ODD: Final = (
    "{host} does not answer as an S3 API does",
    "See that storage.endpoint is the address of the S3 API, not of a web console or a CDN; then try again.",
)
_BUSY: Final = (
    "{host} is overloaded or out of order",
    "Try again in a few minutes. If it stays so, see that storage.endpoint is the address of the S3 API, not of a web console.",
)
_UNREACHABLE: Final = ("{host} cannot be reached", "See that storage.endpoint is right and that this computer is online; then try again.")
_TLS: Final = (
    "the certificate of {host} is not trusted",
    "See that storage.endpoint is right. For a certificate of your own, set AWS_CA_BUNDLE to the file of its authority.",
)
_NO_KEY: Final = ("there are no AWS credentials here", _KEYS)

_SIGNATURE: Final = (
    "{host} does not accept the signature",
    "See that AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together, and that storage.region is right.",
)
_REGIONS: Final = (
    "AuthorizationHeaderMalformed",
    "PermanentRedirect",
    "TemporaryRedirect",
    "IllegalLocationConstraintException",
    "301",
    "307",
)

_MEANINGS: Final[dict[str, tuple[str, str]]] = {
    "NoSuchBucket": ("{host} has no bucket {bucket}", "Create the bucket, or correct storage.url."),
    "InvalidAccessKeyId": ("{host} does not know the access key", _KEYS),
    "SignatureDoesNotMatch": _SIGNATURE,
    **dict.fromkeys(("ExpiredToken", "InvalidToken", "TokenRefreshRequired"), _SESSION),
    **dict.fromkeys(("RequestTimeTooSkewed", "RequestExpired"), _CLOCK),
    **dict.fromkeys(_REGIONS, _REGION),
    **dict.fromkeys(("AccessDenied", "AllAccessDisabled", "AccountProblem", "Unauthorized", "Forbidden", "401", "403"), _RIGHTS),
    **dict.fromkeys(("BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"), _CHANGED),
    **dict.fromkeys(("AccessControlListNotSupported", "UnsupportedAcl"), _ACL),
    **dict.fromkeys(("QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "EntityTooLarge", "507"), _FULL),
    **dict.fromkeys(("SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "TooManyRequests"), _BUSY),
    **dict.fromkeys(("OperationAborted", "ConditionalRequestConflict"), _BUSY),
}  # fmt: skip
_BUSY_STATUSES: Final = {408, 429, 500, 502, 503, 504}
_SECRET: Final = re.compile(r"(?i)signature|credential|authorization|token|secret|akia|asia|://[^/\s]*@|[0-9a-f]{64}")


@contextmanager
def saying(deed: str, right: str, place: Place) -> Iterator[None]:
    """Turn whatever goes wrong into a StorageError: "Cannot DEED: why", with the hint; ``right`` is what the key must be allowed."""
    try:
        yield
    except PodcastError:
        raise
    except Exception as exc:  # botocore lets KeyError and AttributeError through where an answer was cut off.
        meaning = _meaning(exc)
        kind = StorageUnavailable if meaning in (_BUSY, _UNREACHABLE) else StorageError
        why, hint = meaning
        values = {"bucket": place.bucket, "host": place.host, "right": right, "region": _region(exc)}
        raise kind(f"Cannot {deed}: {why.format(**values)}.", hint=hint.format(**values)) from exc


def code_of(exc: Exception) -> str:
    """Return the code of a store's refusal (the status where it names none), or ''."""
    return str(_answer(exc).get("Error", {}).get("Code") or status_of(exc) or "")


def _meaning(exc: Exception) -> tuple[str, str]:
    answer = _answer(exc)
    if not answer:
        return _broken(exc)
    code, status = code_of(exc), str(status_of(exc))
    known = _MEANINGS.get(code) or _MEANINGS.get(status)
    if known:
        return known
    if status_of(exc) in _BUSY_STATUSES:
        return _BUSY
    if code == status:  # No code, so this was no S3 API speaking.
        return _ODD
    return f"{{host}} refuses it ({_quoted(exc)})", "Look for this code in the documentation of the store."


def _broken(exc: Exception) -> tuple[str, str]:
    """Judge what went wrong before, or without, a whole answer. The order matters: an SSLError is a ConnectionError too."""
    from botocore import exceptions as e

    if isinstance(exc, e.SSLError):
        return _TLS
    credentials = (e.NoCredentialsError, e.PartialCredentialsError, e.CredentialRetrievalError, e.ProfileNotFound, e.ConfigParseError)
    if isinstance(exc, (*credentials, e.SSOError, e.TokenRetrievalError, e.UnauthorizedSSOTokenError)):
        return _NO_KEY
    if isinstance(exc, (e.HTTPClientError, e.ConnectionError, e.IncompleteReadError, e.ResponseStreamingError, OSError)):
        return _UNREACHABLE
    if isinstance(exc, e.ParamValidationError):
        return ("{bucket} is no name of a bucket, or the name is too long", "Correct storage.url.")
    return _ODD


def _answer(exc: Exception) -> dict[str, Any]:
    answer = getattr(exc, "response", None)
    return answer if isinstance(answer, dict) else {}


def status_of(exc: Exception) -> int:
    """Return the HTTP status of a store's refusal, or 0."""
    return int(_answer(exc).get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)


def _region(exc: Exception) -> str:
    answer = _answer(exc)
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = str(answer.get("Error", {}).get("Region") or headers.get("x-amz-bucket-region") or "")
    return f": {region}" if re.fullmatch(r"[a-z0-9-]+", region) else ""


def _quoted(exc: Exception) -> str:
    """Return code, status and message of a refusal that we have no words for."""
    message = " ".join(str(_answer(exc).get("Error", {}).get("Message") or "").split())[:200]
    parts = [code_of(exc), f"HTTP {status_of(exc)}", "" if _SECRET.search(message) else message]
    return ", ".join(part for part in parts if part).replace("{", "{{").replace("}", "}}")
