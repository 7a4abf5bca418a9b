"""A service that speaks OpenAI's protocol gets the audio and gives the words; what goes wrong is told, and never the key."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

import av
import pytest

from podcast.errors import FetchError, FetchUnavailable, MediaError, PodcastError
from podcast.hiding import hidden
from podcast.ingest import transcribe_api
from podcast.ingest.draft import read_audio
from podcast.ingest.staging import Staging
from podcast.ingest.transcribe_api import ask_for_transcript
from podcast.model import Episode, Transcript
from tests.make import make_episode
from tests.web import Web, serve_pages

pytestmark = pytest.mark.thorough

SPEECH = Path(__file__).parents[2] / "episodes" / "s01e01-welcome-to-majlis.mp3"
KEY = "sk-canary-of-a-service"
PATH = "/v1/audio/transcriptions"
WORDS = "WEBVTT\n\n00:01.000 --> 00:02.500\nСалам\n".encode()


@pytest.fixture
def web() -> Iterator[Web]:
    with serve_pages() as web:
        web.pages[PATH] = (200, {}, WORDS)
        yield web


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "staging")


@pytest.fixture
def episode(staging: Staging) -> Episode:
    audio, _ = read_audio(SPEECH, staging)
    return make_episode(audio=audio)


def ask(web: Web, episode: Episode, staging: Staging, language: str = "ky-Cyrl") -> tuple[Transcript, tuple[str, ...]]:
    return ask_for_transcript(episode, language, web.url("/v1/"), "whisper-1", KEY, staging)


def fields(headers: dict[str, str], body: bytes) -> dict[str, Message]:
    form = BytesParser().parsebytes(f"Content-Type: {headers['content-type']}\r\n\r\n".encode() + body)
    return {str(part.get_param("name", header="content-disposition")): part for part in form.get_payload()}  # type: ignore[misc, union-attr]


def sent(part: Message) -> bytes:
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body


def test_the_service_gets_audio_model_and_language_and_its_words_are_staged(web: Web, episode: Episode, staging: Staging) -> None:
    made, _ = ask(web, episode, staging)
    assert ("ky-Cyrl", WORDS.replace(b"00:0", b"00:00:0")) == (made.language, staging.path(made.sha256).read_bytes())
    ((path, headers, body),) = web.posted
    assert (PATH, f"Bearer {KEY}") == (path, headers["authorization"])
    form = fields(headers, body)
    assert (b"whisper-1", b"vtt", b"ky") == tuple(sent(form[name]) for name in ("model", "response_format", "language"))
    assert (SPEECH.read_bytes(), f"{episode.slug}.mp3") == (sent(form["file"]), form["file"].get_filename())


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"text": "Салам", "segments": [{"id": 0, "start": 1, "end": 2.5, "text": " Салам", "tokens": [1]}]}).encode(),
        "1\n00:00:01,000 --> 00:00:02,500\nСалам\n".encode(),
    ],
)
def test_other_forms_with_times_are_taken_too(web: Web, episode: Episode, staging: Staging, body: bytes) -> None:
    web.pages[PATH] = (200, {}, body)
    made, _ = ask(web, episode, staging)
    assert WORDS.replace(b"00:0", b"00:00:0") == staging.path(made.sha256).read_bytes()


def test_a_service_that_knows_no_webvtt_is_asked_for_what_it_knows(web: Web, episode: Episode, staging: Staging) -> None:
    web.pages[PATH] = (400, {}, b'{"error": {"message": "response_format must be one of [json text verbose_json]"}}')
    with pytest.raises(FetchError, match="response_format must be one of"):
        ask(web, episode, staging)
    assert [b"vtt", b"verbose_json"] == [sent(fields(headers, body)["response_format"]) for _, headers, body in web.posted]


def test_what_is_too_large_goes_as_speech(web: Web, staging: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    audio, _ = read_audio(next(SPEECH.parent.glob("*.m4a")), staging)
    episode = make_episode(audio=audio)
    # 22 seconds of 32 kbit/s are 88 kB.
    monkeypatch.setattr(transcribe_api, "LIMIT", 100_000)
    assert audio.length > 100_000
    ask(web, episode, staging)
    part = fields(*web.posted[0][1:])["file"]
    with av.open(io.BytesIO(sent(part)), "r") as container:
        stream = container.streams.audio[0]
        assert (16_000, 1) == (stream.codec_context.sample_rate, stream.codec_context.channels)
        assert abs(sum(packet.duration or 0 for packet in container.demux(stream)) * stream.time_base - episode.audio.duration) < 1  # type: ignore[operator]
    monkeypatch.setattr(transcribe_api, "LIMIT", 50_000)
    with pytest.raises(MediaError, match="too long to transcribe"):
        ask(web, episode, staging)
    assert 1 == len(web.posted)


@pytest.mark.parametrize(
    ("status", "body", "told", "kind"),
    [
        (401, json.dumps({"error": {"message": f"Incorrect API key: {KEY[:6]}"}}).encode(), "refuses the key", FetchError),
        (404, b"", "has no /audio/transcriptions", FetchError),
        (413, b"", "no file of this size", FetchError),
        (400, json.dumps({"error": {"message": "no such\x1b[31m model"}}).encode(), "answers 400. no such", FetchError),
        (400, b"[1]", "answers 400", FetchError),
        (503, b"<html>", "answers 503", FetchUnavailable),
        (200, b'{"text": "hi"}', "without the times", FetchError),
        (200, b"", "without the times", FetchError),
        (200, b'{"segments": [{"start": 1e99, "end": 2, "text": "hi"}]}', "no pair of times", MediaError),
        (302, b"", "answers 302", FetchError),
    ],
)
def test_what_it_refuses_is_told_and_nothing_is_staged(
    web: Web, episode: Episode, staging: Staging, status: int, body: bytes, told: str, kind: type[PodcastError]
) -> None:
    web.pages[PATH] = (status, {"Location": web.url("/elsewhere")}, body)
    before = set(staging.root.iterdir())
    with pytest.raises(PodcastError, match=told) as caught:
        ask(web, episode, staging)
    assert kind is type(caught.value)
    assert KEY[:6] not in f"{caught.value.message}{caught.value.hint}"
    assert [PATH] == web.seen
    assert before == set(staging.root.iterdir())


def test_nobody_there_is_told_and_the_key_is_hidden(web: Web, episode: Episode, staging: Staging, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FetchUnavailable, match="cannot be reached"):
        ask_for_transcript(episode, "en", "http://127.0.0.1:9/v1", "m", KEY, staging)
    monkeypatch.setenv(transcribe_api.KEY, KEY)
    assert "a *** b" == hidden(f"a {KEY} b")


def test_without_a_key_none_is_sent(web: Web, episode: Episode, staging: Staging) -> None:
    ask_for_transcript(replace(episode, language="tyv"), "tyv", web.url(PATH), "m", "", staging)
    assert "authorization" not in web.posted[0][1]
    assert "language" not in fields(*web.posted[0][1:])
