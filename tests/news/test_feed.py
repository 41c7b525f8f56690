"""Feeds of every format, read whole."""

from __future__ import annotations

import json

import pytest

from bot.news.feeds.parser import Entry, Feed, parse_feed
from tests.news.documents import FORMATS, ITEM, LINK, NOON, RSS, URL, WANTED, one


def test_rss_2_is_read_whole() -> None:
    assert parse_feed(RSS.format(items=ITEM).encode(), url=URL) == Feed(
        title="Tidewatch & Sons",
        site_url="https://tidewatch.example/",
        lang="en-gb",
        entries=(WANTED,),
        ttl_s=900,
        total=1,
    )


@pytest.mark.parametrize("body", FORMATS.values(), ids=FORMATS.keys())
def test_every_format_gives_title_and_link(body: str) -> None:
    entry = one(body)
    assert (entry.title, entry.url) == ("Crane stuck at Pier 4", LINK)


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
