"""Fan-outs on their way into the outbox, chunk by chunk, resumed after a crash."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import structlog

from bot.delivery.tidings import tell_of_failed_fanout
from bot.messages.keywords import title_words
from storage import Channel, Urgency
from storage.errors import UnavailableError
from storage.model import FanoutKind

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from datetime import datetime

    from storage import Storage, Work
    from storage.model import Fanout

_log = structlog.get_logger(__name__)

_CHUNK: Final = 5_000
"""A million rows in one statement would hold up a chat's write for a second; of chunks below this the fixed cost
begins to show."""
_LEAST_CHUNK: Final = 1_000
_LONG_S: Final = 0.08
"""A chunk that takes longer, on a busy or slow machine, is followed by smaller ones."""
_IDLE_S: Final = 2.0
_PAUSES_S: Final = 60.0


class Planner:
    """Turns every open fan-out into deliveries.

    Args:
        storage: Where they are kept.
        clock: Tells the time, aware and in UTC.
        owners: Telegram ids of the owners, who are told beside the editors of a fan-out that fails for good.
        chunk: Most chats that are planned for in one transaction; fewer where that takes long.
        monotonic: Tells seconds.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        clock: Callable[[], datetime],
        owners: frozenset[int] = frozenset(),
        chunk: int = _CHUNK,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._owners = owners
        self._monotonic = monotonic
        self._chunk = self._most = chunk
        self._pauses_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Plan until ``stop`` is set."""
        while not stop.is_set():
            try:
                await self._end_pauses()
                busy = await self.plan_chunk()
            except Exception:  # noqa: BLE001 - the loop must go on; the cause is logged
                _log.exception("planning_failed")
                busy = False
            if not busy:
                await self._storage.wait(Channel.FANOUT, timeout_s=_IDLE_S)

    async def _end_pauses(self) -> None:
        """Let the chats take news again whose pause is over, once a minute."""
        if self._monotonic() < self._pauses_at:
            return
        self._pauses_at = self._monotonic() + _PAUSES_S
        async with self._storage.write(Urgency.BULK) as work:
            ended = await work.subscribers.end_pauses()
        if ended:
            _log.info("pauses_ended", chats=ended)

    async def plan_chunk(self) -> bool:
        """Plan one chunk of the next open fan-out, or set it aside where that fails; tell whether there was one."""
        async with self._storage.read() as work:
            fanout = await work.fanouts.next_open(self._clock())
        if fanout is None:
            return False
        try:
            await self._plan(fanout)
        except UnavailableError:
            raise  # which is not the fan-out's fault
        except Exception as error:  # noqa: BLE001 - one that fails must not stop the others; the cause is logged
            _log.exception(
                "fanout_failed", kind=fanout.kind, subject_id=fanout.subject_id, failures=fanout.failures + 1
            )
            await self._set_aside(fanout, type(error).__name__)
        return True

    async def _plan(self, fanout: Fanout) -> None:
        async with self._storage.read() as work:
            hidden_by, alerted_by = await _words_of(work, fanout)
        async with self._storage.write(Urgency.BULK) as work:
            begun = self._monotonic()
            fanout = await work.fanouts.expand(
                fanout.id, limit=self._chunk, now=self._clock(), hidden_by=hidden_by, alerted_by=alerted_by
            )
        self._adapt(self._monotonic() - begun)  # its commit included
        if fanout.done:
            _log.info("fanout_planned", kind=fanout.kind, subject_id=fanout.subject_id, deliveries=fanout.planned)

    async def _set_aside(self, fanout: Fanout, reason: str) -> None:
        """Let a fan-out rest, and tell the newsroom where it is closed by that."""
        now = self._clock()
        async with self._storage.write() as work:
            fanout = await work.fanouts.set_aside(fanout.id, reason, now=now)
            if fanout.reason is not None:
                await tell_of_failed_fanout(work, fanout, owners=self._owners, now=now)
        if fanout.reason is not None:
            _log.error("fanout_given_up", kind=fanout.kind, subject_id=fanout.subject_id, reason=reason)

    def _adapt(self, took_s: float) -> None:
        """Choose how many chats are planned for at once by how long the last chunk held everybody up."""
        if took_s > _LONG_S:
            self._chunk = max(self._chunk // 2, min(_LEAST_CHUNK, self._most))
        elif took_s < _LONG_S / 3:
            self._chunk = min(self._chunk * 2, self._most)


async def _words_of(work: Work, fanout: Fanout) -> tuple[list[str], list[str]]:
    """Name the words of a story's title that somebody hides, and the alerts that it meets."""
    if fanout.kind is not FanoutKind.STORY:
        return [], []
    story = await work.stories.get(fanout.subject_id)
    keys = [word.key for word in title_words(story.title, story.lang)]
    return await work.choices.hides_any(keys) if keys else [], await work.searching.alerts_any(keys)
