"""Reading the web on behalf of people and polls: fetch, then parse in a worker process."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from bot.news.errors import FetchError
from bot.news.feeds.opml import FeedList, read_addresses, read_list
from bot.news.feeds.reading import FeedReading
from bot.news.feeds.websub import find_hub
from bot.news.finding.finding import Finder, Look
from bot.news.jobs import explain_spans, read_feed
from bot.news.pages.prepare import PagePart, Prepared, all_sentences, prepare_article, prepare_own_text, prepare_text
from bot.news.web.client import Fetched, NotModified, Web
from bot.news.web.robots import Robots
from bot.news.web.slots import Lane
from summarizer import Correction, Sentence, corrections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.news.workers import Workers
    from summarizer import Why

FEED_TYPES = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
PAGE_TYPES = "text/html, application/xhtml+xml, */*;q=0.5"
_FEED_BYTES = 20 * 1024 * 1024
_PAGE_BYTES = 8 * 1024 * 1024
_PARSE_S = 10.0

__all__ = ["FeedReading", "Look", "Reader"]


class Reader:
    """Fetches through the guard and parses in killable workers.

    Args:
        web: The one HTTP client.
        workers: Processes for parsing, extracting and summarising.
        large_at_once: Large feeds that may be in memory until they are parsed, however many are polled.
    """

    def __init__(self, web: Web, workers: Workers, *, large_at_once: int = 4) -> None:
        self._web = web
        self._workers = workers
        self._robots = Robots(web)
        self._large = asyncio.Semaphore(large_at_once)
        self._finder = Finder(
            web, workers, read_feed=self.read_feed, read_answer=self._feed_of, read_list=self.read_list
        )

    async def read_feed(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None, timeout_s: float = 30.0
    ) -> FeedReading | NotModified:
        """Fetch and parse a feed, unless it is as it was.

        Raises:
            FetchError: It cannot be had.
            FeedError: It is no feed.
        """
        lane = Lane(self._large)
        try:
            answer = await self._web.fetch(
                url,
                etag=etag,
                last_modified=last_modified,
                accept=FEED_TYPES,
                max_bytes=_FEED_BYTES,
                timeout_s=timeout_s,
                lane=lane,
            )
            return answer if isinstance(answer, NotModified) else await self._feed_of(url, answer)
        finally:
            lane.leave()

    async def look_at(self, url: str, *, timeout_s: float = 8.0) -> Look:
        """Fetch an address that a person gave, and tell what it is and which feeds belong to it.

        Raises:
            FetchError: It cannot be had.
            FeedError: It says that it is a feed and cannot be read as one.
        """
        return await self._finder.look_at(url, timeout_s=timeout_s)

    async def read_article(
        self,
        url: str,
        *,
        feed_html: str = "",
        title: str = "",
        max_chars: int,
        also: Sequence[int] = (),
        timeout_s: float = 15.0,
    ) -> Prepared:
        """Fetch an article's page and prepare it; where the page cannot be had, the feed's own content serves.

        Raises:
            FetchError: The page cannot be had, or a site on the way wants no robots there, and ``feed_html`` is empty.
        """
        page = None
        try:
            page = await self._page(url, timeout_s=timeout_s) if url else None
        except FetchError:
            if not feed_html:
                raise
        return await self.prepare(page, feed_html=feed_html, title=title, max_chars=max_chars, also=also)

    async def prepare(
        self,
        page: PagePart | None,
        *,
        feed_html: str = "",
        title: str = "",
        max_chars: int,
        also: Sequence[int] = (),
    ) -> Prepared:
        """Extract and summarise a page that has been fetched."""
        job = partial(prepare_article, page, feed_html=feed_html, title=title, max_chars=max_chars, also=tuple(also))
        return await self._workers.run(job, timeout_s=_PARSE_S)

    async def read_list(self, body: bytes) -> FeedList:
        """Read a list of feeds.

        Raises:
            NotAListError: It is something else.
            ListTooLongError: It has more feeds than we take.
            WorkerError: It breaks its reader.
        """
        return await self._workers.run(read_list, body, self._web.guard, timeout_s=_PARSE_S)

    async def read_addresses(self, text: str) -> FeedList:
        """Read a list of bare addresses; what is raised as by ``read_list``."""
        return await self._workers.run(read_addresses, text, self._web.guard, timeout_s=_PARSE_S)

    async def prepare_text(self, text: str, *, title: str = "", max_chars: int) -> Prepared:
        """Summarise a person's own text."""
        job = partial(prepare_text, text, title=title, max_chars=max_chars)
        return await self._workers.run(job, timeout_s=_PARSE_S)

    async def prepare_own_text(
        self, text: str, *, title: str, lengths: Sequence[int]
    ) -> tuple[Prepared, tuple[Sentence, ...]]:
        """Summarise an editor's own text at several lengths, and cut it into all its sentences."""
        job = partial(prepare_own_text, text, title=title, lengths=tuple(lengths))
        return await self._workers.run(job, timeout_s=_PARSE_S)

    async def split(self, text: str, *, lang: str) -> tuple[Sentence, ...]:
        """Cut a text into all its sentences."""
        return await self._workers.run(partial(all_sentences, text, lang=lang), timeout_s=_PARSE_S)

    async def find_corrections(self, before: str, after: str, *, lang: str) -> tuple[Correction, ...]:
        """Pair the sentences that a publisher changed in an article."""
        return await self._workers.run(partial(corrections, before, after, lang=lang or None), timeout_s=_PARSE_S)

    async def explain(
        self, text: str, *, title: str, lang: str, spans: tuple[tuple[int, int], ...]
    ) -> tuple[tuple[Why, ...], ...]:
        """Find the reasons for which sentences of an article were chosen.

        Args:
            text: The article's.
            title: Its title.
            lang: Its language, ISO 639-1; empty where unknown.
            spans: Start and end of each sentence in the text, in code points.
        """
        return await self._workers.run(explain_spans, text, title, lang, spans, timeout_s=_PARSE_S)

    async def _page(self, url: str, *, timeout_s: float) -> PagePart | None:
        answer = await self._web.fetch(
            url, accept=PAGE_TYPES, max_bytes=_PAGE_BYTES, timeout_s=timeout_s, allow=self._robots.allow
        )
        if isinstance(answer, NotModified):
            return None
        return PagePart(html=answer.body, url=answer.url, charset=answer.charset)

    async def _feed_of(self, asked: str, answer: Fetched) -> FeedReading:
        feed, keys = await self._workers.run(
            read_feed, answer.body, answer.url, answer.content_type, answer.charset, timeout_s=_PARSE_S
        )
        hub_url, topic_url = find_hub(answer.links, feed, answer.url)
        return FeedReading(
            url=answer.permanent_url or asked,
            feed=feed,
            keys=keys,
            etag=answer.etag,
            last_modified=answer.last_modified,
            fresh_s=answer.fresh_s,
            retry_after_s=answer.retry_after_s,
            hub_url=hub_url,
            topic_url=topic_url,
        )
