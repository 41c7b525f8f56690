"""Lists of feeds that were confirmed, added a few feeds at a time while the chat goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from bot.messages.feed_lists import render_added, render_adding
from bot.messages.speech import speech
from storage import Channel, Urgency
from storage.model import DeliveryKind, ImportState, NewDelivery, Priority, Verb

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage import Storage, Work
    from storage.model import Import

_log = structlog.get_logger(__name__)

_CHUNK: Final = 100
"""So many feeds in one transaction hold up nobody's command."""
_BREATH_S: Final = 0.02
_SHOW_EVERY_S: Final = 3.0
_IDLE_S: Final = 5.0


class ListAdder:
    """Works off confirmed lists, oldest first; a crash resumes after the last chunk."""

    def __init__(
        self,
        storage: Storage,
        *,
        clock: Callable[[], datetime],
        chunk: int = _CHUNK,
        show_every_s: float = _SHOW_EVERY_S,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._chunk = chunk
        self._show_every_s = show_every_s
        self._shown_at = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Add whatever is confirmed, until ``stop`` is set."""
        while not stop.is_set():
            try:
                more = await self.add()
            except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
                _log.exception("adding_failed")
                more = False
            if more:
                await asyncio.sleep(_BREATH_S)  # others write in between
            else:
                await self._storage.wait(Channel.IMPORTS, timeout_s=_IDLE_S)

    async def add(self) -> bool:
        """Add the next feeds of the oldest list; say whether there was one."""
        async with self._storage.read() as work:  # most often there is none: no write lock is taken for that
            if not await work.imports.is_any_running():
                return False
        now, tick = self._clock(), asyncio.get_running_loop().time()
        async with self._storage.write(Urgency.BULK) as work:
            running = await work.imports.advance(limit=self._chunk, now=now)
            if running is None:
                return False
            is_done = running.state is ImportState.DONE
            if is_done or tick - self._shown_at >= self._show_every_s:
                self._shown_at = tick
                await _show(work, running, now=now)
        if is_done:
            _log.info("list_added", import_id=running.id, added=running.added, known=running.known)
        return True


async def _show(work: Work, running: Import, *, now: datetime) -> None:
    """Put how far it is into the message that was confirmed."""
    chat = await work.subscribers.find(running.subscriber_id)
    if chat is None:
        return
    words = speech(chat.lang, chat.tz)
    is_done = running.state is ImportState.DONE
    message = render_added(words, running) if is_done else render_adding(words, running)
    await work.outbox.supersede_edits(chat.id, running.message_id)
    row = NewDelivery(
        subscriber_id=chat.id,
        thread_id=running.thread_id,
        kind=DeliveryKind.REPLY,
        subject=f"im:{running.id}",
        part=running.reached,
        verb=Verb.EDIT,
        message_id=running.message_id,
        priority=Priority.REPLY,
        due_at=now,
        payload=message.parameters(),
    )
    await work.outbox.enqueue([row], now=now)
