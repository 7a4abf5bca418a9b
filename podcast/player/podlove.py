"""What the Podlove Web Player 5 reads: ``podlove.json`` of each episode, ``podlove-config.json`` and ``podlove-playlist.json`` of a show.

It reads times as ``hh:mm:ss.mmm``, and takes other numbers of thousandths for something else; a transcript is JSON only, and its
speakers are contributors by their ids. Pictures are ours alone, as everywhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from podcast.formats.chapters import clock
from podcast.formats.notes import to_html, to_text
from podcast.formats.text import safe_url
from podcast.model import Cue, Episode, Person, Show
from podcast.player.addresses import episode_page, show_page
from podcast.player.parts import own_picture
from podcast.site import Site, episode_key, show_key

#: Of the apps on its list, those that take a feed by its address alone and are still there.
_CLIENTS: Final = ("antenna-pod", "overcast", "pocket-casts", "podcast-addict", "castro", "downcast", "rss")
#: Pixels.
_POSTER: Final = 512


def podlove_json(site: Site, show: Show, episode: Episode, cues: Mapping[str, Sequence[Cue]]) -> bytes:
    """Return an episode, its chapters and its first transcript with it; ``cues`` by language."""
    said = cues[episode.transcripts[0].language] if episode.transcripts else ()
    people = {person.name: person for person in (*_speakers(said), *show.persons, *episode.persons)}
    ids = {name: str(number) for number, name in enumerate(people, 1)}
    media = site.media(episode)
    file = {"url": media.url, "size": str(media.length), "title": media.url.rpartition(".")[2].upper(), "mimeType": media.type}
    return _encode(
        {
            "version": 5,
            "show": {
                "title": show.title,
                "subtitle": "",
                "summary": show.description,
                "poster": site.covers(show).get(_POSTER, ""),
                "link": show_page(site, show),
            },
            "title": episode.title,
            "subtitle": to_text(episode.notes, 200),
            "summary": to_html(episode.notes),
            "poster": site.covers(show, episode).get(_POSTER, ""),
            "link": episode_page(site, episode),
            "publicationDate": episode.published.isoformat() if episode.published else None,
            "duration": clock(episode.audio.duration),
            "audio": [file],
            "files": [file],
            "chapters": list(_chapters(site, episode)),
            "contributors": [_contributor(site, ids[name], person) for name, person in people.items()],
            "transcripts": [_line(cue, ids) for cue in said],
        }
    )


def podlove_config(site: Site, show: Show) -> bytes:
    """Return how the player is set for a show: it keeps nothing, and shares by link and mail. ``base`` is for who hosts it to add."""
    return _encode(
        {
            "version": 5,
            "activeTab": "none",
            "subscribe-button": {
                "feed": site.url(show_key(show.slug, "feed.xml")),
                "clients": [{"id": client} for client in _CLIENTS],
            },
            "playlist": site.url(show_key(show.slug, "podlove-playlist.json")),
            "share": {"channels": ["link", "mail"], "sharePlaytime": True},
            "features": {"persistTab": False, "persistPlaystate": False},
        }
    )


def podlove_playlist(site: Site, episodes: Sequence[Episode]) -> bytes:
    """Return the episodes to choose from, in the order given."""
    rows = [(one.title, site.url(episode_key(one, "podlove.json")), clock(one.audio.duration)) for one in episodes]
    return _encode([{"title": title, "config": config, "duration": duration} for title, config, duration in rows])


def _chapters(site: Site, episode: Episode) -> Iterator[dict[str, str]]:
    for one in episode.chapters:
        if one.toc and one.title:
            links = {"href": safe_url(one.url or ""), "image": own_picture(site, one.image)}
            yield {"start": clock(one.start), "title": one.title} | {name: link for name, link in links.items() if link}


def _speakers(cues: Sequence[Cue]) -> Iterator[Person]:
    """Yield those who speak, each once in the place of who is a person of the show or the episode too."""
    for name in dict.fromkeys(cue.speaker for cue in cues if cue.speaker):
        yield Person(name=name, role="")


def _contributor(site: Site, identity: str, person: Person) -> dict[str, Any]:
    fields: dict[str, Any] = {"id": identity, "name": person.name}
    picture = own_picture(site, person.image)
    if picture:
        fields["avatar"] = picture
    if person.role:
        fields |= {kind: {"id": name, "slug": name, "title": name} for kind, name in (("role", person.role), ("group", person.group))}
    return fields


def _line(cue: Cue, ids: Mapping[str, str]) -> dict[str, str | int]:
    speaker = {"speaker": ids[cue.speaker], "voice": cue.speaker} if cue.speaker else {}
    times: dict[str, str | int] = {
        "start": clock(cue.start),
        "start_ms": round(cue.start * 1000),
        "end": clock(cue.end),
        "end_ms": round(cue.end * 1000),
    }
    return times | speaker | {"text": cue.text}


def _encode(value: object) -> bytes:
    return msgspec.json.encode(value) + b"\n"
