"""Deliveries as requests, and 429s and outages as pauses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from telegram.error import BadRequest

from bot.delivery.bans import Bans
from bot.delivery.calls import Call, compose, compose_new, without_markup
from bot.delivery.outage import Outage
from bot.delivery.outcomes import failed
from bot.delivery.pacing import Pacer
from storage.model import Verb
from tests.delivery.test_hand import held

WORDS = {"text": "Aye", "disable_notification": True, "reply_markup": {"inline_keyboard": []}}
WITHOUT_BELL = {"text": "Aye", "reply_markup": {"inline_keyboard": []}}


@pytest.mark.parametrize(
    ("changes", "parameters", "wanted"),
    [
        pytest.param(
            {"thread_id": 9},
            {"text": "Aye"},
            Call(
                method="sendMessage",
                parameters={"chat_id": 5, "message_thread_id": 9, "text": "Aye"},
                repeatable=False,
            ),
            id="a message into a thread",
        ),
        pytest.param(
            {"verb": Verb.EDIT, "message_id": 7, "thread_id": 9},
            WORDS,
            Call(
                method="editMessageText",
                parameters={"chat_id": 5, "message_id": 7, **WITHOUT_BELL},
                repeatable=True,
            ),
            id="an edit has no thread and rings no bell",
        ),
        pytest.param(
            {"verb": Verb.REPLACE, "message_id": 7},
            {"text": "Aye"},
            Call(
                method="editMessageText",
                parameters={"chat_id": 5, "message_id": 7, "text": "Aye"},
                repeatable=True,
            ),
            id="a replacement of a message that was sent",
        ),
        pytest.param(
            {"verb": Verb.REPLACE},
            WORDS,
            Call(method="sendMessage", parameters={"chat_id": 5, **WORDS}, repeatable=False),
            id="a replacement of one that was not",
        ),
        pytest.param(
            {"verb": Verb.DELETE, "message_id": 7},
            {},
            Call(method="deleteMessage", parameters={"chat_id": 5, "message_id": 7}, repeatable=True),
            id="a deletion",
        ),
        pytest.param({"verb": Verb.EDIT}, WORDS, None, id="an edit of nothing"),
        pytest.param({"verb": Verb.DELETE}, {}, None, id="a deletion of nothing"),
    ],
)
def test_a_delivery_becomes_one_request(
    changes: dict[str, Any], parameters: dict[str, Any], wanted: Call | None
) -> None:
    delivery = replace(held(1, 5).delivery, **changes)
    assert compose(delivery, parameters) == wanted


def test_plain_text_keeps_addresses_only_where_they_fit() -> None:
    link = '<a href="https://example.org/long">word</a> '

    def plain(text: str) -> str:
        call = Call(method="sendMessage", parameters={"text": text, "parse_mode": "HTML"}, repeatable=False)
        simpler = without_markup(call)
        assert simpler is not None
        assert "parse_mode" not in simpler.parameters
        return str(simpler.parameters["text"])

    assert plain(f"<b>{link}</b>&amp;") == "word (https://example.org/long) &"
    assert plain(link * 200) == "word " * 200


def test_plain_text_has_no_plainer_one() -> None:
    assert without_markup(Call(method="sendMessage", parameters={"text": "a < b"}, repeatable=False)) is None


def test_one_chat_refused_twice_is_that_chats_own_ban() -> None:
    pacer = Pacer()
    bans = Bans(pacer)
    assert not bans.note(1, 5.0, now=100.0)
    assert not bans.note(1, 5.0, now=100.5)
    assert bans.suspects(101.0)
    assert not bans.suspects(105.6), "a ban that is over says nothing any more"
    assert pacer.held_until == 0.0
    assert pacer.next_at(1, 101.0) == 105.5


def test_two_chats_refused_within_a_second_are_everybodys_ban() -> None:
    pacer = Pacer()
    bans = Bans(pacer)
    assert not bans.note(1, 5.0, now=100.0)
    assert bans.note(2, 7.0, now=100.9)
    assert pacer.held_until == pytest.approx(107.9)


def test_two_chats_refused_far_apart_are_two_bans_if_others_got_through() -> None:
    pacer = Pacer()
    bans = Bans(pacer)
    bans.note(1, 60.0, now=100.0)
    bans.clear(left_at=99.9)
    assert bans.suspects(101.0), "what left before the refusal proves nothing"
    bans.clear(left_at=101.0)
    assert not bans.suspects(101.0)
    assert not bans.note(2, 60.0, now=110.0)


def test_a_second_refusal_under_suspicion_is_everybodys_however_late() -> None:
    pacer = Pacer()
    bans = Bans(pacer)
    bans.note(1, 60.0, now=100.0)
    assert bans.note(2, 50.0, now=110.0)
    assert pacer.held_until == 160.0


def test_pauses_grow_while_the_server_is_away_and_start_anew_after_an_answer() -> None:
    pacer = Pacer()
    outage = Outage(pacer)
    now, pauses = 0.0, []
    for _ in range(10):
        pause_s = outage.note(now)
        assert pause_s is not None
        assert outage.note(now + pause_s / 2) is None, "another request that met the same closed door"
        assert pacer.held_until == pytest.approx(now + pause_s)
        pauses.append(pause_s)
        now += pause_s
    assert pauses[0] <= 0.625
    assert all(22.5 <= pause_s <= 37.5 for pause_s in pauses[6:])
    outage.clear()
    assert (outage.note(now) or 9.0) <= 0.625


def test_what_telegram_does_not_take_for_money_is_offered_for_nothing() -> None:
    paid = held(1, 5)
    paid = replace(paid, call=compose_new(paid.delivery, {"text": "Aye", "allow_paid_broadcast": True}))
    assert paid.paid
    outcome = failed(paid, BadRequest("Not enough Stars"), now=paid.delivery.created_at)
    assert outcome.again is not None
    assert outcome.again.parameters == {"chat_id": 5, "text": "Aye"}
    free = replace(paid, call=outcome.again)
    assert not free.paid
    assert failed(free, BadRequest("Chat not found"), now=paid.delivery.created_at).again is None
