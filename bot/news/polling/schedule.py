"""When a feed is due again: pure functions of what happened, what its site wishes and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import SystemRandom
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_S: Final = 24 * 3600.0
_JITTER: Final = 0.1
_STATED_S: Final = 60.0
"""Whoever sets a shorter time between two polls wants exactly that: a sandbox, a trial."""
_SLOWER: Final = 1.5
_CALM: Final = 12
"""A feed that brings nothing new is polled this much less often than the fastest, an hour for five minutes."""
_SILENCE_PART: Final = 24
_DATES: Final = 20
_WITH_HUB_S: Final = 3600.0
_LONGEST_SKIP_S: Final = 72 * 3600.0
"""A weekend and a night: hours and days to skip add up to no more."""
_random = SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a site asks of those who poll it.

    Attributes:
        fresh_s: How long its answer stays fresh by HTTP (RFC 9111, 4.2).
        retry_after_s: Its ``Retry-After``.
        ttl_s: The feed's own ``ttl`` or ``sy:updatePeriod``.
        skip_hours: Hours of the day, 0 to 23 in UTC, in which nothing is new.
        skip_days: Days of the week, Monday 0, likewise.
        has_hub: Whether a hub tells us what is new, so that polls are only the safety net.
    """

    fresh_s: float = 0.0
    retry_after_s: float | None = None
    ttl_s: float | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    has_hub: bool = False


def pace_s(
    now: datetime,
    *,
    min_s: float,
    last_s: float | None = None,
    changed: bool = True,
    changed_at: datetime | None = None,
    dates: Sequence[datetime] = (),
) -> float:
    """Choose how long to wait by how often a feed publishes.

    Half of the usual time between two entries, but the longer the feed has been silent the longer; each poll that
    brings nothing new lengthens the wait by half.

    Args:
        now: The present instant.
        min_s: Shortest time between two polls, in seconds; below a minute it is kept to exactly.
        last_s: The wait before this poll, in seconds; ``None`` for the first.
        changed: Whether this poll brought anything new.
        changed_at: When one last did.
        dates: Of the entries in the feed, in any order; those of the future do not count.

    Returns:
        Seconds, from ``min_s`` to a day.
    """
    if min_s < _STATED_S:
        return min_s
    known = sorted((date for date in dates if date <= now), reverse=True)[:_DATES]
    gaps_s = [(later - earlier).total_seconds() for later, earlier in pairwise(known)]
    newest = max((instant for instant in (changed_at, *known[:1]) if instant is not None), default=None)
    silence_s = 0.0 if newest is None else max((now - newest).total_seconds(), 0.0)
    wanted_s = max(median(gaps_s) / 2 if gaps_s else 0.0, silence_s / _SILENCE_PART)
    if not changed:
        slower_s = min((last_s or min_s) * _SLOWER, max(_CALM * min_s, silence_s / _SILENCE_PART))
        wanted_s = max(wanted_s, slower_s)
    elif not gaps_s and last_s is not None:
        wanted_s = max(wanted_s, last_s / 2)
    return min(max(wanted_s, min_s), max(LONGEST_S, min_s))


def after_success(
    now: datetime, *, min_s: float, wishes: Wishes | None = None, jitter: float | None = None
) -> datetime:
    """Tell when to poll again a feed that answered.

    Args:
        now: When it answered.
        min_s: The wait of our own choice, in seconds.
        wishes: What its site asks for; each wish is granted up to a day.
        jitter: From 0 to 1, so that feeds added together do not stay together; ``None`` draws it.
    """
    asked = wishes or Wishes()
    own_s = max(min_s, _WITH_HUB_S) if asked.has_hub else min_s
    asked_s = max(asked.fresh_s, asked.retry_after_s or 0.0, asked.ttl_s or 0.0)
    wait_s = max(own_s, min(asked_s, LONGEST_S)) * (1 + _JITTER * _drawn(jitter))
    due_at = now + timedelta(seconds=wait_s)
    return max(due_at, _past_skipped(due_at, now + timedelta(seconds=_LONGEST_SKIP_S), asked))


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
    return max(LONGEST_S, min_s, _LONGEST_SKIP_S) * (1 + _JITTER) + 60.0


def spread_s(count: int) -> float:
    """Tell over how many seconds to spread feeds that are all due at once, as after a day off.

    Twenty a second; where that takes more than a quarter of an hour, they share that.
    """
    return min(count / 20, 900.0)


def _past_skipped(due_at: datetime, latest: datetime, wishes: Wishes) -> datetime:
    """Move past hours and days in which the site says that nothing is new, but not beyond ``latest``."""
    if len(wishes.skip_hours) == 24 or len(wishes.skip_days) == 7:  # no news ever: meant otherwise
        return due_at
    moved = due_at
    while moved < latest and (moved.hour in wishes.skip_hours or moved.weekday() in wishes.skip_days):
        into_s = _random.uniform(0, 600)
        moved = moved.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1, seconds=into_s)
    return min(moved, latest)


def _drawn(jitter: float | None) -> float:
    return _random.random() if jitter is None else jitter
