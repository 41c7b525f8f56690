"""The loops that keep the news coming: feeds when they are due, articles when they are pending."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.news.polling.schedule import spread_s
from storage import Channel, Urgency
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from bot.news.polling.ingest import Ingest
    from storage import Storage
    from storage.model import Article, Feed

_log = structlog.get_logger(__name__)

_FEEDS_AT_ONCE: Final = 256
_FAILING_AT_ONCE: Final = 64
"""Feeds that failed when last asked are asked apart from the others, whom they cannot keep waiting."""
_ARTICLES_AT_ONCE: Final = 8
_LEASE_S: Final = 120.0
_IDLE_S: Final = 2.0
_CLAIMED_AT_ONCE: Final = 32
_STARTED_AT_ONCE: Final = 4
_GATHER_S: Final = 0.02
"""A moment in which more places may fall free."""
_AWAY: Final = timedelta(minutes=10)
"""What has been due for longer was not polled because nobody was there."""
_MOST_OVERDUE: Final = 100_000


class Polling:
    """Claims due feeds and pending articles, and lets :class:`Ingest` work on a bounded number at once."""

    def __init__(self, storage: Storage, ingest: Ingest, *, clock: Callable[[], datetime]) -> None:
        self._storage = storage
        self._ingest = ingest
        self._clock = clock

    async def poll_feeds(self, stop: asyncio.Event) -> None:
        """Poll feeds as they fall due, until ``stop`` is set."""
        await self.spread_overdue()
        await asyncio.gather(
            self._work_off(stop, self._due_feeds, self._ingest.poll, Channel.FEEDS, at_once=_FEEDS_AT_ONCE),
            self._work_off(stop, self._failing_feeds, self._ingest.poll, None, at_once=_FAILING_AT_ONCE),
        )

    async def finish_articles(self, stop: asyncio.Event) -> None:
        """Finish pending articles, until ``stop`` is set."""
        await self._work_off(
            stop, self._pending_articles, self._ingest.finish, Channel.ARTICLES, at_once=_ARTICLES_AT_ONCE
        )

    async def spread_overdue(self) -> None:
        """Let feeds that fell due while we were away come one after the other: no site meets a burst on our return."""
        try:
            async with self._storage.write(Urgency.STEADY) as work:
                now = self._clock()
                overdue = await work.feeds.list_overdue(now - _AWAY, limit=_MOST_OVERDUE)
                step_s = spread_s(len(overdue)) / max(len(overdue), 1)
                await work.feeds.postpone(
                    {feed_id: now + timedelta(seconds=rank * step_s) for rank, feed_id in enumerate(overdue)}
                )
        except StorageError:
            _log.exception("spreading_failed")

    async def _due_feeds(self, room: int) -> Sequence[Feed]:
        return await self._claim(room, failing=False)

    async def _failing_feeds(self, room: int) -> Sequence[Feed]:
        return await self._claim(room, failing=True)

    async def _claim(self, room: int, *, failing: bool) -> Sequence[Feed]:
        async with self._storage.write(Urgency.STEADY) as work:
            return await work.feeds.claim_due(
                self._clock(), limit=room, lease_s=_LEASE_S, horizon_s=self._ingest.horizon_s, failing=failing
            )

    async def _pending_articles(self, room: int) -> Sequence[Article]:
        async with self._storage.write(Urgency.STEADY) as work:
            return await work.articles.claim_pending(self._clock(), limit=room, lease_s=_LEASE_S)

    async def _work_off(
        self,
        stop: asyncio.Event,
        claim: Callable[[int], Awaitable[Sequence[Any]]],
        perform: Callable[[Any], Awaitable[None]],
        channel: Channel | None,
        *,
        at_once: int,
    ) -> None:
        """Keep up to ``at_once`` jobs going; a job that fails is logged and comes back when its lease ends.

        Jobs are claimed many at a time, as each claim is a transaction: not before an eighth of the places is free, and
        not all that are.
        """
        running: set[asyncio.Task[None]] = set()
        while not stop.is_set():
            claimed: Sequence[Any] = ()
            room = min(at_once - len(running), _CLAIMED_AT_ONCE)
            try:
                claimed = await claim(room) if room > 0 else ()
            except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
                _log.exception("claim_failed", channel=channel)
                await asyncio.sleep(_IDLE_S)
            for number, item in enumerate(claimed, start=1):
                task = asyncio.create_task(_guarded(perform, item))
                running.add(task)
                task.add_done_callback(running.discard)
                if not number % _STARTED_AT_ONCE:
                    await asyncio.sleep(0)  # the chat is answered in between
            if len(running) > at_once - max(at_once // 8, 1):
                # Not for ever: who stops us must not wait for hosts that hang.
                await asyncio.wait(running, timeout=_IDLE_S, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.sleep(_GATHER_S)
            elif claimed:
                await asyncio.sleep(0)
            elif channel is not None:
                await self._storage.wait(channel, timeout_s=_IDLE_S)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), timeout=_IDLE_S)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _guarded(perform: Callable[[Any], Awaitable[None]], item: Feed | Article) -> None:
    try:
        await perform(item)
    except Exception:  # noqa: BLE001 - one item must not stop the others
        _log.exception("job_failed", kind=type(item).__name__, id=item.id)
