"""The queue of updates for the bot, with Telegram's offsets, redelivery and single consumer."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from bot.sandbox.telegram.errors import conflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.world.model import Json

# Without allowed_updates a bot gets everything but these.
_ASKED_FOR_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_MAX_WAIT_S = 50.0
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


class UpdateQueue:
    """Updates that the bot has not confirmed.

    Args:
        next_id: the id of the first update.
    """

    def __init__(self, next_id: int) -> None:
        self.next_id = next_id
        self.waiting: deque[Json] = deque()
        self.allowed: frozenset[str] | None = None
        self._arrived = asyncio.Event()
        self._poller: asyncio.Future[None] | None = None
        self._closed = False

    @property
    def is_polled(self) -> bool:
        """Whether a request waits for updates just now."""
        return self._poller is not None

    def put(self, kind: str, payload: Json) -> int | None:
        """Queue an update; return its id, or ``None`` when the bot has not asked for its kind."""
        wanted = kind not in _ASKED_FOR_ONLY if self.allowed is None else kind in self.allowed
        if not wanted:
            return None
        update_id = self.next_id
        self.next_id += 1
        self.waiting.append({"update_id": update_id, kind: payload})
        self._arrived.set()
        return update_id

    def allow(self, kinds: Sequence[str]) -> None:
        """Choose the kinds of update from now on; none means Telegram's default."""
        self.allowed = frozenset(kinds) or None

    def confirm(self, offset: int) -> None:
        """Forget the updates below an offset; a negative one keeps that many of the last."""
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popleft()
            return
        while self.waiting and self.waiting[0]["update_id"] < offset:
            self.waiting.popleft()

    def clear(self) -> None:
        """Forget all updates (``drop_pending_updates``)."""
        self.waiting.clear()

    def close(self) -> None:
        """Let a waiting poller go with what there is."""
        self._closed = True
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)
        self._arrived.set()

    def terminate_poller(self, words: str) -> None:
        """End the request that is waiting now, if there is one, with a 409."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(conflict(words))

    async def wait(self) -> None:
        """Return once there is an unconfirmed update or the queue was closed."""
        while not self.waiting and not self._closed:
            self._arrived.clear()
            await self._arrived.wait()

    async def poll(self, *, offset: int, limit: int, timeout_s: float) -> list[Json]:
        """Answer ``getUpdates``: confirm, wait, return the oldest that are left.

        Args:
            offset: the first update wanted; what is below is confirmed. 0 confirms nothing.
            limit: 1 to 100.
            timeout_s: seconds to wait while there is none, at most 50.

        Raises:
            ApiError: 409, because another request took over.
        """
        self.terminate_poller(OTHER_POLLER)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poller = turn
        try:
            if offset:
                self.confirm(offset)
            if not self.waiting and timeout_s > 0 and not self._closed:
                await self._wait_for_update(turn, min(timeout_s, _MAX_WAIT_S))
            return list(self.waiting)[: max(1, min(limit, 100))]
        finally:
            if self._poller is turn:
                self._poller = None

    async def _wait_for_update(self, turn: asyncio.Future[None], timeout_s: float) -> None:
        arrival = asyncio.ensure_future(self.wait())
        try:
            await asyncio.wait({arrival, turn}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrival.cancel()
        if turn.done():
            turn.result()
