"""What a file is, by its first bytes and never by its name.

Only what stands here is ever given to a decoder, and then to that one demuxer: a playlist named ``.mp3`` would make
FFmpeg's own guessing open other files and addresses.
"""

import re
from mmap import mmap
from typing import Final

from . import mp3
from .refusal import Refused

Data = bytes | mmap

#: How far junk in front of an MP3 is searched for its first frame, in bytes.
SEARCH: Final = 4 << 20

_HINT: Final = "Give an audio file: MP3, M4A, Ogg (Opus or Vorbis), FLAC, WAV, AIFF or AAC."
_HEAD: Final = 4096

_AUDIO: Final = (
    (re.compile(rb"fLaC"), "audio/flac"),
    (re.compile(rb"OggS\x00"), "audio/ogg"),
    (re.compile(rb"(RIFF|RF64|BW64)....WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"FORM....AIF[FC]", re.DOTALL), "audio/aiff"),
)

#: What else there is; these are refused by name, whatever may follow.
_OTHER: Final = (
    (
        re.compile(
            rb"\xff\xd8\xff|\x89PNG|GIF8|BM....\x00\x00\x00\x00|II\*\x00|MM\x00\*|RIFF....WEBP|....ftyp(heic|heix|hevc|mif1|msf1|avif|avis)|8BPS",
            re.DOTALL,
        ),
        "a picture",
    ),
    (
        re.compile(
            rb"\s*(#EXTM3U|ffconcat |\[playlist\]|<asx|<\?wpl|<\?xml[^>]*\?>\s*(<!--.*?-->\s*)?<(playlist|MPD|smil))",
            re.DOTALL | re.IGNORECASE,
        ),
        "a playlist",
    ),
    (re.compile(rb"\s*(<!doctype html|<html|<head|<body|<script)", re.IGNORECASE), "a web page"),
    (re.compile(rb"\s*(<\?xml|<rss|<svg|<feed)", re.IGNORECASE), "an XML file"),
    (re.compile(rb"PK(\x03\x04|\x05\x06)"), "a ZIP archive (or an office document)"),
    (re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!|\x28\xb5\x2f\xfd"), "an archive"),
    (re.compile(rb"%PDF"), "a PDF"),
    (re.compile(rb"\x1aE\xdf\xa3"), "Matroska or WebM"),
    (re.compile(rb"RIFF....AVI |FLV\x01|\x00\x00\x01\xba|\x00\x00\x01\xb3|G.{187}G", re.DOTALL), "a video"),
    (re.compile(rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), "Windows Media"),
    (re.compile(rb"caff"), "Apple Core Audio (CAF)"),
    (re.compile(rb"#!AMR"), "AMR"),
    (re.compile(rb"MThd"), "MIDI notes"),
    (re.compile(rb"ADIF"), "AAC without frames (ADIF)"),
    (re.compile(rb"MZ|\x7fELF|\xca\xfe\xba\xbe"), "a program"),
    (re.compile(rb"SQLite format 3"), "a database"),
)


def media_type(data: Data) -> str:
    """Return the media type of audio that we publish; Refused says what else it is."""
    if not len(data):
        raise Refused("is empty", hint="Export or copy it anew.")
    start = mp3.skip_tags(data, 0)
    head = data[start : start + _HEAD]
    if found := _by_magic(head):
        return found
    if _is_adts(data, start):
        return "audio/aac"
    if mp3.find_frames(data, start, min(len(data), start + SEARCH))[0] is not None:
        return "audio/mpeg"
    if start and not head:
        raise Refused("holds tags and no audio", hint="Export or copy it anew.")
    raise Refused(f"is {_describe(head)}, not audio that we know", hint=_HINT)


def refuse_at_once(block: bytes) -> None:
    """Refuse from the first block what is surely no audio, so that nobody waits for a copy of it."""
    if not block:
        media_type(block)
    start = mp3.skip_tags(block, 0)
    _by_magic(block[start : start + _HEAD])


def _by_magic(head: bytes) -> str | None:
    for pattern, found in _AUDIO:
        if pattern.match(head):
            return found
    for pattern, what in _OTHER:
        if pattern.match(head):
            raise Refused(f"is {what}, not audio", hint=_HINT)
    return "audio/x-m4a" if head[4:8] == b"ftyp" else None


def _is_adts(data: Data, position: int) -> bool:
    """Say whether three AAC frames with ADTS headers follow each other, or fewer up to the end."""
    for count in range(3):
        head = data[position : position + 6]
        if count and not head:
            return True
        if len(head) < 6 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
            return False
        size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
        if size < 7:
            return False
        position += size
    return True


def _describe(head: bytes) -> str:
    if not head.strip(b"\0"):
        return "nothing but zeros"
    if head[:2] == b"\xff\xfe" or head[:2] == b"\xfe\xff":
        return "text"
    if head[0] == 0xFF and len(head) > 1 and head[1] & 0xE6 == 0xE4:
        return "MPEG Layer II"
    try:
        text = head[: _HEAD - 4].decode()
    except UnicodeDecodeError:
        return "binary data"
    return "binary data" if any(ord(character) < 9 for character in text) else "text"
