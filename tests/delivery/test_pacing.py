"""Telegram's limits, kept whatever is asked for and however late the asker is."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pacing import Departure, Pacer
from storage.model import ChatKind
from tests.support.properties import examples

GROUP, PRIVATE = ChatKind.GROUP, ChatKind.PRIVATE


@dataclass(frozen=True)
class Wish:
    chat_id: int
    kind: ChatKind
    idle_s: float
    late_s: float


wishes = st.lists(
    st.builds(
        lambda chat, idle_s, late_s: Wish(chat, GROUP if chat < 4 else PRIVATE, idle_s, late_s),
        chat=st.integers(1, 60),
        idle_s=st.sampled_from([0.0, 0.0, 0.0, 0.0, 0.01, 0.4, 1.0, 7.0]),
        late_s=st.sampled_from([0.0, 0.0, 0.001, 0.02, 0.5, 1.5]),
    ),
    min_size=1,
    max_size=150,
)


def most_in_any(window_s: float, departures: list[float]) -> int:
    """Count the fullest window (closed at its beginning, open at its end)."""
    return max(sum(start <= at < start + window_s for at in departures) for start in departures)


def act(pacer: Pacer, wishes: list[Wish]) -> list[tuple[float, int]]:
    """Let each wish leave as soon as it may, or as late as it is."""
    now, left = 1000.0, []
    for wish in wishes:
        now = pacer.next_at(wish.chat_id, now + wish.idle_s) + wish.late_s
        # A late one asks again, as the sender does.
        now = pacer.next_at(wish.chat_id, now)
        pacer.take(wish.chat_id, wish.kind, now)
        left.append((now, wish.chat_id))
    return left


@given(wishes)
def test_no_second_ever_holds_more_than_thirty(wishes: list[Wish]) -> None:
    left = act(Pacer(), wishes)
    assert most_in_any(1.0, [at for at, _ in left]) <= 30


@given(st.lists(st.sampled_from([0.0, 0.0, 0.002, 0.3, 0.9, 2.0, 6.0]), min_size=35, max_size=150))
def test_no_second_holds_more_than_thirty_however_late_each_leaves_that_was_handed_over(late_s: list[float]) -> None:
    pacer, now = Pacer(), 1000.0
    leaving: list[tuple[float, int, Departure]] = []
    left: list[float] = []
    for chat_id, late in enumerate(late_s):
        while (free_at := pacer.free_at(now)) > now:
            now = min([free_at, *(at for at, _, _ in leaving)])
            while leaving and leaving[0][0] <= now:
                at, _, departure = heapq.heappop(leaving)
                departure.leave(at)
                left.append(at)
        heapq.heappush(leaving, (now + late, chat_id, pacer.hand_over(chat_id, PRIVATE, now)))
    left += [at for at, _, _ in leaving]
    assert len(left) == len(late_s)
    assert most_in_any(1.0, left) <= 30


def test_who_has_handed_over_as_many_as_a_second_may_hold_waits_until_one_has_left() -> None:
    pacer, now = Pacer(), 1000.0
    departures = []
    for chat_id in range(30):
        now = pacer.free_at(now)
        departures.append(pacer.hand_over(chat_id, PRIVATE, now))
    assert pacer.free_at(now + 60.0) == math.inf
    departures[7].leave(now + 60.0)
    departures[7].leave(now + 61.0)
    assert pacer.free_at(now + 60.0) == pytest.approx(now + 61.0, abs=0.05)


def test_an_answer_that_takes_unusually_long_counts_as_a_late_arrival() -> None:
    pacer, now, usual_s = Pacer(), 1000.0, 0.06
    for chat_id in range(40):
        now = pacer.free_at(now)
        departure = pacer.hand_over(chat_id, PRIVATE, now)
        departure.leave(now)
        departure.answer(now + usual_s)
    assert pacer.chat_free_at(39, now) == pytest.approx(now + 1.025), "a usual one counts from when it left"
    now = pacer.free_at(now)
    departure = pacer.hand_over(99, PRIVATE, now)
    departure.leave(now)
    departure.answer(now + 0.5)
    assert pacer.chat_free_at(99, now) > now + 1.3
    later = [now]
    for chat_id in range(100, 130):
        later.append(pacer.free_at(later[-1]))
        pacer.take(chat_id, PRIVATE, later[-1])
    assert sum(now + 0.44 <= at < now + 1.44 for at in later) <= 29, "and who may have arrived then is the thirtieth"


def test_the_first_answers_say_nothing_of_what_is_usual() -> None:
    pacer = Pacer()
    departure = pacer.hand_over(1, PRIVATE, 1000.0)
    departure.leave(1000.0)
    departure.answer(1000.4)
    assert pacer.chat_free_at(1, 1000.4) == pytest.approx(1001.4)


@given(wishes)
def test_no_minute_ever_holds_more_than_twenty_for_a_group_and_no_second_two_for_a_chat(wishes: list[Wish]) -> None:
    """FAULTS 34."""
    left = act(Pacer(), wishes)
    for chat_id in {wish.chat_id for wish in wishes}:
        departures = [at for at, chat in left if chat == chat_id]
        assert most_in_any(1.0, departures) == 1
        if chat_id < 4:
            assert most_in_any(60.0, departures) <= 20


@given(wishes, st.integers(1, 60), st.floats(0.1, 90.0))
def test_nothing_leaves_during_a_hold(wishes: list[Wish], held: int, hold_s: float) -> None:
    pacer = Pacer()
    pacer.hold_chat(held, 1000.0 + hold_s)
    assert all(at >= 1000.0 + hold_s for at, chat in act(pacer, wishes) if chat == held)
    pacer = Pacer()
    pacer.hold_all(1000.0 + hold_s)
    assert all(at >= 1000.0 + hold_s for at, _ in act(pacer, wishes))


def test_a_hold_is_never_shortened_by_a_later_one() -> None:
    pacer = Pacer()
    pacer.hold_all(50.0)
    pacer.hold_all(20.0)
    pacer.hold_chat(7, 90.0)
    pacer.hold_chat(7, 60.0)
    assert pacer.free_at(0.0) == 50.0
    assert pacer.next_at(7, 0.0) == 90.0


@pytest.mark.parametrize("late_s", [0.0, 0.001, 0.003], ids=["on time", "1 ms late", "3 ms late"])
def test_thirty_a_second_are_reached_but_for_the_guard(late_s: float) -> None:
    pacer, now, departures = Pacer(), 0.0, []
    for chat_id in range(600):
        now = pacer.next_at(chat_id, now) + late_s
        pacer.take(chat_id, PRIVATE, now)
        departures.append(now)
    assert 599 / (departures[-1] - departures[0]) >= 29.2
    assert most_in_any(1.0, departures) == 30


def test_the_first_requests_do_not_burst() -> None:
    pacer, now = Pacer(), 0.0
    for chat_id in range(10):
        now = pacer.next_at(chat_id, now)
        pacer.take(chat_id, PRIVATE, now)
    assert now > 0.25, "ten at once would leave a reply behind them waiting for the next second"


def test_waiting_names_the_chats_that_nothing_may_reach_yet() -> None:
    pacer = Pacer()
    for chat_id, kind in ((1, PRIVATE), (2, GROUP)):
        pacer.take(chat_id, kind, 10.0)
    assert pacer.waiting(10.0) == {1: pytest.approx(11.025), 2: pytest.approx(11.025)}
    assert pacer.waiting(10.0, horizon_s=2.0) == {}
    for step in range(1, 20):
        pacer.take(2, GROUP, 10.0 + 1.5 * step)
    assert pacer.waiting(45.0) == {2: pytest.approx(70.025)}


def test_idle_chats_are_forgotten() -> None:
    pacer, now, most = Pacer(), 0.0, 0
    for chat_id in range(20_000):
        now = pacer.next_at(chat_id, now)
        pacer.take(chat_id, PRIVATE, now)
        most = max(most, pacer.remembered)
    assert most <= 300


def test_a_group_is_remembered_for_as_long_as_its_minute_lasts() -> None:
    pacer, now = Pacer(), 0.0
    for _ in range(20):
        now = pacer.next_at(-5, now)
        pacer.take(-5, GROUP, now)
    for chat_id in range(1000):
        now = pacer.next_at(chat_id, now)
        pacer.take(chat_id, PRIVATE, now)
        if now > 59.0:
            break
    assert pacer.next_at(-5, now) >= 60.0


@examples(40)
@given(wishes)
def test_where_it_is_paid_for_no_second_holds_more_than_a_thousand_and_free_ones_keep_their_own(
    wishes: list[Wish],
) -> None:
    pacer, now, left = Pacer(paid_per_second=100), 1000.0, []
    for number in range(2):
        for rank, wish in enumerate(wishes):
            chat_id, paid = 1000 * number + rank, bool(rank % 5)
            now = pacer.next_at(chat_id, pacer.next_at(chat_id, now + wish.late_s, paid=paid), paid=paid)
            pacer.take(chat_id, PRIVATE, now, paid=paid)
            left.append((now, paid))
    assert most_in_any(1.0, [at for at, _ in left]) <= 100
    assert most_in_any(1.0, [at for at, paid in left if not paid] or [0.0]) <= 30


def test_a_thousand_a_second_are_reached_where_they_are_paid_for() -> None:
    pacer, now, departures = Pacer(), 0.0, []
    for chat_id in range(3000):
        now = pacer.next_at(chat_id, now, paid=True)
        pacer.take(chat_id, PRIVATE, now, paid=True)
        departures.append(now)
    assert 2999 / (departures[-1] - departures[0]) >= 970
    assert most_in_any(1.0, departures) <= 1000


def test_a_rested_person_gets_two_at_once_and_a_group_does_not() -> None:
    pacer = Pacer(chat_burst=2)
    for chat_id, kind, second in ((1, PRIVATE, 10.0), (-2, GROUP, 11.025)):
        pacer.take(chat_id, kind, 10.0)
        assert pacer.chat_free_at(chat_id, 10.0) == pytest.approx(second)
    pacer.take(1, PRIVATE, 10.1)
    assert pacer.chat_free_at(1, 10.1) == pytest.approx(11.025)
    pacer.take(1, PRIVATE, 11.1)
    assert pacer.chat_free_at(1, 11.2) == pytest.approx(12.05), "one a second in the long run"
    pacer.hold_chat(3, 20.0)
    pacer.take(3, PRIVATE, 20.0)
    assert pacer.chat_free_at(3, 20.0) >= 21.0, "a refused chat has no burst left"


def test_after_a_ban_the_pace_creeps_back() -> None:
    pacer, now = Pacer(), 100.0
    pacer.hold_all(105.0)
    pacer.slow_down(now)
    assert pacer.pace_at(105.0) == pytest.approx(0.5)
    departures, chat_id = [], 0
    while now < 150.0:
        chat_id += 1
        now = pacer.next_at(chat_id, now)
        pacer.take(chat_id, PRIVATE, now)
        departures.append(now)
    assert departures[0] == 105.0
    first, later = (sum(start <= at < start + 2 for at in departures) / 2 for start in (105, 140))
    assert 13 <= first <= 17
    assert later == pytest.approx(29.5, abs=1)
    pacer.slow_down(150.0)
    pacer.slow_down(150.0)
    assert pacer.pace_at(150.0) == pytest.approx(0.25)


def test_a_refused_chat_is_written_to_more_slowly_for_a_while() -> None:
    pacer, now, gaps = Pacer(), 10.0, []
    pacer.hold_chat(1, now)
    for _ in range(8):
        pacer.take(1, PRIVATE, now)
        gaps.append(pacer.chat_free_at(1, now) - now)
        now += gaps[-1]
    assert gaps[0] == pytest.approx(2.05)
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == pytest.approx(1.025)


def test_what_is_handed_over_for_a_chat_holds_it_until_it_has_left() -> None:
    for kind, burst in ((PRIVATE, 1), (GROUP, 1), (GROUP, 2)):
        pacer = Pacer(chat_burst=burst)
        departure = pacer.hand_over(7, kind, 100.0)
        assert pacer.next_at(7, 160.0) == math.inf
        assert pacer.waiting(160.0) == {7: math.inf}
        assert pacer.next_at(8, 160.0) == 160.0
        departure.leave(161.0)
        departure.answer(161.0)
        assert pacer.chat_free_at(7, 161.0) == pytest.approx(162.025)


def test_a_rested_person_may_have_a_burst_on_its_way_whenever_it_leaves() -> None:
    pacer = Pacer(chat_burst=2)
    first = pacer.hand_over(7, PRIVATE, 100.0)
    assert pacer.chat_free_at(7, 100.1) == 100.1
    second = pacer.hand_over(7, PRIVATE, 100.1)
    assert pacer.chat_free_at(7, 130.0) == math.inf
    first.leave(130.0)
    assert pacer.chat_free_at(7, 130.0) == pytest.approx(131.025)
    second.leave(130.0)
    assert pacer.chat_free_at(7, 130.0) == pytest.approx(131.025)
    pacer.hold_chat(9, 200.0)
    pacer.hand_over(9, PRIVATE, 200.0)
    assert pacer.chat_free_at(9, 260.0) == math.inf, "a refused chat has no burst for a while"


def test_a_chat_is_not_forgotten_while_anything_is_on_its_way_to_it() -> None:
    pacer = Pacer(per_second=2000, paid_per_second=2000)
    departure = pacer.hand_over(1, PRIVATE, 0.0)
    for chat_id in range(2, 1500):
        pacer.take(chat_id, PRIVATE, chat_id * 2.0)
    assert pacer.remembered < 600
    assert 1 in pacer
    departure.leave(3000.0)
    assert pacer.chat_free_at(1, 3000.0) == pytest.approx(3001.025)
