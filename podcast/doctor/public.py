"""What listeners get at public_url, asked as an app, a browser and a stranger would."""

from contextlib import suppress
from typing import Final

from podcast.errors import FetchPrivate, FetchUnavailable, StorageError, StorageUnavailable
from podcast.fetch import Probed, probe
from podcast.site import cache_control, content_type

from .bucket import plain
from .certificate import judge_certificate
from .patient import Patient
from .table import Check, Outcome, fail, ok, skipped, warn

_SOUND: Final = bytes(range(256)) * 16
_BODIES: Final = {"probe.mp3": _SOUND, "probe.json": b'{"doctor": true}\n', "probe.vtt": b"WEBVTT\n"}
_ORIGIN: Final = "https://player.example"
_SECONDS: Final = 20


def _ask(patient: Patient, url: str, *, method: str = "GET", limit: int = 1 << 16, **headers: str) -> Probed:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return probe(url, method=method, headers=named, private=patient.base_is_local, limit=limit, seconds=_SECONDS)


def _url(patient: Patient, name: str) -> str:
    return patient.base + patient.key(name)


def _address(patient: Patient) -> Outcome:
    if patient.base_is_local:
        return warn(
            f"{patient.base} is reached from this computer or its network alone.",
            "Before the first listener comes, set public_url to the address of the bucket, a CDN or your server.",
        )
    if not patient.base.startswith("https://"):
        return warn(f"{patient.base} is not encrypted.", "Apps on telephones refuse http: set public_url to an https address.")
    return ok(patient.base)


def _tls(patient: Patient) -> Outcome:
    return judge_certificate(patient.base, patient.clock(), authorities=None, private=patient.base_is_local)


def _read(patient: Patient) -> Outcome:
    for name, body in _BODIES.items():
        patient.publish(name, body)
    try:
        seen = _ask(patient, _url(patient, "probe.mp3"))
    except FetchPrivate as error:
        return fail(error.message, "Set public_url to an address that listeners can reach.")
    except FetchUnavailable as error:
        if patient.base_is_local and not patient.is_bucket:
            return skipped("nobody serves the folder now: run `podcast serve` beside this to have it looked at")
        return fail(error.message, error.hint)
    if seen.status in {401, 403}:
        return fail(
            f"What is published is refused to listeners: {patient.base} answers {seen.status}.",
            "Let everybody read the objects (s3:GetObject), by a policy of the bucket or in the provider's panel.",
        )
    if seen.status != 200 or seen.body != _SOUND:
        what = f"answers {seen.status}" if seen.status != 200 else "holds something else"
        return fail(
            f"{patient.base} does not give what was stored: it {what}.",
            "public_url must be the address of what storage.url names, with the prefix; see that no login or error page stands before it.",
        )
    return ok("what is stored is read by everybody")


def _head(patient: Patient) -> Outcome:
    seen = _ask(patient, _url(patient, "probe.mp3"), method="HEAD")
    if seen.status != 200 or seen.headers.get("content-length") != str(len(_SOUND)):
        said = f"{seen.status}, length {seen.headers.get('content-length', 'not told')}"
        return fail(f"HEAD is answered with {said}.", "Apple asks with HEAD before it takes an episode: let the server or CDN answer it.")
    return ok("HEAD tells the length")


def _range(patient: Patient) -> Outcome:
    seen = _ask(patient, _url(patient, "probe.mp3"), Range="bytes=1-2")
    if seen.status != 206 or seen.body != _SOUND[1:3]:
        return fail(
            f"A range is answered with {seen.status} and {len(seen.body):,} bytes, instead of 206 and 2.",
            "Apple refuses such a server, and nobody can seek: let a CDN or `podcast serve` stand before the bucket.",
        )
    return ok("a range comes with status 206")


def _headers(patient: Patient) -> Outcome:
    for name in _BODIES:
        key = patient.key(name)
        said = _ask(patient, patient.base + key, limit=0).headers
        if plain(said.get("content-type", "")) != plain(content_type(key)):
            return fail(
                f"A .{name.rpartition('.')[2]} file is served as {said.get('content-type') or 'of no type'}, not {content_type(key)}.",
                "Let what stands before the storage pass Content-Type on.",
            )
        if plain(said.get("cache-control", "")) != plain(cache_control(key)):
            return warn(
                f"Cache-Control is {said.get('cache-control') or 'missing'}, and was stored as {cache_control(key)}.",
                "Let the CDN go by the origin's Cache-Control, or listeners wait longer for a new episode than they need.",
            )
    return ok("types and cache times are those that were stored")


def _cors(patient: Patient) -> Outcome:
    for name in ("probe.json", "probe.vtt"):
        allowed = _ask(patient, _url(patient, name), limit=0, Origin=_ORIGIN).headers.get("access-control-allow-origin")
        if allowed not in {"*", _ORIGIN}:
            return warn(
                "Players on other sites may not read chapters and transcripts: there is no Access-Control-Allow-Origin.",
                "Run `podcast doctor --fix`, which writes the bucket's CORS rule; a CDN may need a rule of its own.",
            )
    return ok("players on other sites may read chapters and transcripts")


def _allow_other_sites(patient: Patient) -> str:
    if not patient.is_bucket:
        return "nothing to write: what serves the folder must send Access-Control-Allow-Origin: *, as `podcast serve` does"
    if patient.bucket.allow_other_sites():
        return "wrote the bucket's CORS rule: every site may GET and HEAD"
    return "the bucket has the CORS rule already: what stands before it does not pass it on, or not yet"


def _listing(patient: Patient) -> Outcome:
    key = patient.key("probe.mp3")
    prefix = patient.bucket.prefix if patient.is_bucket else ""
    # Where the public address holds the prefix, the bucket itself stands above it. Some stores want no slash at its end.
    root = patient.base.removesuffix(f"{prefix}/") if prefix else patient.base
    asked = f"?prefix={prefix}{'/' if prefix else ''}{patient.folder}/"
    listed = any(key.encode() in _ask(patient, url + asked).body for url in (root, root.rstrip("/")))
    if not listed and patient.is_bucket:
        with suppress(StorageError):
            listed = bool(patient.stranger.keys(f"{patient.folder}/"))
    if listed:
        return warn(
            "Everybody can list the bucket, and so finds what is not in a feed any more, or not yet.",
            "Allow everybody s3:GetObject alone, and not s3:ListBucket.",
        )
    return ok("strangers cannot list the files")


def _writing(patient: Patient) -> Outcome:
    try:
        patient.stranger.put(patient.key("stranger.bin"), b"stranger")
    except StorageUnavailable:
        raise
    except StorageError:
        return ok("strangers cannot write")
    return fail("Everybody can write into the bucket.", "Allow s3:PutObject to your own key alone, at once; change what was left there.")


PUBLIC: Final = (
    Check(id="public.address", about="public_url is an address for listeners", look=_address, needs=("project.file",)),
    Check(id="public.tls", about="the certificate of public_url", look=_tls, needs=("project.file",)),
    Check(id="public.read", about="public_url serves what storage holds", look=_read, needs=("storage.put",)),
    Check(id="public.head", about="HEAD, as Apple asks", look=_head, needs=("public.read",)),
    Check(id="public.range", about="ranges, as players ask", look=_range, needs=("public.read",)),
    Check(id="public.headers", about="types and cache times", look=_headers, needs=("public.read",)),
    Check(id="public.cors", about="players on other sites", look=_cors, needs=("public.read",), mend=_allow_other_sites),
    Check(id="public.listing", about="strangers cannot list", look=_listing, needs=("public.read",)),
    Check(id="public.writing", about="strangers cannot write", look=_writing, needs=("storage.put",), bucket=True),
)
