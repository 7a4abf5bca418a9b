"""Whatever happens to any request of a publish: it succeeds or says why not, listeners notice nothing, and the next one goes on."""

from collections.abc import Collection, Iterable, Iterator

import pytest

from podcast.errors import StorageError, StorageUnavailable
from podcast.storage.s3_client import S3Settings, open_client
from tests.proxy import Fault

from . import faults
from .conftest import LONG, MINISTACK, RCLONE, SERVERS, SWIFT_TLS, Line

#: The kinds of requests that a publish makes, each as a method and a pattern of paths.
SHORT = {
    "the recording": ("PUT", r"/media/[^?]*\.mp3$"),
    "looking at the recording": ("HEAD", r"/media/[^?]*\.mp3$"),
    "a page": ("PUT", r"/new-[^/]*/index\.html$"),
    "looking at the feed": ("HEAD", r"/feed\.xml$"),
    "the feed": ("PUT", r"/feed\.xml$"),
    "reading the feed back": ("GET", r"/feed\.xml$"),
}
PARTS = {
    "what parts there are": ("GET", r"[?&]uploads"),
    "beginning": ("POST", r"\?uploads"),
    "a part": ("PUT", r"partNumber="),
    "joining the parts": ("POST", r"uploadId="),
}

ALL = SHORT | PARTS
#: Those that carry bytes to the store.
SENDING = [kind for kind, (method, _) in ALL.items() if method == "PUT"]

#: What passes is not told of: the request is made again.
PASSING: list[tuple[Fault, Collection[str]]] = [
    (faults.busy, ALL),
    (faults.throttled, ALL),
    (faults.bad_gateway, ALL),
    (faults.reset, ALL),
    (faults.lost_answer, ALL),
    (faults.slow, ALL),
    (faults.reset_in_the_body, SENDING),
    (faults.cut_in_the_body, SENDING),
]
LASTING: list[tuple[Fault, Collection[str]]] = [
    (faults.busy, ALL),
    (faults.lost_answer, ["the feed", "joining the parts"]),
    (faults.refuse, ["the recording", "the feed", "reading the feed back"]),
    (faults.cut_in_the_body, ["a part", "the feed"]),
]
#: Answers that are none, or not true.
ODD: list[tuple[Fault, Collection[str]]] = [
    (faults.portal, ["the recording", "looking at the feed", "reading the feed back", "joining the parts"]),
    (faults.empty, ["the recording", "looking at the feed", "reading the feed back", "a part"]),
    (faults.empty_after, ["the recording", "the feed", "joining the parts"]),
    (faults.error_in_200, ["looking at the recording", "looking at the feed", "reading the feed back", "beginning"]),
    (faults.error_in_200_after, ["reading the feed back"]),
    (faults.vanished, ["looking at the recording", "reading the feed back", "joining the parts"]),
    (faults.cut_answer, ["reading the feed back", "what parts there are", "joining the parts"]),
    (faults.cut_head, ["looking at the feed", "the feed", "joining the parts"]),
]
STALLS: list[tuple[Fault, Collection[str]]] = [
    (faults.stall, ["the recording", "joining the parts"]),
    (faults.stall_after, ["the feed"]),
    (faults.stall_in_the_body, ["a part"]),
    (faults.stall_in_the_answer, ["reading the feed back"]),
]


def disturbed(line: Line, pairs: Iterable[tuple[Fault, Collection[str]]]) -> Iterator[tuple[Fault, str, StorageError | None]]:
    """Publish an episode for each fault and kind of request while that is disturbed; yield what was told. At the end all goes out."""
    slugs: list[str] = []
    for fault, kind in [(fault, kind) for fault, kinds in pairs for kind in kinds]:
        slugs.append(f"new-{len(slugs)}")
        line.add(slugs[-1], length=LONG if kind in PARTS else 2000)
        line.proxy.calm()
        line.proxy.disturb(fault, *ALL[kind])
        error = line.attempt(slugs[-1])
        assert line.proxy.disturbed, (fault, kind)
        if error is None:
            line.is_settled(slugs[-1:])
        yield fault, kind, error
    line.converge(*slugs)


@pytest.mark.parametrize(
    ("line", "rounds"),
    [
        pytest.param(*server.values, rounds, marks=server.marks)
        for server, rounds in ((SWIFT_TLS, [0, 5]), (RCLONE, [2, 6]), (MINISTACK, range(len(PASSING))))
    ],
    indirect=["line"],
)
def test_what_passes_is_not_even_told(line: Line, rounds: Collection[int]) -> None:
    """In each round each kind of request meets another fault; in all of them each fault."""
    for turn in rounds:
        slugs = short, long = f"new-short-{turn}", f"new-long-{turn}"
        line.add(short)
        line.add(long, length=LONG)
        line.proxy.calm()
        met = [(kind, *PASSING[(turn + number) % len(PASSING)]) for number, kind in enumerate(ALL)]
        met = [(kind, fault, kinds) for kind, fault, kinds in met if kind in kinds]
        for kind, fault, _ in met:
            line.proxy.disturb(fault, *ALL[kind], times=2)
        assert line.attempt(*slugs) is None, met
        # What was only slow is not asked again.
        left = {kind: trouble.times for (kind, *_), trouble in zip(met, line.proxy.troubles, strict=True)}
        assert {} == {kind: left[kind] for kind, fault, _ in met if left[kind] not in {0, int(fault is faults.slow)}}
        line.is_settled(slugs)


@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_what_lasts_is_told_as_something_to_try_again(line: Line) -> None:
    for fault, kind, error in disturbed(line, LASTING):
        # Where nobody says which parts there are, all are sent.
        assert isinstance(error, StorageUnavailable) or kind == "what parts there are", (fault, kind)


@pytest.mark.parametrize("line", [RCLONE], indirect=True)
def test_an_odd_answer_is_no_success(line: Line) -> None:
    for fault, kind, error in disturbed(line, ODD):
        # What the store has done all the same is found to be there; and where nobody says which parts there are, all are sent.
        done = fault in {faults.empty_after, faults.cut_head} and kind in {"the recording", "the feed"}
        assert (error is None) == done or kind == "what parts there are", (fault, kind)


@pytest.mark.parametrize("line", SERVERS, indirect=True)
def test_an_error_inside_a_200_is_no_success(line: Line) -> None:
    for fault, kind, error in disturbed(line, [(faults.error_in_200, ["the recording", "the feed", "joining the parts"])]):
        assert error, (fault, kind)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("line", [SWIFT_TLS], indirect=True)
def test_a_stall_ends(line: Line) -> None:
    for fault, kind, error in disturbed(line, STALLS):
        assert isinstance(error, StorageUnavailable), (fault, kind)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("line", [RCLONE], indirect=True)
def test_what_is_slow_is_waited_for_while_bytes_flow(line: Line) -> None:
    line.add("new", notes="Of this the feed becomes long. " * 100)
    line.proxy.disturb(faults.trickle, "GET", r"/feed\.xml$")
    assert line.attempt("new") is None
    assert 1 == line.proxy.disturbed
    line.proxy.calm()
    line.is_settled(["new"])


def test_the_time_limits_of_users_are_minutes_at_the_most() -> None:
    config = open_client(S3Settings(bucket="bucket", endpoint="http://127.0.0.1:1")).meta.config
    assert (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"] <= 200
