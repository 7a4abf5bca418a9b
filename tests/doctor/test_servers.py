"""What the doctor says of real stores, and of keys that lack one right."""

import pytest

from tests.servers import S3Server

from .conftest import Examine, client, leftovers, log_in, open_to_listeners, verdicts, without

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("no_pauses")]
_WAITING = [f"public.{name}" for name in ("head", "range", "headers", "cors", "listing")]


@pytest.mark.xdist_group("swift_tls")
def test_swift_over_tls(swift_tls: S3Server, examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(swift_tls, monkeypatch)
    bucket = swift_tls.make_bucket()
    keeper = client(swift_tls)
    keeper.put_bucket_acl(Bucket=bucket, ACL="public-read")
    keeper.close()
    rows = examined(
        machine=False,
        fix=True,
        url=f"s3://{bucket}/pod",
        endpoint=swift_tls.endpoint,
        public_url=f"{swift_tls.endpoint}/v1/AUTH_test/{bucket}/pod/",
    )
    # Whoever may read a container of Swift may list it; and its rules for other sites are not written by the S3 API.
    assert {"warn": ["public.address", "public.cors", "public.listing"]} == verdicts(rows)
    assert "not mended: Cannot read the bucket's CORS rules" in rows["public.cors"].fixed
    assert "days more" in rows["storage.tls"].message
    assert "days more" in rows["public.tls"].message
    assert [] == leftovers(swift_tls, bucket)


@pytest.mark.xdist_group("swift_http")
def test_swift_over_http_with_a_private_bucket(swift_http: S3Server, examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(swift_http, monkeypatch)
    bucket = swift_http.make_bucket()
    rows = examined(
        machine=False, url=f"s3://{bucket}", endpoint=swift_http.endpoint, public_url=f"{swift_http.endpoint}/v1/AUTH_test/{bucket}/"
    )
    assert {"warn": ["public.address"], "fail": ["public.read"], "skipped": ["storage.tls", "public.tls", *_WAITING]} == verdicts(rows)
    assert "s3:GetObject" in rows["public.read"].remedy
    assert [] == leftovers(swift_http, bucket)


@pytest.mark.xdist_group("rclone_tls")
def test_rclone_over_tls(rclone_tls: S3Server, examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(rclone_tls, monkeypatch)
    bucket = rclone_tls.make_bucket()
    rows = examined(machine=False, url=f"s3://{bucket}", endpoint=rclone_tls.endpoint, public_url=f"{rclone_tls.endpoint}/{bucket}/")
    assert {"warn": ["storage.range", "public.address"], "fail": ["public.read"], "skipped": _WAITING} == verdicts(rows)
    assert "If-None-Match is ignored; If-Match is ignored" in rows["storage.conditions"].message


@pytest.mark.xdist_group("s3rver_tls")
def test_a_store_that_looks_at_no_hash(s3rver_tls: S3Server, examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(s3rver_tls, monkeypatch)
    bucket = s3rver_tls.make_bucket()
    rows = examined(machine=False, url=f"s3://{bucket}", endpoint=s3rver_tls.endpoint, public_url=f"{s3rver_tls.endpoint}/{bucket}/")
    assert "warn" == rows["storage.md5"].verdict.value
    assert "takes a body whose MD5 is not the one announced" in rows["storage.md5"].message
    assert {"storage.clean", "public.writing"} == set(verdicts(rows)["fail"])


@pytest.mark.xdist_group("rclone_tls")
def test_a_certificate_that_nobody_trusts(rclone_tls: S3Server, examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(rclone_tls, monkeypatch)
    monkeypatch.delenv("AWS_CA_BUNDLE")
    monkeypatch.delenv("SSL_CERT_FILE")
    rows = examined(machine=False, url="s3://bucket", endpoint=rclone_tls.endpoint, public_url=f"{rclone_tls.endpoint}/bucket/")
    assert ("fail", "fail", "fail") == tuple(rows[name].verdict for name in ("storage.reach", "storage.tls", "public.tls"))
    assert "is not valid" in rows["storage.tls"].message
    assert "AWS_CA_BUNDLE" in rows["storage.reach"].remedy


@pytest.mark.xdist_group("ministack")
def test_ministack_is_mended_by_fix(ministack: S3Server, examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(ministack, monkeypatch)
    bucket = ministack.make_bucket()
    settings = {"url": f"s3://{bucket}", "endpoint": ministack.endpoint, "public_url": open_to_listeners(ministack, bucket)}
    usual = {"warn": ["public.address"], "skipped": ["storage.tls", "public.tls"]}
    assert usual | {"warn": ["public.address", "public.cors"]} == verdicts(examined(machine=False, **settings))
    assert usual == verdicts(examined(machine=False, fix=True, **settings))
    assert usual == verdicts(examined(machine=False, **settings))
    assert [] == leftovers(ministack, bucket)


@pytest.mark.xdist_group("ministack")
@pytest.mark.parametrize(
    ("key", "bucket", "said"), [("unknown", "", "does not know the access key"), ("", "no-such-bucket", "has no bucket no-such-bucket")]
)
def test_a_store_that_does_not_know_us(
    ministack: S3Server, examined: Examine, monkeypatch: pytest.MonkeyPatch, key: str, bucket: str, said: str
) -> None:
    log_in(ministack, monkeypatch)
    if key:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
    rows = examined(machine=False, url=f"s3://{bucket or ministack.make_bucket()}", endpoint=ministack.endpoint)
    assert said in rows["storage.reach"].message
    assert {"storage.reach"} == {name for name, row in rows.items() if row.verdict == "fail"}
    assert "within" in rows["storage.clock"].message


@pytest.mark.xdist_group("swift_http")
def test_the_style_of_addresses_that_works_is_named(swift_http: S3Server, examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(swift_http, monkeypatch)
    endpoint = swift_http.endpoint.replace("127.0.0.1", "localhost")
    rows = examined(machine=False, url=f"s3://{swift_http.make_bucket()}", endpoint=endpoint, path_style=False)
    assert ("fail", "fail") == (rows["storage.reach"].verdict, rows["storage.style"].verdict)
    assert "Set storage.path_style = true." == rows["storage.style"].remedy


@pytest.mark.xdist_group("ministack")
@pytest.mark.parametrize(
    ("right", "fails", "warns"),
    [
        ("s3:GetObject", ["storage.head", "storage.get", "storage.range"], []),
        ("s3:ListBucket", ["storage.list"], []),
        ("s3:DeleteObject", ["storage.delete", "storage.clean"], []),
        ("s3:AbortMultipartUpload", [], ["storage.abort"]),
        ("s3:ListBucketMultipartUploads", [], ["storage.uploads"]),
        ("s3:ListMultipartUploadParts", [], ["storage.uploads"]),
        ("s3:PutObject", ["storage.put"], []),
    ],
)
def test_a_right_that_is_missing_is_named(
    ministack: S3Server,
    examined: Examine,
    monkeypatch: pytest.MonkeyPatch,
    right: str,
    fails: list[str],
    warns: list[str],
) -> None:
    bucket = ministack.make_bucket()
    public_url = open_to_listeners(ministack, bucket)
    log_in(without(ministack, right), monkeypatch)
    rows = examined(machine=False, url=f"s3://{bucket}", endpoint=ministack.endpoint, public_url=public_url)
    assert set(fails) <= set(verdicts(rows).get("fail", []))
