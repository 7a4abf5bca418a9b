"""The table of elements: what is written, what is cut, what is left out."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast.formats.namespaces import RULES, Element, feed_guid, fit, fit_all


def names(elements: Iterable[Element]) -> list[str]:
    return [element.name for element in elements]


@pytest.mark.parametrize(
    ("url", "guid"),
    [
        # The specification's own examples.
        ("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
        ("https://podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("http://podnews.net/rss//", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
    ],
)
def test_the_guid_of_a_feed_follows_from_its_address(url: str, guid: str) -> None:
    assert guid == feed_guid(url)


def test_the_guid_of_a_feed_heeds_case_and_query() -> None:
    assert 3 == len({feed_guid(url) for url in ("https://a.example/x", "https://a.example/X", "https://a.example/x?y=http://z")})


def test_text_is_cleaned_and_cut_at_the_limit_of_its_row() -> None:
    fitted = fit("channel", Element("podcast:funding", " a\x00 " + "ң" * 200, {"url": "https://a.example/"}))
    assert fitted is not None
    assert "a " + "ң" * 126 == fitted.text


@pytest.mark.parametrize(
    "element",
    [
        Element("podcast:funding", "Give", {"url": "javascript:alert(1)"}),
        Element("podcast:funding", "Give"),
        Element("podcast:funding", " \x00", {"url": "https://a.example/"}),
        Element("podcast:guid", "no-uuid"),
        Element("podcast:locked", "maybe"),
        Element("itunes:image"),
        Element("itunes:image", attributes={"href": None}),
        Element("itunes:explicit", "clean"),
        Element("itunes:category", attributes={"text": ""}),
        Element("itunes:owner", children=(Element("itunes:name", "A"),)),
        Element("itunes:owner", children=(Element("itunes:name", "A"), Element("itunes:email", "no address"))),
        Element("lastBuildDate", "2026-11-25"),
    ],
)
def test_an_element_without_what_it_needs_is_left_out(element: Element) -> None:
    assert None is fit("channel", element)


@pytest.mark.parametrize("season", ["0", "-1", "1.5", "x", "", "١"])
def test_seasons_are_whole_numbers_from_one(season: str) -> None:
    assert None is fit("item", Element("itunes:season", season))
    assert None is fit("item", Element("podcast:season", season))


def test_a_wrong_optional_attribute_costs_only_itself() -> None:
    fitted = fit("item", Element("podcast:person", "A", {"role": "guest", "href": "data:x", "img": None}))
    assert Element("podcast:person", "A", {"role": "guest"}) == fitted


def test_a_wrong_child_costs_only_itself() -> None:
    children = (Element("itunes:category", attributes={"text": ""}), Element("itunes:category", attributes={"text": "Politics"}))
    fitted = fit("channel", Element("itunes:category", attributes={"text": "News"}, children=children))
    assert fitted is not None
    assert [{"text": "Politics"}] == [child.attributes for child in fitted.children]


def test_attributes_come_in_the_order_of_the_table() -> None:
    fitted = fit("item", Element("podcast:person", "A", {"href": "https://a.example/", "group": "cast", "role": "host"}))
    assert fitted is not None
    assert ["role", "group", "href"] == list(fitted.attributes)


def test_what_may_stand_once_stands_once() -> None:
    twice = [Element("itunes:season", "1"), Element("itunes:season", "2"), Element("podcast:person", "A"), Element("podcast:person", "B")]
    fitted = list(fit_all("item", twice))
    assert ["1", "A", "B"] == [element.text for element in fitted]


def test_a_first_one_that_does_not_fit_makes_way() -> None:
    assert ["2"] == [element.text for element in fit_all("item", [Element("itunes:season", "0"), Element("itunes:season", "2")])]


@pytest.mark.parametrize(
    ("parent", "element"),
    [
        ("channel", Element("podcast:nonsense")),
        ("item", Element("podcast:guid", "9b024349-ccf0-5f69-a609-6b82873eab3c")),
        ("channel", Element("itunes:email", "a@b.example")),
        ("item", Element("podcast:person", "A", {"nonsense": "x"})),
    ],
)
def test_what_the_table_does_not_know_is_a_fault_of_the_program(parent: str, element: Element) -> None:
    with pytest.raises(ValueError, match="has no"):
        fit(parent, element)


ANY_TEXT = st.text(st.characters(), max_size=300)


@given(st.sampled_from(sorted(RULES)), ANY_TEXT, st.data())
def test_what_fits_once_fits_again_unchanged(name: str, text: str, data: st.DataObject) -> None:
    rule = RULES[name]
    attributes = {
        key: data.draw(st.none() | ANY_TEXT | ANY_TEXT.map("https://a.example/".__add__)) for key in (*rule.required, *rule.optional)
    }
    (parent, *_) = sorted(rule.parents)
    fitted = fit(parent, Element(name, text, attributes))
    if fitted:
        assert fitted == fit(parent, fitted)
        assert set(rule.required) <= set(fitted.attributes)
