"""The case ``upload`` of scripts/bench: the same files to the same server over TLS, by podcast.storage and by what others use."""

import asyncio
import hashlib
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from podcast.site import cache_control
from podcast.storage import Upload
from podcast.storage.pool import put_all
from podcast.storage.s3 import S3Settings, S3Storage

ROOT = Path(__file__).resolve().parent.parent
MEBIBYTE = 1 << 20
#: Seconds of one way: 40 ms there and back.
DELAY = 0.02


def upload(folder: Path) -> None:
    """Upload ten long files, and 200 short ones over 40 ms; beside it, obstore, rclone copy and boto3's upload_file."""
    sys.path.insert(0, str(ROOT))
    from tests.servers import rclone

    long = files(folder / "long", 10, 32 * MEBIBYTE)
    short = files(folder / "short", 200, MEBIBYTE // 4)
    (folder / "server").mkdir()
    with rclone(folder / "server") as server:
        os.environ.update(server.environment)
        bucket = server.make_bucket()
        compare("upload 10 x 32 MiB", long, server.endpoint, bucket, ["podcast", "obstore", "rclone", "boto3"])
        with delayed(server.endpoint) as far:
            compare("upload 200 x 256 KiB at 40 ms", short, far, bucket, ["podcast", "obstore", "obstore+head", "rclone"])
        for size in (16, 256):
            one = files(folder / f"one-{size}", 1, size * MEBIBYTE)
            print(f"memory for one file of {size} MiB: {send('podcast', one, server.endpoint, bucket)[1]:.0f} MB at the most")


def compare(what: str, folder: Path, endpoint: str, bucket: str, clients: Sequence[str], rounds: int = 5) -> None:
    """Let the clients take turns, and print the median of each and how ours stands to it."""
    spans: dict[str, list[float]] = {client: [] for client in clients}
    for _ in range(rounds):
        for client in clients:
            spans[client].append(send(client, folder, endpoint, bucket)[0])
    ours = statistics.median(spans["podcast"])
    for client in clients[1:]:
        other = statistics.median(spans[client])
        print(f"{what:<58} {ours * 1000:>10.1f} ms   {ours / other:>7.2f} x  {client} ({other * 1000:.1f} ms)", flush=True)


def send(client: str, folder: Path, endpoint: str, bucket: str) -> tuple[float, float]:
    """Let a process of its own upload the folder; return its seconds, without those of its start, and its peak of memory in MB."""
    words = [sys.executable, __file__, client, str(folder), endpoint, bucket]
    seconds, memory = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(memory)


def files(folder: Path, count: int, length: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:04}.mp3").write_bytes(os.urandom(MEBIBYTE // 4) * (length // (MEBIBYTE // 4)))
    return folder


def by_podcast(paths: Sequence[Path], endpoint: str, bucket: str) -> Callable[[], object]:
    storage = S3Storage(S3Settings(bucket=bucket, prefix="podcast", endpoint=endpoint))
    uploads = [
        Upload(
            key=path.name,
            body=path,
            length=path.stat().st_size,
            # Ingest knows it already.
            md5=hashlib.file_digest(path.open("rb"), "md5").hexdigest(),
            type="audio/mpeg",
            cache_control=cache_control(path.name),
        )
        for path in paths
    ]
    storage.head("nothing.mp3")
    return lambda: list(put_all(storage, uploads))


def by_obstore(paths: Sequence[Path], endpoint: str, bucket: str, *, head: bool = False) -> Callable[[], object]:
    """``head``: ask for each file afterwards, as we do and obstore does not by itself."""
    from obstore.store import S3Store

    store = S3Store(bucket, prefix="obstore", endpoint=endpoint, region="us-east-1", client_options={"allow_invalid_certificates": True})
    workers = S3Storage.workers if len(paths) > 16 else 4

    def send(path: Path) -> None:
        store.put(path.name, path)
        if head and store.head(path.name)["size"] != path.stat().st_size:
            raise AssertionError(path)

    def work() -> None:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(send, paths))

    return work


def by_rclone(paths: Sequence[Path], endpoint: str, bucket: str) -> Callable[[], object]:
    remote = f":s3,provider=Other,env_auth,force_path_style,no_check_bucket,endpoint='{endpoint}':{bucket}/rclone-{time.time_ns()}"
    command = [Path(sys.executable).with_name("rclone"), "copy", "--config", os.devnull, "--ca-cert", os.environ["AWS_CA_BUNDLE"]]
    command += ["--transfers", str(S3Storage.workers if len(paths) > 16 else 4), paths[0].parent, remote]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def by_boto3(paths: Sequence[Path], endpoint: str, bucket: str) -> Callable[[], object]:
    import boto3
    from botocore.config import Config

    config = Config(request_checksum_calculation="when_required", response_checksum_validation="when_required")
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", config=config)

    def work() -> None:
        for path in paths:
            client.upload_file(str(path), bucket, f"boto3/{path.name}")

    return work


@contextmanager
def delayed(endpoint: str) -> Iterator[str]:
    """Run a way to the server on which every byte takes DELAY longer in each direction; as wide as the machine is."""
    host = urlsplit(endpoint)
    process = subprocess.Popen(
        [sys.executable, __file__, "delay", str(host.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdin
    try:
        yield f"{host.scheme}://{host.hostname}:{process.stdout.readline().strip()}"
    finally:
        process.stdin.close()
        process.wait()


async def delay(port: int) -> None:
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while block := await reader.read(MEBIBYTE):
            loop.call_later(DELAY, writer.write, block)
        loop.call_later(DELAY, writer.close)

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # What the handshake of TCP would take.
        await asyncio.sleep(2 * DELAY)
        back, on = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, on), pump(back, writer), return_exceptions=True)

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def main(client: str, folder: str, endpoint: str, bucket: str) -> None:
    proven = partial(by_obstore, head=True)
    make = {"podcast": by_podcast, "obstore": by_obstore, "obstore+head": proven, "rclone": by_rclone, "boto3": by_boto3}[client]
    work = make(sorted(Path(folder).iterdir()), endpoint, bucket)
    begin = time.perf_counter()
    work()
    seconds = time.perf_counter() - begin
    # Not ru_maxrss, which begins with that of the process which started this one.
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    print(seconds, int(peak[1]) / 1024 if peak else 0)


if __name__ == "__main__":
    if sys.argv[1] == "delay":
        asyncio.run(delay(int(sys.argv[2])))
    else:
        main(*sys.argv[1:])
