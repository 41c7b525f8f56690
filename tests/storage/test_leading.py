"""Who leads, who stands by, and what each hears of the other; on PostgreSQL, but for what SQLite has of it too."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import asyncpg
import pytest

from storage import Channel, Storage
from storage.leading import Leader, Leadership, Pulse
from tests.storage.scenes import add_chat, reply
from tests.support.databases import NOW, Database

QUICK = Pulse(beat_s=0.05, sure_s=60, patience_s=90, look_s=0.05)
HANGING = Pulse(beat_s=600, sure_s=0.3, patience_s=0.5, look_s=0.05)
CUT_OFF = Pulse(beat_s=600, sure_s=0.3, patience_s=90, look_s=0.05)
LONG_S = 30.0
"""A busy machine may take long for anything; what would never come is waited for no longer."""


class Ticks:
    """Seconds that pass when told to, and how often somebody has looked at them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return self.now


async def lead(storage: Storage, until: asyncio.Event, pulse: Pulse = QUICK) -> float:
    """Lead until told; give when it began."""
    async with storage.lead("send", pulse=pulse):
        began = time.monotonic()
        await until.wait()
    return began


async def test_every_start_has_a_higher_fence(database: Database) -> None:
    fences = []
    for _ in range(3):
        async with database.open() as storage, storage.lead("send", pulse=QUICK) as leadership:
            assert leadership.is_sure()
            fences.append(leadership.fence)
    assert fences == [1, 2, 3]


async def test_a_clean_end_lets_the_next_begin_at_once(postgres_database: Database) -> None:
    slow = Pulse(beat_s=0.05, sure_s=60, patience_s=300, look_s=300)
    async with postgres_database.open() as first, postgres_database.open() as second:
        until = asyncio.Event()
        async with first.lead("send", pulse=slow):
            waiting = asyncio.create_task(lead(second, until, slow))
            await asyncio.sleep(0.3)
            assert not waiting.done()
        ended = time.monotonic()
        until.set()
        assert await asyncio.wait_for(waiting, LONG_S) - ended < LONG_S


async def test_other_tasks_are_not_held_up(postgres_database: Database) -> None:
    async with (
        postgres_database.open() as first,
        postgres_database.open() as second,
        first.lead("send", pulse=QUICK),
        asyncio.timeout(LONG_S),
        second.lead("poll", pulse=QUICK) as leadership,
    ):
        assert leadership.is_sure()


async def test_who_is_cut_off_is_followed_and_learns_of_it(postgres_database: Database) -> None:
    """As after a kill, the server sees the sessions end; the process is there still, to tell what it learns."""
    async with (
        postgres_database.open() as first,
        postgres_database.open() as second,
        first.lead("send", pulse=CUT_OFF) as old,
    ):
        waiting = asyncio.create_task(second_term(second))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await end_sessions(postgres_database, first)
        new = await asyncio.wait_for(waiting, LONG_S)
        assert new.fence == old.fence + 1
        await asyncio.sleep(CUT_OFF.sure_s)
        assert not old.is_sure()


async def test_who_hangs_is_followed_after_its_silence_and_then_leads_no_more(postgres_database: Database) -> None:
    async with (
        postgres_database.open() as first,
        postgres_database.open() as second,
        first.lead("send", pulse=HANGING) as old,
    ):
        began = time.monotonic()
        new = await asyncio.wait_for(second_term(second, HANGING), LONG_S)
        assert time.monotonic() - began >= HANGING.patience_s
        assert new.fence == old.fence + 1
        assert not old.is_sure()


async def test_who_beats_is_not_followed_and_who_lost_is_told(postgres_database: Database) -> None:
    async with (
        postgres_database.open() as first,
        postgres_database.open() as second,
        first.lead("send", pulse=QUICK) as old,
    ):
        ticks = Ticks()
        waiting = asyncio.create_task(second_term(second, monotonic=ticks))
        for _ in range(4):  # whoever stands by sees a new beat before each patience ends
            await hear_beats(first)
            seen_at = ticks.looks
            await eventually(lambda seen_at=seen_at: ticks.looks >= seen_at + 3)  # type: ignore[misc]
            ticks.now += 0.9 * QUICK.patience_s
        assert not waiting.done()
        assert old.is_sure()
        async with first.read() as work:
            seen = await work.leases.find("send")
        async with second.write() as work:  # as somebody does who found it silent
            while await work.leases.take("send", "another", seen=seen) is None:
                seen = await work.leases.find("send")
        await asyncio.wait_for(old.lost.wait(), LONG_S)
        assert not old.is_sure()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_a_restart_of_the_session_alone_leaves_the_leader_in_its_place(postgres_database: Database) -> None:
    async with postgres_database.open() as storage, storage.lead("send", pulse=QUICK) as leadership:
        await end_sessions(postgres_database, storage)
        for _ in range(5):
            await hear_beats(storage)
            assert not leadership.lost.is_set()
        assert leadership.is_sure()


async def second_term(
    storage: Storage, pulse: Pulse = QUICK, *, monotonic: Callable[[], float] = time.monotonic
) -> Leadership:
    leader = Leader(storage, storage._watchers, holder=storage._holder, pulse=pulse, monotonic=monotonic)
    async with leader.lead("send") as leadership:
        return leadership


async def hear_beats(storage: Storage) -> None:
    """Wait until whoever leads has shown twice more that it is alive."""

    async def beat() -> int:
        async with storage.read() as work:
            lease = await work.leases.find("send")
            assert lease is not None
            return lease.beat

    before = await beat()
    async with asyncio.timeout(LONG_S):
        while await beat() < before + 2:  # noqa: ASYNC110 -- the database does not say when it changes
            await asyncio.sleep(0.01)


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG_S):
        while not condition():  # noqa: ASYNC110 -- what is watched is a plain number
            await asyncio.sleep(0.01)


async def end_sessions(database: Database, storage: Storage) -> None:
    connection = await asyncpg.connect(database.url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", storage._holder
    )
    await connection.close()


async def test_work_that_another_process_commits_wakes_who_waits_here(postgres_database: Database) -> None:
    async with postgres_database.open() as first, postgres_database.open() as second:
        await hear_nothing_more(second)
        waiting = asyncio.create_task(second.wait(Channel.OUTBOX, LONG_S))
        async with first.write() as work:
            await work.outbox.enqueue([reply(await add_chat(work, 1), 5)], NOW)
            await asyncio.sleep(0.1)
            assert not waiting.done()
        assert await waiting
        assert not await second.wait(Channel.INBOX, 0.05)


async def test_who_lost_the_line_hears_again_and_looks_for_what_it_missed(postgres_database: Database) -> None:
    async with postgres_database.open() as first, postgres_database.open() as second:
        await hear_nothing_more(second)
        await end_sessions(postgres_database, second)
        assert await second.wait(Channel.FEEDS, LONG_S)
        await hear_nothing_more(second)
        waiting = asyncio.create_task(second.wait(Channel.INBOX, LONG_S))
        async with first.write() as work:
            await work.inbox.receive([(1, 1, {})], NOW)
        assert await waiting


async def hear_nothing_more(storage: Storage) -> None:
    """Let the bells fade that have rung."""
    for channel in Channel:
        await storage.wait(channel, 0.01)


@pytest.mark.parametrize("rolled_back", [False, True])
async def test_what_is_rolled_back_wakes_nobody(postgres_database: Database, rolled_back: bool) -> None:
    async with postgres_database.open() as first, postgres_database.open() as second:
        await hear_nothing_more(second)
        with suppress(ZeroDivisionError):
            async with first.write() as work:
                await work.inbox.receive([(1, 1, {})], NOW)
                if rolled_back:
                    raise ZeroDivisionError
        assert await second.wait(Channel.INBOX, 0.5 if rolled_back else LONG_S) is not rolled_back
