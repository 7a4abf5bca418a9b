"""What comes with a file: its type, how long it may be kept, who may read and frame it, and the gzip of it."""

import gzip

import pytest

from podcast.player.policy import content_security_policy
from podcast.server.app import create_app
from podcast.site import FEED as FEED_CACHE
from podcast.site import FRESH, IMMUTABLE, Site
from podcast.storage.memory import MemoryStorage
from tests.server.conftest import AUDIO, FEED, FILES, MEDIA, PAGE
from tests.serving import Answer, ask, serving, store

CHANGING = {"date"}


def plain(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in CHANGING}


@pytest.mark.parametrize("key", FILES)
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_answers_what_get_answers(base: str, key: str, encoding: str) -> None:
    get, head = (ask(base, f"/{key}", {"Accept-Encoding": encoding}, method) for method in ("GET", "HEAD"))

    assert (200, b"") == (head.status, head.body)
    assert plain(get) == plain(head)
    assert str(len(get.body)) == get.headers["content-length"]


@pytest.mark.parametrize(
    ("path", "media_type", "cache"),
    [
        ("/majlis/feed.xml", "application/rss+xml; charset=utf-8", FEED_CACHE),
        ("/majlis/latest.json", "application/json; charset=utf-8", FRESH),
        ("/majlis/kings-of-corruption/chapters.json", "application/json+chapters; charset=utf-8", FRESH),
        ("/majlis/kings-of-corruption/transcript.vtt", "text/vtt; charset=utf-8", FRESH),
        ("/majlis/index.html", "text/html; charset=utf-8", FRESH),
        ("/majlis/art/abababababab-1400.jpg", "image/jpeg", IMMUTABLE),
        ("/assets/player-abababababab.js", "text/javascript; charset=utf-8", IMMUTABLE),
        (MEDIA, "audio/mpeg", IMMUTABLE),
    ],
)
def test_a_file_has_its_type_and_may_be_kept_as_long_as_its_name_says(base: str, path: str, media_type: str, cache: str) -> None:
    headers = ask(base, path).headers

    assert media_type == headers["content-type"]
    assert cache == headers["cache-control"]
    assert "bytes" == headers["accept-ranges"]
    assert '"' == headers["etag"][0] == headers["etag"][-1]
    assert "nosniff" == headers["x-content-type-options"]


def test_the_bytes_are_those_in_storage(base: str) -> None:
    assert FILES == {key: ask(base, f"/{key}").body for key in FILES}


@pytest.mark.parametrize("path", ["/", "/index.html", "/majlis/", "/majlis/kings-of-corruption/"])
def test_a_folder_is_its_page(base: str, path: str) -> None:
    assert (200, PAGE) == (ask(base, path).status, ask(base, path).body)


@pytest.mark.parametrize("path", ["/majlis", "/majlis/kings-of-corruption"])
def test_a_folder_without_its_slash_leads_to_its_page(base: str, path: str) -> None:
    answer = ask(base, path)

    assert (301, f"{base}{path[1:]}/index.html") == (answer.status, answer.headers["location"])


def test_health_is_told_and_never_kept(base: str) -> None:
    answer = ask(base, "/healthz")

    assert (200, b"ok\n", "no-store") == (answer.status, answer.body, answer.headers["cache-control"])


@pytest.mark.parametrize("path", ["/majlis/feed.xml", MEDIA, "/majlis/nothing.json", "/healthz", "/", "/majlis", "/majlis/x/embed.html"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "BREW"])
def test_every_answer_may_be_read_by_every_site_and_sets_no_cookie(base: str, path: str, method: str) -> None:
    headers = ask(base, path, {"Origin": "https://blog.example"}, method).headers

    assert "*" == headers["access-control-allow-origin"]
    assert "ETag, Content-Length, Content-Range, Accept-Ranges" == headers["access-control-expose-headers"]
    assert "nosniff" == headers["x-content-type-options"]
    assert not {"set-cookie", "server", "access-control-allow-credentials"} & headers.keys()


def test_a_preflight_allows_what_players_send(base: str) -> None:
    asked = {"Origin": "https://blog.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range"}
    answer = ask(base, MEDIA, asked, "OPTIONS")

    assert (204, b"") == (answer.status, answer.body)
    assert "GET, HEAD, OPTIONS" == answer.headers["access-control-allow-methods"]
    assert "Range" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_another_method_is_told_which_there_are(base: str, method: str) -> None:
    answer = ask(base, "/majlis/feed.xml", method=method)

    assert (405, "GET, HEAD, OPTIONS") == (answer.status, answer.headers["allow"])


def test_only_embeds_may_be_framed(base: str) -> None:
    policy = content_security_policy(Site(base))
    embeds = ["/majlis/embed/latest.html", "/majlis/kings-of-corruption/embed.html", "/majlis/never/embed.html"]
    pages = ["/", "/majlis/index.html", "/majlis/kings-of-corruption/"]

    assert {f"{policy}; frame-ancestors *"} == {ask(base, path).headers["content-security-policy"] for path in embeds}
    assert {f"{policy}; frame-ancestors 'none'"} == {ask(base, path).headers["content-security-policy"] for path in pages}
    assert {"strict-origin-when-cross-origin"} == {ask(base, path).headers["referrer-policy"] for path in embeds + pages}


def test_a_file_that_is_not_there_is_a_problem_in_json(base: str) -> None:
    answer = ask(base, "/majlis/nothing.json")

    assert (404, "application/problem+json") == (answer.status, answer.headers["content-type"])
    assert b'{"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing at this address."}' == answer.body
    assert "no-store" == answer.headers["cache-control"]


def test_an_embed_that_is_not_there_is_a_card(base: str) -> None:
    answer = ask(base, "/majlis/never/embed.html")

    assert (404, "text/html; charset=utf-8") == (answer.status, answer.headers["content-type"])
    assert b'data-now="No media source currently available"' in answer.body


def test_a_text_is_gzipped_for_those_who_ask(base: str) -> None:
    answer, whole = ask(base, "/majlis/feed.xml", {"Accept-Encoding": "br, gzip;q=0.5"}), ask(base, "/majlis/feed.xml")

    assert "gzip" == answer.headers["content-encoding"]
    assert FEED == gzip.decompress(answer.body) == whole.body
    assert "content-encoding" not in whole.headers
    assert "Accept-Encoding" == answer.headers["vary"] == whole.headers["vary"]
    assert answer.headers["etag"] != whole.headers["etag"]


def test_the_gzip_of_the_same_text_is_the_same_bytes(base: str, storage: MemoryStorage) -> None:
    with serving(lambda base: create_app(storage, base_url=base)) as other:
        first, second = (ask(address, "/majlis/feed.xml", {"Accept-Encoding": "gzip"}).body for address in (base, other))

    assert first == second


@pytest.mark.parametrize("accept", ["", "identity", "gzip;q=0", "gzip; q=0.000, *", "br", "*;q=0"])
def test_nobody_gets_gzip_who_did_not_ask(base: str, accept: str) -> None:
    answer = ask(base, "/majlis/feed.xml", {"Accept-Encoding": accept})

    assert ("content-encoding" in answer.headers, FEED) == (False, answer.body)


@pytest.mark.parametrize("path", [MEDIA, "/majlis/art/abababababab-1400.jpg"])
def test_audio_and_pictures_are_never_gzipped(base: str, path: str) -> None:
    answer = ask(base, path, {"Accept-Encoding": "gzip"})

    assert not {"content-encoding", "vary"} & answer.headers.keys()
    assert FILES[path[1:]] == answer.body


def test_a_part_is_a_part_of_the_text_and_not_of_its_gzip(base: str) -> None:
    answer = ask(base, "/majlis/feed.xml", {"Accept-Encoding": "gzip", "Range": "bytes=0-4"})

    assert (206, b"<?xml", "Accept-Encoding") == (answer.status, answer.body, answer.headers["vary"])
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("asked", [{"Range": "bytes=0-1,5-6"}, {"Range": "bytes=0-1", "If-Range": '"stale"'}])
def test_who_asks_for_parts_and_gets_the_whole_gets_no_gzip(base: str, asked: dict[str, str]) -> None:
    answer = ask(base, "/majlis/feed.xml", asked | {"Accept-Encoding": "gzip"})

    assert (200, FEED) == (answer.status, answer.body)


@pytest.mark.parametrize("held", ["identity", "gzip"])
@pytest.mark.parametrize("asking", ["identity", "gzip"])
def test_a_copy_in_either_encoding_is_good(base: str, held: str, asking: str) -> None:
    etag = ask(base, "/majlis/feed.xml", {"Accept-Encoding": held}).headers["etag"]

    answer = ask(base, "/majlis/feed.xml", {"Accept-Encoding": asking, "If-None-Match": etag})

    assert (304, etag, "Accept-Encoding", b"") == (answer.status, answer.headers["etag"], answer.headers["vary"], answer.body)


def test_the_etag_of_a_gzip_does_not_stitch_parts_of_the_text(base: str) -> None:
    etag = ask(base, "/majlis/feed.xml", {"Accept-Encoding": "gzip"}).headers["etag"]

    assert (200, FEED) == (
        (answer := ask(base, "/majlis/feed.xml", {"Range": "bytes=0-4", "If-Range": etag})).status,
        answer.body,
    )


def test_new_bytes_are_seen_at_once() -> None:
    storage = MemoryStorage()
    store(storage, "majlis/feed.xml", FEED)
    with serving(lambda base: create_app(storage, base_url=base)) as base:
        old = ask(base, "/majlis/feed.xml", {"Accept-Encoding": "gzip"}).headers["etag"]
        store(storage, "majlis/feed.xml", FEED + b" ")
        answer = ask(base, "/majlis/feed.xml", {"Accept-Encoding": "gzip", "If-None-Match": old})

    assert (200, FEED + b" ") == (answer.status, gzip.decompress(answer.body))


def test_all_lies_under_the_path_of_the_base(storage: MemoryStorage) -> None:
    with serving(lambda base: create_app(storage, base_url=f"{base}radio/pod")) as base:
        assert (200, AUDIO) == ((answer := ask(base, f"/radio/pod{MEDIA}")).status, answer.body)
        assert 404 == ask(base, MEDIA).status
        assert 404 == ask(base, f"/radio/podx{MEDIA}").status
        assert 200 == ask(base, "/healthz").status
        assert f"{base}radio/pod/majlis/index.html" == ask(base, "/radio/pod/majlis").headers["location"]


def test_a_query_changes_nothing(base: str) -> None:
    assert plain(ask(base, "/majlis/feed.xml")) == plain(ask(base, "/majlis/feed.xml?x=1&theme=<script>"))


def test_a_feed_names_its_hubs_and_itself_in_a_header_too(storage: MemoryStorage) -> None:
    hubs = ["https://hub.example/", "https://other.example/hub"]
    with serving(lambda base: create_app(storage, base_url=base, hubs=hubs)) as base:
        link = f'<https://hub.example/>; rel="hub", <https://other.example/hub>; rel="hub", <{base}majlis/feed.xml>; rel="self"'
        for headers in ({}, {"If-None-Match": "*"}, {"Range": "bytes=0-1"}):
            for _ in range(2):
                assert link == ask(base, "/majlis/feed.xml", headers).headers["link"]

        assert "link" not in ask(base, "/majlis/index.html").headers
        assert "link" not in ask(base, "/majlis/feed.xml", {"Range": "bytes=999999-"}).headers
