"""What a file's name says; its title is fit for a feed, whatever the bytes are."""

import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast.formats.text import clean
from podcast.ingest.names import Named, read_name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2017-08-06 Title.mp3", Named(title="Title", day=date(2017, 8, 6))),
        ("20170806_title.mp3", Named(title="title", day=date(2017, 8, 6))),
        ("2017.08.06 - s1e2 - My_title.mp3", Named(title="My title", day=date(2017, 8, 6), season=1, number=2)),
        ("s02e05-title.mp3", Named(title="title", season=2, number=5)),
        ("S2E5 Title.mp3", Named(title="Title", season=2, number=5)),
        ("012 - Title.mp3", Named(title="Title", number=12)),
        ("012 Title.mp3", Named(title="Title", number=12)),
        ("12. Title.mp3", Named(title="Title", number=12)),
        ("#45 Title.mp3", Named(title="Title", number=45)),
        ("ep12 Title.mp3", Named(title="Title", number=12)),
        ("Episode 12: Title.mp3", Named(title="Title", number=12)),
        ("Ep. 12_ Title.mp3", Named(title="Title", number=12)),
        ("kings-of-corruption.mp3", Named(title="kings of corruption")),
        ("Well-known talk.mp3", Named(title="Well-known talk")),
        ("under_scored_name.mp3", Named(title="under scored name")),
        ("Өзгөчө маек.mp3", Named(title="Өзгөчө маек")),
        ("مجلس.mp3", Named(title="مجلس")),
        ("Кафе\u0301.mp3", Named(title="Кафе\u0301")),
        ("cafe\u0301.mp3", Named(title="café")),
        ("2017-08-06.mp3", Named(title="2017-08-06", day=date(2017, 8, 6))),
        ("ep12.mp3", Named(title="ep12", number=12)),
        ("s00e00 Title.mp3", Named(title="Title")),
        ("20179906 Title.mp3", Named(title="20179906 Title")),
        ("12 Angry Men.mp3", Named(title="12 Angry Men")),
        ("2024 in review.mp3", Named(title="2024 in review")),
        ("1984.mp3", Named(title="1984")),
        ("echo.mp3", Named(title="echo")),
        ("-rf.mp3", Named(title="rf")),
        ("a\nb.mp3", Named(title="a b")),
        (os.fsdecode(b"caf\xe9 talk.mp3"), Named(title="caf\ufffd talk")),
        ("___.mp3", Named(title="___")),
        ("....mp3", Named(title="Untitled")),
        ("Talk v1.2.mp3", Named(title="Talk v1.2")),
    ],
)
def test_a_name_says(name: str, said: Named) -> None:
    assert said == read_name(Path(name))


@given(st.binary(min_size=1, max_size=251).filter(lambda name: b"/" not in name and b"\0" not in name))
def test_any_name_gives_a_clean_title(name: bytes) -> None:
    title = read_name(Path(os.fsdecode(name + b".mp3"))).title
    assert title
    assert title == clean(title)
    assert title.encode().decode() == title


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%Y_%m_%d", "%Y.%m.%d"]))
def test_every_date_is_read(day: date, form: str) -> None:
    assert Named(title="Talk", day=day) == read_name(Path(f"{day.strftime(form)} Talk.mp3"))


@given(st.integers(1, 999), st.integers(1, 9999), st.sampled_from(["s{}e{} Talk", "S{:02}E{:02}-Talk", "s{}_ep{}_Talk"]))
def test_every_season_and_number_is_read(season: int, number: int, form: str) -> None:
    assert Named(title="Talk", season=season, number=number) == read_name(Path(form.format(season, number) + ".mp3"))
