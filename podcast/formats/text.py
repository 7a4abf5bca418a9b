"""Text from outside made fit for a feed, a page, a key, an address and a terminal.

Every string that a tag, a sidecar, an import or a user hands in passes through :func:`clean` once, at the border;
the feed's writer does it again, since one bad character in one title would take the whole feed down.
"""

import codecs
import re
import unicodedata
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from podcast.errors import MediaError, UsageError
from podcast.site import RESERVED

# Bidirectional overrides, embeddings and isolates: they turn "exe.gpn" into "npg.exe". Right-to-left text needs none.
_BIDI: Final = "\u202a-\u202e\u2066-\u2069"
# What XML 1.0 forbids, the controls that it allows and nobody wants, and byte order marks in mid-text.
_DROPPED: Final = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff{_BIDI}]")
_LINE_BREAK: Final = re.compile("\r\n|[\r\x85\u2028\u2029]")
_ODD_SPACE: Final = re.compile("[\x0b\x0c\x1c-\x1f]")
# No-break spaces stay: French and Kyrgyz typography sets them on purpose.
_SPACES: Final = re.compile(r"[^\S\u00a0\u202f]+")
_SUSPECT_RUN: Final = re.compile(r"\w?[^\w\s\x00-\xff]{20,}")
_PRINTABLE: Final = b"\n" + bytes(range(0x20, 0x7F))
_MAX_MARKS: Final = 30
_ZWJ: Final = "\u200d"
# Joiners, and the Thai and Lao letters am, which are a mark and a vowel in one.
_JOINED: Final = frozenset({_ZWJ, "\u200c", "\u0e33", "\u0eb3"})
_VIRAMA: Final = 9
# How far a cut may move back in search of a border; no real character is longer.
_LONGEST_GRAPHEME: Final = 64

_UNSAFE_OUTPUT: Final = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff{_BIDI}]")

_SLUG_MIN: Final = 3
_SLUG_MAX: Final = 80
_APOSTROPHES: Final = str.maketrans("", "", "'’‘ʼ`´")

_URL_MAX: Final = 2000
_NOT_IN_URL: Final = re.compile(rf"[\s\\<>\"{_UNSAFE_OUTPUT.pattern[1:-1]}]")
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?\.?|\[[0-9a-f:.]+\]")
_BARE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")

# The languages of two letters (ISO 639-1, with names of old): kz and jp are countries, whose languages are kk and ja.
_TWO_LETTERS: Final = (
    "a[abefkmnrsvyz]|b[aeghimnors]|c[aehorsuvy]|d[aevz]|e[elnostu]|f[afijory]|g[adlnuv]|h[aeiortuyz]|i[adegiknostuw]|"
    "j[aivw]|k[agijklmnorsuvwy]|l[abginotuv]|m[ghiklnorsty]|n[abdeglnorvy]|o[cjmrs]|p[ailst]|qu|r[mnouw]|"
    "s[acdeghiklmnoqrstuvw]|t[aeghiklnorstwy]|u[gkrz]|v[eio]|w[ao]|xh|y[io]|z[ahu]"
)
_TAG: Final = re.compile(
    rf"(?P<language>[a-z]{{3}}|{_TWO_LETTERS})"
    r"(?P<extlang>(?:-[a-z]{3}){0,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<rest>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?)",
    re.ASCII,
)
_RENAMED: Final = {"iw": "he", "ji": "yi", "in": "id"}

#: Languages, scripts and regional habits that are written from right to left (CLDR likely subtags).
_RTL_LANGUAGES: Final = frozenset(
    {"ar", "arc", "ary", "arz", "azb", "bal", "ckb", "dv", "fa", "glk", "he", "iw", "ji", "ks", "lrc", "mzn", "nqo"}
) | {"pnb", "prs", "ps", "sd", "sdh", "skr", "syr", "ug", "ur", "yi"}
_RTL_SCRIPTS: Final = frozenset({"Adlm", "Arab", "Aran", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa"})
_RTL_PLACES: Final = frozenset({"az-IQ", "az-IR", "kk-CN", "ky-CN", "pa-PK", "tg-PK", "uz-AF"})


def clean(value: str, *, limit: int = 4000, lines: bool = False) -> str:
    r"""Return the text in NFC without anything that XML, a page or a reader's eye could stumble over.

    White space becomes single spaces; with ``lines`` it stays as it is, line breaks as ``\n``. The result has at most
    ``limit`` characters and is never cut inside what a reader sees as one. Cleaning twice changes nothing.
    """
    if lines:
        text = legal(value).lstrip("\n").rstrip()
    # The only white space that Python calls printable is the space.
    elif value.isprintable() and "  " not in value:
        text = value.strip()
    else:
        text = _SPACES.sub(" ", _DROPPED.sub("", value)).strip()
    if text.isascii():
        return text[:limit].rstrip()
    text = unicodedata.normalize("NFC", _SUSPECT_RUN.sub(_thin_marks, text))
    return cut(text, limit).rstrip()


def decode(data: bytes, *, what: str) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with its byte order mark; MediaError where it is neither.

    ``what`` names the kind of file in the message: "The transcript is not UTF-8 …".
    """
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        place = data.count(b"\n", 0, error.start) + 1
        raise MediaError(f"The {what} is not UTF-8: line {place} holds other bytes", hint="Save it as UTF-8.") from error


def legal(value: str) -> str:
    """Return the text without what :func:`clean` drops, and else unchanged.

    For a guid, which must stay as it is, and for finished HTML: there NFC would melt the ``>`` of a tag and a combining
    stroke behind it into one character.
    """
    # What Python calls printable holds none of it, and is told many times faster; ASCII faster still.
    if not value.encode().translate(None, _PRINTABLE) if value.isascii() else value.replace("\n", " ").isprintable():
        return value
    return _ODD_SPACE.sub("", _DROPPED.sub("", _LINE_BREAK.sub("\n", value)))


def cut(text: str, limit: int) -> str:
    """Return at most ``limit`` characters, never ending inside what a reader sees as one."""
    return text if len(text) <= limit else _whole_end(text, limit)


def _whole_end(text: str, limit: int) -> str:
    for end in range(limit, max(limit - _LONGEST_GRAPHEME, 0), -1):
        if not _continues(text, end):
            return text[:end]
    return text[:limit] if limit > _LONGEST_GRAPHEME else ""


def cut_bytes(text: str, limit: int) -> str:
    """Return as much of the text as ``limit`` bytes of UTF-8 hold, never ending inside what a reader sees as one."""
    raw = text.encode()
    return text if len(raw) <= limit else _whole_end(text, len(raw[:limit].decode(errors="ignore")))


def slug(title: str, *, fallback: str) -> str:
    """Return an ASCII name for keys and addresses, 3 to 80 of ``a-z 0-9 -``, the same for the same title.

    >>> slug("Kyrgyzstan’s Kings Of Corruption", fallback="episode-1")
    'kyrgyzstans-kings-of-corruption'
    >>> slug("Өзгөчө маек", fallback="episode-1")
    'ozgocho-maek'
    """
    name = _ascii_words(title)
    if len(name) < _SLUG_MIN:
        name = _ascii_words(fallback)
    if len(name) < _SLUG_MIN:
        name = f"episode-{name}".rstrip("-")
    return f"{name}-episode" if name in RESERVED else name


def safe_url(value: str) -> str | None:
    """Return an http or https address in plain ASCII, or None where it is nothing that a listener should be led to.

    None for other schemes, user names, no host, control characters, spaces inside, more than 2,000 characters.

    >>> safe_url("https://пример.рф/сериал?x=1")
    'https://xn--e1afmkfd.xn--p1ai/%D1%81%D0%B5%D1%80%D0%B8%D0%B0%D0%BB?x=1'
    >>> safe_url("javascript:alert(1)") is None
    True
    """
    value = unicodedata.normalize("NFC", value.strip()) if len(value) <= _URL_MAX else ""
    try:
        parts = urlsplit(value)
        host, port = _ascii_host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or _NOT_IN_URL.search(value):
        return None
    place = host if port is None else f"{host}:{port}"
    url = urlunsplit((parts.scheme, place, _quoted(parts.path), _quoted(parts.query), _quoted(parts.fragment)))
    return url if len(url) <= _URL_MAX else None


def language(tag: str) -> str:
    """Return the BCP 47 tag in its usual spelling; UsageError where it is not one.

    >>> language("ZH_hant_tw"), language("ky")
    ('zh-Hant-TW', 'ky')
    """
    match = _TAG.fullmatch(tag.strip().replace("_", "-").lower())
    if match is None:
        raise UsageError(f'"{clean(tag, limit=40)}" is no language tag', hint="Write a BCP 47 tag such as en, ky, uz-Cyrl or ar-EG.")
    primary, script, region = match["language"], match["script"], match["region"]
    tail = (f"-{script.title()}" if script else "") + (f"-{region.upper()}" if region else "") + match["rest"]
    return _RENAMED.get(primary, primary) + match["extlang"] + tail


def direction(tag: str) -> str:
    """Return ``"rtl"`` or ``"ltr"``, what HTML's dir attribute wants for text in this language.

    A script named in the tag decides; else the region's habit; else the language's.

    >>> direction("fa"), direction("uz-Arab"), direction("ug-Cyrl"), direction("ky")
    ('rtl', 'rtl', 'ltr', 'ltr')
    """
    primary, *subtags = tag.replace("_", "-").split("-")
    for subtag in subtags:
        if len(subtag) == 1:
            break
        if len(subtag) == 4 and subtag.isalpha():
            return "rtl" if subtag.title() in _RTL_SCRIPTS else "ltr"
    places = {f"{primary.lower()}-{subtag.upper()}" for subtag in subtags}
    return "rtl" if primary.lower() in _RTL_LANGUAGES or places & _RTL_PLACES else "ltr"


def terminal(value: str) -> str:
    r"""Return the text as one line for a terminal or a log, with what could steer either of them made visible.

    >>> terminal("a\x1b[2Jb\n")
    'a\\x1b[2Jb\\x0a'
    """
    return _UNSAFE_OUTPUT.sub(lambda match: _escape(ord(match[0])), value)


def _escape(code: int) -> str:
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"


def _thin_marks(match: re.Match[str]) -> str:
    """Leave at most 30 combining marks in a row (UAX 15, stream-safe text): sorting more takes quadratic time."""
    kept, run = [], 0
    for character in match[0]:
        parts = unicodedata.normalize("NFD", character)
        run = run + len(parts) if unicodedata.combining(character) else len(parts) - 1
        if run <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def _continues(text: str, index: int) -> bool:
    """Say whether the character at ``index`` belongs to the one before it, for a reader."""
    before, here = text[index - 1], text[index]
    return (
        unicodedata.category(here).startswith("M")
        or here in _JOINED
        or before == _ZWJ
        or unicodedata.combining(before) == _VIRAMA
        or "\U0001f3fb" <= here <= "\U0001f3ff"
        or "\U000e0020" <= here <= "\U000e007f"
        or "\u1160" <= here <= "\u11ff"
        or (_is_flag_letter(here) and _flag_letters_before(text, index) % 2 == 1)
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_letters_before(text: str, index: int) -> int:
    start = index
    while start and _is_flag_letter(text[start - 1]):
        start -= 1
    return index - start


def _ascii_words(value: str) -> str:
    from anyascii import anyascii

    letters = anyascii(clean(value, limit=300).translate(_APOSTROPHES)).lower()
    words = "-".join(re.findall(r"[a-z0-9]+", letters.translate(_APOSTROPHES)))
    if len(words) <= _SLUG_MAX:
        return words
    head = words[: _SLUG_MAX + 1].rpartition("-")[0]
    return head if len(head) >= _SLUG_MIN else words[:_SLUG_MAX]


def _ascii_host(host: str) -> str:
    """Return the host in ASCII, or an empty text where it is none."""
    if not host.isascii():
        import idna

        host = idna.encode(host, uts46=True).decode("ascii")
    if ":" in host:
        host = f"[{host}]"
    return host if _HOST.fullmatch(host) else ""


def _quoted(part: str) -> str:
    return quote(_BARE_PERCENT.sub("%25", part), safe="%/:@!$&'()*+,;=?~")
