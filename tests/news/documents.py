"""Documents of one feed that the tests of parsing vary."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from bot.news.feeds.parser import Entry, parse_feed

URL = "https://tidewatch.example/feeds/news.xml"


LINK = "https://tidewatch.example/harbour/crane"


NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Tidewatch &amp; Sons</title><link>https://tidewatch.example/</link>
<language>en-GB</language><ttl>15</ttl>
{items}</channel></rss>"""


ITEM = """<item><title>Crane &lt;b&gt;stuck&lt;/b&gt; at Pier&amp;nbsp;4</title>
        <link>https://tidewatch.example/harbour/crane</link>
<guid isPermaLink="false">tw-1</guid><pubDate>Tue, 03 Mar 2026 13:00:00 +0100</pubDate>
<dc:creator>Ada Quill</dc:creator>
<description>&lt;p&gt;It leans.&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>It leans, and the harbour waits.</p>]]></content:encoded></item>"""


WANTED = Entry(
    id="tw-1",
    url=LINK,
    title="Crane stuck at Pier 4",
    author="Ada Quill",
    published_at=NOON,
    summary="<p>It leans.</p>",
    content="<p>It leans, and the harbour waits.</p>",
)


FORMATS = {
    "rss-0.91": f"""<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
        "http://my.netscape.example/rss-0.91.dtd"><rss version="0.91"><channel><item>
        <title>Crane stuck at Pier&nbsp;4</title>
        <link>{LINK}</link></item></channel></rss>""",
    "rss-1.0": f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>T</title></channel>
        <item rdf:about="tw-1">
        <title>Crane stuck at Pier 4</title><link>{LINK}</link><dc:date>2026-03-03T12:00Z</dc:date>
        </item></rdf:RDF>""",
    "rss-0.9": f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>T</title></channel>
        <item><title>Crane stuck at Pier 4</title><link>{LINK}</link></item></rdf:RDF>""",
    "rss-in-a-namespace": f"""<rss xmlns="http://backend.userland.com/rss2"><channel><item>
        <title>Crane stuck at Pier 4</title><link>{LINK}</link></item></channel></rss>""",
    "atom-1.0": f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry>
        <title>Crane stuck at Pier 4</title>
        <link rel="enclosure" href="https://tidewatch.example/a.mp3"/>
        <link href="{LINK}"/><id>tw-1</id></entry></feed>""",
    "atom-0.3": f"""<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title><entry>
        <title mode="escaped">Crane &lt;i&gt;stuck&lt;/i&gt; at Pier 4</title><link rel="alternate" type="text/html"
        href="{LINK}"/><issued>2026-03-03T12:00:00Z</issued></entry></feed>""",
    "atom-prefixed": f"""<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>Crane stuck at Pier 4</a:title>
        <a:link href="{LINK}"/></a:entry></a:feed>""",
    "atom-link-in-rss": f"""<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><item>
        <title>Crane stuck at Pier 4</title><atom:link href="{LINK}"/></item></channel></rss>""",
    "guid-as-link": f"""<rss><channel><item>
        <title>Crane stuck at Pier 4</title><guid>{LINK}</guid></item></channel></rss>""",
    "json-feed-1": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1",
            "items": [{"id": 1, "url": LINK, "title": "Crane stuck at Pier 4"}],
        }
    ),
    "json-feed-without-version": json.dumps({"items": [{"id": "1", "url": LINK, "title": "Crane stuck at Pier 4"}]}),
}


def one(body: str | bytes, *, url: str = URL, content_type: str | None = None) -> Entry:
    entries = parse_feed(body if isinstance(body, bytes) else body.encode(), url=url, content_type=content_type).entries
    assert len(entries) == 1
    return entries[0]


def item(inner: str) -> Entry:
    return one(RSS.format(items=f"<item>{inner}</item>"))


def atom(inner: str, *, head: str = "") -> Entry:
    return one(f'<feed xmlns="http://www.w3.org/2005/Atom"{head}><title>T</title><entry>{inner}</entry></feed>')
