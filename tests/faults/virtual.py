"""Time that passes only when nothing is left to do: an hour of waiting takes as long as the work in it."""

from __future__ import annotations

import asyncio
import queue
import selectors
import threading
from typing import TYPE_CHECKING, Any, TypeVarTuple

import aiosqlite.core

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

Ts = TypeVarTuple("Ts")

_STUCK_S = 20.0
_IDLE_S = 0.01
"""How long a loop without timers waits in real time for other threads than SQLite's."""
_ANSWERS: tuple[object, ...] = (aiosqlite.core.set_result, aiosqlite.core.set_exception)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own.

    While SQLite works in its thread the loop waits for it in real time, and the clock stands still; when there is
    nothing but timers, the clock leaps to the next one.

    Attributes:
        elapsed_s: what the clock shows.
    """

    def __init__(self) -> None:
        self.elapsed_s = 1000.0
        self._pending = 0
        self._counted = threading.Lock()
        super().__init__(_Leaping(self))

    def time(self) -> float:
        """Tell the seconds that have passed."""
        return self.elapsed_s

    @property
    def is_waited_for(self) -> bool:
        """Whether a thread owes an answer."""
        with self._counted:
            return self._pending > 0

    def expect(self) -> None:
        """Note that a thread has been asked something."""
        with self._counted:
            self._pending += 1

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Schedule what a thread answers."""
        with self._counted:
            handle = super().call_soon_threadsafe(callback, *args, context=context)
            if any(callback is answer for answer in _ANSWERS):
                self._pending -= 1
        return handle


class _Leaping(selectors.DefaultSelector):
    """Waits for threads, and leaps over everything else."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self._loop.is_waited_for:
            found = super().select(_STUCK_S)
            assert found, "a thread has not answered"
            return found
        if timeout is None:
            return super().select(_IDLE_S)
        found = super().select(0)
        if not found:
            self._loop.elapsed_s += timeout
        return found


class CountingQueue(queue.SimpleQueue[Any]):
    """The queue by which aiosqlite asks its thread: each question but the last is answered to the loop."""

    def put_nowait(self, item: Any) -> None:
        asker = item[0]
        if asker is not None and isinstance(loop := asker.get_loop(), VirtualLoop):
            loop.expect()
        super().put_nowait(item)


def count_questions() -> None:
    """Let aiosqlite's connections from now on tell a virtual loop what it has to wait for."""
    aiosqlite.core.SimpleQueue = CountingQueue  # type: ignore[attr-defined]
