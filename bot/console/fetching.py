"""Single fetches for the command line, through the same guard as the bot's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.news.discovery import FeedKind, FeedLink, find_feeds, looks_like_feed
from bot.news.guard import Guard, parse_allow
from bot.news.web import Fetched, Web

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
    """List the feeds that a page offers, the best first; a feed's own address offers itself.

    Raises:
        FetchError: The page cannot be had.
    """
    answer = await _fetch(url, settings)
    if looks_like_feed(answer.body, answer.content_type):
        return [FeedLink(url=answer.url, title="", kind=FeedKind.UNKNOWN)]
    return list(find_feeds(answer.body, url=answer.url))


async def _fetch(url: str, settings: Settings) -> Fetched:
    async with Web(Guard(parse_allow(settings.allow_private)), contact=settings.contact_url) as web:
        answer = await web.fetch(url, accept="*/*", max_bytes=_MAX_BYTES, timeout_s=_TIMEOUT_S)
    if not isinstance(answer, Fetched):
        raise TypeError("a request without validators was answered by 304")
    return answer
