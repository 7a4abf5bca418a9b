"""Who is told what: nobody but those that were configured, each as its own documentation wants it."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from podcast.notify import silence, targets
from podcast.site import Site
from tests.make import make_episode, make_show

from .conftest import FEED, OK, PODCAST_INDEX, PODPING, Office

SECRET = "tea-at-four"


def configured(office: Office, **show: Any) -> list[str]:
    """Return who is told where everything is configured."""
    office.configure(
        hubs=(office.web.url("/hub"),), podcast_index=True, command="true", webhook=office.web.url("/hook"), podping_token="token"
    )
    return targets(office.settings, make_show(podping=True, **show))


def test_nobody_is_told_by_default(office: Office) -> None:
    assert [] == office.publish(1)
    assert [] == office.web.seen


def test_all_that_are_configured_are_told(office: Office) -> None:
    assert [f"hub {office.web.url('/hub')}", "podcast-index", "podping", "command", "webhook"] == configured(office)


def test_directories_are_not_told_of_a_show_that_is_hidden_from_them(office: Office) -> None:
    assert ["command", "webhook"] == configured(office, block=True)


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000/", "http://localhost/", "http://[::1]:8000/", "http://0.0.0.0/"])
def test_nobody_is_told_of_what_nobody_could_fetch(office: Office, base: str) -> None:
    office.configure(site=Site(base))
    assert [] == configured(office)
    assert "Nobody is told" in silence(office.settings, make_show())


def test_podping_is_told_with_a_token_alone_and_its_lack_is_told(office: Office) -> None:
    show = make_show(podping=True)
    assert [] == targets(office.settings, show)
    assert "PODCAST_PODPING_TOKEN is not set" in silence(office.settings, show)
    office.configure(podping_token="token")
    assert (["podping"], "") == (targets(office.settings, show), silence(office.settings, show))


def test_a_hub_gets_the_form_with_both_names_of_the_feed(office: Office) -> None:
    hubs = (office.web.url("/one"), office.web.url("/two"))
    office.configure(hubs=hubs)
    office.web.pages |= {"/one": (202, {}, b""), "/two": (204, {"Content-Length": "0"}, b"")}
    assert [True, True] == [one.done for one in office.publish(1)]
    assert ["/one", "/two"] == sorted(path for path, _, _ in office.web.posted)
    for _, headers, body in office.web.posted:
        assert "application/x-www-form-urlencoded" == headers["content-type"]
        assert {"hub.mode": ["publish"], "hub.url": [FEED], "hub.topic": [FEED]} == parse_qs(body.decode())


def test_podping_gets_the_feed_and_the_token_as_it_is(office: Office) -> None:
    headers: dict[str, str] = {}

    def page(handler: Any) -> None:
        headers.update({name.lower(): value for name, value in handler.headers.items()})
        handler.send_response(200)
        handler.end_headers()

    office.catalogue.change_show("majlis", office.now, podping=True)
    office.configure(podping_token="Blah^^123")
    office.web.pages[PODPING] = page
    assert [("podping", True, "200")] == [(one.target, one.done, one.answer) for one in office.publish(1)]
    assert "Blah^^123" == headers["authorization"]
    assert headers["user-agent"].startswith("podcast/")


def test_podping_hears_of_the_medium(office: Office) -> None:
    office.catalogue.change_show("majlis", office.now, podping=True, medium="music")
    office.configure(podping_token="token")
    office.web.pages[PODPING.replace("medium=podcast", "medium=music")] = OK
    assert [True] == [one.done for one in office.publish(1)]


def test_podcast_index_gets_the_feed_without_a_key(office: Office) -> None:
    office.configure(podcast_index=True)
    office.web.pages[PODCAST_INDEX] = OK
    assert [True] == [one.done for one in office.publish(1)]


def test_only_addresses_that_the_operator_gave_may_be_private(office: Office) -> None:
    office.catalogue.change_show("majlis", office.now, podping=True)
    configured(office)
    office.publish(1)
    local = office.web.url("").split("/")[2]
    assert {local: True, "podping.cloud": False, "api.podcastindex.org": False} == office.allowed


def hooked(office: Office, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body that a webhook gets."""
    office.configure(webhook=office.web.url("/hook"), webhook_secret=secret)
    office.web.pages["/hook"] = OK
    assert [True] == [one.done for one in office.publish(7)]
    _, headers, body = office.web.posted[0]
    return headers, body


@pytest.mark.parametrize("secret", [SECRET, "whsec_" + base64.b64encode(b"raw key \xff").decode()])
def test_a_webhook_is_signed_as_standard_webhooks_has_it(office: Office, secret: str) -> None:
    headers, body = hooked(office, secret)
    key = b"raw key \xff" if secret.startswith("whsec_") else secret.encode()
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert f"v1,{signature}" == headers["webhook-signature"]
    assert str(int(office.now.timestamp())) == headers["webhook-timestamp"]


def test_a_webhook_says_what_was_published(office: Office) -> None:
    headers, body = hooked(office)
    document = json.loads(body)
    assert "application/json" == headers["content-type"]
    assert ("feed.published", "majlis", 7, FEED) == (document["type"], *(document["data"][name] for name in ("show", "revision", "feed")))
    (episode,) = document["data"]["episodes"]
    known = make_episode()
    assert (known.guid, known.title, 2092) == (episode["guid"], episode["title"], episode["duration"])
    assert 33_472_000 == episode["enclosure"]["length"]


def test_a_repetition_has_the_same_name_and_body_and_another_signature(office: Office) -> None:
    office.configure(webhook=office.web.url("/hook"), webhook_secret=SECRET)
    office.web.pages["/hook"] = (500, {}, b"")
    office.publish(1)
    office.web.pages["/hook"] = OK
    assert [True] == [one.done for one in office.run(hours=1)]
    (_, first, body), (_, second, again) = office.web.posted
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert first["webhook-signature"] != second["webhook-signature"]
    office.publish(2)
    assert second["webhook-id"] != office.web.posted[-1][1]["webhook-id"]


def test_nothing_goes_out_unsigned(office: Office) -> None:
    office.configure(webhook=office.web.url("/hook"))
    assert ["PODCAST_WEBHOOK_SECRET is not set, and nothing goes out unsigned"] == [one.answer for one in office.publish(1)]
    assert [] == office.web.seen


def test_who_is_configured_no_more_is_not_told(office: Office) -> None:
    office.configure(hubs=(office.web.url("/hub"),))
    office.published(1)
    office.configure(hubs=())
    assert ["is not configured any more"] == [one.answer for one in office.run()]
    assert [] == office.web.seen


def test_secrets_stand_in_no_repr_and_in_no_answer_that_repeats_them(office: Office) -> None:
    settings = replace(office.settings, webhook_secret=SECRET, podping_token="token-1", webhook=office.web.url("/hook"))
    assert SECRET not in repr(settings)
    assert "token-1" not in repr(settings)
    office.settings = settings
    office.web.pages["/hook"] = (403, {}, f"Not with {SECRET} or token-1!".encode())
    assert ["403: Not with *** or ***!"] == [one.answer for one in office.publish(1)]
