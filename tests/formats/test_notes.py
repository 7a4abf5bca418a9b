"""Show notes: what Markdown and pasted HTML become, and what never comes out."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast.formats import notes
from podcast.formats.notes import MAX_BYTES, MAX_FEED_BYTES, for_feed, to_feed_html, to_html, to_text

XSS = [line for line in (Path(__file__).parent / "xss.txt").read_text(encoding="utf-8").splitlines() if line]

PAGE_TAGS = {"p", "ol", "ul", "li", "a", "b", "i", "strong", "em", "br", "h2", "h3", "h4", "blockquote", "code", "pre"}
APPLE_TAGS = {"p", "ol", "ul", "li", "a", "b", "i", "strong", "em", "br"}


class Inventory(HTMLParser):
    """Collects the tags and attributes that a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.depth = self.deepest = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.depth += tag != "br"
        self.deepest = max(self.deepest, self.depth)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self.depth -= 1

    def handle_comment(self, data: str) -> None:  # noqa: ARG002
        self.tags.add("<!--")

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002
        self.tags.add("<!")


def assert_harmless(html: str, tags: set[str]) -> None:
    found = Inventory(html)
    assert found.tags <= tags
    for tag, name, value in found.attributes:
        assert (tag, name) in {("a", "href"), ("a", "rel")}
        assert name != "href" or re.match(r"https?://|mailto:", value or "")
    assert 0 == found.depth


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("", ""),
        (" \n ", ""),
        ("Hello *there* **you**", "<p>Hello <em>there</em> <strong>you</strong></p>"),
        ("a\nb  \nc", "<p>a\nb<br>\nc</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a", "<ol>\n<li>a</li>\n</ol>"),
        ("# A\n## B\n### C\n##### D", "<h2>A</h2>\n<h2>B</h2>\n<h3>C</h3>\n<h4>D</h4>"),
        ("> q", "<blockquote>\n<p>q</p>\n</blockquote>"),
        ("`a<b`", "<p><code>a&lt;b</code></p>"),
        ("[x](https://a.example/?a=1&b=2)", '<p><a href="https://a.example/?a=1&amp;b=2" rel="noopener">x</a></p>'),
        ("<me@a.example>", '<p><a href="mailto:me@a.example" rel="noopener">me@a.example</a></p>'),
        ("Pasted <b>HTML</b> &amp; <i>so</i>", "<p>Pasted <b>HTML</b> &amp; <i>so</i></p>"),
        ('<p class="x">a</p>', "<p>a</p>"),
        ("3 < 4 & 5 > 2", "<p>3 &lt; 4 &amp; 5 &gt; 2</p>"),
        ("Ңаалат مرحبا", "<p>Ңаалат مرحبا</p>"),
    ],
)
def test_notes_become_html(markdown: str, html: str) -> None:
    assert html == to_html(markdown)


def test_the_feed_has_links_without_rel() -> None:
    assert ('<p><a href="https://a.example/">x</a></p>',) * 2 == for_feed("[x](https://a.example/)")


@pytest.mark.parametrize("attack", XSS)
def test_no_attack_survives(attack: str) -> None:
    for markdown in (attack, f"text {attack} text", f"> {attack}", f"a\n\n{attack}\n\nb"):
        for html, tags in ((to_html(markdown), PAGE_TAGS), (to_feed_html(markdown), APPLE_TAGS)):
            assert_harmless(html, tags)
            assert not re.search(r"<script|<[^>]*\son\w+\s*=|href=\"?\s*(?:javascript|data|vbscript):", html, re.IGNORECASE)


def test_the_corpus_is_large() -> None:
    assert 80 <= len(set(XSS))


TAGS = ("b", "p", "div", "svg", "math", "style", "h2", "li", "table", "object", "a href=javascript:x", "i onload=x")
PIECES = ("<a ", "<!--", "-->", "<![CDATA[", "]]>", '"', "'", "=", ">", "&", "`", "*", "_", "[", "](", ")", "#", "\\", "https://a.example/")
REFERENCES = ("&#60;", "&lt;script&gt;", "&#0;", "&#8238;", "&#x338;", "\u0338", "\u202e", "\x00", "\ud800")
FRAGMENTS = (
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]) | st.sampled_from(PIECES) | st.sampled_from(REFERENCES)
)


@settings(max_examples=200, deadline=None)
@given(st.lists(FRAGMENTS | st.text(st.characters(), max_size=5), max_size=25).map("".join))
def test_any_notes_come_out_harmless_and_legal(markdown: str) -> None:
    for html, tags in ((to_html(markdown), PAGE_TAGS), (to_feed_html(markdown), APPLE_TAGS)):
        assert_harmless(html, tags)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]", html)


@pytest.mark.parametrize("reference", ["&#8238;", "&#x202E;", "&#1;", "&#11;", "&#xFFFE;", "&#13;", "&#127;", "<b>&#x2066;</b>"])
def test_character_references_bring_nothing_forbidden_back(reference: str) -> None:
    for text in (to_html(f"a{reference}b"), to_feed_html(f"a{reference}b"), to_text(f"a{reference}b")):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", text)


def test_a_tag_and_a_combining_stroke_stay_apart() -> None:
    assert_harmless(to_html("<b>&#x338;x</b> *a*&#x338;"), PAGE_TAGS)
    assert "<b>\u0338x</b>" in to_html("<b>&#x338;x</b>")


class TestCaps:
    """D7: the sanitiser takes quadratic time on nesting, so nesting is capped before it."""

    @pytest.fixture
    def sanitised(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Collect what the sanitiser is given."""
        given: list[str] = []
        real = notes._sanitise

        def spy(page: str, tags: set[str], rel: str | None) -> str:
            given.append(page)
            return real(page, tags, rel)

        monkeypatch.setattr(notes, "_sanitise", spy)
        return given

    @pytest.mark.parametrize("depth", [1, 50, 99])
    def test_ordinary_nesting_is_kept(self, depth: int) -> None:
        assert "<b>x</b>" in to_html("<div>" * depth + "<b>x</b>" + "</div>" * depth)

    @pytest.mark.parametrize(
        "attack",
        [
            "<div>" * 13_000,
            "<DiV a>" * 9_000,
            "<div></x>" * 7_000,
            "<b><div></b>" * 5_000,
            "<b><object></b></object>" * 2_700,
            "<div><object></div></object>" * 2_300,
            "".join(f"<b a={number}>" for number in range(5_000)) + "<p></p>" * 1_000,
            "<table><tr><td>" * 4_000,
            "*_" * 30_000,
            "> " * 30_000,
        ],
    )
    def test_deep_nesting_never_reaches_the_sanitiser(self, attack: str, sanitised: list[str]) -> None:
        html = to_html(attack)
        for page in sanitised:
            assert 2_000 >= page.count("<object") + page.count("<div") + page.count("<DiV") + page.count("<table")
            assert 100 >= Inventory(page).deepest
        assert_harmless(html, PAGE_TAGS)

    def test_deep_html_is_shown_as_text_instead(self) -> None:
        html = to_html("before\n\n" + "<div>" * 200 + "after **bold**")
        assert "&lt;div&gt;" in html
        assert "before" in html
        assert "after" in html

    def test_notes_are_cut_at_64_kib(self, sanitised: list[str]) -> None:
        to_html("ң" * 100_000)
        assert [f"<p>{'ң' * (MAX_BYTES // 2)}</p>\n"] == sanitised

    @pytest.mark.parametrize("attack", ["#\n" * MAX_BYTES, "&" * MAX_BYTES, "".join(f"<b a={n}>" for n in range(60)) + "<p>x</p>" * 8_000])
    def test_the_output_is_bounded(self, attack: str) -> None:
        assert 6 * MAX_BYTES >= len(to_html(attack))


class TestFeedHtml:
    """A11: what Apple takes."""

    def test_headings_become_bold_paragraphs_and_quotes_paragraphs(self) -> None:
        assert "<p><strong>A</strong></p>\n<p>q</p>\n<p>c</p>" == re.sub(r"\n+", "\n", to_feed_html("# A\n\n> q\n\n    c"))

    @pytest.mark.parametrize(
        "words",
        [
            "word ",
            "сөз ",
            "漢字",
            "a",
            "👩‍👩‍👧 ",
            "- сөз\n",
            "сөз *сөз*\n\n",
            "[сөз](https://a.example/x) ",
            "&amp; ",
            "<b>x",
            "1. a\n    1. b\n\n",
        ],
    )
    @pytest.mark.parametrize("count", [1, 300, 3000])
    def test_it_has_at_most_4000_bytes_and_is_whole_html(self, words: str, count: int) -> None:
        html = to_feed_html(words * count)
        assert MAX_FEED_BYTES >= len(html.encode())
        assert_harmless(html, APPLE_TAGS)

    @pytest.mark.parametrize("words", ["сөз ", "a ", "**сөз** ", "- сөз\n", "- a **b ", "Бир сүйлөм.\n\n"])
    def test_it_is_as_long_as_may_be(self, words: str) -> None:
        assert 3900 < len(to_feed_html(words * 3000).encode())

    def test_it_ends_between_paragraphs_where_there_are_some(self) -> None:
        assert to_feed_html("Бир сүйлөм.\n\n" * 3000).endswith("<p>Бир сүйлөм.</p>")

    def test_it_ends_between_words_and_says_so_where_there_are_none(self) -> None:
        assert to_feed_html("сөз " * 3000).endswith(" сөз…</p>")

    def test_short_notes_are_the_same_in_both(self) -> None:
        short, whole = for_feed("Hello **you**")
        assert short == whole


@pytest.mark.parametrize(
    ("markdown", "limit", "text"),
    [
        ("# Kings\n\nA *talk* &amp; more.", 300, "Kings A talk & more."),
        ("- one\n- two", 300, "one two"),
        ("a  \nb", 300, "a b"),
        ("one two three", 11, "one two…"),
        ("one two three", 13, "one two three"),
        ("abcdefghij", 5, "abcd…"),
        ("[text](https://a.example/)", 300, "text"),
        ("3 < 4 <b>x</b>", 300, "3 < 4 x"),
        ("", 300, ""),
    ],
)
def test_notes_become_one_line_of_text(markdown: str, limit: int, text: str) -> None:
    assert text == to_text(markdown, limit)


@given(st.text(st.characters(), max_size=200), st.integers(2, 50))
def test_a_summary_is_never_longer_than_asked(markdown: str, limit: int) -> None:
    assert limit >= len(to_text(markdown, limit))
