"""The sender: claims what is due, lets it leave at Telegram's pace, and records what became of it.

A delivery passes through four places. *Queued* in the outbox; claimed, and marked as leaving in a committed
transaction; *in hand*, until the pacer lets its request leave; *flying*, until the answer comes; *settling*, until
the outcome is committed with others. At most ``unsettled`` deliveries are between the first and the last, and these
are what a kill leaves unknown.
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog
from telegram.error import TelegramError

from bot.delivery import outcomes
from bot.delivery.bans import Bans
from bot.delivery.claimer import Claimer, wait
from bot.delivery.contents import Contents
from bot.delivery.hand import Hand, Held, facts
from bot.delivery.outage import Outage
from bot.delivery.settling import Settler
from bot.delivery.silence import Silence
from bot.delivery.wording import Wording
from storage.model import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.delivery.contents import Render
    from bot.delivery.outcomes import Outcome
    from bot.delivery.pacing import Departure, Pacer
    from bot.delivery.telegram import BotApi
    from storage import Storage
    from storage.model import Delivery

_HELD_S = 0.9
"""How long a story may be in hand: who unsubscribes gets none a second later."""
_LOOK_AGAIN_S = 0.25
_MISHAP_S = 1.0
"""Pause after an error of our own making or the database's."""

log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Sender:
    """The one owner of everything that counts against Telegram's limits.

    Args:
        storage: Where the outbox stands.
        bot: The Bot API.
        pacer: Says when requests may leave.
        render: Puts deliveries without a payload into words.
        clock: Tells the time, aware and in UTC.
        monotonic: Tells the seconds that the pacer counts in.
        unsettled: How many deliveries may be marked as leaving and not settled.
        group_s: How long an outcome waits for others to be committed with.
        drain_s: How long `run` waits for answers after it was asked to stop.
        resend: Whether what may have arrived is sent again, perhaps a second time, instead of left unknown.
        fence: The lease's number under which this process sends.
        answers_only: Whether all rests but what answers people.
        idle_s: Longest sleep without a look at what there is to do; the bell rings sooner.
        is_sure: Tells whether no other process can have taken over; while it does not, nothing leaves.

    Attributes:
        sent: Deliveries sent since the start.
        dead: Deliveries that Telegram refused for good.
        unknown: Deliveries whose answer never came, those found at the start included.
        returned: Deliveries that went back into the queue.
        last_error_at: When an error of ours, of storage or of the network was last met.
        token_rejected: Whether Telegram has refused the token, so that nothing is sent any more.
    """

    def __init__(
        self,
        storage: Storage,
        bot: BotApi,
        pacer: Pacer,
        render: Render,
        *,
        clock: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        unsettled: int = 64,
        group_s: float = 0.02,
        drain_s: float = 7.0,
        resend: bool = False,
        fence: int = 0,
        answers_only: bool = False,
        idle_s: float = 5.0,
        is_sure: Callable[[], bool] = lambda: True,
    ) -> None:
        self._storage = storage
        self._bot = bot
        self._pacer = pacer
        self._clock = clock
        self._monotonic = monotonic
        self._drain_s = drain_s
        self._resend = resend
        self._fence = fence
        self._is_sure = is_sure
        self._idle_s = idle_s
        self._hand = Hand(pacer)
        self._bans = Bans(pacer)
        self._outage = Outage(pacer)
        self._silence = Silence(bot, monotonic=monotonic)
        self._settler = Settler(
            storage,
            clock=clock,
            group_s=group_s,
            group_size=unsettled,
            fence=fence,
            on_settled=self._count,
            on_failure=self._note_error,
        )
        self._claimer = Claimer(
            storage,
            pacer,
            self._hand,
            clock=clock,
            monotonic=monotonic,
            limit=unsettled,
            fence=fence,
            put=self._put,
            note_error=self._note_error,
            answers_only=answers_only,
            idle_s=idle_s,
        )
        self._wording = Wording(
            storage,
            Contents(render),
            clock=clock,
            monotonic=monotonic,
            take=self._claimer.take,
            settle=self._settler.add,
            note_error=self._note_error,
        )
        self._flying: dict[asyncio.Task[None], Held] = {}
        self._probe: asyncio.Task[None] | None = None
        self._crowded = False
        self._stopping = False
        self._may_depart = asyncio.Event()
        self.sent = 0
        self.dead = 0
        self.unknown = 0
        self.returned = 0
        self.last_error_at: datetime | None = None
        self.token_rejected = False

    @property
    def unsettled(self) -> int:
        """How many deliveries are marked as leaving and not settled."""
        return self._claimer.unsettled

    @property
    def in_flight(self) -> int:
        """How many requests wait for their answer."""
        return len(self._flying)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until ``stop`` is set; then claim no more, hear the answers out, and give the rest back.

        Cancelled instead, it leaves everything as a kill would.
        """
        while not await self._recover():
            await wait(stop, _MISHAP_S)
            if stop.is_set():
                return
        async with asyncio.TaskGroup() as tasks:
            listener = tasks.create_task(self._claimer.listen())
            settler = tasks.create_task(self._settler.run())
            claimer = tasks.create_task(self._claimer.run())
            dispatcher = tasks.create_task(self._dispatch_all(tasks))
            await stop.wait()
            self._stopping = True
            least_s = self._drain_s / 4
            ends_at = self._monotonic() + self._drain_s + least_s
            self._claimer.close()
            self._may_depart.set()
            # Not cancelled: a claim cut off after its commit would be forgotten by us and unknown to everybody.
            await asyncio.wait((claimer, dispatcher))
            listener.cancel()
            self._give_back()
            await self._hear_out()
            self._settler.close()
            # What the answers have left of the time: the last outcomes may have to wait for others' turns to write.
            await asyncio.wait((settler,), timeout=max(least_s, ends_at - self._monotonic()))
            settler.cancel()
            log.info("sender_stopped", unsettled=self.unsettled)

    async def _recover(self) -> bool:
        """Put the outbox in order after whoever sent before; tell whether that could be done."""
        try:
            async with self._storage.write() as work:
                found = await work.outbox.recover(self._clock(), fence=self._fence)
                if self._resend:
                    await work.outbox.resolve_unknown(None, resend=True, now=self._clock())
        except Exception:
            log.exception("recovery_failed")
            self._note_error()
            return False
        if found:
            self.unknown += found
            log.warning("deliveries_unknown", count=found, why="the last run ended before their answers came")
        return True

    async def _put(self, claimed: Sequence[Delivery]) -> None:
        """Put claimed deliveries into words and in hand; settle those that have none."""
        await self._wording.put(claimed)
        if self._claimer.is_held():
            self._give_back()  # everybody was held while the claim was committed
        self._may_depart.set()

    # Departing

    async def _dispatch_all(self, tasks: asyncio.TaskGroup) -> None:
        while not self._stopping:
            self._may_depart.clear()
            now = self._monotonic()
            if self._silence.is_felt:
                await self._sit_out_silence()
                continue
            suspicious = self._bans.suspects(now)
            if suspicious and self._probe in self._flying:
                await wait(self._may_depart, self._idle_s)
                continue
            if not self._is_sure():
                await wait(self._may_depart, _LOOK_AGAIN_S)
                continue
            self._requeue(self._hand.release_stale(now - _HELD_S))
            held = self._hand.pick(now)
            if held is None:
                at = self._hand.next_at(now)
                self._crowded = at == math.inf
                await wait(self._may_depart, self._idle_s if at is None else min(self._idle_s, at - now))
                continue
            departure = self._pacer.hand_over(held.delivery.chat_id, held.delivery.chat_kind, now, paid=held.paid)
            task = tasks.create_task(self._fly(held, departure))
            self._flying[task] = held
            self._probe = task if suspicious else None
            task.add_done_callback(self._landed)
            self._claimer.note_departure()

    def _landed(self, task: asyncio.Task[None]) -> None:
        del self._flying[task]
        if task is self._probe:
            self._may_depart.set()

    def _note_left(self, departure: Departure, chat_id: int) -> None:
        departure.leave(self._monotonic())
        if self._crowded or chat_id in self._hand:
            self._may_depart.set()

    async def _fly(self, held: Held, departure: Departure) -> None:
        left_at, now = self._monotonic(), self._clock()
        note_left = partial(self._note_left, departure, held.delivery.chat_id)
        try:
            result = await self._bot.call(held.call.method, held.call.parameters, on_left=note_left)
        except TelegramError as error:
            self._note_refusal(error, left_at)
            outcome = outcomes.failed(held, error, now=self._clock(), resend=self._resend)
        except Exception as error:
            log.exception("request_failed", **facts(held.delivery))
            outcome = outcomes.failed(held, error, now=self._clock(), resend=self._resend)
        else:
            self._outage.clear()
            self._silence.clear()
            self._bans.clear(left_at)
            message_id = result.get("message_id") if isinstance(result, dict) else None
            outcome = outcomes.succeeded(held, message_id)
        finally:
            note_left()
            departure.answer(self._monotonic())
        self._apply(held, replace(outcome, left_at=now))

    def _apply(self, held: Held, outcome: Outcome) -> None:
        now = self._monotonic()
        delivery = held.delivery
        if outcome.wait_s is not None:
            everybody = self._bans.note(delivery.chat_id, outcome.wait_s, now)
            log.warning("rate_limited", **facts(delivery), wait_s=outcome.wait_s, everybody=everybody)
            if everybody:
                self._give_back()
        if outcome.offline:
            self._go_offline(now)
        if outcome.rejected and not self.token_rejected:
            self.token_rejected = True
            self._pacer.hold_all(math.inf)
            self._give_back()
            log.error("token_rejected", advice="nothing is sent until Newsgist is restarted with a valid token")
        if outcome.unreachable is not None:
            log.info("chat_unreachable", **facts(delivery), subscriber=delivery.subscriber_id)
        if outcome.moved_to is not None:
            log.info("chat_moved", **facts(delivery), subscriber=delivery.subscriber_id)
        if outcome.again is None:
            self._settler.add(outcome)
        else:
            log.warning("delivery_simplified", **facts(delivery), method=outcome.again.method)
            self._hand.add(replace(held, call=outcome.again, since=now))
            self._may_depart.set()

    def _go_offline(self, now: float) -> None:
        pause_s = self._outage.note(now)
        if pause_s is not None:
            self._give_back()
            self._note_error()
            log.warning("server_unreachable", pause_s=round(pause_s, 1), tries=self._outage.tries)

    def _note_refusal(self, error: TelegramError, left_at: float) -> None:
        self._silence.note(error, left_at=left_at)
        if self._silence.is_felt:
            self._may_depart.set()

    async def _sit_out_silence(self) -> None:
        """Let nothing leave until the server answers again."""
        self._claimer.suspend()
        self._give_back()
        self._note_error()
        log.warning("server_silent", unanswered=self._silence.unanswered)
        await self._silence.end(lambda: self._stopping)
        self._claimer.resume()
        if not self._stopping:
            log.info("server_answers")

    # Settling

    def _give_back(self) -> None:
        """Return everything in hand to the queue: what waits long must not look as if it had left."""
        self._requeue(self._hand.release())

    def _requeue(self, given_up: Sequence[Held]) -> None:
        for held in given_up:
            self._settler.add(outcomes.requeue(held.delivery, due_at=self._clock()))

    async def _hear_out(self) -> None:
        """Wait for the answers that are still to come, but not for ever."""
        if self._flying:
            _, late = await asyncio.wait(self._flying, timeout=self._drain_s)
            for task in late:
                held = self._flying[task]
                task.cancel()
                self._settler.add(outcomes.abandoned(held, now=self._clock(), resend=self._resend))
        self._give_back()

    def _count(self, settled: Sequence[Outcome]) -> None:
        self._claimer.note_settled([outcome.delivery.id for outcome in settled])
        for outcome in settled:
            if outcome.settlement is None:
                continue
            state = outcome.settlement.state
            told = facts(outcome.delivery)
            match state:
                case DeliveryState.SENT:
                    self.sent += 1
                    log.debug("delivery_sent", **told)
                case DeliveryState.UNKNOWN:
                    self.unknown += 1
                    log.warning("delivery_unknown", **told, reason=outcome.settlement.reason)
                case DeliveryState.DEAD:
                    self.dead += 1
                    log.warning("delivery_dead", **told, reason=_without_quotation(outcome.settlement.reason))
                case DeliveryState.QUEUED:
                    self.returned += 1
                case _:
                    log.info("delivery_cancelled", **told, reason=outcome.settlement.reason)

    def _note_error(self) -> None:
        self.last_error_at = self._clock()


def _without_quotation(reason: str | None) -> str | None:
    """Cut what Telegram quotes from the text: the log is no place for it."""
    return None if reason is None else reason.partition(":")[0]
