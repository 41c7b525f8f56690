"""The fields of an entry: titles, texts, links, dates and authors as feeds write them."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime

import pytest

from bot.news.feeds.parser import parse_feed
from tests.news.documents import NOON, atom, item


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
        ("2026/3/3 12:00:00", NOON),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("Mon, 01 Jan 0001 00:00:00 +0000", datetime(2001, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+01:00", None),
        ("Tue, 03 Mar 2026 12:00:00 +2400", None),
        ("3 March, 2026 at 12:00 +99:00", None),
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


def test_long_tags_and_namespaces_are_not_kept_once_a_feed_is_read() -> None:
    tags = [f"{letter}{'x' * 20_000}" for letter in "abcdefghij"]
    body = "".join(f"<{tag}/>" for tag in tags)
    feeds = [f"<rss xmlns='urn:{space}'><channel><item>{body}</item></channel></rss>" for space in ("x", "y" * 20_000)]
    tracemalloc.start()
    try:
        for feed in feeds:
            assert len(parse_feed(feed.encode(), url="https://tidewatch.example/feed").entries) == 1
        kept_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept_bytes < 150_000
