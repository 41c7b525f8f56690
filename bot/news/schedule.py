"""When a feed is due again: pure functions of what happened and the time."""

from __future__ import annotations

from datetime import timedelta
from random import SystemRandom
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_S: Final = 24 * 3600.0
_JITTER: Final = 0.1
_random = SystemRandom()


def after_success(now: datetime, *, min_s: float, jitter: float | None = None) -> datetime:
    """Tell when to poll again a feed that answered.

    Args:
        now: When it answered.
        min_s: Shortest time between two polls, in seconds.
        jitter: From 0 to 1, so that feeds added together do not stay together; ``None`` draws it.
    """
    return now + timedelta(seconds=min_s * (1 + _JITTER * _drawn(jitter)))


def after_failure(
    now: datetime, *, failures: int, min_s: float, retry_after_s: float | None = None, jitter: float | None = None
) -> datetime:
    """Tell when to try again a feed that failed: twice as long after each failure, a day at most.

    Args:
        now: When it failed.
        failures: How often in a row, this one included; at least 1.
        min_s: Shortest time between two polls, in seconds.
        retry_after_s: What the server asked for; waited at least, but no more than a day.
        jitter: From 0 to 1; ``None`` draws it.
    """
    backoff_s = min(LONGEST_S, min_s * 2 ** min(failures - 1, 20))
    wait_s = max(backoff_s * (1 + _JITTER * _drawn(jitter)), min(retry_after_s or 0.0, LONGEST_S))
    return now + timedelta(seconds=min(wait_s, LONGEST_S * (1 + _JITTER)))


def horizon_s(min_s: float) -> float:
    """Tell beyond how many seconds no feed is ever planned, given the shortest time between two polls in seconds."""
    return max(LONGEST_S, min_s) * (1 + _JITTER) + 60.0


def _drawn(jitter: float | None) -> float:
    return _random.random() if jitter is None else jitter
