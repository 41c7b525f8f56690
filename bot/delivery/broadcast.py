"""Pushes under way: the progress that the editor watches, and the report at the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from bot.messages.push_screens import progress_message, report_message
from bot.messages.speech import speech
from storage import Urgency
from storage.model import DeliveryKind, FanoutKind, Priority

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage import Storage, Work
    from storage.model import Push

_log = structlog.get_logger(__name__)

_EVERY_S: Final = 3.0


class BroadcastReporter:
    """Keeps each push's progress message true until its report stands there."""

    def __init__(self, storage: Storage, *, clock: Callable[[], datetime], every_s: float = _EVERY_S) -> None:
        self._storage = storage
        self._clock = clock
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Report every few seconds until ``stop`` is set."""
        while not stop.is_set():
            try:
                await self.report()
            except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
                _log.exception("reporting_failed")
            try:
                await asyncio.wait_for(stop.wait(), timeout=self._every_s)
            except TimeoutError:
                continue

    async def report(self) -> None:
        """Bring the messages of all pushes under way up to date, once."""
        async with self._storage.read() as work:
            pushes = await work.pushes.list_sending()
        for push in pushes:
            async with self._storage.write(Urgency.BULK) as work:
                await self._report_on(work, push)

    async def _report_on(self, work: Work, push: Push) -> None:
        now = self._clock()
        tally = await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
        fanout = await work.fanouts.find(FanoutKind.PUSH, push.id)
        editor = await work.subscribers.find(push.subscriber_id)
        over = push.cancelled_at is not None or (fanout is not None and fanout.done)
        is_done = over and push.paused_at is None and not tally.unsettled
        if is_done:
            await work.pushes.finish(push.id, now=now)
            _log.info("push_done", push_id=push.id, sent=tally.sent, dead=tally.dead, unknown=tally.unknown)
        settled = push.paused_at is not None and not tally.sending
        if editor is None or push.progress_id is None or settled:
            return
        words = speech(editor.lang, editor.tz)
        show = report_message if is_done or push.cancelled_at is not None else progress_message
        await work.outbox.revise(
            push.progress_id,
            show(words, push, tally, now=now).parameters(),
            subscriber_id=editor.id,
            priority=Priority.REPLY,
            now=now,
        )
