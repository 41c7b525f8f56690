"""Pauses while there is no way to the server, each longer than the one before."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.delivery.pacing import Pacer

_FIRST_S, _LONGEST_S = 0.5, 30.0


class Outage:
    """Holds everybody when a request could not leave; nobody else's could have either."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._until = 0.0
        self.tries = 0

    def note(self, now: float) -> float | None:
        """Note a request that could not leave.

        Returns:
            For how many seconds everybody is held; None where the pause for this outage has begun already.
        """
        if now < self._until:
            return None
        pause_s = min(_LONGEST_S, _FIRST_S * 2.0**self.tries)
        pause_s *= random.uniform(0.75, 1.25)  # noqa: S311 - so that many bots do not return in step
        self.tries = min(self.tries + 1, 10)
        self._until = now + pause_s
        self._pacer.hold_all(self._until)
        return pause_s

    def clear(self) -> None:
        """Note that an answer came; the next outage begins with a short pause."""
        self.tries = 0
