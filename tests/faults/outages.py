"""What befalls the database and its disk: servers that stop, cables that are cut, files that cannot grow."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.faults.bots import Injection
from tests.faults.proxy import Mood

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.stage import Stage


async def postgres_restart(stage: Stage) -> None:
    """Crash PostgreSQL again and again, and start it at once."""
    server = stage.server
    bot = stage.add_bot()
    stage.let_people_act()
    await bot.start()
    for _ in range(3):
        await asyncio.sleep(stage.rng.uniform(0.2, 1.5))
        await asyncio.to_thread(server.stop, "immediate")
        await asyncio.to_thread(server.start)
    await _measure_recovery(stage)


async def postgres_stop(stage: Stage) -> None:
    """Stop PostgreSQL in the middle, and start it some seconds later; the bot lives on."""
    server = stage.server
    bot = stage.add_bot()
    stage.let_people_act()
    await bot.start()
    await stage.wait_for_deliveries(stage.rng.randint(3, 20))
    await asyncio.to_thread(server.stop, stage.rng.choice(["fast", "immediate"]))
    try:
        await asyncio.sleep(stage.rng.uniform(2.0, 8.0))
        ready = await bot.readiness()
        assert ready == 503, f"PostgreSQL is down, and readiness says {ready}"
    finally:
        await asyncio.to_thread(server.start)
    await _measure_recovery(stage)


async def postgres_cut(stage: Stage) -> None:
    """Cut the way to PostgreSQL while Telegram is there."""
    wire = stage.wire
    assert wire is not None
    bot = stage.add_bot()
    stage.let_people_act()
    await bot.start()
    for _ in range(3):
        await asyncio.sleep(stage.rng.uniform(0.2, 1.0))
        wire.turn(stage.rng.choice([Mood.REFUSE, Mood.SWALLOW, Mood.HALF_CLOSE]))
        await asyncio.sleep(stage.rng.choice([0.2, 1.0, 3.0]))
        wire.turn(Mood.CLEAR)


async def _measure_recovery(stage: Stage) -> None:
    """Note how long it took until a message arrived again."""
    began, had = time.time(), await stage.delivered()
    with suppress(AssertionError):  # there may be nothing left to send
        await stage.wait_for_deliveries(had + 1, timeout_s=15.0)
        stage.notes["recovery_s"] = time.time() - began


async def full_disk(stage: Stage) -> None:
    """Let every write fail for want of space from some instant on, and work again later.

    By ``strace``, for a small file system of one's own takes root; see ``small_disk``.
    """
    bot = stage.add_bot()
    stage.let_people_act()
    first = stage.rng.randint(20, 200)
    await bot.launch(Injection("pwrite64", "error=ENOSPC", f"{first}..{first + stage.rng.randint(1, 40)}"))
    await bot.comes_up()
    await asyncio.sleep(stage.rng.uniform(1.0, 3.0))


async def failing_sync(stage: Stage) -> None:
    """Let the disk fail to keep what it was given: EIO at some commits."""
    bot = stage.add_bot()
    stage.let_people_act()
    first = stage.rng.randint(3, 40)
    await bot.launch(Injection("fdatasync", "error=EIO", f"{first}..{first + stage.rng.randint(0, 4)}"))
    await bot.comes_up()
    await asyncio.sleep(stage.rng.uniform(0.5, 2.0))
    await stage.kill()
    await bot.start()


async def small_disk(stage: Stage) -> None:
    """Fill the file system on which the data folder lies, and make room again some seconds later."""
    bot = stage.add_bot()
    stage.let_people_act()
    await bot.start()
    await stage.wait_for_deliveries(stage.rng.randint(3, 10))
    ballast = stage.store.data / "ballast"
    await asyncio.to_thread(_fill, ballast)
    try:
        await asyncio.sleep(stage.rng.uniform(2.0, 5.0))
        marked, before = await stage.store.count_marked(), await stage.delivered()
        await asyncio.sleep(1.0)
        assert await stage.delivered() - before <= marked, "something left without having been written down"
        ready = await bot.readiness()
        assert ready == 503, f"the disk is full, and readiness says {ready}"
    finally:
        ballast.unlink()
    await _measure_recovery(stage)


def _fill(path: Path) -> None:
    """Take all room of a file system."""
    with path.open("wb", buffering=0) as file:
        for size in (2**16, 2**12, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
