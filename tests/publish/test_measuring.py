"""The waveform of what was measured stands on its page and embed, and in storage for as long as it is the episode's."""

from datetime import timedelta
from pathlib import Path

from podcast.errors import PodcastError
from podcast.ingest.analyse import VERSION
from podcast.model import Episode, Measured
from podcast.publish.leftovers import clear
from podcast.publish.measuring import measure, to_measure
from podcast.publish.plan import Plan
from podcast.publish.press import prepare

from .conftest import NOW, House

FOUND = Measured(
    version=VERSION,
    seconds=0.1,
    integrated_lufs=-16.0,
    range_lu=2.0,
    true_peak_dbtp=-1.0,
    channels=(-20.0,),
    peaks=bytes.fromhex("02000000 01000000 80bb0000 60090000 02000000 01000000 9c64 00ff"),
)
PEAKS = "majlis/first/peaks.json"
SPEECH = Path(__file__).parents[2] / "episodes" / "s01e01-welcome-to-majlis.mp3"


def shown(house: House) -> list[str]:
    """Return the pages that fetch the waveform."""
    return [key for key, body in house.storage.content().items() if f'data-peaks="https://pod.example/{PEAKS}"'.encode() in body]


def planned(house: House, *chosen: Episode) -> Plan:
    return prepare(house.press, house.catalogue.show("majlis"), now=NOW, chosen=chosen)


def test_a_measured_episode_has_its_waveform_until_it_is_taken_down(house: House) -> None:
    house.catalogue.keep_measured(house.add("first").audio.sha256, FOUND)
    house.publish("first")
    assert b'"data":[-100,100,0,-1]' in house.storage.content()[PEAKS]
    assert ["majlis/embed/latest.html", "majlis/first/embed.html", "majlis/first/index.html"] == sorted(shown(house))
    clear(house.press, house.catalogue.shows(), clock=lambda: NOW + timedelta(days=90), grace=timedelta(0))
    assert PEAKS in house.storage.content()
    house.publish(withdraw=["first"])
    assert PEAKS not in house.storage.content()


def test_what_was_not_measured_goes_out_without_one(house: House) -> None:
    house.add("first")
    house.publish("first")
    assert PEAKS not in house.storage.content()
    assert not shown(house)


def test_other_sound_takes_the_waveform_off_the_pages(house: House) -> None:
    house.catalogue.keep_measured(house.add("first").audio.sha256, FOUND)
    house.publish("first")
    house.catalogue.change_episode("majlis", "first", NOW, audio=house.audio(b"other"))
    house.publish()
    assert not shown(house)


def test_what_is_measured_later_comes_to_the_pages_with_the_next_publish(house: House) -> None:
    first = house.add("first")
    house.publish("first")
    house.catalogue.keep_measured(first.audio.sha256, FOUND)
    house.storage.written.clear()
    house.publish()
    assert 3 == len(shown(house))
    assert not [key for key in house.storage.written if "/media/" in key]


def test_a_file_that_cannot_be_measured_is_told_of_and_the_others_are(house: House) -> None:
    bad, good = house.add("first"), house.add("second", audio=house.audio(SPEECH.read_bytes()))
    house.press.staging.path(bad.audio.sha256).write_bytes(b"x")
    passed: list[int] = []
    failed = measure(house.press, [bad, good], passed.append)
    assert [("first", True)] == [(episode.slug, isinstance(error, PodcastError)) for episode, error in failed]
    found = house.catalogue.measured(good.audio.sha256)
    assert found
    assert int(found.seconds) - 2 <= sum(passed) <= found.seconds
    assert ([bad], []) == to_measure(house.press, planned(house, bad, good))


def test_new_sound_alone_is_listened_to_and_never_a_whole_archive(house: House) -> None:
    many = [house.add(f"e{number}") for number in range(12)]
    assert (many[:10], many[10:]) == to_measure(house.press, planned(house, *many))
    house.publish(*(one.slug for one in many))
    house.catalogue.change_show("majlis", NOW, title="Another title")
    assert ([], []) == to_measure(house.press, planned(house))
    replaced = house.catalogue.change_episode("majlis", "e3", NOW, audio=house.audio(b"other"))
    assert [replaced.slug] == [one.slug for one in to_measure(house.press, planned(house))[0]]
    house.storage.delete(list(house.storage.content()))
    assert ([], []) == to_measure(house.press, planned(house))
