"""Changes to messages that were planned before."""

import asyncio
from datetime import timedelta

import pytest

from storage import Storage
from storage.model import (
    DeliveryKind,
    DeliveryState,
    Priority,
    Settlement,
    Verb,
)
from tests.storage.scenes import add_chat, claim, reply, sent, settle
from tests.support.databases import NOW

LATER = NOW + timedelta(minutes=10)


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


async def test_a_message_is_lost_once_a_change_to_it_was_refused(storage: Storage) -> None:
    async with storage.write() as work:
        chat = await add_chat(work, 1)
        (target,) = await work.outbox.enqueue([reply(chat, 1)], NOW)
    (message,) = await claim(storage)
    await settle(storage, sent(message, 77))
    for number, (state, lost) in enumerate([(DeliveryState.SENT, False), (DeliveryState.DEAD, True)]):
        async with storage.write() as work:
            await work.outbox.revise(
                target, {"text": str(number)}, subscriber_id=chat.id, priority=Priority.REPLY, now=NOW
            )
            assert not await work.outbox.is_lost(target, subscriber_id=chat.id)
        (edit,) = await claim(storage)
        await settle(storage, Settlement(delivery_id=edit.id, state=state, reason="message to edit not found"))
        async with storage.read() as work:
            assert await work.outbox.is_lost(target, subscriber_id=chat.id) is lost
