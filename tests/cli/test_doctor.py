"""`podcast doctor` as its user meets it: what it prints, its JSON, its exit codes, what --fix does, against each kind of storage."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from podcast.doctor import CHECKS
from tests.doctor.conftest import leftovers, log_in, open_to_listeners, without
from tests.servers import S3Server

from .conftest import Podcast, Ran

Publish = Callable[..., str]


def failing(ran: Ran) -> list[str]:
    return [row["id"] for row in ran.json["checks"] if row["verdict"] == "fail"]


def line_of(ran: Ran, check: str) -> str:
    """Return the line of a check, with what to do beneath it."""
    lines = ran.out.splitlines()
    start = next(number for number, line in enumerate(lines) if f" {check} " in line)
    return " ".join(line.strip() for line in (lines[start], *(more for more in lines[start + 1 : start + 3] if more.startswith(" " * 20))))


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def into(project: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Return a function that lets the project publish into a bucket of a server, and returns the bucket's name."""

    def choose(server: S3Server, *, bucket: str = "", prefix: str = "pod", public_url: str = "") -> str:
        log_in(server, monkeypatch)
        name = bucket or server.make_bucket()
        monkeypatch.setenv("PODCAST_STORAGE_URL", f"s3://{name}/{prefix}")
        monkeypatch.setenv("PODCAST_STORAGE_ENDPOINT", server.endpoint)
        monkeypatch.setenv("PODCAST_PUBLIC_URL", public_url or f"{server.endpoint}/{name}/{prefix}/")
        return name

    return choose


def test_a_folder_is_well_and_nothing_stays_in_it(podcast: Podcast, project: Path) -> None:
    before = sorted(project.rglob("*"))
    ran = podcast("doctor")
    assert " to mend" in ran.out.splitlines()[-1]
    assert ", 0 to mend, " in ran.out.splitlines()[-1]
    assert "the folder " in line_of(ran, "storage.reach")
    assert "set public_url" in line_of(ran, "public.address")
    assert "" == ran.err
    assert before == [path for path in sorted(project.rglob("*")) if "public" not in path.relative_to(project).parts]
    assert [] == [path for path in project.rglob("*doctor*") if "public" in path.parts]


def test_json_has_every_check_in_its_order_with_what_to_do(podcast: Podcast, project: Path) -> None:
    document = podcast("doctor", "--json").json
    assert [check.id for check in CHECKS] == [row["id"] for row in document["checks"]]
    for row in document["checks"]:
        assert ["about", "fixed", "id", "message", "remedy", "verdict"] == sorted(row)
        assert bool(row["remedy"]) == (row["verdict"] in {"warn", "fail"}), row
        assert row["message"]
    counts = {name: document[name] for name in ("ok", "warn", "fail", "skipped")}
    assert len(CHECKS) == sum(counts.values())
    assert (0, 1) == (counts["fail"], counts["warn"])


def test_the_list_of_checks_is_in_the_help(podcast: Podcast) -> None:
    text = podcast("help", "doctor").out
    assert [] == [check.id for check in CHECKS if check.id not in text or check.about not in text]


def test_quiet_is_silent_and_tells_by_the_exit_code(podcast: Podcast, project: Path) -> None:
    well = podcast("doctor", "-q")
    assert ("", "") == (well.out, well.err)
    (project / "public" / ".tmp").rmdir()
    (project / "public").rmdir()
    (project / "public").write_text("a file in the way")
    ran = podcast("doctor", "-q", code=4)
    assert "" == ran.out
    assert "to mend" in ran.err


def test_without_a_project_only_the_machine_is_looked_at(podcast: Podcast) -> None:
    ran = podcast("doctor", code=4)
    assert "podcast init" in line_of(ran, "project.file")
    assert "ok" == line_of(ran, "machine.codecs").split()[0]
    assert "waits for project.file" in ran.out
    assert "The doctor found 1 thing to mend." in ran.err


def test_a_broken_setting_is_told_once_with_its_line(podcast: Podcast, project: Path) -> None:
    (project / "podcast.toml").write_text('[storage]\nurl = "public"\nregoin = "x"\n')
    ran = podcast("doctor", "--json", code=4)
    assert ["project.file"] == failing(ran)
    assert "line 3" in next(row["message"] for row in ran.json["checks"] if row["id"] == "project.file")
    assert "check_failed" in ran.err


def test_a_file_where_the_folder_should_be_is_told(podcast: Podcast, project: Path) -> None:
    (project / "public").write_text("a file in the way")
    ran = podcast("doctor", "--json", code=4)
    assert "storage.put" in failing(ran)
    assert {"storage", "project", "catalogue", "machine", "disk", "staging", "public"} == {
        row["id"].split(".")[0] for row in ran.json["checks"]
    }


def test_fix_on_a_folder_writes_nothing(podcast: Podcast, project: Path) -> None:
    before = podcast("doctor", "--json").json["checks"]
    files = contents(project)
    after = podcast("doctor", "--fix", "--json").json["checks"]
    assert files == contents(project)
    assert [(row["id"], row["verdict"], row["fixed"]) for row in before] == [(row["id"], row["verdict"], row["fixed"]) for row in after]
    assert not any(row["fixed"] for row in after)


@pytest.mark.server
@pytest.mark.xdist_group("ministack")
def test_fix_writes_the_cors_rule_and_a_second_look_finds_it(podcast: Podcast, into: Publish, ministack: S3Server) -> None:
    bucket = ministack.make_bucket()
    into(ministack, bucket=bucket, public_url=f"{open_to_listeners(ministack, bucket)}pod/")
    fixed = podcast("doctor", "--fix")
    assert "wrote the bucket's CORS rule" in line_of(fixed, "public.cors")
    document = podcast("doctor", "--json").json
    assert (0, 1) == (document["fail"], document["warn"])
    assert ["public.address"] == [row["id"] for row in document["checks"] if row["verdict"] == "warn"]
    assert [] == leftovers(ministack, bucket)


@pytest.mark.server
@pytest.mark.xdist_group("swift_tls")
def test_swift_with_a_wrong_secret_and_with_the_right_one(podcast: Podcast, into: Publish, swift_tls: S3Server) -> None:
    bucket = swift_tls.make_bucket()
    into(replace(swift_tls, secret_key="not-the-secret"), bucket=bucket)
    ran = podcast("doctor", code=4)
    assert ", 1 to mend, " in ran.out
    assert "AWS_SECRET_ACCESS_KEY" in line_of(ran, "storage.reach")
    assert "not-the-secret" not in ran.out + ran.err
    into(swift_tls, bucket=bucket)
    ran = podcast("doctor", "--json", code=4)
    assert ["public.read"] == failing(ran)
    assert [] == leftovers(swift_tls, bucket)


@pytest.mark.server
@pytest.mark.xdist_group("rclone_tls")
def test_rclone_is_told_as_the_odd_store_that_it_is(podcast: Podcast, into: Publish, rclone_tls: S3Server) -> None:
    into(rclone_tls)
    ran = podcast("doctor", code=4)
    assert "status 200" in line_of(ran, "storage.range")
    assert "ignored" in line_of(ran, "storage.conditions")
    assert "does not give what was stored" in line_of(ran, "public.read")


@pytest.mark.server
@pytest.mark.xdist_group("ministack")
def test_a_bucket_that_is_not_there_is_one_thing_to_mend(podcast: Podcast, into: Publish, ministack: S3Server) -> None:
    into(ministack, bucket="no-such-bucket")
    ran = podcast("doctor", code=4)
    assert "has no bucket no-such-bucket" in line_of(ran, "storage.reach")
    assert "storage.url" in line_of(ran, "storage.reach")
    assert ", 1 to mend, " in ran.out
    assert "The doctor found 1 thing to mend." in ran.err


@pytest.mark.server
@pytest.mark.xdist_group("ministack")
@pytest.mark.parametrize("right", ["s3:PutObject", "s3:ListBucket"])
def test_the_one_right_that_a_key_lacks_is_named(podcast: Podcast, into: Publish, ministack: S3Server, right: str) -> None:
    into(without(ministack, right))
    ran = podcast("doctor", "--json", code=4)
    told = {row["id"]: row["remedy"] for row in ran.json["checks"] if row["verdict"] == "fail" and row["id"].startswith("storage.")}
    assert told
    assert all(right in remedy for remedy in told.values()), told


@pytest.mark.server
@pytest.mark.xdist_group("ministack")
def test_fix_without_the_right_to_write_the_rule_says_which_right_it_needs(podcast: Podcast, into: Publish, ministack: S3Server) -> None:
    bucket = ministack.make_bucket()
    into(without(ministack, "s3:PutBucketCORS"), bucket=bucket, public_url=f"{open_to_listeners(ministack, bucket)}pod/")
    ran = podcast("doctor", "--fix")
    assert "not mended" in line_of(ran, "public.cors")
    assert "s3:PutBucketCORS" in line_of(ran, "public.cors")
