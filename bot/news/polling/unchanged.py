"""Feeds that are as they were: by far the commonest answer, so many are noted in one transaction."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bot.news.polling.schedule import Wishes, after_success, pace_s
from storage import Urgency
from storage.model import UnchangedFeed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.news.web.client import NotModified
    from storage import Storage
    from storage.model import Feed

_GATHER_S: Final = 0.02
"""So long the first of them waits for others."""


class UnchangedFeeds:
    """Notes unchanged feeds, those of a moment together.

    Args:
        storage: Where they are kept.
        clock: Tells the time, aware, in UTC.
        min_s: Shortest time between two polls of one feed, in seconds.
    """

    def __init__(self, storage: Storage, *, clock: Callable[[], datetime], min_s: float) -> None:
        self._storage = storage
        self._clock = clock
        self._min_s = min_s
        self._waiting: list[tuple[Feed, NotModified, asyncio.Future[None]]] = []
        self._noting: set[asyncio.Task[None]] = set()

    async def note(self, feed: Feed, answer: NotModified) -> None:
        """Plan the next poll of a feed that is as it was; returns once that is committed.

        Raises:
            StorageError: It could not be.
        """
        noted = asyncio.get_running_loop().create_future()
        self._waiting.append((feed, answer, noted))
        if len(self._waiting) == 1:
            task = asyncio.create_task(self._note_all())
            self._noting.add(task)
            task.add_done_callback(self._noting.discard)
        await noted

    async def _note_all(self) -> None:
        await asyncio.sleep(_GATHER_S)
        waiting, self._waiting = self._waiting, []
        try:
            await self._write([(feed, answer) for feed, answer, _ in waiting])
        except Exception as error:  # noqa: BLE001 - each of those who wait gets it
            for _, _, noted in waiting:
                if not noted.done():
                    noted.set_exception(error)
        else:
            for _, _, noted in waiting:
                if not noted.done():
                    noted.set_result(None)

    async def _write(self, found: list[tuple[Feed, NotModified]]) -> None:
        now = self._clock()
        async with self._storage.write(Urgency.STEADY) as work:
            told_by_hub = await work.hubs.find_verified([feed.id for feed, _ in found], now)
            await work.feeds.record_unchanged(
                [self._plan(feed, answer, now=now, has_hub=feed.id in told_by_hub) for feed, answer in found]
            )
            for feed, _ in found:
                if feed.died_at is not None:
                    await work.notices.withdraw(feed.id)

    def _plan(self, feed: Feed, answer: NotModified, *, now: datetime, has_hub: bool) -> UnchangedFeed:
        interval_s = pace_s(now, min_s=self._min_s, last_s=feed.interval_s, changed=False, changed_at=feed.changed_at)
        wishes = Wishes(fresh_s=answer.fresh_s, retry_after_s=answer.retry_after_s, has_hub=has_hub)
        return UnchangedFeed(
            feed_id=feed.id,
            checked_at=now,
            due_at=after_success(now, min_s=interval_s, wishes=wishes),
            # A 304 may bring other validators for what we have (RFC 9111, 4.3.4).
            etag=answer.etag or feed.etag,
            last_modified=answer.last_modified or feed.last_modified,
            interval_s=interval_s,
        )
