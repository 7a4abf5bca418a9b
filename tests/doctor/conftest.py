"""A project to be examined, on each kind of storage."""

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from podcast.catalogue import open_catalogue
from podcast.config import CatalogueSettings, Config, FeedSettings, Project, StorageSettings
from podcast.doctor import CHECKS, Patient, Row, examine
from podcast.storage.probe import PREFIX
from podcast.storage.s3_client import open_session
from tests.make import make_show
from tests.servers import S3Server

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

Rows = dict[str, Row]
Examine = Callable[..., Rows]


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def examined(tmp_path: Path) -> Examine:
    """Return a function that examines a project with these settings, and returns its rows by id."""

    def run(
        *,
        fix: bool = False,
        machine: bool = True,
        clock: Callable[[], datetime] = clock,
        public_url: str = "http://127.0.0.1:9/",
        catalogue: str = f"sqlite:///{tmp_path}/catalogue.db",
        gzip: bool = False,
        **storage: Any,
    ) -> Rows:
        if machine and not (tmp_path / "catalogue.db").exists():
            with open_catalogue(f"sqlite:///{tmp_path}/catalogue.db", create=True) as made:
                made.add_show(make_show())
        config = Config(
            public_url=public_url,
            catalogue=CatalogueSettings(url=catalogue),
            feed=FeedSettings(gzip=gzip),
            storage=StorageSettings(**storage),
        )
        patient = Patient(lambda: Project(root=tmp_path, config=config), clock)
        checks = [check for check in CHECKS if machine or check.id.startswith(("storage.", "public."))]
        return {row.id: row for row in examine(patient, checks, fix=fix)}

    return run


def verdicts(rows: Rows) -> dict[str, list[str]]:
    """Return the ids of the rows by verdict, without those that are well."""
    found: dict[str, list[str]] = {}
    for row in rows.values():
        found.setdefault(row.verdict.value, []).append(row.id)
    return {verdict: ids for verdict, ids in found.items() if verdict != "ok"}


def client(server: S3Server, access: str = "", secret: str = "") -> "S3Client":
    """Return a client of the server's keeper, or of somebody else."""
    session = open_session(access or server.access_key, secret or server.secret_key)
    verify = str(server.ca) if server.ca else True
    made: S3Client = session.client("s3", endpoint_url=server.endpoint, verify=verify, region_name="us-east-1")
    return made


def log_in(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in server.environment.items():
        monkeypatch.setenv(variable, value)
    if server.ca:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca))


def leftovers(server: S3Server, bucket: str) -> list[str]:
    """Return what the doctor left in a bucket: files, and uploads in parts."""
    keeper = client(server)
    files = [each["Key"] for each in keeper.list_objects_v2(Bucket=bucket).get("Contents", [])]
    uploads = [each["Key"] for each in keeper.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]
    keeper.close()
    return [key for key in files + uploads if PREFIX in key]


def open_to_listeners(server: S3Server, bucket: str) -> str:
    """Let everybody read the objects of a MiniStack bucket, and return its public address."""
    keeper = client(server)
    keeper.delete_public_access_block(Bucket=bucket)
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    keeper.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
    keeper.close()
    return f"{server.endpoint}/{bucket}/"


def without(server: S3Server, right: str) -> S3Server:
    """Return MiniStack for a key that has every right but one."""
    iam = open_session(server.access_key, server.secret_key).client("iam", endpoint_url=server.endpoint, region_name="us-east-1")
    name = f"user-{secrets.token_hex(4)}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    rules = [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": right, "Resource": "*"}]
    iam.put_user_policy(UserName=name, PolicyName="rights", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": rules}))
    iam.close()
    return replace(server, access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"])
