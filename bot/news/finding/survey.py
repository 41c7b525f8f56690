"""What a page offers: runs in a worker process, which loads nothing that only the bot itself needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.news.finding.discovery import FeedKind, FeedLink, find_feeds, looks_like_article
from bot.news.finding.known_sites import is_youtube, youtube_feed

if TYPE_CHECKING:
    from bot.news.pages.prepare import PagePart


def survey(page: PagePart) -> tuple[tuple[FeedLink, ...], bool]:
    """Find the feeds that a page offers, and tell whether it is an article."""
    found = find_feeds(page.html, url=page.url, charset=page.charset)
    if is_youtube(page.url) and not found and (url := youtube_feed(page.html)):
        found = [FeedLink(url=url, title="", kind=FeedKind.ATOM)]
    return tuple(found), looks_like_article(page.html, page.url)
