"""Whose turn it is to write: the urgent first, and nobody left waiting for ever."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import asynccontextmanager, suppress
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping


class Urgency(IntEnum):
    """How urgent a unit of work is; the smaller number goes first."""

    PROMPT = 0
    """Short, and somebody waits for it: a command's effect, a claim, a settlement."""
    STEADY = 1
    """A step of work that goes on and on: a poll, an article."""
    BULK = 2
    """Many rows at once: a part of a fan-out, tidying up."""


PATIENCE_S: Final[Mapping[Urgency, float]] = {Urgency.STEADY: 0.25, Urgency.BULK: 0.5}
"""So long after its last turn a kind of work that waits is let ahead of the more urgent, once."""


class Turns:
    """Gives turns to those who wait, by urgency and then in the order of their coming.

    What is less urgent gets a turn now and then however much else there is, but never two turns in a row are given
    against the order: whoever is urgent waits for one unit of work more at most.

    Args:
        places: How many may have their turn at once.
        monotonic: Tells seconds.
    """

    def __init__(self, places: int, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._free = places
        self._monotonic = monotonic
        self._lines: dict[Urgency, deque[tuple[float, asyncio.Future[None]]]] = {each: deque() for each in Urgency}
        self._last_turn_at: dict[Urgency, float] = {}
        self._let_ahead = False

    @asynccontextmanager
    async def take(self, urgency: Urgency) -> AsyncIterator[None]:
        """Wait for a turn; it lasts as long as the context."""
        await self._wait(urgency)
        try:
            yield
        finally:
            self._end()

    async def _wait(self, urgency: Urgency) -> None:
        if self._free and not any(self._lines.values()):
            self._free -= 1
            self._last_turn_at[urgency] = self._monotonic()
            return
        given = asyncio.get_running_loop().create_future()
        place = (self._monotonic(), given)
        self._lines[urgency].append(place)
        try:
            await given
        except asyncio.CancelledError:
            if given.done() and not given.cancelled():
                self._end()  # the turn came together with the cancellation
            else:
                with suppress(ValueError):  # it may have been passed over already
                    self._lines[urgency].remove(place)
            raise

    def _end(self) -> None:
        self._free += 1
        while self._free and (urgency := self._next()) is not None:
            _, given = self._lines[urgency].popleft()
            self._free -= 1
            self._last_turn_at[urgency] = self._monotonic()
            given.set_result(None)

    def _next(self) -> Urgency | None:
        """Say which kind of work has the next turn; ``None`` where nobody waits."""
        for line in self._lines.values():
            while line and line[0][1].done():  # cancelled, and its task has not run since
                line.popleft()
        waiting = [urgency for urgency, line in self._lines.items() if line]
        if not waiting:
            return None
        first, now = min(waiting), self._monotonic()
        late = [urgency for urgency in waiting if urgency > first and self._patient_until(urgency) <= now]
        self._let_ahead = bool(late) and not self._let_ahead
        return min(late, key=self._patient_until) if self._let_ahead else first

    def _patient_until(self, urgency: Urgency) -> float:
        came_at = self._lines[urgency][0][0]
        return max(came_at, self._last_turn_at.get(urgency, came_at)) + PATIENCE_S[urgency]
