import asyncio
from datetime import timedelta

import asyncpg

from storage import Channel, Storage
from tests.support.databases import NOW, Database


async def test_an_update_is_kept_once(storage: Storage) -> None:
    async with storage.write() as work:
        assert await work.inbox.receive([(1, 10, {"update_id": 1}), (2, None, {"update_id": 2})], NOW) == 2
        assert await work.inbox.receive([(2, None, {"update_id": 2}), (3, 11, {"update_id": 3})], NOW) == 1
        assert await work.inbox.receive([], NOW) == 0
        updates = await work.inbox.list_new(10)
    assert [(each.update_id, each.chat_id, each.payload) for each in updates] == [
        (1, 10, {"update_id": 1}),
        (2, None, {"update_id": 2}),
        (3, 11, {"update_id": 3}),
    ]


async def test_only_new_updates_ring(storage: Storage) -> None:
    for expected in (True, False):
        async with storage.write() as work:
            await work.inbox.receive([(1, 10, {})], NOW)
        assert await storage.wait(Channel.INBOX, 0.01) is expected


async def test_of_each_chat_the_oldest_update_is_taken_and_those_in_hand_hold_the_rest(storage: Storage) -> None:
    async with storage.write() as work:
        await work.inbox.receive([(number, number % 3 or None, {}) for number in range(1, 10)], NOW)
        assert [each.update_id for each in await work.inbox.list_new(2)] == [1, 2]
        taken = await work.inbox.take(9)
        assert [(each.update_id, each.attempts) for each in taken] == [(1, 1), (2, 1), (3, 1), (6, 1), (9, 1)]
        in_hand = [each.id for each in taken]
        assert await work.inbox.take(9, in_hand) == []
        await work.inbox.finish(taken[0].id, NOW)
        assert [each.update_id for each in await work.inbox.take(9, in_hand)] == [4]


async def test_an_update_is_handled_once(storage: Storage) -> None:
    async with storage.write() as work:
        await work.inbox.receive([(1, 10, {"text": "/push"})], NOW)
        for attempt in (1, 2):
            (update,) = await work.inbox.take(1)
            assert update.attempts == attempt
            await work.inbox.let_go(update.id)
        assert await work.inbox.finish(update.id, NOW)
        assert not await work.inbox.finish(update.id, NOW)
        assert await work.inbox.list_new(1) == await work.inbox.take(1) == []
        assert await work.inbox.receive([(1, 10, {"text": "/push"})], NOW) == 0


async def test_a_failed_update_is_not_handled_again(storage: Storage) -> None:
    async with storage.write() as work:
        await work.inbox.receive([(1, 10, {})], NOW)
        (update,) = await work.inbox.list_new(1)
        await work.inbox.fail(update.id, "KeyError", NOW)
        assert await work.inbox.list_new(1) == []


async def test_the_next_offset_follows_the_highest_update(storage: Storage) -> None:
    async with storage.write() as work:
        assert await work.inbox.next_offset() is None
        await work.inbox.receive([(7, 1, {}), (5, 1, {})], NOW)
        assert await work.inbox.next_offset() == 8


async def test_after_a_week_of_silence_nothing_is_said_about_the_next_update(database: Database) -> None:
    async with database.open() as storage:
        async with storage.write() as work:
            await work.inbox.receive([(7, 1, {})], NOW)
        database.clock.advance(7 * 86_400)
        async with storage.read() as work:
            assert await work.inbox.next_offset() is None


async def test_old_settled_updates_go_and_waiting_ones_stay(storage: Storage) -> None:
    later = NOW + timedelta(days=2)
    async with storage.write() as work:
        await work.inbox.receive([(1, 1, {}), (2, 1, {})], NOW)
        await work.inbox.receive([(3, 1, {})], later)
        for update in await work.inbox.list_new(9):
            if update.update_id != 2:
                await work.inbox.finish(update.id, later)
        assert await work.inbox.purge(later) == 1
        assert [each.update_id for each in await work.inbox.list_new(9)] == [2]
        assert await work.inbox.next_offset() == 4


async def test_an_update_with_broken_text_is_kept(storage: Storage) -> None:
    broken = {"text": "half \ud83d of a pair and a \0"}
    async with storage.write() as work:
        await work.inbox.receive([(1, 1, broken)], NOW)
        (update,) = await work.inbox.list_new(1)
    assert update.payload == broken


async def receive(storage: Storage, *updates: tuple[int, int | None]) -> list[int]:
    async with storage.write() as work:
        await work.inbox.receive([(number, chat_id, {}) for number, chat_id in updates], NOW)
        return [update.id for update in await work.inbox.list_new(99)]


async def take(storage: Storage) -> list[int]:
    async with storage.write() as work:
        return [update.update_id for update in await work.inbox.take(9)]


async def test_of_several_processes_one_takes_an_update_and_its_chats_later_ones_wait(
    postgres_database: Database,
) -> None:
    async with postgres_database.open() as one, postgres_database.open() as two:
        first, *_ = await receive(one, (1, 10), (2, 10), (3, 11))
        taken = await asyncio.gather(*(take(storage) for storage in (one, two, one, two)))
        assert sorted(number for each in taken for number in each) == [1, 3]
        async with one.write() as work:
            assert await work.inbox.finish(first, NOW, attempt=1)
        assert await take(two) == [2]


async def test_whoever_was_too_slow_with_an_update_takes_its_effect_back(postgres_database: Database) -> None:
    async with postgres_database.open() as one, postgres_database.open() as two:
        (update,) = await receive(one, (1, 10))
        assert await take(one) == [1]
        async with one.write() as work:  # as if the claim had run out
            await work.inbox.let_go(update)
        assert await take(two) == [1]
        async with one.write() as work:
            assert not await work.inbox.finish(update, NOW, attempt=1)
        async with two.write() as work:
            assert await work.inbox.finish(update, NOW, attempt=2)


async def test_a_claim_that_is_held_lasts_and_one_that_ran_out_is_anybodys(postgres_database: Database) -> None:
    async with postgres_database.open() as one, postgres_database.open() as two:
        held, lapsed = await receive(one, (1, 10), (2, 11))
        assert await take(one) == [1, 2]
        await age(postgres_database, lapsed, seconds=20)
        async with one.write() as work:
            await work.inbox.hold([held, lapsed])
        await age(postgres_database, held, seconds=8)
        assert await take(two) == [2]


async def age(database: Database, inbox_id: int, *, seconds: float) -> None:
    """Let time go by for a claim."""
    connection = await asyncpg.connect(database.url)
    await connection.execute(
        "UPDATE inbox SET claimed_until = claimed_until - make_interval(secs => $2) WHERE id = $1", inbox_id, seconds
    )
    await connection.close()
