"""What is owed to chats: planned once, taken back, kept for as long as it is of use."""

from datetime import timedelta

from storage import Channel, Storage
from storage.model import (
    DeliveryState,
    Priority,
    Settlement,
)
from tests.storage.scenes import add_chat, claim, farewell, reply, sent, settle
from tests.support.databases import NOW

LATER = NOW + timedelta(minutes=10)


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
