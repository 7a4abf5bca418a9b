"""Each thing that a store can do wrong is found by the check that looks at it, and by no other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from podcast.storage import s3, s3_client, s3_probe
from podcast.storage.probe import PREFIX
from tests.storage.liar import Liar, lying

from .conftest import Examine, Rows, clock, verdicts
from .store import BUCKET, Store

pytestmark = pytest.mark.thorough

_METHODS = b"<AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod>"
_RULE = b"<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>" + _METHODS + b"</CORSRule></CORSConfiguration>"
_OTHER_RULE = _RULE.replace(b">*<", b">https://radio.example<")
#: What every project of these tests is told: its public address is this computer's, over plain HTTP.
_LOCAL = {"warn": ["public.address"], "skipped": ["storage.tls", "public.tls"]}


@pytest.fixture(scope="module")
def liar() -> Iterator[Liar]:
    with lying() as liar:
        yield liar


@pytest.fixture
def store(liar: Liar, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIADOCTOR")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    liar.script = store = Store(cors=_RULE)
    return store


@pytest.fixture(scope="module", autouse=True)
def one_client_for_all() -> Iterator[None]:
    """Making a client takes longer than all that a test asks by it."""
    with pytest.MonkeyPatch.context() as patch:
        once = cache(s3_client.open_client)
        patch.setattr(s3, "open_client", once)
        patch.setattr(s3_probe, "open_client", once)
        yield


@pytest.fixture
def look(liar: Liar, store: Store, examined: Examine) -> Examine:
    def run(*lies: str, **settings: object) -> Rows:
        store.lies = set(lies)
        url = {"url": f"s3://{BUCKET}", "endpoint": liar.endpoint, "public_url": f"{liar.endpoint}/{BUCKET}/"}
        return examined(machine=False, **url | settings)

    return run


def added(**found: list[str]) -> dict[str, list[str]]:
    """Return what is told of every project, and what is found beside it."""
    return {name: sorted([*_LOCAL.get(name, []), *found.get(name, [])]) for name in sorted({*_LOCAL, *found})}


def found(rows: Rows) -> dict[str, list[str]]:
    return {name: sorted(ids) for name, ids in sorted(verdicts(rows).items())}


def test_a_truthful_store_has_nothing_to_mend_and_keeps_nothing(look: Examine, store: Store) -> None:
    rows = look()
    assert added() == found(rows)
    assert "If-None-Match is honoured; If-Match is honoured" in rows["storage.conditions"].message
    assert ({}, {}) == (store.files, store.uploads)


@pytest.mark.parametrize(
    ("lie", "verdict", "ids"),
    [
        ("listing", "fail", ["storage.list"]),
        ("undying", "fail", ["storage.delete", "storage.clean"]),
        ("parts", "fail", ["storage.multipart"]),
        ("uploads unlisted", "warn", ["storage.uploads"]),
        ("parts unlisted", "warn", ["storage.uploads"]),
        ("old uploads", "warn", ["storage.uploads"]),
        ("framing", "fail", ["storage.whole"]),
        ("md5", "warn", ["storage.md5"]),
        ("region", "fail", ["storage.region"]),
        ("no content-encoding", "warn", ["storage.encoding"]),
        ("no HEAD", "fail", ["public.head"]),
        ("public range", "fail", ["public.range"]),
        ("public type", "fail", ["public.headers"]),
        ("public cache", "warn", ["public.headers"]),
        ("CDN without CORS", "warn", ["public.cors"]),
        ("open listing", "warn", ["public.listing"]),
        ("open for writing", "fail", ["public.writing"]),
    ],
)
def test_one_fault_is_found_by_one_check(look: Examine, lie: str, verdict: str, ids: list[str]) -> None:
    rows = look(lie)
    assert added(**{verdict: ids}) == found(rows)
    assert all(rows[each].remedy for each in ids)


@pytest.mark.parametrize(
    ("lie", "verdict", "ids"),
    [
        ("length", "fail", ["storage.head"]),
        ("range with 200", "warn", ["storage.range"]),
        ("whole for range", "warn", ["storage.range"]),
        ("range", "fail", ["storage.range"]),
        ("no content-type", "fail", ["storage.headers"]),
        ("no cache-control", "warn", ["storage.headers"]),
    ],
)
def test_a_fault_that_listeners_meet_too_is_found_in_storage(look: Examine, lie: str, verdict: str, ids: list[str]) -> None:
    rows = {name: row for name, row in look(lie).items() if name.startswith("storage.")}
    assert {verdict: sorted(ids), "skipped": ["storage.tls"]} == found(rows)


def test_bytes_that_come_back_changed(look: Examine) -> None:
    rows = look("other bytes")
    assert {"fail"} == {rows[name].verdict for name in ("storage.get", "storage.whole", "public.read")}


@pytest.mark.parametrize("lie", ["private", "elsewhere", "broken", "login page"])
def test_a_public_address_that_does_not_give_what_was_stored(look: Examine, lie: str) -> None:
    waiting = [f"public.{name}" for name in ("head", "range", "headers", "cors", "listing")]
    rows = look(lie)
    assert added(fail=["public.read"], skipped=waiting) == found(rows)
    assert ("s3:GetObject" in rows["public.read"].remedy) == (lie == "private")
    assert "waits for public.read" == rows["public.head"].message


@pytest.mark.parametrize(("lie", "what"), [("conditions refused", "refused"), ("conditions ignored", "ignored")])
def test_conditional_writes_are_told_as_a_fact(look: Examine, lie: str, what: str) -> None:
    rows = look(lie)
    assert added() == found(rows)
    assert f"If-None-Match is {what}; If-Match is {what}" in rows["storage.conditions"].message


def test_an_encoding_that_is_lost_matters_where_feeds_are_compressed(look: Examine) -> None:
    assert "fail" == look("no content-encoding", gzip=True)["storage.encoding"].verdict


def test_an_acl_that_is_refused(look: Examine) -> None:
    rows = look("acl", acl="public-read")
    assert "fail" == rows["storage.acl"].verdict
    assert "Remove storage.acl" in rows["storage.acl"].remedy
    assert "ok" == rows["storage.put"].verdict
    assert "public-read is taken" == look(acl="public-read")["storage.acl"].message


def test_a_web_page_instead_of_a_store_leaves_the_rest_to_wait(look: Examine) -> None:
    rows = look("web page")
    assert "fail" == rows["storage.reach"].verdict
    assert "storage.endpoint" in rows["storage.reach"].remedy
    assert "waits for storage.reach" == rows["storage.put"].message
    assert "warn" == rows["public.address"].verdict


@pytest.mark.parametrize(
    ("ahead", "verdict", "word"),
    [(200, "warn", "ahead of"), (-200, "warn", "behind"), (400, "fail", "ahead of"), (-400, "fail", "behind"), (20, "ok", "within")],
)
def test_the_clock_is_held_against_the_store_s(look: Examine, ahead: int, verdict: str, word: str) -> None:
    row = look(clock=lambda: datetime.now(UTC) + timedelta(seconds=ahead))["storage.clock"]
    assert verdict == row.verdict
    assert word in row.message


def test_fix_adds_the_cors_rule_to_those_that_are_there(look: Examine, store: Store) -> None:
    store.cors = _OTHER_RULE
    assert added(warn=["public.cors"]) == found(look())
    assert _OTHER_RULE == store.cors
    row = look(fix=True)["public.cors"]
    assert ("ok", "wrote the bucket's CORS rule: every site may GET and HEAD") == (row.verdict, row.fixed)
    assert b"https://radio.example" in store.cors
    assert b"<AllowedOrigin>*<" in store.cors


def test_fix_leaves_a_rule_alone_that_something_in_between_hides(look: Examine, store: Store) -> None:
    row = look("CDN without CORS", fix=True)["public.cors"]
    assert "warn" == row.verdict
    assert "has the CORS rule already" in row.fixed
    assert _RULE == store.cors


def test_a_name_that_leads_into_a_private_network_is_no_public_address(look: Examine, liar: Liar) -> None:
    port = liar.endpoint.rpartition(":")[2]
    rows = look(public_url=f"http://2130706433:{port}/{BUCKET}/")
    assert "not encrypted" in rows["public.address"].message
    assert "fail" == rows["public.read"].verdict
    assert "private network" in rows["public.read"].message


def test_a_fault_inside_one_check_does_not_stop_the_others(look: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("very-secret")

    monkeypatch.setattr(s3_probe.BucketProbe, "conditions", broken)
    rows = look()
    assert added(fail=["storage.conditions"]) == found(rows)
    assert "This check itself went wrong: KeyError." == rows["storage.conditions"].message


def test_an_examination_that_is_broken_off_leaves_nothing_behind(look: Examine, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        assert store.files
        raise KeyboardInterrupt

    monkeypatch.setattr(s3_probe.BucketProbe, "conditions", interrupted)
    with pytest.raises(KeyboardInterrupt):
        look()
    assert ({}, {}) == (store.files, store.uploads)


def test_what_a_killed_examination_left_is_removed_by_the_next(look: Examine, store: Store) -> None:
    store.files[f"{PREFIX}/killed/right.bin"] = b"left", {}
    store.files["majlis/feed.xml"] = b"<rss/>", {}
    look()
    assert 2 == len(store.files)
    look(clock=lambda: clock() + timedelta(days=36500))
    assert ["majlis/feed.xml"] == list(store.files)
