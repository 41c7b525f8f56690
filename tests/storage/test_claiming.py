"""Which deliveries leave next, and which wait."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from storage import Storage
from storage.errors import NotFoundError
from storage.model import (
    ChatKind,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Priority,
    Settlement,
    Verb,
)
from tests.storage.scenes import add_chat, claim, farewell, reply, sent, settle
from tests.support.databases import NOW

LATER = NOW + timedelta(minutes=10)


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
