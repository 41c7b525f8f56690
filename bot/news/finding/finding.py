"""What an address turned out to be, and where its site keeps its feeds: asked for, guessed, tried and ranked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bot.news.errors import BadStatus, FetchError, NewsError
from bot.news.feeds.dating import believed_at
from bot.news.feeds.opml import FeedList, looks_like_list
from bot.news.feeds.reading import FeedReading
from bot.news.feeds.sitemap import PLACES, list_sitemaps, looks_like_sitemap, named_sitemaps
from bot.news.finding.discovery import FeedKind, FeedLink, is_about_comments, looks_like_feed
from bot.news.finding.known_sites import known_feeds
from bot.news.finding.survey import survey
from bot.news.pages.prepare import PagePart
from bot.news.web.client import Fetched

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from bot.news.web.client import NotModified, Web
    from bot.news.workers import Workers

    ReadFeed = Callable[..., Awaitable[FeedReading | NotModified]]
    ReadAnswer = Callable[[str, Fetched], Awaitable[FeedReading]]
    ReadList = Callable[[bytes], Awaitable[FeedList]]

_ANY_TYPES: Final = (
    "text/html, application/xhtml+xml, application/atom+xml, application/rss+xml, application/feed+json, */*;q=0.5"
)
_MOST_BYTES: Final = 20 * 1024 * 1024
_SURVEY_S: Final = 10.0
_TRY_S: Final = 4.0
_MOST_TRIED: Final = 12
_MOST_OFFERED: Final = 12
_COMMON_PATHS: Final = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
_BELOW: Final = ("/feed/", "/rss")
_MOST_MAPS: Final = 3
_STALE: Final = timedelta(days=180)
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What an address turned out to be.

    Attributes:
        url: The final address, after redirects.
        feed: The feed, where the address is one or its site has no other.
        feeds: The feeds that the page or its site offers, the best first.
        is_article: Whether the page is one article rather than a front page.
        page: The page itself; ``None`` where the address is a feed, or was not asked.
        feed_list: The list of feeds that the address is.
    """

    url: str
    feed: FeedReading | None = None
    feeds: tuple[FeedLink, ...] = ()
    is_article: bool = False
    page: PagePart | None = None
    feed_list: FeedList | None = None


class Finder:
    """Finds feeds, within the time that a person waits.

    Args:
        web: The one HTTP client.
        workers: Processes for parsing.
        read_feed: Fetches and parses a feed.
        read_answer: Parses a feed that has been fetched.
        read_list: Parses a list of feeds.
    """

    def __init__(
        self, web: Web, workers: Workers, *, read_feed: ReadFeed, read_answer: ReadAnswer, read_list: ReadList
    ) -> None:
        self._web = web
        self._workers = workers
        self._read_feed = read_feed
        self._read_answer = read_answer
        self._read_list = read_list

    async def look_at(self, url: str, *, timeout_s: float) -> Look:
        """Fetch an address that a person gave, and tell what it is and which feeds belong to it.

        Args:
            url: The address.
            timeout_s: For its page; as much again for its feeds.

        Raises:
            FetchError: It cannot be had.
            FeedError: It says that it is a feed and cannot be read as one.
        """
        known = [FeedLink(url=each.url, title=each.title, kind=FeedKind.UNKNOWN) for each in known_feeds(url)]
        if known and all(each.sure for each in known_feeds(url)):
            return await self._look_at_known(url, known, timeout_s=timeout_s)
        answer = await self._web.fetch(url, accept=_ANY_TYPES, max_bytes=_MOST_BYTES, timeout_s=timeout_s)
        if not isinstance(answer, Fetched):  # a server that answers so to a plain request has nothing to read
            return Look(url=url)
        if looks_like_feed(answer.body, answer.content_type) or looks_like_sitemap(answer.body):
            return Look(url=answer.url, feed=await self._read_answer(url, answer))
        if looks_like_list(answer.body):
            return Look(url=answer.url, feed_list=await self._read_list(answer.body))
        page = PagePart(html=answer.body, url=answer.url, charset=answer.charset)
        feeds, is_article = await self._workers.run(survey, page, timeout_s=_SURVEY_S)
        offered = _without_comments(_unique([*known, *feeds]))
        look = Look(url=answer.url, feeds=offered, is_article=is_article, page=page)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._with_feeds(look)
        except TimeoutError:
            return look

    async def _look_at_known(self, url: str, known: Sequence[FeedLink], *, timeout_s: float) -> Look:
        """Read the feeds of a site whose pages say no more than the address does.

        Raises:
            FetchError: None of them can be had.
            FeedError: None of them can be read.
        """
        tried = await self._try(known, timeout_s=timeout_s)
        if not any(isinstance(found, tuple) for found in tried):
            raise next(found for found in tried if isinstance(found, NewsError))
        return _ranked(Look(url=url), [found for found in tried if isinstance(found, tuple)])

    async def _with_feeds(self, look: Look) -> Look:
        """Try the feeds that a page offers, or where it offers none, those that its site is likely to have."""
        if not look.feeds:
            return _ranked(look, await self._guess(look))
        tried = await self._try(look.feeds, timeout_s=_TRY_S)
        found = [each for each in tried if isinstance(each, tuple)]
        # Where none can be read just now, the person sees what the page offers, and why not.
        return _ranked(look, found) if found else look

    async def _try(
        self, links: Sequence[FeedLink], *, timeout_s: float
    ) -> list[tuple[FeedLink, FeedReading] | NewsError]:
        async def read(link: FeedLink) -> tuple[FeedLink, FeedReading] | NewsError:
            try:
                reading = await self._read_feed(link.url, timeout_s=timeout_s)
            except NewsError as error:
                return error
            return (link, reading) if isinstance(reading, FeedReading) else BadStatus(304, url=link.url)

        return await asyncio.gather(*(read(link) for link in links[:_MOST_TRIED]))

    async def _guess(self, look: Look) -> list[tuple[FeedLink, FeedReading]]:
        """Look where sites keep feeds that their pages do not name."""
        parts = urlsplit(look.url)
        root = f"{parts.scheme}://{parts.netloc}"
        is_front = parts.path in {"", "/"} and not parts.query
        if look.is_article:
            offered = await self._offered_by(f"{root}/")
            if offered:
                tried = await self._try(offered, timeout_s=_TRY_S)
                return [each for each in tried if isinstance(each, tuple)]
        if not is_front and not look.is_article:
            return await self._first_of(f"{root}{parts.path.rstrip('/')}{path}" for path in _BELOW)
        found = await self._first_of(f"{root}{path}" for path in _COMMON_PATHS)
        return found or await self._news_of(root)

    async def _offered_by(self, url: str) -> tuple[FeedLink, ...]:
        try:
            answer = await self._web.fetch(url, accept=_ANY_TYPES, max_bytes=_MOST_BYTES, timeout_s=_TRY_S)
            if not isinstance(answer, Fetched):
                return ()
            page = PagePart(html=answer.body, url=answer.url, charset=answer.charset)
            feeds, _ = await self._workers.run(survey, page, timeout_s=_SURVEY_S)
        except NewsError:
            return ()
        return feeds

    async def _first_of(self, urls: Iterable[str]) -> list[tuple[FeedLink, FeedReading]]:
        """Ask one after the other, so that no site is pestered, and stop at the first feed."""
        for url in urls:
            try:
                answer = await self._web.fetch(url, accept=_ANY_TYPES, max_bytes=_MOST_BYTES, timeout_s=_TRY_S)
                if not isinstance(answer, Fetched) or not looks_like_feed(answer.body, answer.content_type):
                    continue
                reading = await self._read_answer(url, answer)
            except BadStatus:
                continue
            except NewsError:
                return []  # a host in trouble is not asked for more
            return [(FeedLink(url=reading.url, title=reading.feed.title, kind=FeedKind.UNKNOWN), reading)]
        return []

    async def _news_of(self, root: str) -> list[tuple[FeedLink, FeedReading]]:
        """Take a site's news sitemap for its feed."""
        named: list[str] = []
        try:
            answer = await self._web.fetch(f"{root}/robots.txt", accept="text/plain, */*;q=0.1", timeout_s=_TRY_S)
            if isinstance(answer, Fetched):
                named = named_sitemaps(answer.body.decode("utf-8", "replace"), root)
        except FetchError:
            named = []
        asked: set[str] = set()
        waiting = list(dict.fromkeys([*named[:_MOST_MAPS], *(f"{root}{place}" for place in PLACES)]))
        while waiting and len(asked) < len(PLACES) + 2 * _MOST_MAPS:
            url = waiting.pop(0)
            if url in asked:
                continue
            asked.add(url)
            try:
                answer = await self._web.fetch(url, accept="*/*", max_bytes=_MOST_BYTES, timeout_s=_TRY_S)
                if not isinstance(answer, Fetched) or not looks_like_sitemap(answer.body):
                    continue
                listing = partial(list_sitemaps, answer.body, url=answer.url)
                inner = await self._workers.run(listing, timeout_s=_SURVEY_S)
                waiting = [*inner[:_MOST_MAPS], *waiting]
                if inner:
                    continue
                reading = await self._read_answer(url, answer)
            except NewsError:
                continue
            return [(FeedLink(url=reading.url, title=reading.feed.title, kind=FeedKind.UNKNOWN), reading)]
        return []


def _unique(links: Iterable[FeedLink]) -> tuple[FeedLink, ...]:
    unique: dict[str, FeedLink] = {}
    for link in links:
        unique.setdefault(link.url, link)
    return tuple(unique.values())


def _without_comments(links: Sequence[FeedLink]) -> tuple[FeedLink, ...]:
    """Leave out feeds of readers' comments where a page offers anything else."""
    return tuple(link for link in links if not is_about_comments(link)) or tuple(links)


def _ranked(look: Look, found: Sequence[tuple[FeedLink, FeedReading]]) -> Look:
    """Describe the feeds that could be read by what is in them, and put the likeliest first.

    Feeds without entries or with old ones come last; else the site's own order stays. Feeds of readers' comments are
    left out where there is anything else. Two with the same title and the same newest article are one in two formats.
    """
    now = datetime.now(UTC)
    described: dict[tuple[str, str], tuple[FeedLink, FeedReading]] = {}
    for link, reading in found:
        entries = reading.feed.entries
        dated = [(believed_at(entry.published_at, now=now) or _LONG_AGO, entry) for entry in entries]
        newest_at, newest = max(dated, key=lambda each: each[0], default=(_LONG_AGO, None))
        full = replace(
            link,
            title=reading.feed.title or link.title,
            lang=(reading.feed.lang or "").partition("-")[0],
            newest=newest.title if newest is not None else "",
            newest_at=None if newest_at is _LONG_AGO else newest_at,
        )
        key = (full.title, newest.url if newest is not None else full.url)
        described.setdefault(key, (full, reading))

    def rank(each: tuple[FeedLink, FeedReading]) -> tuple[bool, bool]:
        link, reading = each
        return not reading.feed.entries, link.newest_at is not None and link.newest_at < now - _STALE

    told = {link.url for link in _without_comments([link for link, _ in described.values()])}
    ordered = sorted((each for each in described.values() if each[0].url in told), key=rank)[:_MOST_OFFERED]
    only = ordered[0][1] if len(ordered) == 1 and not look.is_article else None
    return replace(look, feed=only, feeds=tuple(link for link, _ in ordered))
