"""What a bucket makes of stores that lie, break off, refuse or are busy."""

import base64
import hashlib
import logging
from collections.abc import Iterator

import pytest

from podcast.errors import NotFound, StorageError, StorageUnavailable
from podcast.storage.s3 import S3Settings, S3Storage

from .conftest import MEBIBYTE, content, upload, with_warm_client
from .liar import Answer, Liar, Request, Script, lying, one_after_another, refusal

BODY = b"the true bytes"
MD5 = hashlib.md5(BODY).hexdigest()
KEY = "majlis/feed.xml"
SECRET = "a-very-secret-secret"
TOKEN = "a-very-secret-token"


pytestmark = pytest.mark.usefixtures("no_pauses")


@pytest.fixture(scope="module")
def one_liar() -> Iterator[Liar]:
    with lying() as found:
        yield found


@pytest.fixture
def liar(one_liar: Liar, monkeypatch: pytest.MonkeyPatch) -> Liar:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "liarkey")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    one_liar.requests.clear()
    return one_liar


@pytest.fixture
def storage(liar: Liar) -> S3Storage:
    return with_warm_client(S3Storage(S3Settings(bucket="bucket", prefix="site", endpoint=liar.endpoint)))


def holding(body: bytes, etag: str, **headers: str) -> Script:
    """Return the script of a store that takes everything and holds these bytes under that ETag."""
    facts = {"ETag": f'"{etag}"', "Last-Modified": "Wed, 25 Nov 2026 09:00:00 GMT", "Content-Type": "text/plain"} | headers

    def script(request: Request) -> Answer:
        if request.method == "HEAD":
            return Answer(headers=facts | {"Content-Length": str(len(body))})
        return Answer(headers=facts, body=body if request.method == "GET" else b"")

    return script


def md5(body: bytes) -> str:
    return hashlib.md5(body).hexdigest()


@pytest.mark.parametrize(
    ("stored", "etag"),
    [
        pytest.param(b"e\r\nthe true bytes\r\n0\r\n\r\n", None, id="the framing of the upload in the file"),
        pytest.param(b"e\r\nthe true bytes\r\n0\r\n\r\n", MD5, id="that, under the right ETag"),
        pytest.param(b"the true byte", None, id="cut off"),
        pytest.param(b"THE TRUE BYTES", None, id="as long, but other bytes"),
        pytest.param(b"", "abc-1", id="nothing, under an ETag that proves nothing"),
    ],
)
def test_a_store_that_holds_other_bytes_than_it_was_sent_is_found_out(
    liar: Liar, storage: S3Storage, stored: bytes, etag: str | None
) -> None:
    liar.script = holding(stored, etag or md5(stored))
    with pytest.raises(StorageError, match="holds other bytes") as caught:
        storage.put(upload(KEY, BODY))
    assert "aws-chunked" in caught.value.hint
    assert liar.methods()[-1] == "POST"  # They are removed from under the key.
    assert b"<Key>site/majlis/feed.xml</Key>" in liar.requests[-1].body


def test_a_put_that_answers_another_etag_than_head_is_looked_into(liar: Liar, storage: S3Storage) -> None:
    honest = holding(BODY, MD5)
    liar.script = lambda request: Answer(headers={"ETag": f'"{md5(b"")}"'}) if request.method == "PUT" else honest(request)
    storage.put(upload(KEY, BODY))
    assert liar.methods() == ["PUT", "HEAD", "GET"]


def test_a_store_with_etags_of_its_own_kind_is_read_back(liar: Liar, storage: S3Storage) -> None:
    liar.script = holding(BODY, "0x8DCD")
    assert storage.put(upload(KEY, BODY)).etag == "0x8DCD"
    assert liar.methods() == ["PUT", "HEAD", "GET"]


def test_a_file_that_kms_encrypts_is_not_read_back(liar: Liar, storage: S3Storage) -> None:
    liar.script = holding(BODY, "f" * 32, **{"x-amz-server-side-encryption": "aws:kms"})
    storage.put(upload(KEY, BODY))
    assert liar.methods() == ["PUT", "HEAD"]


def test_a_put_carries_the_hash_and_no_framing(liar: Liar, storage: S3Storage) -> None:
    liar.script = holding(BODY, MD5)
    storage.put(upload(KEY, BODY))
    (put, _) = liar.requests
    assert put.path == "/bucket/site/majlis/feed.xml"
    assert put.headers["Content-MD5"] == base64.b64encode(bytes.fromhex(MD5)).decode()
    sent = {name.lower() for name in put.headers}
    assert put.headers["X-Amz-Security-Token"] == TOKEN
    assert not sent & {"expect", "x-amz-acl", "content-encoding", "x-amz-trailer", "x-amz-sdk-checksum-algorithm"}
    assert put.headers["Cache-Control"] == upload(KEY, BODY).cache_control
    assert put.headers["Content-Type"] == upload(KEY, BODY).type
    assert put.body == BODY


def test_a_long_body_is_announced_before_it_is_sent(liar: Liar, storage: S3Storage) -> None:
    for body, expected in ((bytes(8 * MEBIBYTE - 1), None), (bytes(8 * MEBIBYTE), "100-continue")):
        liar.script = holding(body, md5(body))
        liar.requests.clear()
        storage.put(upload("a.bin", body))
        assert expected == liar.requests[0].headers.get("Expect")


def test_an_acl_is_sent_only_where_one_is_configured(liar: Liar) -> None:
    liar.script = holding(BODY, MD5)
    S3Storage(S3Settings(bucket="bucket", endpoint=liar.endpoint, acl="public-read")).put(upload(KEY, BODY))
    assert liar.requests[0].headers["x-amz-acl"] == "public-read"


def test_a_store_that_ignores_the_range_is_cut_to_it(liar: Liar, storage: S3Storage) -> None:
    body = bytes(range(256)) * 4096
    liar.script = holding(body, md5(body))
    assert body[300_000:600_000] == b"".join(storage.read(KEY, 300_000, 300_000))
    assert body[700_000:] == b"".join(storage.read(KEY, 700_000))
    assert b"".join(storage.read(KEY, len(body), 5)) == b""


def test_a_store_that_sends_the_range_with_status_200_is_believed(liar: Liar, storage: S3Storage) -> None:
    liar.script = holding(BODY[4:8], MD5, **{"Content-Range": f"bytes 4-7/{len(BODY)}"})
    assert b"".join(storage.read(KEY, 4, 4)) == BODY[4:8]


def test_no_checksum_is_asked_for_with_a_part(liar: Liar, storage: S3Storage) -> None:
    liar.script = holding(BODY, MD5)
    list(storage.read(KEY, 4, 4))
    # Stores that have one of the whole send it beside the part, and botocore then takes the part for broken.
    assert "x-amz-checksum-mode" not in {name.lower() for name in liar.requests[0].headers}


def test_a_body_that_breaks_off_is_an_error_and_not_a_short_file(liar: Liar, storage: S3Storage) -> None:
    liar.script = lambda _: Answer(body=b"half", promised=8, headers={"ETag": '"x"'})
    with pytest.raises(StorageUnavailable, match=KEY):
        content(storage, KEY)


def test_busy_stores_are_asked_five_times(liar: Liar, storage: S3Storage) -> None:
    liar.script = one_after_another([refusal(503, "SlowDown"), refusal(500, "InternalError"), refusal(503, "x"), Answer(status=502)])
    with pytest.raises(StorageUnavailable, match="overloaded or out of order") as caught:
        storage.read(KEY)
    assert caught.value.exit_code == 5
    assert caught.value.hint
    assert liar.methods() == ["GET"] * 5


def test_a_store_that_recovers_is_forgiven(liar: Liar, storage: S3Storage) -> None:
    honest = holding(BODY, MD5)
    troubles = [refusal(503, "SlowDown"), refusal(500, "InternalError")]
    liar.script = lambda request: troubles.pop() if troubles else honest(request)
    told: list[int] = []
    assert storage.put(upload(KEY, BODY), told.append).length == len(BODY)
    assert told == [len(BODY)]
    assert liar.methods() == ["PUT", "PUT", "PUT", "HEAD"]


def test_an_error_inside_a_200_is_asked_again(liar: Liar, storage: S3Storage) -> None:
    honest = holding(BODY, MD5)
    troubles = [Answer(body=refusal(200, "InternalError").body)]
    liar.script = lambda request: troubles.pop() if troubles else honest(request)
    storage.put(upload(KEY, BODY))
    assert liar.methods() == ["PUT", "PUT", "HEAD"]
    assert [BODY, BODY] == [request.body for request in liar.requests[:2]]


def test_a_bucket_of_another_region_is_followed_there_and_remembered(liar: Liar) -> None:
    storage = S3Storage(S3Settings(bucket="bucket", endpoint=liar.endpoint))
    honest = holding(BODY, MD5)
    moved = refusal(400, "AuthorizationHeaderMalformed", more="<Region>eu-west-2</Region>")
    liar.script = lambda request: honest(request) if "/eu-west-2/s3/" in request.headers["Authorization"] else moved
    storage.put(upload(KEY, BODY))
    storage.put(upload(KEY, BODY))
    assert liar.methods() == ["PUT", "PUT", "HEAD", "PUT", "HEAD"]


def test_what_is_read_to_sign_it_is_not_told_as_sent(liar: Liar, storage: S3Storage) -> None:
    liar.script = holding(BODY, MD5)
    told: list[int] = []
    told_before: list[int] = []

    def note(**_: object) -> None:
        told_before.append(len(told))

    storage._client.meta.events.register("before-send.s3.PutObject", note)
    storage.put(upload(KEY, BODY), told.append)
    storage._client.meta.events.unregister("before-send.s3.PutObject", note)
    assert told_before == [0]
    assert told == [len(BODY)]


@pytest.mark.parametrize("body", [b"<ListBucketResult><Name>bucket</Name><Contents><Key>site/a.t", b"<html><p>Log in<br></html>"])
def test_an_answer_that_cannot_be_parsed_is_asked_for_again(liar: Liar, storage: S3Storage, body: bytes) -> None:
    liar.script = lambda _: Answer(body=body)
    with pytest.raises(StorageUnavailable) as caught:
        list(storage.list())
    assert "storage.endpoint" in caught.value.hint
    assert liar.methods() == ["GET"] * 5


def test_an_answer_that_lacks_what_it_must_say_is_an_error(liar: Liar) -> None:
    liar.script = lambda _: Answer(body=b"<InitiateMultipartUploadResult><Key>site/a</Key></InitiateMultipartUploadResult>")
    storage = S3Storage(S3Settings(bucket="bucket", endpoint=liar.endpoint), multipart_threshold=1)
    with pytest.raises(StorageError, match="does not answer as an S3 API"):
        storage.put(upload(KEY, BODY))


def test_parts_that_could_not_be_joined_are_an_error_though_the_status_is_200(liar: Liar) -> None:
    begun = Answer(body=b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>")

    def script(request: Request) -> Answer:
        if request.method == "POST":
            return begun if "?uploads" in request.path else Answer(body=refusal(200, "InternalError").body)
        return Answer(headers={"ETag": '"x"'}, body=b"<ListMultipartUploadsResult/>" if request.method == "GET" else b"")

    liar.script = script
    storage = S3Storage(S3Settings(bucket="bucket", endpoint=liar.endpoint), multipart_threshold=1)
    with pytest.raises(StorageUnavailable):
        storage.put(upload(KEY, BODY))


@pytest.mark.parametrize(
    ("answer", "message", "hint"),
    [
        (refusal(404, "NoSuchBucket"), "has no bucket bucket", "storage.url"),
        (refusal(403, "InvalidAccessKeyId"), "does not know the access key", "AWS_ACCESS_KEY_ID"),
        (refusal(403, "SignatureDoesNotMatch"), "does not accept the signature", "AWS_SECRET_ACCESS_KEY"),
        (refusal(403, "AccessDenied"), "does not allow it", "s3:ListBucket on the bucket bucket"),
        (refusal(403, "AccessDenied", None), "does not allow it", "s3:ListBucket"),
        (Answer(status=401), "does not allow it", "s3:ListBucket"),
        (refusal(403, "SomethingNew"), "does not allow it", "s3:ListBucket"),
        (refusal(403, "RequestTimeTooSkewed"), "clock", "NTP"),
        (refusal(400, "ExpiredToken"), "session of this key is over", "AWS_SESSION_TOKEN"),
        (refusal(400, "AuthorizationHeaderMalformed", more="<Region>eu-central-1</Region>"), "region: eu-central-1", "storage.region"),
        (refusal(400, "AuthorizationHeaderMalformed", None), "another region", "storage.region"),
        (refusal(301, "PermanentRedirect", headers={"x-amz-bucket-region": "eu-west-2"}), "region", "storage.region"),
        (refusal(400, "SomethingNew", "The moon is new."), "SomethingNew, HTTP 400, The moon is new.", "documentation"),
        (refusal(400, "SomethingNew", None), "SomethingNew, HTTP 400", "documentation"),
        (Answer(status=418), "does not answer as an S3 API", "storage.endpoint"),
        (Answer(status=400, body=b"Client sent an HTTP request to an HTTPS server."), "does not answer as an S3 API", "storage.endpoint"),
        (Answer(body=b"<html><title>Console</title></html>"), "does not answer as an S3 API", "storage.endpoint"),
    ],
)  # fmt: skip
def test_a_refusal_says_why_and_what_to_do(liar: Liar, storage: S3Storage, answer: Answer, message: str, hint: str) -> None:
    liar.script = lambda _: answer
    with pytest.raises(StorageError) as caught:
        list(storage.list())
    assert type(caught.value) is StorageError
    assert caught.value.message.startswith("Cannot list the files: ")
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_refusal_of_head_is_explained_by_get(liar: Liar, storage: S3Storage) -> None:
    liar.script = lambda request: Answer(status=403) if request.method == "HEAD" else refusal(403, "InvalidAccessKeyId")
    with pytest.raises(StorageError, match="does not know the access key"):
        storage.head(KEY)


def test_a_refusal_of_head_alone_names_the_right(liar: Liar, storage: S3Storage) -> None:
    liar.script = lambda request: Answer(status=403 if request.method == "HEAD" else 200, headers={"ETag": '"x"'})
    with pytest.raises(StorageError) as caught:
        storage.head(KEY)
    assert "s3:GetObject" in caught.value.hint


def test_a_key_that_may_not_list_can_still_ask_for_a_missing_file(liar: Liar, storage: S3Storage) -> None:
    liar.script = lambda request: Answer(status=404) if request.method == "HEAD" else refusal(403, "AccessDenied")
    assert storage.head(KEY) is None
    assert storage.head(KEY) is None
    assert liar.methods() == ["HEAD", "GET", "HEAD"]


@pytest.mark.parametrize(("status", "code"), [(501, "NotImplemented"), (400, "MissingContentMD5"), (405, "MethodNotAllowed")])
def test_a_store_without_bulk_deletes_is_asked_for_each(liar: Liar, storage: S3Storage, status: int, code: str) -> None:
    liar.script = lambda request: refusal(status, code) if request.method == "POST" else Answer(status=204)
    storage.delete(["a.txt", "b.txt"])
    assert [request.path for request in liar.requests if request.method == "DELETE"] == ["/bucket/site/a.txt", "/bucket/site/b.txt"]


def test_bulk_deletes_carry_their_hash_and_a_thousand_keys(liar: Liar, storage: S3Storage) -> None:
    liar.script = lambda _: Answer(body=b"<DeleteResult/>")
    storage.delete(f"{number}.txt" for number in range(2001))
    assert [request.body.count(b"<Key>") for request in liar.requests] == [1000, 1000, 1]
    for request in liar.requests:
        assert base64.b64encode(hashlib.md5(request.body).digest()).decode() == request.headers["Content-MD5"]


def test_a_file_that_cannot_be_deleted_is_an_error(liar: Liar, storage: S3Storage) -> None:
    failed = "<Error><Key>site/a.txt</Key><Code>{}</Code></Error>"
    liar.script = lambda _: Answer(body=f"<DeleteResult>{failed.format('NoSuchKey')}</DeleteResult>".encode())
    storage.delete(["a.txt"])
    liar.script = lambda _: Answer(body=f"<DeleteResult>{failed.format('AccessDenied')}</DeleteResult>".encode())
    with pytest.raises(StorageError, match="does not allow it"):
        storage.delete(["a.txt"])


def test_what_others_keep_under_the_prefix_is_not_listed(liar: Liar, storage: S3Storage) -> None:
    entry = "<Contents><Key>site/{}</Key><Size>1</Size><LastModified>2026-11-25T09:00:00.000Z</LastModified></Contents>"
    names = ("", "majlis/", "majlis/.hidden", "majlis/a b.txt", "majlis/a.txt")
    liar.script = lambda _: Answer(
        body=f"<ListBucketResult><Name>bucket</Name>{''.join(map(entry.format, names))}</ListBucketResult>".encode()
    )
    assert [each.key for each in storage.list()] == ["majlis/a.txt"]


@pytest.mark.parametrize("text", [f"Bad signature {'f' * 64}", f"the token {TOKEN}", f"secret {SECRET}", f"https://user:{SECRET}@host/"])
def test_no_secret_comes_through_an_unknown_refusal(liar: Liar, storage: S3Storage, text: str) -> None:
    liar.script = lambda _: refusal(400, "SomethingNew", text)
    with pytest.raises(StorageError) as caught:
        storage.read(KEY)
    assert caught.value.message == f"Cannot read {KEY}: {liar.endpoint[7:]} refuses it (SomethingNew, HTTP 400)."


def test_a_missing_object_is_not_found(liar: Liar, storage: S3Storage) -> None:
    liar.script = lambda _: refusal(404, "NoSuchKey")
    with pytest.raises(NotFound, match=KEY):
        storage.read(KEY)


def test_nothing_secret_is_logged(liar: Liar, storage: S3Storage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    liar.script = holding(BODY, MD5)
    storage.put(upload(KEY, BODY))
    for canary in (SECRET, TOKEN, "Signature="):
        assert canary not in caplog.text
    assert "Signature=" in liar.requests[0].headers["Authorization"]
