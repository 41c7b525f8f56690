"""Outcomes on their way into the outbox, many in one transaction."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from bot.delivery.tidings import tell_of_block, tell_of_closed_thread
from storage.errors import NotFoundError
from storage.model import SubscriberState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.delivery.outcomes import Outcome
    from storage import Storage, Work

_RETRY_S = 1.0
"""Wait after a transaction that failed: a full disk does not empty within milliseconds."""

log = structlog.get_logger(__name__)


class Settler:
    """Commits outcomes in groups.

    Args:
        storage: Where the outbox stands.
        clock: Tells the time, aware and in UTC.
        group_s: How long an outcome waits for others before its group is committed.
        group_size: How many outcomes make a group that waits no longer.
        fence: The sender's, under which the deliveries were claimed.
        on_settled: Called after each group, with its outcomes.
        on_failure: Called after each transaction that failed.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        clock: Callable[[], datetime],
        group_s: float,
        group_size: int,
        fence: int,
        on_settled: Callable[[Sequence[Outcome]], None],
        on_failure: Callable[[], None],
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._group_s = group_s
        self._group_size = group_size
        self._fence = fence
        self._on_settled = on_settled
        self._on_failure = on_failure
        self._pending: list[Outcome] = []
        self._some = asyncio.Event()
        self._full = asyncio.Event()
        self._closing = False

    def add(self, outcome: Outcome) -> None:
        """Take an outcome that carries a settlement."""
        self._pending.append(outcome)
        self._some.set()
        if len(self._pending) >= self._group_size:
            self._full.set()

    def close(self) -> None:
        """Let `run` end as soon as everything is committed."""
        self._closing = True
        self._some.set()
        self._full.set()

    async def run(self) -> None:
        """Commit groups until closed; what cannot be committed waits and is tried again."""
        while True:
            await self._some.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._group_s):
                    await self._full.wait()
            done = await self._flush()
            if not done:
                await asyncio.sleep(_RETRY_S)
            elif self._closing and not self._pending:
                return

    async def _flush(self) -> bool:
        """Commit all that is pending; return whether nothing of it had to stay."""
        group, self._pending = self._pending, []
        self._some.clear()
        if not self._closing:
            self._full.clear()
        if not group:
            return True
        kept = await self._commit(group)
        if kept and len(group) > 1:
            # One outcome that storage refuses must not hold the others back.
            kept = [outcome for outcome in group if await self._commit([outcome])]
        for outcome in kept:
            self.add(outcome)
        return not kept

    async def _commit(self, group: list[Outcome]) -> list[Outcome]:
        """Commit a group; return what could not be committed: all of it or nothing."""
        try:
            async with self._storage.write() as work:
                await _record(work, group, self._clock(), fence=self._fence)
        except Exception:
            log.exception("settlement_failed", deliveries=[outcome.delivery.id for outcome in group])
            self._on_failure()
            return group
        self._on_settled(group)
        return []


async def _record(work: Work, group: Sequence[Outcome], now: datetime, *, fence: int) -> None:
    settlements = [outcome.settlement for outcome in group if outcome.settlement is not None]
    await work.outbox.settle(settlements, now, fence=fence)
    for outcome in group:
        if outcome.delivery.subscriber_id is not None:
            with suppress(NotFoundError):  # the subscriber has had itself erased meanwhile
                await _follow(work, outcome, outcome.delivery.subscriber_id, now)


async def _follow(work: Work, outcome: Outcome, subscriber_id: int, now: datetime) -> None:
    if outcome.anew:
        await work.outbox.send_anew(outcome.delivery.id)
    if outcome.moved_to is not None:
        await work.subscribers.move(outcome.delivery.chat_id, outcome.moved_to)
    if outcome.unreachable is not None and not await _has_come_back(work, outcome, subscriber_id):
        place = await work.subscribers.get(subscriber_id)
        await work.subscribers.mark_unreachable(subscriber_id, reason=outcome.unreachable, now=now)
        if place.state is not SubscriberState.UNREACHABLE:
            await tell_of_block(work, place, now=now)
    if outcome.thread_shut:
        place = await work.subscribers.get(subscriber_id)
        await tell_of_closed_thread(work, place, outcome.delivery.thread_id, now=now)
    if outcome.wait_s is not None and outcome.settlement is not None and outcome.settlement.due_at is not None:
        await work.outbox.defer(subscriber_id, outcome.settlement.due_at)


async def _has_come_back(work: Work, outcome: Outcome, subscriber_id: int) -> bool:
    """Tell whether the chat has spoken to us since the request left that it refused."""
    return outcome.left_at is not None and await work.outbox.is_answering(subscriber_id, since=outcome.left_at)
