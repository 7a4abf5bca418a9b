"""What the text and the attributes of a feed's elements may be: each kind brings a value into shape or refuses it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from podcast.errors import UsageError

from . import text


@dataclass(frozen=True, slots=True)
class Kind:
    """``what`` ends the sentence "it must be …"; ``read`` brings a value into shape, or says by None that it does not fit."""

    what: str
    read: Callable[[str], str | None]
    #: Longer texts are cut.
    limit: int | None = None

    def __call__(self, value: str) -> str | None:
        """Return the value in shape, or None."""
        return self.read(value)


def words(limit: int) -> Kind:
    """Take any text that is not empty, cut at ``limit`` characters."""
    return Kind(f"text of at most {limit} characters", lambda value: text.clean(value, limit=limit) or None, limit)


def perhaps(limit: int) -> Kind:
    """Take any text, also none, cut at ``limit`` characters."""
    return Kind(f"text of at most {limit} characters", lambda value: text.clean(value, limit=limit), limit)


def one_of(*values: str) -> Kind:
    """Take one of these words."""
    return Kind(f"one of {', '.join(values)}" if values[1:] else values[0], lambda value: value if value in values else None)


def matching(pattern: str, what: str) -> Kind:
    """Take what the pattern describes from end to end, and XML can hold."""
    compiled = re.compile(pattern, re.ASCII)
    return Kind(what, lambda value: value if compiled.fullmatch(value) and text.legal(value) == value else None)


def _language(value: str) -> str | None:
    try:
        return text.language(value)
    except UsageError:
        return None


def _uri(value: str) -> str | None:
    return value if _OTHER_URI.fullmatch(value) and text.legal(value) == value else text.safe_url(value)


def _percentage(value: str) -> str | None:
    return value if value.isascii() and value.isdigit() and int(value[:4]) <= 100 else None


# Schemes that hand a name to an app; nothing that a browser would run.
_OTHER_URI: Final = re.compile(r"(ipfs://|ipns://|nostr:|at://|lightning:|magnet:\?)[!-~]{1,1900}", re.ASCII)
_NUMBER: Final = r"[0-9]{1,9}(\.[0-9]{1,6})?"
_DEGREES: Final = r"-?[0-9]{1,3}(\.[0-9]{1,12})?"
_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME: Final = rf"{_DAY}T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]{{1,9}})?)?(Z|[+-][0-9]{{2}}:?[0-9]{{2}})"
#: A date as feeds have it; the day of the week is the first group.
RFC_2822: Final = (
    r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC|UT|Z|[ECMP][SD]T)"
)
_CC: Final = r"cc0-1\.0|cc-by(-nc)?(-nd|-sa)?-[1-4]\.[05](-[a-z]{2,5})?"
_SOFTWARE: Final = "afl-3.0 apache-2.0 artistic-2.0 bsl-1.0 bsd-2-clause bsd-3-clause bsd-3-clause-clear wtfpl ecl-2.0 epl-1.0 eupl-1.1"
_GNU: Final = "agpl-3.0 gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 unlicense"

URL: Final = Kind("a web address (https://…)", text.safe_url)
URI: Final = Kind("an address (https://…, ipfs://…, magnet:?…)", _uri)
LANGUAGE: Final = Kind("a BCP 47 language tag", _language)
COUNT: Final = matching(r"[1-9][0-9]{0,14}", "a whole number from 1")
SMALL: Final = matching(r"[1-9][0-9]{0,8}", "a whole number from 1")
SHARES: Final = matching(r"[0-9]{1,9}", "a whole number")
DECIMAL: Final = matching(_NUMBER, "a number")
SECONDS: Final = matching(_NUMBER, "a number of seconds")
SPAN: Final = matching(rf"(?![0.]+\Z){_NUMBER}", "a number of seconds above 0")
PLAY_TIME: Final = matching(r"([0-9]{1,3}:)?[0-5]?[0-9]:[0-5][0-9](\.[0-9]{1,6})?", "a position like 01:02:03.500")
PERCENTAGE: Final = Kind("a whole number from 0 to 100", _percentage)
COIN: Final = matching(r"[0-9]{1,12}(\.[0-9]{1,18})?", "a decimal")
EMAIL: Final = matching(r"[^\s@<>]{1,64}@[^\s@<>]{1,190}", "an e-mail address")
UUID: Final = matching(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "a UUID")
DATE: Final = matching(RFC_2822, "a date of RFC 2822")
TIME: Final = matching(_TIME, "a time of ISO 8601 with its zone")
BEGINNING: Final = matching(rf"{_TIME}|{_DAY}", "a day or a time of ISO 8601")
RRULE: Final = matching(
    r"FREQ=(SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(;[A-Z]+=[A-Za-z0-9,+:.-]+){0,20}",
    "a rule of RFC 5545 (FREQ=WEEKLY;BYDAY=MO)",
)
MEDIA_TYPE: Final = matching(r"(audio|video|image|text|application)/[A-Za-z0-9][A-Za-z0-9.+-]{0,99}", "a media type (audio/mpeg)")
SLUG: Final = matching(r"[a-z0-9][a-z0-9._-]{0,63}", "a name in small letters")
HOST: Final = matching(
    r"(?=.{1,253}\Z)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*", "the name of a host"
)
GEO: Final = matching(rf"geo:{_DEGREES},{_DEGREES}(,-?[0-9.]{{1,12}})?(;[A-Za-z0-9-]+=[A-Za-z0-9.%:-]+)*", "like geo:42.87,74.59")
OSM: Final = matching(r"[NWR][1-9][0-9]{0,18}(#[1-9][0-9]{0,8})?", "like N123, W123 or R123")
COUNTRY: Final = matching(r"[A-Za-z]{2}", "the two letters of a country")
RATIO: Final = matching(r"[1-9][0-9]{0,4}(\.[0-9]{1,4})?/[1-9][0-9]{0,4}(\.[0-9]{1,4})?", "like 16/9")
BASE64: Final = matching(r"(sha(256|384|512)-)?[A-Za-z0-9+/=]{1,20000}", "base64, after sha256-, sha384- or sha512- where it is SRI")
ADDRESS: Final = matching(r"[!-~]{1,255}", "an address without spaces")
#: Licences of the specification's list, which need no address.
KNOWN_LICENSE: Final = matching(f"(?i:{_CC}|cc|{'|'.join(map(re.escape, f'{_SOFTWARE} {_GNU}'.split()))})", "a licence of the list")
