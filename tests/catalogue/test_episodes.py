from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from podcast.catalogue import Catalogue
from podcast.errors import Conflict, NotFound, PodcastError, UsageError
from podcast.model import Artwork, Audio, Chapter, Episode, EpisodeType, Person, Status, Transcript
from podcast.site import RESERVED
from tests.make import AUDIO, MOMENT, make_episode, make_show

LATER = MOMENT + timedelta(days=1)
FULL = Episode(
    show="majlis",
    slug="s2e05-full",
    guid="tag:радио,2017:1?a=b&c",
    title="Ұлт — بازار 🎙",
    notes="# Жазба\n\n" + "ә" * 5000,
    status=Status.SCHEDULED,
    published=datetime(2017, 8, 6, 5, 4, 3, 200001, tzinfo=UTC),
    season=2,
    number=5,
    type=EpisodeType.BONUS,
    explicit=False,
    language="ky",
    link="https://example.org",
    audio=Audio(
        sha256="a" * 64,
        md5="b" * 32,
        length=6_000_000_000,
        media_type="audio/ogg",
        duration=45_000,
        bitrate=96_001,
        sample_rate=48_000,
        channels=2,
    ),
    artwork=Artwork(sha256="c" * 64, md5="d" * 32, length=1, media_type="image/jpeg", width=1400, height=1400),
    chapters=(Chapter(start=0.0, title="A"), Chapter(start=61.25, title="B", end=99.5, url="https://b", image="https://c", toc=False)),
    transcripts=(Transcript(sha256="e" * 64, md5="f" * 32, length=3, language="ky"),),
    persons=(Person(name="Б"),),
    created=datetime(2017, 8, 5, tzinfo=UTC),
    changed=datetime(2017, 8, 7, tzinfo=UTC),
)


def draft(slug: str, **fields: object) -> Episode:
    return make_episode(slug, **{"status": Status.DRAFT, "published": None} | fields)


def slugs(episodes: tuple[Episode, ...] | list[Episode]) -> list[str]:
    return [episode.slug for episode in episodes]


def test_an_episode_comes_back_with_every_field(catalogue: Catalogue) -> None:
    assert FULL == catalogue.add_episode(FULL)
    assert FULL == catalogue.episode("majlis", FULL.slug)
    assert FULL == catalogue.by_guid(FULL.guid)
    assert FULL == catalogue.by_audio("majlis", "a" * 64)
    assert (FULL,) == catalogue.episodes().episodes


def test_nothing_is_found_under_another_guid_audio_or_show(catalogue: Catalogue) -> None:
    catalogue.add_show(make_show(slug="other", guid="other"))
    catalogue.add_episode(FULL)

    assert catalogue.by_guid("tag:") is None
    assert catalogue.by_audio("majlis", "0" * 64) is None
    assert catalogue.by_audio("other", "a" * 64) is None


def test_an_unknown_episode_is_not_found_and_near_names_are_told(catalogue: Catalogue) -> None:
    catalogue.add_episode(draft("kings-of-corruption"))

    with pytest.raises(NotFound, match="kings-of-coruption") as caught:
        catalogue.episode("majlis", "kings-of-coruption")
    assert "kings-of-corruption" in caught.value.hint
    with pytest.raises(NotFound, match="no show 'mejlis'"):
        catalogue.episode("mejlis", "kings-of-corruption")


def test_an_episode_needs_its_show(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound, match="other"):
        catalogue.add_episode(draft("a", show="other"))


def test_a_slug_is_unique_in_its_show(catalogue: Catalogue) -> None:
    catalogue.add_show(make_show(slug="other", guid="other"))
    first = catalogue.add_episode(draft("a"))

    with pytest.raises(Conflict, match="has an episode a"):
        catalogue.add_episode(draft("a", guid="second", title="Second"))
    catalogue.add_episode(draft("a", show="other"))
    assert first == catalogue.episode("majlis", "a")


def test_a_guid_is_never_used_again(catalogue: Catalogue) -> None:
    catalogue.add_episode(draft("a", guid="one"))
    with pytest.raises(Conflict, match="guid one"):
        catalogue.add_episode(draft("b", guid="one"))

    catalogue.remove_episode("majlis", "a")

    with pytest.raises(Conflict, match="guid one"):
        catalogue.add_episode(draft("a", guid="one"))
    assert () == catalogue.episodes().episodes


@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.PUBLISHED])
def test_what_goes_out_has_a_date(catalogue: Catalogue, status: Status) -> None:
    with pytest.raises(UsageError, match="no date"):
        catalogue.add_episode(make_episode("a", status=status, published=None))

    catalogue.add_episode(draft("b"))
    with pytest.raises(UsageError, match="no date"):
        catalogue.change_episode("majlis", "b", LATER, status=Status.SCHEDULED)


def test_a_free_slug_is_the_wanted_one_or_the_next(catalogue: Catalogue) -> None:
    assert "news" == catalogue.free_slug("majlis", "news")
    for slug in ("news", "news-2", "news-4", "news-10", "newsroom"):
        catalogue.add_episode(draft(slug))

    assert "news-3" == catalogue.free_slug("majlis", "news")
    assert "newsroom-2" == catalogue.free_slug("majlis", "newsroom")
    assert "new" == catalogue.free_slug("majlis", "new")


def test_a_name_that_storage_uses_is_never_free(catalogue: Catalogue) -> None:
    assert {f"{slug}-2" for slug in RESERVED} == {catalogue.free_slug("majlis", slug) for slug in RESERVED}


def test_a_change_is_stored_dated_and_dirty(catalogue: Catalogue) -> None:
    episode = catalogue.add_episode(make_episode("a"))
    changed = catalogue.change_episode("majlis", "a", LATER, title="Ұлт", notes="", number=7, chapters=FULL.chapters)

    assert make_episode("a", title="Ұлт", notes="", number=7, chapters=FULL.chapters, changed=LATER) == changed
    assert changed == catalogue.episode("majlis", "a")
    assert episode.guid == changed.guid


def test_a_change_to_the_same_is_none(catalogue: Catalogue) -> None:
    episode = catalogue.add_episode(make_episode("a"))

    assert episode == catalogue.change_episode("majlis", "a", LATER, title=episode.title)
    assert episode == catalogue.episode("majlis", "a")


def test_other_audio_is_found_by_its_hash(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a"))
    changed = catalogue.change_episode("majlis", "a", LATER, audio=FULL.audio)

    assert changed == catalogue.by_audio("majlis", "a" * 64)
    assert catalogue.by_audio("majlis", AUDIO.sha256) is None


UNCHANGEABLE: list[dict[str, object]] = [{"guid": "x"}, {"show": "x"}, {"created": LATER}, {"changed": LATER}, {"nonsense": 1}]
UNSTORABLE: list[dict[str, object]] = [
    {"title": "a\0b"},
    {"notes": "half \ud83c"},
    {"title": None},
    {"season": 10**30},
    {"persons": [Person(name="A")]},
    {"chapters": (Chapter(start=float("nan")),)},
    {"published": datetime(2026, 1, 1)},  # noqa: DTZ001
    {"status": "odd"},
]


def test_what_cannot_be_changed_and_what_would_not_come_back_is_refused(catalogue: Catalogue) -> None:
    episode = catalogue.add_episode(draft("a"))

    for fields in (*UNCHANGEABLE, *UNSTORABLE):
        with pytest.raises(UsageError):
            catalogue.change_episode("majlis", "a", LATER, **fields)
    assert episode == catalogue.episode("majlis", "a")


def test_a_draft_takes_another_slug_and_its_source_goes_along(catalogue: Catalogue) -> None:
    catalogue.add_episode(draft("a"))
    catalogue.add_episode(draft("b"))
    catalogue.remember_file("/a.mp3", 1, 2, "majlis", "a")

    with pytest.raises(Conflict, match="has an episode b"):
        catalogue.change_episode("majlis", "a", LATER, slug="b")
    with pytest.raises(UsageError, match="latest"):
        catalogue.change_episode("majlis", "a", LATER, slug="latest")
    renamed = catalogue.change_episode("majlis", "a", LATER, slug="c")

    assert renamed == catalogue.by_source("majlis", "/a.mp3")
    assert {"b", "c"} == set(slugs(catalogue.episodes().episodes))


NOT_BY_HAND = [(Status.DRAFT, Status.PUBLISHED), (Status.DRAFT, Status.WITHDRAWN), (Status.SCHEDULED, Status.PUBLISHED)]
NOT_BY_HAND += [(Status.PUBLISHED, Status.DRAFT), (Status.PUBLISHED, Status.SCHEDULED), (Status.PUBLISHED, Status.WITHDRAWN)]


def test_only_publishing_changes_what_listeners_see(catalogue: Catalogue) -> None:
    for number, (old, new) in enumerate(NOT_BY_HAND):
        catalogue.add_episode(make_episode(f"a{number}", status=old))
        with pytest.raises(Conflict):
            catalogue.change_episode("majlis", f"a{number}", LATER, status=new)
        assert old is catalogue.episode("majlis", f"a{number}").status


def test_a_draft_is_scheduled_and_taken_back(catalogue: Catalogue) -> None:
    catalogue.add_episode(draft("a"))

    assert LATER == catalogue.change_episode("majlis", "a", MOMENT, status=Status.SCHEDULED, published=LATER).published
    assert Status.DRAFT is catalogue.change_episode("majlis", "a", MOMENT, status=Status.DRAFT).status


def test_a_published_episode_is_not_removed(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("a"))

    with pytest.raises(Conflict, match="published"):
        catalogue.remove_episode("majlis", "a")
    assert ["a"] == slugs(catalogue.episodes().episodes)


def test_a_removed_episode_is_gone_and_its_file_forgotten(catalogue: Catalogue) -> None:
    catalogue.add_episode(draft("a", title="Rare"))
    catalogue.remember_file("/a.mp3", 1, 2, "majlis", "a")
    catalogue.record("majlis", [("majlis/media/a.mp3", "1" * 64, 5, "audio/mpeg")])

    catalogue.remove_episode("majlis", "a")

    with pytest.raises(NotFound):
        catalogue.episode("majlis", "a")
    assert [] == catalogue.search("rare")
    assert {} == catalogue.known_files("/")
    assert {"majlis/media/a.mp3": ("1" * 64, 5)} == catalogue.held(["majlis/media/a.mp3"])


def test_episodes_are_counted_by_status(catalogue: Catalogue) -> None:
    for slug, status in [("a", Status.DRAFT), ("b", Status.DRAFT), ("c", Status.PUBLISHED)]:
        catalogue.add_episode(make_episode(slug, status=status))

    assert {Status.DRAFT: 2, Status.SCHEDULED: 0, Status.PUBLISHED: 1, Status.WITHDRAWN: 0} == catalogue.count("majlis")


def pages(catalogue: Catalogue, **conditions: object) -> Iterator[list[str]]:
    before = None
    while True:
        page = catalogue.episodes(before=before, **conditions)  # type: ignore[arg-type]
        yield slugs(page.episodes)
        before = page.next
        if before is None:
            return


def fill(catalogue: Catalogue) -> None:
    catalogue.add_show(make_show(slug="other", guid="other"))
    with catalogue.transaction():
        for number in range(7):
            catalogue.add_episode(make_episode(f"day-{number}", published=MOMENT + timedelta(days=number)))
        catalogue.add_episode(make_episode("same-day", published=MOMENT + timedelta(days=3), created=LATER))
        catalogue.add_episode(draft("old-draft", created=MOMENT - timedelta(days=9)))
        catalogue.add_episode(draft("new-draft"))
        catalogue.add_episode(draft("dated-draft", published=MOMENT + timedelta(days=5, hours=1)))
        catalogue.add_episode(make_episode("elsewhere", show="other", published=MOMENT + timedelta(days=1, hours=1)))


ALL = ["new-draft", "old-draft", "day-6", "dated-draft", "day-5", "day-4", "same-day", "day-3", "day-2", "elsewhere", "day-1", "day-0"]


def test_pages_are_newest_first_with_undated_drafts_in_front(catalogue: Catalogue) -> None:
    fill(catalogue)

    for limit in (1, 2, 5, 12, 50):
        assert [ALL[start : start + limit] for start in range(0, 12, limit)] == list(pages(catalogue, limit=limit))


def test_pages_keep_to_a_show_and_a_status(catalogue: Catalogue) -> None:
    fill(catalogue)

    assert [["elsewhere"]] == list(pages(catalogue, show="other"))
    assert [["new-draft", "old-draft"], ["dated-draft"]] == list(pages(catalogue, show="majlis", status=Status.DRAFT, limit=2))
    assert [["new-draft", "old-draft", "dated-draft"]] == list(pages(catalogue, status=Status.DRAFT))
    assert [[]] == list(pages(catalogue, show="other", status=Status.WITHDRAWN))


def test_a_page_goes_on_where_the_last_one_ended_whatever_happened_since(catalogue: Catalogue) -> None:
    fill(catalogue)
    first = catalogue.episodes(limit=2)
    catalogue.add_episode(draft("newest", created=LATER))
    catalogue.remove_episode("majlis", "old-draft")

    assert ["day-6", "dated-draft"] == slugs(catalogue.episodes(limit=2, before=first.next).episodes)


def test_the_pages_of_an_unknown_show_are_not_found(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound):
        catalogue.episodes(show="mejlis")


NO_PLACES = ["", "x", "é", "bnVsbA", "WzEsMiwzXQ", "WyIyMDI2LTExLTI3VDA5OjAwOjAwIiwiMjAyNi0xMS0yNVQwOTowMDowMCIsNF0"]


def test_a_place_that_is_none_and_a_page_of_nothing_are_refused(catalogue: Catalogue) -> None:
    for before in NO_PLACES:
        with pytest.raises(UsageError):
            catalogue.episodes(before=before)
    with pytest.raises(UsageError):
        catalogue.episodes(limit=0)


def test_a_transaction_is_all_or_nothing(catalogue: Catalogue) -> None:
    with suppress(KeyError), catalogue.transaction():
        catalogue.add_episode(draft("a"))
        with catalogue.transaction():
            catalogue.add_episode(draft("b"))
        raise KeyError("stop")

    assert () == catalogue.episodes().episodes


def test_a_failed_write_in_a_transaction_leaves_no_trace_and_the_others_go_on(catalogue: Catalogue) -> None:
    with catalogue.transaction():
        catalogue.add_episode(draft("a"))
        with suppress(Conflict):
            catalogue.add_episode(draft("a", guid="new"))
        with suppress(KeyError), catalogue.transaction():
            catalogue.add_episode(draft("b"))
            raise KeyError("stop")
        catalogue.add_episode(draft("c", guid="new"))

    assert {"a", "c"} == set(slugs(catalogue.episodes().episodes))


def test_a_transaction_reads_what_it_wrote(catalogue: Catalogue) -> None:
    with catalogue.transaction():
        catalogue.add_episode(draft("a"))
        assert "a-2" == catalogue.free_slug("majlis", "a")


def test_a_snapshot_sees_one_state_and_is_not_written_in(catalogue: Catalogue) -> None:
    catalogue.add_episode(draft("a"))

    with catalogue.snapshot():
        assert ["a"] == slugs(catalogue.episodes().episodes)
        with pytest.raises(PodcastError, match="reading"):
            catalogue.add_episode(draft("b"))
        assert ["a"] == slugs(catalogue.episodes().episodes)
