"""An entry's way: feed → pending entries → article with its story and summary → fan-out.

Each arrow is one transaction; a crash between two of them is resumed from the last.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog

from bot.news.errors import BadStatus, FetchError, NewsError
from bot.news.feeds.addresses import canonical_url
from bot.news.feeds.dating import believed_at
from bot.news.pages.prepare import Prepared
from bot.news.polling.correcting import Correcting
from bot.news.polling.intake import note_unchanged, take_in
from bot.news.polling.notices import DEAD_AFTER, ask_editors, tell_editors
from bot.news.polling.schedule import after_failure, horizon_s
from bot.news.polling.unchanged import UnchangedFeeds
from bot.news.web.client import NotModified
from storage import Urgency
from storage.errors import StorageError
from storage.model import (
    DEFAULT_SUMMARY_CHARS,
    SUMMARY_LENGTHS,
    FanoutKind,
    NoticeKind,
    Priority,
    StorySummary,
    SummarySentence,
)
from storage.news.searching import title_key
from summarizer.story.clustering import normalised_title
from summarizer.text.keywords import keywords

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from datetime import datetime

    from bot.news.feeds.websub import WebSub
    from bot.news.reader import Reader
    from storage import Storage, Work
    from storage.model import Article, Feed, Story

_log = structlog.get_logger(__name__)

_OTHER_LENGTHS: Final = tuple(chars for chars in SUMMARY_LENGTHS if chars != DEFAULT_SUMMARY_CHARS)
STORY_WINDOW: Final = timedelta(hours=72)
"""Reports further apart are not of one event, even under one title."""
_ATTEMPTS: Final = 3
_READINGS: Final = 5
"""After so many an article goes out unread: its page may be what stops us each time."""
_RETRY_AFTER: Final = timedelta(minutes=2)
_GONE: Final = 410


class Ingest:
    """Moves feeds and articles along their way.

    Args:
        storage: Where they are kept.
        reader: Fetches and parses.
        clock: Tells the time, aware, in UTC.
        poll_min_s: Shortest time between two polls of one feed, in seconds.
        owners: Telegram ids of the owners, who are asked and told about feeds beside the editors.
        hubs: Subscribes to feeds at their hubs; ``None`` where no hub can reach us.

    Attributes:
        poll_min_s: As given.
    """

    def __init__(
        self,
        storage: Storage,
        reader: Reader,
        *,
        clock: Callable[[], datetime],
        poll_min_s: float,
        owners: frozenset[int] = frozenset(),
        hubs: WebSub | None = None,
    ) -> None:
        self._storage = storage
        self._reader = reader
        self._clock = clock
        self.poll_min_s = poll_min_s
        self._owners = owners
        self._hubs = hubs
        self._correcting = Correcting(storage, reader, clock=clock)
        self._unchanged = UnchangedFeeds(storage, clock=clock, min_s=poll_min_s)

    async def look_again(self, stop: asyncio.Event) -> None:
        """Look once more at what was told an hour ago, for corrections that no feed tells, until ``stop`` is set."""
        await self._correcting.run(stop)

    @property
    def horizon_s(self) -> float:
        """Seconds beyond which no feed is ever planned."""
        return horizon_s(self.poll_min_s)

    async def poll(self, feed: Feed) -> None:
        """Fetch a feed once and keep what is new, or keep why it could not be had."""
        try:
            await self._read(feed)
        except NewsError as error:
            await self._record_failure(feed, error)
        except StorageError:
            raise  # not the feed's fault: its lease brings it back
        except Exception as error:  # noqa: BLE001 - whatever it was, this feed must wait before it is read again
            _log.exception("feed_unreadable", feed_id=feed.id)
            await self._record_failure(feed, error)

    async def _read(self, feed: Feed) -> None:
        answer = await self._reader.read_feed(feed.url, etag=feed.etag, last_modified=feed.last_modified)
        if isinstance(answer, NotModified) and not _has_moved(feed, answer):
            await self._unchanged.note(feed, answer)
            return
        async with self._storage.write(Urgency.STEADY) as work:
            await work.feeds.lock(feed.id)
            # Not before: whoever came while this reading waited for its turn was promised the newest entry.
            now = self._clock()
            if isinstance(answer, NotModified):
                await note_unchanged(work, feed, answer, now=now, min_s=self.poll_min_s)
                return
            taken = await take_in(work, feed, answer, now=now, min_s=self.poll_min_s)
            if taken.held:
                await ask_editors(work, feed, taken, owners=self._owners, now=now)
            if self._hubs is not None:
                await self._hubs.consider(work, feed, answer, now=now)
        tell = _log.info if taken.news or taken.held else _log.debug
        tell("feed_read", feed_id=feed.id, host=_shown_host(feed), new=taken.news, held=taken.held)
        await self._correcting.look(taken.changed)

    async def _record_failure(self, feed: Feed, error: Exception) -> None:
        now = self._clock()
        wait_s = error.retry_after_s if isinstance(error, BadStatus) else None
        due_at = after_failure(now, failures=feed.failures + 1, min_s=self.poll_min_s, retry_after_s=wait_s)
        gone = isinstance(error, BadStatus) and error.status == _GONE
        cause = f"{type(error).__name__} {error.status}" if isinstance(error, BadStatus) else type(error).__name__
        async with self._storage.write(Urgency.STEADY) as work:
            await work.feeds.record_failure(feed.id, due_at=due_at, error=cause, gone=gone)
            silent = now - (feed.checked_at or feed.created_at or now) >= DEAD_AFTER
            if (gone or silent) and await work.feeds.note_death(feed.id, now):
                kind = NoticeKind.GONE if gone else NoticeKind.DIED
                await work.notices.open(feed.id, kind, now=now)
                await tell_editors(work, feed, kind, owners=self._owners, now=now)
        _log.info("feed_failed", feed_id=feed.id, host=_shown_host(feed), failures=feed.failures + 1, cause=cause)

    async def finish(self, article: Article) -> None:
        """Read a pending article's page, summarise it, find its story and open its fan-out.

        An article without a readable page is still news: it goes out as title and link, whatever befell us on the way.
        """
        prepared = await self._prepare(article)
        if prepared is None:
            async with self._storage.write(Urgency.STEADY) as work:
                await work.articles.retry_at(article.id, self._clock() + _RETRY_AFTER, "try again")
            return
        async with self._storage.write(Urgency.STEADY) as work:
            story = await self._make_ready(work, article, prepared)
        _log.info("article_ready", article_id=article.id, story_id=story.id, sentences=len(prepared.sentences))

    async def _prepare(self, article: Article) -> Prepared | None:
        """Read an article by its page, else by its feed's words, else by its title; ``None`` to try again later."""
        for read in (self._read_page, self._read_feeds_words) if article.attempts <= _READINGS else ():
            try:
                return await read(article)
            except FetchError as error:
                if _is_passing(error) and article.attempts < _ATTEMPTS:
                    return None
                _log.info("article_unreachable", article_id=article.id, cause=type(error).__name__)
            except NewsError as error:
                _log.warning("article_unreadable", article_id=article.id, cause=type(error).__name__)
            except Exception:  # noqa: BLE001 - the article goes out all the same; the cause is logged
                _log.exception("article_unreadable", article_id=article.id)
        return Prepared(title=article.title, text="", lang="", sentences=())

    async def _read_page(self, article: Article) -> Prepared:
        return await self._reader.read_article(
            article.url,
            feed_html=article.content_html,
            title=article.title,
            max_chars=DEFAULT_SUMMARY_CHARS,
            also=_OTHER_LENGTHS,
        )

    async def _read_feeds_words(self, article: Article) -> Prepared:
        return await self._reader.prepare(
            None,
            feed_html=article.content_html,
            title=article.title,
            max_chars=DEFAULT_SUMMARY_CHARS,
            also=_OTHER_LENGTHS,
        )

    async def _make_ready(self, work: Work, article: Article, prepared: Prepared) -> Story:
        now = self._clock()
        site = await self._outlet(work, article, prepared)
        ready = await work.articles.make_ready(
            article.id,
            text=prepared.text,
            lang=prepared.lang,
            title=article.title or prepared.title or None,
            author=article.author or prepared.author,
            site=site,
            published_at=article.published_at or believed_at(prepared.published_at, now=now) or now,
        )
        if ready.story_id is not None:  # another worker, whose lease had ended, was quicker after all
            return await work.stories.get(ready.story_id)
        story = await _find_story(work, ready, now=now)
        for chars, chosen in {DEFAULT_SUMMARY_CHARS: prepared.sentences, **prepared.at_length}.items():
            sentences = tuple(
                SummarySentence(text=each.text, start=each.start, end=each.end, article_id=article.id)
                for each in chosen
            )
            await work.stories.save_summary(
                StorySummary(story_id=story.id, revision=story.revision, max_chars=chars, sentences=sentences)
            )
        await work.searching.index(article.id, _keys_of(ready, prepared))
        await work.fanouts.open(FanoutKind.STORY, story.id, priority=Priority.STORY, now=now)
        return story

    async def _outlet(self, work: Work, article: Article, prepared: Prepared) -> str:
        """Name the outlet as its readers know it: by its feed's title, else by its own word."""
        if article.feed_id is not None:
            feed = await work.feeds.get(article.feed_id)
            return feed.title or prepared.site
        return prepared.site


async def _find_story(work: Work, article: Article, *, now: datetime) -> Story:
    """Join the story that other feeds tell too, by exact address or title; or begin one."""
    key, lang = normalised_title(article.title), article.lang or ""
    url_key = canonical_url(article.url) if article.url else ""
    await work.stories.serialise()
    story = await work.stories.find_match(
        feed_id=article.feed_id, lang=lang, title_key=key, url_key=url_key, since=now - STORY_WINDOW
    )
    if story is None:
        story = await work.stories.create(lang=lang, title=article.title, title_key=key, now=now)
    return await work.stories.attach(story.id, article.id, url_key=url_key, now=now)


def _keys_of(article: Article, prepared: Prepared) -> set[str]:
    """List the words by which an article is found, those of its title and of its longest summary; the title's twice."""
    longest = max((prepared.sentences, *prepared.at_length.values()), key=len)
    titled, lang = keywords(article.title, article.lang or ""), article.lang or ""
    told = keywords(" ".join(sentence.text for sentence in longest), lang)
    return {*titled, *told, *map(title_key, titled)}


def _shown_host(feed: Feed) -> str:
    """Name a feed's host for the log; of an address that may be a secret nothing is shown."""
    return "private" if feed.private else urlsplit(feed.url).hostname or ""


def _has_moved(feed: Feed, answer: NotModified) -> bool:
    return (answer.permanent_url or feed.url) != feed.url


def _is_passing(error: FetchError) -> bool:
    """Tell a trouble that may be over in two minutes from one that will not."""
    if isinstance(error, BadStatus):
        return error.status >= 500 or error.status in {408, 425, 429}
    return type(error).__name__ in {"HostUnreachable", "FetchTimeout"}
