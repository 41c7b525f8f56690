"""Pushes under way: the progress that the editor watches, and the report at the end."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from bot.messages.push_screens import progress_message, report_message
from bot.messages.speech import speech
from storage import Urgency
from storage.model import DeliveryKind, FanoutKind, Priority, Verb

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage import Storage, Work
    from storage.model import Fanout, Push, Tally

_log = structlog.get_logger(__name__)

_EVERY_S: Final = 3.0
"""How often the editor's message moves; that everybody has it is told as soon as it is seen."""
_LEAST_S: Final = 0.5
_SOON: Final = timedelta(minutes=1)
"""What is due later than that waits for its chat, not for its turn."""
_SHARE: Final = 10
"""Looking takes at most such a part of the time: a great push is counted less often."""


class BroadcastReporter:
    """Keeps each push's progress message true until its report stands there."""

    def __init__(self, storage: Storage, *, clock: Callable[[], datetime], every_s: float = _EVERY_S) -> None:
        self._storage = storage
        self._clock = clock
        self._every_s = every_s
        self._shown_at: dict[int, datetime] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Report until ``stop`` is set."""
        while not stop.is_set():
            began = time.monotonic()
            try:
                await self.report()
            except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
                _log.exception("reporting_failed")
            took_s = time.monotonic() - began
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=min(self._every_s, max(_LEAST_S, took_s * _SHARE)))

    async def report(self) -> None:
        """Bring the messages of all pushes under way up to date, once."""
        async with self._storage.read() as work:
            pushes = [(push, await _progress_of(work, push)) for push in await work.pushes.list_sending()]
        now = self._clock()
        for push, progress in pushes:
            if not progress.is_done and not self._is_due(push, now):
                continue
            try:
                async with self._storage.write(Urgency.BULK) as work:
                    await self._report_on(work, push.id)
            except Exception:  # noqa: BLE001 - one push's report must not hold up the others'; the cause is logged
                _log.exception("report_failed", push_id=push.id)
            self._shown_at[push.id] = now
        self._shown_at = {push.id: self._shown_at[push.id] for push, _ in pushes if push.id in self._shown_at}

    def _is_due(self, push: Push, now: datetime) -> bool:
        """Tell whether the message has stood for long enough, or the clock was set back."""
        shown_at = self._shown_at.get(push.id)
        return shown_at is None or not timedelta(0) <= now - shown_at < timedelta(seconds=self._every_s)

    async def _report_on(self, work: Work, push_id: int) -> None:
        now = self._clock()
        push = await work.pushes.get(push_id)  # as it is now: an editor may have paused it since it was listed
        progress = await _progress_of(work, push)
        tally = progress.tally
        editor = await work.subscribers.find(push.subscriber_id)
        if progress.is_done:
            if not await work.pushes.finish(push.id, now=now):
                return  # paused this very moment
            _log.info("push_done", push_id=push.id, sent=tally.sent, dead=tally.dead, unknown=tally.unknown)
        settled = push.paused_at is not None and not tally.sending
        if editor is None or push.progress_id is None or settled:
            return
        if not progress.is_done and await work.outbox.is_lost(push.progress_id, subscriber_id=editor.id):
            return  # the editor has deleted it, or it never came; the report at the end is sent anew
        words = speech(editor.lang, editor.tz)
        if progress.is_done or push.cancelled_at is not None:
            message = report_message(words, push, tally, fanout=progress.fanout, now=now)
        else:
            resting = await count_resting(work, push, now=now)
            message = progress_message(words, push, tally, now=now, resting=resting)
        await work.outbox.revise(
            push.progress_id,
            message.parameters(),
            subscriber_id=editor.id,
            priority=Priority.REPLY,
            now=now,
            verb=Verb.REPLACE if progress.is_done else Verb.EDIT,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress:
    tally: Tally
    fanout: Fanout | None
    is_done: bool


async def count_resting(work: Work, push: Push, *, now: datetime) -> int:
    """Count the chats whose quiet hours a push waits for."""
    return await work.outbox.count_resting(DeliveryKind.PUSH, f"p:{push.id}", until=now + _SOON)


async def _progress_of(work: Work, push: Push) -> _Progress:
    """Count how far a push has come."""
    tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
    fanout = await work.fanouts.find(FanoutKind.PUSH, push.id)
    over = push.cancelled_at is not None or (fanout is not None and fanout.done)
    is_done = over and push.paused_at is None and not tally.unsettled
    return _Progress(tally=tally, fanout=fanout, is_done=is_done)
