"""Sites without a feed that are read all the same: their news sitemap, and Telegram's public channels."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.errors import FeedError
from bot.news.feeds.sitemap import list_sitemaps, looks_like_sitemap, named_sitemaps, parse_sitemap
from bot.news.feeds.telegram_channel import is_channel, parse_channel

URL = "https://tidewatch.example/news-sitemap.xml"
NEWS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">'
    "<url><loc>https://tidewatch.example/1</loc><n:news><n:publication><n:name>Tidewatch</n:name>"
    "<n:language>en</n:language></n:publication><n:publication_date>2026-05-04T10:00:00+02:00</n:publication_date>"
    "<n:title>Bridge &amp; ferry</n:title></n:news></url>"
    "<url><loc>/2</loc><n:news><n:publication_date>2026-05-04T11:00:00Z</n:publication_date>"
    "<n:title>Lock opens</n:title></n:news></url>"
    "<url><loc>https://tidewatch.example/imprint</loc><lastmod>2026-05-04</lastmod></url></urlset>"
)


def test_a_news_sitemap_is_read_as_a_feed_newest_first() -> None:
    assert looks_like_sitemap(NEWS.encode())
    feed = parse_sitemap(NEWS.encode(), url=URL)
    assert (feed.title, feed.lang, feed.site_url) == ("Tidewatch", "en", "https://tidewatch.example/")
    assert [(entry.url, entry.title) for entry in feed.entries] == [
        ("https://tidewatch.example/2", "Lock opens"),
        ("https://tidewatch.example/1", "Bridge & ferry"),
    ]
    assert feed.entries[1].published_at == datetime(2026, 5, 4, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        b"<urlset><url><loc>https://a.example/imprint</loc></url></urlset>",
        b"<urlset></urlset>",
        b"<sitemapindex/>",
        b"<rss/>",
        b"<urlset",
    ],
    ids=["no news", "empty", "index", "feed", "cut"],
)
def test_a_sitemap_without_news_is_no_feed(body: bytes) -> None:
    with pytest.raises(FeedError):
        parse_sitemap(body, url=URL)


def test_an_index_names_the_maps_of_news() -> None:
    index = (
        "<sitemapindex><sitemap><loc>https://a.example/sitemap-news-1.xml</loc></sitemap>"
        "<sitemap><loc>https://a.example/sitemap-tags.xml</loc></sitemap></sitemapindex>"
    )
    assert list_sitemaps(index.encode(), url="https://a.example/sitemap.xml") == [
        "https://a.example/sitemap-news-1.xml"
    ]
    robots = "User-agent: *\nSitemap: https://a.example/all.xml\nsitemap: /googlenews.xml\n"
    assert named_sitemaps(robots, "https://a.example") == [
        "https://a.example/googlenews.xml",
        "https://a.example/all.xml",
    ]


@given(st.binary(max_size=300).map(lambda tail: NEWS.encode()[:400] + tail))
def test_of_any_bytes_a_sitemap_is_read_or_refused(body: bytes) -> None:
    try:
        parse_sitemap(body, url=URL)
    except FeedError:
        return


def post(number: int, words: str, *, extra: str = "") -> str:
    return (
        '<div class="tgme_widget_message_wrap">'
        f'<div class="tgme_widget_message js" data-post="tidewatch/{number}">{extra}'
        f'<div class="tgme_widget_message_text js-message_text" dir="auto">{words}</div>'
        f'<a class="tgme_widget_message_date" href="https://t.me/tidewatch/{number}">'
        f'<time datetime="2026-05-04T10:{number:02}:00+00:00">10:{number:02}</time></a></div></div>'
    )


REPLY = '<a class="tgme_widget_message_reply"><div class="tgme_widget_message_text">An older post.</div></a>'
PAGE = (
    '<html><body><div class="tgme_channel_info_header_title"><span>Tidewatch Live</span></div>'
    + post(1, "<b>Bridge shut</b><br/>Inspectors found a crack. Ferries cross.")
    + post(2, "Lock opens", extra=REPLY)
    + '<div class="tgme_widget_message" data-post="tidewatch/3"><i class="tgme_widget_message_photo"></i></div>'
    + "</body></html>"
)


def test_a_public_channel_is_read_as_a_feed_newest_first() -> None:
    feed = parse_channel(PAGE.encode(), url="https://t.me/s/tidewatch")
    assert (feed.title, feed.site_url) == ("Tidewatch Live", "https://t.me/tidewatch")
    assert [(entry.id, entry.title, entry.url) for entry in feed.entries] == [
        ("tidewatch/2", "Lock opens", "https://t.me/tidewatch/2"),
        ("tidewatch/1", "Bridge shut", "https://t.me/tidewatch/1"),
    ]
    assert feed.entries[1].published_at == datetime(2026, 5, 4, 10, 1, tzinfo=UTC)
    assert "Ferries cross." in feed.entries[1].content


def test_a_long_post_is_titled_by_its_first_sentence() -> None:
    words = "The town council has closed the Sable Bridge to all traffic. " + "Ferries cross every twenty minutes. " * 5
    feed = parse_channel(f"<html><body>{post(1, words)}</body></html>".encode(), url="https://t.me/s/tidewatch")
    assert feed.entries[0].title == "The town council has closed the Sable Bridge to all traffic."


def test_a_page_that_shows_no_channel_is_no_feed() -> None:
    with pytest.raises(FeedError):
        parse_channel(
            b"<html><body><div class='tgme_page'>You can contact @me</div></body></html>", url="https://t.me/s/me"
        )
    assert is_channel("https://t.me/s/tidewatch")
    assert not is_channel("https://t.me/tidewatch")
    assert not is_channel("https://tidewatch.example/s/tidewatch")
