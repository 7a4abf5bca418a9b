"""A transcript by a service that speaks OpenAI's protocol: theirs, or a newsroom's own whisper server."""

import json
from contextlib import suppress
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import Final

import msgspec

from podcast.errors import FetchError, FetchUnavailable, MediaError
from podcast.fetch import Probed, post_form
from podcast.formats.text import clean
from podcast.formats.transcripts import MAX_BYTES, to_vtt
from podcast.model import Cue, Episode, Transcript
from podcast.site import EXTENSIONS

from .draft import store_transcript
from .files import open_regular
from .refusal import naming
from .sandbox import SECONDS, run
from .staging import Staging

#: Where the key is looked for; no other place has it.
KEY: Final = "PODCAST_TRANSCRIBE_KEY"
#: Bytes that such services take.
LIMIT: Final = 25_000_000
#: Seconds that it may take for a second of sound, and at least.
_SLOW, _LEAST = 2, 600
_PATH: Final = "/audio/transcriptions"
#: Seconds of sound that are made smaller in a second, at worst.
_SPEED: Final = 20
_BY_HAND: Final = "[transcribe] command may take files of any length."


class _Segment(msgspec.Struct):
    start: float
    end: float
    text: str


class _Verbose(msgspec.Struct):
    segments: list[_Segment]


def ask_for_transcript(
    episode: Episode, language: str, url: str, model: str, key: str, staging: Staging
) -> tuple[Transcript, tuple[str, ...]]:
    """Let the service at ``url`` (https://api.openai.com/v1) listen; return the transcript, staged, with what is wrong with its times.

    Audio of more than 25 MB goes there smaller, as speech. A ``url`` is the operator's own: it may lie in a private network.
    MediaError where that is still too large, FetchError where the service gives no transcript.
    """
    sound, ending = _sound(episode, staging)
    if len(sound) > LIMIT:
        raise MediaError(f"{episode.slug} is too long to transcribe: more than {LIMIT // 1_000_000} MB as speech.", hint=_BY_HAND)
    fields: dict[str, str | tuple[str, bytes, str]] = {
        "file": (f"{episode.slug}.{ending}", sound, episode.audio.media_type if ending != "mp3" else "audio/mpeg"),
        "model": model,
    }
    # These services know languages, and neither scripts nor regions.
    if len(short := language.partition("-")[0]) == 2:
        fields["language"] = short
    address = url.rstrip("/").removesuffix(_PATH) + _PATH
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    seconds = max(_LEAST, episode.audio.duration * _SLOW)
    for form in ("vtt", "verbose_json"):
        answer = post_form(address, fields | {"response_format": form}, headers=headers, limit=MAX_BYTES, seconds=seconds)
        # Some services know no other form with times than their own.
        if answer.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY} or b"response_format" not in answer.body:
            break
    if answer.status != HTTPStatus.OK:
        raise _refusal(answer)
    words = _timed(answer.body)
    return store_transcript(words, f"The transcript of {episode.slug} that came.vtt", staging, language, episode.audio.duration)


def _timed(body: bytes) -> bytes:
    """Return an answer as WebVTT or SRT, also where it is the protocol's own JSON; FetchError where it has no times."""
    with suppress(msgspec.MsgspecError, RecursionError):
        segments = msgspec.json.decode(body, type=_Verbose).segments
        return to_vtt(Cue(start=one.start, end=one.end, text=one.text.strip()) for one in segments)
    if body.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT") or b"-->" in body:
        return body
    raise FetchError(
        "[transcribe] url answers without the times of the words.",
        hint='Name a model that knows response_format=vtt or verbose_json: model = "whisper-1".',
    )


def _sound(episode: Episode, staging: Staging) -> tuple[bytes, str]:
    """Return what is sent, and how its name ends: the audio as it is, or as speech where it is too large."""
    audio = episode.audio
    with naming(f"The audio of {episode.slug}"), open(open_regular(staging.path(audio.sha256)), "rb") as file:  # noqa: PTH123
        if audio.length <= LIMIT:
            return file.read(), EXTENSIONS[audio.media_type]
        with TemporaryFile() as small:
            run(
                "snippet:speech",
                type(None),
                file,
                small,
                media_type=audio.media_type,
                seconds=SECONDS + audio.duration / _SPEED,
                writes=LIMIT * 4,
            )
            small.seek(0)
            return small.read(LIMIT + 1), "mp3"


def _refusal(answer: Probed) -> FetchError:
    said = ""
    with suppress(ValueError, TypeError, KeyError):
        said = clean(str(json.loads(answer.body)["error"]["message"]), limit=200)
    match answer.status:
        case 401 | 403:
            # What it says of a key may hold some of it.
            return FetchError("[transcribe] url refuses the key.", hint=f"Set {KEY} to one that may transcribe.")
        case 404 | 405:
            return FetchError(f"[transcribe] url has no {_PATH}.", hint='Write it up to the version: url = "https://api.openai.com/v1".')
        case 413:
            return FetchError("[transcribe] url takes no file of this size.", hint=_BY_HAND)
        case 408 | 429 | 500 | 502 | 503 | 504:
            return FetchUnavailable(
                f"[transcribe] url answers {answer.status}. {said}".strip(), hint="It is busy or broken: try again later."
            )
    return FetchError(f"[transcribe] url answers {answer.status}. {said}".strip(), hint="Check url and model in podcast.toml.")
