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
<image><url>https://cdn.radio.example/cover.jpg</url><title>Majlis</title><link>https://radio.example/majlis</link></image>
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
<description><![CDATA[<p>A talk.</p>]]></description>
<guid isPermaLink="false">one</guid>
<enclosure url="https://cdn.radio.example/majlis/kings.mp3?from=feed" length="33472000" type="audio/mpeg"/>
<pubDate>Wed, 25 Nov 2026 09:00:00 +0000</pubDate>
<itunes:duration>2092</itunes:duration>
<podcast:transcript url="https://cdn.radio.example/majlis/kings.vtt" type="text/vtt" language="en"/>
<podcast:chapters url="https://cdn.radio.example/majlis/kings.json" type="application/json+chapters"/>
</item>
<item>
<title>Lake</title>
<content:encoded>A lake.</content:encoded>
<guid>https://radio.example/lake</guid>
<enclosure url="https://cdn.radio.example/majlis/lake.m4a" length="1" type="audio/x-m4a"/>
<pubDate>18 Nov 2026 09:00 GMT</pubDate>
<itunes:duration>59</itunes:duration>
</item>
</channel>
</rss>
"""

_ITEM: Final = "<title>Lake</title>"
_ENCLOSURE: Final = '<enclosure url="https://cdn.radio.example/majlis/lake.m4a" length="1" type="audio/x-m4a"/>'


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
    old = {"url": "https://cdn.radio.example/majlis/lake.m4a", "length": "1", "type": "audio/x-m4a"}[name]
    return [but(f'{name}="{old}"', f'{name}="{value}"') for value in values]


BROKEN: dict[str, list[bytes]] = {
    "xml.well-formed": [
        b"",
        but("&amp; more", "& more"),
        but("<link>"),
        b"\n" + SOUND.encode(),
        SOUND.encode()[:900],
        but("more", "\x07"),
        but("more", "&nbsp;"),
        but("<item>", "<item>" + "<a>" * 3000),
        but("UTF-8", "no-such"),
        b"Not found",
    ],
    "xml.encoding": [SOUND.replace("UTF-8", "ISO-8859-1").encode()],
    "xml.bom": [b"\xef\xbb\xbf" + SOUND.encode()],
    "xml.doctype": [
        but("<rss", "<!DOCTYPE rss>\n<rss"),
        but("<rss", '<!DOCTYPE rss [<!ENTITY a "b"><!ENTITY x SYSTEM "file:///etc/passwd">]>\n<rss').replace(b"Lake", b"&a;&x;"),
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
    "feed.size": [but("A talk.", "word " * 200_001)],
    "spotify.episode.missing": [SOUND.partition("<item>")[0].encode() + b"</channel></rss>"],
    "rss.guid.unique": [but("https://radio.example/lake", "one")],
    "apple.enclosure.unique": [but("lake.m4a", "kings.mp3?from=feed")],
    "rss.order": [but("18 Nov 2026", "26 Nov 2026")],
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
    "rss.language.invalid": [but("<language>en", "<language>english language")],
    "psp1.self.missing": [
        *without("<atom:link"),
        but('rel="self"', 'rel="hub"'),
        but("https://cdn.radio.example/majlis/feed.xml", "feed.xml"),
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
    "rss.guid.missing": [*without("<guid>"), but("<guid>https://radio.example/lake", "<guid> "), but("<guid>", "<guid>x</guid><guid>")],
    "rss.guid.permalink": [but(' isPermaLink="false"'), but('isPermaLink="false"', 'isPermaLink="true"')],
    "rss.enclosure.missing": [*without(_ENCLOSURE), but(_ENCLOSURE, _ENCLOSURE + _ENCLOSURE)],
    "rss.enclosure.url": last_item(
        "url", "lake.m4a", "", "https://cdn.radio.example/a b.m4a", "https://cdn.radio.example/ө.m4a", "ftp://x.example/a.m4a"
    ),
    "rss.enclosure.length": last_item("length", "0", "", "-1", "0:34:52", "٣"),
    "apple.enclosure.extension": last_item("url", "https://cdn.radio.example/track?id=lake.mp3", "https://cdn.radio.example/lake.opus"),
    "rss.enclosure.type": [*last_item("type", "audio/mpeg", "", "mp3"), but("kings.mp3", "kings.m4a")],
    "rss.date.missing": without("<pubDate>18"),
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
    "psp1.space": [but("<title>Majlis", "<title> Majlis"), but("Free</itunes:author>", "Free\n</itunes:author>")],
}


def put(element: str, where: str = "item") -> bytes:
    """Return the sound feed with an element more in its channel or in its last item."""
    return but("<item>", f"{element}\n<item>") if where == "channel" else but(_ITEM, _ITEM + element)


_ELEMENTS: Final[dict[str, list[bytes]]] = {
    "apple.explicit": [put("<itunes:explicit>yes</itunes:explicit>"), put("<itunes:explicit>false</itunes:explicit>" * 2)],
    "apple.duration": [but("<itunes:duration>59", "<itunes:duration>0:00:59x")],
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
