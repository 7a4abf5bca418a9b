"""How a store is reached, and what it makes of what S3 leaves open."""

import gzip
import secrets
from datetime import timedelta
from typing import Final

from podcast.errors import PodcastError, StorageError
from podcast.site import FRESH, content_type
from podcast.storage.s3_probe import trusted_authorities

from .certificate import judge_certificate
from .patient import Patient
from .table import Check, Outcome, fail, ok, skipped, warn

#: From 15 minutes on S3 refuses every signature; some stores sooner.
_SKEWED: Final = timedelta(minutes=5)
_SKEW: Final = timedelta(minutes=1)
_LONG: Final = 1 << 20
_NTP: Final = "Set this computer's clock; turn on its synchronisation (NTP)."


def _reach(patient: Patient) -> Outcome:
    if not patient.is_bucket:
        return ok(f"the folder {patient.project.root / patient.project.config.storage.url}")
    patient.bucket.reach()
    return ok(f"{patient.project.config.storage.url} at {patient.bucket.endpoint or 'AWS'}")


def _style(patient: Patient) -> Outcome:
    bucket = patient.bucket
    names = {True: "in the path of addresses (path_style = true)", False: "in the name of the host (path_style = false)"}
    try:
        bucket.reach()
    except PodcastError as error:
        other = bucket.other_style()
        try:
            other.reach()
        except PodcastError:
            return skipped("the bucket is reached by neither style")
        return fail(
            f"The bucket is not reached with its name {names[bucket.path_style]}, but {names[other.path_style]}: {error.message}",
            f"Set storage.path_style = {str(other.path_style).lower()}.",
        )
    return ok(f"the bucket's name stands {names[bucket.path_style]}")


def _region(patient: Patient) -> Outcome:
    told, used = patient.bucket.told_region, patient.bucket.region
    if told and told != used and used != "auto":
        return fail(f"The bucket is in the region {told}, and requests are signed for {used}.", f'Set storage.region = "{told}".')
    return ok(used if told else f"{used}; the store names none")


def _clock(patient: Patient) -> Outcome:
    if patient.bucket.skew is None:
        return skipped("the store says no time")
    skew = patient.bucket.skew
    seconds = round(skew.total_seconds())
    told = f"This computer's clock is {abs(seconds):,} seconds {'behind' if seconds > 0 else 'ahead of'} the store's."
    if abs(skew) > _SKEWED:
        return fail(told, f"{_NTP} Stores refuse signatures of another time.")
    return warn(told, _NTP) if abs(skew) > _SKEW else ok(f"within {max(abs(seconds), 1)} s of the store's")


def _tls(patient: Patient) -> Outcome:
    endpoint = patient.bucket.endpoint or "https://s3.amazonaws.com"
    return judge_certificate(endpoint, patient.clock(), authorities=trusted_authorities(), private=True)


def _acl(patient: Patient) -> Outcome:
    if not patient.bucket.acl:
        return ok("none is sent")
    patient.bucket.put(patient.key("acl.bin"), b"acl", ACL=patient.bucket.acl)
    return ok(f"{patient.bucket.acl} is taken")


def _whole(patient: Patient) -> Outcome:
    key, body = patient.key("whole.bin"), secrets.token_bytes(_LONG)
    patient.bucket.put(key, body)
    back = patient.bucket.get(key).body
    if back != body:
        raise StorageError(
            f"Of {_LONG:,} bytes that were stored, {len(back):,} came back, and not the same.",
            hint="The store, or a proxy before it, writes the framing of uploads (aws-chunked) into files: update it, or use another.",
        )
    return ok("1 MiB came back byte for byte")


def _md5(patient: Patient) -> Outcome:
    if patient.bucket.refuses_wrong_md5(patient.key("md5.bin")):
        return ok("a body that arrives damaged is refused")
    return warn(
        "The store takes a body whose MD5 is not the one announced.",
        "Nothing to do: each upload is compared afterwards. But a store that looks itself is better.",
    )


def _conditions(patient: Patient) -> Outcome:
    found = patient.bucket.conditions(patient.key("condition.bin"))
    return ok("; ".join(f"{name} is {what}" for name, what in found.items()) + " (a second guard of the feed; no publish depends on it)")


def _encoding(patient: Patient) -> Outcome:
    key, body = patient.key("encoded.xml"), gzip.compress(b"<rss/>" * 100, mtime=0)
    patient.bucket.put(key, body, type=content_type(key), ContentEncoding="gzip")
    seen = patient.bucket.get(key)
    if "gzip" in seen.headers.get("content-encoding", "") and seen.body == body:
        return ok("a compressed file stays so, and is said to be")
    message = "The store does not keep Content-Encoding."
    if patient.project.config.feed.gzip:
        return fail(message, "Set [feed] gzip = false: apps would get bytes that they cannot read.")
    return warn(message, "Leave [feed] gzip off.")


def _headers(patient: Patient) -> Outcome:
    for name in ("typed.json", "typed.vtt"):
        key = patient.key(name)
        patient.bucket.put(key, b"{}", type=content_type(key), cache_control=FRESH)
        said = patient.bucket.head(key).headers
        if plain(said.get("content-type", "")) != plain(content_type(key)):
            return fail(
                f"A file of type {content_type(key)} came back as {said.get('content-type') or 'of none'}.",
                "Apps go by the type: use another store, or serve by `podcast serve`.",
            )
        if plain(said.get("cache-control", "")) != plain(FRESH):
            return warn(
                "The store does not keep Cache-Control.",
                "A CDN would go by its own times: set them there, five minutes for feed.xml, a year for /media/ and /art/.",
            )
    return ok("Content-Type and Cache-Control come back as stored")


def plain(header: str) -> str:
    """Return a header's value without what makes no difference."""
    return header.lower().replace(" ", "")


REACH: Final = (
    Check(id="storage.reach", about="the store knows bucket and key", look=_reach, needs=("project.file",)),
    Check(id="storage.style", about="how addresses name the bucket", look=_style, needs=("project.file",), bucket=True),
    Check(id="storage.region", about="the region that requests are signed for", look=_region, needs=("storage.reach",), bucket=True),
    Check(id="storage.clock", about="this computer's clock against the store's", look=_clock, needs=("project.file",), bucket=True),
    Check(id="storage.tls", about="the certificate of the store", look=_tls, needs=("project.file",), bucket=True),
)
TRAITS: Final = (
    Check(id="storage.acl", about="the ACL that uploads carry", look=_acl, needs=("storage.put",), bucket=True),
    Check(id="storage.whole", about="uploads arrive byte for byte", look=_whole, needs=("storage.put",), bucket=True),
    Check(id="storage.md5", about="damaged uploads are refused", look=_md5, needs=("storage.put",), bucket=True),
    Check(id="storage.conditions", about="conditional writes", look=_conditions, needs=("storage.put",), bucket=True),
    Check(id="storage.encoding", about="Content-Encoding is kept", look=_encoding, needs=("storage.put",), bucket=True),
    Check(id="storage.headers", about="Content-Type and Cache-Control are kept", look=_headers, needs=("storage.put",), bucket=True),
)
