"""Whatever happens to any request of a publish: it succeeds or says why not, listeners notice nothing, and the next one goes on."""

from collections.abc import Collection, Iterable

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
    (faults.reset_in_the_body, SENDING),
    (faults.cut_in_the_body, SENDING),
]
LASTING: list[tuple[Fault, Collection[str]]] = [
    (faults.busy, ALL),
    (faults.lost_answer, [*SENDING, "joining the parts"]),
    (faults.refuse, SHORT),
    (faults.cut_in_the_body, SENDING),
]
#: Answers that are none, or not true.
ODD: list[tuple[Fault, Collection[str]]] = [
    (faults.portal, ["the recording", "looking at the feed", "the feed", "reading the feed back", "beginning", "joining the parts"]),
    (faults.empty, ["the recording", "looking at the feed", "the feed", "reading the feed back", "a part", "joining the parts"]),
    (faults.empty_after, ["the recording", "looking at the recording", "the feed", "reading the feed back", "joining the parts"]),
    (faults.error_in_200_after, ["the feed", "reading the feed back", "joining the parts"]),
    (faults.vanished, ["looking at the recording", "looking at the feed", "reading the feed back", "joining the parts"]),
    (faults.cut_answer, ["reading the feed back", "what parts there are", "beginning", "joining the parts"]),
    (faults.cut_head, ["looking at the feed", "the feed", "reading the feed back", "joining the parts"]),
]
STALLS: list[tuple[Fault, Collection[str]]] = [
    (faults.stall, ["looking at the feed", "the recording", "joining the parts"]),
    (faults.stall_after, ["the feed"]),
    (faults.stall_in_the_body, ["the recording", "a part"]),
    (faults.stall_in_the_answer, ["reading the feed back"]),
]


def names(pairs: Iterable[tuple[Fault, object]]) -> list[str]:
    return [fault.__name__ for fault, _ in pairs]


def disturbed(line: Line, fault: Fault, kinds: Collection[str]) -> dict[str, StorageError | None]:
    """Publish an episode for each kind of request while it is disturbed, then without; return what was told, by kind."""
    told: dict[str, StorageError | None] = {}
    for number, kind in enumerate(kinds):
        slug = f"new-{number}"
        line.add(slug, length=LONG if kind in PARTS else 2000)
        line.proxy.calm()
        line.proxy.disturb(fault, *ALL[kind])
        told[kind] = line.attempt(slug)
        assert line.proxy.disturbed, kind
        if told[kind] is None:
            line.is_settled([slug])
        else:
            line.converge(slug)
    return told


@pytest.mark.parametrize("line", SERVERS, indirect=True)
def test_what_passes_is_not_even_told(line: Line) -> None:
    for fault, kinds in PASSING:
        slugs = short, long = [f"{size}-{fault.__name__.replace('_', '-')}" for size in ("new-1-short", "new-1-long")]
        line.add(short)
        line.add(long, length=LONG)
        line.proxy.calm()
        for kind in kinds:
            line.proxy.disturb(fault, *ALL[kind], times=2)
        assert line.attempt(*slugs) is None, fault
        assert 2 * len(kinds) == line.proxy.disturbed, fault
        line.is_settled(slugs)


@pytest.mark.parametrize(("fault", "kinds"), LASTING, ids=names(LASTING))
@pytest.mark.parametrize("line", [MINISTACK], indirect=True)
def test_what_lasts_is_told_as_something_to_try_again(line: Line, fault: Fault, kinds: Collection[str]) -> None:
    told = disturbed(line, fault, kinds)
    told.pop("what parts there are", None)  # Where nobody says so, all are sent.
    assert {} == {kind: error for kind, error in told.items() if not isinstance(error, StorageUnavailable)}


@pytest.mark.parametrize(("fault", "kinds"), ODD, ids=names(ODD))
@pytest.mark.parametrize("line", [RCLONE], indirect=True)
def test_an_odd_answer_is_no_success(line: Line, fault: Fault, kinds: Collection[str]) -> None:
    told = disturbed(line, fault, kinds)
    # What the store has done all the same is found to be there; and where nobody says which parts there are, all are sent.
    fine = {"the recording", "the feed"} & set(kinds) if fault in {faults.empty_after, faults.cut_head} else set()
    assert fine == {kind for kind, error in told.items() if error is None} - {"what parts there are"}


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("fault", "kinds"), STALLS, ids=names(STALLS))
@pytest.mark.parametrize("line", [SWIFT_TLS], indirect=True)
def test_a_stall_ends(line: Line, fault: Fault, kinds: Collection[str]) -> None:
    told = disturbed(line, fault, kinds)
    assert {} == {kind: error for kind, error in told.items() if not isinstance(error, StorageUnavailable)}


def test_the_time_limits_of_users_are_minutes_at_the_most() -> None:
    config = open_client(S3Settings(bucket="bucket", endpoint="http://127.0.0.1:1")).meta.config
    assert (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"] <= 200
