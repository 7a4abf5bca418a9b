"""Chapters, read and written."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast.errors import MediaError
from podcast.formats.chapters import LAST, MAX_BYTES, in_notes, parse, to_json, to_podlove, to_text
from podcast.model import Chapter

LINES = """
00:00:00 Кириш сөз
0:05:10.500  The   letter
12:30,25 Ответ
1:02:03 
75:30 Late
"""  # noqa: W291


def test_lines_with_a_time_in_front() -> None:
    assert (
        Chapter(start=0, title="Кириш сөз"),
        Chapter(start=310.5, title="The letter"),
        Chapter(start=750.25, title="Ответ"),
        Chapter(start=3723, title=""),
        Chapter(start=4530, title="Late"),
    ) == parse(LINES.encode())


def test_lines_as_mp4chaps_writes_them_with_windows_line_ends_and_a_mark() -> None:
    assert (Chapter(start=0, title="A"), Chapter(start=61.25, title="B")) == parse(b"\xef\xbb\xbf00:00:00.000 A\r\n00:01:01.250 B\r\n")


def test_json_chapters_with_all_fields() -> None:
    document = {
        "version": "1.2.0",
        "title": "ignored",
        "chapters": [
            {
                "startTime": 0,
                "title": "A & <b>",
                "img": "https://a.example/ү.jpg",
                "url": "https://a.example/",
                "endTime": 9.5,
                "toc": False,
            },
            {"startTime": 10.1239, "location": {"name": "Bishkek"}},
        ],
    }
    assert (
        Chapter(start=0, end=9.5, title="A & <b>", image="https://a.example/%D2%AF.jpg", url="https://a.example/", toc=False),
        Chapter(start=10.124),
    ) == parse(json.dumps(document).encode())


def test_chapters_are_sorted_by_time_and_equals_keep_their_order() -> None:
    assert ["A", "C", "D", "B"] == [chapter.title for chapter in parse(b"0:00 A\n0:09 B\n0:05 C\n0:05 D")]


def test_times_in_json_may_be_written_as_text() -> None:
    assert (Chapter(start=1.5),) == parse(b'{"chapters": [{"startTime": "1.5"}]}')


def test_titles_are_cleaned_and_cut() -> None:
    (chapter,) = parse(b'{"chapters": [{"startTime": 0, "title": " a\\u0000\\u202e b\\ud83d\\ude00 "}]}')
    assert "a b😀" == chapter.title
    assert 255 == len(parse(b"0:00 " + b"x" * 999)[0].title)


def test_addresses_that_lead_nowhere_good_are_dropped() -> None:
    (chapter,) = parse(b'{"chapters": [{"startTime": 0, "url": "javascript:alert(1)", "img": "data:x"}]}')
    assert (None, None) == (chapter.url, chapter.image)


def test_an_end_before_the_start_is_dropped() -> None:
    assert (Chapter(start=5),) == parse(b'{"chapters": [{"startTime": 5, "endTime": 5}]}')


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", "holds no chapter"),
        (b'{"chapters": []}', "holds no chapter"),
        (b"0:00 A\n\nB at five", 'Line 3 .* "B at five"'),
        (b"0:00 A\n0:75 B", "Line 2"),
        (b"1:60:00 A", "Line 1"),
        (b"-1:00 A", "Line 1"),
        ("١:٠٠ A".encode(), "Line 1"),
        (b"0:00 A\n0:01 \xcd\xe0", "line 2"),
        (b"{", "no JSON Chapters"),
        (b'{"chapters": 1}', r"\$\.chapters"),
        (b'{"chapters": [{"startTime": 0}, {"title": "x"}]}', r"startTime.*\$\.chapters\[1\]"),
        (b'{"chapters": [{"startTime": 0, "title": 5}]}', r"\$\.chapters\[0\]\.title"),
        (b'{"chapters": [{"startTime": 0}, {"startTime": -1}]}', "Chapter 2"),
        (b'{"chapters": [{"startTime": 1e300}]}', "Chapter 1"),
        (b"100:00:00 A", "Chapter 1"),
        (b"0.0\t1.0\tA\n360000\t360001\tB", "Chapter 2"),
        (b"0.0\t1.0\tA\nB", 'Line 2 of the labels .* "B"'),
        (b"CHAPTER01NAME=A", "Chapter 1 begins at a time that cannot be read"),
        (b"CHAPTER01=00:00:00\nA", "Line 2"),
        (b"TRACK 01 AUDIO\n INDEX 01 00:00:75", "Line 2 of the cue sheet"),
        (b'TRACK 01 AUDIO\n TITLE "A"', "holds no chapter"),
        (b"<a", "no XML"),
        (b"<a/>", "holds no chapter"),
        (b'<psc:chapter xmlns:psc="http://podlove.org/simple-chapters" start="-1"/>', "Chapter 1"),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "holds no chapter"),
        (b'{"chapters": [{"startTime": 1e999}]}', "no JSON Chapters"),
        (b'{"x": ' + b"[" * 100_000, "no JSON Chapters"),
        (b" " * (MAX_BYTES + 1), "more than"),
    ],
)
def test_what_is_no_chapter_list_is_refused_with_its_place(data: bytes, place: str) -> None:
    with pytest.raises(MediaError, match=place):
        parse(data)


def test_json_is_written_as_the_specification_wants_it() -> None:
    chapters = (
        Chapter(start=0, title="A"),
        Chapter(start=61.25, end=70, url="https://a.example/", image="https://a.example/b.png", toc=False),
    )
    assert {
        "version": "1.2.0",
        "title": "Ңаалат",
        "chapters": [
            {"startTime": 0, "title": "A"},
            {"startTime": 61.25, "endTime": 70, "url": "https://a.example/", "img": "https://a.example/b.png", "toc": False},
        ],
    } == json.loads(to_json(chapters, title="Ңаалат"))


def test_whole_seconds_are_written_without_a_point() -> None:
    assert b'"startTime":61,' in to_json((Chapter(start=61.0, title="A"),), title="T")


TEXT = st.text(st.characters(), max_size=40)
CHAPTERS = st.lists(
    st.builds(Chapter, start=st.floats(0, 99_999), title=TEXT, toc=st.booleans(), url=st.none() | TEXT), min_size=1, max_size=9
)


@given(CHAPTERS, TEXT)
def test_what_is_written_is_read_again_and_written_the_same(chapters: list[Chapter], title: str) -> None:
    written = to_json(tuple(sorted(chapters, key=lambda chapter: round(chapter.start, 3))), title=title)
    assert written == to_json(parse(written), title=title)


@given(st.binary(max_size=200) | TEXT.map(lambda text: ("0:00 " + text).encode("utf-8", "surrogatepass")))
def test_any_bytes_are_chapters_or_one_clear_error(data: bytes) -> None:
    message = ""
    try:
        found = parse(data)
    except MediaError as error:
        found, message = (), error.message
    assert bool(found) is not bool(message)
    assert "\n" not in message


LISTS = {
    "Podlove": """<?xml version="1.0" encoding="UTF-8"?>
<psc:chapters xmlns:psc="http://podlove.org/simple-chapters" version="1.2">
  <psc:chapter start="0" title="Кириш &amp; сөз"/>
  <psc:chapter start="05:10.5" title="Letter" href="https://a.example/" image="https://a.example/b.png"/>
</psc:chapters>""",
    "labels of Audacity": "0.000000\t5.500000\tКириш & сөз\n\\\t100\t200\n310.5\t310.5\tLetter\n",
    "a cue sheet": """\ufeffPERFORMER "Radio"
TITLE "The album"
FILE "a.mp3" MP3
  TRACK 01 AUDIO
    TITLE "Кириш & сөз"
    INDEX 00 00:00:00
    INDEX 01 00:00:00
  TRACK 02 AUDIO
    TITLE "Letter"
    INDEX 01 05:10:37
""",
    "Vorbis comments": "CHAPTER01=00:00:00.000\nCHAPTER01NAME=Кириш & сөз\n"
    "CHAPTER02=00:05:10.500\nCHAPTER02NAME=Letter\nCHAPTER02URL=https://a.example/\n",
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_of_other_programs(kind: str) -> None:
    first, second = parse(LISTS[kind].encode())
    assert (0, "Кириш & сөз", 5.5 if "labels" in kind else None) == (first.start, first.title, first.end)
    assert (310.5 if "cue" not in kind else 310.493, "Letter", None) == (second.start, second.title, second.end)
    assert ("https://a.example/" if kind in {"Podlove", "Vorbis comments"} else None) == second.url
    assert ("https://a.example/b.png" if kind == "Podlove" else None) == second.image


NOTES = """
We talk about [money](https://a.example/).

00:00 Intro
- (5:10) [The letter](https://a.example/) - and *more*
* [1:02:03] – End
Call 12:30 for more
"""


def test_show_notes_may_hold_chapters() -> None:
    assert (
        Chapter(start=0, title="Intro"),
        Chapter(start=310, title="The letter - and more"),
        Chapter(start=3723, title="End"),
    ) == in_notes(NOTES)


@pytest.mark.parametrize(
    "notes",
    ["", "0:00 A\n0:10 B", "0:05 A\n0:10 B\n0:20 C", "0:00 A\n0:20 B\n0:10 C", "0:00 A\n0:10 B\n0:10 C", "0:00 A\n0:10 B\n100:00:00 C"],
)
def test_times_in_show_notes_that_are_no_list_are_left_alone(notes: str) -> None:
    assert () == in_notes(notes)


@given(st.text(max_size=200))
def test_any_notes_can_be_looked_through(notes: str) -> None:
    in_notes(notes + "\n0:00 " + notes)


WELL = st.lists(
    st.builds(
        Chapter,
        start=st.integers(0, (LAST - 1) * 1000).map(lambda number: number / 1000),
        title=st.text("abүЖ 中🎙<&]\"'0:", max_size=20).map(lambda text: " ".join(text.split())),
        url=st.sampled_from([None, "https://a.example/b?c=1&d=2"]),
        image=st.sampled_from([None, "https://a.example/b.png"]),
    ),
    min_size=1,
    max_size=9,
    unique_by=lambda chapter: chapter.start,
).map(lambda found: tuple(sorted(found, key=lambda chapter: chapter.start)))


@given(WELL)
def test_podlove_holds_all_but_the_ends(chapters: tuple[Chapter, ...]) -> None:
    assert chapters == parse(to_podlove(chapters))


@given(WELL)
def test_lines_hold_times_and_titles(chapters: tuple[Chapter, ...]) -> None:
    assert [(one.start, one.title) for one in chapters] == [(one.start, one.title) for one in parse(to_text(chapters))]


@given(WELL, st.booleans())
def test_json_holds_everything(chapters: tuple[Chapter, ...], toc: bool) -> None:
    full = tuple(replace(one, end=one.start + 0.5 if one.start + 0.5 < LAST else None, toc=toc) for one in chapters)
    full = tuple(replace(one, end=one.end and round(one.end, 3)) for one in full)
    assert full == parse(to_json(full, title="T"))


def test_what_listeners_do_not_see_stands_in_json_alone() -> None:
    chapters = (Chapter(start=0, title="A"), Chapter(start=5, title="Aside", toc=False))
    assert b"00:00:00.000 A\n" == to_text(chapters)
    assert b"Aside" not in to_podlove(chapters)
    assert b"Aside" in to_json(chapters, title="T")
