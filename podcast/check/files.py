"""A file that somebody wants checked: an audio file."""

from collections.abc import Iterator
from pathlib import Path

from podcast.ingest.media import read_media
from podcast.model import Audio

from .rules import Finding
from .run import check_audio


def check_file(path: Path) -> Iterator[Finding]:
    """Yield what is wrong with a file; MediaError where it is no audio that we publish."""
    media = read_media(path, path.name)
    facts = media.facts
    audio = Audio(
        sha256="",
        md5="",
        length=path.stat().st_size,
        media_type=facts.media_type,
        duration=facts.duration,
        bitrate=facts.bitrate,
        sample_rate=facts.sample_rate,
        channels=facts.channels,
    )
    return check_audio(audio, media.tags.chapters, (*facts.warnings, *media.tags.warnings), path.name)
