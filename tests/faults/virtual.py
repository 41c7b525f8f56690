"""Time that passes only when nothing is left to do: an hour of waiting takes as long as the work in it."""

from __future__ import annotations

import asyncio
import queue
import selectors
from typing import Any

import aiosqlite.core

START_S = 1000.0
"""What the clock of a new loop shows."""
_IDLE_S = 0.01
"""How long a loop without timers waits in real time for threads."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own: when there is nothing but timers, the clock leaps to the next one.

    What SQLite is asked is done at once and answered in the loop's next round (see ``answer_in_rounds``), so that a
    story told again takes the same turns.

    Attributes:
        elapsed_s: what the clock shows.
    """

    def __init__(self) -> None:
        self.elapsed_s = START_S
        super().__init__(_Leaping(self))

    def time(self) -> float:
        """Tell the seconds that have passed."""
        return self.elapsed_s


class _Leaping(selectors.DefaultSelector):
    """Leaps over whatever there is to wait for."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(_IDLE_S)
        if timeout > 0:
            self._loop.elapsed_s += timeout
            return super().select(0)
        return []  # there is work at hand, and threads can wait until it is done


class _Rounds(queue.SimpleQueue[Any]):
    """The queue by which aiosqlite asks its thread: what a virtual loop asks never gets there."""

    def put_nowait(self, item: Any) -> None:
        asker, deed = item
        loop = None if asker is None else asker.get_loop()
        if not isinstance(loop, VirtualLoop):
            super().put_nowait(item)
            return
        try:
            result = deed()
        except Exception as error:  # noqa: BLE001 -- the asker gets it, whatever it is
            loop.call_soon(aiosqlite.core.set_exception, asker, error)
            return
        loop.call_soon(aiosqlite.core.set_result, asker, result)
        if result is aiosqlite.core._STOP_RUNNING_SENTINEL:
            super().put_nowait((None, lambda: result))  # the thread has had nothing to do, and ends


def answer_in_rounds() -> None:
    """Let aiosqlite's connections from now on answer a virtual loop in its next round, without a thread between."""
    aiosqlite.core.SimpleQueue = _Rounds  # type: ignore[attr-defined]
