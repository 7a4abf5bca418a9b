"""Every rule sees what breaks it, and nothing in what is sound."""

from typing import Any

import pytest

from podcast.check import TABLES, Level, Rule, check_audio, check_episode, check_feed, check_release, check_show
from podcast.formats import rss
from podcast.model import Chapter
from podcast.site import Site
from tests.formats import shows
from tests.make import AUDIO, MOMENT, make_episode, make_show

from . import examples, feeds

SITE = Site("https://cdn.radio.example/")
RULES = [rule for table in TABLES for rule in table.rules]
SOUND: dict[str, list[Any]] = examples.SOUND
BROKEN: dict[str, list[Any]] = {**examples.BROKEN, **feeds.BROKEN}


def messages(rule: Rule[Any], thing: Any) -> list[str]:
    """Return what a rule says of a thing; a feed is bytes, and is checked as a whole."""
    if isinstance(thing, bytes):
        return [finding.message for finding in check_feed(thing, "feed.xml", now=MOMENT, url=feeds.FOUND) if finding.rule == rule.id]
    return list(rule.check(thing))


def test_every_rule_has_an_example_and_every_example_a_rule() -> None:
    assert sorted(BROKEN) == sorted(rule.id for rule in RULES)


def test_no_two_rules_have_one_id() -> None:
    assert len(RULES) == len({rule.id for rule in RULES})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_a_rule_sees_each_thing_that_breaks_it(rule: Rule[Any]) -> None:
    assert [] == [number for number, broken in enumerate(BROKEN[rule.id]) if not messages(rule, broken)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_a_rule_sees_nothing_in_what_is_sound(rule: Rule[Any]) -> None:
    assert [] == [message for sound in SOUND.get(rule.about, [feeds.SOUND.encode()]) for message in messages(rule, sound)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.id))
def test_a_rule_says_in_one_line_what_it_wants_why_and_what_to_do(rule: Rule[Any]) -> None:
    texts = [rule.text, rule.source, rule.remedy, *(message for broken in BROKEN[rule.id] for message in messages(rule, broken))]
    assert [] == [text for text in texts if not text.strip() or "\n" in text or text.endswith(".")]


def test_a_finding_names_the_episode_and_carries_its_rule() -> None:
    episode = make_episode(transcripts=(examples.ENGLISH,), notes="A talk.", chapters=(Chapter(start=5000, title="Late"),))
    findings = list(check_episode(make_show(), episode, SITE, now=MOMENT, read_cues=lambda _: examples.CUES))
    assert {"chapters.after-end", "chapters.first"} == {finding.rule for finding in findings}
    late = findings[0]
    assert ("majlis/kings-of-corruption", Level.WARNING, "Podcasting 2.0") == (late.where, late.level, late.source)
    assert "“Late” begins at 1:23:20, the audio ends at 0:34:52" == late.message
    assert "podcast edit EP --chapters FILE" == late.hint


def test_a_sound_episode_of_a_sound_show_has_no_finding() -> None:
    episode = make_episode(transcripts=(examples.ENGLISH,), notes="A talk.", artwork=examples.ARTWORK, chapters=examples.CHAPTERS)
    show = make_show(artwork=examples.ARTWORK)
    assert [] == list(check_show(show, [episode], SITE, now=MOMENT, read_cues=lambda _: examples.CUES))


def test_of_our_own_feed_nothing_is_told_that_nobody_can_mend() -> None:
    show = make_show(artwork=examples.ARTWORK, guid="9b024349-ccf0-4f69-a609-6b82873eab3c")
    found = check_show(show, [], SITE, now=MOMENT, read_cues=lambda _: None)
    assert ["spotify.episode.missing"] == [finding.rule for finding in found]


def test_pictures_of_show_and_episode_are_looked_at() -> None:
    small = examples.picture(width=300, height=300)
    findings = check_show(make_show(artwork=small), [make_episode()], SITE, now=MOMENT, read_cues=lambda _: ())
    assert ("majlis", "apple.artwork.size") in {(finding.where, finding.rule) for finding in findings}
    found = check_episode(make_show(), make_episode(artwork=small), SITE, now=MOMENT, read_cues=lambda _: ())
    assert "apple.artwork.size" in {finding.rule for finding in found}


def test_only_errors_stop_a_release() -> None:
    episode = make_episode(title="", notes="", transcripts=(examples.ENGLISH,))
    found = check_release(make_show(), episode, SITE, now=MOMENT, read_cues=lambda _: None)
    assert ["episode.title.missing", "transcript.readable"] == [finding.rule for finding in found]


def test_what_is_wrong_with_the_item_alone_stops_a_release_and_what_is_wrong_with_the_show_does_not() -> None:
    found = check_release(make_show(author="", owner=None), make_episode(guid=" "), SITE, now=MOMENT, read_cues=lambda _: ())
    assert ["rss.guid.missing"] == [finding.rule for finding in found]


def test_an_item_that_is_at_hand_is_looked_at_as_it_is() -> None:
    show, episodes = shows.read("everything")
    for simple_chapters in (False, True):
        item = rss.render_item(show, episodes[0], SITE, simple_chapters=simple_chapters)
        assert () == check_release(show, episodes[0], SITE, now=MOMENT, read_cues=lambda _: examples.CUES, item=item)
        broken = item.replace(b"<guid", b"<gone").replace(b"</guid", b"</gone")
        found = check_release(show, episodes[0], SITE, now=MOMENT, read_cues=lambda _: examples.CUES, item=broken)
        assert [(f"{show.slug}/{episodes[0].slug}", "rss.guid.missing")] == [(finding.where, finding.rule) for finding in found]


def test_a_variable_bitrate_is_told_once() -> None:
    doubt = "it has a variable bitrate: many players seek imprecisely"
    found = list(check_audio(examples.audio(bitrate=127_998).audio, (), [doubt], "talk.mp3"))
    assert ["audio.structure"] == [finding.rule for finding in found]
    assert ["audio.vbr"] == [finding.rule for finding in check_audio(examples.audio(bitrate=127_998).audio, (), [], "talk.mp3")]


def test_foreign_text_in_a_finding_is_one_short_line_that_can_be_printed() -> None:
    chapters = (Chapter(start=0, title="a\nb\x1b[2J\ud800" + "c" * 10_000, end=0),)
    found = list(check_audio(AUDIO, chapters, [], "talk\n.mp3"))
    assert ["chapters.span"] == [finding.rule for finding in found]
    assert found[0].message.startswith("“a b[2Jccc")
    assert 400 == len(found[0].message)
    assert "talk .mp3" == found[0].where
