"""The files beside an audio file say what they say, and what is wrong in them is named with its line."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from podcast.errors import MediaError
from podcast.formats.notes import MAX_BYTES
from podcast.ingest.sidecar import Sidecar, read_episode_file, read_sidecar
from podcast.model import EpisodeType, Person
from tests.formats import shows

Put = Callable[[str, bytes], Path]
BISHKEK = ZoneInfo("Asia/Bishkek")

WHOLE = """
title = "Kyrgyzstan’s Kings Of Corruption"
slug = "kings-of-corruption"
date = 2017-08-06T18:00:00+06:00
season = 2
number = 5
type = "bonus"
explicit = true
language = "ky_kg"
link = "https://radio.example/talk"
notes = "A *talk*."
cover = "art/square.png"
chapters = "marks.txt"
transcripts = ["words.ky.srt", "words.vtt"]

[[persons]]
name = "Aida Ismailova"

[[persons]]
name = "Timur Bekov"
role = "Guest"
group = "cast"
href = "https://radio.example/timur"
image = "https://radio.example/timur.jpg"
"""


@pytest.fixture
def talk(put: Put) -> Path:
    return put("talk.one.mp3", b"")


def read(talk: Path) -> Sidecar:
    return read_sidecar(talk, BISHKEK)


def refused(talk: Path, toml: str, *, name: str = "talk.one.toml") -> MediaError:
    talk.with_name(name).write_text(toml)
    with pytest.raises(MediaError) as caught:
        read(talk)
    assert caught.value.hint
    return caught.value


def test_nothing_beside_it_says_nothing(talk: Path, put: Put) -> None:
    for name in ("talk.toml", "talk.one.more.toml", "other.md", "talk.one.txt", "talk.one.wav"):
        put(name, b"x")
    assert Sidecar() == read(talk)


def test_every_key_is_read(talk: Path, put: Put) -> None:
    (talk.parent / "art").mkdir()
    for name in ("art/square.png", "marks.txt", "words.ky.srt", "words.vtt", "talk.one.jpg", "talk.one.chapters.json", "talk.one.de.vtt"):
        put(name, b"")
    put("talk.one.md", b"other notes")
    put("talk.one.toml", WHOLE.encode())
    expected = Sidecar(
        title="Kyrgyzstan’s Kings Of Corruption",
        slug="kings-of-corruption",
        published=datetime(2017, 8, 6, 12, tzinfo=UTC),
        season=2,
        number=5,
        type=EpisodeType.BONUS,
        explicit=True,
        language="ky-KG",
        link="https://radio.example/talk",
        notes="A *talk*.",
        cover=talk.with_name("art") / "square.png",
        chapters=talk.with_name("marks.txt"),
        transcripts=((None, talk.with_name("words.vtt")), ("ky", talk.with_name("words.ky.srt"))),
        persons=(
            Person(name="Aida Ismailova"),
            Person(name="Timur Bekov", role="guest", href="https://radio.example/timur", image="https://radio.example/timur.jpg"),
        ),
    )
    assert expected == read(talk)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("talk.one.jpg", "cover"),
        ("talk.one.JPEG", "cover"),
        ("talk.one.png", "cover"),
        ("talk.one.chapters.json", "chapters"),
        ("talk.one.chapters.txt", "chapters"),
    ],
)
def test_files_of_the_stem_are_found(talk: Path, put: Put, name: str, field: str) -> None:
    assert put(name, b"") == getattr(read(talk), field)


def test_transcripts_of_the_stem_are_found_by_language(talk: Path, put: Put) -> None:
    names = {None: "talk.one.vtt", "ky": "talk.one.ky.srt", "uz-Cyrl": "talk.one.uz-Cyrl.vtt", "en": "talk.one.en.vtt"}
    for name in (*names.values(), "talk.one.srt", "talk.one.en.srt"):
        put(name, b"")
    found = read(talk)
    assert {language: talk.with_name(name) for language, name in names.items()} == dict(found.transcripts)
    assert found.transcripts[0][0] is None
    assert () == found.warnings


def test_a_longer_stem_keeps_its_own_files(talk: Path, put: Put) -> None:
    for name in ("talk.one.two.mp3", "talk.one.two.vtt", "talk.one.two.jpg"):
        put(name, b"")
    assert Sidecar() == read(talk)
    assert talk.with_name("talk.one.two.jpg") == read(talk.with_name("talk.one.two.mp3")).cover


def test_a_transcript_in_no_language_is_not_used_silently(talk: Path, put: Put) -> None:
    put("talk.one.final.vtt", b"")
    assert ("talk.one.final.vtt is not used: 'final' is no language",) == read(talk).warnings


def test_notes_are_not_cut_silently_and_stay_long_enough_for_the_linter_to_tell_of(talk: Path, put: Put) -> None:
    put("talk.one.md", b"word " * 200_000)
    found = read(talk)
    assert ("its notes have 1,000,000 characters: only the first 100,000 are kept",) == found.warnings
    assert len(found.notes or "") > MAX_BYTES


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2017-08-06", datetime(2017, 8, 5, 18, tzinfo=UTC)),
        ("2017-08-06T18:00:00", datetime(2017, 8, 6, 12, tzinfo=UTC)),
        ("2017-08-06 18:00", datetime(2017, 8, 6, 12, tzinfo=UTC)),
        ("2017-08-06T18:00:00Z", datetime(2017, 8, 6, 18, tzinfo=UTC)),
        ("2017-08-06T18:00:00+02:00", datetime(2017, 8, 6, 16, tzinfo=UTC)),
    ],
)
def test_a_date_without_a_zone_is_local(talk: Path, put: Put, given: str, moment: datetime) -> None:
    put("talk.one.toml", f'date = "{given}"'.encode())
    assert moment == read(talk).published
    if given.count(":") != 1:
        put("talk.one.toml", f"date = {given}".encode())
        assert moment == read(talk).published


def test_notes_and_fields_may_share_a_file(talk: Path, put: Put) -> None:
    put("talk.one.md", '\ufeff+++\r\ntitle = "Talk"\r\nnumber = 3\r\n+++\r\n\r\nSome *notes*.\r\n+++\r\n'.encode())
    found = read(talk)
    assert ("Talk", 3, "Some *notes*.\n+++") == (found.title, found.number, found.notes)


def test_notes_alone_are_markdown(talk: Path, put: Put) -> None:
    put("talk.one.md", "# Тема\n\n- one\n- two\n".encode())
    assert "# Тема\n\n- one\n- two" == read(talk).notes


def test_empty_fields_are_none(talk: Path, put: Put) -> None:
    put("talk.one.md", b"+++\n+++\n")
    assert Sidecar() == read(talk)


def test_two_places_for_fields_are_one_too_many(talk: Path, put: Put) -> None:
    put("talk.one.md", b"+++\nnumber = 3\n+++\n")
    assert "talk.one.toml and the top of talk.one.md both hold fields" == refused(talk, "number = 3").message


def test_other_front_matter_is_named(talk: Path) -> None:
    assert "TOML between +++" in refused(talk, "---\ntitle: Talk\n---\nNotes", name="talk.one.md").hint
    assert "no second such line" in refused(talk, "+++\ntitle = 'x'\nNotes", name="talk.one.md").message


@pytest.mark.parametrize(
    ("toml", "message", "hint"),
    [
        ('titel = "x"', "talk.one.toml, line 1: unknown key `titel`.", "Did you mean `title`?"),
        ("\n\nsesaon = 3", "talk.one.toml, line 3: unknown key `sesaon`.", "Did you mean `season`?"),
        (
            'title = "x"\n\n[[persons]]\nname = "A"\nrol = "host"',
            "talk.one.toml, line 5: unknown key `persons.0.rol`.",
            "Did you mean `role`?",
        ),
        ("season = 'two'", "talk.one.toml, line 1: `season`: Expected `int", ""),
        ("number = 0", "talk.one.toml, line 1: `number`: Expected `int` >= 1", ""),
        ("explicit = 'no'", "talk.one.toml, line 1: `explicit`: Expected `bool", ""),
        ("type = 'extra'", "talk.one.toml, line 1: `type`: Invalid enum value 'extra'", ""),
        ("title = x", "talk.one.toml is no valid TOML", "quotes"),
        ('\ndate = "yesterday"', "talk.one.toml, line 2: `date` is 'yesterday', which is no date", "2017-08-06"),
        ('date = "2017-13-06"', "talk.one.toml, line 1: `date` is '2017-13-06'", "2017-08-06"),
        ("date = 0017-08-06", "talk.one.toml, line 1: `date` is", "2017-08-06"),
        ("date = 18:00:00", "talk.one.toml, line 1: `date` is", "2017-08-06"),
        ("date = 2017", "talk.one.toml, line 1: `date` is '2017'", "2017-08-06"),
        ('slug = "My Talk"', "talk.one.toml, line 1: `slug` is 'My Talk', which fits no address", 'Write "my-talk".'),
        ('slug = "../x"', "talk.one.toml, line 1: `slug` is '../x'", "Write"),
        ('slug = "media"', "talk.one.toml, line 1: `slug` is 'media'", "Write"),
        ('language = "English"', "talk.one.toml, line 1: `language` is 'English'", "BCP 47"),
        ('link = "javascript:alert(1)"', "talk.one.toml, line 1: `link` holds 'javascript:alert(1)'", "https://"),
        (
            '[[persons]]\nname = "A"\nhref = "file:///x"',
            "talk.one.toml, line 1: `persons.0`: podcast:person: href is 'file:///x', and must be a web",
            "",
        ),
        ('[[persons]]\nname = "A"\nrole = "gest"', "talk.one.toml, line 1: `persons.0`: 'gest' is no role", "Did you mean 'guest'?"),
        (
            "[[soundbites]]\nstart_time = 1\nduration = 2\n[[soundbites]]\nstart_time = -1\nduration = 2",
            "talk.one.toml, line 4: `soundbites.1`: podcast:soundbite: startTime is '-1'",
            "",
        ),
        (
            "[[soundbites]]\nstart_time = 1\ndurration = 2",
            "talk.one.toml, line 3: unknown key `soundbites.0.durration`.",
            "Did you mean `duration`?",
        ),
        ('license = {name = "my-own"}', "talk.one.toml, line 1: `license`: podcast:license: url is missing", ""),
        ('license = "x"', "talk.one.toml, line 1: `license`: Invalid", ""),
        (
            '\nchat = {server = "a.example", protokol = "irc"}',
            "talk.one.toml, line 2: unknown key `chat.protokol`.",
            "Did you mean `protocol`?",
        ),
        ('[[alternates]]\ntype = "audio/opus"', "talk.one.toml, line 1: `alternates.0`: It missing required field `sources`", ""),
        (
            '[[value]]\n[[value.recipients]]\ntype = "node"\naddress = "a"\nsplit = 1\n[[value.recipients]]\ntype = "node"\nadress = "b"',
            "talk.one.toml, line 8: unknown key `value.0.recipients.1.adress`.",
            "Did you mean `address`?",
        ),
        ('[[trailers]]\ntitle = "x"', "talk.one.toml, line 1: unknown key `trailers`.", "Did you mean"),
        ("[[persons]]\nrole = 'host'", "talk.one.toml, line 1: `persons.0`: It missing required field `name`", ""),
        ('\ncover = "../cover.jpg"', "talk.one.toml, line 2: `cover` names '../cover.jpg', which is not in the folder", "Put"),
        ('cover = "/etc/passwd"', "talk.one.toml, line 1: `cover` names '/etc/passwd', which is not in the folder", "Put"),
        ('cover = "out/cover.jpg"', "talk.one.toml, line 1: `cover` names 'out/cover.jpg', which is not in the folder", "Put"),
        ('cover = "a\\u0000b"', "talk.one.toml, line 1: `cover` names", "Put"),
        ('chapters = "none.txt"', "talk.one.toml, line 1: `chapters` names 'none.txt', and there is no such file", "spelling"),
        ('transcripts = ["none.vtt"]', "talk.one.toml, line 1: `transcripts` names 'none.vtt', and there", "spelling"),
        ('transcripts = ["a.vtt", "b.vtt"]', "talk.one.toml, line 1: `transcripts` names two of the same language", "talk.ky.vtt"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(talk: Path, put: Put, tmp_path: Path, toml: str, message: str, hint: str) -> None:
    (talk.parent / "out").symlink_to(tmp_path)
    for name in ("../cover.jpg", "a.vtt", "b.vtt"):
        put(name, b"")
    error = refused(talk, toml)
    assert error.message.startswith(message)
    assert hint in error.hint
    assert "\n" not in error.message


def test_lines_count_from_the_top_of_the_file(talk: Path) -> None:
    message = refused(talk, "+++\nnumber = 3\ntitel = 'x'\n+++\nNotes", name="talk.one.md").message
    assert "talk.one.md, line 3: unknown key `titel`." == message


def test_a_sidecar_that_is_no_text_is_named(talk: Path, put: Put) -> None:
    put("talk.one.toml", b"title = 'caf\xe9'")
    with pytest.raises(MediaError, match=r"^talk.one.toml: The sidecar is not UTF-8"):
        read(talk)
    put("talk.one.toml", b"#" * ((1 << 20) + 1))
    with pytest.raises(MediaError, match=r"^talk.one.toml is larger"):
        read(talk)


ELEMENTS = """
license = {name = "radio-license-v1", url = "https://www.radio.example/license"}
chat = {server = "irc.radio.example", protocol = "irc", account_id = "@desk", space = "#majlis"}
block = true

[[persons]]
name = "Ali Toktakunov"
role = "guest"

[[funding]]
url = "https://www.radio.example/this"
text = "For this one"

[[locations]]
name = "Бишкек"
rel = "subject"
geo = "geo:42.87,74.59"
osm = "R2566100"
country = "kg"

[[images]]
href = "https://media.example/wide.jpg"
alt = "A yurt & a mast"
aspect_ratio = "16/9"
width = 1920
height = 1080
type = "image/jpeg"
purpose = "artwork social"
[[images]]
href = "https://media.example/square.png"

[[txt]]
text = "true"
purpose = "ai-content"

[[social]]
protocol = "activitypub"
uri = "https://social.example/@majlis/1"
account_id = "@majlis"
account_url = "https://social.example/@majlis"
priority = 1

[[content_links]]
href = "https://video.example/kings"
text = "On video"

[[soundbites]]
start_time = 73
duration = 60.5
title = "The <best>"
[[soundbites]]
start_time = 0.25
duration = 15

[[alternates]]
type = "video/mp4"
length = 10562995
bitrate = 681483.55
height = 1080
lang = "ky-KG"
title = "With pictures"
rel = "video"
codecs = "avc1.4d002a,mp4a.40.2"
default = true
integrity = {type = "sri", value = "sha384-ExVqijgYHm15PqQqdXfW95x+Rs6C+d6E/ICxyQOeFevnxNLR/wtJNrNYTjIysUBo"}
[[alternates.sources]]
uri = "https://media.example/kings.mp4"
[[alternates.sources]]
uri = "https://media.example/kings.torrent"
content_type = "application/x-bittorrent"
[[alternates.sources]]
uri = "ipfs://QmfQKJcp2xdByEt8mzWr1AJUhwvb9rdWPoacvdq2roDhgh"
[[alternates]]
type = "audio/opus"
bitrate = 16000
sources = [{uri = "https://media.example/kings.opus"}]

[[value]]
suggested = "0.00000005000"
[[value.recipients]]
type = "node"
address = "02d5c1bf8b940dc9cadca86d1b0a3c37fbe39cee4c7e839e33bef9174531d27f52"
split = 95
name = "Alice"
custom_key = "906608"
custom_value = "01ck"
[[value.recipients]]
type = "lnaddress"
address = "pay@radio.example"
split = 5
fee = true
[[value.time_splits]]
start_time = 60
duration = 237
remote_start_time = 174.5
remote_percentage = 95
[value.time_splits.remote_item]
feed_guid = "a94f5cc9-8c58-55fc-91fe-a324087a655b"
feed_url = "https://music.example/feed.xml"
item_guid = "song/1"
medium = "music"
title = "Күү"
[[value.time_splits]]
start_time = 330
duration = 53
[[value.time_splits.recipients]]
type = "lnaddress"
address = "pay@radio.example"
split = 5
fee = true
"""


def test_every_element_of_an_episode_is_read(talk: Path, put: Put) -> None:
    put("talk.one.toml", ELEMENTS.encode())
    _, (kings, _) = shows.read("everything")
    found = read(talk)
    names = (
        "soundbites",
        "license",
        "locations",
        "images",
        "alternates",
        "value",
        "txt",
        "social",
        "chat",
        "funding",
        "content_links",
        "block",
    )
    assert {name: getattr(kings, name) for name in names} == dict(found.elements)
    assert kings.persons == found.persons
    assert dict(found.elements) | {"persons": kings.persons} == read_episode_file(talk.with_suffix(".toml"), BISHKEK)


def test_a_file_by_itself_says_what_it_holds_and_what_is_to_be_taken_away(talk: Path, put: Put) -> None:
    put("art.png", b"")
    put("marks.txt", b"")
    put("words.ky.vtt", b"")
    fields = 'title = "x"\ndate = "2017-08-06"\nlink = ""\ncover = "art.png"\nchapters = "marks.txt"\ntranscripts = ["words.ky.vtt"]\n'
    found = read_episode_file(put("any.toml", f'{fields}license = ""\nsoundbites = []\nlanguage = "KY"'.encode()), BISHKEK)
    expected = {
        "title": "x",
        "published": datetime(2017, 8, 5, 18, tzinfo=UTC),
        "link": "",
        "cover": talk.with_name("art.png"),
        "chapters": talk.with_name("marks.txt"),
        "transcripts": [talk.with_name("words.ky.vtt")],
        "license": None,
        "soundbites": (),
        "language": "ky",
    }
    assert expected == found


def test_a_time_without_a_zone_is_refused_where_no_zone_is_meant(talk: Path, put: Put) -> None:
    put("any.toml", b"[[soundbites]]\nstart_time = 2026-01-01\nduration = 1")
    with pytest.raises(MediaError, match=r"any.toml, line 2: `soundbites.0.start_time`: Expected `float`"):
        read_episode_file(talk.with_name("any.toml"), BISHKEK)


def test_texts_are_cleaned(talk: Path, put: Put) -> None:
    put("talk.one.toml", b'title = " a\\u001b[2J \\u202e b "\nnotes = "a\\u0007\\r\\n\\r\\nb"')
    found = read(talk)
    assert ("a[2J b", "a\n\nb") == (found.title, found.notes)
