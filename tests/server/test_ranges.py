"""Parts of files and copies that are still good: the answers are nginx's, but that several ranges give the whole file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from tests.server.conftest import AUDIO, MEDIA
from tests.serving import ask

LENGTH = len(AUDIO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``{etag}``, ``{date}`` in the headers stand for what the file has; ``part`` is the range of bytes that comes back."""

    name: str
    status: int
    headers: Mapping[str, str]
    part: tuple[int, int] | None = field(default=None)


CASES = [
    Case(name="no range", status=200, headers={}),
    Case(name="the probe of iOS", status=206, headers={"Range": "bytes=0-1"}, part=(0, 1)),
    Case(name="one byte", status=206, headers={"Range": "bytes=0-0"}, part=(0, 0)),
    Case(name="from zero on", status=206, headers={"Range": "bytes=0-"}, part=(0, LENGTH - 1)),
    Case(name="open", status=206, headers={"Range": "bytes=99000-"}, part=(99_000, LENGTH - 1)),
    Case(name="suffix", status=206, headers={"Range": "bytes=-5"}, part=(LENGTH - 5, LENGTH - 1)),
    Case(name="suffix longer than the file", status=206, headers={"Range": "bytes=-200000"}, part=(0, LENGTH - 1)),
    Case(name="end beyond the file", status=206, headers={"Range": "bytes=99990-999999"}, part=(99_990, LENGTH - 1)),
    Case(name="last byte", status=206, headers={"Range": f"bytes={LENGTH - 1}-"}, part=(LENGTH - 1, LENGTH - 1)),
    Case(name="spaces", status=206, headers={"Range": "bytes= 5 - 9"}, part=(5, 9)),
    Case(name="beyond the end", status=416, headers={"Range": f"bytes={LENGTH}-"}),
    Case(name="far beyond the end", status=416, headers={"Range": "bytes=999999999999-"}),
    Case(name="empty suffix", status=416, headers={"Range": "bytes=-0"}),
    Case(name="inverted", status=416, headers={"Range": "bytes=9-5"}),
    Case(name="no numbers", status=416, headers={"Range": "bytes=-"}),
    Case(name="words", status=416, headers={"Range": "bytes=a-b"}),
    Case(name="huge number", status=416, headers={"Range": "bytes=" + "9" * 400 + "-"}),
    Case(name="unknown unit", status=200, headers={"Range": "items=0-1"}),
    Case(name="no unit", status=200, headers={"Range": "0-1"}),
    Case(name="If-Range with our etag", status=206, headers={"Range": "bytes=0-1", "If-Range": '"{etag}"'}, part=(0, 1)),
    Case(name="If-Range with our date", status=206, headers={"Range": "bytes=0-1", "If-Range": "{date}"}, part=(0, 1)),
    Case(name="If-Range with a stale etag", status=200, headers={"Range": "bytes=0-1", "If-Range": '"other"'}),
    Case(name="If-Range with a weak etag", status=200, headers={"Range": "bytes=0-1", "If-Range": 'W/"{etag}"'}),
    Case(
        name="If-Range with an older date",
        status=200,
        headers={"Range": "bytes=0-1", "If-Range": "Sat, 01 Jan 2000 00:00:00 GMT"},
    ),
    Case(
        name="If-Range with a later date",
        status=200,
        headers={"Range": "bytes=0-1", "If-Range": "Sat, 01 Jan 2050 00:00:00 GMT"},
    ),
    Case(name="If-None-Match", status=304, headers={"If-None-Match": '"{etag}"'}),
    Case(name="If-None-Match, weak", status=304, headers={"If-None-Match": 'W/"{etag}"'}),
    Case(name="If-None-Match, list", status=304, headers={"If-None-Match": '"other", W/"third", "{etag}"'}),
    Case(name="If-None-Match, any", status=304, headers={"If-None-Match": "*"}),
    Case(name="If-None-Match of other bytes", status=200, headers={"If-None-Match": '"other"'}),
    Case(name="If-None-Match and a range", status=304, headers={"If-None-Match": '"{etag}"', "Range": "bytes=0-1"}),
    Case(name="If-Modified-Since our date", status=304, headers={"If-Modified-Since": "{date}"}),
    Case(name="If-Modified-Since an older date", status=200, headers={"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}),
    Case(name="If-Modified-Since no date", status=200, headers={"If-Modified-Since": "yesterday"}),
    Case(name="If-Match", status=206, headers={"If-Match": '"other", "{etag}"', "Range": "bytes=5-9"}, part=(5, 9)),
    Case(name="If-Match, any", status=200, headers={"If-Match": "*"}),
    Case(name="If-Match of other bytes", status=412, headers={"If-Match": '"other"', "Range": "bytes=5-9"}),
    Case(name="If-Match, weak", status=412, headers={"If-Match": 'W/"{etag}"'}),
    Case(name="If-Match decides before If-None-Match", status=412, headers={"If-Match": '"other"', "If-None-Match": "*"}),
    Case(name="If-Unmodified-Since our date", status=200, headers={"If-Unmodified-Since": "{date}"}),
    Case(name="If-Unmodified-Since an older date", status=412, headers={"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}),
    Case(
        name="the etag decides before the date",
        status=200,
        headers={"If-None-Match": '"other"', "If-Modified-Since": "{date}"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_ranges_and_conditions_are_answered_as_nginx_does(base: str, case: Case) -> None:
    head = ask(base, MEDIA, method="HEAD").headers
    sent = {name: value.format(etag=head["etag"].strip('"'), date=head["last-modified"]) for name, value in case.headers.items()}
    answer = ask(base, MEDIA, sent)

    assert case.status == answer.status
    assert head["access-control-allow-origin"] == answer.headers["access-control-allow-origin"]
    if case.status == 200:
        assert AUDIO == answer.body
        assert str(LENGTH) == answer.headers["content-length"]
    if case.part:
        first, last = case.part
        assert AUDIO[first : last + 1] == answer.body
        assert f"bytes {first}-{last}/{LENGTH}" == answer.headers["content-range"]
        assert str(last - first + 1) == answer.headers["content-length"]
    if case.status == 304:
        assert b"" == answer.body
        assert head["etag"] == answer.headers["etag"]
        assert head["cache-control"] == answer.headers["cache-control"]
    if case.status == 416:
        assert f"bytes */{LENGTH}" == answer.headers["content-range"]


@pytest.mark.parametrize("count", [2, 5000])
def test_several_ranges_give_the_whole_file(base: str, count: int) -> None:
    ranges = ",".join(f"{index}-{index}" for index in range(count))[:12_000].rstrip(",-")

    answer = ask(base, MEDIA, {"Range": f"bytes={ranges}"})

    assert (200, AUDIO) == (answer.status, answer.body)
    assert "content-range" not in answer.headers


def test_an_empty_file_has_no_parts(base: str) -> None:
    answer = ask(base, "/majlis/media/empty-abababababab.mp3", {"Range": "bytes=0-"})

    assert (200, b"") == (answer.status, answer.body)


def test_head_has_no_parts(base: str) -> None:
    answer = ask(base, MEDIA, {"Range": "bytes=0-1"}, method="HEAD")

    assert (200, str(LENGTH), b"") == (answer.status, answer.headers["content-length"], answer.body)
