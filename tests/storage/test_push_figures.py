"""The figures of a push stay when its deliveries go: readers who leave, and what is older than is kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.model import DeliveryKind, DeliveryState, FanoutKind, Priority, Push, Settlement, Tally
from tests.storage.scenes import add_article, add_chat, add_feed, claim, reply, sent, settle
from tests.support.databases import NOW, Database, blocking, wait_for_blocked

if TYPE_CHECKING:
    from storage import Storage, Work

LATER = NOW + timedelta(days=31)


async def spread_push(work: Work) -> Push:
    """Push an article to everybody there is."""
    article = await add_article(work, await add_feed(work))
    push = await work.pushes.create(editor_id=1, subscriber_id=1, article_id=article.id, content={"text": "x"}, now=NOW)
    await work.pushes.confirm(push.id, push.content.digest, NOW)
    fanout = await work.fanouts.open(
        FanoutKind.PUSH, push.id, priority=Priority.PUSH, content_id=push.content.id, now=NOW
    )
    await work.fanouts.expand(fanout.id, now=NOW)
    return push


async def tally(storage: Storage, push: Push) -> Tally:
    async with storage.read() as work:
        return await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")


@pytest.mark.parametrize("together", [True, False], ids=["together", "one-after-the-other"])
async def test_readers_who_leave_stay_in_the_figures_as_numbers(storage: Storage, *, together: bool) -> None:
    async with storage.write() as work:
        readers = [await add_chat(work, number) for number in range(1, 8)]
        push = await spread_push(work)
        other = await spread_push(work)
    claimed = {each.chat_id: each for each in await claim(storage) if each.subject == f"p:{push.id}"}
    await settle(
        storage,
        *(sent(claimed[number], number) for number in (1, 2, 3)),
        *(
            Settlement(delivery_id=claimed[number].id, state=DeliveryState.DEAD, reason="Forbidden: bot was blocked")
            for number in (4, 5)
        ),
        Settlement(delivery_id=claimed[6].id, state=DeliveryState.UNKNOWN, reason="timed out"),
        Settlement(delivery_id=claimed[7].id, state=DeliveryState.QUEUED, due_at=LATER),
    )
    before = await tally(storage, push)
    assert (before.planned, before.sent, before.dead, before.unknown, before.queued) == (7, 3, 2, 1, 1)
    leaving = [readers[index].id for index in (0, 1, 3, 5, 6)]
    if together:
        async with storage.write() as work:
            for reader in leaving:
                await work.subscribers.erase(reader)
    else:
        for reader in leaving:
            async with storage.write() as work:
                await work.subscribers.erase(reader)
    after = await tally(storage, push)
    assert after == Tally(
        planned=7, sent=3, dead=4, reasons={"Forbidden: bot was blocked": 2, "the reader has left": 2}
    )
    async with storage.read() as work:
        assert await work.outbox.tally(DeliveryKind.REPLY, f"p:{push.id}") == Tally(), "of pushes alone"
    assert (await tally(storage, other)).planned == 7


async def test_figures_stay_when_deliveries_are_too_old_to_be_kept(storage: Storage) -> None:
    async with storage.write() as work:
        for number in range(1, 4):
            await add_chat(work, number)
        push = await spread_push(work)
        await work.outbox.enqueue([reply(await add_chat(work, 9), 1)], NOW)
    claimed = await claim(storage)
    await settle(storage, *(sent(each, each.id) for each in claimed))
    before = await tally(storage, push)
    assert before == Tally(planned=3, sent=3)
    async with storage.write() as work:
        assert await work.outbox.purge(LATER, limit=2) == 2
        assert await work.outbox.purge(LATER, limit=20) == 2
    assert await tally(storage, push) == before


async def test_a_reader_who_leaves_while_they_are_counted_counts_once(postgres_database: Database) -> None:
    async with postgres_database.open() as storage:
        async with storage.write() as work:
            for number in range(1, 8):
                await add_chat(work, number)
            push = await spread_push(work)
        first, *_ = await claim(storage)
        await settle(storage, sent(first, 5))
        async with blocking(postgres_database) as leaving:
            await leaving.execute("LOCK TABLE push_figures IN ACCESS EXCLUSIVE MODE")
            counting = asyncio.create_task(tally_while_writing(storage, push))
            await wait_for_blocked(postgres_database, 1)
            await leaving.execute("DELETE FROM outbox WHERE id = $1", first.id)
            await leaving.execute("INSERT INTO push_figures VALUES ($1, 'sent', '', 1)", push.id)
        assert (await counting).planned == 7


async def tally_while_writing(storage: Storage, push: Push) -> Tally:
    async with storage.write() as work:
        return await work.outbox.tally(DeliveryKind.PUSH, f"p:{push.id}")
