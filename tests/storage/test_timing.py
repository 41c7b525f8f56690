from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from storage.model import QuietHours
from storage.outbox.timing import day_bounds, quiet_until

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


ZONES = (
    *("Europe/Kyiv", "Europe/London", "Europe/Lisbon", "Atlantic/Azores", "Europe/Chisinau", "America/New_York"),
    *("America/Los_Angeles", "America/St_Johns", "America/Havana", "America/Santiago", "Asia/Gaza"),
    *("America/Nuuk", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "Asia/Jerusalem", "Australia/Sydney"),
    *("Australia/Lord_Howe", "Pacific/Auckland", "Antarctica/Troll"),
)
"""Changes by half an hour to two hours, at midnight and in the night, in spring and in autumn, and for Ramadan."""
ENDS = (0, 30, 60, 90, 120, 150, 180, 210, 420)


def changes(tz: str) -> list[datetime]:
    """Find the instants from 2026 to 2036 at which a zone's clocks change."""
    zone, found = ZoneInfo(tz), []
    hour = datetime(2026, 1, 1, tzinfo=UTC)
    while hour.year < 2037:
        later = hour + timedelta(days=1)
        if hour.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            inner = hour
            while inner.astimezone(zone).utcoffset() == (inner + timedelta(minutes=30)).astimezone(zone).utcoffset():
                inner += timedelta(minutes=30)
            found.append(inner + timedelta(minutes=30))
        hour = later
    return found


@pytest.mark.parametrize("tz", ZONES)
def test_days_and_quiet_hours_come_once_each_through_every_change_of_ten_years(tz: str) -> None:
    """FAULTS 56: where clocks change, no day is missed or doubled, and quiet hours end once on each."""
    zone, found = ZoneInfo(tz), changes(tz)
    assert len(found) >= 20
    for change in found:
        local = change.astimezone(zone).date()
        begins, _ = day_bounds(tz, change - timedelta(days=2))
        days: list[date] = []
        while begins < change + timedelta(days=2):
            its_begin, ends = day_bounds(tz, begins)
            assert its_begin == begins, f"{tz}, {change}: a day begins where none ended"
            assert timedelta(hours=22) <= ends - begins <= timedelta(hours=26)
            days.append(begins.astimezone(zone).date())
            begins = ends
        assert local in days
        assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
        for end in ENDS:
            quiet = QuietHours(start=(end - 60) % 1440, end=end)
            check_ends(quiet, tz, change, local)


def check_ends(quiet: QuietHours, tz: str, change: datetime, local: date) -> None:
    """Walk through a change: whoever is quiet is released soon, never into the past, and not quiet then."""
    zone = ZoneInfo(tz)
    ends = set()
    now = change - timedelta(days=1)
    while now < change + timedelta(days=1):
        until = quiet_until(quiet, tz, now)
        if until is not None:
            assert now < until <= now + timedelta(hours=4), f"{tz}: quiet at {now} until {until}"
            assert quiet_until(quiet, tz, until) is None or until.astimezone(zone).fold == 0
            ends.add(until)
        now += timedelta(minutes=15)
    usual = [each for each in ends if each.astimezone(zone).date() != local]
    shown = {each.astimezone(zone).time() for each in usual}
    assert shown <= {time(quiet.end // 60 % 24, quiet.end % 60)}
    assert len(usual) <= 2
