"""Telling feeds, pages with feeds and articles apart."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.finding.discovery import FeedKind, FeedLink, find_feeds, looks_like_article, looks_like_feed
from bot.news.pages.article import extract_article

URL = "https://tidewatch.example/harbour/"
FEED = "https://tidewatch.example/feed.xml"
PARAGRAPH = "The crane at Pier 4 leaned over the water all morning while the harbour master looked for a longer rope. "


def page(head: str = "", body: str = "") -> bytes:
    return (
        f"<!doctype html><html lang=en><head><title>Tidewatch</title>{head}</head><body>{body}</body></html>".encode()
    )


SPELLINGS = {
    "plain": '<link rel="alternate" type="application/rss+xml" href="https://tidewatch.example/feed.xml">',
    "order": '<link href="/feed.xml" type="application/rss+xml" rel="alternate">',
    "upper-case": '<LINK REL="ALTERNATE" TYPE="Application/RSS+XML" HREF="/feed.xml">',
    "single-quotes": "<link rel='alternate' type='application/rss+xml' href='/feed.xml'>",
    "no-quotes": "<link rel=alternate type=application/rss+xml href=/feed.xml>",
    "line-breaks": '<link\n rel="alternate"\n type="application/rss+xml"\n href="\n/feed.xml\n">',
    "relative": '<link rel="alternate" type="application/rss+xml" href="../feed.xml">',
    "protocol-relative": '<link rel="alternate" type="application/rss+xml" href="//tidewatch.example/feed.xml">',
    "base": '<base href="https://tidewatch.example/"><link rel="alternate" type="application/rss+xml" href="feed.xml">',
    "relative-base": '<base href="/"><link rel="alternate" type="application/rss+xml" href="feed.xml">',
    "several-relations": '<link rel="home alternate" type="application/rss+xml" href="/feed.xml">',
    "type-with-charset": '<link rel="alternate" type="application/rss+xml; charset=utf-8" href="/feed.xml">',
    "self-closing": '<link rel="alternate" type="application/rss+xml" href="/feed.xml" />',
    "atom": '<link rel="alternate" type="application/atom+xml" href="/feed.xml">',
    "json": '<link rel="alternate" type="application/feed+json" href="/feed.xml">',
    "rdf": '<link rel="alternate" type="application/rdf+xml" href="/feed.xml">',
    "text-xml": '<link rel="alternate" type="text/xml" href="/feed.xml">',
    "rel-feed": '<link rel="feed" href="/feed.xml">',
    "in-the-body": '</head><body><link rel="alternate" type="application/rss+xml" href="/feed.xml">',
    "anchor": '</head><body><a href="/feed.xml">RSS</a>',
}


@pytest.mark.parametrize("head", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_feed_is_found_in_every_spelling(head: str) -> None:
    assert [link.url for link in find_feeds(page(head), url=URL)] == [FEED]


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="stylesheet alternate" type="text/css" href="/feed.xml">',
        '<link rel="alternate" hreflang="uk" href="/uk/">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed?u=1">',
        '<link rel="alternate" type="text/html" media="handheld" href="/m/">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:feed()">',
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="alternate" type="text/xml" href="/sitemap-of-something">',
        '</head><body><a href="https://elsewhere.example/feed.xml">their feed</a>',
    ],
)
def test_other_alternates_are_no_feeds(head: str) -> None:
    assert find_feeds(page(head), url=URL) == []


def test_feeds_come_with_title_and_kind_comments_last_and_once() -> None:
    head = """
    <link rel="alternate" type="application/rss+xml" title="Tidewatch &raquo; Comments Feed" href="/comments/feed">
    <link rel="alternate" type="application/rss+xml" title="Tidewatch &amp; Sons" href="/feed">
    <link rel="alternate" type="application/atom+xml" title="Atom" href="/atom">
    <link rel="alternate" type="application/rss+xml" title="again" href="/feed">
    """
    assert find_feeds(page(head), url=URL) == [
        FeedLink(url="https://tidewatch.example/feed", title="Tidewatch & Sons", kind=FeedKind.RSS),
        FeedLink(url="https://tidewatch.example/atom", title="Atom", kind=FeedKind.ATOM),
        FeedLink(url="https://tidewatch.example/comments/feed", title="Tidewatch » Comments Feed", kind=FeedKind.RSS),
    ]


@pytest.mark.parametrize(
    ("body", "content_type", "feed"),
    [
        (b"<rss version='2.0'>", None, True),
        (
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made by hand -->\n<feed xmlns='http://www.w3.org/2005/Atom'>",
            None,
            True,
        ),
        ("<?xml version='1.0'?><rss>".encode("utf-16"), None, True),
        (b"<rdf:RDF xmlns:rdf='x'>", "text/html", True),
        (b'{"version": "https://jsonfeed.org/version/1.1"', "application/json", True),
        (b'{"items": []}', "application/feed+json", True),
        (b'{"items": []}', "application/json", False),
        (page(), "application/rss+xml", False),
        (page(body="<p>How &lt;rss&gt; works: <code><rss></code></p>"), "text/html", False),
        (b"", "application/rss+xml", False),
        (b"plain words", None, False),
    ],
)
def test_a_feed_is_known_by_its_first_bytes(body: bytes, content_type: str | None, feed: bool) -> None:
    assert looks_like_feed(body, content_type) is feed


ARTICLES = {
    "open-graph": page('<meta property="og:type" content="article">'),
    "json-ld": page('<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Crane"}</script>'),
    "json-ld-graph": page(
        '<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, '
        '{"@type": ["Thing", "Article"], "headline": "C"}]}</script>'
    ),
    "article-element": page(body=f"<article>{f'<p>{PARAGRAPH}</p>' * 12}</article>"),
}


@pytest.mark.parametrize("html", ARTICLES.values(), ids=ARTICLES.keys())
def test_an_article_is_known_by_what_it_declares_or_holds(html: bytes) -> None:
    assert looks_like_article(html, "https://tidewatch.example/harbour/crane-leans")


@pytest.mark.parametrize(
    ("html", "url"),
    [
        (ARTICLES["open-graph"], "https://tidewatch.example/"),
        (ARTICLES["open-graph"], "https://tidewatch.example"),
        (ARTICLES["json-ld"], "https://tidewatch.example/en/"),
        (ARTICLES["json-ld"], "https://tidewatch.example/index.html"),
        (page(body=f"<article><p>{PARAGRAPH}</p></article>" * 20), "https://tidewatch.example/harbour"),
        (page(body="<article><p>Short.</p></article>"), "https://tidewatch.example/harbour/x"),
        (page('<meta property="og:type" content="website">'), "https://tidewatch.example/about"),
        (b"", "https://tidewatch.example/x"),
    ],
    ids=["front", "bare-host", "language-front", "index", "section", "teaser", "website", "empty"],
)
def test_front_pages_and_sections_are_no_articles(html: bytes, url: str) -> None:
    assert not looks_like_article(html, url)


@given(st.binary(max_size=600))
def test_any_bytes_can_be_asked(body: bytes) -> None:
    assert all(link.url.startswith("http") for link in find_feeds(body, url=URL))
    assert looks_like_feed(body) in {True, False}
    assert looks_like_article(body, URL + "x") in {True, False}


HREFS = st.one_of(
    st.text(),
    st.text().map("http://".__add__),
    st.sampled_from(["http://[bad", "//[", "http://℀.example/", "http://a:b"]),
)


@given(href=HREFS, base=HREFS, path=st.sampled_from(["", "/feed.xml"]))
def test_any_address_on_a_page_is_offered_or_left(href: str, base: str, path: str) -> None:
    links = (
        f'<base href="{escape(base)}"><link rel=canonical href="{escape(href)}">'
        f'<link rel=alternate type="application/rss+xml" href="{escape(href + path)}">'
    )
    html = page(links, f'<a href="{escape(href + path)}">RSS</a><article><p>{PARAGRAPH * 9}</p></article>')
    for link in find_feeds(html, url=URL):
        assert link.url.lower().startswith(("http://", "https://"))
    assert looks_like_article(html, URL)
    assert extract_article(html, url=URL).url.startswith("https://tidewatch.example/")
