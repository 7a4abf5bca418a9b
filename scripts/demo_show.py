"""The demo itself, in the environment that scripts/demo has made: what a producer would type, typed by a program."""

import json
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHOW = ROOT / "episodes"
PODCAST = Path(sys.executable).with_name("podcast")
#: The long episode is encoded once and kept beside the environment.
LONG = Path(sys.prefix) / "kings-of-corruption.mp3"
DURATION = 34 * 60 + 52
RATE = 16_000


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="podcast-demo-") as folder:
        try:
            return demo(Path(folder), once="--once" in sys.argv[1:])
        except KeyboardInterrupt:
            return 0
        except subprocess.CalledProcessError as error:
            return int(error.returncode)


def demo(folder: Path, *, once: bool) -> int:
    port = free_port()
    make_project(folder, port)
    with subprocess.Popen([PODCAST, "serve", "--port", str(port)], cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        try:
            show_announcement(server)
            if once:
                check(f"http://127.0.0.1:{port}/")
            else:
                server.wait()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=10)
    return 0


def make_project(folder: Path, port: int) -> None:
    shutil.copytree(SHOW, folder / "episodes")
    if not LONG.exists():
        print("Encoding the episode of 0:34:52 (once)", flush=True)
        encode(SHOW / "s01e01-welcome-to-majlis.mp3", LONG)
    shutil.copy(LONG, folder / "episodes")
    podcast(
        folder, "init", ".", "--title", "Majlis", "--author", "Majlis", "--email", "desk@radio.example", "--language", "en",
        "--category", "News > Politics", "--description", "One question about Central Asia every week.", "--cover", "episodes/cover.jpg",
        "--public-url", f"http://127.0.0.1:{port}/",
    )  # fmt: skip
    podcast(folder, "add", "episodes")
    listing = subprocess.run([PODCAST, "list", "--draft", "--json"], cwd=folder, check=True, capture_output=True)
    drafts = [episode["slug"] for episode in json.loads(listing.stdout)["episodes"]]
    podcast(folder, "publish", "--yes", *drafts)


def podcast(folder: Path, *words: str) -> None:
    print(f"\n$ podcast {shlex.join(words)}", flush=True)
    subprocess.run([PODCAST, *words], cwd=folder, check=True)


def encode(speech: Path, target: Path) -> None:
    """Write an MP3 of exactly 0:34:52: the speech, then a quiet tone to its end."""
    import av
    import numpy as np

    with av.open(str(speech)) as source:
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=RATE)
        voice = np.concatenate([part.to_ndarray()[0] for frame in source.decode(audio=0) for part in resampler.resample(frame)])
    second = (300 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)).astype(np.int16)
    part = target.with_suffix(".part")
    with av.open(str(part), "w", format="mp3") as output:
        stream = output.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = 24_000
        stream.options = {"compression_level": "9"}
        for start in range(0, DURATION * RATE, RATE):
            said = voice[start : start + RATE]
            frame = av.AudioFrame.from_ndarray(np.concatenate([said, second[len(said) :]])[None, :], format="s16p", layout="mono")
            frame.sample_rate, frame.pts = RATE, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    part.replace(target)


def show_announcement(server: subprocess.Popen[str]) -> None:
    """Pass on what the server says until it has said where everything is."""
    for line in server.stdout or ():
        print(line, end="", flush=True)
        if line.strip().startswith("feed"):
            return
    sys.exit("Error: the server did not start.")


def check(base: str) -> None:
    """Fetch what an app and a browser would fetch, and compare."""
    feed, kind = fetch(base + "majlis/feed.xml")
    expect(kind.startswith("application/rss+xml") and feed.count(b"<item>") == 4, "the feed holds four episodes")
    expect(b"<itunes:duration>2092</itunes:duration>" in feed, "the feed says 2092 seconds")
    embed, _ = fetch(base + "majlis/embed/latest.html")
    text = embed.decode()
    for words in ("Majlis", "Latest episode", "Kings Of Corruption", "0:34:52"):
        expect(words in text, f"the embed says {words}")
    page, _ = fetch(base + "majlis/kings-of-corruption/index.html")
    expect(b"0:34:52" in page, "the page says 0:34:52")
    latest = json.loads(fetch(base + "majlis/latest.json")[0])
    media = json.dumps(latest).split('"url": "')[1].split('"')[0]
    start, kind = fetch(media, {"Range": "bytes=0-1"})
    expect((len(start), kind) == (2, "audio/mpeg"), "the audio answers to a range")


def fetch(url: str, headers: dict[str, str] | None = None) -> tuple[bytes, str]:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=10) as response:
        return response.read(), response.headers["Content-Type"]


def expect(true: bool, what: str) -> None:
    if not true:
        sys.exit(f"Error: not so: {what}.")
    print(f"Checked: {what}")


def free_port() -> int:
    """Return 8000, or a free port where that is taken."""
    for port in (8000, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    sys.exit("Error: no port is free.")


if __name__ == "__main__":
    sys.exit(main())
