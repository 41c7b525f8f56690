"""The wall clock set back: what was due must not wait until the clock has caught up."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_NOTICED_S = 5.0
"""Corrections below this are the clock's daily business, and hold nothing up for longer."""


class Setbacks:
    """Notices, by the seconds that only go forward, when the wall clock has been set back.

    Args:
        clock: Tells the time, aware and in UTC.
        monotonic: Tells seconds that never run back.
    """

    def __init__(self, clock: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._seen = (clock(), monotonic())
        self._owed_s = 0.0

    def look(self) -> float:
        """Return by how many seconds the clock was set back since that was last made good; 0 where it was not."""
        at, ticks = self._seen
        self._seen = (self._clock(), self._monotonic())
        back_s = (self._seen[1] - ticks) - (self._seen[0] - at).total_seconds()
        if back_s >= _NOTICED_S:
            self._owed_s += back_s
        return self._owed_s

    def make_good(self) -> None:
        """Note that what was due waits no longer."""
        self._owed_s = 0.0
