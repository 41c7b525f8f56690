from datetime import UTC, datetime, timedelta

from bot.chat.turn.limits import Allowance

NOW = datetime(2026, 5, 4, 14, 5, tzinfo=UTC)


def test_ten_fetches_a_minute_are_let_through_and_the_eleventh_waits() -> None:
    allowance = Allowance(10, timedelta(minutes=1))
    for second in range(10):
        assert allowance.free_at(7, NOW + timedelta(seconds=second)) is None
    assert allowance.free_at(7, NOW + timedelta(seconds=10)) == NOW + timedelta(minutes=1)


def test_a_refused_fetch_does_not_count() -> None:
    allowance = Allowance(1, timedelta(minutes=1))
    assert allowance.free_at(7, NOW) is None
    assert allowance.free_at(7, NOW + timedelta(seconds=59)) == NOW + timedelta(minutes=1)
    assert allowance.free_at(7, NOW + timedelta(seconds=60)) is None


def test_people_have_each_their_own() -> None:
    allowance = Allowance(1, timedelta(minutes=1))
    assert allowance.free_at(7, NOW) is None
    assert allowance.free_at(8, NOW) is None


def test_a_clock_that_is_set_back_keeps_nobody_waiting() -> None:
    allowance = Allowance(10, timedelta(minutes=1))
    for second in range(10):
        assert allowance.free_at(7, NOW + timedelta(seconds=second)) is None
    earlier = NOW - timedelta(hours=1)
    for second in range(10):
        assert allowance.free_at(7, earlier + timedelta(seconds=second)) is None
    assert allowance.free_at(7, earlier + timedelta(seconds=10)) == earlier + timedelta(minutes=1)


def test_deeds_that_are_counted_out_of_order_all_count() -> None:
    allowance = Allowance(3, timedelta(minutes=1))
    for second in (2, 0, 1):
        assert allowance.free_at(7, NOW + timedelta(seconds=second)) is None
    assert allowance.free_at(7, NOW) == NOW + timedelta(minutes=1)
