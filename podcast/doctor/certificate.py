"""Until when the certificate of a host is valid, as a program that trusts some authorities sees it."""

import ssl
from datetime import UTC, datetime
from socket import create_connection
from typing import Final
from urllib.parse import urlsplit

from podcast.errors import FetchError, FetchUnavailable
from podcast.fetch import is_private

from .table import Outcome, fail, ok, skipped, warn

_SECONDS: Final = 10
#: Days: an authority renews at 30, so that something is wrong with the renewal by then.
_SOON: Final = 14


def judge_certificate(url: str, now: datetime, *, authorities: str | None, private: bool) -> Outcome:
    """Look at the certificate of an https address; ``authorities`` is a file of those that are trusted, None for the system's."""
    if not url.startswith("https://"):
        return skipped("the address is http, so nothing is encrypted")
    host = urlsplit(url).hostname or ""
    try:
        left = (_valid_until(url, authorities, private=private) - now).days
    except FetchError as error:
        return fail(error.message, error.hint)
    if left < 0:
        return fail(f"The certificate of {host} has run out by this computer's clock.", "Renew it, or set the clock.")
    if left < _SOON:
        return warn(f"The certificate of {host} runs out in {left} days.", "See why it was not renewed: no app plays what it cannot trust.")
    return ok(f"the certificate is valid for {left} days more")


def _valid_until(url: str, authorities: str | None, *, private: bool) -> datetime:
    parts = urlsplit(url)
    host = parts.hostname or ""
    context = ssl.create_default_context(cafile=authorities)
    try:
        with create_connection((host, parts.port or 443), _SECONDS) as plain:
            if not private and is_private(plain.getpeername()[0]):
                raise FetchError(f"{host} leads into a private network.", hint="Listeners could not reach it.")
            with context.wrap_socket(plain, server_hostname=host) as connection:
                said = connection.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        raise FetchError(
            f"The certificate of {host} is not valid: {error.verify_message}.", hint="Renew it, or serve the whole chain of certificates."
        ) from error
    except OSError as error:
        raise FetchUnavailable(f"{host} cannot be reached directly: {error.strerror or error}.", hint="See that it is up.") from error
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(said["notAfter"])), UTC)
