"""A chat's clock: when its quiet hours end and its day begins, whatever the time zone does meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from storage.model import QuietHours


def zone_of(tz: str) -> tzinfo:
    """Give the zone of an IANA name; UTC for one that the time zone database has dropped."""
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def quiet_until(quiet: QuietHours, tz: str, now: datetime) -> datetime | None:
    """Tell when the quiet hours end in which ``now`` lies; ``None`` where it lies in none.

    Where the clock jumps over the end, it is the instant at which that time would have been shown.
    """
    zone = zone_of(tz)
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if quiet.start < quiet.end:
        is_quiet, days = quiet.start <= minute < quiet.end, 0
    else:
        is_quiet, days = minute >= quiet.start or minute < quiet.end, int(minute >= quiet.start)
    if not is_quiet:
        return None
    end = _at(local.date() + timedelta(days=days), quiet.end, zone)
    # An hour that the clock shows twice: by the first of the two it may be over already.
    return end if end > now else _at(local.date() + timedelta(days=days), quiet.end, zone, fold=1)


def day_bounds(tz: str, now: datetime) -> tuple[datetime, datetime]:
    """Tell when the day of ``now`` begins and when the next one does, in a zone."""
    zone = zone_of(tz)
    today = now.astimezone(zone).date()
    return _at(today, 0, zone), _at(today + timedelta(days=1), 0, zone)


def _at(day: date, minute: int, zone: tzinfo, *, fold: int = 0) -> datetime:
    clock = time(minute // 60 % 24, minute % 60, fold=fold)
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
