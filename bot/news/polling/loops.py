"""The loops that keep the news coming: feeds when they are due, articles when they are pending."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.news.polling.schedule import spread_s
from storage import Channel, Urgency
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Sequence
    from datetime import datetime
    from typing import TypeAlias

    from bot.news.polling.ingest import Ingest
    from storage import Storage
    from storage.model import Article, Feed
    from storage.work import Work

    Running: TypeAlias = dict[asyncio.Task[None], tuple[int, datetime]]
    """What is being worked on, and until when nobody else may."""

_log = structlog.get_logger(__name__)

_FEEDS_AT_ONCE: Final = 256
_FAILING_AT_ONCE: Final = 64
"""Feeds that failed when last asked are asked apart from the others, whom they cannot keep waiting."""
_ARTICLES_AT_ONCE: Final = 8
_LEASE_S: Final = 30.0
"""After so long others may take what a process that died had in hand; one that lives renews it in time."""
_IDLE_S: Final = 2.0
_LOOKS: Final = 4
"""So often at least it is looked what is due within the shortest time between two polls of a feed."""
_CLAIMED_AT_ONCE: Final = 32
_STARTED_AT_ONCE: Final = 4
_GATHER_S: Final = 0.02
"""A moment in which more places may fall free."""
_AWAY: Final = timedelta(minutes=10)
"""What has been due for longer was not polled because nobody was there."""
_MOST_OVERDUE: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One kind of work: how it is taken, kept and done.

    Attributes:
        claim: takes so many jobs, under a lease from the given instant.
        renew: moves the lease of some jobs from one end to another, unless they have become something else.
        perform: does one.
        channel: what tells that there is work; ``None`` where nothing does.
        at_once: how many are done at once.
        idle_s: so long it is not looked for work that nothing tells of.
    """

    claim: Callable[[datetime, int], Awaitable[Sequence[Any]]]
    renew: Callable[[Work, Collection[int], datetime, datetime], Awaitable[None]]
    perform: Callable[[Any], Awaitable[None]]
    channel: Channel | None
    at_once: int
    idle_s: float = _IDLE_S


class Polling:
    """Claims due feeds and pending articles, and lets :class:`Ingest` work on a bounded number at once.

    Args:
        storage: where they are.
        ingest: who works on them.
        clock: gives the present instant.
        lease_s: so long nobody else takes what is claimed; while it is worked on, the lease is renewed.
    """

    def __init__(
        self, storage: Storage, ingest: Ingest, *, clock: Callable[[], datetime], lease_s: float = _LEASE_S
    ) -> None:
        self._storage = storage
        self._ingest = ingest
        self._clock = clock
        self._lease_s = lease_s

    async def poll_feeds(self, stop: asyncio.Event) -> None:
        """Poll feeds as they fall due, until ``stop`` is set."""
        await self.spread_overdue()
        await asyncio.gather(
            self._work_off(stop, self._feeds(Channel.FEEDS, failing=False, at_once=_FEEDS_AT_ONCE)),
            self._work_off(stop, self._feeds(None, failing=True, at_once=_FAILING_AT_ONCE)),
        )

    async def finish_articles(self, stop: asyncio.Event) -> None:
        """Finish pending articles, until ``stop`` is set."""

        async def claim(now: datetime, room: int) -> Sequence[Article]:
            async with self._storage.write(Urgency.STEADY) as work:
                return await work.articles.claim_pending(now, limit=room, lease_s=self._lease_s)

        async def renew(work: Work, ids: Collection[int], held: datetime, until: datetime) -> None:
            await work.articles.renew_lease(ids, held_until=held, until=until)

        line = _Line(
            claim=claim,
            renew=renew,
            perform=self._ingest.finish,
            channel=Channel.ARTICLES,
            at_once=_ARTICLES_AT_ONCE,
        )
        await self._work_off(stop, line)

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

    def _feeds(self, channel: Channel | None, *, failing: bool, at_once: int) -> _Line:
        async def claim(now: datetime, room: int) -> Sequence[Feed]:
            async with self._storage.write(Urgency.STEADY) as work:
                return await work.feeds.claim_due(
                    now, limit=room, lease_s=self._lease_s, horizon_s=self._ingest.horizon_s, failing=failing
                )

        async def renew(work: Work, ids: Collection[int], held: datetime, until: datetime) -> None:
            await work.feeds.renew_lease(ids, held_until=held, until=until)

        return _Line(
            claim=claim,
            renew=renew,
            perform=self._ingest.poll,
            channel=channel,
            at_once=at_once,
            idle_s=min(_IDLE_S, self._ingest.poll_min_s / _LOOKS),
        )

    async def _work_off(self, stop: asyncio.Event, line: _Line) -> None:
        """Keep up to ``at_once`` jobs going; a job that fails is logged and comes back when its lease ends.

        Jobs are claimed many at a time, as each claim is a transaction: not before an eighth of the places is free, and
        not all that are.
        """
        running: Running = {}
        keeping = asyncio.create_task(self._keep(running, line))
        try:
            while not stop.is_set():
                await self._go_on(stop, line, running)
        finally:
            left = [keeping, *running]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _go_on(self, stop: asyncio.Event, line: _Line, running: Running) -> None:
        """Start what there is room for; wait where there is none, or nothing to start."""
        claimed: Sequence[Any] = ()
        room = min(line.at_once - len(running), _CLAIMED_AT_ONCE)
        now = self._clock()
        try:
            claimed = await line.claim(now, room) if room > 0 else ()
        except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
            _log.exception("claim_failed", channel=line.channel)
            await asyncio.sleep(_IDLE_S)
        for number, item in enumerate(claimed, start=1):
            task = asyncio.create_task(_guarded(line.perform, item))
            running[task] = (item.id, now + timedelta(seconds=self._lease_s))
            task.add_done_callback(running.pop)
            if not number % _STARTED_AT_ONCE:
                await asyncio.sleep(0)  # the chat is answered in between
        if len(running) > line.at_once - max(line.at_once // 8, 1):
            # Not for ever: who stops us must not wait for hosts that hang.
            await asyncio.wait(running, timeout=_IDLE_S, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(_GATHER_S)
        elif claimed:
            await asyncio.sleep(0)
        elif line.channel is not None:
            await self._storage.wait(line.channel, timeout_s=line.idle_s)
        else:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=line.idle_s)

    async def _keep(self, running: Running, line: _Line) -> None:
        """Renew the leases of what takes long, before they end."""
        while True:
            await asyncio.sleep(self._lease_s / 3)
            now = self._clock()
            soon, until = now + timedelta(seconds=self._lease_s / 1.5), now + timedelta(seconds=self._lease_s)
            ending: defaultdict[datetime, list[int]] = defaultdict(list)
            for item_id, end in running.values():
                if end <= soon:
                    ending[end].append(item_id)
            if not ending:
                continue
            try:
                async with self._storage.write(Urgency.STEADY) as work:
                    for end, ids in ending.items():
                        await line.renew(work, ids, end, until)
            except StorageError:
                _log.exception("renewal_failed", channel=line.channel)
                continue
            running.update({task: (held[0], until) for task, held in running.items() if held[1] in ending})


async def _guarded(perform: Callable[[Any], Awaitable[None]], item: Feed | Article) -> None:
    try:
        await perform(item)
    except Exception:  # noqa: BLE001 - one item must not stop the others
        _log.exception("job_failed", kind=type(item).__name__, id=item.id)
