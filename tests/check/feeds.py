"""A sound feed, and for each rule about feeds one or more that break it and nothing else about the same thing."""

from typing import Final

from podcast.formats import namespaces

SOUND: Final = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>Majlis &amp; more</title>
<link>https://radio.example/majlis</link>
<description>Talk about Central Asia</description>
<atom:link href="https://cdn.radio.example/majlis/feed.xml" rel="self" type="application/rss+xml"/>
<copyright>2026 Radio Free</copyright>
<image><url>https://cdn.radio.example/cover.jpg</url><title>Majlis &amp; more</title><link>https://radio.example/majlis</link></image>
<language>en</language>
<lastBuildDate>Wed, 25 Nov 2026 09:00:00 +0000</lastBuildDate>
<itunes:author>Radio Free</itunes:author>
<itunes:owner><itunes:name>Radio Free</itunes:name><itunes:email>desk@radio.example</itunes:email></itunes:owner>
<itunes:image href="https://cdn.radio.example/cover.jpg"/>
<itunes:category text="News"><itunes:category text="Politics"/></itunes:category>
<itunes:category text="Technology"/>
<itunes:explicit>false</itunes:explicit>
<podcast:guid>9b024349-ccf0-5f69-a609-6b82873eab3c</podcast:guid>
<podcast:locked>yes</podcast:locked>
<item>
<title>Kings &lt; 3</title>
<link>https://radio.example/kings</link>
<description><![CDATA[<p>A talk.</p>]]></description>
<guid isPermaLink="false">one</guid>
<enclosure url="https://cdn.radio.example/majlis/kings.mp3?from=feed" length="33472000" type="audio/mpeg"/>
<pubDate>Wed, 25 Nov 2026 09:00:00 +0000</pubDate>
<itunes:duration>2092</itunes:duration>
<itunes:explicit>false</itunes:explicit>
<podcast:transcript url="https://cdn.radio.example/majlis/kings.vtt" type="text/vtt" language="en"/>
<podcast:chapters url="https://cdn.radio.example/majlis/kings.json" type="application/json+chapters"/>
</item>
<item>
<title>Lake</title>
<link>https://radio.example/lake</link>
<content:encoded>A lake.</content:encoded>
<guid>https://radio.example/lake</guid>
<enclosure url="https://cdn.radio.example/majlis/lake.m4a" length="21000" type="audio/x-m4a"/>
<pubDate>18 Nov 2026 09:00 GMT</pubDate>
<itunes:duration>59</itunes:duration>
<itunes:explicit>true</itunes:explicit>
<podcast:transcript url="https://cdn.radio.example/majlis/lake.srt" type="application/x-subrip"/>
</item>
</channel>
</rss>
"""

#: Where all of them were found.
FOUND: Final = "https://cdn.radio.example/majlis/feed.xml"
_ITEM: Final = "<title>Lake</title>"
_ENCLOSURE: Final = '<enclosure url="https://cdn.radio.example/majlis/lake.m4a" length="21000" type="audio/x-m4a"/>'


def but(old: str, new: str = "", text: str = SOUND) -> bytes:
    """Return the sound feed with a text in it replaced."""
    assert old in text, old
    return text.replace(old, new, 1).encode()


def line(beginning: str, new: str = "") -> bytes:
    """Return the sound feed with the line that begins so replaced."""
    return but(next(line for line in SOUND.splitlines() if line.startswith(beginning)), new)


def without(*beginnings: str) -> list[bytes]:
    """Return feeds that each lack one line."""
    return [line(beginning) for beginning in beginnings]


def last_item(name: str, *values: str) -> list[bytes]:
    """Return feeds whose last enclosure has other values in one attribute."""
    old = {"url": "https://cdn.radio.example/majlis/lake.m4a", "length": "21000", "type": "audio/x-m4a"}[name]
    return [but(f'{name}="{old}"', f'{name}="{value}"') for value in values]


_REMOTE: Final = '<podcast:remoteItem feedGuid="9b024349-ccf0-5f69-a609-6b82873eab3c"/>'


def put(element: str, where: str = "item") -> bytes:
    """Return the sound feed with an element more in its channel or in its last item."""
    return but("<item>", f"{element}\n<item>") if where == "channel" else but(_ITEM, _ITEM + element)


BROKEN: dict[str, list[bytes]] = {
    "xml.well-formed": [
        b"",
        but("&amp; more", "& more"),
        but("<link>"),
        b"\n" + SOUND.encode(),
        SOUND.encode()[:900],
        but("more", "\x07"),
        but("more", "&nbsp;"),
        but("</channel>", "<itunes2:x/></channel>"),
        but("<item>", "<item>" + "<a>" * 3000),
        but("UTF-8", "no-such"),
        b"Not found",
    ],
    "xml.encoding": [SOUND.replace("UTF-8", "ISO-8859-1").encode(), SOUND.replace("UTF-8", "UTF-16").encode("utf-16")],
    "xml.bom": [b"\xef\xbb\xbf" + SOUND.encode()],
    "xml.doctype": [
        but("<rss", "<!DOCTYPE rss>\n<rss"),
        but("<rss", '<!DOCTYPE rss [<!ENTITY a "b"><!ENTITY x SYSTEM "file:///etc/passwd">]>\n<rss').replace(b"A lake", b"A &a;&x;"),
    ],
    "rss.version": [
        b"<feed xmlns='http://www.w3.org/2005/Atom'/>",
        b"<html><body>404</body></html>",
        but('version="2.0" '),
        but('version="2.0"', 'version="0.91"'),
        b"<rss version='2.0'/>",
        but("</channel>", "</channel><channel/>"),
    ],
    "rss.namespace": [
        but("http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.itunes.com/DTDs/Podcast-1.0.dtd"),
        but("http://www.itunes.com/dtds", "https://www.itunes.com/dtds"),
        but("https://podcastindex.org/namespace/1.0", "https://podcastindex.org/"),
    ],
    "feed.size": [but("<item>", f"<x>{'word ' * 200_000}</x>" * number + "<item>") for number in (1, 5, 10)],
    "spotify.episode.missing": [SOUND.partition("<item>")[0].encode() + b"</channel></rss>"],
    "rss.guid.unique": [but("<guid>https://radio.example/lake", "<guid isPermaLink='false'>one")],
    "apple.enclosure.unique": [but("lake.m4a", "kings.mp3?from=feed").replace(b"audio/x-m4a", b"audio/mpeg")],
    "apple.serial.item": [
        put("<itunes:type>serial</itunes:type>", "channel"),
        put("<itunes:type>serial</itunes:type>", "channel").replace(_ITEM.encode(), _ITEM.encode() + b"<itunes:episode>1</itunes:episode>"),
    ],
    "podcasting20.medium.items": [
        put("<podcast:medium>musicL</podcast:medium>", "channel"),
        put(f"<podcast:medium>publisher</podcast:medium>{_REMOTE}", "channel"),
        SOUND.partition("<item>")[0].encode() + b"<podcast:medium>publisher</podcast:medium></channel></rss>",
    ],
    "rss.order": [but("Wed, 25 Nov 2026 09:00:00 +0000</pubDate>", "17 Nov 2026 09:00 GMT</pubDate>")],
    "link.https": [
        but("https://cdn.radio.example/majlis/lake", "http://cdn.radio.example/majlis/lake"),
        but('image href="https', 'image href="http'),
    ],
    "link.local": [
        but("https://cdn.radio.example/majlis/lake", f"http://{host}/majlis/lake") for host in ("127.0.0.1:8000", "localhost", "10.0.0.4")
    ],
    "element.unknown": [but("<item>", "<podcast:chapter/>\n<item>"), but(_ITEM, f"{_ITEM}<itunes:isClosedCaptioned/>")],
    "rss.title.missing": [*without("<title>Majlis"), line("<title>Majlis", "<title> </title>")],
    "rss.link.missing": [*without("<link>"), line("<link>", "<link>radio.example</link>")],
    "rss.description.missing": without("<description>Talk"),
    "psp1.show.description": [but("Talk about", "Ө" * 2000)],
    "rss.description.title": [but("Talk about Central Asia", "Majlis &amp; more")],
    "rss.channel.once": [but("<language>", f"<{name}>x</{name}><language>") for name in ("title", "link", "description")],
    "rss.language.missing": without("<language>"),
    "rss.language.invalid": [but("<language>en", f"<language>{tag}") for tag in ("english language", "en_US", "kz", "jp-JP")],
    "psp1.self.missing": [
        *without("<atom:link"),
        but('rel="self"', 'rel="hub"'),
        but("https://cdn.radio.example/majlis/feed.xml", "feed.xml"),
    ],
    "psp1.self.type": [but(' type="application/rss+xml"'), but("application/rss+xml", "application/xml")],
    "rss.channel.first": [but("</channel>", "<ttl>60</ttl></channel>")],
    "rss.image.same": [
        but("<title>Majlis &amp; more</title><link>", "<title>X</title><link>"),
        but("majlis</link></image>", "x</link></image>"),
    ],
    "podcasting20.guid.version": [but("ccf0-5f69", "ccf0-4f69")],
    "apple.block.yes": [put("<itunes:block>Yes</itunes:block>", "channel")],
    "apple.moved": [put("<itunes:new-feed-url>https://radio.example/new.xml</itunes:new-feed-url>", "channel")],
    "feed.page.address": [
        put(f'<atom:link rel="{rel}"{href}/>', "channel") for rel in ("next", "prev-archive") for href in ("", ' href="feed-2.xml"')
    ],
    "feed.page.missing": [
        put('<atom:link rel="next" href="https://cdn.radio.example/2.xml"/>', "channel"),
        put(
            '<atom:link rel="prev" href="https://cdn.radio.example/2.xml"/><atom:link rel="first" href="https://cdn.radio.example/1.xml"/>',
            "channel",
        ),
        put('<fh:archive xmlns:fh="http://purl.org/syndication/history/1.0"/>', "channel"),
    ],
    "feed.page.archive": [put('<atom:link rel="current" href="https://cdn.radio.example/feed-1.xml"/>', "channel")],
    "feed.page.loop": [
        put(f'<atom:link rel="{rel}" href="https://cdn.radio.example/majlis/feed.xml"/>', "channel")
        for rel in ("next", "prev-archive", "prev")
    ],
    "rss.image": [*without("<image>"), but("<image><url>https://cdn.radio.example/cover.jpg</url>", "<image>")],
    "apple.artwork.missing": [*without("<itunes:image"), line("<itunes:image", '<itunes:image href=""/>')],
    "apple.artwork.address": [
        but('image href="https://cdn.radio.example/cover.jpg', f'image href="{url}')
        for url in ("cover.jpg", "https://cdn.radio.example/cover", "https://cdn.radio.example/cover.webp?x=.jpg")
    ],
    "apple.category.missing": [SOUND.replace(' text="News"', "").replace(' text="Technology"', "").encode()],
    "apple.category.unknown": [but("Technology", "Tech"), but("Politics", "Cricket"), but("Politics", "")],
    "apple.explicit.missing": without("<itunes:explicit>"),
    "spotify.author.missing": without("<itunes:author>"),
    "youtube.owner.missing": [*without("<itunes:owner>"), but("<itunes:email>desk@radio.example</itunes:email>")],
    "psp1.guid.missing": without("<podcast:guid>"),
    "psp1.locked.missing": without("<podcast:locked>"),
    "psp1.copyright": [but("2026 Radio", f"{word} 2026 Radio") for word in ("Copyright", "©", "(c)")],
    "rss.item.title": without(_ITEM),
    "rss.item.description": without("<content:encoded>"),
    "psp1.item.description": [but("A talk.", "word " * 800)],
    "apple.title.number": [
        but(_ITEM, f"<title>{title}</title>") for title in ("Episode 12: Kings", "#12 Kings", "S2E5 – Kings", "12. Kings", "ep 3")
    ],
    "rss.item.once": [put(f"<{name}>x</{name}>") * 1 for name in ("title", "link")]
    + [put("<pubDate>18 Nov 2026 09:00 GMT</pubDate>")]
    + [but("<content:encoded>", "<description>a</description><description>b</description><content:encoded>")],
    "psp1.item.link": [line("<link>https://radio.example/lake")],
    "psp1.item.explicit": [line("<itunes:explicit>true")],
    "apple.description.html": [but("<p>A talk.</p>", "<div>A talk.</div>"), but("<p>A talk.</p>", "<P>A <IMG src='x'>talk.</P>")],
    "antennapod.length": last_item("length", "1", "16383"),
    "psp1.duration.seconds": [but(">59<", ">0:59<"), but(">59<", ">1:00:59<"), but(">59<", ">99:59<")],
    "transcript.missing": [line('<podcast:transcript url="https://cdn.radio.example/majlis/lake')],
    "apple.transcript.type": [but("application/x-subrip", "application/json")],
    "podcasting20.soundbite.span": [
        put(f'<podcast:soundbite startTime="{start}" duration="{span}"/>') for start, span in ((0, "14.9"), (0, 121), (40, 20), (44.5, 15))
    ],
    "rss.guid.missing": [*without("<guid>"), but("<guid>https://radio.example/lake", "<guid> "), but("<guid>", "<guid>x</guid><guid>")],
    "rss.guid.permalink": [but(' isPermaLink="false"'), but('isPermaLink="false"', 'isPermaLink="true"')],
    "rss.enclosure.missing": [*without(_ENCLOSURE), but(_ENCLOSURE, _ENCLOSURE + _ENCLOSURE)],
    "rss.enclosure.url": last_item(
        "url", "lake.m4a", "", "https://cdn.radio.example/a b.m4a", "https://cdn.radio.example/ө.m4a", "ftp://x.example/a.m4a"
    ),
    "rss.enclosure.length": last_item("length", "0", "", "-1", "0:34:52", "٣"),
    "apple.enclosure.extension": last_item("url", "https://cdn.radio.example/track?id=lake.mp3", "https://cdn.radio.example/lake.xyz"),
    "rss.enclosure.type": [*last_item("type", "audio/mpeg", "", "mp3"), but("kings.mp3", "kings.m4a")],
    "rss.date.missing": without("<pubDate>18"),
    "rss.date.old": [but("18 Nov 2026 09:00 GMT", date) for date in ("Thu, 01 Jan 1970 00:00:00 +0000", "31 Dec 1999 23:59 GMT")],
    "rss.date.future": [but("Wed, 25 Nov 2026 09:00:00 +0000</pubDate>", "Fri, 25 Dec 2026 09:00:00 +0000</pubDate>")],
    "psp1.duration.missing": without("<itunes:duration>59"),
    "rss.title.html": [
        but("Majlis &amp; more", "Majlis &amp;amp; more"),
        but("Lake", "&lt;b&gt;Lake&lt;/b&gt;"),
        but("Lake", "It&amp;#39;s"),
    ],
    "rss.date.format": [
        but("18 Nov 2026 09:00 GMT", date)
        for date in (
            "2026-11-18T09:00:00Z",
            "Mon, 18 Nov 2026 09:00 GMT",
            "18 nov. 2026 09:00 GMT",
            "18 Nov 26 09:00 GMT",
            "18 Nov 2026 09:00",
            "99 Nov 2026 09:00 GMT",
        )
    ]
    + [but("Wed, 25 Nov 2026 09:00:00 +0000</lastBuildDate>", "today</lastBuildDate>")],
    "psp1.length": [but("2026 Radio", "R" * 251), put(f"<itunes:title>{'x' * 256}</itunes:title>")],
    "podcasting20.person.role": [put(f"<podcast:person {given}>Ali</podcast:person>") for given in ("role='king'", "group='x'")],
    "podcasting20.comments.disabled": [
        put('<podcast:socialInteract protocol="disabled"/><podcast:socialInteract protocol="nostr" uri="https://radio.example/"/>')
    ],
    "podcasting20.txt.ai": [put('<podcast:txt purpose="ai-content">some</podcast:txt>', where) for where in ("item", "channel")],
    "psp1.self.other": [but("majlis/feed.xml", "old.xml")],
    "psp1.space": [but("<title>Majlis", "<title> Majlis"), but("Free</itunes:author>", "Free\n</itunes:author>")],
}


_ELEMENTS: Final[dict[str, list[bytes]]] = {
    "apple.explicit": [put("<itunes:explicit>yes</itunes:explicit>"), put("<itunes:explicit>false</itunes:explicit>" * 2)],
    "apple.duration": [but("<itunes:duration>59", f"<itunes:duration>{value}") for value in ("0:00:59x", "0:60:60", "1:", "59.5")],
    "podcasting20.alternateEnclosure": [
        put(
            '<podcast:alternateEnclosure type="audio/ogg"><podcast:source uri="https://radio.example/a"/>'
            + '<podcast:integrity type="sri" value="sha256-AA=="/>' * 2
            + "</podcast:alternateEnclosure>"
        )
    ],
    "apple.image": [put("<itunes:image/>"), put('<itunes:image href="javascript:alert(1)"/>')],
    "apple.type": [put("<itunes:type>episodic</itunes:type>")],
    "apple.owner": [but("desk@radio.example", "desk")],
    "podcasting20.transcript": [
        put('<podcast:transcript url="https://radio.example/a.txt" type="application/pdf"/>'),
        put('<podcast:transcript type="text/vtt"/>'),
        put('<podcast:transcript url="https://radio.example/a.vtt" type="text/vtt"/>', "channel"),
    ],
    "podcasting20.chapters": [but('type="application/json+chapters"', 'type="application/json"')],
    "podcasting20.person": [put("<podcast:person/>"), put(f"<podcast:person>{'x' * 129}</podcast:person>")],
    "podcasting20.funding": [put('<podcast:funding url="https://radio.example/give" text="x">Give</podcast:funding>')],
}


def _bogus(name: str) -> bytes:
    """Return the sound feed with the element in its place, with an attribute that no element has."""
    return put(f"<{name} bogus='1'/>", "item" if "item" in namespaces.RULES[name].parents else "channel")


BROKEN |= {
    name.replace("itunes:", "apple.").replace("podcast:", "podcasting20."): [_bogus(name)]
    for name, row in namespaces.RULES.items()
    if name.startswith(("itunes:", "podcast:")) and not row.parents.isdisjoint({"channel", "item"})
}
for rule, examples in _ELEMENTS.items():
    BROKEN[rule] += examples

#: These take other elements with them.
LARGE: Final = frozenset({"xml.well-formed", "rss.namespace"})
#: Of these, some examples break another rule too: it says the same of the element.
ALSO: Final[dict[str, set[str]]] = {
    "rss.title.missing": {"psp1.space"},
    "rss.link.missing": {"rss.image.same"},
    "rss.title.html": {"rss.image.same"},
    "rss.guid.missing": {"psp1.space", "rss.guid.permalink"},
    "feed.page.address": {"feed.page.missing"},
    "feed.page.loop": {"feed.page.missing"},
    "apple.artwork.missing": {"apple.image"},
    "apple.artwork.address": {"apple.image"},
    "apple.category.missing": {"apple.category"},
    "apple.category.unknown": {"apple.category"},
    "youtube.owner.missing": {"apple.owner"},
    "psp1.length": {"apple.title"},
    "apple.explicit": {"psp1.item.explicit"},
    "apple.duration": {"psp1.duration.missing"},
}
