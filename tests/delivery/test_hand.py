"""Who leaves next: the urgent first, and nobody for ever last."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.delivery.calls import compose_new
from bot.delivery.hand import Hand, Held
from bot.delivery.pacing import Pacer
from storage.model import ChatKind, Delivery, DeliveryKind, DeliveryState, Priority, Verb


def held(
    delivery_id: int,
    chat_id: int,
    *,
    since: float = 0.0,
    priority: Priority = Priority.STORY,
    chat_kind: ChatKind = ChatKind.PRIVATE,
) -> Held:
    delivery = Delivery(
        id=delivery_id,
        subscriber_id=chat_id,
        chat_id=chat_id,
        chat_kind=chat_kind,
        lang="en",
        tz="UTC",
        summary_chars=500,
        thread_id=0,
        kind=DeliveryKind.STORY,
        subject=f"s:{delivery_id}",
        part=0,
        verb=Verb.SEND,
        state=DeliveryState.SENDING,
        priority=priority,
        payload={"text": "Aye"},
        content_id=None,
        target_id=None,
        message_id=None,
        attempts=0,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        expires_at=None,
    )
    return Held(delivery=delivery, call=compose_new(delivery, {"text": "Aye"}), revision=None, since=since)


def test_a_reply_leaves_before_older_stories() -> None:
    hand = Hand(Pacer())
    hand.add(held(1, 11))
    hand.add(held(2, 12, priority=Priority.REPLY, since=0.5))
    first = hand.pick(1.0)
    assert first is not None
    assert first.delivery.id == 2
    assert len(hand) == 1


def test_nothing_leaves_before_its_time_and_the_time_is_told() -> None:
    pacer = Pacer()
    hand = Hand(pacer)
    assert hand.pick(0.0) is None
    assert hand.next_at(0.0) is None
    pacer.take(11, ChatKind.PRIVATE, 0.0)
    hand.add(held(1, 11))
    at = hand.next_at(0.1)
    assert at is not None
    assert at > 1.0
    assert hand.pick(0.5) is None
    assert hand.pick(at) is not None


def test_a_waiting_chat_lets_others_pass_whatever_their_priority() -> None:
    pacer = Pacer()
    hand = Hand(pacer)
    pacer.hold_chat(11, 60.0)
    hand.add(held(1, 11, priority=Priority.REPLY))
    hand.add(held(2, 12, priority=Priority.EDIT))
    first = hand.pick(1.0)
    assert first is not None
    assert first.delivery.id == 2
    assert hand.pick(2.0) is None


def test_release_gives_everything_up() -> None:
    hand = Hand(Pacer())
    hand.add(held(1, 11))
    hand.add(held(2, 12))
    assert {each.delivery.id for each in hand.release()} == {1, 2}
    assert len(hand) == 0


def test_five_saturated_groups_do_not_keep_a_hundred_and_fifty_people_waiting() -> None:
    """FAULTS 34."""
    """In virtual time: the groups' rows are older, and there is always one more of each."""
    pacer, ahead = Pacer(), 15
    hand = Hand(pacer)
    queue = [(priority_id, -1 - priority_id % 5) for priority_id in range(500)]
    queue += [(1000 + person, 1 + person) for person in range(150)]
    taken: set[int] = set()  # at most one delivery of a chat is on its way, as the outbox sees to
    sent_at: dict[int, float] = {}
    now, groups_sent = 0.0, 0
    while len(sent_at) < 150:
        waiting = pacer.waiting(now)
        for row in list(queue):
            row_id, chat_id = row
            if len(hand) == ahead:
                break
            if chat_id in taken or chat_id in waiting:
                continue
            kind = ChatKind.GROUP if chat_id < 0 else ChatKind.PRIVATE
            hand.add(held(row_id, chat_id, since=now, chat_kind=kind))
            taken.add(chat_id)
            queue.remove(row)
        at = hand.next_at(now)
        assert at is not None
        now = at
        leaving = hand.pick(now)
        assert leaving is not None
        pacer.take(leaving.delivery.chat_id, leaving.delivery.chat_kind, now)
        taken.discard(leaving.delivery.chat_id)
        if leaving.delivery.chat_id > 0:
            sent_at[leaving.delivery.chat_id] = now
        else:
            groups_sent += 1
    assert max(sent_at.values()) <= 6.0
    assert groups_sent >= 15, "the groups must not starve either"


def test_stories_held_too_long_are_given_up_and_nothing_else_is() -> None:
    hand = Hand(Pacer())
    hand.add(held(1, 11, since=1.0))
    hand.add(held(2, 12, since=2.0))
    asked = held(3, 13, since=1.0)
    hand.add(replace(asked, delivery=replace(asked.delivery, kind=DeliveryKind.REPLY)))
    assert [each.delivery.id for each in hand.release_stale(1.5)] == [1]
    assert len(hand) == 2
    assert hand.release_stale(1.5) == []
