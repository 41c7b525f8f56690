from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.polling.schedule import LONGEST_S, Wishes, after_failure, after_success, horizon_s, pace_s, spread_s

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@given(min_s=st.floats(1, 3600), jitter=st.floats(0, 1))
def test_a_feed_is_never_polled_before_its_shortest_time(min_s: float, jitter: float) -> None:
    due_at = after_success(NOW, min_s=min_s, jitter=jitter)
    assert timedelta(seconds=min_s * 0.999) <= due_at - NOW <= timedelta(seconds=min_s * 1.101)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [pytest.param(1, 300, id="first"), pytest.param(2, 600, id="second"), pytest.param(5, 4800, id="fifth")],
)
def test_each_failure_doubles_the_wait(failures: int, seconds: float) -> None:
    due_at = after_failure(NOW, failures=failures, min_s=300, jitter=0)
    assert due_at - NOW == timedelta(seconds=seconds)


@given(failures=st.integers(1, 10_000), jitter=st.floats(0, 1))
def test_a_dead_feed_is_tried_every_day_at_least(failures: int, jitter: float) -> None:
    wait = after_failure(NOW, failures=failures, min_s=300, jitter=jitter) - NOW
    assert wait <= timedelta(seconds=LONGEST_S * 1.1)


def test_what_the_server_asks_for_is_waited() -> None:
    assert after_failure(NOW, failures=1, min_s=300, retry_after_s=7200, jitter=0) - NOW == timedelta(hours=2)


def test_no_server_silences_a_feed_for_more_than_a_day() -> None:
    wait = after_failure(NOW, failures=1, min_s=300, retry_after_s=10**9, jitter=0) - NOW
    assert wait == timedelta(seconds=LONGEST_S)


@given(
    min_s=st.floats(min_value=1.0, max_value=400_000.0),
    failures=st.integers(1, 60),
    retry_after_s=st.one_of(st.none(), st.floats(min_value=0.0, max_value=1e9)),
    jitter=st.floats(min_value=0.0, max_value=1.0),
)
def test_nothing_is_planned_beyond_the_horizon(
    min_s: float, failures: int, retry_after_s: float | None, jitter: float
) -> None:
    horizon = NOW + timedelta(seconds=horizon_s(min_s))
    assert after_success(NOW, min_s=min_s, jitter=jitter) < horizon
    assert after_failure(NOW, failures=failures, min_s=min_s, retry_after_s=retry_after_s, jitter=jitter) < horizon


HOUR_S = 3600.0


def every(seconds: float, *, count: int = 30, since_s: float = 0) -> list[datetime]:
    """Date entries at equal distances, the newest ``since_s`` ago."""
    return [NOW - timedelta(seconds=since_s + seconds * rank) for rank in range(count)]


@pytest.mark.parametrize(
    ("dates", "seconds"),
    [
        pytest.param(every(60), 300, id="every minute: as often as we may"),
        pytest.param(every(HOUR_S), 1800, id="hourly: twice an hour"),
        pytest.param(every(6 * HOUR_S), 3 * HOUR_S, id="four a day: every three hours"),
        pytest.param(every(30 * 24 * HOUR_S), LONGEST_S, id="monthly: once a day"),
        pytest.param(every(60, since_s=48 * HOUR_S), 2 * HOUR_S, id="silent for two days: every two hours"),
        pytest.param([], 300, id="without dates"),
        pytest.param([NOW + timedelta(days=9)], 300, id="of the future"),
    ],
)
def test_a_feed_is_polled_by_how_often_it_publishes(dates: list[datetime], seconds: float) -> None:
    assert pace_s(NOW, min_s=300, dates=dates) == seconds
    assert pace_s(NOW, min_s=300, dates=dates[::-1]) == seconds


def test_a_feed_that_brings_nothing_new_is_polled_hourly_before_long() -> None:
    waits, wait_s, silent_s = [], None, 0.0
    for _ in range(12):
        wait_s = pace_s(NOW + timedelta(seconds=silent_s), min_s=300, last_s=wait_s, changed=False, changed_at=NOW)
        silent_s += wait_s
        waits.append(wait_s)
    assert waits == sorted(waits)
    assert waits[0] <= 450
    assert waits[-1] == HOUR_S


def test_a_silent_feed_is_polled_daily_in_the_end_and_at_once_again_when_it_speaks() -> None:
    asleep_s = pace_s(NOW + timedelta(days=60), min_s=300, last_s=LONGEST_S, changed=False, changed_at=NOW)
    assert asleep_s == LONGEST_S
    assert pace_s(NOW, min_s=300, last_s=LONGEST_S, dates=every(60)) == 300


@pytest.mark.parametrize("changed", [True, False])
def test_less_than_a_minute_is_kept_to_exactly(changed: bool) -> None:
    assert pace_s(NOW, min_s=10, last_s=10, changed=changed, changed_at=NOW - timedelta(days=9)) == 10


@given(
    min_s=st.floats(1, 86_400),
    last_s=st.one_of(st.none(), st.floats(1, 86_400)),
    changed=st.booleans(),
    ages_s=st.lists(st.floats(-1e6, 1e9), max_size=30),
)
def test_every_pace_lies_between_the_shortest_time_and_a_day(
    min_s: float, last_s: float | None, changed: bool, ages_s: list[float]
) -> None:
    dates = [NOW - timedelta(seconds=age_s) for age_s in ages_s]
    assert min_s <= pace_s(NOW, min_s=min_s, last_s=last_s, changed=changed, dates=dates) <= max(LONGEST_S, min_s)


@pytest.mark.parametrize(
    ("wishes", "seconds"),
    [
        pytest.param(Wishes(), 300, id="no wish"),
        pytest.param(Wishes(fresh_s=900), 900, id="max-age or Expires"),
        pytest.param(Wishes(fresh_s=30), 300, id="less than our own"),
        pytest.param(Wishes(retry_after_s=1200), 1200, id="Retry-After"),
        pytest.param(Wishes(ttl_s=3600), 3600, id="ttl or sy:updatePeriod"),
        pytest.param(Wishes(fresh_s=900, retry_after_s=60, ttl_s=1800), 1800, id="the longest"),
        pytest.param(Wishes(fresh_s=1e9), LONGEST_S, id="no longer than a day"),
        pytest.param(Wishes(ttl_s=31_536_000), LONGEST_S, id="yearly: no longer than a day"),
        pytest.param(Wishes(has_hub=True), HOUR_S, id="a hub tells us"),
        pytest.param(Wishes(has_hub=True, ttl_s=7200), 7200, id="a hub and a ttl"),
        pytest.param(Wishes(skip_hours=frozenset({3})), 300, id="another hour is skipped"),
    ],
)
def test_what_a_site_wishes_is_granted_up_to_a_day(wishes: Wishes, seconds: float) -> None:
    assert after_success(NOW, min_s=300, wishes=wishes, jitter=0) - NOW == timedelta(seconds=seconds)


def test_hours_that_a_feed_skips_are_skipped() -> None:
    wishes = Wishes(skip_hours=frozenset({12, 13, 14}))
    due_at = after_success(NOW, min_s=300, wishes=wishes, jitter=0)
    assert NOW.replace(hour=15) <= due_at <= NOW.replace(hour=15, minute=11)


def test_days_that_a_feed_skips_are_skipped() -> None:
    monday = NOW.weekday()
    due_at = after_success(NOW, min_s=300, wishes=Wishes(skip_days=frozenset({monday})), jitter=0)
    assert due_at.weekday() != monday
    assert due_at - NOW <= timedelta(hours=13)
    weekend = Wishes(skip_days=frozenset({5, 6}))
    friday = NOW + timedelta(days=4, hours=11, minutes=58)
    assert after_success(friday, min_s=300, wishes=weekend, jitter=0).weekday() == 0


@pytest.mark.parametrize(
    "wishes",
    [
        pytest.param(Wishes(skip_days=frozenset(range(7))), id="every day"),
        pytest.param(Wishes(skip_hours=frozenset(range(24))), id="every hour"),
    ],
)
def test_who_wants_to_be_polled_never_is_polled_as_usual(wishes: Wishes) -> None:
    assert after_success(NOW, min_s=300, wishes=wishes, jitter=0) - NOW == timedelta(seconds=300)


@given(hours=st.frozensets(st.integers(0, 23)), days=st.frozensets(st.integers(0, 6)))
def test_no_wish_silences_a_feed_for_more_than_three_days(hours: frozenset[int], days: frozenset[int]) -> None:
    due_at = after_success(NOW, min_s=300, wishes=Wishes(skip_hours=hours, skip_days=days))
    assert timedelta(seconds=300) <= due_at - NOW <= timedelta(days=3)


def test_feeds_that_are_due_together_do_not_stay_together() -> None:
    instants = {after_success(NOW, min_s=300) for _ in range(50)}
    assert len(instants) > 40
    assert max(instants) - min(instants) <= timedelta(seconds=30)


@pytest.mark.parametrize(("count", "seconds"), [(0, 0), (20, 1), (10_000, 500), (1_000_000, 900)])
def test_a_day_off_is_made_up_for_in_a_quarter_of_an_hour(count: int, seconds: float) -> None:
    assert spread_s(count) == seconds
