import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from storage import Channel, Storage
from storage.errors import NotFoundError
from storage.model import (
    ChatKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    NewDelivery,
    Priority,
    Settlement,
    Tally,
    Verb,
)
from tests.storage.scenes import add_chat, claim, reply, sent, settle
from tests.support.databases import NOW

LATER = NOW + timedelta(minutes=10)


def farewell(chat_id: int, number: int = 9) -> NewDelivery:
    return NewDelivery(
        subscriber_id=None,
        chat_id=chat_id,
        kind=DeliveryKind.FAREWELL,
        subject=f"u:{number}",
        priority=Priority.REPLY,
        due_at=NOW,
        payload={"text": "All gone."},
    )


async def test_a_delivery_is_planned_once_and_its_id_told_again(storage: Storage) -> None:
    async with storage.write() as work:
        one, two = await add_chat(work, 1), await add_chat(work, 2)
        planned = [reply(one, 5), reply(one, 5, part=1), reply(two, 5), reply(one, 6), reply(one, 5, thread_id=3)]
        ids = await work.outbox.enqueue(planned, NOW)
        assert ids == sorted(set(ids))
        again = await work.outbox.enqueue([reply(one, 7), *reversed(planned)], LATER)
        assert again[1:] == list(reversed(ids))
        assert (await work.outbox.enqueue([farewell(8)], NOW)) == (await work.outbox.enqueue([farewell(8)], NOW))
        assert await work.outbox.enqueue([], NOW) == []
        assert await work.outbox.backlog() == 7


async def test_planning_wakes_the_sender_after_the_commit(storage: Storage) -> None:
    async with storage.write() as work:
        await work.outbox.enqueue([reply(await add_chat(work, 1), 5)], NOW)
        assert not await storage.wait(Channel.OUTBOX, 0.01)
    assert await storage.wait(Channel.OUTBOX, 0.01)


async def test_a_claimed_delivery_brings_all_that_its_sender_needs(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await work.subscribers.ensure(-5, kind=ChatKind.GROUP, lang="uk", tz="Europe/Kyiv", now=NOW)
        (delivery_id,) = await work.outbox.enqueue([reply(chat, 5, thread_id=3, text="Готово")], NOW)
    (claimed,) = await claim(storage)
    assert claimed == Delivery(
        id=delivery_id,
        subscriber_id=chat.id,
        chat_id=-5,
        chat_kind=ChatKind.GROUP,
        lang="uk",
        tz="Europe/Kyiv",
        summary_chars=chat.summary_chars,
        thread_id=3,
        kind=DeliveryKind.REPLY,
        subject="u:5",
        part=0,
        verb=Verb.SEND,
        state=DeliveryState.SENDING,
        priority=Priority.REPLY,
        payload={"text": "Готово"},
        content_id=None,
        target_id=None,
        message_id=None,
        attempts=0,
        created_at=NOW,
        expires_at=None,
    )
    async with storage.read() as work:
        assert await work.outbox.get(delivery_id) == claimed
        with pytest.raises(NotFoundError):
            await work.outbox.get(delivery_id + 1)


async def test_the_most_urgent_leave_first_then_the_first_planned(storage: Storage) -> None:
    async with storage.write() as work:
        chats = [await add_chat(work, number) for number in range(1, 6)]
        priorities = [Priority.EDIT, Priority.STORY, Priority.REPLY, Priority.STORY, Priority.PUSH]
        for chat, priority in zip(chats, priorities, strict=True):
            await work.outbox.enqueue([reply(chat, 1, priority=priority)], NOW)
    assert [delivery.chat_id for delivery in await claim(storage, limit=2)] == [3, 5]
    assert [delivery.chat_id for delivery in await claim(storage)] == [2, 4, 1]


async def test_one_delivery_of_a_chat_leaves_at_a_time_in_order(storage: Storage) -> None:
    async with storage.write() as work:
        chat, other = await add_chat(work, 1), await add_chat(work, 2)
        await work.outbox.enqueue([reply(chat, 1, priority=Priority.STORY, text="d")], NOW)
        await work.outbox.enqueue([reply(chat, 2, part=part, text=text) for part, text in enumerate("abc")], NOW)
        await work.outbox.enqueue([reply(other, 3)], NOW)
    texts = []
    first = await claim(storage)
    assert [delivery.chat_id for delivery in first] == [1, 2]
    assert await claim(storage) == []
    waiting = first[0]
    for message_id in range(4):
        assert waiting.payload is not None
        texts.append(waiting.payload["text"])
        await settle(storage, sent(waiting, message_id + 1))
        following = await claim(storage)
        assert len(following) == (0 if message_id == 3 else 1)
        waiting = following[0] if following else waiting
    assert texts == ["a", "b", "c", "d"]


async def test_farewells_of_a_chat_leave_one_at_a_time_before_what_whoever_begins_anew_gets(storage: Storage) -> None:
    async with storage.write() as work:
        chat, other = await add_chat(work, 77), await add_chat(work, 78)
        await work.outbox.enqueue([reply(chat, 5, priority=Priority.BREAKING), *(farewell(77, n) for n in (1, 2))], NOW)
        await work.outbox.enqueue([farewell(79), reply(chat, 6), reply(other, 6)], NOW)
    (first, one, two) = await claim(storage)
    assert [(each.subject, each.chat_id) for each in (first, one, two)] == [("u:1", 77), ("u:9", 79), ("u:6", 78)]
    assert await claim(storage) == []
    await settle(storage, sent(first, 70))
    (second,) = await claim(storage)
    assert second.subject == "u:2"
    later = Settlement(delivery_id=second.id, state=DeliveryState.QUEUED, message_id=None, revision=None, due_at=LATER)
    await settle(storage, later)
    assert await claim(storage) == [], "what comes after a farewell waits for it"
    async with storage.write() as work:
        (second,) = await work.outbox.claim(LATER, limit=64, excluding=())
    assert second.subject == "u:2"
    await settle(storage, sent(second, 71))
    (answer,) = await claim(storage)
    assert (answer.subject, answer.chat_id) == ("u:6", 77)
    async with storage.write() as work:
        await work.outbox.enqueue([farewell(77, 3)], NOW)
    assert await claim(storage) == [], "nor does a farewell leave while anything else is on its way to its chat"
    await settle(storage, sent(answer, 72))
    (third,) = await claim(storage)
    assert third.subject == "u:3"
    await settle(storage, sent(third, 73))
    (alert,) = await claim(storage)
    assert alert.subject == "u:5"


async def test_one_that_waits_holds_those_behind_it_but_not_the_more_urgent(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        first = replace(reply(chat, 1, priority=Priority.STORY), due_at=LATER)
        await work.outbox.enqueue([first, reply(chat, 2, priority=Priority.STORY), reply(chat, 3)], NOW)
        assert await work.outbox.next_due_at() == NOW
    (urgent,) = await claim(storage)
    assert urgent.subject == "u:3"
    await settle(storage, sent(urgent, 1))
    assert await claim(storage) == []
    async with storage.write() as work:
        (released,) = await work.outbox.claim(LATER, limit=5, excluding=[])
    assert released.subject == "u:1"


async def test_answers_alone_are_claimed_where_nothing_else_may_leave(storage: Storage) -> None:
    async with storage.write() as work:
        chat, other = await add_chat(work, 1), await add_chat(work, 2)
        rest = [priority for priority in Priority if priority is not Priority.REPLY]
        await work.outbox.enqueue([reply(chat, 10 + priority, priority=priority) for priority in rest], NOW)
        await work.outbox.enqueue([replace(reply(other, 5), due_at=LATER)], NOW)
        assert await work.outbox.next_due_at(answers_only=True) == LATER
        assert await work.outbox.claim(NOW, limit=64, excluding=(), answers_only=True) == []
        (answer,) = await work.outbox.claim(LATER, limit=64, excluding=(), answers_only=True)
        assert answer.subject == "u:5"
        assert await work.outbox.next_due_at(answers_only=True) is None
        assert await work.outbox.next_due_at() == NOW


async def test_excluded_chats_are_passed_over_however_many_wait(storage: Storage) -> None:
    async with storage.write() as work:
        busy, free = await add_chat(work, 1), await add_chat(work, 2)
        await work.outbox.enqueue([reply(busy, number) for number in range(200)], NOW)
        await work.outbox.enqueue([reply(free, 999), farewell(3)], NOW)
    assert [delivery.chat_id for delivery in await claim(storage, limit=2, excluding=(busy.id,))] == [2, 3]


async def test_an_excluded_crowd_fits_into_one_statement(storage: Storage) -> None:
    async with storage.write() as work:
        await work.outbox.enqueue([reply(await add_chat(work, 1), 1)], NOW)
    assert len(await claim(storage, excluding=tuple(range(100_000, 150_000)))) == 1


async def test_what_has_expired_is_cancelled_and_leaves_room_for_others(storage: Storage) -> None:
    async with storage.write() as work:
        chats = [await add_chat(work, number) for number in range(1, 6)]
        stale = [replace(reply(chat, 1), expires_at=NOW) for chat in chats[:4]]
        fresh = replace(reply(chats[4], 1), expires_at=LATER)
        ids = await work.outbox.enqueue([*stale, fresh], NOW)
    assert [delivery.id for delivery in await claim(storage, limit=2)] == [ids[4]]
    async with storage.read() as work:
        gone = await work.outbox.get(ids[0])
        assert await work.outbox.backlog() == 0
    assert (gone.state, gone.reason) == (DeliveryState.CANCELLED, "expired")


async def test_two_workers_never_claim_the_same(storage: Storage) -> None:
    async with storage.write() as work:
        for number in range(1, 121):
            chat = await add_chat(work, number)
            await work.outbox.enqueue([reply(chat, 1), reply(chat, 2)], NOW)

    async def work_through() -> list[Delivery]:
        mine: list[Delivery] = []
        while claimed := await claim(storage, limit=7):
            mine += claimed
            await asyncio.sleep(0)
        return mine

    shares = await asyncio.gather(work_through(), work_through(), work_through(), work_through())
    claimed = [delivery for share in shares for delivery in share]
    assert len({delivery.id for delivery in claimed}) == len(claimed) == 120
    assert {delivery.chat_id for delivery in claimed} == set(range(1, 121))
    assert {delivery.subject for delivery in claimed} == {"u:1"}


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


async def test_what_is_settled_stays_settled_but_an_answer_ends_the_unknown(storage: Storage) -> None:
    async with storage.write() as work:
        await work.outbox.enqueue([reply(await add_chat(work, number), 1) for number in (1, 2)], NOW)
    one, two = await claim(storage)
    await settle(storage, sent(one, 31), Settlement(delivery_id=two.id, state=DeliveryState.UNKNOWN))
    await settle(storage, Settlement(delivery_id=one.id, state=DeliveryState.QUEUED), sent(two, 32))
    async with storage.read() as work:
        after = [await work.outbox.get(each.id) for each in (one, two)]
    assert [(each.state, each.message_id) for each in after] == [(DeliveryState.SENT, 31), (DeliveryState.SENT, 32)]


async def test_all_of_a_chat_waits_out_its_ban(storage: Storage) -> None:
    async with storage.write() as work:
        banned, other = await add_chat(work, 1), await add_chat(work, 2)
        late = replace(reply(banned, 3), due_at=LATER + timedelta(hours=1))
        await work.outbox.enqueue([reply(banned, 1), reply(banned, 2), late, reply(other, 1)], NOW)
        await work.outbox.defer(banned.id, LATER)
    assert [delivery.chat_id for delivery in await claim(storage)] == [2]
    async with storage.write() as work:
        assert await work.outbox.next_due_at() == LATER
        (first,) = await work.outbox.claim(LATER, limit=9, excluding=[])
        assert first.subject == "u:1"
        await work.outbox.settle([sent(first, 1)], LATER)
        (second,) = await work.outbox.claim(LATER, limit=9, excluding=[])
        await work.outbox.settle([sent(second, 2)], LATER)
        assert await work.outbox.claim(LATER, limit=9, excluding=[]) == []
        assert await work.outbox.next_due_at() == LATER + timedelta(hours=1)


async def test_a_queued_delivery_can_be_taken_back_and_a_leaving_one_not(storage: Storage) -> None:
    async with storage.write() as work:
        chat, other = await add_chat(work, 1), await add_chat(work, 2)
        queued, leaving = await work.outbox.enqueue([reply(chat, 1), reply(other, 1)], NOW)
        assert await work.outbox.cancel(queued)
        assert not await work.outbox.cancel(queued)
    await claim(storage)
    async with storage.write() as work:
        assert not await work.outbox.cancel(leaving)
        assert (await work.outbox.get(queued)).state is DeliveryState.CANCELLED


async def test_any_number_of_changes_to_a_message_is_one_edit(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        (target,) = await work.outbox.enqueue([reply(chat, 1, thread_id=4)], NOW)

        async def revise(text: str) -> int:
            return await work.outbox.revise(
                target, {"text": text}, subscriber_id=chat.id, priority=Priority.EDIT, now=NOW
            )

        assert await revise("10 %") == await revise("20 %")
    (message,) = await claim(storage)
    assert message.id == target
    assert await claim(storage) == []
    await settle(storage, sent(message, 77))
    (edit,) = await claim(storage)
    assert (edit.kind, edit.verb, edit.target_id, edit.message_id) == (DeliveryKind.EDIT, Verb.EDIT, target, 77)
    assert (edit.payload, edit.thread_id) == ({"text": "20 %"}, 4)
    async with storage.write() as work:
        following = await work.outbox.revise(
            target, {"text": "30 %"}, subscriber_id=chat.id, priority=Priority.EDIT, now=NOW
        )
        assert following != edit.id
        await work.outbox.settle([sent(edit, 77)], NOW)
    (last,) = await claim(storage)
    assert (last.id, last.part, last.payload) == (following, edit.part + 1, {"text": "30 %"})


async def test_concurrent_changes_to_a_message_leave_one_edit(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        (target,) = await work.outbox.enqueue([reply(chat, 1)], NOW)
    (message,) = await claim(storage)
    await settle(storage, sent(message, 77))

    async def revise(text: str) -> int:
        async with storage.write() as work:
            return await work.outbox.revise(
                target, {"text": text}, subscriber_id=chat.id, priority=Priority.EDIT, now=NOW
            )

    ids = await asyncio.gather(*(revise(str(number)) for number in range(6)))
    assert len(set(ids)) == 1


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.REPLACE, Verb.DELETE], ids=str)
async def test_what_changes_a_message_waits_until_that_is_settled(storage: Storage, verb: Verb) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        (target,) = await work.outbox.enqueue([reply(chat, 1, priority=Priority.STORY)], NOW)
        await work.outbox.enqueue([reply(chat, 2, verb=verb, target_id=target)], NOW)
    (first,) = await claim(storage)
    assert first.id == target
    await settle(storage, sent(first, 50))
    (second,) = await claim(storage)
    assert (second.verb, second.message_id) == (verb, 50)


async def test_a_replacement_of_what_was_never_sent_names_no_message(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        (target,) = await work.outbox.enqueue([reply(chat, 1)], NOW)
        await work.outbox.enqueue([reply(chat, 2, verb=Verb.REPLACE, target_id=target)], NOW)
        await work.outbox.cancel(target)
    (replacement,) = await claim(storage)
    assert (replacement.verb, replacement.message_id) == (Verb.REPLACE, None)


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


async def test_retention_takes_what_was_settled_long_ago_and_nothing_else(storage: Storage) -> None:
    async with storage.write() as work:
        for number in range(1, 6):
            await work.outbox.enqueue([reply(await add_chat(work, number), 1)], NOW)
    arrived, dead, unknown, edited = await claim(storage, limit=4)
    await settle(
        storage,
        sent(arrived, 1),
        Settlement(delivery_id=dead.id, state=DeliveryState.DEAD, reason="x"),
        Settlement(delivery_id=unknown.id, state=DeliveryState.UNKNOWN),
        sent(edited, 4),
    )
    async with storage.write() as work:
        assert edited.subscriber_id is not None
        await work.outbox.revise(
            edited.id, {"text": "x"}, subscriber_id=edited.subscriber_id, priority=Priority.EDIT, now=NOW
        )
        assert await work.outbox.purge(NOW) == 0
        assert await work.outbox.purge(LATER, limit=1) == 1
        assert await work.outbox.purge(LATER) == 1
        assert await work.outbox.purge(LATER) == 0
        assert await work.outbox.backlog() == 2
        assert (await work.outbox.get(edited.id)).state is DeliveryState.SENT
        assert (await work.outbox.get(unknown.id)).state is DeliveryState.UNKNOWN


async def test_only_the_newest_edit_of_a_message_is_worth_sending(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        edits = [reply(chat, number, verb=Verb.EDIT, message_id=7) for number in (1, 2)]
        other = reply(chat, 3, verb=Verb.EDIT, message_id=8)
        old = await work.outbox.enqueue([*edits, other], NOW)
        assert await work.outbox.supersede_edits(chat.id, 7) == 2
        (newest,) = await work.outbox.enqueue([reply(chat, 4, verb=Verb.EDIT, message_id=7)], NOW)
        states = [(await work.outbox.get(delivery_id)).state for delivery_id in (*old, newest)]
    assert states == [DeliveryState.CANCELLED, DeliveryState.CANCELLED, DeliveryState.QUEUED, DeliveryState.QUEUED]
