"""Claiming: what is due is marked as leaving, and taken in hand shortly before it may leave."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from bot.delivery.clockwork import Setbacks
from storage.connection.channels import Channel
from storage.errors import FencedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from bot.delivery.hand import Hand, Held
    from bot.delivery.pacing import Pacer
    from storage import Storage
    from storage.model import Delivery

_AHEAD_S = 0.5
"""How much work is taken in hand beforehand: less would pause the flow at every claim, more is more at risk."""
_LEAST_SLEEP_S, _LOOK_AGAIN_S = 0.01, 0.25
_MISHAP_S = 1.0
"""Pause after an error of our own making or the database's."""
_SUBSCRIBERS_KEPT = 4096

log = structlog.get_logger(__name__)


class Claimer:
    """Keeps the hand filled, and knows what is marked as leaving and not settled.

    Args:
        storage: Where the outbox stands.
        pacer: Says which chats must wait.
        hand: What is filled.
        clock: Tells the time, aware and in UTC.
        monotonic: Tells the seconds that the pacer counts in.
        limit: How many deliveries may be marked as leaving and not settled.
        fence: The lease's number under which this process sends.
        put: Puts what was claimed into words, and has it taken in hand.
        note_error: Called after each claim that failed.
        answers_only: Whether all rests but what answers people.
        idle_s: Longest sleep without a look into the outbox; the bell rings sooner.
    """

    def __init__(
        self,
        storage: Storage,
        pacer: Pacer,
        hand: Hand,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        limit: int,
        fence: int,
        put: Callable[[Sequence[Delivery]], Awaitable[None]],
        note_error: Callable[[], None],
        answers_only: bool = False,
        idle_s: float = 5.0,
    ) -> None:
        self._storage = storage
        self._pacer = pacer
        self._hand = hand
        self._clock = clock
        self._monotonic = monotonic
        self._limit = limit
        self._fence = fence
        self._put = put
        self._note_error = note_error
        self._answers_only = answers_only
        self._longest_s = idle_s
        self._ahead = max(1, min(limit // 2, round(pacer.per_second * _AHEAD_S)))
        self._setbacks = Setbacks(clock, monotonic)
        self._unsettled: set[int] = set()
        self._subscribers: dict[int, int] = {}
        self._rung = True
        self._held_up = False
        self._paid_lately = False
        self._look_again_at = 0.0
        self._suspended = False
        self._closing = False
        self._may_claim = asyncio.Event()

    @property
    def unsettled(self) -> int:
        """How many deliveries are marked as leaving and not settled."""
        return len(self._unsettled)

    def take(self, held: Held) -> None:
        """Take what was claimed, and put into words, in hand."""
        self._hand.add(held)
        self._paid_lately = self._paid_lately or held.paid

    def note_departure(self) -> None:
        """Note that something has left the hand."""
        if self._rung or len(self._hand) <= self._hand_size() // 2:
            self._may_claim.set()

    def note_settled(self, ids: Sequence[int]) -> None:
        """Note that the outcomes of deliveries are committed."""
        self._unsettled.difference_update(ids)
        if len(self._subscribers) > _SUBSCRIBERS_KEPT:
            self._subscribers = {chat: key for chat, key in self._subscribers.items() if chat in self._pacer}
        self._rung = self._rung or self._held_up
        self._may_claim.set()

    def suspend(self) -> None:
        """Claim nothing for now."""
        self._suspended = True

    def resume(self) -> None:
        """Claim again."""
        self._suspended = False
        self._may_claim.set()

    def close(self) -> None:
        """Claim no more."""
        self._closing = True
        self._may_claim.set()

    async def listen(self) -> None:
        """Claim as soon as the bell rings, until cancelled."""
        while True:
            if await self._storage.wait(Channel.OUTBOX, self._longest_s):
                self._rung = True
                self._may_claim.set()

    async def run(self) -> None:
        """Claim until closed."""
        while not self._closing:
            self._may_claim.clear()
            try:
                pause_s = await self._claim()
            except FencedError as error:
                # Whoever leads tells us to stop in a moment; what is in hand is settled under our own number.
                log.warning("claim_fenced", cause=str(error))
                await wait(self._may_claim, _MISHAP_S)
            except Exception:
                log.exception("claim_failed")
                self._note_error()
                await asyncio.sleep(_MISHAP_S)
            else:
                await wait(self._may_claim, pause_s)

    async def _claim(self) -> float:
        """Take deliveries in hand; return how long there will be no use in doing so again, unless something happens."""
        now = self._monotonic()
        if self._suspended:
            return self._longest_s
        if self.is_held():
            return min(self._pacer.held_until - now, self._longest_s)
        ahead = self._hand_size()
        room = min(ahead - len(self._hand), self._limit - len(self._unsettled))
        # A claim costs a commit, so half a handful at once; but whoever rang may be a person who waits.
        if room <= 0 or (room < ahead // 2 and not self._rung and now < self._look_again_at):
            return self._longest_s
        self._rung = False
        waiting = self._pacer.waiting(now)
        back_s = self._setbacks.look()
        async with self._storage.write() as work:
            if back_s:
                log.warning("clock_set_back", seconds=round(back_s))
                await work.outbox.hurry(self._clock(), seconds=back_s)
            claimed = await work.outbox.claim(
                self._clock(),
                limit=room,
                excluding=[self._subscribers[chat] for chat in waiting if chat in self._subscribers],
                fence=self._fence,
                answers_only=self._answers_only,
            )
        self._setbacks.make_good()
        self._unsettled.update(delivery.id for delivery in claimed)
        if claimed:
            self._paid_lately = False
            for delivery in claimed:
                if delivery.subscriber_id is not None:
                    self._subscribers[delivery.chat_id] = delivery.subscriber_id
            await self._put(claimed)
        self._held_up = False
        idle_s = self._longest_s if len(claimed) == room else await self._idle_s(waiting)
        self._look_again_at = self._monotonic() + idle_s
        return idle_s

    def _hand_size(self) -> int:
        """Return how many deliveries should be in hand at most."""
        return self._limit // 2 if self._paid_lately else self._ahead

    def is_held(self) -> bool:
        """Tell whether everybody is held for so long that nothing should look as if it was leaving."""
        return self._suspended or self._pacer.held_until > self._monotonic() + _AHEAD_S

    async def _idle_s(self, waiting: dict[int, float]) -> float:
        """Return how long nothing will be claimable, unless a bell rings or a chat's delivery is settled."""
        async with self._storage.read() as work:
            due_at = await work.outbox.next_due_at(answers_only=self._answers_only)
        if due_at is None:
            return self._longest_s
        due_s = (due_at - self._clock()).total_seconds()
        if due_s <= 0:
            # Due, and yet not claimed: for a chat that must wait, or that has one on its way.
            self._held_up = True
            now = self._monotonic()
            due_s = min(waiting.values(), default=now + _LOOK_AGAIN_S) - now
        return min(self._longest_s, max(_LEAST_SLEEP_S, due_s))


async def wait(event: asyncio.Event, timeout_s: float) -> None:
    """Wait until something happens, but not for ever."""
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
