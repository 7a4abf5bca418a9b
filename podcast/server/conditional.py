"""HTTP's questions about a file: have I got it already, and which part of it do I want (RFC 9110, 13 and 14).

Pure functions. An etag is written without its quotes here, as storage gives it.
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

#: What a Range may ask for: two numbers, either of which may be missing. Nobody's file needs more digits.
_RANGE: Final = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})", re.ASCII | re.IGNORECASE)
_ETAG: Final = re.compile(r'(?:W/)?"([^"]*)"')


class Unsatisfiable(Exception):
    """The range lies outside of the file, or is no range at all."""


def http_date(moment: datetime) -> str:
    """Write a time as HTTP does, in whole seconds."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def matched_etag(if_none_match: str, etags: tuple[str, ...]) -> str | None:
    """Return the etag that the client has got, of those that the file goes by; weak ones count; ``*`` is the first."""
    if if_none_match.strip() == "*":
        return etags[0]
    held = set(_ETAG.findall(if_none_match))
    return next((etag for etag in etags if etag in held), None)


def not_modified_since(if_modified_since: str, modified: datetime) -> bool:
    """Say whether the file is as old as the client's copy; False where the date is none."""
    since = _parse_date(if_modified_since)
    return since is not None and modified.replace(microsecond=0) <= since


def is_as_expected(if_match: str | None, if_unmodified_since: str | None, etags: tuple[str, ...], modified: datetime) -> bool:
    """Say whether the file is still the one that the client goes on with, as Firefox asks when it resumes a download."""
    if if_match is not None:
        return if_match.strip() == "*" or any(f'"{etag}"' in (each.strip() for each in if_match.split(",")) for etag in etags)
    return not if_unmodified_since or _parse_date(if_unmodified_since) is None or not_modified_since(if_unmodified_since, modified)


def range_applies(if_range: str | None, etag: str, modified: datetime) -> bool:
    """Say whether the part that is asked for belongs to the same bytes as the parts that the client has got.

    A weak etag never does, and a date only if it is the very one that we sent.
    """
    if if_range is None:
        return True
    if if_range.strip().startswith(('"', "W/")):
        return if_range.strip() == f'"{etag}"'
    return _parse_date(if_range) == modified.replace(microsecond=0)


def parse_range(header: str, length: int) -> tuple[int, int] | None:
    """Return the first byte and the number of bytes, or None for the whole file.

    An unknown unit and several ranges mean the whole file, as RFC 9110 allows, and so does any range of an empty one, as
    nginx does. Raises Unsatisfiable.
    """
    unit, equals, ranges = header.partition("=")
    if not length or not equals or unit.strip().lower() != "bytes" or "," in ranges:
        return None
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "":
        raise Unsatisfiable
    if match[1] == "":
        start, end = max(length - int(match[2]), 0), length - 1
    else:
        start, end = int(match[1]), min(int(match[2] or length), length - 1)
    if start > end:
        raise Unsatisfiable
    return start, end - start + 1


def accepts_gzip(accept_encoding: str) -> bool:
    """Say whether the client takes gzip: named, or by ``*``, and not with ``q=0``."""
    weights: dict[str, bool] = {}
    for item in accept_encoding.lower().split(","):
        name, _, parameter = item.partition(";")
        weights[name.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", parameter)
    return weights.get("gzip", weights.get("*", False))


def _parse_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
