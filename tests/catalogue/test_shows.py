from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from podcast.catalogue import Catalogue
from podcast.errors import Conflict, NotFound, UsageError
from podcast.model import Artwork, Category, Funding, Owner, Person, Show, ShowType, Status
from tests.formats.shows import read
from tests.make import MOMENT, make_episode, make_show

FULL = Show(
    slug="sarkar",
    guid="6f1c6b7e-0000-4000-8000-000000000000",
    title="Сарқар — сөз",
    description="Әңгіме\n\n*бар* \u202e 🎙",
    link="https://example.org/?a=1&b=2",
    language="kk",
    author="Ұлт",
    owner=Owner(name="Ұлт", email="a@b.example"),
    categories=(Category(text="News"), Category(text="Society", sub="Documentary")),
    explicit=True,
    type=ShowType.SERIAL,
    copyright="© 2026",
    artwork=Artwork(sha256="1" * 64, md5="2" * 32, length=5_000_000_000, media_type="image/png", width=3000, height=3000),
    persons=(Person(name="A", role="guest", group="cast", href="https://a.example", image=None),),
    funding=(Funding(url="https://pay.example", text="Pay"),),
    locked=True,
    created=datetime(2016, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    changed=datetime(2026, 1, 2, 3, 4, 5, 1, tzinfo=UTC),
)


def test_a_show_comes_back_with_every_field(catalogue: Catalogue) -> None:
    catalogue.add_show(FULL)

    assert FULL == catalogue.show("sarkar")
    assert [make_show(), FULL] == catalogue.shows()


def test_every_element_of_a_show_and_its_episodes_comes_back(catalogue: Catalogue) -> None:
    show, (episode, _) = read("everything")
    catalogue.add_show(replace(show, slug="other", guid="other"))
    catalogue.add_episode(replace(episode, show="other", status=Status.DRAFT))

    assert replace(show, slug="other", guid="other") == catalogue.show("other")
    assert replace(episode, show="other", status=Status.DRAFT) == catalogue.find(episode.slug, show="other")


def test_times_come_back_in_utc(catalogue: Catalogue) -> None:
    bishkek = timezone(timedelta(hours=6))
    catalogue.add_show(make_show(slug="other", guid="other", created=datetime(2026, 1, 1, 3, tzinfo=bishkek)))

    created = catalogue.show("other").created
    assert "2025-12-31T21:00:00+00:00" == created.isoformat()
    assert UTC == created.tzinfo


def test_an_unknown_show_is_not_found_and_near_names_are_told(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound, match="mejlis") as caught:
        catalogue.show("mejlis")

    assert "majlis" in caught.value.hint


def test_slug_and_guid_of_a_show_are_unique(catalogue: Catalogue) -> None:
    for fields in ({"guid": "other"}, {"slug": "other"}):
        with pytest.raises(Conflict, match="majlis"):
            catalogue.add_show(make_show(title="Second", **fields))
    assert [make_show()] == catalogue.shows()


NO_SLUGS = ["", "Majlis", "a/b", "a.b", "ж", "a b", "a\n", "media", "assets", "latest"]


def test_a_slug_that_cannot_be_an_address_is_refused(catalogue: Catalogue) -> None:
    for slug in NO_SLUGS:
        with pytest.raises(UsageError, match="slug"):
            catalogue.add_show(make_show(slug=slug, guid="other"))
        with pytest.raises(UsageError, match="slug"):
            catalogue.add_episode(make_episode(slug))


def test_a_change_is_stored_and_dated(catalogue: Catalogue) -> None:
    later = MOMENT + timedelta(days=1)

    changed = catalogue.change_show("majlis", later, title="Мәжіліс", explicit=True)

    assert make_show(title="Мәжіліс", explicit=True, changed=later) == changed
    assert changed == catalogue.show("majlis")


def test_a_change_to_the_same_is_none(catalogue: Catalogue) -> None:
    assert make_show() == catalogue.change_show("majlis", MOMENT + timedelta(days=1), title="Majlis")
    assert MOMENT == catalogue.show("majlis").changed


def test_changed_grows_even_where_the_clock_goes_back(catalogue: Catalogue) -> None:
    changed = catalogue.change_show("majlis", MOMENT - timedelta(days=400), title="Second").changed

    assert MOMENT < changed < MOMENT + timedelta(seconds=1)


REFUSED: list[dict[str, object]] = [{"slug": "other"}, {"guid": "other"}, {"created": MOMENT}, {"nonsense": 1}]
REFUSED += [{"title": title} for title in ("a\0b", "half \ud83c", 5, None)]


def test_what_cannot_be_changed_and_what_would_not_come_back_is_refused(catalogue: Catalogue) -> None:
    for fields in REFUSED:
        with pytest.raises(UsageError):
            catalogue.change_show("majlis", MOMENT, **fields)
    assert make_show() == catalogue.show("majlis")


def test_a_time_without_a_zone_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="zone"):
        catalogue.add_show(make_show(slug="other", guid="other", created=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_a_show_is_removed_with_its_drafts(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode(status=Status.DRAFT))
    catalogue.remember_file("/a.mp3", 1, 2, "majlis", "kings-of-corruption")

    catalogue.remove_show("majlis")

    assert [] == catalogue.shows()
    assert () == catalogue.episodes().episodes
    assert {} == catalogue.known_files("/")


def test_a_show_removed_may_come_back(catalogue: Catalogue) -> None:
    catalogue.remove_show("majlis")
    catalogue.add_show(make_show())

    assert [make_show()] == catalogue.shows()


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.WITHDRAWN])
def test_a_show_that_listeners_know_stays(catalogue: Catalogue, status: Status) -> None:
    catalogue.add_episode(make_episode(status=status))

    with pytest.raises(Conflict, match="published"):
        catalogue.remove_show("majlis")
    assert make_show() == catalogue.show("majlis")


def test_a_show_stays_after_its_last_published_episode_was_removed(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode(status=Status.DRAFT))
    token = catalogue.acquire("publish/majlis", "here", now=MOMENT, ttl=timedelta(minutes=1))
    catalogue.release("majlis", ["kings-of-corruption"], token=token, now=MOMENT)
    catalogue.release("majlis", [], ["kings-of-corruption"], token=token, now=MOMENT)
    gone = ["kings-of-corruption"]
    catalogue.finish("majlis", 2, token=token, now=MOMENT, fingerprint="x", edited=MOMENT, clean={}, gone=gone)
    catalogue.remove_episode("majlis", "kings-of-corruption")

    with pytest.raises(Conflict):
        catalogue.remove_show("majlis")


def test_an_old_row_reads_with_the_defaults_of_newer_fields(catalogue: Catalogue, sql: object) -> None:
    assert callable(sql)
    sql('UPDATE shows SET more = \'{"author": "Radio Free", "gone since": 1}\'')

    expected = Show(slug="majlis", guid=make_show().guid, title="Majlis", author="Radio Free", created=MOMENT, changed=MOMENT)
    assert expected == catalogue.show("majlis")
    assert replace(expected, title="New", changed=MOMENT + timedelta(1)) == catalogue.change_show(
        "majlis", MOMENT + timedelta(1), title="New"
    )
