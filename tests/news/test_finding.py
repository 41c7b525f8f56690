"""Where a site keeps its feeds: asked for, guessed, tried and ranked."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest

from bot.news.errors import BadStatus, FeedError

if TYPE_CHECKING:
    from tests.support.desk import Desk

HTML = {"Content-Type": "text/html"}
PROSE = "<p>Inspectors found a crack forty centimetres long in the deck of the Sable Bridge on Monday morning.</p>" * 12


def feed(title: str, *entries: tuple[str, str], lang: str = "en") -> str:
    items = "".join(
        f"<item><guid>{name}</guid><title>{name}</title><link>http://paper.example/{name}</link><pubDate>{date}</pubDate></item>"
        for name, date in entries
    )
    return f"<rss version='2.0'><channel><title>{title}</title><language>{lang}</language>{items}</channel></rss>"


FRESH = formatdate(time.time() - 3600)
OLD = "Mon, 04 May 2020 10:00:00 GMT"


def alternates(desk: Desk, *paths: str) -> str:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{desk.site.url(path)}">' for path in paths)
    return f"<html><head>{links}</head><body>front</body></html>"


async def test_feeds_are_described_by_what_is_in_them_and_ranked(desk: Desk) -> None:
    desk.site.serve("/comments/feed", feed("Comments on Tide", ("c", FRESH)))
    desk.site.serve("/old", feed("Archive", ("Long ago", OLD)))
    desk.site.serve("/empty", feed("Nothing yet"))
    desk.site.serve("/world", feed("Tide world", ("Older", OLD), ("Lock opens", FRESH), lang="de-AT"))
    desk.site.serve("/world.atom", feed("Tide world", ("Older", OLD), ("Lock opens", FRESH), lang="de-AT"))
    page = alternates(desk, "/comments/feed", "/old", "/dead", "/empty", "/world", "/world.atom")
    look = await desk.reader.look_at(desk.site.serve("/front", page, headers=HTML))
    assert [link.title for link in look.feeds] == ["Tide world", "Archive", "Nothing yet"]
    best = look.feeds[0]
    assert (best.lang, best.newest, best.newest_at is not None) == ("de", "Lock opens", True)
    assert look.feed is None


async def test_comments_are_offered_only_where_there_is_nothing_else(desk: Desk) -> None:
    desk.site.serve("/comments/feed", feed("Comments on Tide", ("c", FRESH)))
    look = await desk.reader.look_at(desk.site.serve("/front", alternates(desk, "/comments/feed"), headers=HTML))
    assert look.feed is not None
    assert look.feed.feed.title == "Comments on Tide"


async def test_the_one_feed_that_can_be_read_is_taken(desk: Desk) -> None:
    desk.site.serve("/only", feed("Tide", ("Lock opens", FRESH)))
    look = await desk.reader.look_at(desk.site.serve("/front", alternates(desk, "/dead", "/only"), headers=HTML))
    assert look.feed is not None
    assert look.feed.feed.title == "Tide"


async def test_feeds_that_cannot_be_read_just_now_are_offered_all_the_same(desk: Desk) -> None:
    look = await desk.reader.look_at(desk.site.serve("/front", alternates(desk, "/a", "/b"), headers=HTML))
    assert [link.url for link in look.feeds] == [desk.site.url("/a"), desk.site.url("/b")]


async def test_a_front_page_without_links_is_guessed_at_politely(desk: Desk) -> None:
    desk.site.serve("/", "<html><body>front</body></html>", headers=HTML)
    desk.site.serve("/rss.xml", feed("Tide", ("Lock opens", FRESH)))
    look = await desk.reader.look_at(desk.site.url("/"))
    assert look.feed is not None
    assert look.feed.url == desk.site.url("/rss.xml")
    assert [asked.path for asked in desk.site.asked] == ["/", "/feed/", "/rss", "/rss.xml"]


async def test_a_section_is_guessed_at_below_itself(desk: Desk) -> None:
    desk.site.serve("/politics/", "<html><body>section</body></html>", headers=HTML)
    desk.site.serve("/politics/feed/", feed("Tide politics", ("Lock opens", FRESH)))
    look = await desk.reader.look_at(desk.site.url("/politics/"))
    assert look.feed is not None
    assert look.feed.feed.title == "Tide politics"


async def test_an_article_brings_its_sites_feeds(desk: Desk) -> None:
    desk.site.serve("/world", feed("Tide world", ("Lock opens", FRESH)))
    desk.site.serve("/", alternates(desk, "/world"), headers=HTML)
    page = (
        f"<html><head><meta property='og:type' content='article'></head><body><article><h1>Lock</h1>{PROSE}</article>"
    )
    look = await desk.reader.look_at(desk.site.serve("/2026/lock", page, headers=HTML))
    assert look.is_article
    assert [link.title for link in look.feeds] == ["Tide world"]
    assert look.feed is None, "an article is summarised first"


@pytest.mark.parametrize("place", ["/news-sitemap.xml", "/googlenews.xml"], ids=["usual", "named by robots.txt"])
async def test_a_site_without_a_feed_is_read_by_its_news_sitemap(desk: Desk, place: str) -> None:
    desk.site.serve("/", "<html><body>front</body></html>", headers=HTML)
    desk.site.serve("/robots.txt", f"Sitemap: {desk.site.url('/index.xml.map')}\n")
    desk.site.serve(
        "/index.xml.map", f"<sitemapindex><sitemap><loc>{desk.site.url(place)}</loc></sitemap></sitemapindex>"
    )
    desk.site.serve(
        place,
        "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url>"
        f"<loc>{desk.site.url('/1')}</loc><n:news><n:publication><n:name>Tide</n:name></n:publication>"
        "<n:publication_date>2026-05-04</n:publication_date><n:title>Lock opens</n:title></n:news></url></urlset>",
        headers={"Content-Type": "text/xml"},
    )
    look = await desk.reader.look_at(desk.site.url("/"))
    assert look.feed is not None
    assert look.feed.url == desk.site.url(place)
    assert [entry.title for entry in look.feed.feed.entries] == ["Lock opens"]


async def test_a_host_in_trouble_is_not_asked_for_more(desk: Desk) -> None:
    with pytest.raises(BadStatus):
        await desk.reader.look_at(desk.site.serve("/busy", "", status=503))
    assert [asked.path for asked in desk.site.asked] == ["/busy"]


@pytest.mark.parametrize("body", ["<rss><channel><item", "<rss><channel/></rss>"], ids=["cut off", "nothing"])
async def test_a_feed_without_a_word_in_it_cannot_be_read(desk: Desk, body: str) -> None:
    with pytest.raises(FeedError):
        await desk.reader.look_at(desk.site.serve("/feed", body, headers={"Content-Type": "application/rss+xml"}))
