"""Whatever file is handed in: findings or one plain error, never anything else, and never more memory than that takes."""

import gzip
import os
from pathlib import Path

import pytest

from podcast.check import Level
from podcast.check.files import LIMIT, check_file
from podcast.errors import MediaError
from tests.make import MOMENT

from . import feeds

EPISODES = Path(__file__).parents[2] / "episodes"
SPEECH = (EPISODES / "s01e01-welcome-to-majlis.mp3").read_bytes()
PAGE = b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title><meta charset=utf-8></head><body><h1>Not Found<p>nginx</body></html>"
UTF_16 = feeds.SOUND.replace("UTF-8", "UTF-16").encode("utf-16")
LATIN_1 = feeds.SOUND.replace("UTF-8", "ISO-8859-1").replace("A lake", "A lâke").encode("latin-1")
SECRET = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<rss'
LAUGHS = "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 30))

CROWD = "<rss " + " ".join(f'a{number}=">"' for number in range(100_000)) + "/>"

#: The file, and the rules of which it breaks at least these, and at most these where the set ends in "only".
FEEDS: dict[str, tuple[bytes, set[str]]] = {
    "a web page": (PAGE, {"xml.well-formed", "xml.doctype", "rss.version", "only"}),
    "compressed": (gzip.compress(feeds.SOUND.encode()), {"only"}),
    "compressed in two members": (gzip.compress(feeds.SOUND[:900].encode()) + gzip.compress(feeds.SOUND[900:].encode()), {"only"}),
    "UTF-16": (UTF_16, {"xml.encoding", "only"}),
    "UTF-16 that says UTF-8": (feeds.SOUND.encode("utf-16"), {"xml.encoding"}),
    "Latin-1": (LATIN_1, {"xml.encoding", "only"}),
    "Latin-1 that says UTF-8": (LATIN_1.replace(b"ISO-8859-1", b"UTF-8"), {"xml.well-formed"}),
    "a byte order mark": (b"\xef\xbb\xbf" + feeds.SOUND.encode(), {"xml.bom", "only"}),
    "a file of the machine": (feeds.but("<rss", SECRET).replace(b"A lake", b"&x;"), {"xml.doctype"}),
    "a billion laughs": (
        feeds.but("<rss", f'<!DOCTYPE rss [<!ENTITY a0 "ha">{LAUGHS}]>\n<rss').replace(b"A lake", b"A &a29;"),
        {"xml.doctype"},
    ),
    "laughs in an attribute": (
        feeds.but("<rss", f'<!DOCTYPE rss [<!ENTITY a0 "ha">{LAUGHS}]>\n<rss').replace(b'length="33472000"', b'length="&a29;"'),
        {"xml.well-formed"},
    ),
    "a million deep": (b"<rss version='2.0'><channel>" + b"<a>" * 1_000_000, {"xml.well-formed"}),
    "a million deep in an item": (feeds.but("<item>", "<item>" + "<a>" * 1_000_000), {"xml.well-formed"}),
    "a million attributes": (b"<rss " + b" ".join(b'a%d=""' % number for number in range(1_000_000)) + b"/>", {"xml.well-formed"}),
    "attributes in UTF-16": (CROWD.encode("utf-16"), {"xml.well-formed"}),
    "a million names for one namespace": (
        b"<rss><channel><item " + b" ".join(b'xmlns:a%d="b"' % number for number in range(100_000)) + b"/>",
        {"xml.well-formed"},
    ),
    "a title of eleven million letters": (feeds.but("Lake</title>", "x" * 11_000_000 + "</title>"), {"xml.well-formed"}),
    "cut off": (feeds.SOUND.encode()[:-25], {"xml.well-formed", "only"}),
    "an atom feed": (b"<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title></feed>", {"rss.version", "only"}),
}  # fmt: skip

NO_FEEDS: dict[str, bytes] = {
    "empty": b"",
    "white space": b" \n\n",
    "text": b"Not found",
    "JSON": b'{"error": 404}',
    "zeros": bytes(100_000),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "tags alone": SPEECH[:10],
    "half a file": SPEECH[: len(SPEECH) // 2],
    "a compressed file that is cut": gzip.compress(feeds.SOUND.encode())[:500],
    "a compressed file that is damaged": gzip.compress(feeds.SOUND.encode())[:-4] + b"abcd",
    "a bomb": gzip.compress(bytes(LIMIT + 1)),
    "RIFF without sound": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "a tag that lies about its size": b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(2_000),
}


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_like_this_is_told_by_its_rule(name: str, tmp_path: Path) -> None:
    data, rules = FEEDS[name]
    path = tmp_path / "feed.xml"
    path.write_bytes(data)
    findings = list(check_file(path, now=MOMENT))
    found = {finding.rule for finding in findings}
    assert rules - {"only"} <= found
    assert "only" not in rules or found == rules - {"only"}
    assert "root:" not in "".join(finding.message for finding in findings)


@pytest.mark.parametrize("name", NO_FEEDS)
def test_a_file_like_this_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / "talk.mp3"
    path.write_bytes(NO_FEEDS[name])
    with pytest.raises(MediaError) as caught:
        list(check_file(path, now=MOMENT))
    assert "\n" not in caught.value.message
    assert caught.value.hint


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    for path in (tmp_path, tmp_path / "pipe.mp3"):
        with pytest.raises(MediaError):
            list(check_file(path, now=MOMENT))


def test_sound_with_rubbish_before_and_behind_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp3"
    path.write_bytes(SPEECH + b"TAG" + bytes(5_000) + b"<html>")
    assert Level.ERROR not in {finding.level for finding in check_file(path, now=MOMENT)}
