from __future__ import annotations

from bot.sandbox.telegram.pacing import Limits, Pacer

CHAT, GROUP = 1, -1


def test_no_second_holds_more_than_thirty() -> None:
    pacer = Pacer()
    accepted = [at / 100 for at in range(300) if pacer.admit(at, private=True, now=at / 100) == 0]
    assert max(sum(1 for at in accepted if start <= at < start + 1) for start in accepted) == 30


def test_going_over_the_total_bans_the_whole_token() -> None:
    pacer = Pacer()
    for number in range(30):
        assert pacer.admit(number, private=True, now=0.0) == 0
    assert pacer.admit(99, private=True, now=0.5) == 0.5
    assert pacer.banned_for(CHAT, 0.6) > 0
    assert pacer.banned_for(CHAT, 1.6) == 0


def test_a_chat_takes_a_short_burst_and_then_one_a_second() -> None:
    pacer = Pacer(Limits(chat_burst=3))
    assert [pacer.admit(CHAT, private=True, now=0.0) for _ in range(4)] == [0, 0, 0, 1.0]
    assert pacer.admit(2, private=True, now=0.0) == 0
    later = Pacer(Limits(chat_burst=1))
    assert [later.admit(CHAT, private=True, now=at) for at in (0.0, 1.0, 2.0)] == [0, 0, 0]
    assert later.admit(CHAT, private=True, now=2.5) == 0.5


def test_a_group_takes_twenty_a_minute() -> None:
    pacer = Pacer()
    assert [pacer.admit(GROUP, private=False, now=float(at)) for at in range(20)] == [0.0] * 20
    assert pacer.admit(GROUP, private=False, now=20.0) == 40.0
    assert pacer.admit(GROUP, private=False, now=60.0) == 0
    assert pacer.admit(-2, private=False, now=60.0) == 0


def test_a_ban_ends_when_its_time_is_over() -> None:
    pacer = Pacer()
    pacer.ban(CHAT, 10.0)
    pacer.ban(CHAT, 5.0)
    assert pacer.banned_for(CHAT, 9.0) == 1.0
    assert pacer.banned_for(2, 9.0) == 0
    assert pacer.banned_for(CHAT, 10.0) == 0


def test_unenforced_limits_let_everything_through() -> None:
    pacer = Pacer(Limits(enforced=False))
    assert not any(pacer.admit(CHAT, private=True, now=0.0) for _ in range(200))
