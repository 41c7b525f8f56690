"""Feeds of every format, as they are and as they should not be."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.errors import FeedError, FeedFault
from bot.news.feeds.parser import Entry, Feed, parse_feed
from tests.support.properties import examples

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


def one(body: str | bytes, *, url: str = URL, content_type: str | None = None) -> Entry:
    entries = parse_feed(body if isinstance(body, bytes) else body.encode(), url=url, content_type=content_type).entries
    assert len(entries) == 1
    return entries[0]


def item(inner: str) -> Entry:
    return one(RSS.format(items=f"<item>{inner}</item>"))


def atom(inner: str, *, head: str = "") -> Entry:
    return one(f'<feed xmlns="http://www.w3.org/2005/Atom"{head}><title>T</title><entry>{inner}</entry></feed>')


def test_rss_2_is_read_whole() -> None:
    assert parse_feed(RSS.format(items=ITEM).encode(), url=URL) == Feed(
        title="Tidewatch & Sons",
        site_url="https://tidewatch.example/",
        lang="en-gb",
        entries=(WANTED,),
        ttl_s=900,
        total=1,
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


@pytest.mark.parametrize("body", FORMATS.values(), ids=FORMATS.keys())
def test_every_format_gives_title_and_link(body: str) -> None:
    entry = one(body)
    assert (entry.title, entry.url) == ("Crane stuck at Pier 4", LINK)


ILL_FORMED = {
    "line-before-the-prolog": "\n\n" + RSS.format(items=ITEM),
    "junk-before-the-prolog": "Warning: something in line 3\n" + RSS.format(items=ITEM),
    "bare-ampersand": RSS.format(items=ITEM.replace("</item>", "<category>R & D</category></item>")),
    "undeclared-entity": RSS.format(items=ITEM.replace("Pier&amp;nbsp;4", "Pier&nbsp;4")),
    "unknown-entity": RSS.format(items=ITEM.replace("</item>", "<category>&harbour;</category></item>")),
    "control-characters": RSS.format(items=ITEM.replace("Crane", "\x02Crane\x0b")),
    "forbidden-reference": RSS.format(items=ITEM.replace("Crane", "&#2;Crane&#xFFFF;")),
    "undeclared-prefix": RSS.format(items=ITEM.replace("</item>", "<wfw:commentRss>x</wfw:commentRss></item>")),
    "forgotten-prefixes": RSS.format(items=ITEM)
    .replace("xmlns:dc", "data-dc")
    .replace("xmlns:content", "data-content"),
    "cut-off": RSS.format(items=ITEM)[: -len("</channel></rss>")],
    "text-after-the-end": RSS.format(items=ITEM) + "<script>x</script>",
    "loose-less-than": RSS.format(items=ITEM.replace("</item>", "<category>1 < 2</category></item>")),
    "bare-markup": RSS.format(items=ITEM.replace("</item>", "</item>"))
    .replace("&lt;p&gt;It leans.&lt;/p&gt;", "<p>It leans.</p>")
    .replace("<ttl>15</ttl>", "<description>one<br>two & three</description>"),
    "wrong-declaration": RSS.format(items=ITEM).replace('encoding="utf-8"', 'encoding="utf-99"'),
}


@pytest.mark.parametrize("body", ILL_FORMED.values(), ids=ILL_FORMED.keys())
def test_ill_formed_feeds_are_mended(body: str) -> None:
    assert one(body) == WANTED


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("AT&amp;amp;T", "AT&T"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("a &lt;b&gt;bold&lt;/b&gt; step", "a bold step"),
        ("List&lt;T&gt; explained", "List<T> explained"),
        ("1 &lt; 2", "1 < 2"),
        ("<![CDATA[ <em>one</em>\n two ]]>", "one two"),
        ("one&lt;br/&gt;two", "one two"),
        ("caf&#233; &amp;#8211; tea", "café – tea"),
        ("   spaced \t out  ", "spaced out"),
        ("", ""),
    ],
)
def test_titles_are_plain_text(raw: str, plain: str) -> None:
    assert item(f"<title>{raw}</title><link>https://tidewatch.example/1</link>").title == plain


@pytest.mark.parametrize(
    ("kind", "raw", "plain"),
    [
        ("text", "Use &lt;b&gt; sparingly", "Use <b> sparingly"),
        ("html", "Use &lt;b&gt;it&lt;/b&gt;", "Use it"),
        ("xhtml", '<div xmlns="http://www.w3.org/1999/xhtml">Use <b>it</b></div>', "Use it"),
    ],
)
def test_atom_titles_go_by_their_type(kind: str, raw: str, plain: str) -> None:
    assert atom(f'<title type="{kind}">{raw}</title>').title == plain


@pytest.mark.parametrize(
    ("raw", "html"),
    [
        ('<content type="html">&lt;p&gt;a&lt;/p&gt;</content>', "<p>a</p>"),
        ('<content type="text">1 &lt; 2</content>', "1 &lt; 2"),
        ('<content type="xhtml"><x:div xmlns:x="http://www.w3.org/1999/xhtml"><x:p>a<x:br/></x:p></x:div></content>',
         "<div><p>a<br></p></div>"),
        ('<content type="text/html" mode="base64">PHA+YTwvcD4=</content>', "<p>a</p>"),
        ("<content/>", ""),
    ],
    ids=["html", "text", "xhtml", "base64", "empty"],
)  # fmt: skip
def test_atom_content_becomes_html(raw: str, html: str) -> None:
    assert atom(f"<title>x</title>{raw}").content == html


@pytest.mark.parametrize(
    ("base", "link", "resolved"),
    [
        ("", "/harbour/crane", "https://tidewatch.example/harbour/crane"),
        ("", "crane", "https://tidewatch.example/feeds/crane"),
        ("", "//other.example/crane", "https://other.example/crane"),
        (' xml:base="https://base.example/a/"', "crane", "https://base.example/a/crane"),
        (' xml:base="/b/"', "crane", "https://tidewatch.example/b/crane"),
        ("", " https://tidewatch.example/a&#10;/b ", "https://tidewatch.example/a/b"),
        ("", "javascript:alert(1)", ""),
        ("", "tg://resolve?domain=x", ""),
    ],
)
def test_links_are_resolved_and_only_the_webs_are_kept(base: str, link: str, resolved: str) -> None:
    assert atom(f'<link href="{link}"/>', head=base).url == resolved


@pytest.mark.parametrize(
    ("date", "instant"),
    [
        ("Tue, 03 Mar 2026 12:00:00 GMT", NOON),
        ("Tue, 3 Mar 26 12:00 GMT", NOON),
        ("3 March 2026 07:00:00 EST", NOON),
        ("Tue, 03 Mar 2026 13:00:00 CET", NOON),
        ("Tue,03 Mar 2026 15:00:00 +0300", NOON),
        ("Di, 03 Mär 2026 13:00:00 +0100", NOON),
        ("mar., 03 mars 2026 13:00:00 +01:00", NOON),
        ("Вт, 03 мар 2026 15:00:00 +0300", NOON),
        ("2026-03-03T12:00:00Z", NOON),
        ("2026-03-03T12:00:00.000000000Z", NOON),
        ("2026-03-03 14:00+02:00", NOON),
        ("2026-03-03T14:00:00+0200", NOON),
        ("2026-03-03", datetime(2026, 3, 3, tzinfo=UTC)),
        ("2026-03-02T24:00:00Z", datetime(2026, 3, 3, tzinfo=UTC)),
        ("March 3, 2026 12:00 PM", NOON),
        ("0001-01-01T00:00:00Z", None),
        ("Mon, 01 Jan 0001 00:00:00 +0000", None),
        ("yesterday", None),
        ("2026-13-45", None),
        ("9" * 500_000, None),
        ("", None),
    ],
)
def test_dates_of_all_sorts_are_read(date: str, instant: datetime | None) -> None:
    assert item(f"<title>x</title><pubDate>{date}</pubDate>").published_at == instant


@pytest.mark.parametrize(
    ("raw", "author"),
    [
        ("<author>ada@tidewatch.example (Ada Quill)</author>", "Ada Quill"),
        ("<author>Ada Quill &lt;ada@tidewatch.example&gt;</author>", "Ada Quill"),
        ("<author>ada@tidewatch.example</author>", "ada@tidewatch.example"),
        ("<dc:creator>Ada Quill</dc:creator><dc:creator>Bo Reed</dc:creator>", "Ada Quill, Bo Reed"),
        ("<author><name>Ada Quill</name><email>a@b.example</email></author>", "Ada Quill"),
        ("", ""),
    ],
)
def test_authors_are_names(raw: str, author: str) -> None:
    assert item(f"<title>x</title>{raw}").author == author


WORDS = "Їжак — žluťoučký, naïve"


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "utf-8", None),
        ("utf-8-sig", "utf-8", None),
        ("utf-8", None, None),
        ("utf-16", "utf-16", None),
        ("utf-16-le", None, None),
        ("utf-16-be", "utf-16", None),
        ("utf-8", "iso-8859-1", "application/rss+xml; charset=utf-8"),
        ("utf-8", "utf-8", "text/xml; charset=iso-8859-1"),
    ],
)
def test_encodings_are_found_out(encoding: str, declared: str | None, content_type: str | None) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = f"{prolog}<rss><channel><item><title>{WORDS}</title></item></channel></rss>".encode(encoding)
    assert one(body, content_type=content_type).title == WORDS


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type", "words"),
    [
        ("windows-1251", "windows-1251", None, "Новини міста"),
        ("windows-1251", None, "text/xml; charset=windows-1251", "Новини міста"),
        ("koi8-r", "koi8-r", "text/xml; charset=koi8-r", "Новости города"),
        ("iso-8859-2", "iso-8859-2", None, "Žluťoučký kůň"),
        ("cp1252", "iso-8859-1", None, "Ça va déjà"),
        ("cp1252", None, None, "Ça va déjà"),
        ("shift_jis", "shift_jis", None, "港のクレーン"),
        ("euc-kr", "euc-kr", None, "항구"),
        ("gb18030", "gb2312", None, "港口起重机"),
    ],
)
def test_older_encodings_are_read(encoding: str, declared: str | None, content_type: str | None, words: str) -> None:
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = f"{prolog}<rss><channel><item><title>{words}</title></item></channel></rss>".encode(encoding)
    assert one(body, content_type=content_type).title == words


def test_json_feed_is_read_whole() -> None:
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Tidewatch",
        "home_page_url": "https://tidewatch.example/",
        "language": "EN",
        "items": [
            {
                "id": "tw-1",
                "url": "/harbour/crane",
                "title": "Crane  stuck",
                "content_text": "1 < 2",
                "summary": "Short",
                "date_published": "2026-03-03T13:00:00+01:00",
                "authors": [{"name": "Ada Quill"}, {"name": "Bo Reed"}],
            },
            "not an item",
        ],
    }
    assert parse_feed(json.dumps(body).encode(), url=URL) == Feed(
        title="Tidewatch",
        site_url="https://tidewatch.example/",
        lang="en",
        entries=(
            Entry(
                id="tw-1",
                url=LINK,
                title="Crane stuck",
                author="Ada Quill, Bo Reed",
                published_at=NOON,
                summary="Short",
                content="1 &lt; 2",
            ),
        ),
        total=1,
    )


def test_of_too_many_entries_the_first_are_read() -> None:
    items = "".join(f"<item><title>{number}</title></item>" for number in range(1000))
    feed = parse_feed(RSS.format(items=items).encode(), url=URL)
    assert (len(feed.entries), feed.total, feed.entries[0].title) == (500, 1000, "0")


def test_of_too_many_entries_the_last_are_read_where_the_oldest_come_first() -> None:
    items = "".join(
        f"<item><title>{n}</title><pubDate>{2000 + n // 12}-{n % 12 + 1:02}-01</pubDate></item>" for n in range(600)
    )
    feed = parse_feed(RSS.format(items=items).encode(), url=URL)
    assert [feed.entries[0].title, feed.entries[-1].title] == ["599", "100"]


NOT_FEEDS = {
    "empty": (b"", FeedFault.EMPTY),
    "spaces": (b" \n\t", FeedFault.EMPTY),
    "html": (b"<!doctype html><html><head><title>x</title></head><body><p>hi</p></body></html>", FeedFault.NOT_A_FEED),
    "text": (b"just words", FeedFault.NOT_A_FEED),
    "opml": (b"<opml version='2.0'><body/></opml>", FeedFault.NOT_A_FEED),
    "json": (b'{"name": "manifest"}', FeedFault.NOT_A_FEED),
    "broken-json": (b'{"items": [', FeedFault.BROKEN),
    "deep-json": (b'{"items":' + b"[" * 200_000, FeedFault.BROKEN),
    "image": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", FeedFault.NOT_A_FEED),
    "gzip": (gzip.compress(RSS.encode()), FeedFault.NOT_A_FEED),
    "too-large": (b" " * (33 * 1024 * 1024), FeedFault.TOO_LARGE),
}


@pytest.mark.parametrize(("body", "reason"), NOT_FEEDS.values(), ids=NOT_FEEDS.keys())
def test_what_is_no_feed_says_why(body: bytes, reason: FeedFault) -> None:
    with pytest.raises(FeedError) as caught:
        parse_feed(body, url=URL)
    assert caught.value.reason is reason


def doctype(declarations: str, inner: str) -> str:
    return f"<!DOCTYPE rss [{declarations}]><rss><channel><item><title>x {inner}</title></item></channel></rss>"


LAUGHS = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "laughs": doctype(LAUGHS, "&a9;"),
    "quadratic": doctype(f'<!ENTITY a "{"x" * 900}">', "&a;" * 100_000),
    "long": doctype(f'<!ENTITY a "{"x" * 100_000}">', "&a;"),
    "parameter": doctype('<!ENTITY % a "x"><!ENTITY b "%a;">', "&b;"),
    "many": doctype("".join(f'<!ENTITY a{n} "x">' for n in range(1000)), "&a1;"),
}


@pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS.keys())
def test_entity_bombs_are_refused_at_once(body: str) -> None:
    """FAULTS 16."""
    started = time.monotonic()
    with pytest.raises(FeedError) as caught:
        parse_feed(body.encode(), url=URL)
    assert caught.value.reason is FeedFault.ENTITY_BOMB
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("declaration", "inner", "title"),
    [
        ('<!ENTITY pier "Pier 4">', "&pier;", "x Pier 4"),
        ("<!ENTITY euro '&#8364;'>", "&euro;9", "x €9"),
        ('<!ENTITY nbsp "&#38;#160;">', "a&nbsp;b", "x a b"),
        ('<!ENTITY file SYSTEM "file:///etc/hostname">', "[&file;]", "x []"),
        ('<!ENTITY web SYSTEM "http://127.0.0.1:9/">', "[&web;]", "x []"),
    ],
    ids=["internal", "reference", "double", "file", "network"],
)
def test_internal_entities_are_read_and_external_ones_never(declaration: str, inner: str, title: str) -> None:
    """FAULTS 17: a ban on all entities would break real feeds."""
    assert one(doctype(declaration, inner)).title == title


HOSTILE = {
    "attributes": "<x " + " ".join(f'a{n}="1"' for n in range(100_000)) + "/>",
    "namespaces": "".join(f'<n{n}:a xmlns:n{n}="u{n}"/>' for n in range(50_000)),
    "comments": "<!--" * 200_000,
    "cdata": "<![CDATA[" * 200_000,
    "less-than": "<" * 300_000,
    "ampersands": "&" * 300_000,
    "author": f"<author>{'a@' * 32_000}{'(' * 32_000}</author>",
    "deep": "<description>" + "<b>" * 100_000 + "</b>" * 100_000 + "</description>",
    "openings": "<description " * 200_000,
    "titles": f"<title>{'&lt;a ' * 100_000}</title>",
    "spaces": f"<title>{' ' * 1_000_000}</title>",
}


@pytest.mark.parametrize("inner", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_feeds_are_read_or_refused_quickly(inner: str) -> None:
    body = RSS.format(items=f"<item><title>first</title></item><item>{inner}</item>").encode()
    started = time.process_time()
    feed = parse_feed(body, url=URL)
    assert time.process_time() - started < 10  # a second on a free core
    assert feed.entries[0].title == "first"


@given(st.binary(max_size=2000))
def test_any_bytes_give_a_feed_or_a_feed_error(body: bytes) -> None:
    """FAULTS 19."""
    try:
        total = parse_feed(body, url=URL).total
    except FeedError:
        return
    assert total >= 0


PIECES = st.sampled_from(
    [
        *RSS.splitlines(),
        *ITEM.split("\n"),
        *FORMATS.values(),
        "<![CDATA[",
        "]]>",
        "<!--",
        "&#xD800;",
        "&lt;",
        "\ud800",
        "\0",
    ]
)


@examples(150)
@given(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=12), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_mixture_of_pieces_gives_clean_text_or_a_feed_error(pieces: list[str], encoding: str) -> None:
    """FAULTS 23."""
    body = "".join(pieces).encode(encoding, errors="replace")
    try:
        feed = parse_feed(body, url=URL)
    except FeedError:
        return
    for entry in feed.entries:
        for text in (entry.id, entry.url, entry.title, entry.author, entry.summary, entry.content):
            assert text.encode().decode() == text
            assert "\0" not in text
        assert not entry.url or entry.url.startswith(("http://", "https://"))
        assert entry.published_at is None or entry.published_at.tzinfo is not None
