"""What becomes of deliveries that were leaving."""

from dataclasses import replace
from datetime import timedelta

import pytest

from storage import Storage
from storage.errors import NotFoundError
from storage.model import (
    DeliveryKind,
    DeliveryState,
    Settlement,
    Tally,
    Verb,
)
from tests.storage.scenes import add_chat, claim, farewell, reply, sent, settle
from tests.support.databases import NOW

LATER = NOW + timedelta(minutes=10)


async def test_all_outcomes_are_settled_together(storage: Storage) -> None:
    async with storage.write() as work:
        for number in range(1, 6):
            await work.outbox.enqueue([reply(await add_chat(work, number), 1)], NOW)
    one, two, three, four, five = await claim(storage)
    await settle(
        storage,
        sent(one, 31),
        Settlement(delivery_id=two.id, state=DeliveryState.DEAD, reason="can't parse entities"),
        Settlement(delivery_id=three.id, state=DeliveryState.UNKNOWN, reason="timed out"),
        Settlement(delivery_id=four.id, state=DeliveryState.QUEUED, due_at=LATER, reason="refused", attempted=False),
        Settlement(delivery_id=five.id, state=DeliveryState.CANCELLED, reason="deleted"),
    )
    async with storage.read() as work:
        after = [await work.outbox.get(each.id) for each in (one, two, three, four, five)]
        assert await work.outbox.next_due_at() == LATER
        assert await work.outbox.tally(DeliveryKind.REPLY, "u:1") == Tally(
            planned=5, queued=1, sent=1, unknown=1, dead=1, cancelled=1, reasons={"can't parse entities": 1}
        )
        assert await work.outbox.tally(DeliveryKind.PUSH, "u:1") == Tally()
    assert [each.state.value for each in after] == ["sent", "dead", "unknown", "queued", "cancelled"]
    assert [each.attempts for each in after] == [1, 1, 1, 0, 1]
    assert after[0].message_id == 31
    assert [each.payload is None for each in after] == [True, True, False, False, True]


async def test_an_edit_counts_as_no_message_among_the_figures(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        await work.outbox.enqueue([reply(chat, 1)], NOW)
    (message,) = await claim(storage)
    await settle(storage, sent(message, 12))
    async with storage.write() as work:
        await work.outbox.enqueue([reply(chat, 2, verb=Verb.EDIT, target_id=message.id)], NOW)
    (edit,) = await claim(storage)
    await settle(storage, sent(edit, 12))
    async with storage.read() as work:
        figures = await work.newsroom.count_figures(since=NOW - timedelta(days=1))
    assert figures.settled == {"sent": 1}


async def test_what_is_settled_stays_settled_but_an_answer_ends_the_unknown(storage: Storage) -> None:
    async with storage.write() as work:
        await work.outbox.enqueue([reply(await add_chat(work, number), 1) for number in (1, 2)], NOW)
    one, two = await claim(storage)
    await settle(storage, sent(one, 31), Settlement(delivery_id=two.id, state=DeliveryState.UNKNOWN))
    await settle(storage, Settlement(delivery_id=one.id, state=DeliveryState.QUEUED), sent(two, 32))
    async with storage.read() as work:
        after = [await work.outbox.get(each.id) for each in (one, two)]
    assert [(each.state, each.message_id) for each in after] == [(DeliveryState.SENT, 31), (DeliveryState.SENT, 32)]


async def test_a_restart_makes_messages_unknown_and_repeats_what_is_harmless(storage: Storage) -> None:
    async with storage.write() as work:
        chats = [await add_chat(work, number) for number in range(1, 6)]
        (old,) = await work.outbox.enqueue([reply(chats[1], 1)], NOW)
    (message,) = await claim(storage)
    await settle(storage, sent(message, 12))
    async with storage.write() as work:
        await work.outbox.enqueue(
            [
                reply(chats[0], 2),
                reply(chats[1], 2, verb=Verb.REPLACE, target_id=old),
                reply(chats[2], 2, verb=Verb.EDIT, message_id=5),
                reply(chats[3], 2, verb=Verb.DELETE, message_id=6),
                reply(chats[4], 2, verb=Verb.REPLACE),
            ],
            NOW,
        )
    leaving = await claim(storage)
    assert len(leaving) == 5
    async with storage.write() as work:
        assert await work.outbox.recover(LATER) == 2
        assert await work.outbox.recover(LATER) == 0
        states = {each.chat_id: (await work.outbox.get(each.id)).state.value for each in leaving}
        assert states == {1: "unknown", 2: "queued", 3: "queued", 4: "queued", 5: "unknown"}
        unknown = await work.outbox.list_unknown(10)
        assert [each.chat_id for each in unknown] == [1, 5]
        assert [each.chat_id for each in await work.outbox.list_unknown(1)] == [1]


async def test_unknown_deliveries_are_sent_again_or_left(storage: Storage) -> None:
    async with storage.write() as work:
        await work.outbox.enqueue([reply(await add_chat(work, number), 1) for number in (1, 2, 3)], NOW)
    one, two, three = await claim(storage)
    async with storage.write() as work:
        assert await work.outbox.recover(NOW) == 3
        assert await work.outbox.resolve_unknown([one.id], resend=True, now=LATER) == 1
        assert await work.outbox.resolve_unknown([one.id], resend=True, now=LATER) == 0
        assert await work.outbox.resolve_unknown(resend=False, now=LATER) == 2
        assert await work.outbox.list_unknown(10) == []
        left = await work.outbox.get(two.id)
        assert (left.state, left.reason) == (DeliveryState.DEAD, "no answer from Telegram; left by an editor")
        assert (await work.outbox.get(three.id)).state is DeliveryState.DEAD
        (again,) = await work.outbox.claim(LATER, limit=5, excluding=[])
        assert (again.id, again.attempts) == (one.id, 1)


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.UNKNOWN], ids=str)
async def test_a_farewell_goes_once_it_is_settled(storage: Storage, state: DeliveryState) -> None:
    async with storage.write() as work:
        await work.outbox.enqueue([farewell(-44)], NOW)
    (claimed,) = await claim(storage)
    assert (claimed.subscriber_id, claimed.chat_id) == (None, -44)
    await settle(storage, Settlement(delivery_id=claimed.id, state=state, message_id=1))
    async with storage.read() as work:
        with pytest.raises(NotFoundError):
            await work.outbox.get(claimed.id)


async def test_a_farewell_that_was_leaving_at_a_crash_goes_too(storage: Storage) -> None:
    async with storage.write() as work:
        await work.outbox.enqueue([farewell(-44)], NOW)
    await claim(storage)
    async with storage.write() as work:
        assert await work.outbox.recover(NOW) == 1
        assert await work.outbox.list_unknown(5) == []


async def test_an_unknown_story_that_is_to_be_sent_again_has_not_expired_meanwhile(storage: Storage) -> None:
    async with storage.write() as work:
        news = replace(reply(await add_chat(work, 1), 1), expires_at=NOW + timedelta(days=1))
        (delivery_id,) = await work.outbox.enqueue([news], NOW)
    await claim(storage)
    days_later = NOW + timedelta(days=3)
    async with storage.write() as work:
        assert await work.outbox.recover(NOW) == 1
        assert await work.outbox.resolve_unknown([delivery_id], resend=True, now=days_later) == 1
        (again,) = await work.outbox.claim(days_later, limit=5, excluding=())
        assert again.id == delivery_id


@pytest.mark.parametrize(
    ("planned_in", "due_in", "waits"),
    [
        pytest.param(timedelta(days=365), timedelta(days=365), False, id="planned-in-the-future"),
        pytest.param(timedelta(0), timedelta(days=365), False, id="put-off-for-a-year"),
        pytest.param(timedelta(0), timedelta(hours=20), True, id="until-tomorrow"),
        pytest.param(timedelta(seconds=2), timedelta(hours=20), True, id="a-clock-that-is-corrected-a-little"),
    ],
)
async def test_a_start_after_the_clock_was_set_back_lets_go_what_that_clock_put_off(
    storage: Storage, planned_in: timedelta, due_in: timedelta, waits: bool
) -> None:
    async with storage.write() as work:
        late = replace(reply(await add_chat(work, 1), 1), due_at=NOW + due_in)
        await work.outbox.enqueue([late], NOW + planned_in)
        assert await work.outbox.claim(NOW, limit=5, excluding=()) == []
        assert await work.outbox.recover(NOW) == 0
        assert (await work.outbox.claim(NOW, limit=5, excluding=()) == []) is waits
