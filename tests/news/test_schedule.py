from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.news.schedule import LONGEST_S, after_failure, after_success, horizon_s

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
