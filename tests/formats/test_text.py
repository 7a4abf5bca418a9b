"""Cleaning, slugs, addresses, languages, terminal output."""

import subprocess
import sys
import unicodedata

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from podcast.errors import MediaError, UsageError
from podcast.formats.text import clean, cut, cut_bytes, decode, direction, language, legal, safe_url, slug, terminal
from podcast.site import RESERVED

FORBIDDEN = regex.compile(r"[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff--\n\t]", regex.VERSION1)
ANY_TEXT = st.text(st.characters())

REAL_TITLES = (
    "Kyrgyzstan’s Kings Of Corruption",
    "Кыргызстандын төрөлөрү: Ңаалат, Үч, Өзгөчө",
    "Қазақстан: Ұлт, Үй, Һәм, Өмір, Ың",
    "ملوك الفساد في قرغيزستان",
    "می‌خواهم — نیم‌فاصله",
    "מלכי השחיתות",
    "قىرغىزىستان",
    "नमस्ते क्षत्रिय",
    "汉字 與 日本語",
    "👩‍👩‍👧‍👦 🏳️‍🌈 🇰🇬",
)


@pytest.mark.parametrize("title", REAL_TITLES)
def test_real_titles_of_every_script_pass_unchanged(title: str) -> None:
    assert title == clean(title)


@given(ANY_TEXT, st.booleans())
def test_nothing_forbidden_survives(value: str, lines: bool) -> None:
    cleaned = clean(value, lines=lines)
    assert None is FORBIDDEN.search(cleaned)
    assert lines or not {"\n", "\t"} & set(cleaned)


@given(ANY_TEXT, st.booleans(), st.integers(1, 60))
@example("a" + "\u0344" * 40, False, 60)
@example("\u1e69" + "\u0323" * 30, False, 50)
@example("x" * 9 + " y", False, 10)
def test_cleaning_twice_changes_nothing(value: str, lines: bool, limit: int) -> None:
    once = clean(value, lines=lines, limit=limit)
    assert once == clean(once, lines=lines, limit=limit)


@given(ANY_TEXT)
def test_clean_text_is_nfc(value: str) -> None:
    assert unicodedata.is_normalized("NFC", clean(value))


def test_white_space_is_folded_and_no_break_spaces_are_kept() -> None:
    assert "a b c" == clean(" a\r\n\t b \x0b\u2029 c\u3000 ")
    assert "«\u00a0oui\u202f»" == clean("«\u00a0oui\u202f»")


def test_lines_are_kept_where_they_mean_something() -> None:
    assert "  a\nb\n\n- c\td" == clean("\n  a\r\nb\r\u2028- c\td \n", lines=True)


def test_overrides_of_direction_are_removed_and_joiners_kept() -> None:
    assert "gnp.exe" == clean("\u202egnp.exe\u2069")
    assert "می\u200cخ क\u200dष" == clean("می\u200cخ क\u200dष")


def test_lone_surrogates_of_odd_file_names_are_removed() -> None:
    assert "ab.mp3" == clean(b"a\xffb.mp3".decode("utf-8", "surrogateescape"))


def test_limit_is_exact_where_the_border_is_clean() -> None:
    assert "ң" * 10 == clean("ң" * 50, limit=10)
    assert "a" * 4000 == clean("a" * 5000)


@pytest.mark.parametrize(
    "whole",
    ["👩‍👩‍👧‍👦", "🏳️‍🌈", "🇰🇬🇰🇿🇺🇿", "👍🏽", "q\u0308\u0323", "क्षत्रिय", "กำ", "\u1112\u1161\u11ab", "🏴\U000e0067\U000e0062\U000e007f"],
)
def test_a_cut_never_breaks_what_a_reader_sees_as_one(whole: str) -> None:
    text = f"ab{whole}"
    borders = {0} | {match.end() for match in regex.finditer(r"\X", text)}
    for limit in range(1, len(text) + 1):
        assert len(cut(text, limit)) in borders
        assert len(cut(text, limit)) <= limit


@given(ANY_TEXT, st.integers(1, 50))
def test_a_cut_is_short_enough_and_a_beginning(value: str, limit: int) -> None:
    head = cut(value, limit)
    assert len(head) <= limit
    assert value.startswith(head)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 60))
def test_a_cut_by_bytes_holds_the_bytes(value: str, limit: int) -> None:
    head = cut_bytes(value, limit)
    assert len(head.encode()) <= limit
    assert value.startswith(head)


def test_heaps_of_combining_marks_are_thinned_before_they_are_sorted() -> None:
    assert len(clean("a" + "\u0301\u0327" * 200_000)) <= 31


def test_legal_text_keeps_a_tag_and_a_stroke_apart() -> None:
    assert "<p>\u0338\n" == legal("<p>\u0338\x01\r\n\u202e")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Kyrgyzstan’s Kings Of Corruption", "kyrgyzstans-kings-of-corruption"),
        ("Ең Ұзақ Түн", "eng-uzaq-tun"),
        ("C'est l'été!", "cest-lete"),
        ("  --A__B--  ", "a-b"),
        ("12", "the-fallback"),
        ("！？", "the-fallback"),
        ("Latest", "latest-episode"),
        ("media", "media-episode"),
        ("word " * 40, "-".join(["word"] * 16)),
        ("x" * 200, "x" * 80),
    ],
)
def test_slugs(title: str, expected: str) -> None:
    assert expected == slug(title, fallback="The Fallback")


@given(ANY_TEXT, ANY_TEXT)
@example("", "")
@example("", "index")
@example("", "7")
def test_a_slug_is_always_a_good_key(title: str, fallback: str) -> None:
    name = slug(title, fallback=fallback)
    assert regex.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert 3 <= len(name) <= 80
    assert name not in RESERVED
    assert name == slug(title, fallback=fallback)


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("https://example.com/a?b=c&d=%20#e", "https://example.com/a?b=c&d=%20#e"),
        (" HTTP://Example.COM:8080/A ", "http://example.com:8080/A"),
        ("https://straße.de/ä b".replace(" ", ""), "https://xn--strae-oqa.de/%C3%A4b"),
        (
            "https://пример.рф/подкаст?сезон=2",
            "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D0%BE%D0%B4%D0%BA%D0%B0%D1%81%D1%82?%D1%81%D0%B5%D0%B7%D0%BE%D0%BD=2",
        ),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ('https://a.example/"onclick', None),
    ],
)
def test_addresses_become_plain_ascii(given_url: str, expected: str | None) -> None:
    assert expected == safe_url(given_url)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "example.com",
        "//example.com/",
        "/path",
        "javascript:alert(1)",
        "JaVaScRiPt://example.com/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.com/",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:word@example.com/",
        "https://@example.com/",
        "https://example.com:99999/",
        "https://example.com:x/",
        "https://exa mple.com/",
        "https://example.com/a b",
        "https://example.com/\x00",
        "https://exam\tple.com/",
        "https://example.com/\u202egpj",
        "https://example.com\\@evil.example/",
        "https://[::1/",
        "https://a.example/" + "a" * 2000,
        "https://a.example/" + "ң" * 400,
        "https://-.example/",
        "java\nscript:alert(1)",
        "https://\ud800.example/",
    ],
)
def test_an_address_that_leads_nowhere_good_is_none(bad: str) -> None:
    assert None is safe_url(bad)


@given(st.one_of(ANY_TEXT, ANY_TEXT.map("https://a.example/".__add__), ANY_TEXT.map("https://".__add__)))
def test_a_safe_address_is_printable_ascii_and_stays_as_it_is(value: str) -> None:
    url = safe_url(value)
    if url is not None:
        assert regex.fullmatch(r"https?://[!#-;=?-\[\]_a-z~]+", url)
        assert "@" not in url.split("/")[2]
        assert len(url) <= 2000
        assert url == safe_url(url)


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("EN", "en"),
        ("ky_kg", "ky-KG"),
        ("uz-CYRL-uz", "uz-Cyrl-UZ"),
        ("es-419", "es-419"),
        ("iw", "he"),
        ("de-1996", "de-1996"),
        ("en-x-Twain", "en-x-twain"),
    ],
)
def test_language_tags_get_their_usual_spelling(tag: str, expected: str) -> None:
    assert expected == language(tag)
    assert expected == language(expected)


@pytest.mark.parametrize("tag", ["", "e", "english", "en-", "en--us", "en us", "12", "кy", "en\nus", "en-" + "a" * 9, "kz", "jp-JP", "xx"])
def test_what_is_no_language_tag_is_refused_with_a_hint(tag: str) -> None:
    with pytest.raises(UsageError) as caught:
        language(tag)
    assert "BCP 47" in caught.value.hint


@pytest.mark.parametrize("tag", ["ar", "ar-EG", "fa", "he", "iw", "ur", "ps", "ug", "sd", "ckb", "prs", "dv", "yi", "ji", "AR", "syr"])
def test_languages_written_from_right_to_left(tag: str) -> None:
    assert "rtl" == direction(tag)


@pytest.mark.parametrize("tag", ["uz-Arab", "uz_arab", "ks-Arab", "ku-Arab", "az-IR", "uz-AF", "pa-pk"])
def test_scripts_and_regions_written_from_right_to_left(tag: str) -> None:
    assert "rtl" == direction(tag)


@pytest.mark.parametrize(
    "tag", ["en", "ky", "kk", "ru", "ku", "uz", "uz-Cyrl", "ug-Cyrl", "ar-Latn", "sd-Deva", "pa", "az", "x", "en-x-arab"]
)
def test_languages_and_scripts_written_from_left_to_right(tag: str) -> None:
    assert "ltr" == direction(tag)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("ok\r\nERROR forged", r"ok\x0d\x0aERROR forged"),
        ("\x9b2J\x7f", r"\x9b2J\x7f"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\ud8ff\u2028", r"\ud8ff\u2028"),
        ("Ңаалат مرحبا 👍", "Ңаалат مرحبا 👍"),
    ],
)
def test_what_could_steer_a_terminal_is_shown_instead(raw: str, shown: str) -> None:
    assert shown == terminal(raw)


@given(ANY_TEXT)
def test_terminal_text_can_be_printed_anywhere(value: str) -> None:
    shown = terminal(value)
    shown.encode()
    assert None is regex.search(r"[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]", shown)


def test_files_are_read_as_utf_8_and_as_utf_16_with_its_mark() -> None:
    assert "Ңа" == decode("Ңа".encode(), what="file")
    assert "Ңа" == decode("Ңа".encode("utf-8-sig"), what="file")
    assert "Ңа" == decode("Ңа".encode("utf-16"), what="file")
    assert "Ңа" == decode(b"\xfe\xff" + "Ңа".encode("utf-16-be"), what="file")


def test_another_encoding_is_refused_with_its_line() -> None:
    with pytest.raises(MediaError, match="The sidecar is not UTF-8: line 3"):
        decode("a\nb\nНа\n".encode("cp1251"), what="sidecar")


def test_text_loads_nothing_heavy() -> None:
    code = "import podcast.formats.text, podcast.formats.namespaces, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set() == {"lxml", "feedgen", "nh3", "pyromark", "msgspec", "webvtt", "anyascii", "idna"} & set(loaded)
