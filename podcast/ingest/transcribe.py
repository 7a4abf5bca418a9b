"""A transcript by a command of the operator's, which listens to the audio and prints the words."""

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Final

from podcast.errors import ConfigError, MediaError
from podcast.formats.text import clean
from podcast.formats.transcripts import MAX_BYTES
from podcast.model import Episode, Transcript
from podcast.site import EXTENSIONS

from .draft import store_transcript
from .staging import Staging

#: Seconds that it may take for a second of sound, and at least.
_SLOW, _LEAST = 10, 600
_SAID: Final = 300


def transcribe(episode: Episode, language: str, command: str, staging: Staging, *, folder: Path) -> tuple[Transcript, tuple[str, ...]]:
    """Let a command write the transcript of an episode; return it, staged, with what is wrong with its times.

    The command runs in ``folder`` without a shell, gets the audio file as its last word and the language (BCP 47) as
    PODCAST_LANGUAGE. MediaError where it fails or prints no transcript.
    """
    with TemporaryDirectory() as there, TemporaryFile() as out, TemporaryFile() as said:
        # By its name many programs tell what a file is.
        path = Path(there) / f"{episode.slug}.{EXTENSIONS[episode.audio.media_type]}"
        path.symlink_to(staging.path(episode.audio.sha256).absolute())
        environment = _environment(os.environ) | {"PODCAST_LANGUAGE": language}
        try:
            ran = subprocess.run(  # noqa: S603 - the operator's own words
                [*shlex.split(command), str(path)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=said,
                cwd=folder,
                env=environment,
                timeout=max(_LEAST, episode.audio.duration * _SLOW),
                check=False,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "its quotes do not match"
            raise ConfigError(f"[transcribe] command cannot be run: {reason}", hint="See `podcast help config`.") from error
        except subprocess.TimeoutExpired as error:
            raise MediaError(f"[transcribe] command was stopped: it took longer than {error.timeout:g} s") from error
        if ran.returncode:
            said.seek(max(said.tell() - _SAID, 0))
            lines = said.read().decode(errors="replace").strip().splitlines()
            words = clean(lines[-1] if lines else "it said nothing", limit=_SAID)
            raise MediaError(f"[transcribe] command failed with {ran.returncode}: {words}", hint="Run it by hand with the audio file.")
        out.seek(0)
        name = f"The transcript of {episode.slug} that the command printed"
        return store_transcript(out.read(MAX_BYTES + 1), name, staging, language, episode.audio.duration)


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without our own secrets and settings."""
    return {name: value for name, value in ours.items() if not name.startswith(("PODCAST_", "AWS_"))}
