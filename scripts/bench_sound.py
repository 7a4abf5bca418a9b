"""The cases of scripts/bench about sound: the analysis, a clip far into a file, a gain without loss. Seconds of CPU, best of three."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
from bench_ingest import cpu

from podcast.ingest import gain
from podcast.ingest.analyse import analyse
from podcast.ingest.clip import Span, cut_clip

RATE = 44_100
MINUTES = 35
FILTERS = "ebur128=peak=true:framelog=quiet,astats,silencedetect"
Tell = Callable[[str, float, str, float], None]


def sound(folder: Path, tell: Tell) -> None:
    """Tell what a full analysis costs beside decoding alone and beside the ffmpeg command, and how much memory it takes."""
    path, long = folder / "episode.mp3", folder / "long.mp3"
    minute = talk(folder)
    path.write_bytes(minute * MINUTES)
    long.write_bytes(minute * 180)
    ffmpeg = shutil.which("ffmpeg")
    command = [ffmpeg, "-nostdin", "-v", "error", "-i", str(path), "-af", FILTERS, "-f", "null", "-"]
    rounds = [
        (cpu(lambda: measured(path)), cpu(lambda: decoded(path)), cpu(lambda: subprocess.run(command, check=True)) if ffmpeg else 0.0)
        for _ in range(3)
    ]
    ours, bare, theirs = (min(spans) for spans in zip(*rounds, strict=True))
    tell(f"full analysis of {MINUTES} min of stereo", ours, "decoding alone, PyAV", bare)
    if ffmpeg:
        tell("the same", ours, "ffmpeg: ebur128, astats, silencedetect", theirs)
    for name, file in ((f"{MINUTES} min", path), ("3 h", long)):
        print(f"the most memory that the analysis of {name} takes: {memory(file)} MB", flush=True)
    span = Span(path=long, name="It", media_type="audio/mpeg", start=9_000, length=30)
    print(f"a clip of 30 s at 2:30:00 of 3 h: {min(cpu(lambda: cut_clip(span)) for _ in range(3)):.2f} s", flush=True)
    quieter(folder, minute, tell)


def quieter(folder: Path, minute: bytes, tell: Tell) -> None:
    """Make five minutes 1.5 dB quieter, and back again; beside it, decoding and encoding them."""
    path, down, back = folder / "five.mp3", folder / "down.mp3", folder / "back.mp3"
    path.write_bytes(minute * 5)
    ours = min(cpu(lambda: shifted(path, down, -1)) for _ in range(3))
    shifted(down, back, 1)
    assert back.read_bytes() == path.read_bytes() != down.read_bytes()
    theirs = min(cpu(lambda: encoded(path, folder / "new.mp3")) for _ in range(2))
    tell("5 min 1.5 dB quieter; back again byte for byte", ours, "encoding anew", theirs)


def shifted(path: Path, target: Path, steps: int) -> None:
    with path.open("rb") as source, target.open("w+b") as out:
        gain.shift_mp3(source, out, steps=steps)


def encoded(path: Path, target: Path) -> None:
    """Encode with the ffmpeg command, whose LAME is quicker than that of some PyAV, or else with PyAV."""
    if ffmpeg := shutil.which("ffmpeg"):
        command = [ffmpeg, "-nostdin", "-v", "error", "-y", "-i", str(path), "-af", "volume=-1.5dB", "-b:a", "128k", str(target)]
        subprocess.run(command, check=True)
        return
    with av.open(str(path)) as source, av.open(str(target), "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=RATE, layout="stereo")
        stream.bit_rate = 128_000
        for frame in source.decode(audio=0):
            frame.pts = None
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def talk(folder: Path) -> bytes:
    """Return a minute of two voices with pauses, as MP3: what has no head can be put together."""
    time, random = np.arange(RATE * 60) / RATE, np.random.default_rng(1)
    said = np.clip(np.sin(2 * np.pi * 3.1 * time) + 0.3 * np.sin(2 * np.pi * 0.37 * time), 0, None) * (np.sin(0.3 * time) > -0.8)
    phase = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2.5 * time)) / RATE
    voice = 0.18 * said * sum(np.sin(part * phase + part) / part for part in range(1, 25)) + 0.01 * said * random.standard_normal(len(time))
    both = np.stack([voice, 0.9 * voice + 0.01 * np.sin(2000 * time)]).astype(np.float32)
    path = folder / "minute.mp3"
    with av.open(str(path), "w", format="mp3", options={"id3v2_version": "0", "write_xing": "0"}) as out:
        stream = out.add_stream("libmp3lame", rate=RATE, layout="stereo")
        stream.bit_rate = 128_000
        for at in range(0, both.shape[1], 1152):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(both[:, at : at + 1152]), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = RATE, at
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path.read_bytes()


def decoded(path: Path) -> None:
    with av.open(str(path)) as container:
        container.streams.audio[0].codec_context.thread_count = 1
        for _ in container.decode(audio=0):
            pass


def measured(path: Path) -> None:
    with path.open("rb") as file:
        analyse(file, 3 * 3600)


def memory(path: Path) -> int:
    """Return the megabytes that a process which analyses a file has at the most, as Linux counts them."""
    code = "import re, sys; from podcast.ingest.measure import measure; measure(open(sys.argv[1], 'rb'), lambda _: None); "
    words = [sys.executable, "-c", code + "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])", str(path)]
    run = subprocess.run(words, check=True, capture_output=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    return int(run.stdout) // 1024


if __name__ == "__main__":
    sys.exit("Run scripts/bench analyse.")
