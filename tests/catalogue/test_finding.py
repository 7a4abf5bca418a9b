from collections.abc import Callable
from datetime import timedelta

import pytest

from podcast.catalogue import Catalogue
from podcast.errors import NotFound, UsageError
from podcast.model import Status
from tests.make import MOMENT, make_episode, make_show


@pytest.fixture
def archive(catalogue: Catalogue) -> Catalogue:
    catalogue.add_show(make_show(slug="other", guid="other"))
    with catalogue.transaction():
        for number in range(1, 8):
            day = MOMENT + timedelta(days=number)
            catalogue.add_episode(make_episode(f"part-{number}-of-7", season=1, number=number, published=day))
        catalogue.add_episode(make_episode("kings-of-corruption", season=2, number=1))
        catalogue.add_episode(make_episode("kings-and-queens", season=2, number=12, status=Status.DRAFT))
        catalogue.add_episode(make_episode("zzz-top", season=3))
        catalogue.add_episode(make_episode("2026", season=2, number=5))
        catalogue.add_episode(make_episode("2027-and-on", season=2, number=2026))
        catalogue.add_episode(make_episode("kings-and-queens", show="other", season=9, number=9, published=MOMENT + timedelta(days=1)))
    return catalogue


NAMES = {
    "kings-of-corruption": "kings-of-corruption",
    "12": "kings-and-queens",
    "012": "kings-and-queens",
    "s2e1": "kings-of-corruption",
    "S02E01": "kings-of-corruption",
    "s1e1": "part-1-of-7",
    "latest": "part-7-of-7",
    "kings-o": "kings-of-corruption",
    "part-3": "part-3-of-7",
    "2026": "2026",
    "2027": "2027-and-on",
    "z": "zzz-top",
    "majlis/kings-of-corruption": "kings-of-corruption",
    "majlis/latest": "part-7-of-7",
}


def test_an_episode_is_found_by_what_a_person_types(archive: Catalogue) -> None:
    assert NAMES == {ref: archive.find(ref, show="majlis").slug for ref in NAMES}


def test_a_show_in_front_chooses_among_shows(archive: Catalogue) -> None:
    assert "other" == archive.find("other/kings-and-queens", show=None).show
    assert "other" == archive.find("other/latest", show=None).show
    assert "other" == archive.find("9").show
    assert "majlis" == archive.find("latest").show
    with pytest.raises(UsageError, match="at once"):
        archive.find("other/latest", show="majlis")
    with pytest.raises(NotFound, match="no show 'mejlis'"):
        archive.find("mejlis/latest")


def test_several_candidates_are_told_five_at_the_most(archive: Catalogue) -> None:
    with pytest.raises(NotFound, match="several") as caught:
        archive.find("part", show="majlis")

    assert all(f"majlis/part-{number}-of-7" in caught.value.hint for number in range(1, 6))
    assert "part-6" not in caught.value.hint


def test_what_several_episodes_are_called_is_no_name(archive: Catalogue) -> None:
    for ref in ("1", "kings-and-queens"):
        with pytest.raises(NotFound, match="several"):
            archive.find(ref)


NO_NAMES = ["", "nothing", "99", "s3e1", "kings_", "KINGS", "part%", "'; DROP TABLE shows", "a\nb", "majlis/", "9" * 40]


def test_what_is_not_there_is_not_found(archive: Catalogue) -> None:
    for ref in NO_NAMES:
        with pytest.raises(NotFound):
            archive.find(ref, show="majlis")


def test_a_name_that_is_no_text_is_refused(archive: Catalogue) -> None:
    with pytest.raises(UsageError):
        archive.find("\udcff", show="majlis")


def test_near_names_are_told(archive: Catalogue) -> None:
    for ref in ("king-of-corruption", "Kings of Corruption"):
        with pytest.raises(NotFound) as caught:
            archive.find(ref)

        assert "kings-of-corruption" in caught.value.hint


def test_a_slug_of_before_still_means_its_episode_and_no_other_that_begins_so(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode("war"))
    catalogue.add_episode(make_episode("war-of-water"))
    catalogue.change_episode("majlis", "war", MOMENT, slug="peace")

    assert ["peace"] * 3 + ["war-of-water"] == [catalogue.find(ref).slug for ref in ("war", "majlis/war", "peace", "war-")]
    with pytest.raises(NotFound):
        catalogue.find("ar")


def test_a_show_that_was_renamed_is_told_by_its_new_name(catalogue: Catalogue) -> None:
    token = catalogue.acquire("publish/majlis", "here", now=MOMENT, ttl=timedelta(0))
    catalogue.release("majlis", [], token=token, now=MOMENT)
    catalogue.rename_show("majlis", "talk", MOMENT)

    with pytest.raises(NotFound) as caught:
        catalogue.find("latest", show="majlis")
    assert "It is talk now." == caught.value.hint


def test_there_is_no_latest_before_anything_is_published(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode(status=Status.DRAFT))

    with pytest.raises(NotFound, match="published yet") as caught:
        catalogue.find("latest")
    assert caught.value.hint


@pytest.fixture
def texts(catalogue: Catalogue) -> Callable[..., list[str]]:
    """Return a function that searches among some texts and returns the slugs, the best first."""
    catalogue.add_show(make_show(slug="other", guid="other"))
    notes = {
        "kings": ("Kyrgyzstan’s Kings Of Corruption", "How money left the country. More at https://radio.example/kings-of-corruption."),
        "money": ("Money", "A king, and (in passing) corruption."),
        "zhol": ("ЖОЛ: Қазақстанның Ұлттық Үні", "Әңгіме"),
        "bazaar": ("أسواق بيشكيك", "السوق الكبير، في المدينة"),
        "school": ("École d’été", "L’ÉCOLE à Osh: AND OR NOT NEAR s2e5 3000m foo_bar"),
        "ilham": ("İlham Əliyev", "100% naïve"),
    }
    for slug, (title, text) in notes.items():
        catalogue.add_episode(make_episode(slug, title=title, notes=text, status=Status.DRAFT))
    catalogue.add_episode(make_episode("kings", show="other", title="Kings elsewhere", notes=""))

    def search(query: str, **conditions: object) -> list[str]:
        return [episode.slug for episode in catalogue.search(query, **{"show": "majlis"} | conditions)]  # type: ignore[arg-type]

    return search


FOUND = {
    "kings": ["kings"],
    "KINGS of": ["kings"],
    "corr": ["kings", "money"],
    "king": ["kings", "money"],
    "king corruption": ["money"],
    "money": ["money", "kings"],
    "corruption kings of": ["kings"],
    "kyrgyzstan s kings": ["kings"],
    "radio.example/kings": ["kings"],
    "kings nothing": [],
    "жол": ["zhol"],
    "ҚАЗАҚ": ["zhol"],
    "ұлттық үні": ["zhol"],
    "әңгіме жол": ["zhol"],
    "السوق": ["bazaar"],
    "بيشكيك أسواق": ["bazaar"],
    "المدينة، الكب": ["bazaar"],
    "école": ["school"],
    "NEAR": ["school"],
    "s2e5": ["school"],
    "3000": ["school"],
    "foo bar": ["school"],
    "naïve 100": ["ilham"],
    "e\u0301cole": ["school"],
}


def test_all_words_must_stand_in_title_or_notes(texts: Callable[..., list[str]]) -> None:
    assert FOUND == {query: texts(query) for query in FOUND}


ODD = [
    '"',
    "'",
    "*",
    "-",
    "",
    "  ",
    "()",
    '"kings',
    "kings*",
    "-kings",
    "^kings",
    "title:kings",
    "{kings}",
    "kings AND",
    "NEAR(kings money)",
]
ODD += [
    "kings OR",
    "NOT kings",
    "kings & !money | :*",
    "\\",
    "%",
    "kings;--",
    "kings\0",
    "\udcff",
    "kings <-> of",
    "a" * 5000,
    "kings " * 5000,
]
ODD += ["🎙", "½", "\u0301", "\u202e", "ﷺ"]


def test_any_text_is_a_query(texts: Callable[..., list[str]]) -> None:
    assert all(set(texts(query)) <= {"kings", "money", "zhol", "bazaar", "school", "ilham"} for query in ODD)


def test_operators_are_words_or_nothing(texts: Callable[..., list[str]]) -> None:
    assert ["kings"] == texts('"kings*')
    assert ["kings"] == texts("-kings")
    assert [] == texts("title:kings")
    assert [] == texts("kings OR money")


def test_a_search_keeps_to_its_show_and_limit(texts: Callable[..., list[str]]) -> None:
    assert ["kings"] == texts("elsewhere", show="other")
    assert 2 == len(texts("kings", show=None))
    assert 1 == len(texts("king", limit=1))
    with pytest.raises(NotFound):
        texts("kings", show="mejlis")


def test_a_search_finds_the_text_as_it_is_now(catalogue: Catalogue) -> None:
    catalogue.add_episode(make_episode(title="Before", notes="old"))
    catalogue.change_episode("majlis", "kings-of-corruption", MOMENT, title="After", notes="new")

    assert [] == catalogue.search("before")
    assert [] == catalogue.search("old")
    assert ["After"] == [episode.title for episode in catalogue.search("after new")]
