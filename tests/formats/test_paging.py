"""Archive pages never shift, all pages together hold everything, and each file says where the others are (RFC 5005)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast.formats.paging import PAGE, Document, Link, Span, Variant, documents, format_of, is_archive

TOTALS = st.integers(0, 3000)
LIMITS = st.integers(10, 1200)


def ranks(document: Document) -> list[int]:
    return [rank for span in document.spans for rank in range(span.start, span.stop)]


def by_age(document: Document, total: int) -> list[int]:
    """Return the items of a document by their number from the oldest."""
    return [total - 1 - rank for rank in ranks(document)]


def link(document: Document, rel: str) -> str | None:
    return next((link.name for link in document.links if link.rel == rel), None)


def test_without_settings_the_feed_is_one_file_with_everything_in_it() -> None:
    assert [Document(name="feed.xml", spans=(Span(variant=Variant(), start=0, stop=7),))] == list(documents(7))


@given(total=TOTALS, limit=LIMITS)
def test_the_feed_holds_the_newest_items_and_no_more(total: int, limit: int) -> None:
    *_, feed = documents(total, limit=limit)
    assert ("feed.xml", list(range(min(total, limit)))) == (feed.name, ranks(feed))


@given(total=TOTALS, limit=LIMITS)
def test_every_item_stands_in_the_feed_or_in_one_archive_page(total: int, limit: int) -> None:
    *archive, feed = documents(total, limit=limit)
    assert set(range(total)) == {rank for document in (*archive, feed) for rank in ranks(document)}
    archived = [rank for document in archive for rank in ranks(document)]
    assert len(archived) == len(set(archived))


@given(total=TOTALS, limit=LIMITS, more=st.integers(1, 400), slim_after=st.none() | st.integers(1, 2000))
def test_an_archive_page_never_changes(total: int, limit: int, more: int, slim_after: int | None) -> None:
    """Neither its items, nor how they are written, nor its links, however many episodes follow."""
    *before, _ = documents(total, limit=limit, slim_after=slim_after)
    *after, _ = documents(total + more, limit=limit, slim_after=slim_after)
    for old, new in zip(before, after, strict=False):
        assert (old.name, old.links, by_age(old, total)) == (new.name, new.links, by_age(new, total + more))
        assert [span.variant for span in old.spans] == [span.variant for span in new.spans]


@given(total=TOTALS, limit=LIMITS)
def test_following_next_leads_through_every_page_to_the_oldest(total: int, limit: int) -> None:
    pages = {document.name: document for document in documents(total, limit=limit)}
    name, seen = "feed.xml", list[str]()
    while name:
        seen.append(name)
        assert link(pages[name], "next") == link(pages[name], "prev-archive")
        name = link(pages[name], "next") or ""
    assert len(pages) == len(seen) == len(set(seen))
    if len(pages) > 1:
        assert {("feed.xml", seen[-1])} == {(link(page, "first"), link(page, "last")) for page in pages.values()}
        assert {"feed.xml"} == {link(page, "current") for page in pages.values() if page.archive}


def test_a_page_holds_250_items() -> None:
    *archive, _ = documents(10_000, limit=300)
    assert {PAGE} == {len(ranks(page)) for page in archive}
    assert 39 == len(archive)


def test_the_pages_come_before_the_feed_that_names_them() -> None:
    names = [document.name for document in documents(30, limit=10, formats=["opus"])]
    assert ["feed-opus-1.xml", "feed-opus-2.xml", "feed-opus.xml", "feed-1.xml", "feed-2.xml", "feed.xml"] == names


@given(total=TOTALS, limit=st.none() | LIMITS, slim_after=st.integers(1, 2000))
def test_items_behind_so_many_are_slim(total: int, limit: int | None, slim_after: int) -> None:
    *_, feed = documents(total, limit=limit, slim_after=slim_after)
    slim = {rank for span in feed.spans for rank in range(span.start, span.stop) if span.variant.slim}
    assert slim == {rank for rank in ranks(feed) if rank >= slim_after}


def test_a_format_has_a_feed_of_its_own_which_the_feed_names() -> None:
    opus, feed = documents(3, formats=["opus"])
    assert ("feed-opus.xml", "opus", False) == (opus.name, opus.audio, opus.ended)
    assert (Span(variant=Variant(audio="opus"), start=0, stop=3),) == opus.spans
    assert (Link(rel="alternate", name="feed-opus.xml", title="opus"),) == feed.links
    assert () == opus.links


def test_a_feed_that_was_given_up_is_written_and_not_named() -> None:
    opus, feed = documents(3, ended=["opus"])
    assert ("feed-opus.xml", True, ()) == (opus.name, opus.ended, feed.links)


@pytest.mark.parametrize(
    ("name", "archive", "audio"),
    [
        ("feed.xml", False, ""),
        ("feed-1.xml", True, ""),
        ("feed-12.xml", True, ""),
        ("feed-opus.xml", False, "opus"),
        ("feed-opus-3.xml", True, ""),
        ("feed-other.xml", False, ""),
        ("feed-1.json", False, ""),
        ("x-1.xml", False, ""),
    ],
)
def test_names_tell_what_a_file_is(name: str, archive: bool, audio: str) -> None:
    assert (archive, audio) == (is_archive(name), format_of(name))


def test_each_variant_has_a_name_of_its_own() -> None:
    variants = [Variant(slim=slim, audio=audio) for slim in (False, True) for audio in ("", "opus", "mp3")]
    assert ["", "opus", "mp3", "slim", "opus slim", "mp3 slim"] == [str(variant) for variant in variants]
