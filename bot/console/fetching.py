"""Single fetches for the command line, through the same guard as the bot's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.news.finding.discovery import FeedKind, FeedLink
from bot.news.reader import Reader
from bot.news.web.client import Fetched, Web
from bot.news.web.guard import Guard, parse_allow
from bot.news.workers import Workers

if TYPE_CHECKING:
    from bot.settings import Settings

_MAX_BYTES = 20 * 1024 * 1024
_TIMEOUT_S = 30.0


async def fetch(url: str, settings: Settings) -> tuple[bytes, str]:
    """Fetch an address; give its body and where it was found in the end.

    Raises:
        FetchError: It cannot be had.
    """
    answer = await _fetch(url, settings)
    return answer.body, answer.url


async def discover_feeds(url: str, settings: Settings) -> list[FeedLink]:
    """List the feeds of an address's site, the best first; a feed's own address offers itself.

    Raises:
        FetchError: The page cannot be had.
        FeedError: The address is a feed that cannot be read.
    """
    async with (
        Web(Guard(parse_allow(settings.allow_private)), contact=settings.contact_url) as web,
        Workers(most_workers=1) as workers,
    ):
        look = await Reader(web, workers).look_at(url, timeout_s=_TIMEOUT_S)
    if look.feed is not None and not look.feeds:
        return [FeedLink(url=look.feed.url, title=look.feed.feed.title, kind=FeedKind.UNKNOWN)]
    return list(look.feeds)


async def _fetch(url: str, settings: Settings) -> Fetched:
    async with Web(Guard(parse_allow(settings.allow_private)), contact=settings.contact_url) as web:
        answer = await web.fetch(url, accept="*/*", max_bytes=_MAX_BYTES, timeout_s=_TIMEOUT_S)
    if not isinstance(answer, Fetched):
        raise TypeError("a request without validators was answered by 304")
    return answer
