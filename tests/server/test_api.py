"""The API answers what is public, in pages, with words to search by; of anything else it says no, in one shape."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote, urljoin

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from lxml import etree
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from podcast.catalogue import open_catalogue
from podcast.errors import StorageUnavailable
from podcast.ingest.staging import Staging
from podcast.publish.press import Press
from podcast.server.app import create_app
from podcast.site import Site
from podcast.storage import StoredObject
from podcast.storage.memory import MemoryStorage
from tests.make import MOMENT, make_show
from tests.publish.conftest import NOW, House, Watched
from tests.serving import Answer, ask, serving

pytestmark = pytest.mark.thorough

SLUGS = [f"talk-{number}" for number in range(1, 6)]


@dataclass
class Breakable(Watched):
    broken: bool = False

    def head(self, key: str) -> StoredObject | None:
        if self.broken:
            raise StorageUnavailable("The line was cut.", hint="Try again.")
        return super().head(key)


@dataclass(frozen=True)
class Public:
    base: str
    house: House
    storage: Breakable

    def get(self, path: str, **headers: str) -> Answer:
        return ask(self.base, f"/{path}", {name.replace("_", "-"): value for name, value in headers.items()})

    def json(self, path: str) -> Any:
        answer = self.get(path)
        assert 200 == answer.status, answer.body
        assert "application/json; charset=utf-8" == answer.headers["content-type"]
        return json.loads(answer.body)


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    """Serve a show of five episodes, the newest about <a river>, with a draft, a scheduled and a withdrawn one beside them."""
    folder = tmp_path_factory.mktemp("api")
    storage = Breakable()
    with open_catalogue(f"sqlite:///{folder / 'catalogue.db'}", create=True) as catalogue:

        def make(base: str) -> Any:
            return create_app(storage, base_url=base, catalogue=catalogue)

        with serving(make) as base:
            press = Press(catalogue=catalogue, storage=storage, staging=Staging(folder / "staging"), site=Site(base))
            house = House(press, storage)
            catalogue.add_show(make_show())
            catalogue.add_show(make_show(slug="quiet", guid="quiet", title="Nothing Yet"))
            for hours, slug in enumerate(SLUGS):
                house.add(
                    slug,
                    published=MOMENT + timedelta(hours=hours),
                    title=f"The River & <{slug}>" if slug == SLUGS[-1] else f"Number {slug}",
                    notes="A *talk*.",
                )
                house.publish(slug)
            for slug in ("gone", "secret"):
                house.add(slug, title="River secret")
            house.add("soon", title="A secret for later", published=NOW + timedelta(days=30))
            assert ["soon"] == [episode.slug for episode in house.publish("soon").approved]
            house.publish("gone")
            house.publish(withdraw=["gone"])
            house.add("old-name", title="Renamed", published=MOMENT - timedelta(hours=1))
            house.publish("old-name")
            catalogue.change_episode("majlis", "old-name", MOMENT + timedelta(days=2), slug="new-name")
            house.publish()
            yield Public(base, house, storage)


def slugs(listed: Any) -> list[str]:
    return [episode["slug"] for episode in listed["episodes"]]


def test_all_public_shows_are_listed(public: Public) -> None:
    assert ["Majlis"] == [show["title"] for show in public.json("api/v1/shows")["shows"]]


def test_pages_hold_every_public_episode_once_newest_first(public: Public) -> None:
    seen, path = [], "api/v1/shows/majlis/episodes?limit=2"
    while path:
        page = public.json(path)
        assert "Majlis" == page["show"]["title"]
        seen += slugs(page)
        path = f"api/v1/shows/majlis/episodes?limit=2&before={page['next']}" if page["next"] else ""
    assert [*SLUGS[::-1], "new-name"] == seen


def test_words_find_public_episodes_alone(public: Public) -> None:
    assert ["talk-5"] == slugs(public.json("api/v1/shows/majlis/episodes?q=river"))
    assert 1 == len(slugs(public.json("api/v1/shows/majlis/episodes?q=talk&limit=1")))
    assert [] == slugs(public.json("api/v1/shows/majlis/episodes?q=nothing%20of%20it"))


def test_one_episode_is_the_same_as_in_its_file_and_in_the_list(public: Public) -> None:
    one = public.json("api/v1/shows/majlis/episodes/talk-5")
    assert public.json("majlis/talk-5/episode.json") == one == public.json("api/v1/shows/majlis/latest")
    show = one.pop("show")
    assert {"show": show, "episodes": [one]} == {
        name: value for name, value in public.json("api/v1/shows/majlis/episodes?limit=1").items() if name != "next"
    }


def test_an_earlier_slug_still_gives_the_episode(public: Public) -> None:
    assert "new-name" == public.json("api/v1/shows/majlis/episodes/old-name")["slug"]
    assert f"{public.base}majlis/new-name/embed.html" in public.json(f"oembed?url={public.base}majlis/old-name/")["html"]


@pytest.mark.parametrize("path", ["api/v1/shows", "api/v1/shows/majlis/episodes", "api/v1/shows/majlis/latest", "openapi.json"])
def test_who_has_it_already_gets_no_body(public: Public, path: str) -> None:
    first = public.get(path)
    again = public.get(path, If_None_Match=first.headers["etag"])
    assert (304, b"", first.headers["etag"]) == (again.status, again.body, again.headers["etag"])
    assert "*" == again.headers["access-control-allow-origin"]
    head = ask(public.base, f"/{path}", method="HEAD")
    assert (200, b"", first.headers["etag"]) == (head.status, head.body, head.headers["etag"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("api/v1/shows/majlis/episodes/secret", 404),
        ("api/v1/shows/majlis/episodes/unknown", 404),
        ("api/v1/shows/majlis/episodes/gone", 410),
        ("api/v1/shows/quiet/episodes", 404),
        ("api/v1/shows/quiet/latest", 404),
        ("api/v1/shows/unknown/episodes", 404),
        ("api/v1/shows/majlis/nothing", 404),
        ("api/v1/", 404),
        ("api/v1/shows/majlis%2fepisodes", 404),
        ("api%2fv1/shows", 404),
        ("api/v1/shows/majlis/episodes?limit=0", 422),
        ("api/v1/shows/majlis/episodes?limit=101", 422),
        ("api/v1/shows/majlis/episodes?limit=-1", 422),
        ("api/v1/shows/majlis/episodes?limit=%D9%A2", 422),
        ("api/v1/shows/majlis/episodes?before=nonsense", 422),
        ("oembed?format=json", 400),
        ("oembed?url={base}majlis/gone/", 410),
        ("oembed?url={base}majlis/secret/", 404),
        ("oembed?url=https://elsewhere.example/majlis/", 404),
        ("oembed?format=yaml&url=x", 501),
    ],
)
def test_a_no_has_a_reason_and_a_shape(public: Public, path: str, status: int) -> None:
    answer = public.get(path.replace("{base}", public.base))
    assert (status, "application/problem+json") == (answer.status, answer.headers["content-type"])
    assert status == json.loads(answer.body)["status"]
    assert json.loads(answer.body)["detail"]
    assert "*" == answer.headers["access-control-allow-origin"]


def test_nothing_of_a_draft_is_in_any_answer(public: Public) -> None:
    for path in ("api/v1/shows", "api/v1/shows/majlis/episodes?q=secret", "api/v1/shows/majlis/episodes", "openapi.json"):
        assert b"secret" not in public.get(path).body


#: Every address that one episode has, with the place of its slug.
OF_AN_EPISODE = [
    *(f"majlis/{{}}{rest}" for rest in ("", "/", "/index.html", "/embed.html", "/embed.html?theme=dark", "/episode.json", "/oembed.json")),
    *(
        f"majlis/{{}}/{name}"
        for name in ("chapters.json", "transcript.vtt", "transcript.srt", "transcript.json", "transcript.txt", "peaks.json")
    ),
    "a/majlis/{}.mp3",
    "api/v1/shows/majlis/episodes/{}",
    "oembed?url=BASEmajlis/{}/index.html",
    "oembed?format=xml&url=BASEmajlis/{}/embed.html",
]


@pytest.mark.parametrize("slug", ["secret", "soon"])
def test_what_is_not_public_is_answered_like_what_is_not_there(public: Public, slug: str) -> None:
    for path in OF_AN_EPISODE:
        for method in ("GET", "HEAD"):
            theirs, none = (
                ask(public.base, "/" + path.format(name).replace("BASE", public.base), {"Range": "bytes=0-1", "If-None-Match": "*"}, method)
                for name in (slug, "nothing")
            )

            assert (404, 404) == (theirs.status, none.status), path
            assert (theirs.body, {**theirs.headers, "date": ""}) == (none.body, {**none.headers, "date": ""}), path


def test_nothing_that_is_served_names_what_is_not_public(public: Public) -> None:
    for key in public.storage.content():
        assert b"secret" not in key.encode() + public.get(key).body, key
        assert "soon" not in key, key


EPISODE, LATEST = "majlis/talk-5/embed.html", "majlis/embed/latest.html"


@pytest.mark.parametrize(
    ("page", "embed"),
    [
        ("majlis/talk-5/index.html", EPISODE),
        ("majlis/talk-5/", EPISODE),
        ("majlis/talk-5/embed.html#t=310", EPISODE),
        ("majlis/", LATEST),
        ("majlis", LATEST),
        ("majlis/index.html?from=mail", LATEST),
        ("majlis/embed/latest.html", LATEST),
    ],
)
def test_oembed_gives_the_player_of_each_address(public: Public, page: str, embed: str) -> None:
    given = public.json(f"oembed?url={quote(public.base + page, safe='')}")
    frame = etree.fromstring(given["html"].replace("&nbsp;", ""), etree.HTMLParser()).find(".//iframe")
    assert frame is not None
    assert public.base + embed == frame.get("src")
    assert ("1.0", "rich", "Majlis") == (given["version"], given["type"], given["provider_name"])
    assert (str(given["width"]), str(given["height"])) == (frame.get("width"), frame.get("height"))
    assert given["title"] == frame.get("title")


def test_oembed_is_no_wider_than_there_is_room(public: Public) -> None:
    given = public.json(f"oembed?url={public.base}majlis/&maxwidth=320&maxheight=100")
    assert (320, 100) == (given["width"], given["height"])


def test_oembed_in_xml_says_the_same(public: Public) -> None:
    address = f"oembed?url={public.base}majlis/talk-5/"
    answer = public.get(f"{address}&format=xml")
    assert "text/xml; charset=utf-8" == answer.headers["content-type"]
    fields = {element.tag: element.text for element in etree.fromstring(answer.body)}
    assert {name: str(value) for name, value in public.json(address).items()} == fields


@pytest.mark.parametrize("maxwidth", ["0", "-1", "wide", "1e3", "999999"])
def test_room_is_a_number_of_pixels(public: Public, maxwidth: str) -> None:
    assert 422 == public.get(f"oembed?url={public.base}majlis/&maxwidth={maxwidth}").status


def test_it_is_ready_where_storage_and_catalogue_answer(public: Public) -> None:
    assert (200, b"ok\n") == (public.get("readyz").status, public.get("readyz").body)
    public.storage.broken = True
    try:
        assert 503 == public.get("readyz").status
        assert 200 == public.get("healthz").status
    finally:
        public.storage.broken = False


def test_the_machine_itself_is_told_what_was_answered_and_nobody_else(public: Public) -> None:
    public.get("nothing-here.txt")
    assert b'podcast_responses_total{status="404"}' in public.get("metrics").body
    assert 404 == public.get("metrics", X_Forwarded_For="203.0.113.9").status


def test_without_a_catalogue_files_are_answered_and_lists_are_not() -> None:
    with serving(lambda base: create_app(MemoryStorage(), base_url=base)) as base:
        assert 404 == ask(base, "/api/v1/shows").status
        assert 200 == ask(base, "/readyz").status


def test_whatever_fits_the_document_is_answered_as_it_says(public: Public) -> None:
    schema = schemathesis.openapi.from_dict(public.json("openapi.json"))
    asked = 0
    # Which words are a place in a list, and which addresses are ours, no document can say.
    unsaid = [positive_data_acceptance, unsupported_method]

    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]

        @given(case=operation.as_strategy())
        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        def answered(case: Any) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(base_url=public.base.rstrip("/"), excluded_checks=unsaid)

        answered()
    assert asked > 50


#: What a page leads to, and addresses that stand anywhere in a file.
NAMED = re.compile(r"""(?:href|src|poster)=["']([^"']+)|(https?://[^\s"'<>\\;]+)""")
POLICY = re.compile(r"""http-equiv="Content-Security-Policy" content="[^"]+""")


def test_a_folder_without_a_server_of_ours_has_no_dead_link(public: Public) -> None:
    content = public.storage.content()
    pages = {
        key: body
        for key, body in content.items()
        if not key.startswith(("assets/", "majlis/media/", "majlis/art/")) and not key.endswith(".js")
    }
    dead, followed = set(), set()
    for key, body in pages.items():
        for found in NAMED.findall(unescape(POLICY.sub("", body.decode()))):
            address, _, place = urljoin(public.base + key, "".join(found)).partition("#")
            target = address.removeprefix(public.base) or "index.html"
            # The search of a page asks a server as well, where there is one.
            if target == address or target.startswith(("oembed?", "api/v1/")):
                continue
            followed.add(target)
            if target.partition("?")[0] not in content or (place and "=" not in place and f'id="{place}"'.encode() not in content[target]):
                dead.add((key, target, place))
    assert set() == dead
    assert {"majlis/feed.xml", "majlis/talk-5/index.html", "majlis/talk-5/embed.html", "podcasts.opml"} <= followed
