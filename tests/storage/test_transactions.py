import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from storage import Channel, Storage, Work
from storage.errors import UnavailableError
from storage.model import ChatKind
from tests.storage.scenes import add_chat, add_feed, reply
from tests.support.databases import NOW, Database


async def count(storage: Storage) -> int:
    async with storage.read() as work:
        return await work.subscribers.count()


async def fail_after_adding(storage: Storage, chat_id: int) -> None:
    async with storage.write() as work:
        await add_chat(work, chat_id)
        raise ZeroDivisionError


async def test_work_that_raises_is_rolled_back_and_rings_nobody(storage: Storage) -> None:
    with pytest.raises(ZeroDivisionError):
        await fail_after_adding(storage, 1)
    assert await count(storage) == 0
    assert not await storage.wait(Channel.FEEDS, 0.01)
    async with storage.write() as work:
        await add_chat(work, 1)
    assert await count(storage) == 1


async def test_a_reader_sees_one_snapshot_while_others_write(storage: Storage) -> None:
    async with storage.read() as reader:
        assert await reader.subscribers.count() == 0
        async with storage.write() as writer:
            await add_chat(writer, 1)
            assert await writer.subscribers.count() == 1
            assert await reader.subscribers.count() == 0
        assert await reader.subscribers.count() == 0
    assert await count(storage) == 1


async def test_readers_do_not_wait_for_a_writer(storage: Storage) -> None:
    async with storage.write() as writer:
        await add_chat(writer, 1)
        async with asyncio.timeout(30):
            assert set(await asyncio.gather(count(storage), count(storage), count(storage))) == {0}


async def test_a_reader_cannot_write(storage: Storage) -> None:
    async with storage.read() as work:
        with pytest.raises(Exception, match=r"(?i)read-?only"):
            await add_chat(work, 1)
    assert await count(storage) == 0


async def test_sixteen_writers_never_find_the_database_locked(storage: Storage) -> None:
    """FAULTS 52."""

    async def write(writer: int) -> None:
        for number in range(6):
            async with storage.write() as work:
                chat = await add_chat(work, writer * 100 + number)
                await work.outbox.enqueue([reply(chat, number)], NOW)

    await asyncio.gather(*(write(number) for number in range(1, 17)), *(count(storage) for _ in range(16)))
    assert await count(storage) == 96


async def test_a_cancelled_writer_rolls_back_and_lets_the_next_one_in(storage: Storage) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with storage.write() as work:
            await add_chat(work, 1)
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(30):
        async with storage.write() as work:
            assert await work.subscribers.count() == 0
            await add_chat(work, 2)
    assert await count(storage) == 1


async def test_writers_cancelled_at_any_point_leave_all_or_nothing(storage: Storage) -> None:
    async def write(number: int) -> None:
        async with storage.write() as work:
            await add_chat(work, number)
            await add_chat(work, number + 1000)

    for number in range(1, 41):
        task = asyncio.create_task(write(number))
        for _ in range(number):
            await asyncio.sleep(0.0002)
        task.cancel()
        await asyncio.wait([task])
    async with asyncio.timeout(30):
        async with storage.write() as work:
            found = [
                (
                    await work.subscribers.find_by_chat(number) is None,
                    await work.subscribers.find_by_chat(number + 1000) is None,
                )
                for number in range(1, 41)
            ]
    assert all(first == second for first, second in found)


async def test_cancellation_passes_though_what_it_cut_off_cannot_be_rolled_back(postgres_database: Database) -> None:
    """Who goes on after an error would otherwise go on after having been told twice to end."""

    async def hang(storage: Storage) -> None:
        async with storage.write() as work:
            await work.feeds._tx.run(sa.select(sa.func.pg_sleep(2)))

    async with postgres_database.open() as storage:
        task = asyncio.create_task(hang(storage))
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_who_gave_way_to_another_transaction_may_try_again(postgres_database: Database) -> None:
    holding = asyncio.Barrier(2)

    async def lock(storage: Storage, first: int, second: int) -> None:
        async with storage.write() as work:
            await work.feeds._tx.run(sa.text("SET LOCAL deadlock_timeout = '10ms'"))
            await work.feeds._tx.run(sa.select(sa.func.pg_advisory_xact_lock(first)))
            await holding.wait()
            await work.feeds._tx.run(sa.select(sa.func.pg_advisory_xact_lock(second)))

    async with postgres_database.open() as one, postgres_database.open() as two:
        outcomes = await asyncio.gather(lock(one, 1, 2), lock(two, 2, 1), return_exceptions=True)
    (gave_way,) = (outcome for outcome in outcomes if outcome is not None)
    assert isinstance(gave_way, UnavailableError), gave_way


async def test_a_writer_cancelled_while_it_waits_for_its_turn_harms_nobody(storage: Storage) -> None:
    async with storage.write() as work:
        waiting = asyncio.create_task(fail_after_adding(storage, 5))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.wait([waiting])
        await add_chat(work, 1)
    assert await count(storage) == 1


async def test_a_task_that_writes_inside_its_own_writing_is_told_instead_of_waiting_for_ever(storage: Storage) -> None:
    async with storage.write() as work:
        with pytest.raises(RuntimeError, match="open already"):
            await fail_after_adding(storage, 5)
        await add_chat(work, 1)
    await use(storage, lambda work: add_chat(work, 2))
    assert await count(storage) == 2


async def test_a_ring_between_two_waits_is_heard_and_heard_once(storage: Storage) -> None:
    async with storage.write() as work:
        work.ring(Channel.OUTBOX)
        work.ring(Channel.OUTBOX)
    assert not await storage.wait(Channel.INBOX, 0.01)
    assert await storage.wait(Channel.OUTBOX, 0.01)
    assert not await storage.wait(Channel.OUTBOX, 0.01)


async def test_a_ring_wakes_all_who_wait(storage: Storage) -> None:
    waiting = [asyncio.create_task(storage.wait(Channel.ARTICLES, 30)) for _ in range(3)]
    await asyncio.sleep(0.01)
    async with storage.write() as work:
        work.ring(Channel.ARTICLES)
    assert await asyncio.gather(*waiting) == [True, True, True]


async def test_mistakes_in_statements_surface_as_they_are(storage: Storage) -> None:
    async def misuse(work: Work) -> None:
        await work.subscribers.subscribe(1, 999, now=NOW)

    async with storage.write() as work:
        await add_chat(work, 1)
        await add_feed(work)
    with pytest.raises(IntegrityError):
        await use(storage, misuse)
    async with storage.write() as work:
        with pytest.raises(Exception, match="has no time zone"):
            await work.subscribers.ensure(5, kind=ChatKind.PRIVATE, lang="en", now=NOW.replace(tzinfo=None))


async def use(storage: Storage, act: object) -> None:
    async with storage.write() as work:
        assert callable(act)
        await act(work)


async def test_a_full_disk_is_told_and_passes(sqlite_database: Database) -> None:
    """FAULTS 53."""
    async with sqlite_database.open() as storage:
        async with storage.write() as work:
            chat = await add_chat(work, 1)
            connection = await work.feeds._tx.connection.get_raw_connection()
            driver = connection.driver_connection
            assert driver is not None
            pages = (await driver.execute_fetchall("PRAGMA page_count"))[0][0]
            await driver.execute_fetchall(f"PRAGMA max_page_count = {pages}")

        async def fill(work: Work) -> None:
            await work.outbox.enqueue([reply(chat, number, text="x" * 4000) for number in range(100)], NOW)

        assert not storage.is_failing
        with pytest.raises(UnavailableError, match="full"):
            await use(storage, fill)
        assert storage.is_failing
        async with storage.read() as work:
            assert await work.outbox.backlog() == 0
        async with storage.write() as work:
            await driver.execute_fetchall("PRAGMA max_page_count = 1000000")
            await fill(work)
            assert await work.outbox.backlog() == 100


async def test_a_foreign_writer_is_waited_for(sqlite_database: Database) -> None:
    path = Path(sqlite_database.url.removeprefix("sqlite:///"))
    async with sqlite_database.open() as storage:
        with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            writing = asyncio.create_task(use(storage, lambda work: add_chat(work, 1)))
            await asyncio.sleep(0.05)
            assert not writing.done()
            await asyncio.to_thread(other.execute, "COMMIT")
        await writing
        assert await count(storage) == 1
