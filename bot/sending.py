"""The part of the bot that only one process plays at a time: it sends, and asks Telegram for updates."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from bot.chat.updates import Poller
from bot.delivery.broadcast import BroadcastReporter
from bot.delivery.pacing import Pacer
from bot.delivery.planning import Planner
from bot.delivery.rendering import render_stories
from bot.delivery.sender import Sender
from bot.housekeeping import keep_tidy
from bot.loops import act_at_end, end_tasks, run_until
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.delivery.telegram import BotApi
    from bot.loops import Loop
    from storage import Storage
    from storage.leading import Leadership, Pulse

_log = structlog.get_logger(__name__)

_STAND_BY_NOTICE_S: Final = 1.0
_RETRY_S: Final = 1.0
_DRAIN_S: Final = 9.5
"""A little less than the whole process has."""


class SendingPart:
    """Stands by until no other process sends for this bot, then does until it is stopped or another takes over.

    Args:
        storage: Where outbox and lease are.
        bot: Telegram.
        clock: Tells the time, aware, in UTC.
        resend: Whether what may have arrived is sent again.
        polls: Whether Telegram is asked for updates; else they come by webhook.
        owners: Telegram ids of the owners, who are told with the editors of what cannot be sent.
        closed: Whether the house is: then answers alone are sent, and stories and pushes rest as they are.
        chat_burst: How many messages a rested person gets at once: at least "Reading…" and the answer.
        pulse: How quickly a silent leader is noticed; ``None`` for the usual.

    Attributes:
        leads: Whether this process sends now.
    """

    def __init__(
        self,
        storage: Storage,
        bot: BotApi,
        *,
        clock: Callable[[], datetime],
        resend: bool,
        polls: bool,
        owners: frozenset[int] = frozenset(),
        closed: bool = False,
        chat_burst: int = 2,
        pulse: Pulse | None = None,
    ) -> None:
        self._storage = storage
        self._bot = bot
        self._clock = clock
        self._resend = resend
        self._owners = owners
        self._closed = closed
        self._chat_burst = chat_burst
        self._pulse = pulse
        self._poller = Poller(storage, bot, clock=clock) if polls else None
        self._sender: Sender | None = None
        self._past = {"sent": 0, "dead": 0, "unknown": 0}
        self.leads = False

    @property
    def sent(self) -> int:
        """Deliveries sent since the start."""
        return self._count("sent")

    @property
    def dead(self) -> int:
        """Deliveries that Telegram refused for good since the start."""
        return self._count("dead")

    @property
    def unknown(self) -> int:
        """Deliveries whose answer never came since the start."""
        return self._count("unknown")

    @property
    def token_rejected(self) -> bool:
        """Whether Telegram has refused the token."""
        return self._sender is not None and self._sender.token_rejected

    @property
    def trouble(self) -> str:
        """What keeps updates from us, while it is for us to ask for them."""
        return self._poller.trouble if self._poller is not None and self.leads else ""

    async def run(self, stop: asyncio.Event) -> None:
        """Stand by and lead in turn until ``stop`` is set."""
        while not stop.is_set():
            over = asyncio.Event()
            term = asyncio.create_task(self._serve_a_term(over), name="term")
            stopping = asyncio.create_task(stop.wait())
            notice = asyncio.create_task(self._say_standing_by())
            try:
                await asyncio.wait({term, stopping}, return_when=asyncio.FIRST_COMPLETED)
                over.set()
                if not term.done() and not self.leads:
                    term.cancel()
                outcome = (await asyncio.gather(term, return_exceptions=True))[0]
            finally:
                await end_tasks([term, stopping, notice])
            if isinstance(outcome, Exception):
                is_known = isinstance(outcome, StorageError)
                _log.error("sending_interrupted", cause=str(outcome), exc_info=None if is_known else outcome)
                await asyncio.sleep(_RETRY_S)

    async def _say_standing_by(self) -> None:
        await asyncio.sleep(_STAND_BY_NOTICE_S)
        if not self.leads:
            _log.info("standing_by", advice="another process sends for this bot; this one takes over when it ends")

    async def _serve_a_term(self, over: asyncio.Event) -> None:
        """Lead once, until ``over`` is set or another process leads."""
        async with self._storage.lead("send", pulse=self._pulse) as leadership:
            self.leads = True
            _log.info("leading", fence=leadership.fence)
            watching = asyncio.create_task(_set_when_lost(leadership, over))
            try:
                await run_until(over, self._loops(leadership), drain_s=_DRAIN_S)
            finally:
                watching.cancel()
                self._close_books()
                self.leads = False
        if leadership.lost.is_set():
            _log.warning("leading_lost", fence=leadership.fence, advice="another process has taken over")

    def _loops(self, leadership: Leadership) -> dict[str, Loop]:
        self._sender = Sender(
            self._storage,
            self._bot,
            Pacer(chat_burst=self._chat_burst),
            render_stories(self._clock),
            clock=self._clock,
            resend=self._resend,
            fence=leadership.fence,
            answers_only=self._closed,
            is_sure=leadership.is_sure,
        )
        loops: dict[str, Loop] = {"send": self._sender.run}
        if not self._closed:
            loops |= {
                "plan": Planner(self._storage, clock=self._clock, owners=self._owners).run,
                "report": BroadcastReporter(self._storage, clock=self._clock).run,
                "tidy": partial(keep_tidy, self._storage, clock=self._clock),
            }
        loops["wake"] = partial(act_at_end, self._storage.wake_all)
        if self._poller is not None:
            loops["updates"] = self._poller.run
        return loops

    def _count(self, outcome: str) -> int:
        return self._past[outcome] + (getattr(self._sender, outcome) if self._sender is not None else 0)

    def _close_books(self) -> None:
        self._past = {outcome: self._count(outcome) for outcome in self._past}
        self._sender = None


async def _set_when_lost(leadership: Leadership, over: asyncio.Event) -> None:
    await leadership.lost.wait()
    over.set()
