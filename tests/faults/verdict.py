"""What must hold when a story of the model has come to its end; what is owed stands in plain sets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.house import House
    from tests.faults.standin import StandIn

    Row = dict[str, Any]

_QUIET_S = 600.0
_ROWS = "SELECT id, subscriber_id, kind, subject, verb, state, priority, message_id, reason FROM outbox ORDER BY id"
_LEFT = "SELECT count(*) AS number FROM outbox WHERE state IN ('queued', 'sending')"


@dataclass(slots=True)
class Chat:
    """A chat as the model knows it.

    Attributes:
        key: the subscriber's key.
        chat_id: Telegram's id at present.
        follows: whether it follows the feed.
        left_at: when it last stopped.
        was_shut: whether it has ever blocked the bot, so that deliveries to it may have been given up.
    """

    key: int
    chat_id: int
    follows: bool = False
    left_at: float = 0.0
    was_shut: bool = False


@dataclass(slots=True)
class Account:
    """What a story has promised.

    Attributes:
        chats: who is there.
        owed: subscribers' keys, and subjects that they are owed.
        drafts: the pushes' ids.
        confirmed: those of them that were confirmed.
        harms: how many deliveries may be unknown.
    """

    chats: list[Chat] = field(default_factory=list)
    owed: set[tuple[int, str]] = field(default_factory=set)
    drafts: list[int] = field(default_factory=list)
    confirmed: set[int] = field(default_factory=set)
    harms: int = 0


def come_to_rest(house: House) -> None:
    """Let everything be delivered that can be."""
    house.telegram.harms.clear()
    ends_at = house.loop.time() + _QUIET_S
    while house.rows(_LEFT)[0]["number"]:
        assert house.loop.time() < ends_at, f"work is left: {house.rows(_ROWS)}"
        house.wait(asyncio.sleep(5.0))


def judge(house: House, account: Account) -> None:
    """Compare what has come of a story with what it promised."""
    rows, telegram = house.rows(_ROWS), house.telegram
    sent = {(row["subscriber_id"], row["subject"]): row for row in rows if row["verb"] == "send"}
    chat_of = {chat.key: chat for chat in account.chats}
    for key, subject in account.owed:
        row = sent.get((key, subject))
        assert row is not None, f"{subject} was never planned for {chat_of[key]}"
        assert row["state"] in {"sent", "unknown"} or chat_of[key].was_shut, f"lost: {row} for {chat_of[key]}"
        assert row["state"] == "sent" or row["reason"], f"no reason: {row}"
    arrived = {arrival.message_id for arrival in telegram.arrivals}
    for row in sent.values():
        if row["state"] == "sent" and row["message_id"] is None:  # a chat that moves leaves its messages behind
            assert chat_of[row["subscriber_id"]].chat_id in telegram.moved.values(), f"without a message: {row}"
        else:
            assert row["state"] != "sent" or row["message_id"] in arrived, f"never arrived: {row}"
    unknown = sum(row["state"] == "unknown" for row in rows)
    assert unknown <= account.harms, f"{unknown} are unknown, {account.harms} went wrong"
    _judge_copies(telegram)
    _judge_order(rows)
    unconfirmed = {f"p:{push_id}" for push_id in account.drafts if push_id not in account.confirmed}
    assert not [row for row in rows if row["subject"] in unconfirmed], "a push left without being confirmed"
    assert telegram.in_ban == 0, f"{telegram.in_ban} requests left into a ban"
    assert telegram.too_fast == 0, f"{telegram.too_fast} requests left too early"
    assert telegram.unwanted == 0, f"{telegram.unwanted} stories came to chats that had left"


def _judge_copies(telegram: StandIn) -> None:
    first = {fresh: old for old, fresh in telegram.moved.items()}
    copies: set[tuple[int, str]] = set()
    for arrival in telegram.arrivals:
        subject = arrival.text.partition(" as of ")[0]
        copy = (first.get(arrival.chat_id, arrival.chat_id), subject)
        assert copy not in copies, f"{subject} came twice to {arrival.chat_id}"
        copies.add(copy)


def _judge_order(rows: list[Row]) -> None:
    last: dict[tuple[int, int], int] = {}
    for row in rows:
        if row["verb"] == "send" and row["state"] == "sent" and row["message_id"] is not None:
            lane = (row["subscriber_id"], row["priority"])
            assert last.get(lane, 0) < row["message_id"], f"out of order: {row}"
            last[lane] = row["message_id"]
