"""Transcripts, read and written."""

import json
from itertools import pairwise

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from podcast.errors import MediaError
from podcast.formats.transcripts import MAX_BYTES, parse, read, to_json, to_srt, to_text, to_vtt
from podcast.model import Cue

VTT = """WEBVTT - Мажлис
Kind: captions
Language: ky

NOTE made by hand
in two lines

STYLE
::cue { color: red }

REGION
id:fred

intro
00:01.000 --> 00:02.500 align:start line:0%
<v Айгүл Ө.>Салам &amp; <i>куттуу</i> болсун</v>

2
00:00:03.000 --> 00:00:04.000
two
lines

01:02:03.004 --> 100:00:00.000
<v.loud Bob>Hi <v Ann>Yes &lt;b&gt; <c.red><00:00:05.000>now</c></v> all
"""

CUES = (
    Cue(start=1, end=2.5, text="Салам & куттуу болсун", speaker="Айгүл Ө."),
    Cue(start=3, end=4, text="two lines"),
    Cue(start=3723.004, end=360_000, text="Hi", speaker="Bob"),
    Cue(start=3723.004, end=360_000, text="Yes <b> now", speaker="Ann"),
    Cue(start=3723.004, end=360_000, text="all"),
)

SRT = """1
00:00:01,000 --> 00:00:02,500
{\\an8}<font color="red">Салам</font> & сиз

2
00:00:03,000 --> 00:00:04,000 X1:0
2017

with a gap
3
0:00:05.250 --> 0:00:06.000
three
"""


def test_webvtt_with_everything_in_it() -> None:
    assert CUES == parse(VTT.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, line_end: str) -> None:
    assert CUES == parse(("\n\n" * (encoding == "utf-16") + VTT).replace("\n", line_end).encode(encoding))


def test_srt_with_gaps_styles_and_numbers_in_its_text() -> None:
    assert (
        Cue(start=1, end=2.5, text="Салам & сиз"),
        Cue(start=3, end=4, text="2017 with a gap"),
        Cue(start=5.25, end=6, text="three"),
    ) == parse(b"\n" + SRT.encode())


def test_json_of_podcasting_2() -> None:
    document = {
        "version": "1.0.0",
        "segments": [
            {"speaker": "Айгүл", "startTime": 0.5, "endTime": 0.75, "body": "Салам "},
            {"startTime": 2, "body": "no end"},
            {"startTime": 1, "endTime": 1.5, "body": " "},
        ],
    }
    expected = (Cue(start=0.5, end=0.75, text="Салам", speaker="Айгүл"), Cue(start=2, end=2.001, text="no end"))
    assert expected == parse(json.dumps(document).encode())


def test_cues_come_in_the_order_of_time() -> None:
    assert ["a", "b"] == [cue.text for cue in parse(b"WEBVTT\n\n00:09.000 --> 00:10.000\nb\n\n00:01.000 --> 00:02.000\na\n")]


def test_a_cue_that_ends_too_early_lasts_a_millisecond() -> None:
    assert (Cue(start=2, end=2.001, text="a"),) == parse(b"WEBVTT\n\n00:02.000 --> 00:01.000\na\n")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", "neither WebVTT nor SRT nor JSON"),
        (b"just words", "neither"),
        (b"WEBVTT\n\n", "holds no words"),
        (b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n\n", "holds no words"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\na\n\n00:00:03,000 --> 00:00:04,000\nb\n", "Line 6"),
        (b"WEBVTT\n\n00:61.000 --> 00:62.000\na\n", "Line 3"),
        (b"WEBVTT\n\na --> b\na\n", 'Line 3 .*"a --> b"'),
        (b"\n1\n00:00:01,000 --> 00:00:02,000\na\n\n00:00:03,000 --> 00:00:04,000\nb\n", "Line 6 .*number"),
        (b"00:00:01,000 --> 00:00:02,000\na\n", "Line 1 .*number"),
        (b"1\n00:00:01.5 --> 00:00:02.5\na\n", "Line 2"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n\xcf\xf0\n", "UTF-8: line 4"),
        (b"{", "no JSON of Podcasting 2.0"),
        (b'{"segments": [{"startTime": 0, "body": 1}]}', r"\$\.segments\[0\]\.body"),
        (b'{"segments": [{"body": "x"}]}', r"startTime.*\$\.segments\[0\]"),
        (b'{"segments": [{"startTime": 0, "body": "x"}, {"startTime": -1, "body": "x"}]}', "Segment 2"),
        (b'{"segments": [{"startTime": 0, "endTime": 1e300, "body": "x"}]}', "Segment 1"),
        (b'{"x": ' + b"[" * 100_000, "no JSON of Podcasting 2.0"),
        (b" " * (MAX_BYTES + 1), "more than"),
    ],
)
def test_what_is_no_transcript_is_refused_with_its_place(data: bytes, place: str) -> None:
    with pytest.raises(MediaError, match=place):
        parse(data)


def test_webvtt_is_written_with_voices_and_escapes() -> None:
    cues = (Cue(start=3723.5, end=3724, text="1 < 2 & <b> --> x", speaker="A > B"), Cue(start=3724, end=3725, text="y"))
    expected = (
        "WEBVTT\n\n01:02:03.500 --> 01:02:04.000\n<v A &gt; B>1 &lt; 2 &amp; &lt;b&gt; --&gt; x\n\n01:02:04.000 --> 01:02:05.000\ny\n"
    )
    assert expected == to_vtt(cues).decode()


def test_srt_is_written_without_anything_that_a_player_could_take_for_markup() -> None:
    cues = (Cue(start=1, end=2, text="<b>x</b> --> y & z", speaker="A"), Cue(start=2.0015, end=3, text="w"))
    expected = "1\n00:00:01,000 --> 00:00:02,000\nA: ‹b›x‹/b› --› y & z\n\n2\n00:00:02,002 --> 00:00:03,000\nw\n"
    assert expected == to_srt(cues).decode()


def test_json_is_written_as_the_specification_wants_it() -> None:
    cues = (Cue(start=1, end=2.5, text="x", speaker="A"), Cue(start=3, end=4, text="y"))
    assert {
        "version": "1.0.0",
        "segments": [{"speaker": "A", "startTime": 1, "endTime": 2.5, "body": "x"}, {"startTime": 3, "endTime": 4, "body": "y"}],
    } == json.loads(to_json(cues))


def test_text_has_a_paragraph_for_each_turn() -> None:
    cues = [Cue(start=0, end=1, text=text, speaker=speaker) for text, speaker in (("a", "A"), ("b", "A"), ("c", ""), ("d", ""), ("e", "A"))]
    assert "A: a b\n\nc d\n\nA: e" == to_text(cues)


TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["-->", "\n\n9\n00:00:01.000 --> 00:00:02.000\nx", "<v X>", "&lt;", "NOTE", "7", "</v>"]
)
TIMES = st.floats(0, 300_000)
ANY_CUES = st.lists(st.builds(Cue, start=TIMES, end=TIMES, text=TEXT, speaker=TEXT), min_size=1, max_size=6)


def tidy(cues: list[Cue]) -> tuple[Cue, ...] | None:
    """Return the cues as they are after one reading, or None where none of them says anything."""
    try:
        return parse(to_json(cues))
    except MediaError:
        return None


@given(ANY_CUES)
def test_webvtt_and_json_are_read_again_unchanged(cues: list[Cue]) -> None:
    clean = tidy(cues)
    if clean:
        assert clean == parse(to_vtt(clean))
        assert clean == parse(to_json(clean))
        assert to_vtt(clean) == to_vtt(parse(to_vtt(clean)))


@given(ANY_CUES)
def test_hostile_cues_never_become_more_cues_or_markup(cues: list[Cue]) -> None:
    clean = tidy(cues)
    if clean:
        vtt, srt = to_vtt(cues), to_srt(cues)
        assert len(clean) == len(parse(vtt)) == vtt.count(b"-->")
        assert len(clean) <= len(parse(srt)) == srt.count(b"-->")
        assert b"<" not in srt
        assert vtt.count(b"<") == sum(1 for cue in clean if cue.speaker)


@given(ANY_CUES)
def test_another_reader_finds_the_same_webvtt(cues: list[Cue]) -> None:
    clean = tidy(cues)
    if clean:
        captions = webvtt.from_string(to_vtt(clean).decode()).captions
        assert len(clean) == len(captions)


@given(st.binary(max_size=200) | TEXT.map(lambda text: b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_transcript_or_one_clear_error(data: bytes) -> None:
    message = ""
    try:
        found = parse(data)
    except MediaError as error:
        found, message = (), error.message
    assert bool(found) is not bool(message)
    assert "\n" not in message


def test_srt_comes_in_cards_of_two_lines_of_32_characters() -> None:
    words = "Саламатсызбы, урматтуу угармандар, бул Мажлис жана биз бүгүн коррупция тууралуу сүйлөшөбүз"
    srt = to_srt([Cue(start=10, end=20, text=words, speaker="Аида"), Cue(start=20, end=20.1, text=words)]).decode()
    cards = [block.split("\n")[2:] for block in srt.strip().split("\n\n")]
    assert [2, 2, 4] == [len(card) for card in cards]
    assert all(len(line) <= 32 for card in cards for line in card)
    assert f"Аида: {words}" == " ".join(line for card in cards[:2] for line in card)
    assert srt.startswith("1\n00:00:10,000 --> ")
    first, second, last = parse(srt.encode())
    assert first.end == second.start
    assert (10, 20, 20, 20.1) == (first.start, second.end, last.start, last.end)


def test_names_in_front_are_speakers_where_they_come_back() -> None:
    srt = "".join(
        f"{number}\n00:00:0{number},000 --> 00:00:0{number},900\n{text}\n\n"
        for number, text in enumerate(["Айгүл: Салам", "Bob: Hi", "Айгүл: Note: two", "Note: one", "Bob: so"], 1)
    )
    assert [("Айгүл", "Салам"), ("Bob", "Hi"), ("Айгүл", "Note: two"), ("", "Note: one"), ("Bob", "so")] == [
        (cue.speaker, cue.text) for cue in parse(srt.encode())
    ]


def test_text_with_times() -> None:
    text = "[00:01] Aida: Salam.\nAnd more.\n\n[1:05.5]\nBob: Hi\n(1:02:03) Aida: Yes\n"
    assert (
        Cue(start=1, end=65.5, text="Salam. And more.", speaker="Aida"),
        Cue(start=65.5, end=3723, text="Bob: Hi"),
        Cue(start=3723, end=3724, text="Yes", speaker="Aida"),
    ) == parse(text.encode())


def test_text_without_times_is_spread_over_the_audio_and_that_is_told() -> None:
    reading = read(("Aida: One two.\n\nBob: " + "three. " * 50 + "\n\nAida: Four.").encode(), duration=100, plain=True)
    assert 4 == len(reading.cues)
    assert (0, 100) == (reading.cues[0].start, reading.cues[-1].end)
    assert all(first.end == later.start for first, later in pairwise(reading.cues))
    assert ["Aida", "", "", "Aida"] == [cue.speaker for cue in reading.cues]
    assert ("it has no times: each sentence got one by its length",) == reading.doubts


def test_what_is_no_text_is_not_spread() -> None:
    for data in (b"", b"<html>Hi</html>", b"  \n"):
        with pytest.raises(MediaError):
            read(data, duration=10, plain=True)


def test_times_that_cannot_be_right_are_told_of_with_their_place() -> None:
    vtt = (
        "WEBVTT\n\n00:02.000 --> 00:01.000\na\n\n00:05.000 --> 00:05.000\nb\n\n"
        "00:04.000 --> 00:06.000\nc\n\n01:00:00.000 --> 01:00:01.000\nd\n"
    )
    first, second, third = read(vtt.encode(), duration=60).doubts
    assert first.startswith("2 of its 4 cues end before")
    assert first.endswith("the first at 00:00:02.000")
    assert second == "1 of its 4 cues begin before the one above them: they were sorted, the first at 00:00:04.000"
    assert third == "1 of its 4 cues begin after the end of the audio, the first at 01:00:00.000"
    assert () == read(VTT.encode()).doubts


@given(st.text(max_size=300), st.floats(0.001, 100_000))
def test_any_text_is_a_transcript_or_one_clear_error(text: str, duration: float) -> None:
    try:
        cues = read(text.encode("utf-8", "surrogatepass"), duration=duration, plain=True).cues
    except MediaError:
        return
    assert all(cue.start < cue.end for cue in cues)
