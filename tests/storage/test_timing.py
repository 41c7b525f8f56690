from datetime import UTC, datetime

import pytest

from storage.model import QuietHours
from storage.timing import day_bounds, quiet_until

NIGHT = QuietHours(start=22 * 60, end=7 * 60)
NOON = QuietHours(start=12 * 60, end=13 * 60 + 30)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "tz", "now", "until"),
    [
        (NIGHT, "UTC", "2026-05-04 21:59", None),
        (NIGHT, "UTC", "2026-05-04 22:00", "2026-05-05 07:00"),
        (NIGHT, "UTC", "2026-05-05 06:59", "2026-05-05 07:00"),
        (NIGHT, "UTC", "2026-05-05 07:00", None),
        (NIGHT, "Europe/Kyiv", "2026-05-04 19:30", "2026-05-05 04:00"),
        (NOON, "UTC", "2026-05-04 12:00", "2026-05-04 13:30"),
        (NOON, "UTC", "2026-05-04 13:30", None),
        # The night in which Kyiv's clocks go forward has an hour less, the other one an hour more.
        (NIGHT, "Europe/Kyiv", "2026-03-28 20:30", "2026-03-29 04:00"),
        (NIGHT, "Europe/Kyiv", "2026-10-24 19:30", "2026-10-25 05:00"),
        # An end that the clock jumps over, and one that it shows twice.
        (QuietHours(start=60, end=210), "Europe/Kyiv", "2026-03-28 23:30", "2026-03-29 01:30"),
        (QuietHours(start=60, end=210), "Europe/Kyiv", "2026-10-25 00:10", "2026-10-25 00:30"),
        (QuietHours(start=60, end=210), "Europe/Kyiv", "2026-10-25 01:10", "2026-10-25 01:30"),
        (NIGHT, "Nowhere/Lost", "2026-05-04 22:30", "2026-05-05 07:00"),
    ],
)
def test_quiet_hours_end_by_the_chats_own_clock(quiet: QuietHours, tz: str, now: str, until: str | None) -> None:
    assert quiet_until(quiet, tz, utc(now)) == (None if until is None else utc(until))


def test_a_day_is_as_long_as_its_zone_makes_it() -> None:
    assert day_bounds("UTC", utc("2026-05-04 21:59")) == (utc("2026-05-04 00:00"), utc("2026-05-05 00:00"))
    begins, ends = day_bounds("Europe/Kyiv", utc("2026-03-29 12:00"))
    assert (ends - begins).total_seconds() == 23 * 3600
